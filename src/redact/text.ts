// Redaction of text, JSON and dumps, in place: what no rule finds keeps its bytes.

import { fromBytes, toBytes } from '../model/strings.js';
import { Pieces } from './profile.js';
import { type AnchorTable, scan } from './scan.js';
import type { Tally } from './tally.js';

/** A pattern of the user: places in a text, in their order. */
export interface OwnPattern {
  readonly name: string;
  readonly find: (text: string) => Iterable<readonly [from: number, to: number]>;
}

export interface RuleSet {
  readonly table: AnchorTable;
  /** Those that names of functions are looked through with. */
  readonly names: AnchorTable;
  readonly own: readonly OwnPattern[];
}

const HIDDEN = '[redacted]';

/** What is left when the rules are done; undefined if they find nothing. where: the place, or undefined for lines. */
export function redactText(
  bytes: Uint8Array,
  { table, own }: RuleSet,
  tally: Tally,
  where?: string,
): Uint8Array | undefined {
  let text = bytes;
  for (const pattern of own) text = withoutPattern(text, pattern, tally, where) ?? text;
  const out = new Pieces(text);
  const line = lineCounter(text);
  let free = 0;
  scan(text, 0, text.length, table, (rule, span) => {
    tally.add(rule, text, span.from, span.to, free, where ?? (() => `line ${line(span.from)}`));
    out.replace(span.from, span.to, ascii(span.text));
    free = span.to;
  });
  return out.isChanged ? out.bytes([]) : text === bytes ? undefined : text;
}

function withoutPattern(
  bytes: Uint8Array,
  { name, find }: OwnPattern,
  tally: Tally,
  where: string | undefined,
): Uint8Array | undefined {
  const out = new Pieces(bytes);
  const about = {
    name,
    finds: 'what your own pattern matches',
    why: 'you said so',
    option: 'own',
    isSecret: false,
  } as const;
  let number = 0;
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(10, from);
    const to = newline < 0 ? bytes.length : newline;
    number++;
    const line = fromBytes(bytes.subarray(from, to));
    const isAscii = line.length === to - from;
    const offset = (i: number) => from + (isAscii ? i : toBytes(line.slice(0, i)).length);
    for (const [start, end] of find(line)) {
      if (end <= start) continue;
      tally.add(about, bytes, offset(start), offset(end), from, where ?? (() => `line ${number}`));
      out.replace(offset(start), offset(end), ascii(HIDDEN));
    }
    from = to + 1;
  }
  return out.isChanged ? out.bytes([]) : undefined;
}

/** The number of the line of an offset; offsets rise. */
function lineCounter(text: Uint8Array): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) if (text[at] === 10) line++;
    return line;
  };
}

const known = new Map<string, Uint8Array>();

function ascii(text: string): Uint8Array {
  let bytes = known.get(text);
  if (bytes === undefined) {
    bytes = toBytes(text);
    known.set(text, bytes);
  }
  return bytes;
}

/** Text in UTF-16, as PowerShell writes it, as UTF-8 and back; undefined for other text. */
export function utf16Of(bytes: Uint8Array): { text: Uint8Array; back: (text: Uint8Array) => Uint8Array } | undefined {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  const head = bytes.subarray(0, 512);
  const zeros = (odd: number) => head.reduce((n, byte, i) => n + (i % 2 === odd && byte === 0 ? 1 : 0), 0);
  const mostly = head.length * 0.4;
  const little = isLittle || (!isBig && head.length > 16 && zeros(1) > mostly && zeros(0) === 0);
  if (!little && !isBig && !(head.length > 16 && zeros(0) > mostly && zeros(1) === 0)) return undefined;
  const units = bytes.length >> 1;
  let text = '';
  for (let at = 0; at < units; at += 4096) {
    const codes = Array.from({ length: Math.min(4096, units - at) }, (_, i) => {
      const p = (at + i) * 2;
      return little ? bytes[p] | (bytes[p + 1] << 8) : (bytes[p] << 8) | bytes[p + 1];
    });
    text += String.fromCharCode(...codes);
  }
  // A half character would not come back as it was.
  if (/[\ud800-\udfff]/u.test(text)) return undefined;
  return {
    text: toBytes(text),
    back: (utf8) => {
      const changed = fromBytes(utf8);
      const out = new Uint8Array(changed.length * 2);
      for (let i = 0; i < changed.length; i++) {
        const code = changed.charCodeAt(i);
        out[i * 2] = little ? code & 0xff : code >> 8;
        out[i * 2 + 1] = little ? code >> 8 : code & 0xff;
      }
      return out;
    },
  };
}
