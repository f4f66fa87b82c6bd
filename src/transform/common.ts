// What several profiles have in common: sample types, units, header. Source of the rules: pprof
// profile.CompatibilizeSampleTypes, measurement.ScaleProfiles and the headers of profile.Merge.

import { ProfileError } from '../errors.js';
import type { Profile, ValueType } from '../model/profile.js';
import { scale, unitsCompatible } from '../units/scale.js';

/** A profile without its tables and samples. */
export type Head = Pick<
  Profile,
  | 'sampleTypes'
  | 'valueColumns'
  | 'defaultSampleType'
  | 'periodType'
  | 'period'
  | 'timeNanos'
  | 'durationNanos'
  | 'comments'
  | 'docUrl'
  | 'dropFrames'
  | 'keepFrames'
>;

export function headOf(profile: Head): Head {
  const { sampleTypes, valueColumns, defaultSampleType, periodType, period, timeNanos, durationNanos } = profile;
  const { comments, docUrl, dropFrames, keepFrames } = profile;
  return {
    ...{ sampleTypes, valueColumns, defaultSampleType, periodType, period, timeNanos, durationNanos },
    ...{ comments, docUrl, dropFrames, keepFrames },
  };
}

/** Whether nothing has to be done to the values of the one to add them to those of the other. */
export function sameTypes(a: Head, b: Head): boolean {
  return (
    sameType(a.periodType, b.periodType) &&
    a.sampleTypes.length === b.sampleTypes.length &&
    a.sampleTypes.every((type, i) => sameType(type, b.sampleTypes[i]))
  );
}

const sameType = (a: ValueType, b: ValueType) => a.type === b.type && a.unit === b.unit;

/** The heads with the sample types that all have, in the order of the first. Throws ProfileError 'incompatible' if there are none. */
export function withCommonTypes(heads: readonly Head[]): Head[] {
  const times = new Map<string, number>();
  for (const { sampleTypes } of heads) {
    for (const { type } of sampleTypes) times.set(type, (times.get(type) ?? 0) + 1);
  }
  const common = heads[0].sampleTypes.map(({ type }) => type).filter((type) => times.get(type) === heads.length);
  if (common.length === 0) {
    throw incompatible(
      'profiles have empty common sample type list',
      heads.length === 1
        ? 'the profile has no sample type with a name of its own, so there is nothing to count'
        : 'they count different things, such as CPU time and memory: give profiles of one kind',
      'Profile.sample_type',
    );
  }
  return heads.map((head) => withTypes(head, common));
}

/** If that changes anything and the default type is gone, the first one is the default. */
function withTypes(head: Head, names: readonly string[]): Head {
  const { sampleTypes, valueColumns, defaultSampleType } = head;
  const rows = names.map((name) => {
    const row = sampleTypes.findIndex(({ type }) => type === name);
    // A name that one profile has twice and another not at all is counted as common, by pprof too.
    if (row < 0)
      throw incompatible(
        `${JSON.stringify(name)} sample type is not found in profile`,
        'give profiles of one kind',
        'Profile.sample_type',
      );
    return row;
  });
  if (rows.length === sampleTypes.length && rows.every((row, i) => row === i)) return head;
  return {
    ...head,
    sampleTypes: rows.map((row) => sampleTypes[row]),
    valueColumns: rows.map((row) => valueColumns[row]),
    defaultSampleType: names.includes(defaultSampleType) ? defaultSampleType : names[0],
  };
}

/** Heads of common types in the finest of their units, and by head what its values are to be multiplied by; undefined is nothing. */
export function withCommonUnits(heads: readonly Head[]): { head: Head; ratios: number[] | undefined }[] {
  if (heads.length === 1) return [{ head: heads[0], ratios: undefined }];
  const periodUnit = finestUnit(
    heads.map(({ periodType }) => periodType),
    'period type',
  );
  const units = heads[0].sampleTypes.map((_, i) =>
    finestUnit(
      heads.map(({ sampleTypes }) => sampleTypes[i]),
      'sample types',
    ),
  );
  return heads.map((head) => {
    const ratios = head.sampleTypes.map(({ unit }, i) => scale(1n, unit, units[i]).value);
    return {
      head: {
        ...head,
        sampleTypes: head.sampleTypes.map(({ type }, i) => ({ type, unit: units[i] })),
        periodType: { type: head.periodType.type, unit: periodUnit },
        period: toInt64(scale(head.period, head.periodType.unit, periodUnit).value),
      },
      ratios: ratios.every((ratio) => ratio === 1) ? undefined : ratios,
    };
  });
}

function finestUnit(types: readonly ValueType[], what: string): string {
  let finest = types[0];
  for (const type of types.slice(1)) {
    const names = [finest.type, type.type].map((name) => name.replace(/s$/, ''));
    if (names[0] !== names[1] || !unitsCompatible(finest.unit, type.unit)) {
      throw incompatible(
        `${what}: incompatible types: {${finest.type} ${finest.unit}} {${type.type} ${type.unit}}`,
        'give profiles of one kind',
        what === 'period type' ? 'Profile.period_type' : 'Profile.sample_type',
      );
    }
    if (scale(1n, type.unit, finest.unit).value < 1) finest = type;
  }
  return finest.unit;
}

/** Throws ProfileError 'incompatible' unless period type and sample types are equal. Source: pprof Profile.compatible. */
export function checkCompatible(a: Head, b: Head): void {
  const name = ({ type, unit }: ValueType) => `${type} ${unit}`;
  if (!sameType(a.periodType, b.periodType)) {
    throw incompatible(
      `incompatible period types {${name(a.periodType)}} and {${name(b.periodType)}}`,
      'give profiles of one kind',
      'Profile.period_type',
    );
  }
  if (!sameTypes(a, b)) {
    const list = ({ sampleTypes }: Head) => sampleTypes.map(name).join(', ');
    throw incompatible(
      `incompatible sample types [${list(a)}] and [${list(b)}]`,
      'give profiles of one kind',
      'Profile.sample_type',
    );
  }
}

/** The head of a merge, of compatible heads. A profile without a time erases that of the ones before, as pprof has it. */
export function combinedHead(heads: readonly Head[]): Head {
  for (const head of heads.slice(1)) checkCompatible(heads[0], head);
  const [{ sampleTypes, periodType, dropFrames, keepFrames }] = heads;
  let timeNanos = 0n;
  let durationNanos = 0n;
  let period = 0n;
  for (const head of heads) {
    if (timeNanos === 0n || head.timeNanos < timeNanos) timeNanos = head.timeNanos;
    durationNanos = BigInt.asIntN(64, durationNanos + head.durationNanos);
    if (period === 0n || period < head.period) period = head.period;
  }
  const comments = new Set<string>();
  for (const head of heads) for (const comment of head.comments) comments.add(comment);
  return {
    sampleTypes,
    valueColumns: sampleTypes.map((_, i) => i),
    defaultSampleType: heads.find((head) => head.defaultSampleType !== '')?.defaultSampleType ?? '',
    periodType,
    period,
    timeNanos,
    durationNanos,
    comments: [...comments],
    docUrl: heads.find((head) => head.docUrl !== '')?.docUrl ?? '',
    dropFrames,
    keepFrames,
  };
}

const LOWEST = -(2n ** 63n);

/** A float as Go makes an int64 of it on amd64: cut off; the lowest one where it does not fit. */
function toInt64(value: number): bigint {
  return value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(Math.trunc(value)) : LOWEST;
}

function incompatible(fact: string, hint: string, field: string): ProfileError {
  return new ProfileError('incompatible', fact, { field }, hint);
}
