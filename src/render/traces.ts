// traces as pprof's text (internal/report printTraces).

import { Joiner } from '../core/joiner.js';
import { compareText } from '../model/strings.js';
import type { TraceFrame, TraceLabels, TracesReport } from '../report/traces.js';
import { label, padLeft } from '../units/format.js';
import { formatValue, profileLines } from './text.js';

const SEPARATOR = '-----------+-------------------------------------------------------\n';
const PAD = ' '.repeat(13);
/** Pieces joined at once: 2 to 5 MB. */
const MANY = 50_000;

export function* renderTraces(report: TracesReport): Generator<Uint8Array> {
  const joiner = new Joiner();
  joiner.put(joiner.add(`${profileLines(report).join('\n')}\n`));
  const separator = joiner.add(SEPARATOR);
  const labels = report.labels.map((set) => joiner.add(SEPARATOR + labelLines(set)));
  const frames = report.locations.map((location) => joiner.add(frameLines(location)));
  // The first line has the value where the others have blanks.
  const first = frames.map((row) => joiner.addTail(row, 10));
  const values = new Map<bigint, number>();
  for (const { labels: set, value, stack } of report.rows) {
    let i = 0;
    while (i < stack.length && report.locations[stack[i]].length === 0) i++;
    if (i === stack.length) continue;
    let text = values.get(value);
    if (text === undefined) {
      text = joiner.add(padLeft(formatValue(report, value), 10));
      values.set(value, text);
    }
    joiner.put(labels[set]);
    joiner.put(text);
    joiner.put(first[stack[i]]);
    for (i++; i < stack.length; i++) joiner.put(frames[stack[i]]);
    if (joiner.length > MANY) yield joiner.take();
  }
  joiner.put(separator);
  yield joiner.take();
}

function frameLines(location: readonly TraceFrame[]): string {
  return location.map(({ name, inline }) => `${PAD}${name}${inline ? ' (inline)' : ''}\n`).join('');
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
