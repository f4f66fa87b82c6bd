// The report of `inspect`: what a file holds and what it gives away, for a person who is about to send it. Plain data; texts in it are
// the file's own, unchecked.

import type { MemberKind } from '../model/bundle.js';
import type { Disclosure } from '../model/redaction.js';

export interface InspectFact {
  readonly name: string;
  readonly value: string | number | bigint;
}

export interface InspectRow {
  readonly text: string;
  /** How often, or how many distinct values; undefined where counting says nothing. */
  readonly count?: number;
  readonly examples?: readonly string[];
}

/** A list of things of one sort: label keys, directories, packages … */
export interface InspectList {
  readonly name: string;
  /** What is counted: `functions`, `files`, `values`; '' is nothing. */
  readonly counts: string;
  readonly rows: readonly InspectRow[];
  /** Rows that are left out. */
  readonly more: number;
}

export interface InspectedFile {
  readonly name: string;
  readonly kind: MemberKind;
  /** What it is, in words. */
  readonly what: string;
  readonly bytes: number;
  /** Decompressed; the same as bytes if it was not gzipped. */
  readonly rawBytes: number;
  readonly facts: readonly InspectFact[];
  readonly lists: readonly InspectList[];
  readonly givesAway: readonly Disclosure[];
  /** What could not be looked into, and why. */
  readonly issues: readonly string[];
  /** What is not in such a file, or what is in it that no rule finds. */
  readonly verdict: string;
}

export interface InspectReport {
  readonly kind: 'inspect';
  readonly files: readonly InspectedFile[];
}

/** Rows of a list unless all are asked for. */
const FEW = 12;

/** The longest counts first; few of them, unless all are asked for. */
export function counted(
  name: string,
  counts: string,
  counter: ReadonlyMap<string, number>,
  all: boolean,
): InspectList[] {
  const rows = [...counter].map(([text, count]): InspectRow => ({ text, count }));
  rows.sort((a, b) => (b.count ?? 0) - (a.count ?? 0) || (a.text < b.text ? -1 : 1));
  return listed(name, counts, rows, all);
}

/** No list for no rows. */
export function listed(name: string, counts: string, rows: readonly InspectRow[], all: boolean): InspectList[] {
  if (rows.length === 0) return [];
  const most = all || rows.length <= FEW + 2 ? rows.length : FEW;
  return [{ name, counts, rows: rows.slice(0, most), more: rows.length - most }];
}

export function count(counter: Map<string, number>, text: string, by = 1): void {
  counter.set(text, (counter.get(text) ?? 0) + by);
}
