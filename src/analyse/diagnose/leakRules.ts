// Goroutines that are left behind: senders and receivers without another side. One dump gives a suspicion, two tell a leak from a queue,
// and only the garbage collector has a proof.

import type { LeakRow, StuckRow } from '../../model/blocked.js';
import { count, type FindingPlace, minutes, said } from '../../model/finding.js';
import { shortName } from '../names.js';
import { type Hit, rule } from '../rule.js';
import { type DumpFacts, type Facts, placeOf } from './facts.js';
import { longestAt, moves, movesAt, placeHit, placeKey, placesAt } from './placeHits.js';
import { byPlace, longestWait } from './stuckPlaces.js';
import { atPlace, regexpOf } from './words.js';

export const goroutineLeak = rule<Facts>()({
  name: 'goroutine-leak',
  looksAt: 'a dump of the goroutines with their stacks; two tell a leak from a queue',
  says: '{n|goroutine may be|goroutines may be} left behind in {where}: {why}',
  limits: { few: count(5), young: count(10), crowd: count(30) },
  why: 'a sender that has waited for a minute has no receiver, or a very slow one; (leaked) of Go 1.26 is a proof. Fewer than {few} without a proof are a note; so are receivers whose starters are gone, which may wait for an end that comes; senders of a channel that lets others of the same function through, as a semaphore does; and {young} senders that have waited for less than a minute ({crowd} whose starters live), unless they become more',
  means:
    'Each keeps its stack and all that it refers to, and their number grows with each call that leaves one. Give the channel room for every sender, close it, or select on a context as well.',
  next: ['tspprof stacks -function={regexp} {dump}'],
  *find({ dump }, limits) {
    if (dump === undefined) return;
    yield* youngSenders(dump, limits);
    const below = placesBelow(dump);
    /** Others are in the same function, past the place: it lets through, as a semaphore does. */
    const isPassed = (at: FindingPlace) => {
      const places = below.get(at.function);
      return places !== undefined && places.size > (places.has(placeKey(at)) ? 1 : 0);
    };
    for (const rows of stuckSenders(dump)) {
      const [row] = rows;
      const [place] = placesAt(dump, row);
      if (place === undefined || movesAt(dump, row)) continue;
      yield placeHit(
        rows.length >= limits.few && !isPassed(row) ? 'warning' : 'note',
        { ...place, count: rows.length },
        { why: 'they send to a channel, and nobody has received for a minute', regexp: regexpOf(row.function) },
        [said('the longest has waited for {wait}', { wait: minutes(longestWait(rows)) })],
      );
    }
    for (const leak of dump.blocked.leaks) {
      if (leak.kind !== 'proved' && movesAt(dump, leak)) continue;
      const longest = longestAt(dump, leak);
      const before = placesAt(dump, leak).reduce((sum, place) => sum + (place.before ?? 0), 0);
      const n = leak.goroutines.length;
      // Whoever waits to receive may wait for a signal that comes at the end, and a semaphore is a channel, too.
      const isFault = leak.kind === 'sender' && n >= limits.few && !isPassed(leak);
      yield {
        severity: leak.kind === 'proved' || isFault ? 'warning' : 'note',
        weight: n,
        values: {
          ...{ n: count(n), where: atPlace(leak), why: LEAK_WORDS[leak.kind] },
          regexp: regexpOf(leak.function),
        },
        place: placeOf(leak),
        evidence: [
          ...(leak.createdBy === '' ? [] : [said('started by {by}', { by: shortName(leak.createdBy) })]),
          ...(leak.creatorGone > 0
            ? [said('the goroutines that started {gone} of them have ended', { gone: count(leak.creatorGone) })]
            : []),
          ...(longest === 0 ? [] : [said('the longest has waited for {wait}', { wait: minutes(longest) })]),
          ...(dump.before === undefined
            ? []
            : [said('there were {before} at the first look', { before: count(before) })]),
        ],
      };
    }
  },
});

/** Function → the places whose stacks it is on. */
function placesBelow({ places }: DumpFacts): Map<string, Set<string>> {
  const below = new Map<string, Set<string>>();
  for (const place of places)
    for (const name of place.functions) {
      const known = below.get(name);
      if (known === undefined) below.set(name, new Set([placeKey(place)]));
      else known.add(placeKey(place));
    }
  return below;
}

/** Senders that hang, though nobody knows that their starters are gone, by place. */
function stuckSenders({ blocked }: DumpFacts): StuckRow[][] {
  const leaked = new Set(blocked.leaks.flatMap(({ goroutines }) => goroutines));
  return byPlace(blocked.stuckGoroutines.filter(({ why, goroutine }) => why === 'sender' && !leaked.has(goroutine)));
}

/** Senders since less than a minute, whose starters are gone: a leak that has just begun, or a crowd. */
function* youngSenders(dump: DumpFacts, limits: { young: number; crowd: number }): Generator<Hit> {
  const rows = [...dump.blocked.leaks, ...stuckSenders(dump).flat()];
  const told = new Set(rows.map(placeKey));
  for (const place of dump.places) {
    const { count: n, orphans, before, ended } = place;
    if (!/^chan send/.test(place.state) || place.idle !== '' || told.has(placeKey(place))) continue;
    const isLeft = orphans >= n * 0.8;
    if (n < (isLeft ? limits.young : limits.crowd) || moves(place)) continue;
    const stays =
      isLeft && before !== undefined && before >= limits.young / 2 && ended === 0 && (place.arrived ?? 0) > 0;
    yield placeHit(
      stays ? 'warning' : 'note',
      place,
      {
        why: isLeft ? LEAK_WORDS.sender : 'they wait to send to a channel, and nobody receives',
        regexp: regexpOf(place.function),
      },
      [
        ...(place.createdBy === '' ? [] : [said('started by {by}', { by: shortName(place.createdBy) })]),
        isLeft
          ? said('the goroutines that started {gone} of them have ended; none has waited for a minute yet', {
              gone: count(orphans),
            })
          : said('none has waited for a minute yet: it may be a queue'),
        ...(stays ? [said('the {before} of the first look are all still there', { before: count(before) })] : []),
      ],
    );
  }
}

const LEAK_WORDS: Readonly<Record<LeakRow['kind'], string>> = {
  proved: 'the garbage collector has proved that nothing can wake them',
  sender: 'they send to a channel, and nobody receives',
  receiver: 'they receive from a channel, and whoever started them is gone',
};
