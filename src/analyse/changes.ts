// Two or more dumps of one process: what is new, gone, where it was, and whose wait grew. Ids are never used again in a
// process, so that a goroutine is known by its id; of other dumps, and of profiles, the groups are compared.

import type { Dump } from '../model/dump.js';
import type { Blocked } from './blocked.js';
import { groupStacks } from './groups.js';
import { shortName } from './names.js';
import { readStacks, type Stacks } from './stacks.js';

export interface GroupChange {
  /** How many stood there, a number a dump. */
  readonly counts: readonly number[];
  /** Last less first. */
  readonly growth: number;
  /** It grew each time, over three dumps or more: a sign of a leak. */
  readonly isSteady: boolean;
  readonly state: string;
  readonly hangsIn: string;
  readonly file: string;
  readonly line: number;
}

export interface Changes {
  readonly isSameProcess: boolean;
  /** Why goroutines are not compared one by one; '' when they are. */
  readonly why: string;
  /** Ids, first dump to last. */
  readonly appeared: readonly number[];
  readonly gone: readonly number[];
  /** Same stack and state, and a wait that went on: minutes in the first and in the last dump. */
  readonly unmoved: readonly { readonly id: number; readonly from: number; readonly to: number }[];
  /** Elsewhere, or in a wait that began anew. */
  readonly moved: number;
  /** Groups of equal stacks whose number changed, most growth first. */
  readonly groups: readonly GroupChange[];
  /** Locks of the last dump all of whose waiters stood there in the first, with minutes grown: they hang for sure. Ids. */
  readonly hungLocks: readonly { readonly waiters: readonly number[] }[];
}

/** A dump with a key for each of its distinct stacks that means the same in every dump. */
interface Keyed {
  readonly dump: Dump;
  readonly stacks: Stacks;
  /** By goroutine row. */
  readonly keyOf: (g: number) => string;
}

/** Dumps in the order of time; blocked: what findBlocked says of the last. Two of 100,000 goroutines take 0.3 s. */
export function compareDumps(dumps: readonly Dump[], blocked?: Blocked): Changes {
  const keyed = dumps.map(keys);
  const first = keyed[0];
  const last = keyed[keyed.length - 1];
  const why = whyNotTheSame(first, last);
  const groups = changedGroups(keyed);
  if (why !== '')
    return { isSameProcess: false, why, appeared: [], gone: [], unmoved: [], moved: 0, groups, hungLocks: [] };
  const before = rowsById(first.dump);
  const after = rowsById(last.dump);
  const unmoved: { id: number; from: number; to: number }[] = [];
  const appeared: number[] = [];
  let moved = 0;
  for (const [id, g] of after) {
    const old = before.get(id);
    if (old === undefined) {
      appeared.push(id);
      continue;
    }
    const from = first.dump.goroutines.waitMinutes[old];
    const to = last.dump.goroutines.waitMinutes[g];
    if (to >= from && first.keyOf(old) === last.keyOf(g)) unmoved.push({ id, from, to });
    else moved++;
  }
  const grown = new Set(unmoved.filter(({ from, to }) => to > from).map(({ id }) => id));
  const ids = (rows: readonly number[]) => rows.map((g) => last.dump.goroutines.id[g]);
  return {
    isSameProcess: true,
    why,
    appeared,
    gone: [...before.keys()].filter((id) => !after.has(id)),
    unmoved,
    moved,
    groups,
    hungLocks: (blocked?.locks ?? [])
      .map(({ waiters }) => ({ waiters: ids(waiters) }))
      .filter(({ waiters }) => waiters.length > 0 && waiters.every((id) => grown.has(id))),
  };
}

/** '' when two dumps may be of one process, else why not. */
export const sameProcess = (before: Dump, after: Dump): string => whyNotTheSame(keys(before), keys(after));

function rowsById({ goroutines }: Dump): Map<number, number> {
  const rows = new Map<number, number>();
  for (let g = 0; g < goroutines.count; g++) if (goroutines.id[g] > 0) rows.set(goroutines.id[g], g);
  return rows;
}

function keys(dump: Dump): Keyed {
  const stacks = readStacks(dump);
  const { of, first } = groupStacks(dump, 'lines', stacks.hangsIn);
  const texts = first.map((g) => keyOfStack(dump, stacks, g));
  return { dump, stacks, keyOf: (g) => texts[of[g]] };
}

function keyOfStack(dump: Dump, stacks: Stacks, g: number): string {
  const { goroutines, frames, files, stack, states } = dump;
  const parts = [states[goroutines.state[g]]];
  for (let e = goroutines.stackStart[g]; e < goroutines.stackStart[g + 1]; e++)
    parts.push(`${stacks.nameOf(stack[e]).name} ${files.get(frames.file[stack[e]])}:${frames.line[stack[e]]}`);
  const created = goroutines.createdBy[g];
  if (created >= 0) parts.push(`created by ${stacks.nameOf(created).name}`);
  return parts.join('\n');
}

/** '' when both may be of one process. */
function whyNotTheSame(first: Keyed, last: Keyed): string {
  const before = rowsById(first.dump);
  const after = rowsById(last.dump);
  if (before.size === 0 || after.size === 0) return 'there are no goroutine ids in it, as in every profile';
  const highest = (rows: ReadonlyMap<number, number>) => [...rows.keys()].reduce((a, b) => Math.max(a, b));
  if (highest(after) < highest(before) / 2 || ![...before.keys()].some((id) => after.has(id)))
    return 'the ids say that it is another process, or another order: the older dump comes first';
  // The same id was started elsewhere.
  let other = 0;
  let same = 0;
  for (const [id, g] of after) {
    const old = before.get(id);
    if (old === undefined) continue;
    if (creatorOf(first, old) === creatorOf(last, g)) same++;
    else other++;
  }
  return other > same ? 'goroutines with the same ids were started elsewhere: it is another process' : '';
}

function creatorOf({ dump, stacks }: Keyed, g: number): string {
  const created = dump.goroutines.createdBy[g];
  return created < 0 ? '' : stacks.nameOf(created).name;
}

function changedGroups(keyed: readonly Keyed[]): GroupChange[] {
  const found = new Map<string, { counts: number[]; at: number; g: number }>();
  keyed.forEach(({ dump, keyOf }, i) => {
    for (let g = 0; g < dump.goroutines.count; g++) {
      const key = keyOf(g);
      let group = found.get(key);
      if (group === undefined) {
        group = { counts: keyed.map(() => 0), at: i, g };
        found.set(key, group);
      }
      group.counts[i] += dump.goroutines.weight[g];
    }
  });
  return [...found.values()]
    .filter(({ counts }) => counts.some((count) => count !== counts[0]))
    .map(({ counts, at, g }) => {
      const { dump, stacks } = keyed[at];
      const e = stacks.hangsIn(g);
      const frame = e < 0 ? -1 : dump.stack[e];
      return {
        counts,
        growth: counts[counts.length - 1] - counts[0],
        isSteady: counts.length > 2 && counts.every((count, i) => i === 0 || count > counts[i - 1]),
        state: dump.states[dump.goroutines.state[g]],
        hangsIn: frame < 0 ? '' : shortName(stacks.nameOf(frame).name),
        file: frame < 0 ? '' : dump.files.get(dump.frames.file[frame]),
        line: frame < 0 ? 0 : dump.frames.line[frame],
      };
    })
    .sort((a, b) => b.growth - a.growth);
}
