// Goroutines that hang, by the place where they do.

import type { StuckRow } from '../../model/blocked.js';
import type { DumpFacts } from './facts.js';

/** Rows of one place and reason each. */
export function byPlace(rows: readonly StuckRow[]): StuckRow[][] {
  const groups = new Map<string, StuckRow[]>();
  for (const row of rows) {
    const key = `${row.function}:${row.line} ${row.why}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [row]);
    else known.push(row);
  }
  return [...groups.values()];
}

export const longestWait = (rows: readonly StuckRow[]): number =>
  rows.reduce((most, { waitMinutes }) => Math.max(most, waitMinutes), 0);

/** Those that hang for one reason of analyse/stuck.ts. */
export const stuckPlaces = (dump: DumpFacts | undefined, why: string): StuckRow[][] =>
  byPlace(dump?.blocked.stuckGoroutines.filter((row) => row.why === why) ?? []);
