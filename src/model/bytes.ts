// Pieces of bytes as one.

/** In their order; at most the first `most` bytes. One piece alone is given as it is. */
export function joined(pieces: readonly Uint8Array[], most = Number.POSITIVE_INFINITY): Uint8Array {
  if (pieces.length === 1 && pieces[0].length <= most) return pieces[0];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Uint8Array(Math.min(length, most));
  let at = 0;
  for (const piece of pieces) {
    if (at >= all.length) break;
    all.set(piece.subarray(0, all.length - at), at);
    at += piece.length;
  }
  return all;
}
