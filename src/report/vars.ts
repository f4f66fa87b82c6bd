// The report of `vars`: where a Go program's memory is, what GC costs, what happened between samples, and what rules make of it. Plain data:
// numbers with units; the newest sample is described, earlier ones are the series.

import { memoryFigures } from '../analyse/memory.js';
import { MEMORY_RULES } from '../analyse/memoryRules.js';
import { stepBetween } from '../analyse/memorySteps.js';
import { inOrder, runRules } from '../analyse/rule.js';
import { SYSTEM_RULES } from '../analyse/systemRules.js';
import { type VarsFacts, varsFacts } from '../analyse/varsFacts.js';
import type { Finding, SaidValues } from '../model/finding.js';
import type { MemStats, VarsIssue, VarsSample, VarsSource } from '../model/vars.js';
import {
  gcSection,
  memorySection,
  objectsSection,
  type VarsGc,
  type VarsMemory,
  type VarsObjects,
} from './varsMemory.js';
import { churnOf, seriesRows, type VarsChurn, type VarsSeriesRow } from './varsSeries.js';
import { badgerSection, systemSection, type VarsBadger, type VarsSystem } from './varsSystem.js';

export interface VarsReport {
  readonly kind: 'vars';
  /** Where the numbers come from; null: there is only something around the program. */
  readonly source: VarsSource | null;
  readonly name: string | null;
  /** Of the sample, in seconds since 1970. */
  readonly timeSeconds: number | null;
  readonly cmdline: readonly string[];
  readonly goVersion: string | null;
  readonly programVersion: string | null;
  /** At the sample; without its time, at the last GC. */
  readonly uptimeSeconds: number | null;
  /** Else it is since the first GC. */
  readonly isUptimeExact: boolean;
  readonly findings: readonly Finding[];
  readonly memory: VarsMemory | null;
  readonly gc: VarsGc | null;
  readonly objects: VarsObjects | null;
  /** Empty with one sample. */
  readonly series: readonly VarsSeriesRow[];
  /** What was allocated between the first and the last sample. */
  readonly churn: VarsChurn | null;
  /** null: it is not in use. */
  readonly badger: VarsBadger | null;
  readonly system: VarsSystem;
  /** Processes that are not compared with this one. */
  readonly otherProcesses: number;
  /** Names of the program's own variables. */
  readonly otherVars: readonly string[];
  /** As Go has them, exact, without the rings. */
  readonly memStats: Omit<MemStats, 'PauseNs' | 'PauseEnd' | 'BySize'>;
  readonly missing: readonly string[];
  /** Some of what was given could not be read: nothing wrong in the rest says little. */
  readonly isPartly: boolean;
  readonly issues: readonly VarsIssue[];
  readonly notices: readonly string[];
}

export interface VarsQuery {
  /** What commands of findings may name: heap, allocs, cpu, dump, address … */
  readonly arguments?: Readonly<Record<string, string>>;
  /** To be told with the report: which fallback was taken. */
  readonly notices?: readonly string[];
  /** Some of what was given could not be read. */
  readonly isPartly?: boolean;
}

/**
 * What samples of a program's memory say.
 *
 *   const { facts } = await openVars('ipfs.vars');
 *   const report = varsReport(facts);
 *   report.findings.map(({ rule }) => rule)    // ['gc-pause']
 *
 * Samples alone are taken as varsFacts() orders them. The last process is described; its samples before are the series.
 */
export function varsReport(given: VarsFacts | readonly VarsSample[], query: VarsQuery = {}): VarsReport {
  const facts = 'samples' in given ? given : varsFacts(given);
  const { samples, others, sys } = facts;
  const sample = samples[samples.length - 1];
  const figures = sample === undefined ? undefined : memoryFigures(sample);
  const words: SaidValues = Object.fromEntries(
    Object.entries(query.arguments ?? {}).map(([name, argument]) => [name, { argument }]),
  );
  const { PauseNs: _, PauseEnd: __, BySize: ___, ...memStats } = sample?.memStats ?? {};
  return {
    kind: 'vars',
    source: sample?.source ?? null,
    name: sample?.name ?? null,
    timeSeconds: sample?.timeSeconds ?? null,
    cmdline: sample?.cmdline ?? [],
    goVersion: sample?.goVersion ?? sys?.goVersion ?? null,
    programVersion: sys?.version ?? null,
    uptimeSeconds: figures?.uptimeSeconds ?? null,
    isUptimeExact: figures?.isUptimeExact ?? false,
    findings: inOrder([...runRules(MEMORY_RULES, facts, words), ...runRules(SYSTEM_RULES, facts, words)]),
    memory: figures === undefined ? null : memorySection(facts, figures),
    gc: figures === undefined ? null : gcSection(sample, figures),
    objects: figures === undefined ? null : objectsSection(figures, sample),
    series: samples.length > 1 ? seriesRows(samples) : [],
    churn: samples.length > 1 ? churnOf(stepBetween(samples[0], sample)) : null,
    badger: badgerSection(sample),
    system: systemSection(facts),
    otherProcesses: others.length,
    otherVars: sample?.otherVars ?? [],
    memStats,
    missing: sample?.missing ?? [],
    issues: [...samples.flatMap(({ issues }) => issues), ...(sys?.issues ?? [])].slice(0, 20),
    notices: query.notices ?? [],
    isPartly: query.isPartly ?? false,
  };
}
