// The question of the guide: which goroutines hang, on what, and who holds it. Waits become locks, locks get holders, holders
// make a graph; what follows from it is what hangs.

import type { WaitKind } from '../model/blocked.js';
import type { SourceReader } from '../model/source.js';
import { crowdSizes, everywhere } from './contrast.js';
import { buildGraph, findRoots, type Root } from './graph.js';
import { type Groups, groupStacks } from './groups.js';
import { findHolders, type Holder } from './holders.js';
import { IDLE_RULES, idleRules } from './idle.js';
import { findLeaks, type Leak } from './leaks.js';
import { type Resource, resourcesOf } from './resources.js';
import type { Stacks } from './stacks.js';
import { findStuck, type Stuck } from './stuck.js';
import { type Wait, waitOf } from './waits.js';

export interface Lock {
  readonly resource: Resource;
  /** Rows, longest wait first. */
  readonly waiters: readonly number[];
  /** Best first. */
  readonly holders: readonly Holder[];
  readonly longestMinutes: number;
  /** Waits of less than a minute only: contended perhaps, not known to hang. */
  readonly isYoung: boolean;
}

/** Goroutines are rows of the dump. */
export interface Blocked {
  /** Worst first: by waiters and time. */
  readonly locks: readonly Lock[];
  readonly cycles: readonly (readonly number[])[];
  readonly roots: readonly Root[];
  readonly stuck: readonly Stuck[];
  readonly leaks: readonly Leak[];
  /** Row of IDLE_RULES by goroutine; -1: none, or it hangs. */
  readonly idle: Int16Array;
}

/** sources: where functions are read, for what no stack shows. 100,000 goroutines that wait for 1,000 locks take 0.5 s. */
export function findBlocked(stacks: Stacks, sources?: SourceReader): Blocked {
  const { dump } = stacks;
  const { count, waitMinutes } = dump.goroutines;
  const groups = groupStacks(dump, 'lines', stacks.hangsIn);
  const idle = idleGoroutines(stacks, groups);
  const waits = new Map<number, Wait>();
  for (let g = 0; g < count; g++) {
    const wait = waitOf(stacks, g);
    if (wait !== undefined && (isResource(wait, waitMinutes[g]) || (wait.kind === 'channel' && waitMinutes[g] > 0)))
      waits.set(g, wait);
  }
  const resources = resourcesOf(
    stacks,
    [...waits.values()].filter((wait) => isResource(wait, waitMinutes[wait.g])),
  );
  const found = findHolders(
    stacks,
    resources,
    {
      waits,
      isIdle: (g) => idle[g] >= 0 && IDLE_RULES[idle[g]].name !== 'sleep',
      crowd: crowdSizes(resources, groups),
      isEverywhere: everywhere(stacks, resources, groups),
    },
    sources,
  );
  const graph = buildGraph(stacks, resources, found, waits);
  const locks = resources
    .filter((resource) => resource.kind !== 'channel' || (found.get(resource) ?? []).length > 0)
    .map((resource): Lock => {
      const waiters = resource.waits.map(({ g }) => g).sort((a, b) => waitMinutes[b] - waitMinutes[a] || a - b);
      const longestMinutes = waitMinutes[waiters[0]];
      return { resource, waiters, holders: found.get(resource) ?? [], longestMinutes, isYoung: longestMinutes === 0 };
    });
  const stuck = findStuck(stacks, locks, graph.cycles, waits, idle);
  for (const { g } of stuck) idle[g] = -1;
  const weight = ({ waiters, longestMinutes }: Lock) => waiters.length * (longestMinutes + 1);
  return {
    locks: locks.sort((a, b) => weight(b) - weight(a) || a.waiters[0] - b.waiters[0]),
    cycles: graph.cycles,
    roots: findRoots(graph, (g) => briefKinds.has(waits.get(g)?.kind)),
    stuck,
    leaks: findLeaks(stacks, groups, waits, idle),
    idle,
  };
}

const briefKinds: ReadonlySet<WaitKind | undefined> = new Set(['mutex', 'rwmutex', 'once', 'fd']);

/** Waits that are looked into: locks, and senders that have waited for a minute (a channel can be a semaphore). */
const isResource = ({ kind, mode }: Wait, minutes: number) =>
  kind === 'channel' ? mode === 'send' && minutes > 0 : kind !== 'select';

function idleGoroutines(stacks: Stacks, { of, first }: Groups): Int16Array {
  const byGroup = first.map(idleRules(stacks));
  return Int16Array.from(of, (group) => byGroup[group]);
}
