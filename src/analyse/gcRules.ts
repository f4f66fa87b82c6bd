// Rules of the garbage collector. Limits marked † have no official number: they are ours, and each says why.

import { bytes, count, nanos, ratio, type Said, type Severity, said, seconds } from '../model/finding.js';
import { type MemoryFigures, memoryFigures } from './memory.js';
import { stepBetween } from './memorySteps.js';
import { calm, isShortOfCpus, isYoung, lastOf, newest } from './newest.js';
import { type Rule, rule } from './rule.js';
import type { VarsFacts } from './varsFacts.js';

interface Shares {
  readonly note: number;
  readonly warning: number;
  readonly critical: number;
}

const severityOf = (share: number, limits: Shares): Severity | undefined =>
  share > limits.critical ? 'critical' : share > limits.warning ? 'warning' : share > limits.note ? 'note' : undefined;

const GC_SHARES = { note: ratio(0.05), warning: ratio(0.1), critical: ratio(0.25) } as const;
const GC_WHY =
  'Background marking takes 25 % of the CPUs while a GC runs; above that, goroutines have to assist (go.dev/doc/gc-guide). {note}, {warning} and {critical} are ours.';
const LESS_GARBAGE = [
  'tspprof top -alloc_space {allocs}',
  'tspprof top -alloc_objects {allocs}',
  "tspprof top -cum -focus='runtime.gcBgMarkWorker|runtime.gcAssistAlloc' {cpu}",
];

export const GC_RULES: readonly Rule<VarsFacts>[] = [
  rule<VarsFacts>()({
    name: 'gc-cpu',
    looksAt: 'GCCPUFraction: the share of all CPU time (GOMAXPROCS × uptime) that GC took since the start',
    says: 'GC took {share} of all CPU time since the start',
    limits: GC_SHARES,
    why: GC_WHY,
    means:
      'The program makes garbage faster than is good for it. Allocate less, where the allocs profile shows most; or give GC more room: a larger GOGC or GOMEMLIMIT.',
    next: LESS_GARBAGE,
    *find(facts, limits) {
      const figures = newest(facts);
      const share = figures?.gcShare;
      const severity = share === undefined ? undefined : severityOf(share, limits);
      if (figures === undefined || share === undefined || severity === undefined) return;
      yield {
        ...{ severity: calm(severity, figures), weight: share, values: { share: ratio(share) } },
        evidence: [...busyShare(facts, figures), ...why(figures, 'share')],
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-cpu-recent',
    looksAt: 'GCCPUFraction of two samples: the share of CPU time that GC took between them',
    says: 'GC took {share} of all CPU time in the last {time}, and {average} since the start',
    limits: GC_SHARES,
    why: `An average since the start hides the present. ${GC_WHY}`,
    means: 'GC costs more now than it used to. What allocates now is in the difference of two allocs profiles.',
    next: ['tspprof top -alloc_space {recent_allocs}', ...LESS_GARBAGE],
    *find(facts, limits) {
      const { samples } = facts;
      const [first, last] = [samples[0], lastOf(facts)];
      if (samples.length < 2) return;
      const step = stepBetween(first, last);
      const figures = memoryFigures(last);
      const { gcShare: share, gcs = 0 } = step ?? {};
      if (step === undefined || share === undefined || gcs < 3 || step.seconds < 1) return;
      const severity = severityOf(share, limits);
      const average = figures.gcShare ?? 0;
      // What the average says, too, is said there.
      if (severity === undefined || severity === severityOf(average, limits) || average > share) return;
      const values = { share: ratio(share), time: seconds(step.seconds), average: ratio(average) };
      yield { severity: calm(severity, figures), weight: share, values };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-rate',
    looksAt: 'the times of the last 256 GCs',
    says: 'a GC every {interval}, on average of the last {n|GC|GCs}',
    limits: { interval: seconds(0.1), heap: bytes(8 * 1024 ** 2) },
    why: 'Less than {interval} between GCs is ours; what it costs is for gc-cpu to say.',
    means: 'By itself this is no harm. It is worth a look when GC takes much CPU.',
    next: ['tspprof top -alloc_space {allocs}'],
    *find(facts, limits) {
      const figures = newest(facts);
      const interval = figures?.pauses?.intervalSeconds;
      if (figures?.pauses === undefined || interval === undefined || interval >= limits.interval || isYoung(figures))
        return;
      const isSmall = (figures.nextGC ?? 0) <= limits.heap;
      yield {
        severity: 'note',
        weight: limits.interval / interval / 100,
        values: {
          interval: seconds(interval),
          n: count(figures.pauses.nanos.length),
          next: bytes(figures.nextGC ?? 0),
        },
        evidence: why(figures, 'rate'),
        ...(isSmall
          ? { means: 'The heap is so small ({next}) that it fills at once: a larger GOGC costs little memory.' }
          : {}),
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-forced',
    looksAt: 'NumForcedGC: calls of runtime.GC and debug.FreeOSMemory',
    says: '{forced} of {n|GC was|GCs were} forced by the program',
    limits: { share: ratio(0.1), most: ratio(0.5), few: count(5), many: count(50) },
    why: 'More than {share} and {few} is ours. Each heap?gc=1 counts, GCs that are due after 2 minutes do not.',
    means:
      'runtime.GC() and debug.FreeOSMemory() stop the caller for a whole GC: take them out, the runtime knows better.',
    next: [],
    *find(facts, limits) {
      const { forcedGC = 0, numGC = 0 } = newest(facts) ?? {};
      const share = forcedGC / numGC;
      if (!(share > limits.share) || forcedGC < limits.few) return;
      const severity = share > limits.most && forcedGC >= limits.many ? 'warning' : 'note';
      yield { severity, weight: share, values: { forced: count(forcedGC), n: count(numGC) } };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-off',
    looksAt: 'NextGC, which no heap reaches when GC is off',
    says: 'GC is off: there is no next one',
    limits: { next: bytes(2n ** 62n) },
    why: 'GOGC=off without GOMEMLIMIT sets NextGC to 2^64 - 1, or to what the default limit of 2^63 - 1 leaves: 8.95e18 with Go 1.26 (runtime, mgcpacer.go). {next} is beyond any memory.',
    means: 'The heap grows until the system ends the process. Set GOMEMLIMIT, or GOGC to a number.',
    next: ['tspprof top -inuse_space {heap}'],
    *find(facts) {
      const figures = newest(facts);
      if (figures?.isGcOff !== true) return;
      const heap = figures.heapAlloc;
      const evidence = heap === undefined ? [] : [said('the heap has {heap}', { heap: bytes(heap) })];
      yield { severity: 'warning', weight: 1, values: {}, evidence };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-limit',
    looksAt: 'what Go holds (Sys - HeapReleased) and GOMEMLIMIT, which metrics tell',
    says: 'Go holds {used}, {share} of the memory limit of {limit}',
    limits: { near: ratio(0.9), over: ratio(1), gcShare: ratio(0.05) },
    why: 'Near the limit GC runs more and more often (go.dev/doc/gc-guide, thrashing); {near} is ours. With GOGC=off this is how it is meant, as long as GC takes less than {gcShare}.',
    means: 'Raise GOMEMLIMIT (in a container to its limit less 5-10 %), or keep less in memory.',
    next: ['tspprof top -inuse_space {heap}'],
    *find(facts, limits) {
      const { goUsed, memoryLimit, gcShare = 0 } = newest(facts) ?? {};
      if (goUsed === undefined || memoryLimit === undefined || memoryLimit === 0) return;
      const share = goUsed / memoryLimit;
      if (share <= limits.near) return;
      const isMeant = lastOf(facts).gogcPercent === -1 && gcShare < limits.gcShare;
      const severity = isMeant ? 'note' : share >= limits.over ? 'critical' : 'warning';
      yield {
        severity,
        weight: share,
        values: { used: bytes(goUsed), share: ratio(share), limit: bytes(memoryLimit) },
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-pause',
    looksAt: 'the pauses of the last 256 GCs; one is the sum of those of one GC',
    says: 'GC stops the program for up to {max}; 99 % of the last {n|GC|GCs} took at most {p99}',
    limits: { p99: nanos(1e6), max: nanos(10e6), long: nanos(50e6), few: count(20) },
    why: 'Below 100 µs is usual; more than {p99} for 99 % of {few} or more, or {max} at all, is ours. It is a note unless the machine is known to have CPUs to spare and 99 % take more than {long}.',
    means:
      'Long pauses come from too few CPUs, a container that is throttled, a very large number of goroutines, or memory that is swapped out; seldom from the heap itself.',
    next: ['go tool trace {trace}'],
    *find(facts, limits) {
      const pauses = newest(facts)?.pauses;
      if (pauses === undefined) return;
      const { p50, p99, max } = pauses;
      const isMany = pauses.nanos.length >= limits.few;
      if (max <= limits.max && (!isMany || p99 <= limits.p99)) return;
      const isOwn = p99 > limits.long && isMany && !isShortOfCpus(facts);
      yield {
        severity: isOwn ? 'warning' : 'note',
        weight: max / 1e9,
        values: { max: nanos(max), p99: nanos(p99), n: count(pauses.nanos.length) },
        ...(isMany
          ? { evidence: [said('half of them took at most {p50}', { p50: nanos(p50) })] }
          : { says: 'GC stopped the program for {max} in one of {n|GC|GCs}' }),
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'gc-age',
    looksAt: 'the time of the last GC, when the time of the sample is known',
    says: 'the last GC was {age} ago',
    limits: { age: seconds(200), long: seconds(600) },
    why: 'A GC is due after 2 minutes, and the runtime of an idle process looks once a minute (runtime, proc.go, forcegcperiod).',
    means: 'GOGC is off, the process was stopped (SIGSTOP, a suspended machine), or the clocks differ.',
    next: [],
    *find(facts, limits) {
      const { gcAgeSeconds: age, isGcOff } = newest(facts) ?? {};
      if (age === undefined || age <= limits.age || isGcOff) return;
      yield { severity: age > limits.long ? 'warning' : 'note', weight: age / 1e5, values: { age: seconds(age) } };
    },
  }),
];

/** On 64 cores 1 % of all may be a third of what a program uses. */
function busyShare(facts: VarsFacts, { gcShare, uptimeSeconds, isUptimeExact }: MemoryFigures): Said[] {
  const { cpuSeconds, gomaxprocs } = lastOf(facts);
  if (gcShare === undefined || uptimeSeconds === undefined || !isUptimeExact) return [];
  if (cpuSeconds === undefined || cpuSeconds <= 0 || gomaxprocs === undefined) return [];
  const share = Math.min(1, (gcShare * gomaxprocs * uptimeSeconds) / cpuSeconds);
  return [said('{share} of the CPU time that the program used', { share: ratio(share) })];
}

/** Why GC runs as often as it does; how often, and what it costs, where the finding does not say so itself. */
function why({ headroom, live, isLiveBound, pauses, gcShare }: MemoryFigures, says: 'rate' | 'share'): Said[] {
  const interval = says === 'rate' ? undefined : pauses?.intervalSeconds;
  return [
    ...(live === undefined || isLiveBound || headroom === undefined
      ? []
      : [
          said('about {live} live, {headroom} are left until the next GC', {
            live: bytes(live),
            headroom: bytes(headroom),
          }),
        ]),
    ...(interval === undefined
      ? []
      : [
          said('the last {n} came every {interval} on average', {
            n: count(pauses?.nanos.length ?? 0),
            interval: seconds(interval),
          }),
        ]),
    ...(gcShare === undefined || says === 'share'
      ? []
      : [said('GC took {share} of all CPU time since the start', { share: ratio(gcShare) })]),
  ];
}
