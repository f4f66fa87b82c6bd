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

export function findWorkers(stacks: Stacks, resource: Resource): Holder[] {
  const { goroutines } = stacks.dump;
  const waiters = resource.waits.map((wait) => describe(stacks, wait.g, wait.site, wait.pointer));
  const waiting = new Set(resource.waits.map(({ g }) => g));
  const holders: Holder[] = [];
  for (let g = 0; g < goroutines.count; g++) {
    if (goroutines.createdBy[g] < 0 || waiting.has(g)) continue;
    let best: Holder | undefined;
    for (const waiter of waiters) {
      const holder = judge(stacks, g, waiter);
      if (holder !== undefined && holder.score > (best?.score ?? 0)) best = holder;
    }
    if (best !== undefined) holders.push(best);
  }
  // Where some are sure, others of the same type are others' workers.
  const most = Math.max(0, ...holders.map(({ score }) => score));
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
  // What a group starts is a closure of the function that meant it.
  const meant = isGroup ? entryFunction(stacks, g) : starter.outer;
  const says = `was started by ${shortName(starter.name)}${parent >= 0 ? ` in goroutine ${parent}` : ''}, line ${frames.line[created]}`;
  const holder = (score: number, reason: string): Holder => ({
    g,
    certainty: score >= 8 ? 'likely' : 'possible',
    score,
    reasons: [`${says}${reason}`],
    entry: -1,
  });
  if (isChild && (meant === site || isGroup)) return holder(9, ', which waits for it');
  // The function that waits runs elsewhere, too; a closure of it waits for its siblings.
  if (meant === site) return holder(parent < 0 || parent === creator ? 6 : 4, ', the function that waits');
  if (isChild && callers.has(meant)) return holder(6, ', from where it is waited for');
  if (type !== '' && typesIn(meant).includes(type)) {
    const isSame = pointer >= 0 && objectsOf(stacks, g, type).has(pointer);
    return isSame ? holder(8, `, for the same ${type}`) : holder(5, `, a method of ${type}, as is what waits`);
  }
  return isChild ? holder(3, ' that waits') : undefined;
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
