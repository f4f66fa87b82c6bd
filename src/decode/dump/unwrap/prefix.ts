// Learns what stands before each line of a dump: what precedes `goroutine 1 [` on its line, with times, numbers and
// names made general, if the lines that follow begin like that, too.
//
//   Nov 22 21:30:00 host1 ipfs[4242]: goroutine 1 [running]:   →   TIME (NAME) (NAME)\[(\d+)\]: ␣
//   Nov 22 21:30:01 host1 ipfs[4242]: main.main()
//
// What is general and no time tells sources apart: a log may mix several.

import { PARTIAL } from './partial.js';
import { BEGINNINGS, type Sample } from './sample.js';
import { openQuote } from './unescape.js';

export interface Prefix {
  /** Sticky, for the start of a line; its groups are candidates for a source. */
  readonly pattern: RegExp;
  /** The groups that say who wrote the line. */
  readonly source: readonly number[];
  /** The prefix ends with `msg="`: the line's text is quoted and escaped. */
  readonly isQuoted: boolean;
  /** Nothing but white space, quote or comment marks: a clean dump in the same file could begin like that by itself. */
  readonly isWeak: boolean;
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const CLOCK = '\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?';
/** Times as they are found in logs; dates and zones are optional where they are in the wild. */
const TIMES = [
  `\\d{4}-\\d\\d-\\d\\d[T _]${CLOCK} ?(?:Z|UTC|[+-]\\d\\d:?\\d\\d)?`,
  `\\d{4}/\\d\\d/\\d\\d ${CLOCK}`,
  `\\d{2}/(?:\\d\\d|${MONTH})/\\d{2,4}[ :]${CLOCK}(?: [+-]\\d{4})?`,
  `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:${MONTH} {1,2}\\d{1,2}|\\d{1,2} ${MONTH})(?: \\d{4})? ${CLOCK}(?: \\d{4})?`,
  `[IWEFD]\\d{4} ${CLOCK}`,
  CLOCK,
];
const times = TIMES.map((source) => ({ source, pattern: new RegExp(source, 'y') }));
const NAME = /[\w][\w.@/-]*/y;
const LONGEST = 512;
const MOST_ANCHORS = 48;
const MOST_PREFIXES = 12;
const LOOK_AHEAD = 60;
/** A prefix of more parts is a sentence. */
const MOST_TOKENS = 64;
/** More of a line than a frame needs, and little enough for patterns that are tried at each of its places. */
const LONGEST_FRAME = 1024;

interface Token {
  readonly source: string;
  readonly end: number;
}

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\t/g, '\\t');

/** The parts of a prefix as sources of patterns, e.g. TIME, ` +`, `([\w.@/-]{1,200})`, `\[`. */
function generalise(prefix: string): Token[] {
  const tokens: Token[] = [];
  const isTimed = times.slice(0, 5).some(({ source }) => new RegExp(source).test(prefix));
  const isRelaxed = isTimed || /[[|\]]/.test(prefix);
  for (let at = 0; at < prefix.length; ) {
    const time = times.find(({ pattern }) => {
      pattern.lastIndex = at;
      return pattern.test(prefix);
    });
    const before = prefix[at - 1];
    if (time !== undefined && (at === 0 || !/[\w.]/.test(before))) {
      at = time.pattern.lastIndex;
      tokens.push({ source: time.source, end: at });
      continue;
    }
    NAME.lastIndex = at;
    const name = NAME.exec(prefix)?.[0];
    if (name !== undefined) {
      at += name.length;
      const source = /^\d+$/.test(name)
        ? '(\\d{1,20})'
        : isRelaxed || /\d/.test(name)
          ? '([\\w.@/-]{1,200})'
          : literal(name);
      tokens.push({ source, end: at });
      continue;
    }
    const space = /^[ \t]+/.exec(prefix.slice(at))?.[0];
    if (space !== undefined) {
      at += space.length;
      // Numbers and names are padded, so that columns stay; at the end each blank counts, it may be the frame's own.
      const isLast = at === prefix.length;
      const padding = before === '[' || before === '(' ? ' *' : ' +';
      tokens.push({
        source: isLast || at === space.length ? literal(space) : space.includes('\t') ? literal(space) : padding,
        end: at,
      });
      continue;
    }
    at++;
    tokens.push({ source: literal(prefix[at - 1]), end: at });
  }
  return tokens;
}

/** Whether text could be a line of a dump, or something that holds one. */
const FRAME =
  /^(?:\s+\S.*:\d+(?: \+0x[0-9a-f]+.*| fp=.*)?\s*$|\S.*\)\s*$|created by |goroutine \d|#\t0x|# labels|\d+ @ 0x|\.\.\.\d* ?(?:additional )?frames elided|==================|\{\s*\\*"|\s+\S+\(\)$|(?:Previous )?(?:read|write) at )/i;

function compile(tokens: readonly Token[], text: string): RegExp {
  const space = /[ \t]+$/.exec(text)?.[0];
  const sources = tokens.map(({ source }) => source);
  if (space === undefined) {
    if (text.endsWith('="')) sources[sources.length - 1] = '"?';
    return new RegExp(sources.join(''), 'y');
  }
  // Editors and mailers cut blanks at the end of a line, so an empty line ends before them.
  const body = sources.slice(0, -1).join('');
  return new RegExp(`${body}(?:${literal(space)}|[ \\t]*(?=\\r?(?:\\n|$)))`, 'y');
}

function matchLine(pattern: RegExp, line: string): RegExpExecArray | null {
  pattern.lastIndex = 0;
  return pattern.exec(line);
}

/** What a quoted text ends with may be quoted itself, and coloured. */
const unquoted = (rest: string) =>
  rest
    .replace(/\\(?:u001b|x1b)\[[\d;]*m/g, '')
    .replace(/\\*"[^"\\]*$/, '')
    .replace(/[\\"]+$/, '');

/** The longest beginning of an anchor's prefix that the lines behind it have, too. */
function verify(prefix: string, following: readonly string[]): Omit<Prefix, 'source'> | undefined {
  const tokens = generalise(prefix);
  for (let count = Math.min(tokens.length, MOST_TOKENS); count > 0; count--) {
    const { end } = tokens[count - 1];
    // White space behind a shorter prefix would make a frame's second line of every line.
    if (/^[ \t]/.test(prefix.slice(end))) continue;
    const text = prefix.slice(0, end);
    const isQuoted = text.endsWith('="');
    const pattern = compile(tokens.slice(0, count), text);
    let frames = 0;
    let missed = 0;
    let matched = 0;
    for (const line of following) {
      const found = matchLine(pattern, line);
      if (found !== null) {
        matched++;
        const rest = line.slice(found[0].length);
        if (FRAME.test(isQuoted ? unquoted(rest) : rest)) frames++;
      } else if (FRAME.test(line)) missed++;
    }
    if (frames > 0 && frames >= missed && matched * 4 >= following.length)
      return { pattern, isQuoted, isWeak: !/\w/.test(text) };
  }
  return undefined;
}

/** What stands before the first sign of a dump on a line, or undefined if there is none. */
function prefixOf(line: string, pattern: RegExp): string | undefined {
  const at = line.slice(0, LONGEST + 64).search(pattern);
  if (at < 0) return undefined;
  const prefix = line.slice(0, at);
  const quote = openQuote(prefix);
  if (quote > 0 && prefix[quote - 1] === '=') return prefix.slice(0, quote + 1);
  // A record of its own begins here; what it is wrapped in goes first.
  const record = /[{[]+\s*["{]/.exec(prefix)?.index ?? prefix.length;
  const partial = PARTIAL.exec(prefix)?.index ?? 0;
  return prefix.slice(0, Math.min(record, partial > 0 ? partial : prefix.length));
}

/** The prefixes of a sample, undefined if none is sure. */
export function learnPrefixes(sample: Sample): Prefix[] | undefined {
  for (const beginning of BEGINNINGS) {
    const found = new Map<string, Omit<Prefix, 'source'>>();
    const tried = new Map<string, number>();
    let anchors = 0;
    let seen = 0;
    for (const { lines } of sample.windows)
      for (let i = 0; i < lines.length && anchors < MOST_ANCHORS && found.size < MOST_PREFIXES; i++) {
        const prefix = prefixOf(lines[i], beginning);
        if (prefix === undefined) continue;
        seen++;
        if (prefix.length === 0 || prefix.length > LONGEST) continue;
        const kind = prefix.replace(/\d+/g, '0');
        if ((tried.get(kind) ?? 0) > 2 || [...found.values()].some(({ pattern }) => matchLine(pattern, lines[i])))
          continue;
        tried.set(kind, (tried.get(kind) ?? 0) + 1);
        anchors++;
        const prefixFound = verify(
          prefix,
          lines.slice(i + 1, i + 1 + LOOK_AHEAD).map((line) => line.slice(0, LONGEST_FRAME)),
        );
        if (prefixFound !== undefined) found.set(prefixFound.pattern.source, prefixFound);
      }
    if (found.size > 0)
      return [...found.values()].map((prefix) => ({ ...prefix, source: sourceGroups(prefix.pattern, sample) }));
    if (seen > 0) return undefined;
  }
  return undefined;
}

/**
 * The groups that tell sources apart. A number that counts (a line, a second, a message) does not: it never comes back,
 * and one that changes with nearly each line is none either.
 */
function sourceGroups(pattern: RegExp, sample: Sample): number[] {
  const groups: { values: Set<string>; last: string; returns: boolean; isNumber: boolean }[] = [];
  let matched = 0;
  for (const { lines } of sample.windows)
    for (const line of lines) {
      const found = matchLine(pattern, line);
      if (found === null) continue;
      matched++;
      for (let g = 1; g < found.length; g++) {
        const value = found[g] ?? '';
        groups[g] ??= { values: new Set(), last: value, returns: false, isNumber: true };
        const group = groups[g];
        if (group.last !== value && group.values.has(value)) group.returns = true;
        group.values.add(value);
        group.last = value;
        if (!/^[\d.]+$/.test(value)) group.isNumber = false;
      }
    }
  return groups.flatMap(({ values, returns, isNumber }, g) => {
    if (values.size <= 1) return [g];
    return (returns || !isNumber) && matched >= values.size * 4 ? [g] : [];
  });
}
