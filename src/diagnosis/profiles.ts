// A profile of a bundle → its sums, by what it counts. The profile itself is let go.

import { baseName } from '../bundle/layouts.js';
import type { StackStore } from '../core/store.js';
import type { Input } from '../input.js';
import type { Profile } from '../model/profile.js';
import type { Work } from '../model/work.js';
import { workOf } from '../report/work.js';
import { standardize } from '../transform/standard.js';

export type ProfileSort = 'cpu' | 'heap' | 'mutex' | 'block' | 'goroutines' | 'other';

export interface ProfileSums {
  readonly sort: ProfileSort;
  /** By sample type. */
  readonly works: ReadonlyMap<string, Work>;
  readonly timeNanos: bigint;
  readonly buildId: string | undefined;
  readonly count: bigint;
}

const TYPES: Readonly<Record<Exclude<ProfileSort, 'other'>, readonly string[]>> = {
  cpu: ['cpu'],
  heap: ['inuse_space', 'alloc_space'],
  mutex: ['delay', 'contentions'],
  block: ['delay', 'contentions'],
  goroutines: ['goroutine'],
};

/** name: tells a mutex from a block profile, which are alike. Throws ProfileError. */
export function profileSums(name: string, input: Input): ProfileSums {
  const profile = standardize(input.profile());
  const sort = sortOf(name, profile);
  const wanted = sort === 'other' || sort === 'goroutines' ? [] : TYPES[sort];
  const has = new Set(profile.sampleTypes.map(({ type }) => type));
  const [mapping] = profile.mappings;
  return {
    sort,
    works: new Map(wanted.filter((type) => has.has(type)).map((type) => [type, workOf(profile, type)])),
    timeNanos: profile.timeNanos,
    buildId: mapping?.buildId || undefined,
    count: sort === 'goroutines' ? workOf(profile).total : 0n,
  };
}

function sortOf(name: string, profile: Profile<StackStore>): ProfileSort {
  const types = profile.sampleTypes.map(({ type }) => type);
  if (types.includes('cpu')) return 'cpu';
  if (types.includes('inuse_space')) return 'heap';
  if (types.includes('goroutine')) return 'goroutines';
  if (!types.includes('delay')) return 'other';
  if (unlocks(profile)) return 'mutex';
  if (/block/i.test(baseName(name))) return 'block';
  return /mutex/i.test(baseName(name)) ? 'mutex' : 'block';
}

/** A mutex profile has the stacks of those who unlock. */
function unlocks({ functions, strings }: Profile<StackStore>): boolean {
  for (let f = 0; f < functions.count; f++)
    if (/^(internal\/)?sync\.\(\*(RW)?Mutex\)\.R?Unlock$/.test(strings.get(functions.name[f]))) return true;
  return false;
}
