// What can go wrong. A ProfileError ends the work, an Issue does not; both say the fact and the place, and the error
// also says what to do next. Texts are neutral: no stack traces, no blame.

/** Where something is: every part that is known. Offsets count uncompressed bytes. */
export interface Place {
  /** A file name or URL as the user gave it. */
  readonly source?: string;
  /** Byte offset in the uncompressed profile. */
  readonly offset?: number;
  /** Line of a text, from 1. */
  readonly line?: number;
  /** What was being read there, e.g. `Sample.location_id`. */
  readonly field?: string;
}

export type ErrorCode =
  | 'empty'
  | 'not-a-profile'
  | 'not-a-dump'
  | 'not-a-bundle'
  | 'not-vars'
  | 'truncated'
  | 'malformed'
  | 'invalid'
  | 'too-large'
  | 'unreadable'
  | 'incompatible'
  | 'no-profile'
  | 'bad-option'
  | 'no-match'
  /** Of a live program: nobody is there; the connection was closed too early; nothing came in time; not what was asked for; we ended it. */
  | 'unreachable'
  | 'cut'
  | 'no-answer'
  | 'bad-answer'
  | 'stopped'
  | 'internal';

/** Odd, but survivable. */
export interface Issue {
  readonly fact: string;
  readonly place: Place;
}

/**
 * What cannot go on. `message` is one line, `place: fact`; `hint` says the next action.
 *
 *   prof.pb.gz: the gzip data ends early (offset 1024)
 *   hint: the file was cut; copy or download it again
 */
export class ProfileError extends Error {
  readonly code: ErrorCode;
  readonly fact: string;
  readonly place: Place;
  readonly hint: string;

  constructor(code: ErrorCode, fact: string, place: Place, hint: string) {
    super(placed(fact, place));
    this.name = 'ProfileError';
    this.code = code;
    this.fact = fact;
    this.place = place;
    this.hint = hint;
  }

  /** The message without the name of the source. */
  get bare(): string {
    const { source: _, ...place } = this.place;
    return placed(this.fact, place);
  }

  /** The same error at a place known better: the source's name is added by whoever opened it. */
  in(source: string): ProfileError {
    return new ProfileError(this.code, this.fact, { ...this.place, source }, this.hint);
  }
}

function placed(fact: string, place: Place): string {
  const at: string[] = [];
  if (place.field !== undefined) at.push(place.field);
  if (place.line !== undefined) at.push(`line ${place.line}`);
  if (place.offset !== undefined) at.push(`offset ${place.offset}`);
  return `${place.source === undefined ? '' : `${place.source}: `}${fact}${at.length ? ` (${at.join(', ')})` : ''}`;
}

/** Runs something whose errors get the source's name. */
export function named<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ProfileError ? error.in(source) : error;
  }
}

/** An option, regexp or name that does not exist: the command line was wrong, not the profile. */
export function badOption(fact: string, hint: string): ProfileError {
  return new ProfileError('bad-option', fact, {}, hint);
}
