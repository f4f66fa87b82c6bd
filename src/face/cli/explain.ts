// An error as fact, place and next action, on stderr.

import { ProfileError, visible } from '../../index.js';
import { say } from './say.js';
import { UsageError } from './usage.js';

const FAILED = 1;
const USAGE = 2;

/** What is wrong with the choice of options and files, not with a file: exit 2, as pprof. */
const likePprof = new Set(['bad-option', 'incompatible', 'no-profile']);

/** Says it, and gives the exit status. */
export function explain(error: unknown): number {
  if (error instanceof UsageError || error instanceof ProfileError) {
    say(`tspprof: ${visible(error.message)}`);
    say(`hint: ${visible(error.hint)}`);
    return error instanceof UsageError || likePprof.has(error.code) ? USAGE : FAILED;
  }
  say(`tspprof: ${error instanceof Error ? error.stack : String(error)}`);
  say('hint: this is an error of tspprof itself; please report it with the profile');
  return FAILED;
}
