// Where a type has its lock, learned from the waiters of which both the object and the lock are shown: an address then names
// the object, and an object the address.

import type { WaitKind } from '../model/blocked.js';
import type { Stacks } from './stacks.js';
import type { Wait } from './waits.js';
import { hasReceiver, receiverOf, wordsOf } from './words.js';

/** A lock inside an object is not further from its start. */
export const OBJECT = 4096;

export interface Offsets {
  /** Place of the lock in the wait's object, by its call site or by its type when that has only one such lock; -1. */
  of(wait: Wait): number;
  /** The one lock with which this object was seen, also if it lies elsewhere; -1. */
  baseOf(wait: Wait, pointer: number): number;
  isOwner(type: string, pointer: number): boolean;
}

export function learnOffsets(stacks: Stacks, waits: readonly Wait[]): Offsets {
  const { dump } = stacks;
  const bySite = new Map<string, number>();
  const byType = new Map<string, number>();
  const bases = new Map<string, number>();
  const owners = new Set<string>();
  const funcOf = ({ site }: Wait) => (site < 0 ? -1 : dump.frames.func[dump.stack[site]]);
  for (const wait of waits) {
    const { type, pointer, base, kind } = wait;
    if (type === '' || pointer < 0) continue;
    owners.add(`${type} ${pointer}`);
    if (base < 0) continue;
    learn(bases, `${kind} ${type} ${pointer}`, base);
    if (base < pointer || base - pointer >= OBJECT) continue;
    learn(byType, `${kind} ${type}`, base - pointer);
    learn(bySite, `${kind} ${funcOf(wait)}`, base - pointer);
  }
  for (const [key, offset] of voteOffsets(stacks, waits, byType)) byType.set(key, offset);
  return {
    of(wait) {
      if (wait.type === '') return -1;
      return bySite.get(`${wait.kind} ${funcOf(wait)}`) ?? byType.get(`${wait.kind} ${wait.type}`) ?? -1;
    },
    baseOf: ({ kind, type }, pointer) => bases.get(`${kind} ${type} ${pointer}`) ?? -1,
    isOwner: (type, pointer) => owners.has(`${type} ${pointer}`),
  };
}

/** Keeps a value that is the same each time; -1 otherwise. */
function learn(map: Map<string, number>, key: string, value: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, value);
  else if (known !== value) map.set(key, -1);
}

/** Distances tried at most. */
const MOST = 1e6;

/**
 * Offsets of types none of whose waiters has a readable receiver: other methods of the type have, and the distance from an object to a lock
 * that fits most locks is it.
 */
function voteOffsets(stacks: Stacks, waits: readonly Wait[], known: ReadonlyMap<string, number>): Map<string, number> {
  const { dump } = stacks;
  const { goroutines, stack } = dump;
  const locks = new Map<string, Map<WaitKind, Set<number>>>();
  for (const { type, base, kind } of waits) {
    if (type === '' || base < 0 || known.has(`${kind} ${type}`)) continue;
    const byKind = locks.get(type) ?? new Map<WaitKind, Set<number>>();
    locks.set(type, byKind);
    byKind.set(kind, (byKind.get(kind) ?? new Set()).add(base));
  }
  const result = new Map<string, number>();
  if (locks.size === 0) return result;
  const pointers = new Map<string, Set<number>>();
  for (let e = goroutines.stackStart[0]; e < goroutines.stackStart[goroutines.count]; e++) {
    const name = stacks.nameOf(stack[e]);
    if (!hasReceiver(name) || !locks.has(name.type)) continue;
    const word = receiverOf(wordsOf(dump, e));
    if (word?.isExact) pointers.set(name.type, (pointers.get(name.type) ?? new Set()).add(word.value));
  }
  for (const [type, byKind] of locks)
    for (const [kind, bases] of byKind) {
      const votes = new Map<number, number>();
      if (bases.size * (pointers.get(type)?.size ?? 0) > MOST) continue;
      for (const pointer of pointers.get(type) ?? [])
        for (const base of bases) {
          const offset = base - pointer;
          if (offset >= 0 && offset < OBJECT) votes.set(offset, (votes.get(offset) ?? 0) + 1);
        }
      const [best, second] = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      if (best !== undefined && (best[1] > (second?.[1] ?? 0) || best[0] < 256)) result.set(`${kind} ${type}`, best[0]);
    }
  return result;
}
