// Bytes → Dumps: what wrapped them is undone, then the lines are read.

import type { Dump } from '../../model/dump.js';
import { DumpBuilder } from './builder.js';
import { scan } from './scan.js';
import { unwrap } from './unwrap/unwrap.js';

/** The dumps in a text, in its order; a text with none gives one without goroutines. Does not throw. */
export function decodeDumps(bytes: Uint8Array): Dump[] {
  const { bytes: text, undone, lineOf } = unwrap(bytes);
  const builder = new DumpBuilder(lineOf, text.length);
  scan(text, builder);
  return builder
    .finish(text, undone, bytes.length)
    .filter((dump, _, all) => dump.goroutines.count > 0 || all.length === 1);
}
