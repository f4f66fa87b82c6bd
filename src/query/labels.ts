// The label sets of a profile, decoded when a query first asks, and the units of its numeric labels.

import type { StackStore } from '../core/store.js';
import { decodeLabelSet } from '../decode/labels.js';
import type { LabelSet } from '../model/labels.js';
import type { Profile } from '../model/profile.js';

const decoded = new WeakMap<StackStore, readonly LabelSet[]>();

/** Element i is label set i of the store; decoded once. */
export function labelSets(profile: Profile<StackStore>): readonly LabelSet[] {
  const { stacks, strings } = profile;
  let sets = decoded.get(stacks);
  if (sets === undefined) {
    sets = Array.from({ length: stacks.labelSetCount }, (_, i) => decodeLabelSet(stacks.labelSet(i), strings));
    decoded.set(stacks, sets);
  }
  return sets;
}

/**
 * The unit of each numeric label key: the first that a sample gives, else bytes for `alignment` and `request`, else the key itself.
 * notices takes a line for every key with several units. Source: pprof Profile.NumLabelUnits.
 */
export function labelUnits(sets: readonly LabelSet[], notices: string[]): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  const others = new Map<string, Set<string>>();
  const keys = new Set<string>();
  for (const { numbers } of sets) {
    for (const [key, values] of numbers) {
      keys.add(key);
      for (const { unit } of values) {
        if (unit === '') continue;
        const known = units.get(key);
        if (known === undefined) units.set(key, unit);
        else if (known !== unit) others.set(key, (others.get(key) ?? new Set()).add(unit));
      }
    }
  }
  for (const key of keys) {
    if (!units.has(key)) units.set(key, key === 'alignment' || key === 'request' ? 'bytes' : key);
  }
  for (const [key, ignored] of others) {
    notices.push(
      `For tag ${key} used unit ${units.get(key)}, also encountered unit(s) ${[...ignored].sort().join(', ')}`,
    );
  }
  return units;
}
