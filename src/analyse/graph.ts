// Waiter → holder, over all locks: cycles are deadlocks, and those who wait for nobody are where a pile-up begins.

import { cyclesOf } from './cycles.js';
import { type Holder, onlyBest } from './holders.js';
import type { Resource } from './resources.js';
import { orderRing } from './ring.js';
import type { Stacks } from './stacks.js';
import type { Wait } from './waits.js';

type Edges = Map<number, Set<number>>;

export interface Graph {
  /** By goroutine row: whom it waits for. */
  readonly edges: ReadonlyMap<number, ReadonlySet<number>>;
  /** Rows of goroutines that wait for each other, or for themselves. */
  readonly cycles: readonly (readonly number[])[];
}

/** A goroutine that others wait for, and that waits for no lock itself. */
export interface Root {
  readonly g: number;
  /** How many wait for it finally. */
  readonly waiting: number;
}

/** A candidate with fewer points closes no cycle. */
const STRONG = 2;
/** More candidates of the same points than this say nothing. */
const MOST_TIES = 64;

/** A holder that closes a cycle, and that no other candidate equals, becomes likely: a lock has one holder. */
export function buildGraph(
  stacks: Stacks,
  resources: readonly Resource[],
  found: ReadonlyMap<Resource, Holder[]>,
  waits: ReadonlyMap<number, Wait>,
): Graph {
  const { waitMinutes } = stacks.dump.goroutines;
  const locks = resources.filter(({ kind }) => kind !== 'channel' && kind !== 'cond');
  const waitingFor = new Map<number, Resource>();
  for (const resource of locks) for (const { g } of resource.waits) waitingFor.set(g, resource);
  breakTies(stacks, locks, found, waits);
  const sure: Edges = new Map();
  const weak: Edges = new Map();
  const faint: [from: number, to: number][] = [];
  for (const resource of locks) addEdges(resource, found.get(resource) ?? [], waits, waitingFor, { sure, weak, faint });
  addClosing(faint, sure, weak);
  const both: Edges = new Map();
  for (const edges of [sure, weak]) for (const [from, tos] of edges) for (const to of tos) add(both, from, to);
  // Who waits for each other has done so for the same time.
  const cycles = cyclesOf(both).filter((cycle) => {
    const minutes = cycle.map((g) => waitMinutes[g]);
    if (minutes.reduce((a, b) => Math.max(a, b)) - minutes.reduce((a, b) => Math.min(a, b)) > 1) return false;
    // Workers that may be another's: brothers in a tree of workers would wait for each other.
    const isLock = cycle.some((g) => waitingFor.get(g)?.kind !== 'waitgroup');
    return isLock || cycle.every((g) => cycle.some((to) => sure.get(g)?.has(to)));
  });
  for (const cycle of cycles) {
    const members = new Set(cycle);
    for (const resource of new Set(cycle.map((g) => waitingFor.get(g)))) {
      if (resource === undefined || resource.kind === 'waitgroup' || !isIdentified(resource)) continue;
      const best = onlyBest(found.get(resource) ?? []);
      if (best === undefined || !members.has(best.g)) continue;
      if (best.certainty === 'possible') best.certainty = 'likely';
      best.score += 3;
      best.reasons.push('closes a cycle: it waits for those who wait for it');
    }
    orderRing(cycle, waits, waitingFor, found);
    for (const g of cycle) for (const to of weak.get(g) ?? []) if (members.has(to)) add(sure, g, to);
  }
  return { edges: sure, cycles };
}

/** The only candidate for a lock, of few points, counts where it waits for the waiter itself: one such link closes a ring, two prove nothing. */
function addClosing(faint: readonly (readonly [from: number, to: number])[], sure: Edges, weak: Edges): void {
  const closing = faint.filter(([from, to]) => sure.get(to)?.has(from) || weak.get(to)?.has(from));
  for (const [from, to] of closing) add(weak, from, to);
}

/** Its waiters wait for one lock; put together by type or place only, they may wait for several. */
const isIdentified = ({ base, pointer }: Resource) => base >= 0 || pointer >= 0;

/**
 * Of candidates with the same points, one that waits where the holder of another lock waits comes first: the code there holds one lock
 * while it takes the next.
 */
function breakTies(
  { dump }: Stacks,
  locks: readonly Resource[],
  found: ReadonlyMap<Resource, Holder[]>,
  waits: ReadonlyMap<number, Wait>,
): void {
  const placeOf = (g: number) => {
    const site = waits.get(g)?.site ?? -1;
    return site < 0 ? -1 : dump.stack[site];
  };
  const proved = new Map<number, number>();
  for (const resource of locks) {
    if (resource.kind === 'waitgroup' || !isIdentified(resource)) continue;
    const best = onlyBest(found.get(resource) ?? []);
    if (best !== undefined && best.score >= STRONG && placeOf(best.g) >= 0) proved.set(placeOf(best.g), best.g);
  }
  if (proved.size === 0) return;
  for (const resource of locks) {
    const holders = found.get(resource) ?? [];
    if (holders.length < 2 || onlyBest(holders) !== undefined) continue;
    const tied = holders.filter(({ g, score }) => score === holders[0].score && proved.has(placeOf(g)));
    if (tied.length !== 1) continue;
    const [holder] = tied;
    holder.score += 0.25;
    holder.reasons.push(`waits in the same place as a goroutine that holds another lock there`);
    holders.sort((a, b) => b.score - a.score || a.g - b.g);
  }
}

function add(edges: Edges, from: number, to: number): void {
  const known = edges.get(from);
  if (known === undefined) edges.set(from, new Set([to]));
  else known.add(to);
}

function addEdges(
  resource: Resource,
  holders: readonly Holder[],
  waits: ReadonlyMap<number, Wait>,
  waitingFor: ReadonlyMap<number, Resource>,
  { sure, weak, faint }: { sure: Edges; weak: Edges; faint: [from: number, to: number][] },
): void {
  const top = holders.filter(({ score }) => score === holders[0].score);
  // Ties say little, unless all of them wait for locks: then whoever holds it hangs as well.
  const isFew = top.length === 1 || (top.length <= MOST_TIES && top.every(({ g }) => waitingFor.has(g)));
  const rest = top.length === 1 ? holders.filter(({ score }) => score === holders[1]?.score) : top.slice(1);
  const writers = resource.waits.filter(({ mode }) => mode === 'write');
  const first = writers.find(({ behindReaders }) => behindReaders) ?? writers[0];
  for (const { g } of resource.waits) {
    // Readers queue behind a writer that waits; one that has read before hangs with it, not with itself.
    const isReader = waits.get(g)?.mode === 'read';
    if (first !== undefined && isReader) add(sure, g, first.g);
    for (const holder of resource.kind === 'waitgroup' ? holders : isReader && top[0]?.g === g ? rest : top) {
      if (holder.g === g) {
        if (isSelfDeadlock(resource, holder, holders)) add(weak, g, g);
      } else if (holder.certainty !== 'possible') add(sure, g, holder.g);
      else if (holder.score >= STRONG ? isFew : isRecursiveReader(resource, holder, waits)) add(weak, g, holder.g);
      else if (top.length === 1 && isIdentified(resource) && resource.kind !== 'waitgroup') faint.push([g, holder.g]);
    }
  }
}

/** Whether a goroutine that waits for a lock holds it, too: nobody else can be seen, and it is in another method of the same object. */
function isSelfDeadlock({ kind }: Resource, holder: Holder, holders: readonly Holder[]): boolean {
  return (
    (kind === 'mutex' || kind === 'rwmutex' || kind === 'once') &&
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

/** Most waited for first. waitsForLock: of whom nobody can be said to be the holder, it begins elsewhere all the same. */
export function findRoots({ edges }: Graph, waitsForLock: (g: number) => boolean): Root[] {
  const waitedBy = new Map<number, number[]>();
  for (const [from, tos] of edges)
    for (const to of tos) {
      const known = waitedBy.get(to);
      if (known === undefined) waitedBy.set(to, [from]);
      else known.push(from);
    }
  const roots: Root[] = [];
  for (const g of waitedBy.keys()) {
    if (edges.has(g) || waitsForLock(g)) continue;
    const seen = new Set([g]);
    const open = [g];
    while (open.length > 0) {
      for (const from of waitedBy.get(open.pop()!) ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        open.push(from);
      }
    }
    roots.push({ g, waiting: seen.size - 1 });
  }
  return roots.sort((a, b) => b.waiting - a.waiting || a.g - b.g);
}
