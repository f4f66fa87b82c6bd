// Locks in a dump: deadlocks, locks that hang, queues. What holds what is the work of analyse/holders.ts.

import type { HolderRow, LockRow, Place } from '../../model/blocked.js';
import { count, type FindingPlace, minutes, type Said, said } from '../../model/finding.js';
import { shortName } from '../names.js';
import { type Hit, rule } from '../rule.js';
import { type DumpFacts, type Facts, placeOf } from './facts.js';
import { atPlace } from './words.js';

const diagnose = rule<Facts>();

const NO_PROOF = 'no stack in the dump shows who holds it: the holder may have returned without Unlock';

/** Waited for as long as the work takes, so that a wait says nothing. */
const isWork = ({ kind }: LockRow) => kind === 'waitgroup' || kind === 'cond' || kind === 'channel';

export const deadlock = diagnose({
  name: 'deadlock',
  looksAt: 'a dump of the goroutines with their stacks',
  says: '{n|goroutine waits|goroutines wait} for each other in a deadlock: {where}',
  limits: {},
  why: 'each waits for a lock that the next one holds; certainty of the holders is that of tspprof stacks. A ring that a WaitGroup closes counts from a minute on: a tree of workers looks the same for moments',
  means:
    'They will wait for ever, and so will all that need those locks. Take the locks in the same order everywhere, give one up before taking the other, and read-lock no RWMutex again that the goroutine has read-locked (a writer in between waits for the first and holds up the second). Until then only a restart helps.',
  next: ['tspprof stacks -blocked {dump}'],
  *find({ dump }) {
    if (dump === undefined) return;
    const { cycles, locks } = dump.blocked;
    for (const cycle of cycles) {
      const ring = new Set(cycle);
      const links = cycle.map(
        (id) =>
          locks.find((lock) => lock.waiters.includes(id) && lock.holders.some((h) => ring.has(h.goroutine))) ??
          locks.find((lock) => lock.waiters.includes(id)),
      );
      if (links.some((lock) => lock !== undefined && isWork(lock) && lock.isYoung)) continue;
      const behind = new Set(
        locks
          .filter(
            (lock) =>
              !isWork(lock) &&
              lock.holders.some(({ goroutine, certainty }) => ring.has(goroutine) && certainty !== 'possible'),
          )
          .flatMap(({ waiters }) => waiters)
          .filter((id) => !ring.has(id)),
      );
      const places = cycle.map((id, i) => waitsIn(dump, id) ?? links[i]?.waitsAt[0]);
      const [first] = places;
      yield {
        severity: 'critical',
        weight: 1 + behind.size,
        ...(cycle.length === 1 ? { says: 'a goroutine waits for a lock that it holds itself: {where}' } : {}),
        values: {
          n: count(cycle.length),
          where: places
            .map((place) => (place === undefined ? '?' : shortName(place.function)))
            .filter((name, i, all) => all.indexOf(name) === i)
            .slice(0, 4)
            .join(', '),
        },
        place: first && placeOf(first),
        evidence: [
          ...cycle.slice(0, 6).map((id, i) => waitWords(id, places[i], links[i], nextOf(links[i], cycle, i))),
          ...(behind.size > 0
            ? [said('{n|more goroutine waits|more goroutines wait} for these locks', { n: count(behind.size) })]
            : []),
        ],
      };
    }
  },
});

const waitsIn = ({ blocked }: DumpFacts, id: number): Place | undefined =>
  blocked.stuckGoroutines.find(({ goroutine }) => goroutine === id);

/** Whom a member of a ring waits for: where rings share members, it need not be the one beside it. */
function nextOf(lock: LockRow | undefined, ring: readonly number[], i: number): number {
  const beside = ring[(i + 1) % ring.length];
  if (lock?.waiters.includes(beside) || lock?.holders.some(({ goroutine }) => goroutine === beside)) return beside;
  return lock?.holders.find(({ goroutine }) => ring.includes(goroutine))?.goroutine ?? beside;
}

function waitWords(id: number, place: Place | undefined, lock: LockRow | undefined, next: number): Said {
  const holder = lock?.holders.find(({ goroutine }) => goroutine === next);
  // A writer that waits holds up the readers that come after it.
  const isBehind = holder === undefined && id !== next && lock?.waiters.includes(next) === true;
  const waits = lock === undefined || lock.longestMinutes === 0 ? 'waits' : 'has waited for {wait}';
  const whose = isBehind ? 'behind goroutine {next}, which waits for it, too' : 'held by goroutine {next}';
  return said(`goroutine {id} ${waits} in {place} for the {lock}, ${whose}{why}`, {
    ...{ id: String(id), next: String(next), lock: lock?.name ?? 'lock', wait: minutes(lock?.longestMinutes ?? 0) },
    place: place === undefined ? '?' : atPlace(place),
    why: holder === undefined ? '' : ` (${holder.certainty}: ${holder.reasons[0] ?? ''})`,
  });
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
    const inCycle = new Set(dump.blocked.cycles.flat());
    for (const lock of dump.blocked.locks) {
      if (lock.isYoung || isWork(lock)) continue;
      // What waits for a deadlock is told with it.
      if (lock.waiters.some((id) => inCycle.has(id)) || lock.holders.some((h) => inCycle.has(h.goroutine))) continue;
      yield lockHit(lock, lock.waiters.length >= limits.many ? 'critical' : 'warning');
    }
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
    for (const lock of dump?.blocked.locks ?? [])
      if (lock.isYoung && !isWork(lock) && lock.waiters.length >= limits.queue)
        if (
          !dump?.blocked.cycles
            .flat()
            .some((id) => lock.waiters.includes(id) || lock.holders.some((h) => h.goroutine === id))
        )
          yield lockHit(lock, lock.waiters.length >= limits.pile ? 'warning' : 'note');
  },
});

function lockHit(lock: LockRow, severity: Hit['severity']): Hit {
  const { name, waiters, longestMinutes, waitsAt, holders } = lock;
  const [best] = holders;
  const sure = best !== undefined && best.certainty !== 'possible' ? best : undefined;
  const where: FindingPlace | undefined = sure ?? waitsAt[0];
  return {
    severity,
    weight: waiters.length * (longestMinutes + 1),
    values: {
      ...{ n: count(waiters.length), lock: name, wait: minutes(longestMinutes) },
      where: waitsAt[0] === undefined ? '?' : atPlace(waitsAt[0]),
    },
    place: where && placeOf(where),
    evidence:
      best === undefined
        ? [said(NO_PROOF)]
        : [
            holderWords(best),
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
