// Two looks at the same thing, some seconds apart: what came between is of now, where one look alone is of all time.

import type { ContentionFacts, Facts, HeapFacts } from '../analyse/diagnose/facts.js';
import { memoryFigures } from '../analyse/memory.js';
import { baseName } from '../bundle/layouts.js';
import { said } from '../model/finding.js';
import type { VarsSample } from '../model/vars.js';
import { type Work, workSince } from '../model/work.js';
import type { Comparable, Part } from './part.js';
import type { ProfileSums } from './profiles.js';

export interface Sums extends ProfileSums {
  readonly part: Part;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
}

interface Pair<F> {
  readonly facts: F | undefined;
  readonly first: Sums | undefined;
  readonly last: Sums | undefined;
}

/** Closer than that nothing can have come. */
const LEAST_MILLIS = 1000;

/** Where one has no time its name is all there is: x.before, x, x.2. */
export function inOrderOfTime<T extends { readonly part: Part; readonly time: number | undefined }>(
  looks: readonly T[],
): T[] {
  const rank = ({ part }: T) =>
    /before/i.test(baseName(part.member)) ? 0 : /\.2\.|after/i.test(baseName(part.member)) ? 2 : 1;
  const isTimed = looks.every(({ time }) => time !== undefined);
  return [...looks].sort((a, b) => (isTimed ? Number(a.time) - Number(b.time) : rank(a) - rank(b)));
}

/** The last one, and the first that may be of the same program, at least a second before it. */
function pairOf(
  sums: readonly Sums[],
  isComparable: Comparable,
): { readonly first: Sums | undefined; readonly last: Sums | undefined } {
  const sorted = inOrderOfTime(sums);
  const last = sorted[sorted.length - 1];
  const first = sorted.find(
    (one) =>
      last !== undefined &&
      one !== last &&
      isComparable(one.part, last.part) &&
      (one.buildId === undefined || last.buildId === undefined || one.buildId === last.buildId) &&
      one.time !== undefined &&
      last.time !== undefined &&
      last.time - one.time >= LEAST_MILLIS,
  );
  return { first, last };
}

export function heapOf(
  sums: readonly Sums[],
  isComparable: Comparable,
  samples: readonly VarsSample[],
): Pair<HeapFacts> & { readonly allocs: Sums | undefined; readonly mismatches: Facts['mismatches'] } {
  const { first, last } = pairOf(sums, isComparable);
  const [firstSample, lastSample] = [samples[0], samples[samples.length - 1]];
  const [inuse, alloc] = worksOf(last);
  const allocs = inOrderOfTime(sums.filter(({ part }) => /alloc/i.test(baseName(part.member)))).pop() ?? last;
  if (last === undefined || inuse === undefined || alloc === undefined)
    return { facts: undefined, first: undefined, last, allocs, mismatches: [] };
  const [inuseBefore, allocBefore] = worksOf(first);
  const before =
    first === undefined || inuseBefore === undefined || allocBefore === undefined
      ? undefined
      : { inuse: inuseBefore, alloc: allocBefore, timeNanos: nanosOf(first) };
  const fallen = before === undefined ? undefined : fallenIn(before.alloc, alloc);
  const isSame = fallen === undefined;
  return {
    facts: {
      ...{ inuse, alloc, timeNanos: nanosOf(last), before: isSame ? before : undefined },
      allocatedBetween: isSame ? allocatedBetween(first, last, firstSample, lastSample) : undefined,
      steadyRate: steadyRate(samples),
      live: liveOf(firstSample, lastSample),
    },
    ...{ first: isSame ? first : undefined, last, allocs },
    mismatches:
      fallen === undefined
        ? []
        : [
            {
              what: 'heap profiles',
              says: said('what {function} has ever allocated fell from {first} to {last}: they are of two processes', {
                ...{ function: fallen, first: first?.part.name ?? '?', last: last.part.name },
              }),
            },
          ],
  };
}

/** A function whose sum of all allocations fell, which it cannot in one process but for the rounding of samples. */
function fallenIn(before: Work, after: Work): string | undefined {
  const now = new Map(after.functions.map(({ name, charged }) => [name, charged]));
  return before.functions.find(({ name, charged }) => {
    const fall = Number(charged - (now.get(name) ?? 0n));
    return fall > FALL_BYTES && fall > Number(charged) * FALL_SHARE;
  })?.name;
}

const FALL_BYTES = 2 ** 21;
const FALL_SHARE = 0.25;

const nanosOf = ({ time = 0 }: Sums) => BigInt(Math.round(time)) * 1_000_000n;

const worksOf = (sums: Sums | undefined): (Work | undefined)[] =>
  ['inuse_space', 'alloc_space'].map((type) => sums?.works.get(type));

/** Of TotalAlloc, in the quietest time between two samples. */
function steadyRate(samples: readonly VarsSample[]): number | undefined {
  let least: number | undefined;
  for (let i = 1; i < samples.length; i++) {
    const [a, b] = [samples[i - 1], samples[i]];
    const [from, to] = [a.memStats.TotalAlloc, b.memStats.TotalAlloc];
    if (a.timeSeconds === undefined || b.timeSeconds === undefined || from === undefined || to === undefined) continue;
    const seconds = b.timeSeconds - a.timeSeconds;
    if (seconds >= 0.5) least = Math.min(least ?? Number.POSITIVE_INFINITY, Number(to - from) / seconds);
  }
  return least;
}

function liveOf(before: VarsSample | undefined, after: VarsSample | undefined): HeapFacts['live'] {
  if (before === undefined || after === undefined) return undefined;
  const [a, b] = [memoryFigures(before), memoryFigures(after)];
  const isTold = !a.isLiveBound && !b.isLiveBound && a.live !== undefined && b.live !== undefined;
  return isTold && b.numGC !== a.numGC ? { before: a.live, after: b.live } : undefined;
}

/** TotalAlloc of the samples, for the time between the two profiles. */
function allocatedBetween(
  first: Sums | undefined,
  last: Sums,
  before: VarsSample | undefined,
  after: VarsSample | undefined,
): number | undefined {
  const [from, to] = [before?.memStats.TotalAlloc, after?.memStats.TotalAlloc];
  if (first?.time === undefined || last.time === undefined || from === undefined || to === undefined) return undefined;
  // Without times they are of before and behind: more than between the two profiles, if anything.
  if (before?.timeSeconds === undefined || after?.timeSeconds === undefined)
    return before === after ? undefined : Number(to - from);
  const seconds = after.timeSeconds - before.timeSeconds;
  return seconds < 1 ? undefined : (Number(to - from) / seconds) * ((last.time - first.time) / 1000);
}

/** uptimeSeconds: what one look alone is of. */
export function contentionOf(
  sums: readonly Sums[],
  isComparable: Comparable,
  uptimeSeconds: number | undefined,
): Pair<ContentionFacts> {
  const { first, last } = pairOf(sums, isComparable);
  const delay = last?.works.get('delay');
  if (last === undefined || delay === undefined || delay.total === 0n)
    return { facts: undefined, first: undefined, last };
  const contentions = last.works.get('contentions')?.total ?? 0n;
  const delayBefore = first?.works.get('delay');
  const isSince = delayBefore !== undefined && delay.total >= delayBefore.total;
  if (first === undefined || !isSince) {
    const seconds = delay.durationNanos > 0n ? Number(delay.durationNanos) / 1e9 : uptimeSeconds;
    return { facts: { delay, contentions, seconds }, first: undefined, last };
  }
  return {
    facts: {
      delay: workSince(delay, delayBefore),
      contentions: contentions - (first.works.get('contentions')?.total ?? 0n),
      seconds: (Number(last.time) - Number(first.time)) / 1000,
    },
    ...{ first, last },
  };
}
