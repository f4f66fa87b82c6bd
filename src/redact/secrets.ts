// Secrets that are known by their name: values of flags, variables, members of JSON, headers.
//
//   --api-token=V   TOKEN=V   "--api-token","V"   --api-token\0V   "password": "V"   Cookie: V   ?token=V&
//
// What a value is ends where what it stands in ends: at the quote, the NUL, the blank.

import { isWord, latin, runStart, setOf } from './bytes.js';
import { isSensitive } from './names.js';
import type { Span } from './scan.js';

const HIDDEN = '[redacted]';
const NAME = setOf('A-Za-z0-9_.\\-');
const MOST_NAME = 64;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

const isBlank = (byte: number) => byte <= 32;
const isQuote = (byte: number) => byte === QUOTE || byte === APOSTROPHE;

/** Values that hide nothing. */
const harmless =
  /^(|true|false|yes|no|on|off|none|null|nil|undefined|\d{1,3}|0x[0-9a-f]*|\[?redacted\]?|[*x]+|\$\{?\w+\}?|%[svqdx])$/i;

/** The value, unless it says nothing. */
function hide(bytes: Uint8Array, from: number, to: number): Span | undefined {
  if (to <= from || (to - from < 24 && harmless.test(latin(bytes, from, to)))) return undefined;
  return { from, to, text: HIDDEN };
}

/** Where a string that is closed by this quote ends; the end of the line if it is not closed. */
function quoteEnd(bytes: Uint8Array, at: number, to: number, quote: number): number {
  let end = at;
  for (; end < to && bytes[end] !== quote && bytes[end] !== 10; end++) if (bytes[end] === BACKSLASH) end++;
  return Math.min(end, to);
}

/** The same for a string inside of a string: its quote is `\"`. */
function escapedQuoteEnd(bytes: Uint8Array, at: number, to: number): number {
  let end = at;
  while (end < to && bytes[end] !== QUOTE && bytes[end] !== 10) end++;
  return end > at && bytes[end - 1] === BACKSLASH ? end - 1 : end;
}

/** What stands free: up to a blank, a quote, a NUL, a bracket that closes. */
function wordEnd(bytes: Uint8Array, at: number, to: number, isQuery: boolean): number {
  let end = at;
  while (end < to && !isBlank(bytes[end]) && !isQuote(bytes[end]) && bytes[end] !== 60 && bytes[end] !== 62) {
    if (isQuery && (bytes[end] === 38 || bytes[end] === 35)) break;
    // \n, \t and \" of a text inside of a string.
    if (bytes[end] === BACKSLASH && /[ntr"\\]/.test(String.fromCharCode(bytes[end + 1]))) break;
    end++;
  }
  while (end > at && ',;)]}'.includes(String.fromCharCode(bytes[end - 1]))) end--;
  return end;
}

/** name=V, with the = at `at`. */
export function assigned(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  const start = runStart(bytes, at, from, NAME, MOST_NAME);
  if (start === at || at + 1 >= to) return undefined;
  const isFlag = bytes[start] === 45;
  if (!isSensitive(latin(bytes, start, at), isFlag)) return undefined;
  let value = at + 1;
  const first = bytes[value];
  if (isBlank(first) || first === 61) return undefined;
  if (isQuote(first)) return hide(bytes, value + 1, quoteEnd(bytes, value + 1, to, first));
  if (first === BACKSLASH && bytes[value + 1] === QUOTE) {
    value += 2;
    return hide(bytes, value, escapedQuoteEnd(bytes, value, to));
  }
  const before = start > from ? bytes[start - 1] : 10;
  if (isQuote(before)) return hide(bytes, value, quoteEnd(bytes, value, to, before));
  if (before === 0) return hide(bytes, value, nulEnd(bytes, value, to));
  return hide(bytes, value, wordEnd(bytes, value, to, before === 63 || before === 38));
}

function nulEnd(bytes: Uint8Array, at: number, to: number): number {
  const end = bytes.subarray(at, to).indexOf(0);
  return end < 0 ? to : at + end;
}

/** `-name` with its value in the next argument; at: what stands before the dash. */
export function argument(bytes: Uint8Array, at: number, _from: number, to: number): Span | undefined {
  const before = bytes[at];
  let p = at + 1;
  while (bytes[p] === 45 && p < at + 3) p++;
  const name = p;
  while (p < to && p - name < MOST_NAME && NAME[bytes[p]] === 1) p++;
  if (p === name || !isSensitive(latin(bytes, name, p), true)) return undefined;
  let end: number;
  if (isQuote(before)) {
    const next = /^["']\s{0,16},?\s{0,16}["']/.exec(latin(bytes, p, Math.min(to, p + 40)));
    if (next === null) return undefined;
    p += next[0].length;
    if (bytes[p] === 45) return undefined;
    end = quoteEnd(bytes, p, to, before);
  } else if (before === 0) {
    if (bytes[p] !== 0) return undefined;
    p++;
    end = nulEnd(bytes, p, to);
  } else {
    const next = /^[ \t]{1,16}/.exec(latin(bytes, p, Math.min(to, p + 20)));
    if (next === null) return undefined;
    p += next[0].length;
    if (isQuote(bytes[p])) {
      p++;
      end = quoteEnd(bytes, p, to, bytes[p - 1]);
    } else end = wordEnd(bytes, p, to, false);
  }
  return bytes[p] === 45 ? undefined : hide(bytes, p, end);
}

/** "name": "V", name: V, with the : at `at`. */
export function member(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  if (at <= from || at + 1 >= to) return undefined;
  const before = bytes[at - 1];
  if (before === QUOTE) return jsonMember(bytes, at, from, to);
  return isWord(before) ? headerLine(bytes, at, from, to) : undefined;
}

/** Looked at; the pass stays linear because it is few. */
const MOST_LIST = 256;
const NO_QUOTE = setOf('^"\\\\\\0-\\x1f');

function jsonMember(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  const isEscaped = bytes[at - 2] === BACKSLASH;
  const end = at - (isEscaped ? 2 : 1);
  const start = runStart(bytes, end, from, NO_QUOTE, MOST_NAME);
  if (start === end || start <= from || bytes[start - 1] !== QUOTE || !isSensitive(latin(bytes, start, end)))
    return undefined;
  let value = at + 1;
  while (value < to && value - at < 16 && isBlank(bytes[value])) value++;
  if (isEscaped) {
    if (bytes[value] !== BACKSLASH || bytes[value + 1] !== QUOTE) return undefined;
    return hide(bytes, value + 2, escapedQuoteEnd(bytes, value + 2, to));
  }
  if (bytes[value] === QUOTE) return hide(bytes, value + 1, quoteEnd(bytes, value + 1, to, QUOTE));
  if (bytes[value] !== 91) return undefined;
  // A list of texts becomes a list of one.
  const list = textList(bytes, value + 1, Math.min(to, value + MOST_LIST));
  return list === undefined ? undefined : hide(bytes, ...list);
}

/** From the first text of a list, behind its [, to the end of the last one; undefined: it has others, or does not end. */
function textList(bytes: Uint8Array, at: number, to: number): [from: number, to: number] | undefined {
  const afterBlanks = (from: number) => {
    let p = from;
    while (p < to && isBlank(bytes[p])) p++;
    return p;
  };
  const first = afterBlanks(at);
  for (let p = first; p < to && bytes[p] === QUOTE; ) {
    const end = quoteEnd(bytes, p + 1, to, QUOTE);
    const next = afterBlanks(end + 1);
    if (bytes[end] !== QUOTE || next >= to) return undefined;
    if (bytes[next] === 93) return end === first + 1 ? undefined : [first + 1, end];
    if (bytes[next] !== 44) return undefined;
    p = afterBlanks(next + 1);
  }
  return undefined;
}

const HEADER_NAME = setOf('A-Za-z0-9_\\-');
const MOST_LOOK = 64;

function headerLine(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  const start = runStart(bytes, at, from, HEADER_NAME, MOST_NAME);
  // x.go:12 is what nearly every colon of a dump is.
  if (at - start < 4) return undefined;
  const name = latin(bytes, start, at);
  if (!isSensitive(name)) return undefined;
  let value = at + 1;
  while (value < to && (bytes[value] === 32 || bytes[value] === 9) && value - at < 16) value++;
  if (value >= to || isBlank(bytes[value])) return undefined;
  if (isQuote(bytes[value])) return hide(bytes, value + 1, quoteEnd(bytes, value + 1, to, bytes[value]));
  const look = () => latin(bytes, value, Math.min(to, value + MOST_LOOK));
  // `authorization: denied by policy` is prose.
  if (/^(?:proxy-)?authorization$/i.test(name)) {
    if (!/^(?:(?:Bearer|Basic|Digest|Token|Negotiate|AWS4-HMAC-SHA256)\s+[^\s"']|[^\s"'\\]{16})/i.test(look()))
      return undefined;
    return hide(bytes, value, lineEnd(bytes, value, to));
  }
  if (/cookie$/i.test(name))
    return /^[^\s=;"'\\]+=/.test(look()) ? hide(bytes, value, lineEnd(bytes, value, to)) : undefined;
  return looksSecret(bytes, value, Math.min(to, value + MOST_LOOK))
    ? hide(bytes, value, wordEnd(bytes, value, to, false))
    : undefined;
}

/** Up to the end of the line, or of the string that it stands in. */
function lineEnd(bytes: Uint8Array, at: number, to: number): number {
  let end = at;
  while (end < to && bytes[end] >= 32 && !isQuote(bytes[end]) && bytes[end] !== BACKSLASH) end++;
  return end;
}

const ENDS_WORD = setOf('\\s"\'\\\\,;()[\\]{}<>');
const DIGIT = setOf('0-9');
const LETTER = setOf('A-Za-z');

/** One word of 8 characters and more with digits and letters: `token: unexpected EOF` has none, `auth.go:12` is no name. */
function looksSecret(bytes: Uint8Array, at: number, to: number): boolean {
  let [end, digits, letters] = [at, 0, 0];
  for (; end < to && ENDS_WORD[bytes[end]] === 0; end++) {
    digits += DIGIT[bytes[end]];
    letters += LETTER[bytes[end]];
  }
  return end - at >= 8 && digits > 0 && letters > 0 && !/^0x[0-9a-f]+$/i.test(latin(bytes, at, end));
}
