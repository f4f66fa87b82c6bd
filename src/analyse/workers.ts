// Whom a WaitGroup waits for: goroutines started by the function that waits, by a method of the same object, or through the
// WaitGroup itself (Go, errgroup). All of them have to end, so that all are named. Sure is only what one goroutine started and
// waits for in one function: another WaitGroup may be meant otherwise.

import type { Holder } from './holders.js';
import { shortName } from './names.js';
import type { Resource } from './resources.js';
import type { Stacks } from './stacks.js';
import { hasReceiver, receiverOf, wordsOf } from './words.js';

/** Functions that start a goroutine for somebody else. */
const GROUP = /(^|\/)errgroup\.\(\*Group\)\.(Go|TryGo|add)$|^sync\.\(\*WaitGroup\)\.Go$|\.\(\*\w*Group\)\.Go$/;

interface Waiter {
  readonly id: number;
  /** Id of the goroutine that started it. */
  readonly creator: number;
  /** The function that waits, and those that called it, without closure suffixes. */
  readonly site: string;
  readonly callers: ReadonlySet<string>;
  /** Type of its receiver, without package, and the object if readable. */
  readonly type: string;
  readonly pointer: number;
}

/** Who was started by whom, made when the first WaitGroup asks. */
export class Started {
  readonly #stacks: Stacks;
  #byParent: Map<number, number[]> | undefined;
  readonly #byFunction = new Map<string, number[]>();
  readonly #byType = new Map<string, number[]>();

  constructor(stacks: Stacks) {
    this.#stacks = stacks;
  }

  /** Rows that may be this waiter's workers. */
  of({ id, site, type }: Waiter): Set<number> {
    const byParent = this.#index();
    return new Set([
      ...(byParent.get(id) ?? []),
      ...(this.#byFunction.get(site) ?? []),
      ...(type === '' ? [] : (this.#byType.get(type) ?? [])),
    ]);
  }

  #index(): Map<number, number[]> {
    if (this.#byParent !== undefined) return this.#byParent;
    const byParent = new Map<number, number[]>();
    const { createdBy, creator, count } = this.#stacks.dump.goroutines;
    for (let g = 0; g < count; g++) {
      if (createdBy[g] < 0) continue;
      if (creator[g] >= 0) put(byParent, creator[g], g);
      const meant = meantBy(this.#stacks, g);
      put(this.#byFunction, meant, g);
      for (const type of typesIn(meant)) put(this.#byType, type, g);
    }
    this.#byParent = byParent;
    return byParent;
  }
}

function put<K>(map: Map<K, number[]>, key: K, g: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [g]);
  else known.push(g);
}

/** More waiters of one WaitGroup than this wait for the same. */
const MOST_WAITERS = 100;

export function findWorkers(stacks: Stacks, resource: Resource, started: Started): Holder[] {
  const waiting = new Set(resource.waits.map(({ g }) => g));
  const best = new Map<number, Holder>();
  for (const wait of resource.waits.slice(0, MOST_WAITERS)) {
    const waiter = describe(stacks, wait.g, wait.site, wait.pointer);
    for (const g of started.of(waiter)) {
      if (waiting.has(g)) continue;
      const holder = judge(stacks, g, waiter);
      if (holder !== undefined && holder.score > (best.get(g)?.score ?? 0)) best.set(g, holder);
    }
  }
  const holders = [...best.values()];
  // Where some are sure, others of the same type are others' workers.
  const most = holders.reduce((score, holder) => Math.max(score, holder.score), 0);
  return holders.filter(({ score }) => score >= most - 3);
}

function describe(stacks: Stacks, g: number, site: number, pointer: number): Waiter {
  const { goroutines, stack } = stacks.dump;
  const callers = new Set<string>();
  for (let e = site; site >= 0 && e < goroutines.stackStart[g + 1]; e++) callers.add(stacks.nameOf(stack[e]).outer);
  const name = site < 0 ? undefined : stacks.nameOf(stack[site]);
  return {
    id: goroutines.id[g],
    creator: goroutines.creator[g],
    site: name?.outer ?? '',
    callers,
    type: name === undefined ? '' : shortType(name.type),
    pointer,
  };
}

const shortType = (type: string) => type.slice(type.lastIndexOf('.') + 1);

function judge(stacks: Stacks, g: number, { id, creator, site, callers, type, pointer }: Waiter): Holder | undefined {
  const { dump } = stacks;
  const { goroutines, frames } = dump;
  const created = goroutines.createdBy[g];
  const parent = goroutines.creator[g];
  const starter = stacks.nameOf(created);
  const isGroup = GROUP.test(starter.outer);
  const isChild = parent === id;
  const meant = meantBy(stacks, g);
  const says = `was started by ${shortName(starter.name)}${parent >= 0 ? ` in goroutine ${parent}` : ''}, line ${frames.line[created]}`;
  const holder = (score: number, reason: string): Holder => ({
    g,
    certainty: score >= 8 ? 'likely' : 'possible',
    score,
    reasons: [`${says}${reason}`],
    entry: -1,
  });
  if (isChild && (meant === site || isGroup)) return holder(9, ', by the goroutine that waits');
  // The function that waits runs elsewhere, too; a closure of it waits for its siblings.
  if (meant === site)
    return holder(parent < 0 || parent === creator ? 6 : 4, `; it belongs to ${shortName(meant)}, as does what waits`);
  if (isChild && callers.has(meant))
    return holder(6, `; it belongs to ${shortName(meant)}, from where it is waited for`);
  if (type !== '' && typesIn(meant).includes(type)) {
    const isSame = pointer >= 0 && objectsOf(stacks, g, type).has(pointer);
    return isSame
      ? holder(8, `, for the same ${type}`)
      : holder(5, `; it belongs to ${shortName(meant)}, and ${type} is what waits`);
  }
  return isChild ? holder(3, ', by the goroutine that waits') : undefined;
}

/** The function that meant the goroutine: what a group starts is a closure of it. */
function meantBy(stacks: Stacks, g: number): string {
  const starter = stacks.nameOf(stacks.dump.goroutines.createdBy[g]).outer;
  return GROUP.test(starter) ? entryFunction(stacks, g) : starter;
}

/** The first function of the goroutine that is not the group's own. */
function entryFunction(stacks: Stacks, g: number): string {
  const { goroutines, stack } = stacks.dump;
  for (let e = goroutines.stackStart[g + 1] - 1; e >= goroutines.stackStart[g]; e--) {
    const name = stacks.nameOf(stack[e]);
    if (name.package !== 'sync' && name.package !== 'runtime' && !/(^|\/)errgroup$/.test(name.package))
      return name.outer;
  }
  return '';
}

/** Types whose methods are in a name; inlined closures have several: main.run.(*Batch).Start.func3. */
const typesIn = (name: string) => [...name.matchAll(/\(\*(\w+)(?:\[\.\.\.\])?\)/g)].map(([, type]) => type);

/** Exact receivers of this type on g's stack. */
function objectsOf(stacks: Stacks, g: number, type: string): Set<number> {
  const { dump } = stacks;
  const found = new Set<number>();
  for (let e = dump.goroutines.stackStart[g]; e < dump.goroutines.stackStart[g + 1]; e++) {
    const name = stacks.nameOf(dump.stack[e]);
    if (!hasReceiver(name) || shortType(name.type) !== type) continue;
    const word = receiverOf(wordsOf(dump, e));
    if (word?.isExact) found.add(word.value);
  }
  return found;
}
