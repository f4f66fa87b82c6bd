// Standard input.

import { fstatSync } from 'node:fs';

/** Whether somebody sends something: a pipe, a file or a socket, not a terminal or /dev/null. */
export function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}
