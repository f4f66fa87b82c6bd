// All that a command line names → one profile: sources merged, the base subtracted, what the flags add.
// Source of the order of things: pprof internal/driver/fetch.go.

import type { StackStore } from '../core/store.js';
import { ProfileError } from '../errors.js';
import type { Profile } from '../model/profile.js';
import { subtract } from './merge.js';
import { mergeSources, type ProfileSource } from './mergeSources.js';
import { withBinary, withComment, withMapping, withoutUrls } from './standard.js';

/** Options of pprof's command line, without the dash. */
export interface FetchOptions {
  /** Scales the profile to the sum of the base before that is subtracted. */
  readonly normalize?: boolean;
  /** A comment to add to the profile. */
  readonly addComment?: string;
  /** A build id for the main binary, if the profile has none. */
  readonly buildId?: string;
  /** The file of the main binary. */
  readonly binary?: string;
  /** Takes what pprof says on stderr: a line for each source that failed, and how many were read. */
  readonly notice?: (text: string) => void;
}

/** What to read; base and diffBase exclude each other. */
export interface Sources {
  readonly sources: readonly ProfileSource[];
  /** To be subtracted, -base. */
  readonly base: readonly ProfileSource[];
  /** To be compared with, -diff_base. */
  readonly diffBase: readonly ProfileSource[];
}

/** Throws ProfileError: bad-option, incompatible, no-profile when no source or no base can be read. */
export async function fetchProfiles(
  { sources, base, diffBase }: Sources,
  { normalize = false, addComment = '', notice = () => {}, ...main }: FetchOptions,
  oneQuery: boolean,
): Promise<Profile<StackStore>> {
  if (base.length > 0 && diffBase.length > 0) {
    throw badOption('-base and -diff_base flags cannot both be specified', 'give one of them');
  }
  const bases = [...base, ...diffBase];
  if (normalize && bases.length === 0) {
    throw badOption('must have base profile to normalize by', 'give one with -base or -diff_base');
  }
  const failed: string[] = [];
  const tell = (text: string) => {
    failed.push(text);
    notice(text);
  };
  const read = async (list: readonly ProfileSource[], what: string) => {
    const prepared = list.map(
      (source): ProfileSource => ({
        name: source.name,
        open: async (reused) => withBinary(withMapping(await source.open(reused)), main),
      }),
    );
    try {
      return await mergeSources(prepared, { notice: tell, oneQuery });
    } catch (error) {
      if (!(error instanceof ProfileError && error.code === 'incompatible')) throw error;
      throw new ProfileError(error.code, `problem fetching ${what} profiles: ${error.fact}`, error.place, error.hint);
    }
  };
  const own = await read(sources, 'source');
  const less = await read(bases, 'base');
  if (own === undefined) throw noneOf('source', failed);
  if (less === undefined && bases.length > 0) throw noneOf('base', failed);
  if (own.count !== sources.length) notice(`Fetched ${own.count} source profiles out of ${sources.length}`);
  if (less !== undefined && less.count !== bases.length) {
    notice(`Fetched ${less.count} base profiles out of ${bases.length}`);
  }
  const profile =
    less === undefined
      ? own.profile
      : subtract(own.profile, less.profile, { diffBase: diffBase.length > 0, normalize, oneQuery });
  return withComment(withoutUrls(profile), addComment);
}

const badOption = (fact: string, hint: string) => new ProfileError('bad-option', fact, {}, hint);

function noneOf(what: string, [first]: readonly string[]): ProfileError {
  return new ProfileError(
    'no-profile',
    `failed to fetch any ${what} profiles`,
    {},
    first === undefined ? 'give one or more' : `the first that failed: ${first}`,
  );
}
