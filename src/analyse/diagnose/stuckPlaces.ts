// Goroutines that hang, by the place where they do.

import type { StuckRow } from '../../model/blocked.js';
import type { DumpFacts } from './facts.js';
import { groupBy } from './groupBy.js';

/** Rows of one place and reason each. */
export const byPlace = (rows: readonly StuckRow[]): StuckRow[][] => [
  ...groupBy(rows, (row) => `${row.function}:${row.line} ${row.why}`).values(),
];

export const longestWait = (rows: readonly StuckRow[]): number =>
  rows.reduce((most, { waitMinutes }) => Math.max(most, waitMinutes), 0);

/** Those that hang for one reason of analyse/stuck.ts. */
export const stuckPlaces = (dump: DumpFacts | undefined, why: string): StuckRow[][] =>
  byPlace(dump?.blocked.stuckGoroutines.filter((row) => row.why === why) ?? []);
