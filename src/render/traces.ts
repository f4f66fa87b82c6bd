// traces as pprof's text (internal/report printTraces).

import { compareText } from '../model/strings.js';
import type { TraceLabels, TracesReport } from '../report/traces.js';
import { label, padLeft } from '../units/format.js';
import { formatValue, profileLines } from './text.js';

const SEPARATOR = '-----------+-------------------------------------------------------\n';
const PAD = ' '.repeat(13);

export function* renderTraces(report: TracesReport): Generator<string> {
  yield `${profileLines(report).join('\n')}\n`;
  const labels = report.labels.map(labelLines);
  const frames = report.locations.map((location) =>
    location.map(({ name, inline }) => `${PAD}${name}${inline ? ' (inline)' : ''}\n`).join(''),
  );
  // Values repeat, and telling one costs more than finding it.
  const values = new Map<bigint, string>();
  for (const { labels: set, value, stack } of report.rows) {
    let lines = '';
    for (let i = 0; i < stack.length; i++) lines += frames[stack[i]];
    if (lines === '') continue;
    let text = values.get(value);
    if (text === undefined) {
      text = padLeft(formatValue(report, value), 10);
      values.set(value, text);
    }
    yield `${SEPARATOR}${labels[set]}${text}${lines.slice(10)}`;
  }
  yield SEPARATOR;
}

function labelLines({ strings, numbers }: TraceLabels): string {
  const line = (key: string, values: readonly string[]) => `${padLeft(key, 10)}:  ${values.join(' ')}\n`;
  const text = [...strings].map(([key, values]) => line(key, values)).sort(compareText);
  const numeric = [...numbers].map(([key, values]) =>
    line(
      key,
      values.map(({ value, unit }) => label(value, unit)),
    ),
  );
  return [...text, ...numeric.sort(compareText)].join('');
}
