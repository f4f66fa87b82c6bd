// What several rules ask of the facts: the newest sample, and whether it may be an alarm at all.

import type { Severity } from '../model/finding.js';
import { type MemoryFigures, memoryFigures } from './memory.js';
import type { VarsFacts } from './varsFacts.js';

export const lastOf = ({ samples }: VarsFacts) => samples[samples.length - 1];

/** The newest sample, with its figures; nothing when there is none. */
export function newest(facts: VarsFacts): MemoryFigures | undefined {
  const sample = lastOf(facts);
  return sample === undefined ? undefined : memoryFigures(sample);
}

/** Before its last GC: a program that just started allocates what it will keep. */
const YOUNG_SECONDS = 10;
/** Shares of few GCs say little. */
const FEW_GCS = 10;

export const isYoung = ({ gcUptimeSeconds, numGC = 0 }: MemoryFigures) =>
  numGC < FEW_GCS || (gcUptimeSeconds !== undefined && gcUptimeSeconds < YOUNG_SECONDS);

/** A program that is starting is no alarm. */
export const calm = (severity: Severity, figures: MemoryFigures): Severity => (isYoung(figures) ? 'note' : severity);

/** Machines on which a pause is as long as somebody else's time slice. */
export function isShortOfCpus({ process, samples, sys }: VarsFacts): boolean {
  const machine = process[process.length - 1];
  const procs = samples[samples.length - 1]?.gomaxprocs ?? sys?.gomaxprocs ?? machine?.cores;
  const isBusy = machine?.pressure.some(({ name, last60 }) => name === 'cpu' && last60 > 0.1) === true;
  const isLoaded = machine?.cores !== undefined && (machine.load?.[0] ?? 0) > machine.cores;
  return procs === undefined || procs < 4 || isBusy || isLoaded;
}
