// What decides whether a dump is wrapped, and in what: the first place that looks like a dump, and pieces of text from
// there on, spread over the file. A clean dump of any size costs these pieces and no more.

/** A piece of the text as latin1: a character is a byte. */
export interface Window {
  readonly text: string;
  /** Whole lines, of each the first 4 KiB. */
  readonly lines: readonly string[];
}

export interface Sample {
  /** Where a dump first shows, e.g. the byte of `goroutine 1 [`, -1 if nowhere. */
  readonly anchor: number;
  /** The start of the anchor's line. */
  readonly lineStart: number;
  /** The first has the anchor, and 64 KiB behind it; empty without an anchor. */
  readonly windows: readonly Window[];
}

/** A goroutine's header, e.g. `goroutine 17 [select, 3 minutes]:` or `goroutine 1 gp=0xc0000061c0 m=nil [idle]:`. */
export const HEADER = /goroutine \d+ (?:(?:gp|m|mp)=\w+ )*\[/;
/** What else begins a dump, the surest first. */
export const BEGINNINGS = [
  HEADER,
  /(?:goroutine|goroutineleak|threadcreate) profile: total \d|WARNING: DATA RACE/,
  /SIGQUIT: quit|(?:panic|fatal error): |created by [\w./]+/,
];

export const LONGEST_LINE = 4096;
const FIRST = 64 << 10;
const PIECE = 16 << 10;
const PIECES = 8;

/** The start of the line after the one that holds at. */
export function nextLine(bytes: Uint8Array, at: number): number {
  // Most lines are short, and a call of indexOf costs as much as 40 bytes.
  const near = Math.min(at + 40, bytes.length);
  for (let i = at; i < near; i++) if (bytes[i] === 10) return i + 1;
  const end = bytes.indexOf(10, near);
  return end < 0 ? bytes.length : end + 1;
}

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 8192)
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + 8192, end)) as unknown as number[]);
  return text;
}

const NEEDLE = 'oroutine';
/** How far the needle may move when this byte is below its end (Horspool): 1 GB without a goroutine is looked at 1/8. */
const shift = new Uint8Array(256).fill(NEEDLE.length);
for (let i = 0; i < NEEDLE.length - 1; i++) shift[NEEDLE.charCodeAt(i)] = NEEDLE.length - 1 - i;
/** What follows the needle in a dump; `goroutine pool` and other prose do not count. */
const FOLLOWS = /^(?:[ +\t]|\xc2\xa0|&nbsp;|&#160;)+(?:\d|profile|leak)/;

/** The next `goroutine 12` or `goroutine profile` at or behind from, -1 if none. */
export function findAnchor(bytes: Uint8Array, from = 0): number {
  const last = NEEDLE.length - 1;
  for (let end = from + last; end < bytes.length; end += shift[bytes[end]]) {
    if (bytes[end] !== 101) continue;
    let i = last - 1;
    while (i >= 0 && bytes[end - last + i] === NEEDLE.charCodeAt(i)) i--;
    if (i < 0 && FOLLOWS.test(latin1(bytes, end + 1, Math.min(end + 32, bytes.length))))
      return Math.max(end - last - 1, from);
  }
  return -1;
}

function windowAt(bytes: Uint8Array, start: number, end: number): Window {
  const text = latin1(bytes, start, Math.min(end, bytes.length));
  const lines = text.split('\n');
  if (start > 0 && bytes[start - 1] !== 10) lines.shift();
  if (end < bytes.length && lines.length > 1) lines.pop();
  return { text, lines: lines.map((line) => (line.length > LONGEST_LINE ? line.slice(0, LONGEST_LINE) : line)) };
}

export function takeSample(bytes: Uint8Array): Sample {
  const anchor = findAnchor(bytes);
  if (anchor < 0) return { anchor, lineStart: -1, windows: [] };
  const lineStart = bytes.lastIndexOf(10, anchor) + 1;
  // The dump may be in the midst of a very long line; the lines before tell of comment marks and fences.
  let start = anchor - lineStart > LONGEST_LINE ? anchor - 1024 : lineStart;
  for (let i = 0; i < 4 && start > 0 && lineStart - start < LONGEST_LINE; i++)
    start = start >= 2 ? bytes.lastIndexOf(10, start - 2) + 1 : 0;
  start = Math.max(start, anchor - 2 * LONGEST_LINE, 0);
  const windows = [windowAt(bytes, start, anchor + FIRST)];
  const rest = bytes.length - (anchor + FIRST);
  const step = Math.max(PIECE, Math.floor(rest / PIECES));
  for (let at = anchor + FIRST; at < bytes.length; at += step) windows.push(windowAt(bytes, at, at + PIECE));
  return { anchor, lineStart, windows };
}

/** Whether any piece shows it. The pattern must be linear and have no g flag. */
export function shows(sample: Sample, pattern: RegExp): boolean {
  return sample.windows.some(({ text }) => pattern.test(text));
}
