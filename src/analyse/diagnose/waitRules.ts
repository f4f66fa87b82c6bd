// What goroutines wait for outside of the program: disks, peers, pools, threads, processors.

import type { StuckRow } from '../../model/blocked.js';
import { cores, count, minutes, ratio, type Said, said } from '../../model/finding.js';
import { type Hit, rule } from '../rule.js';
import type { StuckReason } from '../stuck.js';
import { cpuCores } from './cpuRules.js';
import { type DumpFacts, type Facts, isRunnable, type PlaceFacts, placeOf } from './facts.js';
import { groupBy } from './groupBy.js';
import { longestAt, movesAt, placeHit, placeKey, placesAt } from './placeHits.js';
import { longestWait, stuckPlaces } from './stuckPlaces.js';
import { atPlace } from './words.js';

const diagnose = rule<Facts>();

/** Goroutines that hang for one of the reasons of analyse/stuck.ts. */
function* stuckHits(dump: DumpFacts | undefined, why: StuckReason, critical: number): Generator<Hit> {
  for (const rows of stuckPlaces(dump, why)) {
    const [row] = rows;
    yield {
      severity: rows.length >= critical ? 'critical' : 'warning',
      weight: rows.length,
      values: {
        ...{ n: count(rows.length), where: atPlace(row), wait: minutes(longestWait(rows)) },
        id: { argument: String(row.goroutine) },
      },
      place: placeOf(row),
      evidence: forWhom(rows),
    };
  }
}

/** What it is about: libraries do not know whom they work for. */
function forWhom(rows: readonly StuckRow[]): Said[] {
  const places = groupBy(rows, (row) => atPlace(row.program ?? row));
  return [...places]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, 3)
    .map(([place, [row, ...others]]) =>
      said(
        row.program === null
          ? 'goroutine {id}{more}: {state} in {place}'
          : 'goroutine {id}{more}: {state}, for {place}',
        {
          ...{ id: String(row.goroutine), state: row.state, place },
          more: others.length > 0 ? ` and ${others.length} more` : '',
        },
      ),
    );
}

export const slowDisk = diagnose({
  name: 'slow-disk',
  looksAt: 'a dump of the goroutines with waits of a minute and more',
  says: '{n|goroutine has|goroutines have} waited for a file or disk for {wait} in {where}',
  limits: { critical: count(10) },
  why: 'opening, syncing, renaming or locking a file takes moments; a minute is a sick disk, a network file system, a file lock of another program, or a named pipe that nobody opens on the other side. {critical} of them are critical (own threshold)',
  means:
    'Look at the disk (dmesg, iostat -x 1, df), at network file systems, at who holds a lock on the file (lsof, flock), and whether it is a named pipe without another side.',
  next: ['tspprof stacks -id={id} {dump}', 'tspprof stacks -state=syscall -longer=1m {dump}'],
  find: ({ dump }, limits) => stuckHits(dump, 'disk', limits.critical),
});

export const slowPeer = diagnose({
  name: 'slow-peer',
  looksAt: 'a dump of the goroutines with waits of a minute and more',
  says: '{n|goroutine has|goroutines have} waited for {wait} for a peer that does not read or does not answer, in {where}',
  limits: { critical: count(1000) },
  why: 'a write of a minute has no reader on the other side, or no network; {critical} of them are critical (own threshold)',
  means:
    'Whoever is on the other side has stopped: a client that was paused, a pipe that nobody reads, a network that drops packets. Set write deadlines, and look at the other side.',
  next: ['tspprof stacks -id={id} {dump}', 'tspprof stacks -state=IO -longer=1m {dump}'],
  find: ({ dump }, limits) => stuckHits(dump, 'peer', limits.critical),
});

export const connectionPool = diagnose({
  name: 'connection-pool',
  looksAt: 'a dump of the goroutines with waits of a minute and more',
  says: '{n|goroutine has|goroutines have} waited for {wait} for a connection of a pool, in {where}',
  limits: { critical: count(100) },
  why: 'a pool that gives nothing for a minute is used up; {critical} waiters are critical (own threshold)',
  means:
    'All connections are in use or were never given back (rows that are not closed, transactions that do not end). Close them, or allow more.',
  next: ['tspprof stacks -id={id} {dump}', 'tspprof stacks -longer=1m {dump}'],
  find: ({ dump }, limits) => stuckHits(dump, 'connection-pool', limits.critical),
});

/** For another goroutine of the program; a select has other ways out. */
const waitsForOthers = (state: string) => /^(chan receive$|semacquire|sync\.)/.test(state);

export const requestsWait = diagnose({
  name: 'requests-wait',
  looksAt: 'a dump of the goroutines with waits of a minute and more',
  says: '{n} requests of net/http have waited for other goroutines for up to {wait} in {where}',
  limits: { note: count(3) },
  why: 'a request that waits for a minute without a select waits longer than most clients do; {note} in one place are worth a note (own threshold). Long polling and event streams do so on purpose, so that it is no more than a note',
  means: 'Whoever is to wake them does not, or takes long. Wait in a select with the context of the request.',
  next: ['tspprof stacks -longer=1m {dump}'],
  *find({ dump }, limits) {
    if (dump === undefined) return;
    const told = new Set([...dump.blocked.stuckGoroutines, ...dump.blocked.leaks].map(placeKey));
    for (const place of dump.places) {
      if (!place.isHandler || !waitsForOthers(place.state) || told.has(placeKey(place))) continue;
      told.add(placeKey(place));
      const n = placesAt(dump, place).reduce((sum, { count, isHandler }) => sum + (isHandler ? count : 0), 0);
      const longest = longestAt(dump, place);
      if (n < limits.note || longest < 1 || movesAt(dump, place)) continue;
      yield placeHit('note', { ...place, count: n }, { wait: minutes(longest) });
    }
  },
});

const isInSyscall = ({ state, idle }: PlaceFacts) => /^syscall/.test(state) && idle === '';

export const manyThreads = diagnose({
  name: 'many-threads',
  looksAt: 'a dump of the goroutines; the number of threads, where process.json or metrics have it',
  says: '{n} goroutines are in system calls, each with a thread of its own, most of them in {where}',
  limits: { note: count(50), warning: count(100), critical: count(5000) },
  why: 'each system call that blocks keeps a thread; Go ends a program with more than 10,000 of them (runtime/debug.SetMaxThreads). From {note} on it is worth a note, {warning} are a warning, {critical} critical (own thresholds)',
  means:
    'Limit how many do this at a time (a semaphore), or use files and sockets that the runtime polls, which need no thread.',
  next: ['tspprof stacks -state=syscall {dump}'],
  *find({ dump, threads }, limits) {
    const places = dump?.places.filter(isInSyscall) ?? [];
    const total = places.reduce((sum, place) => sum + place.count, 0);
    if (total < limits.note) return;
    const [largest] = places;
    yield {
      severity: total >= limits.critical ? 'critical' : total >= limits.warning ? 'warning' : 'note',
      weight: total,
      values: { n: count(total), where: atPlace(largest) },
      place: placeOf(largest),
      evidence: [
        said('{n} in {where}', { n: count(largest.count), where: atPlace(largest) }),
        ...(threads === undefined ? [] : [said('the process has {threads} threads', { threads: count(threads) })]),
      ],
    };
  },
});

export const cpuStarved = diagnose({
  name: 'cpu-starved',
  looksAt: 'dumps of the goroutines, and how much CPU the profile shows',
  says: '{n} goroutines could run and wait for their turn on {procs|processor|processors}; most of them in {where}',
  limits: { note: count(6), warning: count(8), busy: ratio(0.7) },
  why: 'at one moment some goroutines wait for a processor; {note} for each processor are worth a note. {warning} for each, at both looks if there are two, while the profile shows {busy} of the processors in use (if there is one), are a warning (own thresholds)',
  means:
    'There is more work than processors: everything takes longer, also what has nothing to do with it. Do less at a time (as many workers as processors), or give the program more CPUs; see what is hot first.',
  next: ['tspprof stacks -state=runnable {dump}', 'tspprof top {cpu}'],
  *find({ dump, cpu, maxProcs }, limits) {
    if (dump === undefined || maxProcs === undefined) return;
    const places = dump.places.filter(({ state }) => isRunnable(state));
    const now = places.reduce((sum, place) => sum + place.count, 0);
    const least = Math.min(now, dump.runnableBefore ?? now);
    if (now < limits.note * maxProcs) return;
    const used = cpu === undefined ? undefined : cpuCores(cpu);
    const isBusy = used === undefined || used >= limits.busy * maxProcs;
    const [largest] = places;
    yield {
      severity: least >= limits.warning * maxProcs && isBusy ? 'warning' : 'note',
      weight: now / maxProcs,
      values: { n: count(now), procs: count(maxProcs), where: atPlace(largest) },
      place: placeOf(largest),
      evidence: [
        ...(dump.runnableBefore === undefined
          ? []
          : [said('there were {n} at the first look', { n: count(dump.runnableBefore) })]),
        ...(used === undefined ? [] : [said('the CPU profile shows {used} in use', { used: cores(used) })]),
      ],
    };
  },
});
