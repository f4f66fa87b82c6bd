// The report of `diagnose`: what rules found in all files of a program, the worst first; what was read, and what could not be looked at
// for want of a file. Plain data.

import type { Facts } from '../analyse/diagnose/facts.js';
import { DIAGNOSE_RULES } from '../analyse/diagnose/rules.js';
import { MEMORY_RULES } from '../analyse/memoryRules.js';
import { inOrder, runRules } from '../analyse/rule.js';
import { SYSTEM_RULES } from '../analyse/systemRules.js';
import type { VarsFacts } from '../analyse/varsFacts.js';
import type { MemberKind } from '../model/bundle.js';
import { count, type Finding, ratio, type SaidValues, SEVERITIES, type Severity, said } from '../model/finding.js';
import type { Manifest } from '../model/manifest.js';
import { partOf } from '../model/work.js';

export interface DiagnosedFile {
  readonly file: string;
  readonly kind: MemberKind;
  /** damaged: read as far as it goes. skipped: there is nothing in it for a rule, or it was stopped. */
  readonly status: 'read' | 'damaged' | 'unreadable' | 'skipped';
  /** What it is, or what is wrong with it. */
  readonly words: string;
}

/** What could not be looked at. */
export interface NotLookedAt {
  readonly what: string;
  readonly without: string;
  /** What the bundle says of it; '' for nothing. */
  readonly why: string;
  /** How to get it. */
  readonly how: string;
}

export interface DiagnosedProgram {
  readonly target: string;
  readonly version: string;
  readonly goVersion: string;
  readonly commandLine: string;
  readonly pid: number | null;
  readonly uptimeSeconds: number | null;
  /** Else it is longer. */
  readonly isUptimeExact: boolean;
  /** When it was looked at, in milliseconds since 1970. */
  readonly time: number | null;
}

export interface DiagnoseReport {
  readonly kind: 'diagnose';
  readonly source: string;
  readonly program: DiagnosedProgram;
  readonly counts: Readonly<Record<Severity, number>>;
  readonly findings: readonly Finding[];
  readonly files: readonly DiagnosedFile[];
  readonly notLookedAt: readonly NotLookedAt[];
  /** What was to be collected and is not there, or not whole: its name, and why. */
  readonly notCollected: readonly { readonly item: string; readonly why: string }[];
  /** The collection, or the reading, was stopped by the user. */
  readonly isInterrupted: boolean;
}

export interface DiagnoseInput {
  readonly source: string;
  readonly facts: Facts;
  readonly vars: VarsFacts;
  readonly files: readonly DiagnosedFile[];
  readonly manifests: readonly Manifest[];
  /** Files were left out because the user wanted so. */
  readonly isStopped: boolean;
}

export function diagnoseReport(input: DiagnoseInput): DiagnoseReport {
  const { facts, vars, files, manifests } = input;
  const common: SaidValues = Object.fromEntries(
    [...Object.entries(facts.files), ['target', manifests[0]?.target]].map(([role, name]) => [
      role,
      name === undefined ? undefined : { argument: name },
    ]),
  );
  const own = runRules(DIAGNOSE_RULES, facts, common);
  const told = new Set(own.map(({ rule }) => rule));
  // There the first profile is called heap, and the second heap2.
  const { heap, heapBefore } = common;
  const heaps = heapBefore === undefined ? {} : { heap: heapBefore, heap2: heap };
  const around = runRules([...MEMORY_RULES, ...SYSTEM_RULES], vars, { ...common, ...heaps })
    .filter(({ rule }) => !told.has(rule))
    .map((finding) => checked(finding, facts));
  const findings = inOrder([...own, ...around]);
  return {
    kind: 'diagnose',
    source: input.source,
    program: programOf(input),
    counts: countsOf(findings),
    findings,
    files,
    notLookedAt: notLookedAt(input),
    notCollected: manifests
      .flatMap(({ items }) => items)
      .filter(({ status }) => !/^(ok|unsupported)$/.test(status))
      .map(({ name, status, error }) => ({ item: name, why: error ?? status })),
    isInterrupted: input.isStopped || manifests.some(({ interrupted }) => interrupted),
  };
}

/** What the statistics say of GC is an average since the start, and of time that a busy machine did not give: a CPU profile knows better. */
function checked(finding: Finding, { cpu, maxProcs }: Facts): Finding {
  if (!finding.rule.startsWith('gc-cpu') || cpu === undefined || maxProcs === undefined || cpu.durationNanos === 0n)
    return finding;
  const share = Number(partOf(cpu.kinds, 'gc')) / (Number(cpu.durationNanos) * maxProcs);
  if (share >= LITTLE_GC) return finding;
  const evidence = said('the CPU profile shows {share} of {procs|processor|processors} in it', {
    ...{ share: ratio(share), procs: count(maxProcs) },
  });
  return { ...finding, severity: 'note', evidence: [evidence, ...finding.evidence] };
}

const LITTLE_GC = 0.1;

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { critical: 0, warning: 0, note: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** The worst severity found; undefined: there are no findings. */
export const worstOf = ({ counts }: DiagnoseReport): Severity | undefined =>
  SEVERITIES.find((severity) => counts[severity] > 0);

function programOf({ facts, vars, manifests }: DiagnoseInput): DiagnosedProgram {
  const sample = vars.samples[vars.samples.length - 1];
  const known = <T>(values: readonly (T | undefined)[]) => values.find((value) => value !== undefined);
  const times = facts.identities.flatMap(({ time }) => time ?? []);
  return {
    target: manifests[0]?.target ?? '',
    version: known([vars.sys?.version, ...facts.identities.map(({ version }) => version)]) ?? '',
    goVersion: known([manifests[0]?.server.goVersion, sample?.goVersion, vars.sys?.goVersion]) ?? '',
    commandLine: sample?.cmdline?.join(' ') ?? '',
    pid: known(facts.identities.map(({ pid }) => pid)) ?? null,
    uptimeSeconds: facts.uptimeSeconds ?? null,
    isUptimeExact: facts.isUptimeExact,
    time: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
  };
}

interface Want {
  /** Name of the item of collect. */
  readonly item: string;
  readonly has: (input: DiagnoseInput) => boolean;
  readonly what: string;
  readonly without: string;
  readonly how: string;
}

const PPROF = 'http://HOST:PORT/debug/pprof';

const WANTED: readonly Want[] = [
  {
    item: 'goroutines',
    has: ({ facts }) => facts.dump !== undefined && !facts.dump.isCounted,
    what: 'what hangs, who holds which lock, leaks',
    without: 'a dump of the goroutines with their stacks',
    how: `curl '${PPROF}/goroutine?debug=2' > goroutines.txt`,
  },
  {
    item: 'goroutines-2',
    has: ({ facts }) => facts.dump === undefined || facts.dump.before !== undefined,
    what: 'whether goroutines grow',
    without: 'a second dump of the same process',
    how: 'take one more, some seconds later; tspprof collect does',
  },
  {
    item: 'cpu',
    has: ({ facts }) => facts.cpu !== undefined,
    what: 'where CPU time goes, what garbage collection takes of it',
    without: 'a CPU profile',
    how: `curl '${PPROF}/profile?seconds=30' > cpu.pprof`,
  },
  {
    item: 'heap',
    has: ({ facts }) => facts.heap !== undefined,
    what: 'what keeps memory, what allocates',
    without: 'a heap profile',
    how: `curl ${PPROF}/heap > heap.pprof`,
  },
  {
    item: 'heap-2',
    has: ({ facts }) => facts.heap === undefined || facts.heap.before !== undefined,
    what: 'whether the heap grows, and where',
    without: 'a second heap profile of the same process',
    how: 'take one more, some seconds or minutes later; tspprof collect does',
  },
  {
    item: 'mutex',
    has: ({ facts }) => facts.mutex !== undefined || facts.block !== undefined,
    what: 'locks that cost time',
    without: 'a mutex profile with something in it',
    how: 'runtime.SetMutexProfileFraction(100) in the program; kubo is given a rate while tspprof collects',
  },
  {
    item: 'vars',
    has: ({ vars }) => vars.samples.length > 0,
    what: 'memory, garbage collection and its pauses',
    without: 'the file of memory statistics (/debug/vars)',
    how: 'import _ "expvar" in the program; /debug/pprof/heap?debug=1 has them, too',
  },
  {
    item: 'process',
    has: ({ vars }) =>
      vars.process.length > 0 ||
      vars.sys !== undefined ||
      vars.samples.some(({ openFiles }) => openFiles !== undefined),
    what: 'open files, disk, memory and processors of the machine',
    without: 'system information',
    how: 'tspprof collect on the same machine, ipfs diag sys, or metrics of Prometheus',
  },
];

function notLookedAt(input: DiagnoseInput): NotLookedAt[] {
  const reasonOf = (item: string) =>
    input.manifests
      .flatMap(({ items }) => items)
      .find(({ name, member, error }) => name === item && member === undefined && error !== undefined)?.error ?? '';
  return WANTED.filter(({ has }) => !has(input)).map(({ item, what, without, how }) => ({
    ...{ what, without, why: reasonOf(item), how },
  }));
}
