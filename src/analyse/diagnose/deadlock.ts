// Deadlocks in a dump: rings of goroutines, each of which waits for the next.

import type { LockRow, Place } from '../../model/blocked.js';
import { count, minutes, type Said, said } from '../../model/finding.js';
import { shortName } from '../names.js';
import { rule } from '../rule.js';
import { type DumpFacts, type Facts, placeOf } from './facts.js';
import { groupBy, put } from './groupBy.js';
import { atPlace } from './words.js';

/** Waited for as long as the work takes, so that a wait says nothing. */
export const isWork = ({ kind }: LockRow) => kind === 'waitgroup' || kind === 'cond' || kind === 'channel';

export const deadlock = rule<Facts>()({
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
    for (const [{ cycle, links, places, behind }, ...others] of byPlaces(ringsOf(dump))) {
      const [first] = places;
      const waiting = others.reduce((sum, ring) => sum + ring.behind, behind);
      yield {
        severity: 'critical',
        weight: 1 + others.length + waiting,
        ...(cycle.length === 1 ? { says: 'a goroutine waits for a lock that it holds itself: {where}' } : {}),
        values: { n: count(cycle.length), where: namesOf(places).slice(0, 4).join(', ') },
        place: first && placeOf(first),
        evidence: [
          ...cycle.slice(0, 6).map((id, i) => waitWords(id, places[i], links[i], nextOf(links[i], cycle, i))),
          ...(others.length > 0
            ? [said('{n|more deadlock|more deadlocks} of the same functions', { n: count(others.length) })]
            : []),
          ...(waiting > 0
            ? [said('{n|more goroutine waits|more goroutines wait} for these locks', { n: count(waiting) })]
            : []),
        ],
      };
    }
  },
});

interface Ring {
  readonly cycle: readonly number[];
  /** What each member waits for, and where. */
  readonly links: readonly (LockRow | undefined)[];
  readonly places: readonly (Place | undefined)[];
  /** How many others wait for what the members hold. */
  readonly behind: number;
}

function ringsOf({ blocked }: DumpFacts): Ring[] {
  const { cycles, locks, stuckGoroutines } = blocked;
  const waitedFor = new Map<number, LockRow[]>();
  const held = new Map<number, LockRow[]>();
  for (const lock of locks) {
    for (const id of lock.waiters) put(waitedFor, id, lock);
    if (!isWork(lock))
      for (const { goroutine, certainty } of lock.holders) if (certainty !== 'possible') put(held, goroutine, lock);
  }
  const standing = new Map<number, Place>(stuckGoroutines.map((row) => [row.goroutine, row]));
  return cycles.flatMap((cycle) => {
    const ring = new Set(cycle);
    const links = cycle.map((id) => {
      const waits = waitedFor.get(id) ?? [];
      return waits.find(({ holders }) => holders.some(({ goroutine }) => ring.has(goroutine))) ?? waits[0];
    });
    if (links.some((lock) => lock !== undefined && isWork(lock) && lock.isYoung)) return [];
    const behind = new Set<number>();
    for (const lock of new Set(cycle.flatMap((id) => held.get(id) ?? [])))
      for (const id of lock.waiters) behind.add(id);
    for (const id of cycle) behind.delete(id);
    const places = cycle.map((id, i) => standing.get(id) ?? links[i]?.waitsAt[0]);
    return [{ cycle, links, places, behind: behind.size }];
  });
}

const namesOf = (places: readonly (Place | undefined)[]) => [
  ...new Set(places.map((place) => (place === undefined ? '?' : shortName(place.function)))),
];

/** Rings of as many members in the same functions are one fault. */
const byPlaces = (rings: readonly Ring[]): Ring[][] => [
  ...groupBy(rings, ({ cycle, places }) => [cycle.length, ...namesOf(places).sort()].join(' ')).values(),
];

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
