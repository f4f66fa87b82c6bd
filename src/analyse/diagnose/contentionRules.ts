// Locks that cost time, by a mutex profile (who held them) or the locks of a block profile (who waited).

import { count, nanos, ratio, type Severity, said, seconds } from '../../model/finding.js';
import { partOf, shareOf } from '../../model/work.js';
import { shortName } from '../names.js';
import { rule } from '../rule.js';
import type { ContentionFacts, Facts } from './facts.js';
import { atPlace, fileOf, lineOf, regexpOf } from './words.js';

export const contendedLock = rule<Facts>()({
  name: 'contended-lock',
  looksAt:
    'a mutex profile (runtime.SetMutexProfileFraction; kubo is given a rate while tspprof collects), or the locks of a block profile',
  says: 'goroutines wait for a lock of {function}: {delay} of waiting in {time}',
  limits: {
    warning: ratio(0.3),
    note: ratio(0.05),
    share: ratio(0.2),
    mean: nanos(1_000_000),
    total: seconds(1),
  },
  why: 'from {warning} on, of three seconds one is waited for by somebody, on average; {note} is worth a note (own thresholds). Where nobody knows since when it was counted: waits of {mean} on average, {total} in all. Functions with less than {share} of the waits are left out',
  means:
    'The lock is held for too long, or by too many. Do less under it, split it, or give readers a copy of what it guards.',
  next: ['tspprof peek {regexp} {file}', 'tspprof web {file}'],
  *find({ mutex, block, files }, limits) {
    const facts = mutex ?? block;
    if (facts === undefined) return;
    const { delay, contentions, seconds: time } = facts;
    // In a mutex profile the stacks are of those who unlock; elsewhere waits for channels are no contention.
    const isMutex = mutex !== undefined;
    const waits = isMutex ? delay.total : partOf(delay.kinds, 'locks');
    const mean = contentions > 0n ? Number(delay.total) / Number(contentions) : 0;
    for (const row of delay.functions) {
      const value = isMutex ? row.charged : partOf(row.within, 'locks');
      const share = shareOf(value, waits);
      if (value <= 0n || share < limits.share) continue;
      const load = time === undefined ? undefined : Number(value) / 1e9 / time;
      const severity = load === undefined ? olderSeverity(value, mean, limits) : severityOf(load, limits);
      if (severity === undefined) continue;
      yield {
        severity,
        weight: load ?? share,
        ...(load === undefined
          ? { says: 'goroutines waited for a lock of {function}: {delay} of waiting so far' }
          : {}),
        values: {
          ...{
            function: shortName(row.name),
            delay: nanos(value),
            time: time === undefined ? undefined : seconds(time),
          },
          ...{ regexp: regexpOf(row.name), file: fileOf(isMutex ? files.mutex : files.block) },
        },
        place: lineOf(row),
        evidence: [
          said(
            isMutex
              ? '{share} of all waits for locks end when {place} unlocks'
              : '{share} of all waits for locks are in {place}',
            { share: ratio(share), place: atPlace(lineOf(row)) },
          ),
          ...(isMutex ? meanWords(facts, mean) : []),
        ],
      };
    }
  },
});

const meanWords = ({ contentions }: ContentionFacts, mean: number) =>
  contentions > 0n
    ? [said('{n|wait|waits} in all, {mean} on average', { n: count(contentions), mean: nanos(mean) })]
    : [];

function severityOf(load: number, limits: { warning: number; note: number }): Severity | undefined {
  if (load >= limits.warning) return 'warning';
  return load >= limits.note ? 'note' : undefined;
}

function olderSeverity(value: bigint, mean: number, limits: { mean: number; total: number }): Severity | undefined {
  return mean >= limits.mean && Number(value) / 1e9 >= limits.total ? 'warning' : undefined;
}
