// What pprof's driver does to every profile it fetches, before any report (internal/driver/fetch.go).

import type { StackStore } from '../core/store.js';
import { ProfileError } from '../errors.js';
import type { Mapping, Profile } from '../model/profile.js';

/** Sample types and mappings as reports expect them. */
export function standardize(profile: Profile<StackStore>): Profile<StackStore> {
  return withMapping(distinctTypes(profile));
}

/**
 * Drops sample types whose name occurs twice; if that changed anything and the default type is gone, the first one is the default.
 * Source: pprof profile.CompatibilizeSampleTypes, of a single profile.
 */
function distinctTypes(profile: Profile<StackStore>): Profile<StackStore> {
  const { sampleTypes } = profile;
  const times = new Map<string, number>();
  for (const { type } of sampleTypes) times.set(type, (times.get(type) ?? 0) + 1);
  const kept = sampleTypes.flatMap(({ type }, i) => (times.get(type) === 1 ? [i] : []));
  if (kept.length === 0) {
    throw new ProfileError(
      'invalid',
      'profiles have empty common sample type list',
      { field: 'Profile.sample_type' },
      'the profile has no sample type with a name of its own, so there is nothing to count',
    );
  }
  if (kept.length === sampleTypes.length) return profile;
  const types = kept.map((i) => sampleTypes[i]);
  return {
    ...profile,
    sampleTypes: types,
    valueColumns: kept.map((i) => profile.valueColumns[i]),
    defaultSampleType: (types.find((t) => t.type === profile.defaultSampleType) ?? types[0]).type,
  };
}

/** A profile without mappings gets one for all locations, without a file: it shows in -raw, and an expression that matches '' matches it. */
function withMapping(profile: Profile<StackStore>): Profile<StackStore> {
  if (profile.mappings.length > 0) return profile;
  const mapping: Mapping = {
    id: 1n,
    start: 0n,
    limit: 0n,
    offset: 0n,
    file: '',
    buildId: '',
    hasFunctions: false,
    hasFilenames: false,
    hasLineNumbers: false,
    hasInlineFrames: false,
  };
  const { locations } = profile;
  return { ...profile, mappings: [mapping], locations: { ...locations, mapping: new Int32Array(locations.count) } };
}
