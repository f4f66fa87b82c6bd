// What pprof's reports in text have in common, byte for byte: the legend, values, rows of numbers
// (internal/report reportLabels, ProfileLabels, printText).
//
//   legend lines
//         flat  flat%   sum%        cum   cum%
//       1.20s 60.00% 60.00%      1.50s 75.00%  main.work (inline)

import { fromBytes, toBytes } from '../model/strings.js';
import type { Head } from '../report/head.js';
import type { Shown, TopReport } from '../report/top.js';
import { label, padLeft, percentage, scaledLabel, truncToInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';
import { formatTime } from './time.js';

/** A value in the unit of the report: `1.20s`. */
export function formatValue({ ratio, unit, outputUnit }: Head, value: bigint): string {
  const scaled = ratio > 0 && ratio !== 1 ? truncToInt64(Number(value) * ratio) : value;
  return scaledLabel(scaled, unit, outputUnit);
}

/** The lines above a table. rows: how many it has. */
export function legend(report: Head & Shown, rows: number): string[] {
  return [...(report.compactLabels ? [] : profileLines(report)), ...filterLines(report), ...shownLines(report, rows)];
}

export function filterLines({ activeFilters }: Head): string[] {
  return activeFilters.length === 0 ? [] : ['Active filters:', ...activeFilters.map((f) => `   ${shortFilter(f)}`)];
}

/** What is shown, and what is not. */
export function shownLines(report: Head & Shown, rows: number, droppedEdges = { count: 0, cutoff: 0n }): string[] {
  const { total, nodes, shown } = report;
  const format = (value: bigint) => formatValue(report, value);
  const lines = [
    `Showing nodes accounting for ${format(shown)}, ${percentage(shown, total).trim()} of ${format(total)} total`,
  ];
  if (total === 0n) return lines;
  const dropped = (count: number, what: string, by: string, cutoff: bigint) => {
    if (count > 0) lines.push(`Dropped ${count} ${what}${count > 1 ? 's' : ''} (${by} <= ${format(cutoff)})`);
  };
  dropped(nodes.dropped, 'node', 'cum', nodes.cutoff);
  dropped(droppedEdges.count, 'edge', 'freq', droppedEdges.cutoff);
  if (rows > 0 && rows < nodes.count) lines.push(`Showing top ${rows} nodes out of ${nodes.count}`);
  return lines;
}

export function profileLines(report: Head): string[] {
  const { header, total } = report;
  const lines: string[] = [];
  if (header.file !== '') lines.push(`File: ${header.file}`);
  if (header.buildId !== '') lines.push(`Build ID: ${header.buildId}`);
  for (const comment of header.comments) lines.push(comment);
  if (report.sampleType !== '') lines.push(`Type: ${report.sampleType}`);
  if (header.docUrl !== '') lines.push(`Doc: ${header.docUrl}`);
  if (header.timeNanos !== 0n) lines.push(`Time: ${formatTime(header.timeNanos)}`);
  if (header.durationNanos !== 0n) {
    const nanos = scale(total, report.unit, 'nanoseconds');
    const share =
      nanos.unit === 'ns' && nanos.value !== 0
        ? `(${percentage(truncToInt64(nanos.value), header.durationNanos)})`
        : '';
    // Without a share pprof leaves the space before it.
    lines.push(
      `Duration: ${label(header.durationNanos, 'nanoseconds')}, Total samples = ${formatValue(report, total)} ${share}`,
    );
  }
  return lines;
}

/** At most 80 bytes, even in the middle of a character. */
function shortFilter(filter: string): string {
  const bytes = toBytes(filter);
  return bytes.length > 80 ? `${fromBytes(bytes.subarray(0, 80))}…` : filter;
}

/** The columns of a row before the name; sum: Σ flat up to it. */
export function columns(report: Head, flat: bigint, sum: bigint, cum: bigint): string {
  const { total } = report;
  return `${padLeft(formatValue(report, flat), 10)} ${percentage(flat, total)} ${percentage(sum, total)} ${padLeft(formatValue(report, cum), 10)} ${percentage(cum, total)}`;
}

export const COLUMN_TITLES = '      flat  flat%   sum%        cum   cum%';

export const inlineMark = { all: ' (inline)', some: ' (partial-inline)', none: '' } as const;

export function* renderTopText(report: TopReport): Generator<string> {
  yield `${legend(report, report.rows.length).join('\n')}\n${COLUMN_TITLES}\n`;
  let sum = 0n;
  for (const row of report.rows) {
    sum = BigInt.asIntN(64, sum + row.flat);
    yield `${columns(report, row.flat, sum, row.cum)}  ${row.name}${inlineMark[row.inline]}\n`;
  }
}
