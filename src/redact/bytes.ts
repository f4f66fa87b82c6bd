// Looking at bytes without making strings of them. Whatever no rule touches keeps its bytes, UTF-8 or not.

/** Latin-1: a character a byte. For short pieces. */
export function latin(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  // Spreading a view costs a microsecond, more than most names here.
  if (to - from <= 64) for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]);
  else
    for (let at = from; at < to; at += 4096)
      text += String.fromCharCode(...bytes.subarray(at, Math.min(to, at + 4096)));
  return text;
}

export function startsAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** A table of the bytes that are among these characters; ranges as in a regexp: `a-z`. */
export function setOf(characters: string): Uint8Array {
  const pattern = new RegExp(`[${characters}]`);
  return Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0));
}

/** Where the run of bytes of the set that begins at `at` ends. */
export function runEnd(bytes: Uint8Array, at: number, to: number, set: Uint8Array): number {
  let end = at;
  while (end < to && set[bytes[end]] === 1) end++;
  return end;
}

/** Where the run of bytes of the set that ends at `at` begins; at most `most` bytes of it. */
export function runStart(bytes: Uint8Array, at: number, from: number, set: Uint8Array, most: number): number {
  let start = at;
  while (start > from && at - start < most && set[bytes[start - 1]] === 1) start--;
  return start;
}

export const WORD = setOf('A-Za-z0-9_');

export const isWord = (byte: number) => WORD[byte] === 1;
