// Profiles → one profile: samples of the same stack and labels are summed up. Tables are interned in TypeScript
// (mergeTables.ts), samples in the core (assembly/merge.ts). Source of the rules: pprof profile.Merge and the way its
// driver calls it (internal/driver/fetch.go).

import { MergeTarget } from '../core/merge.js';
import type { StackStore } from '../core/store.js';
import { badOption } from '../errors.js';
import type { LabelSet } from '../model/labels.js';
import type { Profile } from '../model/profile.js';
import { checkCompatible, combinedHead, type Head, headOf, withCommonTypes, withCommonUnits } from './common.js';
import { MergedTables } from './mergeTables.js';

type Stages = readonly (readonly number[])[];

const asTheyAre = (labels: LabelSet) => labels;

/** A merge under way. Sources may go once they are added. */
export class Merge {
  readonly #tables = new MergedTables();
  readonly #target: MergeTarget;

  constructor(types: number) {
    this.#target = new MergeTarget(types);
  }

  /** Adds a profile's samples; columns, stages: see Taking. relabel: what becomes of its label sets. */
  add(
    profile: Profile<StackStore>,
    columns: readonly number[],
    stages: Stages = [],
    relabel: (labels: LabelSet) => LabelSet = asTheyAre,
  ): void {
    const rows = this.#tables.source(profile, relabel);
    this.#target.add(profile.stacks, profile.locations.count, { columns, stages }, rows);
  }

  /** The profile under this head. Samples that became zeros go, and what they alone used. */
  finish(head: Head, oneQuery: boolean): Profile<StackStore> {
    const stacks = this.#target.finish(this.#tables.locationCount, oneQuery);
    const merged = { ...head, ...this.#tables.tables(), stacks };
    if (this.#target.zeroRows === 0) return merged;
    const again = new Merge(head.sampleTypes.length);
    again.add(merged, merged.valueColumns);
    return again.finish(combinedHead([head]), oneQuery);
  }
}

/** What is done to a profile on its way into a merge. */
interface Input {
  readonly profile: Profile<StackStore>;
  readonly stages?: Stages;
  readonly relabel?: (labels: LabelSet) => LabelSet;
}

/** Merges, whatever their types. Throws ProfileError 'incompatible'. */
export function mergeInputs(inputs: readonly Input[], oneQuery = false): Profile<StackStore> {
  const common = withCommonUnits(withCommonTypes(inputs.map(({ profile }) => headOf(profile))));
  const head = combinedHead(common.map((one) => one.head));
  const merge = new Merge(head.sampleTypes.length);
  inputs.forEach(({ profile, stages = [], relabel }, i) => {
    const { head: own, ratios } = common[i];
    merge.add(profile, own.valueColumns, ratios === undefined ? stages : [...stages, ratios], relabel);
  });
  return merge.finish(head, oneQuery);
}

/**
 * Merges profiles as pprof does when several are given: samples with the same stack and labels become one, the sample types are those
 * that all have, in the finest of their units. A single profile comes back as it is.
 *
 *   merge([monday, tuesday])
 *
 * Throws ProfileError 'incompatible' when they have no sample type in common or units that do not go together.
 */
export function merge(profiles: readonly Profile<StackStore>[]): Profile<StackStore> {
  if (profiles.length === 0) throw badOption('there is no profile to merge', 'give one or more');
  return profiles.length === 1 ? profiles[0] : mergeInputs(profiles.map((profile) => ({ profile })));
}

export interface SubtractOptions {
  /** Keeps the samples of the base apart, labelled pprof::base=true, so that percentages are of the base (-diff_base). */
  readonly diffBase?: boolean;
  /** Scales the profile to the sum of the base first, sample type by sample type (-normalize). */
  readonly normalize?: boolean;
  /** The result is asked once: see open(). */
  readonly oneQuery?: boolean;
}

/**
 * The profile less a base: -base, -diff_base and -normalize.
 *
 *   main;f 10        main;f 4           main;f 6
 *   main;g 1         main;h 2     →     main;g 1
 *                                       main;h -2
 *
 * Throws ProfileError 'incompatible' as merge does; with normalize also unless all sample types are equal.
 */
export function subtract(
  profile: Profile<StackStore>,
  base: Profile<StackStore>,
  { diffBase = false, normalize = false, oneQuery = false }: SubtractOptions = {},
): Profile<StackStore> {
  const stages: number[][] = [];
  if (normalize) {
    checkCompatible(profile, base);
    const ratios = normalizing(sums(profile), sums(base));
    if (ratios.some((ratio) => ratio !== 1)) stages.push(ratios);
  }
  const negative = base.sampleTypes.map(() => -1);
  const relabel = diffBase ? ({ strings, numbers }: LabelSet) => ({ strings: labelled(strings), numbers }) : undefined;
  return mergeInputs(
    [
      { profile, stages },
      { profile: base, stages: [negative], relabel },
    ],
    oneQuery,
  );
}

const labelled = (strings: LabelSet['strings']) => new Map(strings).set('pprof::base', ['true']);

/** Sums of the values, by sample type; they wrap. */
function sums({ stacks, valueColumns }: Profile<StackStore>): bigint[] {
  return stacks.scope((scope) => valueColumns.map((column) => scope.totals(column, column, undefined).divisor));
}

function normalizing(own: readonly bigint[], base: readonly bigint[]): number[] {
  return own.map((sum, i) => (sum === 0n ? 0 : Number(base[i]) / Number(sum)));
}
