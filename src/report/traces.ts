// traces: every sample with its stack and labels. Rows are read as they are asked for: a million of them fit in no string.

import type { StackStore } from '../core/store.js';
import type { NumericLabel } from '../model/labels.js';
import type { Profile } from '../model/profile.js';
import { labelSets, labelUnits } from '../query/labels.js';
import type { Options } from '../query/options.js';
import { select } from '../query/selection.js';
import { type View, view, viewSamples } from '../query/view.js';
import { divided } from './graph.js';
import { type Head, head } from './head.js';

export interface TraceFrame {
  readonly name: string;
  /** A call that was inlined into the next frame. */
  readonly inline: boolean;
}

export interface TraceLabels {
  readonly strings: ReadonlyMap<string, readonly string[]>;
  /** With the unit of the key. */
  readonly numbers: ReadonlyMap<string, readonly NumericLabel[]>;
}

export interface TraceRow {
  /** Element of the report's labels. */
  readonly labels: number;
  readonly value: bigint;
  /** Elements of the report's locations, leaf first. */
  readonly stack: Uint32Array;
}

export interface TracesReport extends Head {
  readonly kind: 'traces';
  /** The frames of each location, innermost first; none where all are hidden. */
  readonly locations: readonly (readonly TraceFrame[])[];
  readonly labels: readonly TraceLabels[];
  /** Samples in the order of the profile. May be read more than once; another report may be made in between. */
  readonly rows: Iterable<TraceRow>;
}

export function tracesReport(profile: Profile<StackStore>, options: Options): TracesReport {
  const seen = view(profile, options);
  const units = labelUnits(labelSets(profile), []);
  return {
    kind: 'traces',
    ...head(seen, options),
    locations: framesOf(profile, options),
    labels: seen.labels.map(({ strings, numbers }) => ({
      strings,
      numbers: new Map(
        [...numbers].map(([key, values]) => [key, values.map(({ value }) => ({ value, unit: units.get(key) ?? '' }))]),
      ),
    })),
    rows: { [Symbol.iterator]: () => traces(seen) },
  };
}

/** By location: what the granularity calls its lines. Unlike other reports pprof's traces keeps file names whole. */
function framesOf(profile: Profile<StackStore>, options: Options): TraceFrame[][] {
  return profile.stacks.scope((scope) => {
    const { nodeName } = select(scope, profile, options, { wholeFiles: true });
    return scope.locationNodes().map((nodes) => {
      const last = nodes.length - 1;
      return nodes.map((node, i) => ({ name: nodeName(node), inline: i !== last }));
    });
  });
}

function* traces(seen: View): Generator<TraceRow> {
  const { type, divisor } = seen;
  for (const { count, values, labelSet, stacks } of viewSamples(seen)) {
    for (let i = 0; i < count; i++) {
      const value = values[type][i];
      yield {
        labels: labelSet[i],
        value: divisor === undefined ? value : divided(value, values[divisor][i]),
        stack: stacks[i],
      };
    }
  }
}
