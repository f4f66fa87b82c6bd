// What was taken out of the files of a program → facts: which dumps, profiles and samples belong together, and what each file is for.

import type { Facts, FileRole, IdentityFacts } from '../analyse/diagnose/facts.js';
import { memoryFigures } from '../analyse/memory.js';
import { type VarsFacts, varsFacts } from '../analyse/varsFacts.js';
import { said } from '../model/finding.js';
import type { Manifest } from '../model/manifest.js';
import type { ProcessInfo, SysInfo, VarsSample } from '../model/vars.js';
import type { DiagnosedFile } from '../report/diagnose.js';
import { dumpsOf, type TimedDumps } from './dumps.js';
import { contentionOf, heapOf, inOrderOfTime, type Sums } from './pairs.js';
import { comparableBy, type Part } from './part.js';

/** Times are milliseconds since 1970. */
export interface Taken {
  readonly files: readonly DiagnosedFile[];
  readonly manifests: readonly Manifest[];
  readonly identities: readonly IdentityFacts[];
  readonly dumps: readonly TimedDumps[];
  readonly sums: readonly Sums[];
  readonly samples: readonly { readonly part: Part; readonly sample: VarsSample }[];
  readonly processes: readonly { readonly part: Part; readonly info: ProcessInfo; readonly time: number | undefined }[];
  readonly sys: { readonly part: Part; readonly info: SysInfo } | undefined;
}

export interface Gathered {
  readonly facts: Facts;
  readonly vars: VarsFacts;
  readonly files: readonly DiagnosedFile[];
  readonly manifests: readonly Manifest[];
  /** Files were left out: the signal was given. */
  readonly isStopped: boolean;
}

/** isStopped: see Gathered. */
export function assemble(taken: Taken, isStopped: boolean): Gathered {
  const of = (sort: Sums['sort']) => taken.sums.filter((one) => one.sort === sort);
  // What was hot before may be over.
  const cpu = inOrderOfTime(of('cpu')).pop();
  const processes = inOrderOfTime(taken.processes).map(({ info }) => info);
  const vars = varsFacts(
    taken.samples.map(({ sample }) => sample),
    { sys: taken.sys?.info, process: processes },
  );
  const [firstSample] = vars.samples;
  const lastSample = vars.samples[vars.samples.length - 1];
  const figures = lastSample === undefined ? undefined : memoryFigures(lastSample);
  const { uptimeSeconds, isUptimeExact = false } = figures ?? {};
  const knownUptime = isUptimeExact ? uptimeSeconds : undefined;
  const isComparable = comparableBy(pidsOf(taken));
  const dumps = dumpsOf(taken.dumps, isComparable);
  const heap = heapOf(of('heap'), isComparable, vars.samples);
  const mutex = contentionOf(of('mutex'), isComparable, knownUptime);
  const block = contentionOf(of('block'), isComparable, knownUptime);
  const roles: Readonly<Record<FileRole, Part | undefined>> = {
    ...{ dump: dumps.last, dumpBefore: dumps.first, cpu: cpu?.part },
    ...{ heap: heap.last?.part, heapBefore: heap.first?.part, allocs: heap.allocs?.part },
    ...{ mutex: mutex.last?.part, block: block.last?.part, vars: taken.samples[taken.samples.length - 1]?.part },
  };
  const lastProcess = processes[processes.length - 1];
  return {
    vars,
    files: taken.files,
    manifests: taken.manifests,
    isStopped,
    facts: {
      files: Object.fromEntries(Object.entries(roles).flatMap(([role, part]) => (part ? [[role, part.name]] : []))),
      dump: dumps.facts,
      cpu: cpu?.works.get('cpu'),
      heap: heap.facts,
      mutex: mutex.facts,
      block: block.facts,
      maxProcs: lastSample?.gomaxprocs ?? taken.sys?.info.gomaxprocs ?? lastProcess?.cores,
      threads: lastSample?.threads ?? lastProcess?.threads,
      uptimeSeconds,
      isUptimeExact,
      openFiles: openFilesOf(processes),
      profiledGoroutines: of('goroutines').map(({ count }) => Number(count))[0],
      heapAlloc: lastSample?.memStats.HeapAlloc === undefined ? undefined : Number(lastSample.memStats.HeapAlloc),
      identities: taken.identities,
      mismatches: [
        ...dumps.mismatches,
        ...heap.mismatches,
        ...vars.others.map((samples) => ({
          what: 'process',
          says: said('the counters of {file} are not those of {other}: they begin anew', {
            ...{ file: samples[0]?.name ?? 'a file', other: firstSample?.name ?? 'the others' },
          }),
        })),
      ],
    },
  };
}

/** Process ids by bundle. */
function pidsOf({ processes }: Taken): Map<string, Set<number>> {
  const pids = new Map<string, Set<number>>();
  for (const { part, info } of processes)
    if (info.pid !== undefined) pids.set(part.bundle, (pids.get(part.bundle) ?? new Set()).add(info.pid));
  return pids;
}

/** At the first look and at the last. */
function openFilesOf(processes: readonly ProcessInfo[]): Facts['openFiles'] {
  const [first, last] = [processes[0], processes[processes.length - 1]];
  if (first === last || first.pid !== last.pid || first.openFiles === undefined || last.openFiles === undefined)
    return undefined;
  return { before: first.openFiles, after: last.openFiles };
}
