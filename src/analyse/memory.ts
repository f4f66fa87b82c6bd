// What MemStats says when its fields are put together. Bytes and seconds as numbers: 2^53 bytes are 9 PB.
//
//   Sys   what Go has ever asked for ─┬─ HeapReleased   given back
//                                     └─ goUsed ─┬─ HeapInuse ─┬─ HeapAlloc ─┬─ live      what the last GC left, estimated
//                                                │             │             └─ garbage   allocated since, dead or alive
//                                                │             └─ slack       holes in spans
//                                                ├─ retained   idle spans that are kept for later
//                                                ├─ stacks
//                                                └─ overhead   the runtime's own: spans, GC, profiling
//
// Sources: runtime.MemStats; go.dev/doc/gc-guide: target heap = live + (live + roots) × GOGC / 100, and what GOMEMLIMIT limits is
// Sys - HeapReleased.

import { type MemField, RING, type SizeClass, type VarsSample } from '../model/vars.js';

/** The heap at which GC begins with GOGC=100: smaller ones say nothing of what lives (mgcpacer.go, defaultHeapMinimum). */
const LEAST_HEAP = 4 * 1024 ** 2;
/** GOGC=off: 2^64 - 1, or what the default GOMEMLIMIT of 2^63 - 1 leaves (8.95e18 with Go 1.26). */
const NO_NEXT = 2 ** 62;
/** GOMEMLIMIT=off is 2^63 - 1. */
const NO_LIMIT = 2 ** 62;

export interface Pauses {
  /** Of the last GCs, oldest first; at most 256. */
  readonly nanos: readonly number[];
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Between the ends of two GCs; undefined: there was one. */
  readonly intervalSeconds: number | undefined;
}

/** A size class, by what lives in it or by what was allocated. */
export interface ClassFigures {
  readonly size: number;
  readonly objects: number;
  readonly bytes: number;
}

export interface MemoryFigures {
  readonly goUsed: number | undefined;
  readonly released: number | undefined;
  readonly heapInuse: number | undefined;
  readonly heapAlloc: number | undefined;
  /** What the last GC left. */
  readonly live: number | undefined;
  /** It cannot be told from the next goal (GC off, or the smallest heap): `live` is all that is allocated, at most. */
  readonly isLiveBound: boolean;
  readonly garbage: number | undefined;
  readonly slack: number | undefined;
  readonly retained: number | undefined;
  readonly stacks: number | undefined;
  readonly overhead: number | undefined;
  readonly objects: number | undefined;
  /** Objects above the largest size class, 18 or 32 KiB. */
  readonly large: number | undefined;
  readonly liveClasses: readonly ClassFigures[];
  readonly nextGC: number | undefined;
  /** What may be allocated until then. */
  readonly headroom: number | undefined;
  readonly isGcOff: boolean;
  readonly numGC: number | undefined;
  readonly forcedGC: number | undefined;
  /**
   * Of GOMAXPROCS × uptime, since the start. The runtime renews it at each GC only: a program that is idle since then has it lower, which is
   * taken into account where start and time are known.
   */
  readonly gcShare: number | undefined;
  /** From the start, or the first GC, to the last one. */
  readonly gcUptimeSeconds: number | undefined;
  readonly pauses: Pauses | undefined;
  readonly pauseTotal: number | undefined;
  /** GOMEMLIMIT; undefined: none, or not known. */
  readonly memoryLimit: number | undefined;
  /** At the time of the sample; without a time, of its last GC. */
  readonly uptimeSeconds: number | undefined;
  /** Since the process started, or since its first GC, which is at most what is known. */
  readonly isUptimeExact: boolean;
  /** Since the last GC; only with a time. */
  readonly gcAgeSeconds: number | undefined;
}

export function memoryFigures(sample: VarsSample): MemoryFigures {
  const { memStats, timeSeconds } = sample;
  const get = (name: MemField) => (memStats[name] === undefined ? undefined : Number(memStats[name]));
  const [heapAlloc, heapInuse, nextGC, numGC, lastGC] = (
    ['HeapAlloc', 'HeapInuse', 'NextGC', 'NumGC', 'LastGC'] as const
  ).map(get);
  const [sys, released] = [get('Sys'), get('HeapReleased')];
  const liveness = liveOf(sample, heapAlloc, nextGC, get('StackInuse') ?? 0, numGC);
  const limit = sample.memoryLimit === undefined ? undefined : Number(sample.memoryLimit);
  const pauses = pausesOf(sample);
  const start = startOf(sample);
  const uptime = uptimeOf(sample);
  const gcUptime = start === undefined || lastGC === undefined ? undefined : Math.max(0, lastGC / 1e9 - start.seconds);
  const isGcOff = nextGC !== undefined && nextGC >= NO_NEXT;
  return {
    goUsed: minus(sys, released),
    released,
    heapInuse,
    heapAlloc,
    ...liveness,
    garbage: minus(heapAlloc, liveness.live),
    slack: minus(heapInuse, heapAlloc),
    retained: minus(get('HeapIdle'), released),
    stacks: get('StackSys'),
    overhead: sum((['MSpanSys', 'MCacheSys', 'BuckHashSys', 'GCSys', 'OtherSys'] as const).map(get)),
    objects: get('HeapObjects'),
    large: minus(heapAlloc, smallBytes(memStats.BySize)),
    liveClasses: classFigures(memStats.BySize ?? []),
    nextGC,
    headroom: isGcOff ? undefined : minus(nextGC, heapAlloc),
    isGcOff,
    numGC,
    forcedGC: get('NumForcedGC'),
    gcShare: gcShareOf(sample, uptime, gcUptime),
    gcUptimeSeconds: gcUptime,
    pauses,
    pauseTotal: get('PauseTotalNs') ?? wholePauses(pauses, numGC),
    memoryLimit: limit === undefined || limit >= NO_LIMIT ? undefined : limit,
    uptimeSeconds: uptime?.seconds,
    isUptimeExact: uptime?.isExact ?? false,
    gcAgeSeconds:
      timeSeconds !== undefined && numGC !== undefined && numGC > 0 && lastGC !== undefined
        ? timeSeconds - lastGC / 1e9
        : undefined,
  };
}

/** Not below 0: fields of one sample are read one after the other. */
const minus = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : Math.max(0, a - b);

const sum = (values: readonly (number | undefined)[]) => {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known.reduce((total, value) => total + value, 0) : undefined;
};

function liveOf(
  { gogcPercent = 100 }: VarsSample,
  heapAlloc: number | undefined,
  nextGC: number | undefined,
  roots: number,
  numGC: number | undefined,
): { live: number | undefined; isLiveBound: boolean } {
  const growth = gogcPercent / 100;
  const isTold =
    nextGC !== undefined && nextGC < NO_NEXT && numGC !== 0 && growth > 0 && nextGC > LEAST_HEAP * growth * 1.05;
  if (!isTold) return { live: heapAlloc, isLiveBound: true };
  const estimate = Math.max(0, (nextGC - growth * roots) / (1 + growth));
  return { live: heapAlloc === undefined ? estimate : Math.min(estimate, heapAlloc), isLiveBound: false };
}

/** The k-th newest GC is at (NumGC + 255 - k) % 256 (runtime.MemStats). */
export function ringOf({ memStats }: VarsSample): { readonly nanos: number[]; readonly ends: number[] } | undefined {
  const { NumGC, PauseNs, PauseEnd } = memStats;
  if (NumGC === undefined || NumGC === 0n || PauseNs === undefined || PauseEnd === undefined) return undefined;
  const count = NumGC < BigInt(RING) ? Number(NumGC) : RING;
  const oldest = Number((NumGC + BigInt(RING - count)) % BigInt(RING));
  const rows = Array.from({ length: count }, (_, i) => (oldest + i) % RING);
  return { nanos: rows.map((i) => Number(PauseNs[i])), ends: rows.map((i) => Number(PauseEnd[i])) };
}

function pausesOf(sample: VarsSample): Pauses | undefined {
  const ring = ringOf(sample);
  if (ring === undefined) return undefined;
  const { nanos, ends } = ring;
  const sorted = [...nanos].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const span = (ends[ends.length - 1] - ends[0]) / 1e9;
  return {
    nanos,
    p50: at(0.5),
    p99: at(0.99),
    max: sorted[sorted.length - 1],
    intervalSeconds: ends.length > 1 && span > 0 ? span / (ends.length - 1) : undefined,
  };
}

const wholePauses = (pauses: Pauses | undefined, numGC: number | undefined) =>
  pauses !== undefined && numGC !== undefined && numGC <= RING
    ? pauses.nanos.reduce((total, nanos) => total + nanos, 0)
    : undefined;

/** When the process began, or its first GC, in seconds since 1970. */
export function startOf(sample: VarsSample): { readonly seconds: number; readonly isExact: boolean } | undefined {
  if (sample.startSeconds !== undefined) return { seconds: sample.startSeconds, isExact: true };
  const ring = (sample.memStats.NumGC ?? 257n) <= 256n ? ringOf(sample) : undefined;
  return ring === undefined ? undefined : { seconds: ring.ends[0] / 1e9, isExact: false };
}

function uptimeOf(sample: VarsSample): { readonly seconds: number; readonly isExact: boolean } | undefined {
  const start = startOf(sample);
  const { LastGC = 0n } = sample.memStats;
  const now = sample.timeSeconds ?? (LastGC > 0n ? Number(LastGC) / 1e9 : undefined);
  // One GC, and no time but its own, is none.
  if (start === undefined || now === undefined || now <= start.seconds) return undefined;
  return { seconds: now - start.seconds, isExact: start.isExact };
}

function gcShareOf(
  { memStats: { GCCPUFraction } }: VarsSample,
  uptime: { readonly seconds: number; readonly isExact: boolean } | undefined,
  gcUptime: number | undefined,
): number | undefined {
  if (GCCPUFraction === undefined || gcUptime === undefined || uptime?.isExact !== true) return GCCPUFraction;
  return uptime.seconds > gcUptime ? GCCPUFraction * (gcUptime / uptime.seconds) : GCCPUFraction;
}

const smallBytes = (classes: readonly SizeClass[] | undefined) =>
  classes === undefined || classes.length === 0
    ? undefined
    : classFigures(classes).reduce((total, { bytes }) => total + bytes, 0);

const classFigures = (classes: readonly SizeClass[]): ClassFigures[] =>
  classes
    .map(({ Size: size, Mallocs, Frees }) => {
      const objects = Mallocs > Frees ? Number(Mallocs - Frees) : 0;
      return { size, objects, bytes: size * objects };
    })
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
