// What every report says of its profile, as data. Source of what is said: pprof internal/report ProfileLabels.

import { basePath } from '../model/path.js';
import type { Profile } from '../model/profile.js';
import type { Options } from '../query/options.js';

export interface Header {
  /** Name of the program: the last part of the first mapping's file; '' is unknown. */
  readonly file: string;
  readonly buildId: string;
  /** Those that do not start with #. */
  readonly comments: readonly string[];
  readonly docUrl: string;
  /** Nanoseconds since 1970, 0 is unknown. */
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  /** Every sample type, in the order of the profile. */
  readonly sampleTypes: readonly string[];
}

export function header(profile: Profile): Header {
  const main = profile.mappings[0];
  return {
    file: main === undefined || main.file === '' ? '' : basePath(main.file),
    buildId: main?.buildId ?? '',
    comments: profile.comments.filter((comment) => !comment.startsWith('#')),
    docUrl: profile.docUrl,
    timeNanos: profile.timeNanos,
    durationNanos: profile.durationNanos,
    sampleTypes: profile.sampleTypes.map(({ type }) => type),
  };
}

const LISTED = ['focus', 'ignore', 'hide', 'show', 'show_from', 'tagfocus', 'tagignore', 'tagshow', 'taghide'] as const;

/** The filters that pprof lists under `Active filters`, as name=value. */
export function activeFilters(options: Options): string[] {
  return LISTED.flatMap((name) => (options[name] === '' ? [] : [`${name}=${options[name]}`]));
}
