// Goroutines that stay: hung ones, growth, crowds; and why the program ended, where a dump says so. Leaks: leakRules.ts.

import { count, minutes, perSecond, ratio, type Severity, said } from '../../model/finding.js';
import { shortName } from '../names.js';
import { rule } from '../rule.js';
import { type Facts, isRunnable, placeOf } from './facts.js';
import { movesAt, placeHit } from './placeHits.js';
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
          ...(dump.first === undefined
            ? {}
            : { place: dump.first, evidence: [said('in {place}', { place: atPlace(dump.first) })] }),
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
      if (place.state === 'running' || isRunnable(place.state)) continue;
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
          ...(idle === '' ? [] : [said('a rule calls them idle: {idle}', { idle })]),
          ...(place.createdBy === '' ? [] : [said('started by {by}', { by: shortName(place.createdBy) })]),
          ...(dump.seconds === undefined || dump.seconds <= 0
            ? []
            : [said('{rate} more', { rate: perSecond(growth / dump.seconds) })]),
          ...(gone > 0 ? [said('{gone|has|have} ended meanwhile', { gone: count(gone) })] : []),
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
      if (movesAt(dump, row)) continue;
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
