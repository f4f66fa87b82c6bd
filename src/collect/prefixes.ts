// Where pprof may be on a server, most likely first, by what its user gave.

import type { Target } from '../source/target.js';
import { PREFIXES } from './items.js';

/** Paths that begin and end with /. */
export function prefixesOf({ path }: Pick<Target, 'path'>): readonly string[] {
  if (path === '') return PREFIXES;
  // The address of one profile is as good as that of all.
  const at = /^(.*\/pprof\/)/.exec(`${path.replace(/\/$/, '')}/`);
  if (at !== null) return [at[1]];
  const base = path.endsWith('/') ? path : `${path}/`;
  return [`${base}debug/pprof/`, base];
}
