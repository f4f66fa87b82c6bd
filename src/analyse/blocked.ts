// The question of the guide: which goroutines hang, on what, and who holds it. Waits become locks, locks get holders, holders
// give a graph: its cycles are deadlocks, its roots are where a pile-up begins.

import { LEAKED } from '../model/dump.js';
import { cyclesOf } from './cycles.js';
import { groupStacks } from './groups.js';
import { findHolders, type Holder } from './holders.js';
import { IDLE_RULES, idleRuleOf } from './idle.js';
import { type Resource, resourcesOf } from './resources.js';
import type { Stacks } from './stacks.js';
import { type Wait, waitOf } from './waits.js';
import { receiverOf, wordsOf } from './words.js';

export interface Lock {
  readonly resource: Resource;
  /** Rows, longest wait first. */
  readonly waiters: readonly number[];
  readonly holders: readonly Holder[];
  readonly longestMinutes: number;
  /** Waits of less than a minute only: contended perhaps, not known to hang. */
  readonly isYoung: boolean;
}

/** Where a pile-up begins: a goroutine that others wait for, and that waits for no lock itself. */
export interface Root {
  readonly g: number;
  /** How many wait for it finally. */
  readonly waiting: number;
}

export interface Stuck {
  readonly g: number;
  readonly why: StuckReason;
}

export type StuckReason = 'lock' | 'cycle' | 'holder' | 'nil channel' | 'leaked' | 'leaked sender' | 'peer' | 'disk';

export interface Blocked {
  readonly locks: readonly Lock[];
  /** Rows; each waits for a lock of the next. */
  readonly cycles: readonly (readonly number[])[];
  readonly roots: readonly Root[];
  readonly stuck: readonly Stuck[];
  /** Row of IDLE_RULES by goroutine, -1: none. */
  readonly idle: Int16Array;
}

export function findBlocked(stacks: Stacks): Blocked {
  const { dump } = stacks;
  const { goroutines } = dump;
  const { count, waitMinutes } = goroutines;
  const groups = groupStacks(dump, 'lines', stacks.hangsIn);
  const idle = idleGoroutines(stacks, groups.of, groups.first);
  const waits = new Map<number, Wait>();
  for (let g = 0; g < count; g++) {
    const wait = waitOf(stacks, g);
    if (wait !== undefined) waits.set(g, wait);
  }
  const resources = resourcesOf(
    stacks,
    [...waits.values()].filter((wait) => isResource(wait, waitMinutes[wait.g])),
  );
  const members = membersOf(groups.of, groups.count);
  const objects = new Set(
    resources.flatMap(({ owners }) =>
      [...owners].flatMap(([type, pointers]) => [...pointers].map((p) => `${type} ${p}`)),
    ),
  );
  const found = findHolders(stacks, resources, {
    waits,
    isIdle: (g) => idle[g] >= 0 && IDLE_RULES[idle[g]].name !== 'sleep',
    crowd: crowds(resources, groups.of),
    isEverywhere: (g, resource) => isEverywhere(stacks, g, resource, members[groups.of[g]], objects),
  });
  const graph = edgesOf(stacks, resources, found, waits);
  const locks = resources
    .filter((resource) => resource.kind !== 'channel' || (found.get(resource) ?? []).length > 0)
    .map((resource): Lock => {
      const waiters = resource.waits.map(({ g }) => g).sort((a, b) => waitMinutes[b] - waitMinutes[a] || a - b);
      return {
        resource,
        waiters,
        holders: found.get(resource) ?? [],
        longestMinutes: waitMinutes[waiters[0]],
        isYoung: waitMinutes[waiters[0]] === 0,
      };
    });
  return {
    locks: locks.sort((a, b) => b.waiters.length * (b.longestMinutes + 1) - a.waiters.length * (a.longestMinutes + 1)),
    cycles: graph.cycles,
    roots: rootsOf(graph.edges),
    stuck: stuckOf(stacks, locks, graph.cycles, waits, idle),
    idle,
  };
}

/** Waits that are looked into: locks, and senders that have waited for a minute (a channel can be a semaphore). */
const isResource = ({ kind, mode }: Wait, minutes: number) =>
  kind === 'channel' ? mode === 'send' && minutes > 0 : kind !== 'select';

function idleGoroutines(stacks: Stacks, groupOf: Int32Array, first: readonly number[]): Int16Array {
  const byGroup = first.map((g) => idleRuleOf(stacks, g));
  return Int16Array.from(groupOf, (group) => byGroup[group]);
}

function membersOf(groupOf: Int32Array, count: number): number[][] {
  const members: number[][] = Array.from({ length: count }, () => []);
  for (let g = 0; g < groupOf.length; g++) members[groupOf[g]].push(g);
  return members;
}

/** How many goroutines with g's stack wait for the lock that g waits for. */
function crowds(resources: readonly Resource[], groupOf: Int32Array): (g: number) => number {
  const sizes = new Map<number, number>();
  for (const { waits } of resources) {
    const byGroup = new Map<number, number>();
    for (const { g } of waits) byGroup.set(groupOf[g], (byGroup.get(groupOf[g]) ?? 0) + 1);
    for (const { g } of waits) sizes.set(g, byGroup.get(groupOf[g]) ?? 1);
  }
  return (g) => sizes.get(g) ?? 0;
}

/** Whether others with g's stack are in the same method of other objects, where nobody waits. */
function isEverywhere(
  stacks: Stacks,
  g: number,
  resource: Resource,
  others: readonly number[],
  objects: ReadonlySet<string>,
): boolean {
  if (others.length < 4 || resource.pointer < 0) return false;
  const { dump } = stacks;
  const { stackStart } = dump.goroutines;
  for (let e = stackStart[g]; e < stackStart[g + 1]; e++) {
    const name = stacks.nameOf(dump.stack[e]);
    if (name.type !== resource.type || name.isClosure) continue;
    const free = new Set<number>();
    for (const other of others.slice(0, 200)) {
      const word = receiverOf(wordsOf(dump, stackStart[other] + e - stackStart[g]));
      if (word?.isExact && !objects.has(`${resource.type} ${word.value}`)) free.add(word.value);
    }
    return free.size >= 3;
  }
  return false;
}

interface Graph {
  /** By goroutine: whom it waits for. */
  readonly edges: ReadonlyMap<number, ReadonlySet<number>>;
  readonly cycles: number[][];
}

/** A candidate with less is no edge. */
const STRONG = 2;

function edgesOf(
  stacks: Stacks,
  resources: readonly Resource[],
  found: Map<Resource, Holder[]>,
  waits: ReadonlyMap<number, Wait>,
): Graph {
  const { waitMinutes } = stacks.dump.goroutines;
  const edges = new Map<number, Set<number>>();
  const weak = new Map<number, Set<number>>();
  const add = (map: Map<number, Set<number>>, from: number, to: number) => {
    const known = map.get(from);
    if (known === undefined) map.set(from, new Set([to]));
    else known.add(to);
  };
  const waiting = new Set(
    resources.filter(({ kind }) => kind !== 'channel' && kind !== 'cond').flatMap((r) => r.waits.map(({ g }) => g)),
  );
  for (const resource of resources) {
    if (resource.kind === 'channel' || resource.kind === 'cond') continue;
    const holders = found.get(resource) ?? [];
    const [best] = holders;
    const top = best === undefined ? [] : holders.filter(({ score }) => score === best.score);
    for (const { g } of resource.waits) {
      // Readers queue behind a writer that waits.
      if (waits.get(g)?.mode === 'read' && resource.kind === 'rwmutex')
        for (const writer of resource.waits) if (writer.mode === 'write') add(edges, g, writer.g);
      for (const holder of resource.kind === 'waitgroup' ? holders : top) {
        if (holder.g === g) {
          if (isSelfDeadlock(resource, holder, holders)) add(weak, g, g);
        } else if (holder.certainty !== 'possible') add(edges, g, holder.g);
        else if (holder.score >= STRONG ? isFew(top, waiting) : isRecursiveReader(resource, holder, waits))
          add(weak, g, holder.g);
      }
    }
  }
  // A weak edge counts where it closes a cycle of equally long waits.
  const both = new Map<number, Set<number>>();
  for (const map of [edges, weak]) for (const [from, tos] of map) for (const to of tos) add(both, from, to);
  const cycles = cyclesOf(both).filter((cycle) => {
    const minutes = cycle.map((g) => waitMinutes[g]);
    return Math.max(...minutes) - Math.min(...minutes) <= 1;
  });
  for (const cycle of cycles) {
    const members = new Set(cycle);
    for (const resource of resources) {
      if (!resource.waits.some(({ g }) => members.has(g))) continue;
      for (const holder of found.get(resource) ?? []) {
        if (!members.has(holder.g)) continue;
        if (holder.certainty === 'possible') holder.certainty = 'likely';
        holder.score += 3;
        holder.reasons.push('closes a cycle: it waits for those who wait for it');
      }
      found.get(resource)?.sort((a, b) => b.score - a.score || a.g - b.g);
    }
    for (const g of cycle) for (const to of weak.get(g) ?? []) if (members.has(to)) add(edges, g, to);
  }
  return { edges, cycles };
}

/** Ties say little, unless all of them wait for locks: then whoever holds it is stuck as well. */
const isFew = (top: readonly Holder[], waiting: ReadonlySet<number>) =>
  top.length === 1 || (top.length <= 64 && top.every(({ g }) => waiting.has(g)));

/** Whether a goroutine that waits for a lock holds it, too: nobody else can be seen, and it is in another method of the same object. */
function isSelfDeadlock(resource: Resource, holder: Holder, holders: readonly Holder[]): boolean {
  return (
    (resource.kind === 'mutex' || resource.kind === 'rwmutex' || resource.kind === 'once') &&
    holders.every(({ g, score }) => g === holder.g || score < holder.score)
  );
}

/** A reader behind a writer that waits for readers: it may be the one that the writer waits for, having locked before. */
function isRecursiveReader(resource: Resource, holder: Holder, waits: ReadonlyMap<number, Wait>): boolean {
  return (
    resource.kind === 'rwmutex' &&
    waits.get(holder.g)?.mode === 'read' &&
    resource.waits.some(({ g, behindReaders }) => g !== holder.g && behindReaders) &&
    resource.waits.some(({ g }) => g === holder.g)
  );
}

/** Those that wait for nobody and are waited for, most first. */
function rootsOf(edges: ReadonlyMap<number, ReadonlySet<number>>): Root[] {
  const waitedBy = new Map<number, number[]>();
  for (const [from, tos] of edges)
    for (const to of tos) {
      const known = waitedBy.get(to);
      if (known === undefined) waitedBy.set(to, [from]);
      else known.push(from);
    }
  const roots: Root[] = [];
  for (const g of waitedBy.keys()) {
    if (edges.has(g)) continue;
    const seen = new Set([g]);
    const open = [g];
    while (open.length > 0)
      for (const from of waitedBy.get(open.pop()!) ?? []) if (!seen.has(from)) open.push((seen.add(from), from));
    roots.push({ g, waiting: seen.size - 1 });
  }
  return roots.sort((a, b) => b.waiting - a.waiting || a.g - b.g);
}

function stuckOf(
  stacks: Stacks,
  locks: readonly Lock[],
  cycles: readonly (readonly number[])[],
  waits: ReadonlyMap<number, Wait>,
  idle: Int16Array,
): Stuck[] {
  const { dump } = stacks;
  const { goroutines, states } = dump;
  const { waitMinutes } = goroutines;
  const why = new Map<number, StuckReason>();
  for (const cycle of cycles) for (const g of cycle) why.set(g, 'cycle');
  for (const { resource, waiters, holders } of locks) {
    if (resource.kind === 'cond' || resource.kind === 'waitgroup' || resource.kind === 'channel') continue;
    for (const g of waiters) if (waitMinutes[g] > 0 && !why.has(g)) why.set(g, 'lock');
    if (!waiters.some((w) => waitMinutes[w] > 0)) continue;
    for (const holder of holders) {
      // A possible one hangs, too, where it is the only one and as old as what it blocks.
      const isMeant =
        holder.certainty !== 'possible' ||
        (holder.score >= 2 && (holders[1]?.score ?? 0) < holders[0].score && holder === holders[0]);
      if (isMeant && waitMinutes[holder.g] > 0 && idle[holder.g] < 0 && !why.has(holder.g)) why.set(holder.g, 'holder');
    }
  }
  for (let g = 0; g < goroutines.count; g++) {
    if (why.has(g)) continue;
    const state = states[goroutines.state[g]];
    if (goroutines.flags[g] & LEAKED) why.set(g, 'leaked');
    else if (state.includes('(nil chan)')) why.set(g, 'nil channel');
    else if (waitMinutes[g] > 0 && waits.get(g)?.mode === 'send' && idle[g] < 0) why.set(g, 'leaked sender');
  }
  // A WaitGroup hangs when one that it waits for hangs, or when nobody is left who could end it.
  for (let more = true; more; ) {
    more = false;
    for (const { resource, waiters, holders } of locks) {
      if (resource.kind !== 'waitgroup') continue;
      const hangs = holders.length === 0 || holders.some(({ g, certainty }) => certainty !== 'possible' && why.has(g));
      for (const g of waiters)
        if (hangs && waitMinutes[g] > 0 && !why.has(g)) {
          why.set(g, 'lock');
          more = true;
        }
    }
  }
  return [...why].map(([g, reason]) => ({ g, why: reason })).sort((a, b) => a.g - b.g);
}
