// Sections of the report of `vars`: where memory is, what GC does, which objects there are.

import type { ClassFigures, MemoryFigures } from '../analyse/memory.js';
import type { VarsFacts } from '../analyse/varsFacts.js';
import { bytes, count, nanos, type Quantity, ratio, seconds } from '../model/finding.js';
import type { VarsSample } from '../model/vars.js';

export type PartName = 'live' | 'garbage' | 'holes' | 'kept' | 'stacks' | 'runtime';

export interface VarsMemory {
  /** What Go holds: Sys - HeapReleased, which GOMEMLIMIT limits. The parts add up to it. */
  readonly held: Quantity | null;
  readonly parts: readonly { readonly name: PartName; readonly size: Quantity; readonly share: Quantity }[];
  /** `live` is no estimate but all that is allocated: GC is off, or the heap is the smallest. */
  readonly isLiveBound: boolean;
  /** Given back to the system. */
  readonly released: Quantity | null;
  /** Of the process, from metrics or /proc. */
  readonly resident: Quantity | null;
  readonly peakResident: Quantity | null;
  readonly limit: Quantity | null;
  readonly limitShare: Quantity | null;
  /** Of the part `runtime`, for profiling. */
  readonly profiling: Quantity | null;
  readonly goroutines: Quantity | null;
  readonly stackEach: Quantity | null;
}

export interface VarsGc {
  readonly count: Quantity | null;
  readonly forced: Quantity | null;
  /** Of all CPU time since the start. */
  readonly share: Quantity | null;
  /** Between two of the last 256. */
  readonly interval: Quantity | null;
  readonly age: Quantity | null;
  readonly isOff: boolean;
  /** GOGC in percent, -1: off; null: not known. */
  readonly gogcPercent: number | null;
  /** The heap at which the next one begins. */
  readonly next: Quantity | null;
  readonly headroom: Quantity | null;
  /** How much of the way there is done. */
  readonly progress: Quantity | null;
  readonly pauses: VarsPauses | null;
  readonly pauseTotal: Quantity | null;
}

export interface VarsPauses {
  /** Nanoseconds, oldest first; each is the sum of those of one GC. */
  readonly nanos: readonly number[];
  readonly p50: Quantity;
  readonly p99: Quantity;
  readonly max: Quantity;
  /** How many were at most so long, and longer than the row before. */
  readonly histogram: readonly { readonly upTo: Quantity; readonly count: number }[];
}

export interface VarsObjects {
  readonly count: Quantity | null;
  readonly average: Quantity | null;
  /** By the bytes that live in them. */
  readonly classes: readonly {
    readonly size: Quantity;
    readonly objects: Quantity;
    readonly bytes: Quantity;
    readonly share: Quantity;
  }[];
  /** Above the largest class. */
  readonly large: Quantity | null;
  readonly largeFrom: Quantity | null;
}

export const CLASSES = 3;

const known = <T>(value: number | undefined, unit: (value: number) => T): T | null =>
  value === undefined || !Number.isFinite(value) ? null : unit(value);

export function memorySection({ process, samples }: VarsFacts, figures: MemoryFigures): VarsMemory {
  const sample = samples[samples.length - 1];
  const machine = process[process.length - 1];
  const { goUsed, live, garbage, slack, retained, stacks, overhead, memoryLimit } = figures;
  const named: readonly (readonly [PartName, number | undefined])[] = [
    ['live', live],
    ['garbage', garbage],
    ['holes', slack],
    ['kept', retained],
    ['stacks', stacks],
    ['runtime', overhead],
  ];
  const whole = named.reduce((sum, [, value = 0]) => sum + value, 0);
  const resident = machine?.residentBytes ?? sample.residentBytes;
  const peak = machine?.peakResidentBytes ?? sample.peakResidentBytes;
  const { goroutines, memStats } = sample;
  const each =
    goroutines === undefined || goroutines === 0 ? undefined : Number(memStats.StackInuse ?? 0n) / goroutines;
  return {
    held: known(goUsed, bytes),
    parts: named.flatMap(([name, value]) =>
      value === undefined
        ? []
        : [{ name, size: bytes(Math.round(value)), share: ratio(whole === 0 ? 0 : value / whole) }],
    ),
    isLiveBound: figures.isLiveBound,
    released: known(figures.released, bytes),
    resident: resident === undefined ? null : bytes(resident),
    peakResident: peak === undefined ? null : bytes(peak),
    limit: known(memoryLimit, bytes),
    limitShare: memoryLimit === undefined || goUsed === undefined ? null : ratio(goUsed / memoryLimit),
    profiling: memStats.BuckHashSys === undefined ? null : bytes(memStats.BuckHashSys),
    goroutines: known(goroutines, count),
    stackEach: known(each, bytes),
  };
}

export function gcSection(sample: VarsSample, figures: MemoryFigures): VarsGc {
  const { pauses, nextGC, isGcOff, heapAlloc } = figures;
  return {
    count: known(figures.numGC, count),
    forced: known(figures.forcedGC, count),
    share: known(figures.gcShare, ratio),
    interval: known(pauses?.intervalSeconds, seconds),
    age: known(figures.gcAgeSeconds, seconds),
    isOff: isGcOff,
    gogcPercent: sample.gogcPercent ?? null,
    next: isGcOff ? null : known(nextGC, bytes),
    headroom: known(figures.headroom, bytes),
    progress: isGcOff || nextGC === undefined || nextGC === 0 ? null : known(heapAlloc && heapAlloc / nextGC, ratio),
    pauses:
      pauses === undefined
        ? null
        : {
            nanos: pauses.nanos,
            p50: nanos(pauses.p50),
            p99: nanos(pauses.p99),
            max: nanos(pauses.max),
            histogram: histogramOf(pauses.nanos),
          },
    pauseTotal: known(figures.pauseTotal, nanos),
  };
}

/** In steps of 1, 2, 5; without the empty ones at both ends. */
function histogramOf(values: readonly number[]): VarsPauses['histogram'] {
  const bounds: number[] = [];
  for (let decade = 1e4; decade < 1e11; decade *= 10) bounds.push(decade, 2 * decade, 5 * decade);
  const rows = bounds.map((upTo, i) => ({
    upTo: nanos(upTo),
    count: values.filter((value) => value <= upTo && value > (i === 0 ? -1 : bounds[i - 1])).length,
  }));
  const first = rows.findIndex((row) => row.count > 0);
  const last = rows.findLastIndex((row) => row.count > 0);
  return first < 0 ? [] : rows.slice(first, last + 1);
}

export function objectsSection(figures: MemoryFigures, { memStats }: VarsSample): VarsObjects {
  const { objects, heapAlloc = 0, liveClasses, large } = figures;
  const row = ({ size, objects: n, bytes: held }: ClassFigures) => ({
    size: bytes(size),
    objects: count(n),
    bytes: bytes(held),
    share: ratio(heapAlloc === 0 ? 0 : held / heapAlloc),
  });
  const sizes = memStats.BySize?.map(({ Size }) => Size) ?? [];
  return {
    count: known(objects, count),
    average: objects === undefined || objects === 0 ? null : bytes(Math.round(heapAlloc / objects)),
    classes: liveClasses.slice(0, CLASSES).map(row),
    large: known(large, bytes),
    largeFrom: sizes.length === 0 ? null : bytes(Math.max(...sizes)),
  };
}
