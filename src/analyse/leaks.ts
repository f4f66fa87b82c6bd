// Goroutines that will stay: they wait for a channel, and whoever started them is gone, so that nobody is left who would
// send, receive or close. One dump gives a suspicion; `(leaked)` of Go 1.26 is a proof, and so is growth over several dumps.

import { LEAKED } from '../model/dump.js';
import type { Groups } from './groups.js';
import type { Stacks } from './stacks.js';
import type { Wait } from './waits.js';

export interface Leak {
  /** Rows, all with the same stack. */
  readonly goroutines: readonly number[];
  readonly kind: 'proved' | 'sender' | 'receiver';
  /** Of how many the starter is gone; the others' is not known. */
  readonly creatorGone: number;
}

/** Fewer receivers with the same stack are no sign. */
const FEW_RECEIVERS = 5;

/** Most goroutines first. */
export function findLeaks(stacks: Stacks, groups: Groups, waits: ReadonlyMap<number, Wait>, idle: Int16Array): Leak[] {
  const { goroutines } = stacks.dump;
  const members = new Map<number, number[]>();
  for (let g = 0; g < goroutines.count; g++) {
    const isProved = (goroutines.flags[g] & LEAKED) !== 0;
    const kind = waits.get(g)?.kind;
    const isSuspect = kind === 'channel' && goroutines.waitMinutes[g] > 0 && idle[g] < 0 && isOrphan(stacks, g);
    if (!isProved && !isSuspect) continue;
    const known = members.get(groups.of[g]);
    if (known === undefined) members.set(groups.of[g], [g]);
    else known.push(g);
  }
  const leaks: Leak[] = [];
  for (const rows of members.values()) {
    const [first] = rows;
    const isProved = (goroutines.flags[first] & LEAKED) !== 0;
    const kind = isProved ? 'proved' : waits.get(first)?.mode === 'send' ? 'sender' : 'receiver';
    if (kind === 'receiver' && rows.length < FEW_RECEIVERS) continue;
    leaks.push({ goroutines: rows, kind, creatorGone: rows.filter((g) => isOrphan(stacks, g)).length });
  }
  return leaks.sort((a, b) => b.goroutines.length - a.goroutines.length || a.goroutines[0] - b.goroutines[0]);
}

function isOrphan(stacks: Stacks, g: number): boolean {
  const creator = stacks.dump.goroutines.creator[g];
  return creator >= 0 && stacks.rowOf(creator) < 0;
}
