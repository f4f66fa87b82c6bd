// The report of `vars` as text: what is wrong first, then where memory is, as a bar, and what GC does, as a chart. No line is longer than
// the window but a command.

import type { Quantity } from '../model/finding.js';
import type { VarsReport } from '../report/vars.js';
import type { VarsPauses } from '../report/varsMemory.js';
import type { VarsSeriesRow } from '../report/varsSeries.js';
import { bar, spark, stackedBar } from './charts.js';
import { findingData, findingLines } from './findings.js';
import { renderPlainJson } from './json.js';
import { renderVarsMarkdown } from './varsMarkdown.js';
import {
  badgerWords,
  cell,
  gcWords,
  headline,
  memoryWords,
  nextWords,
  objectWords,
  oddWords,
  partsOf,
  pauseWords,
  processWords,
  residentWords,
  systemWords,
  text,
  verdict,
} from './varsWords.js';
import { length, wrapped } from './wrap.js';

export type VarsFormat = 'text' | 'json' | 'markdown';

export interface VarsRenderOptions {
  /** Of the window; 80 unless given. */
  readonly columns?: number;
}

const LEAST_WIDTH = 30;
const MOST_WIDTH = 100;

/** Renders a report of varsReport(), piece by piece. */
export function renderVars(
  report: VarsReport,
  format: VarsFormat = 'text',
  { columns = 80 }: VarsRenderOptions = {},
): Iterable<string> {
  if (format === 'json') return renderPlainJson(dataOf(report));
  if (format === 'markdown') return renderVarsMarkdown(report);
  return renderText(report, Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, columns)));
}

/** Long lists take a line each. */
function dataOf(report: VarsReport): object {
  const { findings, series, memStats, gc } = report;
  const { pauses = null } = gc ?? {};
  const line = (value: object) => new Map(Object.entries(value));
  return {
    ...report,
    findings: findings.map(findingData),
    gc: gc === null ? null : { ...gc, pauses: pauses === null ? null : line(pauses) },
    series: series.map(line),
    memStats: line(memStats),
  };
}

function* renderText(report: VarsReport, width: number): Generator<string> {
  const { findings, memory, gc, objects, badger, series, notices } = report;
  const prose = (line: string, first = '', next = '  ') => wrapped(line, first, next, width);
  for (const notice of notices) yield* prose(notice);
  yield* prose(headline(report));
  const about = processWords(report);
  if (about !== '') yield* prose(about);
  yield '\n';
  yield* prose(verdict(report));
  for (const finding of findings) {
    yield '\n';
    yield* findingLines(finding, width);
  }
  if (memory !== null && memory.held !== null) yield* memoryText(report, width);
  if (gc !== null && gc.count !== null) {
    yield '\nGarbage collection\n';
    yield* prose(gcWords(gc), '  ');
    const next = nextWords(gc);
    if (gc.progress !== null)
      yield `  [${bar(Number(gc.progress.value), Math.min(40, width - 12))}] ${text(gc.progress)}\n`;
    if (next !== '') yield* prose(next, '  ');
    if (gc.pauses !== null) yield* pausesText(gc.pauses, width);
  }
  const lines = objects === null ? [] : objectWords(objects);
  if (lines.length > 0) yield '\nObjects on the heap\n';
  for (const line of lines) yield* prose(line, '  ', '    ');
  if (series.length > 1) yield* seriesText(report, width);
  if (badger !== null) yield '\nbadger\n';
  if (badger !== null) for (const line of badgerWords(badger)) yield* prose(line, '  ', '    ');
  const system = systemWords(report.system);
  if (system.length > 0) yield '\nAround it\n';
  if (system.length > 0) yield* prose(system.join(', '), '  ', '  ');
  const odd = oddWords(report);
  if (odd.length > 0) yield '\nOdd about the file\n';
  for (const line of odd) yield* prose(line, '  ', '    ');
}

function* memoryText({ memory }: VarsReport, width: number): Generator<string> {
  if (memory === null) return;
  yield '\nMemory\n';
  yield* wrapped(memoryWords(memory), '  ', '  ', width);
  const parts = partsOf(memory);
  const line = stackedBar(
    parts.map(({ glyph, share }) => ({ glyph, share: Number(share.value) })),
    width - 4,
  );
  if (line !== '') yield `  [${line}]\n`;
  const rows = parts.map(({ name, glyph, says, size, share }) => ({
    row: `  ${glyph} ${name.padEnd(8)}${text(size).padStart(9)}${text(share).padStart(7)}`,
    words: says,
  }));
  const fits = rows.every(({ row, words }) => length(row) + 2 + length(words) <= width);
  for (const { row, words } of rows) yield fits ? `${row}  ${words}\n` : `${row}\n`;
  for (const words of residentWords(memory)) yield* wrapped(words, '  ', '    ', width);
}

function* pausesText(pauses: VarsPauses, width: number): Generator<string> {
  const { nanos, histogram } = pauses;
  yield* wrapped(pauseWords(pauses), '  ', '  ', width);
  if (nanos.length < 2) return;
  if (nanos.length > 2) yield `  ${spark(nanos, Math.min(64, width - 4))}\n`;
  const most = Math.max(...histogram.map(({ count }) => count));
  const digits = String(most).length;
  for (const { upTo, count } of histogram) {
    const row = `  up to ${text(upTo).padStart(7)} ${String(count).padStart(digits)} `;
    yield `${row}${bar(count / most, Math.max(4, Math.min(40, width - length(row))))}`.trimEnd().concat('\n');
  }
}

interface Column {
  readonly title: string;
  readonly value: (row: VarsSeriesRow) => Quantity | null;
}

/** The most important first: what does not fit is left out from the end. */
const COLUMNS: readonly Column[] = [
  { title: 'time', value: ({ at }) => at },
  { title: 'live', value: ({ live }) => live },
  { title: 'heap', value: ({ heap }) => heap },
  { title: 'Go holds', value: ({ held }) => held },
  { title: 'allocated', value: ({ allocated }) => allocated },
  { title: 'GCs', value: ({ gcRate }) => gcRate },
  { title: 'GC CPU', value: ({ gcShare }) => gcShare },
  { title: 'pause', value: ({ longestPause }) => longestPause },
  { title: 'resident', value: ({ resident }) => resident },
  { title: 'goroutines', value: ({ goroutines }) => goroutines },
];
const MOST_ROWS = 16;

function* seriesText({ series, churn }: VarsReport, width: number): Generator<string> {
  const isApproximate = series.some((row) => row.isApproximate);
  yield `\n${series.length} samples${isApproximate ? ', times by their last GCs' : ''}\n`;
  for (const { title, value } of COLUMNS.slice(1, 4)) {
    const known = series.map(value).filter((quantity) => quantity !== null);
    const values = known.map((quantity) => Number(quantity.value));
    if (known.length < 3) continue;
    const ends = `${text(known[0])} → ${text(known[known.length - 1])}`;
    yield `  ${title.padEnd(9)}${spark(values, Math.max(4, Math.min(40, width - 12 - length(ends))))} ${ends}\n`;
  }
  const rows = series.length <= MOST_ROWS ? series : everyNth(series);
  const columns = COLUMNS.filter(({ value }) => rows.some((row) => value(row) !== null)).map(({ title, value }) => {
    const cells = [title, ...rows.map((row) => cell(value(row)))];
    const wide = Math.max(...cells.map(length));
    return { cells: cells.map((cell) => cell.padStart(wide)), wide };
  });
  let used = 0;
  const shown = columns.filter(({ wide }) => {
    used += wide + 2;
    return used <= width;
  });
  for (let i = 0; i <= rows.length; i++) yield `${shown.map(({ cells }) => `  ${cells[i]}`).join('')}\n`;
  if (rows.length < series.length) yield `  ${rows.length} of ${series.length} are shown; -json has all\n`;
  if (churn === null) return;
  const all = [
    ...(churn.allocated === null ? [] : [`${text(churn.allocated)} in ${text(churn.objects)} objects`]),
    ...(churn.gcRate === null ? [] : [`${text(churn.gcRate)} of GCs`]),
    ...(churn.gcShare === null ? [] : [`GC took ${text(churn.gcShare)} of all CPU time`]),
  ];
  if (all.length > 0) yield* wrapped(`In ${text(churn.time)}: ${all.join(', ')}`, '  ', '    ', width);
  const most = churn.classes.map(({ size, objects, bytes }) => `${text(bytes)} in ${text(objects)} of ${text(size)}`);
  if (most.length > 0) yield* wrapped(`Allocated most in these sizes: ${most.join('; ')}`, '  ', '    ', width);
}

/** The first, the last, and some between. */
const everyNth = (rows: readonly VarsSeriesRow[]): VarsSeriesRow[] =>
  Array.from({ length: MOST_ROWS }, (_, i) => rows[Math.round((i * (rows.length - 1)) / (MOST_ROWS - 1))]);
