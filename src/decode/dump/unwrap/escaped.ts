// Dumps that a logger wrote as one line, with escapes for line ends:
//
//   level=error msg="stack dump: goroutine 1 [running]:\nmain.main()\n\t/app/main.go:7 +0x1d\n" pid=7
//
// becomes `level=error msg="stack dump: `, the dump, and `" pid=7` on a line of its own.

import { BEGINNINGS, findAnchor, latin1, nextLine, type Sample, shows } from './sample.js';
import { LineSink, type Peeled } from './sink.js';
import { closingQuote, openQuote, unescapeInto } from './unescape.js';

/** A header and its escaped line end, with more behind it: a JSON line of its own would close its quote there. */
const ESCAPED =
  'oroutine (?:\\d+ (?:(?:gp|m|mp)=\\w+ )*\\[[^\\n]{1,400}?\\]:|profile: total \\d+)(\\\\+)(?:r\\\\+)?n(?!\\\\*(?:"|&#34;|&quot;)(?:[,}]|\\r?\\n|$)).';
const ESCAPED_END = new RegExp(`^${ESCAPED}`);
const IN_SAMPLE = new RegExp(ESCAPED);
const HEAD = 4096;

export function unescapeLines(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  if (!shows(sample, IN_SAMPLE)) return undefined;
  const sink = new LineSink(bytes.length);
  let done = 0;
  let depth = 0;
  for (let at = findAnchor(bytes); at >= 0; ) {
    const found = ESCAPED_END.exec(latin1(bytes, at + 1, Math.min(at + 600, bytes.length)));
    if (found === null) {
      at = findAnchor(bytes, at + 9);
      continue;
    }
    depth = Math.max(depth, found[1].length);
    const lineStart = Math.max(bytes.lastIndexOf(10, at) + 1, done);
    const end = nextLine(bytes, at);
    sink.copyLines(bytes, done, lineStart);
    const { origin } = sink;
    unescapeLine(sink, bytes, lineStart, at, end, found[1].length === 1);
    sink.origin = origin + 1;
    done = end;
    at = findAnchor(bytes, end);
  }
  if (depth === 0) return undefined;
  sink.copyLines(bytes, done, bytes.length);
  return sink.peel(depth > 1 ? 'doubly escaped line ends' : 'escaped line ends');
}

/**
 * One line, or one level of it: what is deeper is quoted in what is left, and is asked for again. header: where its
 * first `goroutine` is; isPlain: there is one level only.
 */
function unescapeLine(sink: LineSink, bytes: Uint8Array, start: number, header: number, end: number, isPlain: boolean) {
  const from = Math.max(start, header - HEAD);
  const head = latin1(bytes, from, header);
  const open = openQuote(head);
  const body = open < 0 ? start : from + open + 1;
  let contentEnd = end;
  if (contentEnd > start && bytes[contentEnd - 1] === 10) contentEnd--;
  const close = open < 0 ? contentEnd : closingQuote(bytes, body, contentEnd);
  sink.copy(bytes, start, body);
  const dump = isPlain ? beginning(head, from, body, header) : body;
  unescapeInto(sink, bytes, body, dump);
  if (isPlain) sink.endLine();
  unescapeInto(sink, bytes, dump, close);
  if (isPlain && close < contentEnd) sink.endLine();
  sink.copy(bytes, close, end);
}

/** Where what Go printed begins: at the header, or at the `panic: ` before it. */
function beginning(head: string, from: number, body: number, header: number): number {
  const text = head.slice(Math.max(body - from, 0));
  for (const pattern of BEGINNINGS.slice(1)) {
    const found = pattern.exec(text);
    if (found !== null && /(?:^|[ "'\t]|\\[nt])$/.test(text.slice(0, found.index)))
      return header - text.length + found.index;
  }
  return header;
}

/** rsyslog's escapes of control characters: `#011` for a tab, `#012` for a line end, `#033` before a colour. */
export function octalEscapes(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  if (!shows(sample, /#011\S[^\n]{0,400}:\d|\]:#012|\)#012/)) return undefined;
  const sink = new LineSink(bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const next = nextLine(bytes, at);
    const { origin } = sink;
    let plain = at;
    for (let i = at; i + 3 < next; i++) {
      if (bytes[i] !== 35 || bytes[i + 1] !== 48) continue;
      const [high, low] = [bytes[i + 2] - 48, bytes[i + 3] - 48];
      if (high < 0 || high > 3 || low < 0 || low > 7) continue;
      sink.copy(bytes, plain, i);
      sink.byte(high * 8 + low);
      i += 3;
      plain = i + 1;
    }
    sink.copy(bytes, plain, next);
    sink.origin = origin + 1;
    at = next;
  }
  return sink.peel('control characters as #011 (rsyslog)');
}
