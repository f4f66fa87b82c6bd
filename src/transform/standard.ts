// What pprof's driver does to every profile it fetches, before any report (internal/driver/fetch.go).

import type { StackStore } from '../core/store.js';
import type { Mapping, Profile } from '../model/profile.js';
import { headOf, withCommonTypes } from './common.js';

/** Sample types and mappings as reports expect them. */
export function standardize(profile: Profile<StackStore>): Profile<StackStore> {
  return withoutUrls(withMapping(withDistinctTypes(profile)));
}

/** Without the sample types whose name occurs twice. */
function withDistinctTypes(profile: Profile<StackStore>): Profile<StackStore> {
  return { ...profile, ...withCommonTypes([headOf(profile)])[0] };
}

/** A profile without mappings gets one for all locations, without a file: it shows in -raw, and an expression that matches '' matches it. */
export function withMapping(profile: Profile<StackStore>): Profile<StackStore> {
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

/** The first mapping with the file of the binary, and with the build id unless it has one. */
export function withBinary(
  profile: Profile<StackStore>,
  { binary = '', buildId = '' }: { readonly binary?: string; readonly buildId?: string },
): Profile<StackStore> {
  const [main, ...others] = profile.mappings;
  if (main === undefined || (binary === '' && buildId === '')) return profile;
  const changed = { ...main, file: binary || main.file, buildId: main.buildId || buildId };
  return { ...profile, mappings: [changed, ...others] };
}

/** A file that is a URL says where symbols came from, not what ran; without a build id it is dropped. */
export function withoutUrls(profile: Profile<StackStore>): Profile<StackStore> {
  if (!profile.mappings.some(({ file, buildId }) => buildId === '' && isUrl(file))) return profile;
  const mappings = profile.mappings.map((mapping) =>
    mapping.buildId === '' && isUrl(mapping.file) ? { ...mapping, file: '' } : mapping,
  );
  return { ...profile, mappings };
}

/** Whether Go's url.Parse finds a scheme: C:\a.exe has one, too. */
function isUrl(file: string): boolean {
  const [, rest] = /^[a-z][a-z0-9+.-]*:([^\x00-\x1f\x7f]*)$/i.exec(file) ?? [];
  if (rest === undefined) return false;
  const [path, fragment = ''] = rest.split(/#(.*)/s);
  const escaped = (path.startsWith('/') ? path.replace(/\?.*/s, '') : '') + fragment;
  return !/%(?![0-9a-f]{2})/i.test(escaped);
}

export function withComment(profile: Profile<StackStore>, comment: string): Profile<StackStore> {
  return comment === '' ? profile : { ...profile, comments: [...profile.comments, comment] };
}
