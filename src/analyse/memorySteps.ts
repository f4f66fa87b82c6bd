// Two samples of one process → what happened between them. Without times of the samples those of their last GCs are taken: as exact as a
// GC interval, and told as such.

import { RING, type VarsSample } from '../model/vars.js';
import { memoryFigures, startOf } from './memory.js';

export interface MemoryStep {
  readonly seconds: number;
  /** By the last GCs. */
  readonly isApproximate: boolean;
  /** Bytes and objects a second. */
  readonly allocated: number | undefined;
  readonly objects: number | undefined;
  readonly gcs: number | undefined;
  readonly gcsPerSecond: number | undefined;
  /** Of GOMAXPROCS × the time between the two last GCs. */
  readonly gcShare: number | undefined;
  /** The longest between them, in nanoseconds, of those that the ring still has. */
  readonly longestPause: number | undefined;
  /** What grew, in bytes and in all. */
  readonly live: number | undefined;
  readonly goUsed: number | undefined;
  readonly heapObjects: number | undefined;
  readonly goroutines: number | undefined;
  /** Size classes by the bytes that were allocated, a second. */
  readonly churn: readonly { readonly size: number; readonly objects: number; readonly bytes: number }[];
}

/** undefined: no time passed that is known. */
export function stepBetween(before: VarsSample, after: VarsSample): MemoryStep | undefined {
  const [a, b] = [before.memStats, after.memStats];
  const time = secondsBetween(before, after);
  if (time === undefined) return undefined;
  const { seconds } = time;
  const delta = (x: bigint | undefined, y: bigint | undefined) =>
    x === undefined || y === undefined ? undefined : Number(y - x);
  const rate = (change: number | undefined) => (change === undefined ? undefined : change / seconds);
  const [from, to] = [memoryFigures(before), memoryFigures(after)];
  const grown = (x: number | undefined, y: number | undefined) =>
    x === undefined || y === undefined ? undefined : y - x;
  const gcs = delta(a.NumGC, b.NumGC);
  return {
    ...time,
    allocated: rate(delta(a.TotalAlloc, b.TotalAlloc)),
    objects: rate(delta(a.Mallocs, b.Mallocs)),
    gcs,
    gcsPerSecond: rate(gcs),
    gcShare: gcShareBetween(before, after),
    longestPause: longestPause(after, gcs),
    live: grown(from.live, to.live),
    goUsed: grown(from.goUsed, to.goUsed),
    heapObjects: grown(from.objects, to.objects),
    goroutines: grown(before.goroutines, after.goroutines),
    churn: churnOf(before, after, seconds),
  };
}

export function secondsBetween(
  before: VarsSample,
  after: VarsSample,
): { readonly seconds: number; readonly isApproximate: boolean } | undefined {
  const known = before.timeSeconds !== undefined && after.timeSeconds !== undefined;
  const seconds = known ? Number(after.timeSeconds) - Number(before.timeSeconds) : lastGC(after) - lastGC(before);
  return seconds > 0 && Number.isFinite(seconds) ? { seconds, isApproximate: !known } : undefined;
}

/** In seconds since 1970. */
const lastGC = ({ memStats: { LastGC = 0n } }: VarsSample) => (LastGC > 0n ? Number(LastGC) / 1e9 : Number.NaN);

/**
 * The share since the start is renewed at the end of each GC: (f2 U2 - f1 U1) / (U2 - U1), where U is from the start to the last GC. The first
 * GC instead of the start costs next to nothing: its error is times f2 - f1.
 */
function gcShareBetween(before: VarsSample, after: VarsSample): number | undefined {
  const [f1, f2] = [before.memStats.GCCPUFraction, after.memStats.GCCPUFraction];
  const start = startOf(before) ?? startOf(after);
  const [u1, u2] = [lastGC(before) - (start?.seconds ?? Number.NaN), lastGC(after) - (start?.seconds ?? Number.NaN)];
  if (f1 === undefined || f2 === undefined || !(u2 > u1) || u1 < 0) return undefined;
  return Math.min(1, Math.max(0, (f2 * u2 - f1 * u1) / (u2 - u1)));
}

function longestPause(after: VarsSample, gcs: number | undefined): number | undefined {
  const nanos = memoryFigures(after).pauses?.nanos;
  if (nanos === undefined || gcs === undefined || gcs < 1) return undefined;
  return Math.max(...nanos.slice(-Math.min(gcs, RING)));
}

function churnOf(before: VarsSample, after: VarsSample, seconds: number): MemoryStep['churn'] {
  const earlier = new Map(before.memStats.BySize?.map(({ Size, Mallocs }) => [Size, Mallocs]));
  if (earlier.size === 0) return [];
  return (after.memStats.BySize ?? [])
    .map(({ Size: size, Mallocs }) => {
      const objects = Number(Mallocs - (earlier.get(size) ?? Mallocs)) / seconds;
      return { size, objects, bytes: size * objects };
    })
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}
