// Whether something grows through a series of samples of one process, each time.

import type { VarsSample } from '../model/vars.js';
import { memoryFigures } from './memory.js';
import { secondsBetween } from './memorySteps.js';

export interface Growth {
  readonly samples: number;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  /** What the second half of the time added, as a share of what the first half did. */
  readonly secondHalf: number;
  /** More objects; undefined: not known. */
  readonly objects: number | undefined;
}

/** Of what lives, between samples with so many GCs between them. undefined: it fell, or there are fewer than three. */
export function growthOf(samples: readonly VarsSample[], gcs: number): Growth | undefined {
  const kept: { readonly sample: VarsSample; readonly live: number; readonly numGC: number }[] = [];
  for (const sample of samples) {
    const { live, isLiveBound, numGC } = memoryFigures(sample);
    if (live === undefined || isLiveBound || numGC === undefined) continue;
    const before = kept[kept.length - 1];
    if (before !== undefined && numGC - before.numGC < gcs) continue;
    if (before !== undefined && live <= before.live) return undefined;
    kept.push({ sample, live, numGC });
  }
  if (kept.length < 3) return undefined;
  const [first, last, middle] = [kept[0], kept[kept.length - 1], kept[Math.floor((kept.length - 1) / 2)]];
  const time = (a: VarsSample, b: VarsSample) => secondsBetween(a, b)?.seconds ?? 0;
  const speed = (a: typeof first, b: typeof first) => (b.live - a.live) / Math.max(1e-9, time(a.sample, b.sample));
  const objectsOf = ({ sample }: typeof first) => memoryFigures(sample).objects;
  const [before, after] = [objectsOf(first), objectsOf(last)];
  return {
    samples: kept.length,
    from: first.live,
    to: last.live,
    seconds: time(first.sample, last.sample),
    secondHalf: speed(middle, last) / speed(first, middle),
    objects: before === undefined || after === undefined ? undefined : after - before,
  };
}
