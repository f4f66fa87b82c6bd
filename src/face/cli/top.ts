// The commands that make a report of profiles, as a file of the built command.

import { explain } from './explain.js';
import { runProfiles } from './profiles.js';

/** Runs what argv says; the exit status. */
export async function runTop(argv: readonly string[]): Promise<number> {
  try {
    return await runProfiles(argv);
  } catch (error) {
    return explain(error);
  }
}
