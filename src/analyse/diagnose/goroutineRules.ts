// Goroutines that stay: hung ones, leaks, growth, crowds; and why the program ended, where a dump says so.

import type { LeakRow, StuckRow } from '../../model/blocked.js';
import { count, type FindingPlace, minutes, perSecond, ratio, type Severity, said } from '../../model/finding.js';
import { shortName } from '../names.js';
import { type Hit, rule } from '../rule.js';
import { type DumpFacts, type Facts, type PlaceFacts, placeOf } from './facts.js';
import { byPlace, longestWait } from './stuckPlaces.js';
import { atPlace, regexpOf } from './words.js';

const diagnose = rule<Facts>();

export const crash = diagnose({
  name: 'crash',
  looksAt: 'a dump that a dying program wrote',
  says: 'the program ended with a {kind}: {message}',
  limits: {},
  why: 'the text before the stacks says so',
  means: 'The first goroutine of the dump is the one that ended it; read its stack from the top.',
  next: ['tspprof stacks {dump}'],
  *find({ dump }) {
    // Who dumps itself on request is alive, and net/http goes on behind a handler that panicked.
    if (dump === undefined || dump.places.some(({ idle }) => idle === 'this-dump')) return;
    for (const { kind, message } of dump.reasons)
      if (kind === 'panic' || kind === 'fatal error' || kind === 'test timeout') {
        const isHandler = /\bpanic serving /.test(message) || dump.isOfHandler;
        yield {
          severity: isHandler ? 'note' : 'critical',
          weight: 1000,
          ...(isHandler ? { says: 'a handler of net/http panicked, and the program went on: {message}' } : {}),
          values: { kind, message: message.split('\n')[0].slice(0, 200) },
        };
      }
  },
});

export const nilChannel = diagnose({
  name: 'nil-channel',
  looksAt: 'a dump of the goroutines',
  says: '{n|goroutine waits|goroutines wait} for a nil channel in {where}: nothing can ever wake {them}',
  limits: {},
  why: 'the Go specification: communication on a nil channel blocks forever',
  means:
    'The channel was never made, or the variable was set to nil. Nobody waits this way on purpose outside of a select.',
  next: ['tspprof stacks -state=nil {dump}'],
  *find({ dump }) {
    for (const place of dump?.places ?? [])
      if (/\(nil chan\)/.test(place.state))
        yield placeHit('warning', place, { them: place.count === 1 ? 'it' : 'them' });
  },
});

/** How many of a place's goroutines of the first dump went on: a queue moves, a leak does not. */
const moves = ({ before, ended }: PlaceFacts) => before !== undefined && ended !== undefined && ended > before * 0.1;

export const goroutineLeak = diagnose({
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
    for (const rows of stuckSenders(dump)) {
      const [row] = rows;
      const place = dump.places.find((one) => one.function === row.function && one.line === row.line);
      if (place === undefined || moves(place)) continue;
      yield placeHit(
        rows.length >= limits.few && !isPassed(dump, row) ? 'warning' : 'note',
        { ...place, count: rows.length },
        { why: 'they send to a channel that nobody receives from', regexp: regexpOf(row.function) },
        [said('the longest has waited for {wait}', { wait: minutes(place.longestMinutes) })],
      );
    }
    for (const leak of dump.blocked.leaks) {
      const place = dump.places.find((row) => row.function === leak.function && row.line === leak.line);
      if (leak.kind !== 'proved' && place !== undefined && moves(place)) continue;
      const n = leak.goroutines.length;
      // Whoever waits to receive may wait for a signal that comes at the end, and a semaphore is a channel, too.
      const isFault = leak.kind === 'sender' && n >= limits.few && !isPassed(dump, leak);
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
          ...(place === undefined || place.longestMinutes === 0
            ? []
            : [said('the longest has waited for {wait}', { wait: minutes(place.longestMinutes) })]),
          ...(place?.before === undefined
            ? []
            : [said('there were {before} at the first look', { before: count(place.before) })]),
        ],
      };
    }
  },
});

/** Others are in the same function, past the place: it lets through, as a semaphore does. */
const isPassed = ({ places }: DumpFacts, at: FindingPlace) =>
  places.some(
    (place) => place.functions.has(at.function) && (place.function !== at.function || place.line !== at.line),
  );

/** Senders that hang, though nobody knows that their starters are gone, by place. */
function stuckSenders({ blocked }: DumpFacts): StuckRow[][] {
  const leaked = new Set(blocked.leaks.flatMap(({ goroutines }) => goroutines));
  return byPlace(blocked.stuckGoroutines.filter(({ why, goroutine }) => why === 'sender' && !leaked.has(goroutine)));
}

/** Senders since less than a minute, whose starters are gone: a leak that has just begun, or a crowd. */
function* youngSenders(dump: DumpFacts, limits: { young: number; crowd: number }): Generator<Hit> {
  const rows = [...dump.blocked.leaks, ...stuckSenders(dump).flat()];
  const told = new Set(rows.map(({ function: func, line }) => `${func}:${line}`));
  for (const place of dump.places) {
    const { count: n, orphans, before, ended } = place;
    if (!/^chan send/.test(place.state) || place.idle !== '' || told.has(`${place.function}:${place.line}`)) continue;
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

/** Idle rules whose goroutines come with somebody else: clients, peers. */
const CONNECTIONS = /^(accept|http-(keep-alive|background|server)|grpc|udp|yamux|quic|libp2p|sql-pool|child)/;

export const goroutineGrowth = diagnose({
  name: 'goroutine-growth',
  looksAt: 'two dumps of one process, some seconds apart',
  says: 'goroutines grow in {where}: {growth} more{rate}, {n} now; those that were there before stay',
  limits: { growth: count(20), share: ratio(0.5), ended: ratio(0.1), critical: count(100_000) },
  why: "at least {growth} were started and stay in one place, while of the earlier ones there not more than {ended} of that have ended; under load goroutines come and go (own thresholds). Where fewer stood there before than {share} of the growth it may be a burst, and connections that others open are others' business: notes. {critical} goroutines are critical",
  means:
    'Something starts goroutines that do not end. Find who starts them, and what should end them: a context, a close, a return.',
  next: ['tspprof stacks {dumpBefore} {dump}', 'tspprof stacks -function={regexp} {dump}'],
  *find({ dump }, limits) {
    for (const place of dump?.places ?? []) {
      const { before, arrived, gone, idle } = place;
      if (dump === undefined || before === undefined || arrived === undefined || gone === undefined) continue;
      const growth = arrived - gone;
      if (growth < limits.growth || gone > arrived * limits.ended) continue;
      // What has just been started, and runs, is work.
      if (/^(running|runnable|preempted)/.test(place.state)) continue;
      // A burst has nobody who was there before; a leak has left some there before.
      const isOld = before >= growth * limits.share;
      if (!isOld && dump.goroutines - (dump.before ?? 0) < growth / 2) continue;
      const isFault = isOld && !CONNECTIONS.test(idle);
      const severity: Severity = place.count >= limits.critical ? 'critical' : isFault ? 'warning' : 'note';
      yield placeHit(
        severity,
        place,
        {
          ...{ before: count(before), growth: count(growth) },
          rate: dump.seconds === undefined ? '' : ` in ${dump.seconds.toFixed(0)} s`,
          regexp: regexpOf(place.function),
        },
        [
          ...(place.createdBy === '' ? [] : [said('started by {by}', { by: shortName(place.createdBy) })]),
          ...(dump.seconds === undefined || dump.seconds <= 0
            ? []
            : [said('{rate} more', { rate: perSecond(growth / dump.seconds) })]),
          ...(gone > 0 ? [said('{gone|has|have} ended meanwhile', { gone: count(gone) })] : []),
          ...(idle === '' ? [] : [said('a rule calls them idle: {idle}', { idle })]),
          said('{now} goroutines in all, {earlier} before', {
            now: count(dump.goroutines),
            earlier: count(dump.before ?? 0),
          }),
        ],
        growth,
      );
    }
  },
});

export const manyGoroutines = diagnose({
  name: 'many-goroutines',
  looksAt: 'a dump or a profile of the goroutines',
  says: 'there are {n} goroutines, {most} of them in {where}',
  limits: { note: count(10_000), warning: count(100_000) },
  why: 'a busy kubo has some thousands; from {note} on a crowd is worth a note, from {warning} on stacks, garbage collection and dumps cost seconds (own thresholds)',
  means:
    'See whether the largest group is meant to be that large: connections, workers, or something that does not end.',
  next: ['tspprof stacks {dump}', 'tspprof top {dump}'],
  *find({ dump }, limits) {
    if (dump === undefined || dump.goroutines < limits.note) return;
    const [largest] = dump.places;
    yield {
      severity: dump.goroutines >= limits.warning ? 'warning' : 'note',
      weight: dump.goroutines / limits.warning,
      values: { n: count(dump.goroutines), most: count(largest.count), where: atPlace(largest) },
      place: placeOf(largest),
    };
  },
});

/** What other rules say of a stuck goroutine. */
const TOLD_ELSEWHERE = new Set(['nil-channel', 'peer', 'disk', 'connection-pool', 'leaked', 'sender']);

export const hung = diagnose({
  name: 'hung',
  looksAt: 'a dump of the goroutines with waits of a minute and more',
  says: '{n|goroutine hangs|goroutines hang} in {where}: {it}',
  limits: {},
  why: 'the debugging guide: look for goroutines that have been stuck for over a minute; what only waits for work is left out by the rules of tspprof stacks',
  means: 'Something that they wait for does not come. Read one of the stacks: the first function of your own is where.',
  next: ['tspprof stacks -blocked {dump}'],
  *find({ dump }) {
    if (dump === undefined) return;
    const { blocked } = dump;
    const told = new Set([
      ...blocked.cycles.flat(),
      ...blocked.leaks.flatMap(({ goroutines }) => goroutines),
      ...blocked.locks
        .filter(({ isYoung, kind }) => !isYoung && kind !== 'waitgroup' && kind !== 'channel')
        .flatMap(({ waiters, holders }) => [...waiters, ...holders.map((h) => h.goroutine)]),
    ]);
    const others = blocked.stuckGoroutines.filter(
      ({ why, goroutine }) => !TOLD_ELSEWHERE.has(why) && !told.has(goroutine),
    );
    for (const rows of byPlace(others)) {
      const [row] = rows;
      const place = dump.places.find((one) => one.function === row.function && one.line === row.line);
      if (place !== undefined && moves(place)) continue;
      const longest = longestWait(rows);
      const isWaitGroup = row.why === 'lock' && /WaitGroup/.test(row.state);
      yield {
        // main waits for its workers for as long as the program runs.
        severity: isWaitGroup ? 'note' : 'warning',
        weight: rows.length,
        values: { n: count(rows.length), where: atPlace(row), it: isWaitGroup ? WAITS_FOR_OTHERS : row.says },
        place: placeOf(row),
        evidence: [
          said('{state}, for {wait}; goroutine {id} is one of them', {
            state: row.state,
            wait: minutes(longest),
            id: String(row.goroutine),
          }),
        ],
      };
    }
  },
});

const WAITS_FOR_OTHERS = 'waits for goroutines that hang, or for a Done that nobody is left to call';

function placeHit(
  severity: Severity,
  place: PlaceFacts,
  values: Hit['values'],
  evidence: Hit['evidence'] = [],
  weight: number = place.count,
): Hit {
  const where: FindingPlace = placeOf(place);
  return {
    severity,
    weight,
    values: { n: count(place.count), where: atPlace(where), ...values },
    place: where,
    evidence,
  };
}
