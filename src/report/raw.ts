// raw: the profile itself as the filters leave it, in ids and numbers.

import type { StackStore } from '../core/store.js';
import type { LabelSet } from '../model/labels.js';
import type { Mapping, Profile, ValueType } from '../model/profile.js';
import type { Options, Query } from '../query/options.js';
import { shortened } from '../query/options.js';
import { type View, view, viewSamples } from '../query/view.js';

export interface RawLine {
  readonly function: string;
  readonly systemName: string;
  readonly file: string;
  readonly line: bigint;
  readonly column: bigint;
  readonly startLine: bigint;
}

export interface RawLocation {
  readonly id: bigint;
  readonly address: bigint;
  /** Id of the mapping, 0 is none. */
  readonly mapping: bigint;
  readonly isFolded: boolean;
  /** Innermost first. */
  readonly lines: readonly RawLine[];
}

export interface RawSample {
  /** By sample type. */
  readonly values: readonly bigint[];
  /** Element of the report's labels. */
  readonly labels: number;
  /** Elements of the report's locations, leaf first. */
  readonly stack: Uint32Array;
}

export interface RawReport {
  readonly kind: 'raw';
  readonly query: Query;
  readonly comments: readonly string[];
  readonly docUrl: string;
  readonly periodType: ValueType;
  readonly period: bigint;
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly sampleTypes: readonly ValueType[];
  readonly defaultSampleType: string;
  readonly labels: readonly LabelSet[];
  /** Samples in the order of the profile; may be read more than once. */
  readonly rows: Iterable<RawSample>;
  readonly locations: readonly RawLocation[];
  readonly mappings: readonly Mapping[];
  readonly notices: readonly string[];
}

export function rawReport(profile: Profile<StackStore>, options: Options): RawReport {
  const seen = view(profile, options);
  const { comments, docUrl, periodType, period, timeNanos, durationNanos, sampleTypes, defaultSampleType } = profile;
  return {
    kind: 'raw',
    query: shortened(options),
    comments,
    docUrl,
    periodType,
    period,
    timeNanos,
    durationNanos,
    sampleTypes,
    defaultSampleType,
    labels: seen.labels,
    rows: { [Symbol.iterator]: () => samples(seen) },
    locations: Array.from({ length: seen.frames.locationCount }, (_, row) => location(seen, row)),
    mappings: seen.mappings,
    notices: seen.notices,
  };
}

function* samples(seen: View): Generator<RawSample> {
  const columns = seen.profile.valueColumns;
  for (const { count, values, labelSet, stacks } of viewSamples(seen)) {
    for (let i = 0; i < count; i++) {
      yield { values: columns.map((column) => values[column][i]), labels: labelSet[i], stack: stacks[i] };
    }
  }
}

function location({ profile, frames, hasColumns }: View, row: number): RawLocation {
  const { locations, lines, functions, strings, mappings } = profile;
  const shown: RawLine[] = [];
  for (let line = frames.lineStart(row); line < frames.lineStart(row + 1); line++) {
    if (!frames.lineKept[line]) continue;
    const f = frames.lineFunction(line);
    const isReal = f < functions.count;
    shown.push({
      function: frames.functionName(f),
      systemName: isReal ? strings.get(functions.systemName[f]) : '',
      file: frames.functionFile(f),
      line: isReal ? lines.line[line] : 0n,
      column: isReal && hasColumns ? lines.column[line] : 0n,
      startLine: isReal ? functions.startLine[f] : 0n,
    });
  }
  const isReal = row < locations.count;
  return {
    id: frames.locationId(row),
    address: isReal ? locations.address[row] : 0n,
    mapping: mappings[frames.mapping(row)]?.id ?? 0n,
    isFolded: isReal && locations.isFolded[row] === 1,
    lines: shown,
  };
}
