// The report of `stacks`: what a dump of goroutines says, most important first. Plain data; ids are Go's.

import { type Blocked, findBlocked } from '../analyse/blocked.js';
import { type Changes, compareDumps } from '../analyse/changes.js';
import { IDLE_RULES } from '../analyse/idle.js';
import { meaningOf } from '../analyse/meanings.js';
import { readStacks } from '../analyse/stacks.js';
import { badOption } from '../errors.js';
import type { BlockedRows } from '../model/blocked.js';
import type { Dump, DumpForm, DumpIssue, DumpReason } from '../model/dump.js';
import type { SourceReader } from '../model/source.js';
import { resolveStacks, type StackQuery } from '../query/stackOptions.js';
import { filterGoroutines } from './stackFilter.js';
import { groupRows, type StackGroup } from './stackGroups.js';
import { blockedRows, nothingBlocked } from './stackLocks.js';

export interface StackState {
  readonly state: string;
  readonly count: number;
  readonly longestMinutes: number;
  readonly says: string;
}

export interface StacksReport extends BlockedRows {
  readonly kind: 'stacks';
  readonly form: DumpForm;
  readonly goroutines: number;
  /** Those that the filters keep. */
  readonly shown: number;
  readonly filters: readonly string[];
  /** Without ids, waits and arguments, as in a profile: nothing can be said of locks. */
  readonly isCounted: boolean;
  readonly reasons: readonly DumpReason[];
  readonly states: readonly StackState[];
  /** Goroutines by stated wait: none, up to 5 minutes, up to an hour, longer. */
  readonly waits: readonly { readonly range: string; readonly count: number }[];
  /** Idle goroutines, by the rule that says so. */
  readonly idle: readonly { readonly rule: string; readonly says: string; readonly count: number }[];
  /** They are among the groups, too. */
  readonly showsIdle: boolean;
  readonly groups: readonly StackGroup[];
  /** Groups and goroutines that are left out. */
  readonly more: { readonly groups: number; readonly goroutines: number };
  /** All dumps, when there are several; the report is of the last. */
  readonly changes: Changes | null;
  readonly undone: readonly string[];
  readonly issues: readonly DumpIssue[];
  /** Only what hangs was asked for. */
  readonly isBlockedOnly: boolean;
  readonly notices: readonly string[];
}

/**
 * What dumps of goroutines say: which hang, on what, who holds it; and all of them in groups of equal stacks.
 *
 *   const report = stacksReport(await openDumps('goroutines.txt'), { longer: '5m' });
 *   report.stuck    // [2306090]
 *
 * Several dumps are compared, and the last is described. Throws ProfileError 'bad-option'. 100,000 goroutines take 0.4 s.
 */
export function stacksReport(
  dumps: readonly Dump[],
  query: StackQuery = {},
  { sources }: { readonly sources?: SourceReader } = {},
): StacksReport {
  const options = resolveStacks(query);
  const dump = dumps[dumps.length - 1];
  if (dump === undefined) throw badOption('there is no dump to report on', 'give at least one');
  const stacks = readStacks(dump);
  const { rows, filters } = filterGoroutines(stacks, options);
  const blocked = findBlocked(stacks, options.source_path === '' ? undefined : sources);
  const { weight } = dump.goroutines;
  const isCounted = dump.form === 'debug=1' || dump.form === 'goroutine profile';
  const sum = (list: readonly number[]) => list.reduce((total, g) => total + weight[g], 0);
  const showsIdle = options.all || filters.length > 0;
  const busy = showsIdle ? rows : rows.filter((g) => blocked.idle[g] < 0);
  const most = options.all || options.groups === 0 ? Number.MAX_SAFE_INTEGER : options.groups;
  const { groups, more } = groupRows(stacks, blocked, options.blocked ? [] : busy, options, most);
  return {
    kind: 'stacks',
    form: dump.form,
    goroutines: weight.reduce((total, count) => total + count, 0),
    shown: sum(rows),
    filters,
    isCounted,
    ...(isCounted ? nothingBlocked : blockedRows(stacks, blocked)),
    reasons: dump.reasons,
    states: statesOf(dump, rows),
    waits: waitsOf(dump, rows),
    idle: idleOf(blocked, rows, weight),
    showsIdle,
    groups,
    more,
    changes: dumps.length > 1 ? compareDumps(dumps, blocked) : null,
    undone: dump.undone,
    issues: [...dump.issues].sort((a, b) => a.line - b.line),
    isBlockedOnly: options.blocked,
    notices: [],
  };
}

function statesOf({ goroutines, states }: Dump, rows: readonly number[]): StackState[] {
  const found = new Map<number, { count: number; longestMinutes: number }>();
  for (const g of rows) {
    const known = found.get(goroutines.state[g]) ?? { count: 0, longestMinutes: 0 };
    known.count += goroutines.weight[g];
    known.longestMinutes = Math.max(known.longestMinutes, goroutines.waitMinutes[g]);
    found.set(goroutines.state[g], known);
  }
  return [...found]
    .map(([state, row]) => ({ state: states[state], ...row, says: meaningOf(states[state]) }))
    .sort((a, b) => b.count - a.count || (a.state < b.state ? -1 : 1));
}

function waitsOf({ goroutines }: Dump, rows: readonly number[]): { range: string; count: number }[] {
  const ranges = [
    { range: 'below a minute', count: 0 },
    { range: '1-5 minutes', count: 0 },
    { range: '6-60 minutes', count: 0 },
    { range: 'over an hour', count: 0 },
  ];
  for (const g of rows) {
    const minutes = goroutines.waitMinutes[g];
    ranges[minutes === 0 ? 0 : minutes <= 5 ? 1 : minutes <= 60 ? 2 : 3].count += goroutines.weight[g];
  }
  return ranges;
}

function idleOf(blocked: Blocked, rows: readonly number[], weight: Uint32Array) {
  const counts = new Map<string, { says: string; count: number }>();
  for (const g of rows) {
    const row = blocked.idle[g];
    if (row < 0) continue;
    const { name, says } = IDLE_RULES[row];
    const known = counts.get(name) ?? { says, count: 0 };
    known.count += weight[g];
    counts.set(name, known);
  }
  return [...counts].map(([rule, row]) => ({ rule, ...row })).sort((a, b) => b.count - a.count);
}
