// UTF-16 as PowerShell's `>` and Notepad write it, with a byte order mark or without, and the mark of UTF-8.

import { LineSink, type Peeled } from './sink.js';

/** UTF-16, or UTF-8 with a byte order mark, as UTF-8 without one; undefined if it is that already. */
export function decodeText(bytes: Uint8Array): Peeled | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { undone: 'UTF-8 byte order mark', bytes: bytes.subarray(3) };
  if (a === 0xff && b === 0xfe) return { undone: 'UTF-16 little endian', bytes: fromUtf16(bytes, 2, 0) };
  if (a === 0xfe && b === 0xff) return { undone: 'UTF-16 big endian', bytes: fromUtf16(bytes, 2, 1) };
  const odd = zeros(bytes, 1);
  const even = zeros(bytes, 0);
  if (odd > 0.9 && even < 0.1) return { undone: 'UTF-16 little endian', bytes: fromUtf16(bytes, 0, 0) };
  if (even > 0.9 && odd < 0.1) return { undone: 'UTF-16 big endian', bytes: fromUtf16(bytes, 0, 1) };
  return undefined;
}

/** The share of zeros in every second byte of the head: all of one half in UTF-16 of English. */
function zeros(bytes: Uint8Array, first: number): number {
  const end = Math.min(bytes.length, 1024);
  let count = 0;
  let all = 0;
  for (let i = first; i < end; i += 2, all++) if (bytes[i] === 0) count++;
  return all < 8 ? 0 : count / all;
}

/** high: 1 if the high byte is the first. A half of a pair that is alone becomes U+FFFD. */
function fromUtf16(bytes: Uint8Array, start: number, high: 0 | 1): Uint8Array {
  const sink = new LineSink((bytes.length >> 1) + 16);
  const low = 1 - high;
  const unit = (at: number) => bytes[at + high] | (bytes[at + low] << 8);
  for (let at = start; at + 1 < bytes.length; at += 2) {
    let code = unit(at);
    if (code >= 0xd800 && code < 0xe000) {
      const next = at + 3 < bytes.length ? unit(at + 2) : 0;
      if (code < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
        at += 2;
      } else code = 0xfffd;
    }
    // The mark is repeated where a file was appended to.
    if (code !== 0xfeff) sink.character(code);
  }
  return sink.peel('').bytes;
}
