// Takes the prefixes that prefix.ts learnt from all lines that have one, and puts the lines of each source together.

import { learnPrefixes, type Prefix } from './prefix.js';
import { LONGEST_LINE, type Sample } from './sample.js';
import { LineScanner } from './scanner.js';
import { type LineSink, type Peeled, Sources } from './sink.js';
import { closingQuote, unescapeInto } from './unescape.js';

export function stripPrefix(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  const prefixes = learnPrefixes(sample);
  if (prefixes === undefined) return undefined;
  const sources = new Sources(bytes.length);
  const scanner = new LineScanner(bytes, LONGEST_LINE);
  let last = prefixes[0];
  /** Off behind a header without prefix: there a clean dump's own indentation is none. */
  let weakOn = true;
  while (scanner.next()) {
    const isBare = isHeader(bytes, scanner.start);
    if (isBare) weakOn = false;
    let found: RegExpExecArray | null = null;
    for (const prefix of last === prefixes[0] ? prefixes : [last, ...prefixes]) {
      found = scanner.match(prefix.pattern);
      if (found === null) continue;
      last = prefix;
      break;
    }
    const body = scanner.start + (found?.[0].length ?? 0);
    if (found !== null && last.isWeak) {
      if (isHeader(bytes, body)) weakOn = true;
      if (!weakOn) found = null;
    }
    if (found === null) {
      // What has no prefix may go on a line that has one, e.g. a message of several lines.
      sources.same(scanner.line).copy(bytes, scanner.start, scanner.end);
      continue;
    }
    const sink = sources.of(nameOf(last, found), scanner.line);
    if (last.isQuoted && found[0].endsWith('"')) copyQuoted(sink, bytes, body, scanner.contentEnd, scanner.end);
    else sink.copy(bytes, body, scanner.end);
  }
  return sources.peel(describe(last));
}

function copyQuoted(sink: LineSink, bytes: Uint8Array, body: number, contentEnd: number, end: number): void {
  unescapeInto(sink, bytes, body, closingQuote(bytes, body, contentEnd));
  if (contentEnd < end && !(sink.startsLine && contentEnd - body > 1)) sink.byte(10);
}

function nameOf({ source }: Prefix, found: RegExpExecArray): string {
  if (source.length === 1) return found[source[0]] ?? '';
  let name = '';
  for (const group of source) name += `${found[group]}\n`;
  return name;
}

const WORD = new TextEncoder().encode('goroutine ');
function isHeader(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < WORD.length; i++) if (bytes[at + i] !== WORD[i]) return false;
  return true;
}

function describe({ pattern, isWeak }: Prefix): string {
  if (!isWeak) return 'a prefix on each line';
  return />/.test(pattern.source)
    ? 'quote marks'
    : /\S/.test(pattern.source.replace(/\(\?:.*$|\\t/g, ''))
      ? 'marks on each line'
      : 'indentation';
}
