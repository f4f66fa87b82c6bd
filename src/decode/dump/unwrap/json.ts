// Logs with a JSON object a line (docker, `go test -json`, zap, logrus, slog, journalctl), and JSON exports of log
// stores (an array of objects or strings, Loki's streams).
//
//   {"log":"goroutine 1 [running]:\n","stream":"stderr","time":"2026-11-22T21:30:00Z"}   →   goroutine 1 [running]:

import { walkJson } from './jsonText.js';
import { BEGINNINGS, HEADER, latin1, nextLine, type Sample, shows } from './sample.js';
import { type Peeled, Sources } from './sink.js';
import { unescapeInto } from './unescape.js';

/** Fields that hold the text, the best first. */
const TEXT = [
  'log',
  'Output',
  'MESSAGE',
  'message',
  'msg',
  '@message',
  'textPayload',
  'line',
  'Line',
  'body',
  'text',
  'content',
  'M',
];
/** Arrays of texts; Loki's have pairs of a time and a text. */
const TEXTS = new Set(['', 'values', 'lines', 'logs', 'messages', 'entries', 'events']);
/** Fields that say who wrote it. */
const SOURCE = new Set(
  'stream Package pod pod_name podName container container_name container_id host hostname instance logStreamName _PID _HOSTNAME _SYSTEMD_UNIT'.split(
    ' ',
  ),
);

interface Text {
  readonly start: number;
  readonly end: number;
  source: string;
}

/** The texts of JSON records, in order; undefined if this is none, or is cut. */
function readRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
): { texts: Text[]; end: number; isTest: boolean } | undefined {
  const texts: Text[] = [];
  let unsourced = 0;
  let isTest = false;
  /** Per open object: the best text, one that has a dump under another name, who wrote it. */
  const open: { rank: number; text?: Text; dump?: Text; source: string }[] = [];
  const stop = walkJson(bytes, start, end, {
    open: () => open.push({ rank: TEXT.length, source: '' }),
    string(key, from, to) {
      const record = open.at(-1);
      const text = { start: from, end: to, source: '' };
      const rank = TEXT.indexOf(key);
      if (key === 'Action') isTest = true;
      if (record !== undefined && SOURCE.has(key))
        record.source += `${latin1(bytes, from, Math.min(to, from + 200))}\n`;
      else if (record === undefined || (rank < 0 && TEXTS.has(key))) {
        if (!/^\d+$/.test(latin1(bytes, from, Math.min(to, from + 24)))) texts.push(text);
      } else if (rank >= 0 && rank < record.rank) {
        record.rank = rank;
        record.text = text;
      } else if (rank < 0 && record.dump === undefined && hasDump(bytes, text)) record.dump = text;
    },
    word(key, from, to) {
      const record = open.at(-1);
      if (record !== undefined && SOURCE.has(key))
        record.source += `${latin1(bytes, from, Math.min(to, from + 200))}\n`;
    },
    close() {
      const record = open.pop();
      if (record === undefined) return;
      const { text, dump, source } = record;
      if (text !== undefined) texts.push(text);
      if (dump !== undefined && (text === undefined || !hasDump(bytes, text))) texts.push(dump);
      for (; unsourced < texts.length; unsourced++) texts[unsourced].source = source;
      const outer = open.at(-1);
      if (outer !== undefined && texts.length === 0) outer.source += source;
    },
  });
  return stop < 0 ? undefined : { texts, end: stop, isTest };
}

const hasDump = (bytes: Uint8Array, { start, end }: Text) =>
  HEADER.test(latin1(bytes, start, Math.min(end, start + 4096)));

const isSpace = (byte: number) => byte === 32 || byte === 9 || byte === 13 || byte === 10;

function skipSpace(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && isSpace(bytes[at])) at++;
  return at;
}

export function jsonLines(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  // docker and go test keep the newline in the text, and a text without one goes on in the next record.
  const isRaw = shows(sample, /"(?:log|Output)"\s*:\s*"(?:[^"\\\n]|\\[^\n]){0,4000}\\n"/);
  const { windows, lineStart, anchor } = sample;
  const isRecord = (line: string) => /^\s*,?\s*\[?\{\s*"/.test(line);
  const isDump = (line: string) => BEGINNINGS.slice(0, 2).some((pattern) => pattern.test(line));
  if (
    isRecord(latin1(bytes, lineStart, Math.min(lineStart + 64, anchor))) ||
    windows.some(({ lines }) => lines.some((line) => isRecord(line) && isDump(line)))
  ) {
    const peeled = readLines(bytes, isRaw);
    if (peeled !== undefined) return peeled;
  }
  return readDocument(bytes, isRaw);
}

function write(sources: Sources, bytes: Uint8Array, text: Text, line: number, isRaw: boolean): void {
  const sink = sources.of(text.source, line);
  unescapeInto(sink, bytes, text.start, text.end);
  if (isRaw) return;
  // A text that ends with a newline has its own.
  if (!(sink.startsLine && text.end > text.start)) sink.byte(10);
}

/** undefined when no line is a JSON record. */
function readLines(bytes: Uint8Array, isRaw: boolean): Peeled | undefined {
  const sources = new Sources(bytes.length >> 1);
  let records = 0;
  let line = 1;
  for (let at = 0; at < bytes.length; line++) {
    const next = nextLine(bytes, at);
    let start = at;
    while (start < next && (isSpace(bytes[start]) || bytes[start] === 44)) start++;
    if (bytes[start] === 91 && bytes[start + 1] === 123) start++;
    const isRecord = bytes[start] === 123 || (bytes[start] === 91 && bytes[start + 1] === 34);
    const found = isRecord ? readRecords(bytes, start, next) : undefined;
    let rest = found?.end ?? at;
    while (found !== undefined && rest < next && (isSpace(bytes[rest]) || bytes[rest] === 44 || bytes[rest] === 93))
      rest++;
    if (found !== undefined && rest === next && (found.texts.length > 0 || found.isTest)) {
      records++;
      for (const text of found.texts) write(sources, bytes, text, line, isRaw);
    } else {
      const sink = sources.same(line);
      sink.endLine();
      sink.copy(bytes, at, next);
    }
    at = next;
  }
  return records === 0 ? undefined : sources.peel('JSON log lines');
}

/** A whole file of JSON, pretty-printed or on one line. */
function readDocument(bytes: Uint8Array, isRaw: boolean): Peeled | undefined {
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== 91 && bytes[start] !== 123) return undefined;
  // `[signal SIGSEGV …` and `[originating from` are no JSON.
  if (!/^[[{]\s*["[{]/.test(latin1(bytes, start, Math.min(start + 512, bytes.length)))) return undefined;
  const found = readRecords(bytes, start, bytes.length);
  if (found === undefined || found.texts.length === 0 || skipSpace(bytes, found.end) < bytes.length) return undefined;
  const sources = new Sources(bytes.length >> 1);
  let line = 1;
  let counted = 0;
  for (const text of found.texts.sort((a, b) => a.start - b.start)) {
    for (; counted < text.start; counted++) if (bytes[counted] === 10) line++;
    write(sources, bytes, text, line, isRaw);
  }
  return sources.peel('JSON');
}
