// The escapes of JSON, Go's %q and logfmt: \n \t \" \\ \/ \u003e \x1b. An unknown one stays as it is.

import type { LineSink } from './sink.js';

const BACKSLASH = 92;
const simple = new Map(
  Object.entries({
    n: '\n',
    t: '\t',
    r: '\r',
    b: '\b',
    f: '\f',
    v: '\v',
    a: '\x07',
    '"': '"',
    "'": "'",
    '\\': '\\',
    '/': '/',
  }).map(([letter, value]) => [letter.charCodeAt(0), value.charCodeAt(0)]),
);

/** Writes bytes[start … end - 1] without one level of escapes. */
export function unescapeInto(sink: LineSink, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; ) {
    let plain = at;
    while (plain < end && bytes[plain] !== BACKSLASH && bytes[plain] !== 10) plain++;
    if (plain < end && bytes[plain] === 10) plain++;
    sink.copy(bytes, at, plain);
    at = plain;
    if (at >= end || bytes[at] !== BACKSLASH) continue;
    const letter = at + 1 < end ? bytes[at + 1] : 0;
    const value = simple.get(letter);
    if (value !== undefined) {
      sink.byte(value);
      at += 2;
      continue;
    }
    const digits = letter === 0x75 ? 4 : letter === 0x78 ? 2 : 0;
    const code = digits > 0 && at + 2 + digits <= end ? hex(bytes, at + 2, digits) : -1;
    if (code < 0) {
      sink.byte(BACKSLASH);
      at++;
      continue;
    }
    at += 2 + digits;
    const isLead =
      code >= 0xd800 && code < 0xdc00 && at + 6 <= end && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75;
    const low = isLead ? hex(bytes, at + 2, 4) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
      sink.character(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
      at += 6;
    } else if (digits === 2) sink.byte(code);
    else sink.character(code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  }
}

/** The number of so many hexadecimal digits, -1 if they are none. */
function hex(bytes: Uint8Array, start: number, digits: number): number {
  let value = 0;
  for (let i = start; i < start + digits; i++) {
    const byte = bytes[i];
    const digit =
      byte >= 48 && byte <= 57
        ? byte - 48
        : byte >= 97 && byte <= 102
          ? byte - 87
          : byte >= 65 && byte <= 70
            ? byte - 55
            : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** The first quote that is not escaped in bytes[start … end - 1], or end; a quoted text has no line end in it. */
export function closingQuote(bytes: Uint8Array, start: number, end: number, quote = 34): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === quote) return at;
    else if (bytes[at] === 10) return end;
  }
  return end;
}

/** Where a quote is opened in head that is still open at its end, -1 if none is. Escaped ones are text. */
export function openQuote(head: string): number {
  let open = -1;
  for (let i = 0; i < head.length; i++) {
    if (head[i] === '\\') i++;
    else if (head[i] === '"') open = open < 0 ? i : -1;
  }
  return open;
}
