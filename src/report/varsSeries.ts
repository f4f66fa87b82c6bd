// Sections of the report of `vars` with several samples: one row each, with what happened since the row before, and which sizes are
// allocated most.

import { memoryFigures } from '../analyse/memory.js';
import { type MemoryStep, secondsBetween, stepBetween } from '../analyse/memorySteps.js';
import { bytes, bytesPerSecond, count, nanos, perSecond, type Quantity, ratio, seconds } from '../model/finding.js';
import type { VarsSample } from '../model/vars.js';
import { CLASSES } from './varsMemory.js';

export interface VarsSeriesRow {
  readonly name: string | null;
  /** Since the first sample. */
  readonly at: Quantity | null;
  /** By the last GCs: no sample says when it was taken. */
  readonly isApproximate: boolean;
  readonly live: Quantity | null;
  readonly heap: Quantity | null;
  readonly held: Quantity | null;
  readonly resident: Quantity | null;
  readonly goroutines: Quantity | null;
  readonly gcs: Quantity | null;
  /** Since the row before; null in the first. */
  readonly allocated: Quantity | null;
  readonly objects: Quantity | null;
  readonly gcRate: Quantity | null;
  readonly gcShare: Quantity | null;
  readonly longestPause: Quantity | null;
}

export interface VarsChurn {
  readonly time: Quantity;
  readonly allocated: Quantity | null;
  readonly objects: Quantity | null;
  readonly gcRate: Quantity | null;
  readonly gcShare: Quantity | null;
  /** By bytes. */
  readonly classes: readonly { readonly size: Quantity; readonly objects: Quantity; readonly bytes: Quantity }[];
}

const known = (value: number | undefined, unit: (value: number) => Quantity): Quantity | null =>
  value === undefined || !Number.isFinite(value) ? null : unit(value);

export const seriesRows = (samples: readonly VarsSample[]): VarsSeriesRow[] =>
  samples.map((sample, i) => {
    const { live, isLiveBound, heapAlloc, goUsed, numGC } = memoryFigures(sample);
    const step = i === 0 ? undefined : stepBetween(samples[i - 1], sample);
    const time = i === 0 ? undefined : secondsBetween(samples[0], sample);
    return {
      name: sample.name ?? null,
      at: i === 0 ? seconds(0) : known(time?.seconds, seconds),
      isApproximate: time?.isApproximate ?? false,
      live: isLiveBound ? null : known(live, (value) => bytes(Math.round(value))),
      heap: known(heapAlloc, bytes),
      held: known(goUsed, bytes),
      resident: sample.residentBytes === undefined ? null : bytes(sample.residentBytes),
      goroutines: known(sample.goroutines, count),
      gcs: known(numGC, count),
      allocated: known(step?.allocated, bytesPerSecond),
      objects: known(step?.objects, perSecond),
      gcRate: known(step?.gcsPerSecond, perSecond),
      gcShare: known(step?.gcShare, ratio),
      longestPause: known(step?.longestPause, nanos),
    };
  });

export function churnOf(step: MemoryStep | undefined): VarsChurn | null {
  if (step === undefined) return null;
  return {
    time: seconds(step.seconds),
    allocated: known(step.allocated, bytesPerSecond),
    objects: known(step.objects, perSecond),
    gcRate: known(step.gcsPerSecond, perSecond),
    gcShare: known(step.gcShare, ratio),
    classes: step.churn.slice(0, CLASSES).map(({ size, objects, bytes: each }) => ({
      size: bytes(size),
      objects: perSecond(objects),
      bytes: bytesPerSecond(each),
    })),
  };
}
