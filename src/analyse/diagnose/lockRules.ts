// Locks in a dump: those that hang, and queues. What holds what is the work of analyse/holders.ts.

import type { BlockedRows, HolderRow, LockRow } from '../../model/blocked.js';
import { count, type FindingPlace, minutes, type Said, said } from '../../model/finding.js';
import { type Hit, rule } from '../rule.js';
import { isWork } from './deadlock.js';
import { type Facts, placeOf } from './facts.js';
import { groupBy } from './groupBy.js';
import { atPlace } from './words.js';

const diagnose = rule<Facts>();

const NO_PROOF = 'no stack in the dump shows who holds it: the holder may have returned without Unlock';

/** What waits for a deadlock is told with it. */
function locksOf({ cycles, locks }: BlockedRows): LockRow[] {
  const inCycle = new Set(cycles.flat());
  return locks.filter(
    (lock) =>
      !isWork(lock) &&
      !lock.waiters.some((id) => inCycle.has(id)) &&
      !lock.holders.some(({ goroutine }) => inCycle.has(goroutine)),
  );
}

export const stuckLock = diagnose({
  name: 'stuck-lock',
  looksAt: 'a dump of the goroutines with their stacks, with waits of a minute and more',
  says: '{n|goroutine hangs|goroutines hang} for a {lock}: for {wait}, in {where}',
  limits: { many: count(50) },
  why: 'the debugging guide: locks are held for moments, so that a wait of a minute means that something is wrong; from {many} waiters on it is critical',
  means:
    'Whoever holds the lock does not let it go. Look at what the holder waits for: that is the cause, the waiters are its victims.',
  next: ['tspprof stacks -blocked {dump}'],
  *find({ dump }, limits) {
    if (dump === undefined) return;
    for (const locks of byPlace(locksOf(dump.blocked).filter(({ isYoung }) => !isYoung)))
      yield lockHit(locks, sizeOf(locks) >= limits.many ? 'critical' : 'warning');
  },
});

export const lockQueue = diagnose({
  name: 'lock-queue',
  looksAt: 'a dump of the goroutines with their stacks',
  says: '{n|goroutine waits|goroutines wait} for a {lock}, each since less than a minute, in {where}',
  limits: { queue: count(10), pile: count(200) },
  why: 'a lock that {queue} goroutines wait for at one moment is short of time (own threshold); a pile of {pile} is a warning',
  means: 'A queue at a lock is contention or the beginning of a hang: a second dump a minute later tells which.',
  next: ['tspprof stacks -blocked {dump}'],
  *find({ dump }, limits) {
    if (dump === undefined) return;
    const queues = locksOf(dump.blocked).filter(({ isYoung, waiters }) => isYoung && waiters.length >= limits.queue);
    for (const locks of byPlace(queues)) yield lockHit(locks, sizeOf(locks) >= limits.pile ? 'warning' : 'note');
  },
});

/** Each object has a lock of its own, and their faults are one. */
const byPlace = (locks: readonly LockRow[]): LockRow[][] => [
  ...groupBy(locks, ({ name, waitsAt, holders }) =>
    [name.replace(/ 0x[0-9a-f]+$/, ''), ...[waitsAt[0], holders[0]].map((at) => at && atPlace(at))].join(),
  ).values(),
];

const sizeOf = (locks: readonly LockRow[]) => locks.reduce((sum, { waiters }) => sum + waiters.length, 0);

function lockHit(locks: readonly LockRow[], severity: Hit['severity']): Hit {
  const [lock] = [...locks].sort((a, b) => b.waiters.length - a.waiters.length);
  const { name, waitsAt, holders } = lock;
  const size = sizeOf(locks);
  const longest = locks.reduce((most, { longestMinutes }) => Math.max(most, longestMinutes), 0);
  const [best] = holders;
  const sure = best !== undefined && best.certainty !== 'possible' ? best : undefined;
  const where: FindingPlace | undefined = sure ?? waitsAt[0];
  return {
    severity,
    weight: size * (longest + 1),
    values: {
      ...{ n: count(size), wait: minutes(longest) },
      lock: locks.length > 1 ? `${name} and ${locks.length - 1} like it` : name,
      where: waitsAt[0] === undefined ? '?' : atPlace(waitsAt[0]),
    },
    place: where && placeOf(where),
    evidence: [
      ...(best === undefined ? [] : [holderWords(best)]),
      ...(sure === undefined ? [said(NO_PROOF)] : []),
      ...(holders.length > 1 && sure === undefined
        ? [
            said('{n|other goroutine|other goroutines} may hold it', {
              n: count(holders.length - 1 + lock.moreHolders),
            }),
          ]
        : []),
    ],
  };
}

const HOLDS = { certain: 'holds it', likely: 'very likely holds it', possible: 'may hold it' } as const;

const holderWords = (holder: HolderRow): Said =>
  said(
    holder.waitMinutes > 0
      ? 'goroutine {id} {holds} ({why}), and is itself in {place}: {state} for {wait}'
      : 'goroutine {id} {holds} ({why}), and is in {place}: {state}',
    {
      ...{
        id: String(holder.goroutine),
        holds: HOLDS[holder.certainty],
        why: holder.reasons[0] ?? 'the only one that could',
      },
      ...{ place: atPlace(holder), state: holder.state, wait: minutes(holder.waitMinutes) },
    },
  );
