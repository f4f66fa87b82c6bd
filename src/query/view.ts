// A profile as the filters of a query leave it, for reports that print the profile itself: raw, proto, traces.

import type { Scope } from '../core/scope.js';
import type { StackStore } from '../core/store.js';
import type { LabelSet } from '../model/labels.js';
import type { Mapping, Profile } from '../model/profile.js';
import { labelSets } from './labels.js';
import type { Options } from './options.js';
import { type Filtered, filter } from './selection.js';

export interface View extends Filtered {
  /** Makes the selection, for stacks.samples(). Its locations that are frames.hidden are to be passed over. */
  readonly choose: (scope: Scope) => void;
  /** By label set: what tagshow and taghide leave of it. */
  readonly labels: readonly LabelSet[];
  readonly mappings: readonly Mapping[];
  /** Whether columns of lines are left. */
  readonly hasColumns: boolean;
}

export function view(profile: Profile<StackStore>, options: Options): View {
  const filtered = profile.stacks.scope((scope) => filter(scope, profile, options));
  const { noinlines, showcolumns } = options;
  if (noinlines) filtered.frames.dropInlines();
  return {
    ...filtered,
    choose: (scope) => {
      filter(scope, profile, options);
    },
    labels: shownLabels(filtered),
    mappings: noinlines ? profile.mappings.map((m) => ({ ...m, hasInlineFrames: false })) : profile.mappings,
    // Without noinlines pprof aggregates nothing at this granularity.
    hasColumns: !noinlines || showcolumns,
  };
}

/** Some samples of a view: column c has values[c][i] of sample i. */
export interface ViewSamples {
  readonly count: number;
  readonly values: readonly BigInt64Array[];
  readonly labelSet: Uint32Array;
  /** By sample: location rows, leaf first, without the hidden ones. */
  readonly stacks: readonly Uint32Array[];
}

/** Every sample that is left, in the order of the profile, some thousand at a time. */
export function* viewSamples({ profile, choose, frames: { hidden } }: View): Generator<ViewSamples> {
  const isAnyHidden = hidden.some((flag) => flag !== 0);
  for (const { count, values, labelSet, length, locations } of profile.stacks.samples(choose)) {
    let at = 0;
    const stacks = Array.from(length, (entries) => {
      const stack = locations.subarray(at, at + entries);
      at += entries;
      return isAnyHidden ? stack.filter((location) => hidden[location] === 0) : stack;
    });
    yield { count, values, labelSet, stacks };
  }
}

/** The label sets without the labels that tagshow and taghide drop. */
export function shownLabels({ profile, keepsLabel }: Filtered): readonly LabelSet[] {
  const kept = <T>(labels: ReadonlyMap<string, T>) => new Map([...labels].filter(([key]) => keepsLabel(key)));
  return labelSets(profile).map(({ strings, numbers }) => ({ strings: kept(strings), numbers: kept(numbers) }));
}
