// Varints and fields of the protobuf wire format (https://protobuf.dev/programming-guides/encoding).
// A reader returns the address after what it read, or 0 when that is malformed; the value is in a global.

/** The value that readVarint read last. */
export let varint: u64 = 0;
/** Field number and wire type that readTag read last. */
export let field: u32 = 0;
export let wireType: u32 = 0;
/** Where the bytes of a length-delimited field end. */
export let fieldEnd: usize = 0;

/** Reads up to 10 bytes. Bits beyond the 64th are dropped, as pprof does. */
export function readVarint(at: usize, end: usize): usize {
  let value: u64 = 0;
  let shift: u64 = 0;
  for (let i = 0; i < 10; i++) {
    if (at >= end) return 0;
    let byte = <u64>load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varint = value;
      return at;
    }
    shift += 7;
  }
  return 0;
}

/** Reads a tag; for a length-delimited field also its length, so that fieldEnd is known and inside `end`. */
export function readTag(at: usize, end: usize): usize {
  at = readVarint(at, end);
  if (!at) return 0;
  field = varint >> 3 > 0xffffffff ? 0xffffffff : <u32>(varint >> 3);
  wireType = <u32>varint & 7;
  if (wireType != 2) return at;
  at = readVarint(at, end);
  if (!at || varint > <u64>(end - at)) return 0;
  fieldEnd = at + <usize>varint;
  return at;
}

/** Skips the value of the tag just read. */
export function skipField(at: usize, end: usize): usize {
  switch (wireType) {
    case 0:
      return readVarint(at, end);
    case 1:
      return end - at < 8 ? 0 : at + 8;
    case 2:
      return fieldEnd;
    case 5:
      return end - at < 4 ? 0 : at + 4;
    default:
      return 0;
  }
}

/** Reads the integer value of the tag just read; any other wire type is malformed. */
export function readInteger(at: usize, end: usize): usize {
  return wireType == 0 ? readVarint(at, end) : 0;
}
