// tags: what each label's values account for.

import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import { compareText } from '../model/strings.js';
import { labelSets, labelUnits } from '../query/labels.js';
import type { Options } from '../query/options.js';
import { filter } from '../query/selection.js';
import { shownLabels } from '../query/view.js';
import { scaledLabel } from '../units/format.js';
import { type Head, head } from './head.js';
import { magnitude } from './trim.js';

export interface TagValue {
  /** A number is told in the unit asked for, so that numbers that read alike are one. */
  readonly name: string;
  readonly value: bigint;
}

export interface TagRow {
  readonly key: string;
  /** Σ over its values. */
  readonly value: bigint;
  /** Largest first. */
  readonly values: readonly TagValue[];
}

export interface TagsReport extends Head {
  readonly kind: 'tags';
  readonly rows: readonly TagRow[];
}

export function tagsReport(profile: Profile<StackStore>, options: Options): TagsReport {
  const { filtered, used, sums } = profile.stacks.scope((scope) => {
    const left = filter(scope, profile, options);
    return { filtered: left, used: scope.labelSetsUsed(), sums: scope.labelSetSums(left.type) };
  });
  const units = labelUnits(labelSets(profile), []);
  const keys = new Map<string, Map<string, bigint>>();
  shownLabels(filtered).forEach(({ strings, numbers }, set) => {
    if (!used[set]) return;
    for (const [key, values] of strings) for (const value of values) add(keys, key, value, sums[set]);
    for (const [key, values] of numbers) {
      for (const { value } of values) add(keys, key, scaledLabel(value, units.get(key) ?? '', options.unit), sums[set]);
    }
  });
  const rows = [...keys].map(
    ([key, values]): TagRow => ({
      key,
      value: [...values.values()].reduce((sum, value) => BigInt.asIntN(64, sum + value), 0n),
      values: [...values].map(([name, value]) => ({ name, value })).sort(byValue),
    }),
  );
  return { kind: 'tags', ...head(filtered, options), rows: rows.sort((a, b) => compareText(a.key, b.key)) };
}

function add(keys: Map<string, Map<string, bigint>>, key: string, name: string, value: bigint): void {
  let values = keys.get(key);
  if (values === undefined) {
    values = new Map();
    keys.set(key, values);
  }
  values.set(name, BigInt.asIntN(64, (values.get(name) ?? 0n) + value));
}

function byValue(a: TagValue, b: TagValue): number {
  const [x, y] = [magnitude(a.value), magnitude(b.value)];
  return x === y ? compareText(a.name, b.name) : x < y ? 1 : -1;
}
