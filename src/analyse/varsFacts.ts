// What was taken of programs → what rules look at: the samples of one process, oldest first, and what is known around it. Samples of
// another process are kept apart and never compared with: counters begin at 0 again.

import type { ProcessInfo, SysInfo, VarsSample } from '../model/vars.js';
import { RING } from '../model/vars.js';

export interface VarsFacts {
  /** Of one process, oldest first. Empty when there is only something around it. */
  readonly samples: readonly VarsSample[];
  /** Processes before it, or of other programs, oldest first. */
  readonly others: readonly (readonly VarsSample[])[];
  readonly sys?: SysInfo;
  /** Oldest first. */
  readonly process: readonly ProcessInfo[];
}

export interface AroundVars {
  readonly sys?: SysInfo;
  readonly process?: readonly ProcessInfo[];
  /** Of a dump, taken with the last sample. */
  readonly goroutines?: number;
}

/**
 * Facts for MEMORY_RULES and SYSTEM_RULES, of samples in any order. The last process counts. /debug/vars comes first; of the same process,
 * heap?debug=1 and metrics only add what it does not say.
 *
 *   const facts = varsFacts(samples, { sys, process: [processInfo] });
 *   runRules(MEMORY_RULES, facts, { heap: { argument: 'bundle.zip:heap.pprof' } });
 */
export function varsFacts(samples: readonly VarsSample[], around: AroundVars = {}): VarsFacts {
  const kinds = (['expvar', 'heap text', 'metrics'] as const).map((source) =>
    inOrder(samples.filter((sample) => sample.source === source)),
  );
  const first = kinds.findIndex((list) => list.length > 0);
  const processes = first < 0 ? [] : splitProcesses(kinds[first]);
  const last = processes.pop() ?? [];
  const more = kinds.slice(first + 1).flatMap((list) => list.slice(-1));
  return {
    samples: last.length === 0 ? [] : withMore(last, more, around),
    others: processes,
    sys: around.sys,
    process: around.process ?? [],
  };
}

/** By their times; by their last GCs, which are times of the machine, too; else as given. */
function inOrder(samples: readonly VarsSample[]): VarsSample[] {
  const keys: readonly ((sample: VarsSample) => number | undefined)[] = [
    ({ timeSeconds }) => timeSeconds,
    ({ memStats: { LastGC = 0n } }) => (LastGC > 0n ? Number(LastGC) : undefined),
  ];
  const key = keys.find((known) => samples.every((sample) => known(sample) !== undefined));
  if (key === undefined) return [...samples];
  const work = ({ memStats }: VarsSample) => Number(memStats.TotalAlloc ?? memStats.Mallocs ?? 0n);
  return [...samples].sort((a, b) => Number(key(a)) - Number(key(b)) || work(a) - work(b));
}

function splitProcesses(samples: readonly VarsSample[]): VarsSample[][] {
  const processes: VarsSample[][] = [];
  for (const sample of samples) {
    const last = processes[processes.length - 1];
    const before = last?.[last.length - 1];
    if (before !== undefined && isSameProcess(before, sample)) last.push(sample);
    else processes.push([sample]);
  }
  return processes;
}

const COUNTERS = ['NumGC', 'TotalAlloc', 'Mallocs', 'Frees', 'PauseTotalNs', 'NumForcedGC', 'LastGC'] as const;
/** process_start_time_seconds is made of clock ticks. */
const START_SECONDS = 2;
/** What tools that round integers to doubles leave of 1.8e18. */
const ROUNDING = 1024n;

/** Whether a later sample may be of the same process: counters do not fall, and its ring has the earlier one's last GC. */
export function isSameProcess(before: VarsSample, after: VarsSample): boolean {
  const [a, b] = [before.memStats, after.memStats];
  if (isOtherProgram(before, after)) return false;
  if (before.startSeconds !== undefined && after.startSeconds !== undefined)
    if (Math.abs(before.startSeconds - after.startSeconds) > START_SECONDS) return false;
  if (COUNTERS.some((name) => (a[name] ?? 0n) > (b[name] ?? a[name] ?? 0n))) return false;
  if (a.NumGC === undefined || b.NumGC === undefined || a.LastGC === undefined || b.PauseEnd === undefined) return true;
  if (a.NumGC === 0n || b.NumGC - a.NumGC >= BigInt(RING)) return true;
  const same = b.PauseEnd[Number((a.NumGC + 255n) % 256n)] - a.LastGC;
  return same <= ROUNDING && same >= -ROUNDING;
}

export const isOtherProgram = ({ cmdline: a }: VarsSample, { cmdline: b }: VarsSample): boolean =>
  a !== undefined && b !== undefined && a.join('\0') !== b.join('\0');

/** What does not change goes to all of them, what does to the last. */
function withMore(samples: readonly VarsSample[], more: readonly VarsSample[], around: AroundVars): VarsSample[] {
  const first = samples[0].memStats.TotalAlloc ?? 0n;
  const same = more.filter(({ memStats }) => (memStats.TotalAlloc ?? first) >= first);
  const find = <K extends keyof VarsSample>(name: K): VarsSample[K] | undefined =>
    same.find((sample) => sample[name] !== undefined)?.[name];
  const { sys } = around;
  const constants = {
    gogcPercent: find('gogcPercent'),
    memoryLimit: find('memoryLimit'),
    gomaxprocs: find('gomaxprocs') ?? sys?.gomaxprocs,
    startSeconds: find('startSeconds') ?? around.process?.find((one) => one.startSeconds !== undefined)?.startSeconds,
    maxFiles: find('maxFiles'),
    goVersion: find('goVersion') ?? sys?.goVersion,
  };
  const latest = {
    goroutines: around.goroutines ?? find('goroutines') ?? sys?.goroutines,
    threads: find('threads'),
    residentBytes: find('residentBytes'),
    peakResidentBytes: find('peakResidentBytes'),
    openFiles: find('openFiles'),
    cpuSeconds: find('cpuSeconds'),
  };
  return samples.map((sample, i) => ({
    ...constants,
    ...(i === samples.length - 1 ? latest : {}),
    ...Object.fromEntries(Object.entries(sample).filter(([, value]) => value !== undefined)),
    ...required(sample),
  }));
}

const required = ({ source, memStats, missing, badger, otherVars, issues }: VarsSample) => ({
  ...{ source, memStats, missing, badger, otherVars, issues },
});
