// A ring: n goroutines, each waiting at the same place for another of n locks, and nothing shows who holds which. Objects
// made in a loop lie in memory in that order, and so do their locks: goroutine i waits for lock i + 1 and holds lock i.

import type { Holder } from './holders.js';
import type { Resource } from './resources.js';
import type { Wait } from './waits.js';

/** Puts the holder that this order names first, where candidates are tied. members: rows of goroutines that wait for each other. */
export function orderRing(
  members: readonly number[],
  waits: ReadonlyMap<number, Wait>,
  waitingFor: ReadonlyMap<number, Resource>,
  found: ReadonlyMap<Resource, Holder[]>,
): void {
  const count = members.length;
  const locks = [...new Set(members.map((g) => waitingFor.get(g)))].filter((lock) => lock !== undefined);
  if (count < 3 || locks.length !== count || locks.some(({ base }) => base < 0)) return;
  if (
    locks.some((lock) => (found.get(lock)?.length ?? 0) < 2 || found.get(lock)![0].score !== found.get(lock)![1].score)
  )
    return;
  locks.sort((a, b) => a.base - b.base);
  const hasObjects = members.every((g) => (waits.get(g)?.pointer ?? -1) >= 0);
  const place = (g: number) => (hasObjects ? (waits.get(g)?.pointer ?? 0) : g);
  const ring = [...members].sort((a, b) => place(a) - place(b));
  const numberOf = new Map(locks.map((lock, i) => [lock, i]));
  const shift = numberOf.get(waitingFor.get(ring[0])!) ?? 0;
  if (ring.some((g, i) => numberOf.get(waitingFor.get(g)!) !== (i + shift) % count)) return;
  // Who waits for the lock of the same number took the next one first.
  const held = shift === 0 ? 1 : 0;
  for (const [i, g] of ring.entries()) {
    const holders = found.get(locks[(i + held) % count])!;
    const holder = holders.find((candidate) => candidate.g === g);
    if (holder === undefined) continue;
    holder.score += 0.25;
    holder.reasons.push('stands at the same place among its kind as the lock among the locks');
    holders.sort((a, b) => b.score - a.score || a.g - b.g);
  }
}
