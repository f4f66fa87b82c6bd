// Characters that terminals, browsers and word processors put into a text: colours, non-breaking spaces, characters
// without width, line ends of old Macs.

import { type Sample, shows } from './sample.js';
import type { Peeled } from './sink.js';

/** Lines that end with `\r` alone, or with `\r\r\n`, get `\n`. CRLF is the parser's. */
export function lineEnds(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  const { text } = sample.windows[0];
  const returns = /\r[^\r\n]/.test(text);
  const alone = returns && !/\n/.test(text.slice(-(32 << 10))) && !/\n/.test(text.slice(0, 2048));
  if (!alone && !shows(sample, /\r\r\n/)) return undefined;
  // Editors, too, take each of the ends for one line: numbers stay.
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const next = bytes[i + 1];
    if (bytes[i] !== 13) out[length++] = bytes[i];
    else if (!alone) {
      if (next !== 13) out[length++] = 13;
    } else if (next !== 10) out[length++] = 10;
  }
  return { undone: 'carriage returns', bytes: out.subarray(0, length) };
}

/** Where no text of a program's own can be: at the start of a line, or within what Go prints. */
const MISPLACED =
  /\x1b\[[\d;]*[A-Za-z]|(?:^|\n)[ \t>|]*(?:\xc2\xa0|\xe2\x80[\x80-\x8a\xaf])|goroutine ?\xc2\xa0|\xc2\xa0(?:\d|\[|by\b|in\b)|\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0|\xef\xbb\xbf/;

/** Without colours and characters that have no width, and with plain spaces. */
export function cleanCharacters(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  if (!shows(sample, MISPLACED)) return undefined;
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i];
    const size = byte === 0x1b ? terminalCode(bytes, i) : byte > 0xc1 ? oddSpace(bytes, i) : 0;
    if (size === 0) out[length++] = bytes[i++];
    else {
      if (size < 0) out[length++] = 32;
      i += Math.abs(size);
    }
  }
  const undone = shows(sample, /\x1b\[/) ? 'terminal colours' : 'non-breaking spaces and characters without width';
  return length === bytes.length ? undefined : { undone, bytes: out.subarray(0, length) };
}

/** The length of `ESC [ 31 m` or `ESC ] 0;title BEL`; 1 for an escape alone. */
function terminalCode(bytes: Uint8Array, at: number): number {
  const end = Math.min(at + 128, bytes.length);
  const next = bytes[at + 1];
  if (next === 0x5b) {
    for (let i = at + 2; i < end; i++)
      if (bytes[i] >= 0x40 && bytes[i] <= 0x7e) return i + 1 - at;
      else if (bytes[i] < 0x20) break;
  }
  if (next === 0x5d)
    for (let i = at + 2; i < end && bytes[i] !== 10; i++) {
      if (bytes[i] === 7) return i + 1 - at;
      if (bytes[i] === 0x1b && bytes[i + 1] === 0x5c) return i + 2 - at;
    }
  return 1;
}

/** Bytes of a character without width; negative for one that is a space. */
function oddSpace(bytes: Uint8Array, at: number): number {
  const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  if (a === 0xc2) return b === 0xa0 ? -2 : b === 0xad ? 2 : 0;
  if (a === 0xe2 && b === 0x80) return (c >= 0x80 && c <= 0x8a) || c === 0xaf ? -3 : c >= 0x8b && c <= 0x8f ? 3 : 0;
  if (a === 0xe2 && b === 0x81) return c === 0xa0 ? 3 : c === 0x9f ? -3 : 0;
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
}
