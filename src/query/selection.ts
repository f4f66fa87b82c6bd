// A Query on a Profile: pprof's order of things (internal/driver/driver.go, driver_focus.go).
//
//   drop_frames → tagroot, tagleaf → total → focus, ignore, hide, show → show_from → tagfocus, tagignore
//   → tagshow, taghide → prune_from → granularity
//
// With relative_percentages the total comes after the filters.

import type { Scope } from '../core/scope.js';
import type { StackStore } from '../core/store.js';
import { badOption } from '../errors.js';
import type { Profile, ValueType } from '../model/profile.js';
import { parseInt64 } from '../units/format.js';
import { Frames } from './frames.js';
import { labelSets, labelUnits } from './labels.js';
import { makeNodes, type NodeDetails, type Nodes } from './nodes.js';
import type { Options } from './options.js';
import { compile, compileOption, type Matcher } from './regexp.js';
import { compileTagFilter } from './tagFilter.js';
import { addTagFrames } from './tagFrames.js';

/** A profile as the filters of a query leave it, before lines become nodes. */
export interface Filtered {
  readonly profile: Profile<StackStore>;
  readonly frames: Frames;
  readonly sampleType: ValueType;
  /** The core's column of the value, and of the divisor with -mean. */
  readonly type: number;
  readonly divisor: number | undefined;
  /** Σ|value| that percentages are of; the mean with -mean. */
  readonly total: bigint;
  /** Whether tagshow and taghide leave a label. */
  readonly keepsLabel: (key: string) => boolean;
  /** What pprof says on stderr: expressions that matched nothing, ranges. */
  readonly notices: readonly string[];
}

/** A profile seen through a query, inside one scope. */
export interface Selection extends Nodes, Filtered {}

export function select(scope: Scope, profile: Profile<StackStore>, options: Options, details?: NodeDetails): Selection {
  const filtered = filter(scope, profile, options);
  return { ...filtered, ...makeNodes(scope, filtered.frames, options, details) };
}

/** Narrows the scope to what the query leaves. */
export function filter(scope: Scope, profile: Profile<StackStore>, options: Options): Filtered {
  const notices: string[] = [];
  const frames = new Frames(profile);
  if (!options.all_frames) dropFrames(scope, frames);
  addLabelsAsFrames(scope, frames, options, notices);

  const filters = compileFilters(frames, options, notices);
  const keepsLabel = (key: string) => (filters.tagShow?.(key) ?? true) && !filters.tagHide?.(key);
  if (options.relative_percentages) applyFilters(scope, frames, filters, notices);
  const index = sampleIndex(profile, options.sample_index);
  if (options.divide_by === 0) throw badOption('zero divisor specified', 'give -divide_by another number');
  const type = profile.valueColumns[index];
  const divisor = options.mean ? profile.valueColumns[0] : undefined;
  const keepsBase = !options.relative_percentages || keepsLabel('pprof::base');
  const total = sumTotal(scope, profile, type, divisor, keepsBase);
  if (!options.relative_percentages) applyFilters(scope, frames, filters, notices);
  return { profile, frames, sampleType: profile.sampleTypes[index], type, divisor, total, keepsLabel, notices };
}

/** pprof goes on without a word when a profile's drop_frames or keep_frames is no regexp. */
function dropFrames(scope: Scope, frames: Frames): void {
  const { dropFrames: drop, keepFrames: keep } = frames.profile;
  if (drop === '') return;
  let matchers: [Matcher, Matcher | undefined];
  try {
    matchers = [compile(`^(${drop})$`), keep === '' ? undefined : compile(`^(${keep})$`)];
  } catch {
    return;
  }
  const mask = frames.prune(...matchers);
  if (mask.some((bits) => bits !== 0)) scope.prune(mask);
}

function addLabelsAsFrames(scope: Scope, frames: Frames, options: Options, notices: string[]): void {
  const keys = (list: string) => list.split(',').filter((key) => key !== '');
  const [roots, leaves] = [keys(options.tagroot), keys(options.tagleaf)];
  const found =
    roots.length + leaves.length === 0
      ? { root: false, leaf: false }
      : addTagFrames(scope, frames, labelSets(frames.profile), roots, leaves, options.unit);
  warn(notices, options.tagroot, found.root, 'TagRoot');
  warn(notices, options.tagleaf, found.leaf, 'TagLeaf');
}

function warn(notices: string[], given: unknown, found: boolean, name: string): void {
  if (given && !found) notices.push(`${name} expression matched no samples`);
}

function compileFilters({ profile }: Frames, options: Options, notices: string[]) {
  const regexp = (name: 'focus' | 'ignore' | 'hide' | 'show' | 'show_from' | 'prune_from' | 'tagshow' | 'taghide') =>
    compileOption(name, options[name]);
  const [focus, ignore, hide, show, showFrom] = (['focus', 'ignore', 'hide', 'show', 'show_from'] as const).map(regexp);
  const usesTags = options.tagfocus !== '' || options.tagignore !== '';
  const units = usesTags ? labelUnits(labelSets(profile), notices) : new Map<string, string>();
  const tagFocus = compileTagFilter('tagfocus', options.tagfocus, units, notices);
  const tagIgnore = compileTagFilter('tagignore', options.tagignore, units, notices);
  const pruneFrom = regexp('prune_from');
  return {
    focus,
    ignore,
    hide,
    show,
    showFrom,
    tagFocus,
    tagIgnore,
    pruneFrom,
    tagShow: regexp('tagshow'),
    tagHide: regexp('taghide'),
  };
}

function applyFilters(
  scope: Scope,
  frames: Frames,
  filters: ReturnType<typeof compileFilters>,
  notices: string[],
): void {
  const { focus, ignore, hide, show, showFrom, tagFocus, tagIgnore, pruneFrom, tagShow, tagHide } = filters;
  if (focus ?? ignore ?? hide ?? show) {
    const { mask, anyHidden, found } = frames.filter(filters);
    scope.focus(mask, anyHidden);
    warn(notices, focus, found.focus, 'Focus');
    warn(notices, ignore, found.ignore, 'Ignore');
    warn(notices, hide, found.hide, 'Hide');
    warn(notices, show, found.show, 'Show');
  }
  if (showFrom !== undefined) {
    const { mask, found } = frames.showFrom(showFrom);
    scope.showFrom(mask);
    warn(notices, showFrom, found, 'ShowFrom');
  }
  if (tagFocus ?? tagIgnore) {
    const sets = labelSets(frames.profile);
    const before = scope.labelSetsUsed();
    const focused = sets.map((set) => tagFocus?.(set) ?? true);
    const ignored = sets.map((set) => tagIgnore?.(set) ?? false);
    scope.labels(Uint8Array.from(sets, (_, i) => (focused[i] && !ignored[i] ? 1 : 0)));
    warn(
      notices,
      tagFocus,
      focused.some((yes, i) => yes && before[i]),
      'TagFocus',
    );
    warn(
      notices,
      tagIgnore,
      ignored.some((yes, i) => yes && before[i]),
      'TagIgnore',
    );
  }
  if (tagShow ?? tagHide) {
    const used = scope.labelSetsUsed();
    const keys = new Set(
      labelSets(frames.profile).flatMap((set, i) => (used[i] ? [...set.strings.keys(), ...set.numbers.keys()] : [])),
    );
    warn(
      notices,
      tagShow,
      [...keys].some((key) => tagShow?.(key)),
      'TagShow',
    );
    warn(
      notices,
      tagHide,
      [...keys].some((key) => tagHide?.(key)),
      'TagHide',
    );
  }
  if (pruneFrom !== undefined) {
    const { mask, found } = frames.pruneFrom(pruneFrom);
    if (found) scope.pruneFrom(mask);
  }
}

/** The row of a sample type. Source: pprof Profile.SampleIndexByName. */
export function sampleIndex({ sampleTypes, defaultSampleType }: Profile, name: string): number {
  const types = sampleTypes.map(({ type }) => type);
  if (name === '') {
    const byDefault = defaultSampleType === '' ? -1 : types.indexOf(defaultSampleType);
    return byDefault === -1 ? types.length - 1 : byDefault;
  }
  const number = parseInt64(name);
  if (number !== undefined) {
    if (number >= 0n && number < BigInt(types.length)) return Number(number);
    throw badOption(`sample_index ${name} is outside the range [0..${types.length - 1}]`, hintTypes(types));
  }
  const withoutPrefix = name.startsWith('inuse_') ? name.slice(6) : name;
  const row = types.findIndex((type) => type === name || type === withoutPrefix);
  if (row === -1)
    throw badOption(`sample_index ${JSON.stringify(name)} must be one of: [${types.join(' ')}]`, hintTypes(types));
  return row;
}

const hintTypes = (types: readonly string[]) =>
  `choose with ${types.map((type) => `-sample_index=${type}`).join(' or ')}`;

/** Samples of a base (label pprof::base, as -diff_base leaves it) alone make the total, where there are any. Source: pprof computeTotal. */
function sumTotal(
  scope: Scope,
  profile: Profile<StackStore>,
  type: number,
  divisor: number | undefined,
  keepsBase: boolean,
): bigint {
  const isBase =
    keepsBase && hasBaseLabel(profile)
      ? Uint8Array.from(labelSets(profile), (set) => (set.strings.get('pprof::base')?.includes('true') ? 1 : 0))
      : undefined;
  const sums = scope.totals(type, divisor, isBase);
  const [total, by] = sums.diffTotal > 0n ? [sums.diffTotal, sums.diffDivisor] : [sums.total, sums.divisor];
  return by === 0n ? total : BigInt.asIntN(64, total / by);
}

const withBase = new WeakMap<StackStore, boolean>();

/** Whether the string table has pprof::base at all, so that label sets need not be decoded to know. */
function hasBaseLabel({ strings, stacks }: Profile<StackStore>): boolean {
  let has = withBase.get(stacks);
  if (has === undefined) {
    has = strings.has('pprof::base');
    withBase.set(stacks, has);
  }
  return has;
}
