// Which dumps are compared: those with stacks before counted ones, in the order of time, of one process.

import { sameProcess } from '../analyse/changes.js';
import type { DumpFacts, Facts } from '../analyse/diagnose/facts.js';
import { type Dump, TRUNCATED } from '../model/dump.js';
import { said } from '../model/finding.js';
import { dumpFacts } from '../report/dumpFacts.js';
import type { Comparable, Part } from './part.js';

/** What a file had; several dumps in one file are in their order. */
export interface TimedDumps {
  readonly part: Part;
  readonly dumps: readonly Dump[];
  readonly time: number | undefined;
}

interface One {
  readonly part: Part;
  readonly dump: Dump;
  readonly time: number | undefined;
}

export interface ChosenDumps {
  readonly facts: DumpFacts | undefined;
  readonly first: Part | undefined;
  readonly last: Part | undefined;
  readonly mismatches: Facts['mismatches'];
}

export function dumpsOf(files: readonly TimedDumps[], isComparable: Comparable): ChosenDumps {
  const all = files.flatMap(({ part, dumps, time }): One[] => dumps.map((dump) => ({ part, dump, time })));
  const withStacks = all.filter(({ dump }) => dump.form === 'debug=2' && dump.goroutines.count > 0);
  // What a cut one has not is not gone.
  const whole = withStacks.filter(isWhole);
  const chosen = whole.length > 0 ? inOrder(whole) : inOrder(withStacks.length > 0 ? withStacks : all).slice(-1);
  const last = chosen[chosen.length - 1];
  if (last === undefined) return { facts: undefined, first: undefined, last: undefined, mismatches: [] };
  const mismatches = chosen.slice(0, -1).flatMap(({ part, dump }) => {
    const why = sameProcess(dump, last.dump);
    const says = said('{file} and {last}: {why}', { file: part.name, last: last.part.name, why });
    return why === '' ? [] : [{ what: 'goroutines', says }];
  });
  const first = chosen.find(
    ({ part, dump }) => dump !== last.dump && isComparable(part, last.part) && sameProcess(dump, last.dump) === '',
  );
  const seconds = first?.time === undefined || last.time === undefined ? undefined : (last.time - first.time) / 1000;
  return {
    facts: dumpFacts(first === undefined ? [last.dump] : [first.dump, last.dump], seconds),
    first: first?.part,
    last: last.part,
    mismatches,
  };
}

const isWhole = ({ part, dump: { goroutines } }: One) =>
  part.issue === undefined && (goroutines.flags[goroutines.count - 1] & TRUNCATED) === 0;

/** By time; without one by name, which puts goroutines.2 before goroutines: by the largest goroutine id, then, which only grows. */
function inOrder(dumps: readonly One[]): One[] {
  const highest = ({ dump }: One) => dump.goroutines.id.reduce((most, id) => Math.max(most, id), 0);
  const isTimed = dumps.every(({ time }) => time !== undefined);
  const key = isTimed ? ({ time }: One) => time ?? 0 : highest;
  return [...dumps].sort((a, b) => key(a) - key(b));
}
