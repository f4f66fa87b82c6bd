// The header of a goroutine:
//
//   goroutine 37 gp=0xc000006 m=nil [chan send (durable), 4 minutes, locked to thread, synctest bubble 1, labels:{"a": "b"}]:
//
// The bracket repeats from goroutine to goroutine and is read once for all with the same bytes, unless it has labels.

import { DURABLE, LEAKED, LOCKED, SCAN, SYSTEM } from '../../model/dump.js';
import { fromBytes } from '../../model/strings.js';
import { InternedStrings } from '../interned.js';
import { isDigit, startsAt } from './lines.js';

/** What a bracket says. */
export interface Status {
  readonly state: string;
  readonly waitMinutes: number;
  readonly flags: number;
  /** -1: none. */
  readonly bubble: number;
  readonly labels: ReadonlyMap<string, string> | undefined;
}

/** The parts of a header line; at: where it begins. */
export interface Header {
  id: number;
  /** Row for HeaderReader.status. */
  status: number;
  flags: number;
  labels: ReadonlyMap<string, string> | undefined;
  /** Behind `]:`. */
  end: number;
}

export class HeaderReader {
  readonly #brackets = new InternedStrings();
  readonly #statuses: Status[] = [];

  status(row: number): Status {
    return this.#statuses[row];
  }

  /** Reads a header at p (not beyond to) into result; false: there is none. */
  read(text: Uint8Array, p: number, to: number, result: Header): boolean {
    if (text[p] !== 103 || text[p + 9] !== 32 || !startsAt(text, p, 'goroutine ')) return false;
    let q = p + 10;
    const from = q;
    let id = 0;
    while (isDigit(text[q])) id = id * 10 + text[q++] - 48;
    if (q === from || q - from > 15 || text[q] !== 32) return false;
    let flags = 0;
    // gp=0xc0000061c0 m=nil mp=0xd85e60
    while (q + 1 < to && text[q + 1] !== 91 && text[q] !== 10) {
      const equals = text.indexOf(61, q);
      if (equals < 0 || equals > q + 4 || (text[q + 1] !== 103 && text[q + 1] !== 109)) return false;
      flags = SYSTEM;
      q = equals + 1;
      while (q < to && text[q] !== 32 && text[q] !== 10) q++;
    }
    if (text[q] !== 32 || text[q + 1] !== 91) return false;
    q += 2;
    const start = q;
    let quoted = false;
    while (q < to && (quoted || text[q] !== 93)) {
      if (text[q] === 10) return false;
      if (text[q] === 34) quoted = !quoted;
      else if (text[q] === 92 && quoted) q++;
      q++;
    }
    if (q >= to) return false;
    let row = this.#brackets.intern(text, start, q);
    let end = q + 1;
    // Proposed once, and in use in forks: goroutine 1 [select]{"k": "v"}:
    const labelled = text[end] === 123;
    if (labelled) {
      while (end < to && text[end] !== 125) end++;
      row = this.#brackets.intern(text, start, ++end);
    }
    this.#statuses[row] ??= readStatus(fromBytes(text.subarray(start, labelled ? end : q)));
    const status = this.#statuses[row];
    if (text[end] === 58) end++;
    result.id = id;
    result.status = row;
    result.flags = flags | status.flags;
    result.labels = status.labels;
    result.end = end;
    return true;
  }
}

/** `chan send (durable), 4 minutes, …` */
function readStatus(bracket: string): Status {
  let rest = bracket.replace('\r', '');
  let labels: Map<string, string> | undefined;
  const brace = /(?:,? labels:|\])(\{.*\})$/.exec(rest);
  if (brace !== null) {
    labels = readLabels(brace[1]);
    rest = rest.slice(0, brace.index);
  }
  let flags = 0;
  let waitMinutes = 0;
  let bubble = -1;
  let [state, ...others] = rest.split(', ');
  for (const part of others) {
    const minutes = /^(\d{1,9}) minutes?$/.exec(part);
    const bubbled = /^synctest bubble (\d{1,15})$/.exec(part);
    if (minutes !== null) waitMinutes = Number(minutes[1]);
    else if (bubbled !== null) bubble = Number(bubbled[1]);
    else if (part === 'locked to thread') flags |= LOCKED;
    else state += `, ${part}`;
  }
  for (const [mark, flag] of marks) {
    if (!state.includes(mark)) continue;
    state = state.replace(mark, '');
    flags |= flag;
  }
  return { state, waitMinutes, flags, bubble, labels };
}

const marks = [
  [' (scan)', SCAN],
  [' (leaked)', LEAKED],
  [' (durable)', DURABLE],
] as const;

/** `{"tenant": "t1", "path": "/a \"b\"\n"}`: Go's quoting, which is JSON's but for \x and \U. */
export function readLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  const pair = /"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"/gs;
  for (const [, key, value] of text.matchAll(pair)) labels.set(unquote(key), unquote(value));
  return labels;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)/gis, (_, code: string) => {
    if (code.length === 1) return escapes[code] ?? code;
    const point = Number.parseInt(code.slice(1), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : code;
  });
}
