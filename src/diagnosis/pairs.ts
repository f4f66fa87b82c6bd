// Two looks at the same thing, some seconds apart: what came between is of now, where one look alone is of all time.

import type { ContentionFacts, HeapFacts } from '../analyse/diagnose/facts.js';
import { memoryFigures } from '../analyse/memory.js';
import type { VarsSample } from '../model/vars.js';
import { type Work, workSince } from '../model/work.js';
import type { Part } from './part.js';
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
  const rank = ({ part }: T) => (/before/i.test(part.member) ? 0 : /\.2\.|after/i.test(part.member) ? 2 : 1);
  const isTimed = looks.every(({ time }) => time !== undefined);
  return [...looks].sort((a, b) => (isTimed ? Number(a.time) - Number(b.time) : rank(a) - rank(b)));
}

/** The last one, and the first that may be of the same program, at least a second before it. */
function pairOf(sums: readonly Sums[]): { readonly first: Sums | undefined; readonly last: Sums | undefined } {
  const sorted = inOrderOfTime(sums);
  const last = sorted[sorted.length - 1];
  const first = sorted.find(
    (one) =>
      last !== undefined &&
      one !== last &&
      (one.buildId === undefined || last.buildId === undefined || one.buildId === last.buildId) &&
      one.time !== undefined &&
      last.time !== undefined &&
      last.time - one.time >= LEAST_MILLIS,
  );
  return { first, last };
}

export function heapOf(
  sums: readonly Sums[],
  firstSample: VarsSample | undefined,
  lastSample: VarsSample | undefined,
): Pair<HeapFacts> & { readonly allocs: Sums | undefined } {
  const { first, last } = pairOf(sums);
  const [inuse, alloc] = worksOf(last);
  const allocs = sums.find(({ part }) => /alloc/i.test(part.member)) ?? last;
  if (last === undefined || inuse === undefined || alloc === undefined)
    return { facts: undefined, first: undefined, last, allocs };
  const [inuseBefore, allocBefore] = worksOf(first);
  const before =
    first === undefined || inuseBefore === undefined || allocBefore === undefined
      ? undefined
      : { inuse: inuseBefore, alloc: allocBefore, timeNanos: nanosOf(first) };
  // Counters that fell are of another process that has run since.
  const isSame = before === undefined || alloc.total >= before.alloc.total;
  return {
    facts: {
      ...{ inuse, alloc, timeNanos: nanosOf(last), before: isSame ? before : undefined },
      allocatedBetween: isSame ? allocatedBetween(first, last, firstSample, lastSample) : undefined,
      live: liveOf(firstSample, lastSample),
    },
    ...{ first: isSame ? first : undefined, last, allocs },
  };
}

const nanosOf = ({ time = 0 }: Sums) => BigInt(Math.round(time)) * 1_000_000n;

const worksOf = (sums: Sums | undefined): (Work | undefined)[] =>
  ['inuse_space', 'alloc_space'].map((type) => sums?.works.get(type));

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
  if (before?.timeSeconds === undefined || after?.timeSeconds === undefined) return undefined;
  const seconds = after.timeSeconds - before.timeSeconds;
  return seconds < 1 ? undefined : (Number(to - from) / seconds) * ((last.time - first.time) / 1000);
}

/** uptimeSeconds: what one look alone is of. */
export function contentionOf(sums: readonly Sums[], uptimeSeconds: number | undefined): Pair<ContentionFacts> {
  const { first, last } = pairOf(sums);
  const delay = last?.works.get('delay');
  if (last === undefined || delay === undefined || (delay.total === 0n && first === undefined))
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
