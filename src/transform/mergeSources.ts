// Sources → one profile, each opened, added and let go before the next, so that memory grows with what is distinct.
//
//   a, b, c of equal types    open a · add · open b · add · open c · add
//   of other types or units   the heads of all say what is common; then all are opened again and added
//
// pprof merges 128 at a time and then the results, which shows in the order of samples that cancel out: so do we.
// Sources that fail are named and left out. Source of the rules: pprof internal/driver/fetch.go.

import { ReusedInstance } from '../core/instance.js';
import type { StackStore } from '../core/store.js';
import { ProfileError } from '../errors.js';
import type { Profile } from '../model/profile.js';
import { combinedHead, type Head, headOf, sameTypes, withCommonTypes, withCommonUnits } from './common.js';
import { Merge, mergeInputs } from './merge.js';

/** A profile that is opened when its turn comes. */
export interface ProfileSource {
  readonly name: string;
  /**
   * Opens it, maybe again. reused: a core to decode into, which the next source takes over; a source that can be read once only gives
   * the same profile each time, in a core of its own.
   */
  open(reused: ReusedInstance | undefined): Promise<Profile<StackStore>>;
}

export interface MergeSourcesOptions {
  /** Takes what pprof says on stderr: a line for each source that failed. */
  readonly notice: (text: string) => void;
  readonly oneQuery: boolean;
}

const CHUNK = 128;

/** The merged profile and how many sources are in it; undefined when every source failed. */
export async function mergeSources(
  sources: readonly ProfileSource[],
  options: MergeSourcesOptions,
): Promise<{ profile: Profile<StackStore>; count: number } | undefined> {
  const reused = sources.length > 1 ? new ReusedInstance() : undefined;
  let all: { profile: Profile<StackStore>; count: number } | undefined;
  for (let from = 0; from < sources.length; from += CHUNK) {
    const chunk = await mergeChunk(sources.slice(from, from + CHUNK), reused, options);
    if (chunk === undefined) continue;
    all =
      all === undefined
        ? chunk
        : {
            profile: mergeInputs([all, chunk], options.oneQuery),
            count: all.count + chunk.count,
          };
  }
  return all;
}

async function mergeChunk(
  sources: readonly ProfileSource[],
  reused: ReusedInstance | undefined,
  { notice, oneQuery }: MergeSourcesOptions,
): Promise<{ profile: Profile<StackStore>; count: number } | undefined> {
  const heads: Head[] = [];
  const opened: ProfileSource[] = [];
  let alone: Profile<StackStore> | undefined;
  let sum: { merge: Merge; columns: readonly number[] } | undefined;
  for (const source of sources) {
    let profile: Profile<StackStore>;
    try {
      profile = await source.open(sources.length === 1 ? undefined : reused);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      notice(`${source.name}: ${error.bare}`);
      continue;
    }
    heads.push(headOf(profile));
    opened.push(source);
    if (sources.length === 1) alone = profile;
    else if (heads.length === 1) sum = begun(profile);
    else if (!sameTypes(heads[0], profile)) sum = undefined;
    if (sum !== undefined) sum.merge.add(profile, sum.columns);
  }
  if (opened.length === 0) return undefined;
  const typed = withCommonTypes(heads);
  if (opened.length === 1) {
    alone ??= await opened[0].open(undefined);
    return { profile: { ...alone, ...typed[0] }, count: 1 };
  }
  const common = withCommonUnits(typed);
  const head = combinedHead(common.map((one) => one.head));
  if (sum === undefined) {
    const merge = new Merge(head.sampleTypes.length);
    for (const [i, source] of opened.entries()) {
      const { head: own, ratios } = common[i];
      merge.add(await source.open(reused), own.valueColumns, ratios === undefined ? [] : [ratios]);
    }
    sum = { merge, columns: [] };
  }
  return { profile: sum.merge.finish(head, oneQuery), count: opened.length };
}

/** A merge of profiles that all have the types of this one; undefined when it has none that can be merged. */
function begun(profile: Head): { merge: Merge; columns: readonly number[] } | undefined {
  const names = profile.sampleTypes.map(({ type }) => type);
  const columns = profile.valueColumns.filter((_, i) => names.indexOf(names[i]) === names.lastIndexOf(names[i]));
  return columns.length === 0 ? undefined : { merge: new Merge(columns.length), columns };
}
