// Text put together from pieces known by number: long reports repeat few texts many times.
//
//   pieces   (address u32, length u32)[]
//   list     u32[count], rows of pieces          joinPieces → their bytes, one after the other

/** Σ length of the pieces of a list. */
export function joinedLength(list: usize, count: u32, pieces: usize): u32 {
  let sum: u32 = 0;
  for (let end = list + (<usize>count << 2); list < end; list += 4) sum += load<u32>(pieces + (<usize>load<u32>(list) << 3), 4);
  return sum;
}

/** Writes the pieces to out, which has room for joinedLength bytes and seven more. */
export function joinPieces(list: usize, count: u32, pieces: usize, out: usize): void {
  for (let end = list + (<usize>count << 2); list < end; list += 4) {
    let piece = pieces + (<usize>load<u32>(list) << 3);
    let at = <usize>load<u32>(piece);
    let length = <usize>load<u32>(piece, 4);
    let stop = out + length;
    // Most are some ten bytes long: a call of memory.copy takes longer than the copy.
    if (length <= 128) {
      for (; out < stop; out += 8, at += 8) store<u64>(out, load<u64>(at));
    } else memory.copy(out, at, length);
    out = stop;
  }
}
