// What keeps memory, what grows, what allocates, from heap profiles.

import { bytes, bytesPerSecond, count, ratio, type Severity, said, seconds } from '../../model/finding.js';
import { partOf, shareOf, type Work, type WorkFunction } from '../../model/work.js';
import { shortName } from '../names.js';
import { rule } from '../rule.js';
import { cpuCores } from './cpuRules.js';
import type { Facts, HeapFacts } from './facts.js';
import { atPlace, lineOf, regexpOf } from './words.js';

const diagnose = rule<Facts>();

const MIB = 2 ** 20;

interface Growth {
  readonly row: WorkFunction;
  readonly grown: number;
  readonly allocated: number;
}

/** By function: what it keeps more, and what it allocated meanwhile. */
function growths({ inuse, alloc, before }: HeapFacts): Growth[] {
  if (before === undefined) return [];
  const of = (work: Work) => new Map(work.functions.map(({ name, charged }) => [name, charged]));
  const [now, oldInuse, oldAlloc, newAlloc] = [inuse, before.inuse, before.alloc, alloc].map(of);
  // Who churns keeps nothing.
  const rows = [...inuse.functions, ...alloc.functions.filter(({ name }) => !now.has(name))];
  return rows
    .map((row) => ({
      row,
      grown: Number((now.get(row.name) ?? 0n) - (oldInuse.get(row.name) ?? 0n)),
      allocated: Number((newAlloc.get(row.name) ?? 0n) - (oldAlloc.get(row.name) ?? 0n)),
    }))
    .sort((a, b) => b.grown - a.grown);
}

/** What more than so many times of what was allocated meanwhile has grown, grew before. */
const LAG = 1.5;

const secondsBetween = ({ before, timeNanos }: HeapFacts) =>
  before === undefined ? 0 : Number(timeNanos - before.timeNanos) / 1e9;

/** The memory statistics, which do not lag, know that what lives did not grow so: the profile is late with what is old. */
const isDenied = ({ live }: HeapFacts, grown: number) =>
  live !== undefined && live.after - live.before < grown * SEEN_SHARE;
const SEEN_SHARE = 0.3;

export const heapGrowth = diagnose({
  name: 'heap-growth',
  looksAt: 'two heap profiles of one process, some seconds apart',
  says: '{function} keeps {grown} more than {time} before: {rate}',
  limits: {
    least: bytes(4 * MIB),
    small: bytes(MIB),
    kept: ratio(0.5),
    share: ratio(0.03),
    critical: ratio(0.5),
    young: seconds(10),
  },
  why: 'a leak keeps what it allocates: at least {kept} of it, {least} (eight samples of the profile) and {share} of the heap in this time; work in flight keeps little of it. The memory statistics must not say otherwise. {small} is enough where the memory statistics say that {least} and a quarter more live than before, since the profile lags. Where the heap grows by {critical} in this time it is critical, unless the program is younger than {young} (own thresholds)',
  means:
    'It may be a cache that fills, or a leak: see what refers to the objects, what should drop them, and look again in some minutes.',
  next: [
    'tspprof top -diff_base={heapBefore} -sample_index=inuse_space {heap}',
    'tspprof peek -sample_index=inuse_space {regexp} {heap}',
  ],
  *find({ heap, uptimeSeconds, isUptimeExact }, limits) {
    if (heap?.before === undefined) return;
    const time = secondsBetween(heap);
    const total = Number(heap.inuse.total - heap.before.inuse.total);
    // A profile shows what lived two collections ago: what grew must have been allocated since.
    const possible = heap.allocatedBetween ?? Number.POSITIVE_INFINITY;
    const { live } = heap;
    const isLagging = live !== undefined && live.after - live.before >= Math.max(limits.least, live.before / 4);
    const least = isLagging ? limits.small : limits.least;
    if (time < 1 || total < least || isDenied(heap, total)) return;
    for (const { row, grown, allocated } of growths(heap)) {
      if (grown < least || grown > possible * LAG) break;
      if (grown < allocated * limits.kept || grown < Number(heap.inuse.total) * limits.share) continue;
      if (grown < limits.least && grown < total / 2) continue;
      const isYoung = isUptimeExact && uptimeSeconds !== undefined && uptimeSeconds < limits.young;
      yield {
        severity:
          !isYoung && total >= Number(heap.before.inuse.total) * limits.critical && total > 256 * MIB
            ? 'critical'
            : 'warning',
        weight: grown / time / MIB,
        values: {
          ...{
            function: shortName(row.name),
            grown: bytes(grown),
            time: seconds(time),
            rate: bytesPerSecond(grown / time),
          },
          regexp: regexpOf(row.name),
        },
        place: lineOf(row),
        evidence: [
          said('it keeps {now} at {place}, {share} of the heap', {
            ...{
              now: bytes(row.charged),
              place: atPlace(lineOf(row)),
              share: ratio(shareOf(row.charged, heap.inuse.total)),
            },
          }),
          said('it allocated {allocated} meanwhile, and kept {kept} of that', {
            allocated: bytes(allocated),
            kept: ratio(allocated > 0 ? Math.min(1, grown / allocated) : 1),
          }),
          ...(isLagging
            ? [
                said('the memory statistics say that {after} live, and {before} before', {
                  ...{ after: bytes(live.after), before: bytes(live.before) },
                }),
              ]
            : []),
          said('the heap profile has {after}, and had {before}', {
            after: bytes(heap.inuse.total),
            before: bytes(heap.before.inuse.total),
          }),
          ...(isYoung
            ? [said('the program has run for {age} only: caches fill then', { age: seconds(uptimeSeconds) })]
            : []),
        ],
      };
    }
  },
});

export const heapKept = diagnose({
  name: 'heap-kept',
  looksAt: 'two heap profiles between which collections were too rare to show growth, and memory statistics',
  says: '{function} keeps {kept} of all that it has ever allocated: {size}, and the program goes on allocating',
  limits: { kept: ratio(0.8), share: ratio(0.5), size: bytes(32 * MIB), rate: bytesPerSecond(MIB), old: seconds(60) },
  why: 'a heap profile is of the last collections, so that two of them a few seconds apart may be the same, or be minutes apart in truth. A function that keeps {kept} of what it ever allocated, {share} of the heap and at least {size}, while what the program allocates now, in the quietest moment, is {rate} or more by the share that it always had, may be a leak; a program that is younger than {old} fills its caches, which is a note (own thresholds)',
  means:
    'It may be a leak: how fast it grows is seen by two heap profiles that are minutes apart, or that run a collection first.',
  next: ['tspprof collect -gc {target}', 'tspprof peek -sample_index=inuse_space {regexp} {heap}'],
  *find({ heap, uptimeSeconds }, limits) {
    if (heap?.before === undefined || heap.allocatedBetween === undefined) return;
    if (heap.steadyRate === undefined || uptimeSeconds === undefined) return;
    const grown = Number(heap.inuse.total - heap.before.inuse.total);
    if (grown !== 0 && grown <= heap.allocatedBetween * LAG) return;
    const row = heap.inuse.functions[0];
    const allocated = heap.alloc.functions.find(({ name }) => name === row?.name)?.charged ?? 0n;
    if (row === undefined || Number(row.charged) < limits.size || shareOf(row.charged, heap.inuse.total) < limits.share)
      return;
    const kept = shareOf(row.charged, allocated);
    const rate = heap.steadyRate * shareOf(allocated, heap.alloc.total);
    if (kept < limits.kept || rate < limits.rate || isDenied(heap, rate * secondsBetween(heap))) return;
    yield {
      severity: uptimeSeconds >= limits.old ? 'warning' : 'note',
      weight: rate / MIB,
      values: {
        ...{ function: shortName(row.name), kept: ratio(Math.min(1, kept)), size: bytes(row.charged) },
        regexp: regexpOf(row.name),
      },
      place: lineOf(row),
      evidence: [
        said('at {place}; the program allocates {rate} now, {share} of all so far was in this function', {
          ...{ place: atPlace(lineOf(row)), share: ratio(shareOf(allocated, heap.alloc.total)) },
          rate: bytesPerSecond(heap.steadyRate),
        }),
      ],
    };
  },
});

export const heapKeeper = diagnose({
  name: 'heap-keeper',
  looksAt: 'a heap profile',
  says: '{function} keeps {share} of the heap: {size}',
  limits: { share: ratio(0.5), size: bytes(64 * MIB) },
  why: 'one function with {share} of a heap of at least {size} (own thresholds)',
  means: 'It is what to look at if memory is short; it is no fault by itself.',
  next: ['tspprof peek -sample_index=inuse_space {regexp} {heap}', 'tspprof web -sample_index=inuse_space {heap}'],
  *find({ heap }, limits) {
    const row = heap?.inuse.functions[0];
    if (heap === undefined || row === undefined || Number(heap.inuse.total) < limits.size) return;
    const share = shareOf(row.charged, heap.inuse.total);
    if (share < limits.share) return;
    yield {
      severity: 'note',
      weight: share,
      values: {
        function: shortName(row.name),
        share: ratio(share),
        size: bytes(row.charged),
        regexp: regexpOf(row.name),
      },
      place: lineOf(row),
      evidence: [
        said('at {place}; the whole heap has {total}', { place: atPlace(lineOf(row)), total: bytes(heap.inuse.total) }),
      ],
    };
  },
});

export const allocChurn = diagnose({
  name: 'alloc-churn',
  looksAt:
    'two heap profiles of one process, or a profile of allocations and the time since the start; the CPU profile',
  says: '{function} allocates {rate}, {share} of all that is allocated',
  limits: { rate: bytesPerSecond(50 * MIB), share: ratio(0.3), gc: ratio(0.15) },
  why: 'from {rate} in one function with {share} of all allocations on it is what fills the heap; a note, and a warning where garbage collection takes {gc} of the CPU time as well and half of it is this function (own thresholds)',
  means: 'Reuse buffers, allocate once outside of the loop, or return values instead of pointers.',
  next: [
    'tspprof peek -sample_index=alloc_space {regexp} {allocs}',
    'tspprof list -sample_index=alloc_space {regexp} {allocs}',
  ],
  *find({ heap, uptimeSeconds, isUptimeExact, cpu }, limits) {
    if (heap === undefined) return;
    const isBetween = heap.before !== undefined && secondsBetween(heap) >= 1;
    const time = isBetween ? secondsBetween(heap) : isUptimeExact ? uptimeSeconds : undefined;
    if (time === undefined || time < 1) return;
    const rows = isBetween
      ? growths(heap)
      : heap.alloc.functions.map((row) => ({ row, allocated: Number(row.charged) }));
    const total =
      isBetween && heap.before !== undefined
        ? Number(heap.alloc.total - heap.before.alloc.total)
        : Number(heap.alloc.total);
    const [most] = [...rows].sort((a, b) => b.allocated - a.allocated);
    if (most === undefined || total <= 0) return;
    const { row, allocated } = most;
    const share = allocated / total;
    if (allocated / time < limits.rate || share < limits.share) return;
    const gc = cpu === undefined || cpuCores(cpu) < 0.25 ? 0 : shareOf(partOf(cpu.kinds, 'gc'), cpu.total);
    const severity: Severity = gc >= limits.gc && share >= 0.5 ? 'warning' : 'note';
    yield {
      severity,
      weight: allocated / time / limits.rate / 100,
      values: {
        function: shortName(row.name),
        rate: bytesPerSecond(allocated / time),
        share: ratio(share),
        regexp: regexpOf(row.name),
      },
      place: lineOf(row),
      evidence: [
        said('{allocated} in {time}, at {place}', {
          allocated: bytes(allocated),
          time: seconds(time),
          place: atPlace(lineOf(row)),
        }),
        ...(gc > 0 ? [said('garbage collection takes {gc} of the CPU time', { gc: ratio(gc) })] : []),
      ],
    };
  },
});

export const heapDisagrees = diagnose({
  name: 'heap-disagrees',
  looksAt: 'a heap profile, and the memory statistics of the same time',
  says: 'the heap profile has {profiled}, the memory statistics {stated}: they are of different moments or programs',
  limits: { factor: count(3), least: bytes(64 * MIB) },
  why: 'the profile is of the last collections and sampled, so that the two differ somewhat; by a factor of {factor} and more than {least} they do not (own thresholds)',
  means: 'Do not compare what the two say; take both again at one time.',
  next: ['tspprof vars {vars}'],
  *find({ heap, heapAlloc }, limits) {
    if (heap === undefined || heapAlloc === undefined) return;
    const profiled = Number(heap.inuse.total);
    const [less, more] = profiled < heapAlloc ? [profiled, heapAlloc] : [heapAlloc, profiled];
    // What was allocated since the last collection is in one and not in the other.
    if (profiled < heapAlloc || more < less * limits.factor || more - less < limits.least) return;
    yield { severity: 'note', weight: 0, values: { profiled: bytes(profiled), stated: bytes(heapAlloc) } };
  },
});
