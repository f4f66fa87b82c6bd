// tags as pprof's text (internal/report printTags), aligned as Go's text/tabwriter does it.

import type { TagsReport } from '../report/tags.js';
import { percentage } from '../units/format.js';
import { alignRight } from './align.js';
import { formatValue } from './text.js';

export function renderTags(report: TagsReport): string[] {
  const { total } = report;
  const share = (value: bigint) => (total > 0n ? ` (${percentage(value, total)})` : '');
  const text = report.rows.map(({ key, value, values }) => {
    const of = `${formatValue(report, value)} of ${formatValue(report, total)}${share(value)}`;
    const lines = values.map((one) => ` \t${formatValue(report, one.value)}${share(one.value)}:\t ${one.name}\n`);
    return `${key}:\t Total ${of}\n${lines.join('')}\n`;
  });
  return [alignRight(text.join(''))];
}
