// Bytes → Dumps.

import type { Dump } from '../../model/dump.js';
import { DumpBuilder } from './builder.js';
import { scan } from './scan.js';

/** The dumps in a text, in its order; a text with none gives one without goroutines. Does not throw. */
export function decodeDumps(bytes: Uint8Array): Dump[] {
  const builder = new DumpBuilder();
  scan(bytes, builder);
  return builder
    .finish(bytes, [], bytes.length)
    .filter((dump, _, all) => dump.goroutines.count > 0 || all.length === 1);
}
