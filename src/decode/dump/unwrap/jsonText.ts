// Finds the strings of a JSON text without building values: an escaped dump in one field can be larger than the largest
// string of JavaScript. Lenient about numbers and commas, strict about brackets and quotes.

import { latin1 } from './sample.js';
import { closingQuote } from './unescape.js';

export interface JsonEvents {
  /** A string value, bytes[start … end - 1] without its quotes. key: of the nearest object, '' if there is none. */
  string(key: string, start: number, end: number): void;
  /** A number or a word (true, null). */
  word(key: string, start: number, end: number): void;
  open(): void;
  /** The end of an object; outer says how many objects and arrays are around it. */
  close(outer: number): void;
}

const DEEPEST = 64;
const LONGEST_KEY = 64;

/** Where the first value that begins at start ends, or -1 if it is no JSON or is cut. */
export function walkJson(bytes: Uint8Array, start: number, end: number, events: JsonEvents): number {
  /** Per open bracket: 123 or 91, and the key whose value it is in. */
  const brackets: number[] = [];
  const keys: string[] = [];
  let key = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === 32 || byte === 9 || byte === 10 || byte === 13 || byte === 44 || byte === 58) continue;
    if (byte === 123 || byte === 91) {
      if (brackets.length === DEEPEST) return -1;
      brackets.push(byte);
      keys.push(key);
      if (byte === 123) events.open();
      continue;
    }
    if (byte === 125 || byte === 93) {
      if (brackets.pop() !== byte - 2) return -1;
      key = keys.pop() ?? '';
      if (byte === 125) events.close(brackets.length);
    } else if (byte === 34) {
      const close = closingQuote(bytes, at + 1, end);
      if (close >= end) return -1;
      let next = close + 1;
      while (next < end && (bytes[next] === 32 || bytes[next] === 9)) next++;
      const isKey = brackets.at(-1) === 123 && bytes[next] === 58;
      if (isKey) key = close - at > LONGEST_KEY ? '' : latin1(bytes, at + 1, close);
      else events.string(key, at + 1, close);
      at = close;
      if (isKey) at = next;
    } else {
      const first = at;
      while (at < end && isWord(bytes[at])) at++;
      if (at === first) return -1;
      events.word(key, first, at);
      at--;
    }
    if (brackets.length === 0) return at + 1;
  }
  return -1;
}

/** Digits, signs, and the letters of true, false, null and 1e9. */
function isWord(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 97 && byte <= 122) ||
    byte === 45 ||
    byte === 43 ||
    byte === 46 ||
    byte === 69
  );
}
