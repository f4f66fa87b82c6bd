// raw as pprof's text (profile Profile.String).

import { Joiner } from '../core/joiner.js';
import type { LabelSet } from '../model/labels.js';
import type { Mapping } from '../model/profile.js';
import { compareText } from '../model/strings.js';
import type { RawLocation, RawReport } from '../report/raw.js';
import { padLeft } from '../units/format.js';
import { formatDuration } from './duration.js';
import { formatGoTime } from './time.js';

/** Pieces joined at once: the texts of a batch die young, ten times as many are 0.1 s slower on 200,000 samples. */
const MANY = 10_000;

export function* renderRaw(report: RawReport): Generator<Uint8Array> {
  const joiner = new Joiner();
  const labels = report.labels.map((set) => joiner.add(`\n${labelLines(set)}`));
  const ids = report.locations.map(({ id }) => joiner.add(`${id} `));
  joiner.keepPieces();
  joiner.put(joiner.add(headLines(report)));
  for (const { values, labels: set, stack } of report.rows) {
    let text = '';
    for (const value of values) text += ` ${padLeft(value.toString(), 10)}`;
    joiner.put(joiner.add(`${text}: `));
    for (let i = 0; i < stack.length; i++) joiner.put(ids[stack[i]]);
    joiner.put(labels[set]);
    if (joiner.length > MANY) yield joiner.take();
  }
  joiner.put(joiner.add('Locations\n'));
  for (const location of report.locations) {
    joiner.put(joiner.add(locationLines(location)));
    if (joiner.length > MANY) yield joiner.take();
  }
  joiner.put(joiner.add(`Mappings\n${report.mappings.map(mappingLine).join('')}`));
  yield joiner.take();
}

function headLines(report: RawReport): string {
  const { comments, docUrl, periodType, period, timeNanos, durationNanos } = report;
  const lines = comments.map((comment) => `Comment: ${comment}`);
  if (docUrl !== '') lines.push(`Doc: ${docUrl}`);
  lines.push(`PeriodType: ${periodType.type} ${periodType.unit}`, `Period: ${period}`);
  if (timeNanos !== 0n) lines.push(`Time: ${formatGoTime(timeNanos)}`);
  // pprof cuts it after four characters: 30.1 is 30.1 s, 1m0. is 1m0.1s.
  if (durationNanos !== 0n) lines.push(`Duration: ${[...formatDuration(durationNanos)].slice(0, 4).join('')}`);
  const types = report.sampleTypes.map(
    ({ type, unit }) => `${type}/${unit}${type === report.defaultSampleType ? '[dflt]' : ''} `,
  );
  return `${[...lines, 'Samples:', trimSpace(types.join(''))].join('\n')}\n`;
}

/** Go's strings.TrimSpace. */
const trimSpace = (text: string) =>
  text.replace(
    /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g,
    '',
  );

const INDENT = ' '.repeat(16);

function labelLines({ strings, numbers }: LabelSet): string {
  const text = [...strings].map(([key, values]) => `${key}:[${values.join(' ')}]`).sort(compareText);
  const numeric = [...numbers].map(([key, values]) => {
    const hasUnits = values.some(({ unit }) => unit !== '');
    return `${key}:[${values.map(({ value, unit }) => (hasUnits ? `${value} ${unit}` : `${value}`)).join(' ')}]`;
  });
  const line = (parts: string[]) => (parts.length === 0 ? '' : `${INDENT}${parts.sort(compareText).join(' ')}\n`);
  return line(text) + line(numeric);
}

function locationLines({ id, address, mapping, isFolded, lines }: RawLocation): string {
  let head = `${padLeft(id.toString(), 6)}: 0x${address.toString(16)} `;
  if (mapping !== 0n) head += `M=${mapping} `;
  if (isFolded) head += '[F] ';
  if (lines.length === 0) return `${head}\n`;
  return lines
    .map(({ function: name, systemName, file, line, column, startLine }, i) => {
      const system = name === systemName ? '' : `(${systemName})`;
      return `${i === 0 ? head : ' '.repeat(13)}${name} ${file}:${line}:${column} s=${startLine}${system}\n`;
    })
    .join('');
}

function mappingLine(m: Mapping): string {
  const bits = [
    m.hasFunctions ? '[FN]' : '',
    m.hasFilenames ? '[FL]' : '',
    m.hasLineNumbers ? '[LN]' : '',
    m.hasInlineFrames ? '[IN]' : '',
  ];
  const hex = (value: bigint) => `0x${value.toString(16)}`;
  return `${m.id}: ${hex(m.start)}/${hex(m.limit)}/${hex(m.offset)} ${m.file} ${m.buildId} ${bits.join('')}\n`;
}
