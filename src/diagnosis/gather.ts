// Files → facts. Each file is read once, in an order that keeps little in memory: manifests first, since they know when the others were
// taken; profiles become sums and are let go; dumps stay until they are compared. A file that cannot be read is told, and the others count.

import { cpuCores } from '../analyse/diagnose/cpuRules.js';
import type { Facts, FileRole, IdentityFacts } from '../analyse/diagnose/facts.js';
import { memoryFigures } from '../analyse/memory.js';
import { type VarsFacts, varsFacts } from '../analyse/varsFacts.js';
import { parseManifest } from '../bundle/verify.js';
import { ReusedInstance } from '../core/instance.js';
import { explainHead } from '../decode/recognise.js';
import { decodeVars } from '../decode/vars/vars.js';
import { ProfileError } from '../errors.js';
import type { Dump } from '../model/dump.js';
import { said } from '../model/finding.js';
import type { Manifest } from '../model/manifest.js';
import type { ProcessInfo, SysInfo, VarsSample } from '../model/vars.js';
import type { DiagnosedFile } from '../report/diagnose.js';
import { dumpsOf, type TimedDumps } from './dumps.js';
import { contentionOf, heapOf, inOrderOfTime, type Sums } from './pairs.js';
import { comparableBy, type Part } from './part.js';
import { profileSums } from './profiles.js';

export interface Gathered {
  readonly facts: Facts;
  readonly vars: VarsFacts;
  readonly files: readonly DiagnosedFile[];
  readonly manifests: readonly Manifest[];
  /** Files were left out: the signal was given. */
  readonly isStopped: boolean;
}

/** Never throws for what is in a file. signal ends it between two files: the rest is told as not looked at. */
export async function gather(parts: readonly Part[], signal?: AbortSignal): Promise<Gathered> {
  const gatherer = new Gatherer();
  const isManifest = (part: Part) => part.kind === 'manifest';
  const order = [...parts.filter(isManifest), ...parts.filter((part) => !isManifest(part))];
  for (const part of order) {
    if (signal?.aborted) gatherer.file(part, 'skipped', 'not looked at: stopped by the user');
    else await gatherer.take(part);
  }
  return gatherer.end(signal?.aborted === true);
}

class Gatherer {
  readonly #files: DiagnosedFile[] = [];
  readonly #manifests: Manifest[] = [];
  /** Milliseconds since 1970, by part. */
  readonly #times = new Map<string, number>();
  readonly #identities: IdentityFacts[] = [];
  readonly #dumps: TimedDumps[] = [];
  readonly #sums: Sums[] = [];
  readonly #samples: { readonly part: Part; readonly sample: VarsSample }[] = [];
  readonly #process: { readonly part: Part; readonly info: ProcessInfo; readonly time: number | undefined }[] = [];
  #reused: ReusedInstance | undefined;
  #sys: { readonly part: Part; readonly info: SysInfo } | undefined;

  /** What is wrong with a file comes behind what it is. */
  file(part: Part, status: DiagnosedFile['status'], words: string): void {
    const row = this.#files.findIndex(({ file }) => file === part.name);
    if (row < 0) this.#files.push({ file: part.name, kind: part.kind, status, words });
    else this.#files[row] = { ...this.#files[row], status, words: `${this.#files[row].words}; ${words}` };
  }

  async take(part: Part): Promise<void> {
    try {
      await this.#takeIt(part);
      if (part.issue !== undefined) this.file(part, 'damaged', part.issue);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      this.file(part, 'unreadable', error.fact);
    }
  }

  async #takeIt(part: Part): Promise<void> {
    switch (part.kind) {
      case 'manifest':
        return this.#takeManifest(part);
      case 'dump':
        return this.#takeDumps(part, (await part.read()).dumps());
      case 'profile':
      case 'text-profile':
        return this.#takeProfile(part);
      case 'vars':
      case 'sysinfo':
      case 'metrics':
        return this.#takeVars(part);
      case 'version':
        return this.#takeVersion(part);
      case 'json':
      case 'text':
      case 'unknown':
        return this.#takeOther(part);
      case 'trace':
      case 'binary':
        return this.file(part, 'skipped', 'not looked into');
      case 'archive':
        return this.file(part, 'skipped', 'an archive in the bundle: give its name to have it diagnosed');
      case 'empty':
        // Also what cannot be decompressed begins with nothing.
        await part.bytes();
        return this.file(part, 'unreadable', part.issue ?? 'it is empty');
      case 'html':
        return this.#takePage(part);
      default:
        return part.kind satisfies never;
    }
  }

  async #takeManifest(part: Part): Promise<void> {
    const manifest = parseManifest(new TextDecoder().decode(await part.bytes()), part.name);
    this.#manifests.push(manifest);
    for (const { member, started } of manifest.items) {
      const time = Date.parse(started ?? '');
      if (member !== undefined && !Number.isNaN(time)) this.#times.set(keyOf({ bundle: part.bundle, member }), time);
    }
    this.#identities.push({ file: part.name, version: manifest.server.version });
    this.file(part, 'read', 'what was collected, and when');
  }

  #takeDumps(part: Part, dumps: readonly Dump[]): void {
    const time = this.#times.get(keyOf(part));
    this.#dumps.push({ part, dumps, time });
    this.#identities.push({ file: part.name, time });
    this.file(part, 'read', 'goroutines');
    const issue = dumps.flatMap(({ issues }) => issues)[0];
    if (issue !== undefined)
      this.file(part, 'damaged', `${issue.fact}${issue.line > 0 ? ` (line ${issue.line})` : ''}`);
  }

  async #takeProfile(part: Part): Promise<void> {
    // The text form of a heap ends in the memory statistics.
    if (part.kind === 'text-profile') await this.#takeVarsOfHeap(part);
    const sums = profileSums(part.member, await part.read(this.#core()));
    const time = sums.timeNanos > 0n ? Number(sums.timeNanos / 1_000_000n) : this.#times.get(keyOf(part));
    this.#sums.push({ part, time, ...sums });
    this.#identities.push({ file: part.name, buildId: sums.buildId, time });
    this.file(part, sums.sort === 'other' ? 'skipped' : 'read', SORT_WORDS[sums.sort]);
  }

  /** One after the other: each is let go before the next. */
  #core(): ReusedInstance {
    this.#reused ??= new ReusedInstance();
    return this.#reused;
  }

  async #takeVarsOfHeap(part: Part): Promise<void> {
    try {
      for (const sample of decodeVars(await part.bytes()).samples) this.#addSample(part, sample);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
    }
  }

  async #takeVars(part: Part): Promise<void> {
    const { samples, sys, process, issues } = decodeVars(await part.bytes());
    for (const sample of samples) this.#addSample(part, sample);
    if (sys !== undefined) {
      this.#sys ??= { part, info: sys };
      this.#identities.push({ file: part.name, version: sys.version });
    }
    if (process !== undefined) {
      this.#process.push({ part, info: process, time: this.#times.get(keyOf(part)) });
      this.#identities.push({ file: part.name, pid: process.pid, time: this.#times.get(keyOf(part)) });
    }
    const words = samples.length > 0 ? 'memory statistics' : sys !== undefined ? 'the system' : 'the process';
    this.file(part, 'read', words);
    const issue = [...issues, ...samples.flatMap((sample) => sample.issues)][0];
    if (issue !== undefined)
      this.file(part, 'damaged', `${issue.fact}${issue.line === undefined ? '' : ` (line ${issue.line})`}`);
  }

  #addSample(part: Part, sample: VarsSample): void {
    const time = this.#times.get(keyOf(part));
    const timeSeconds = sample.timeSeconds ?? (time === undefined ? undefined : time / 1000);
    this.#samples.push({ part, sample: { ...sample, name: part.name, timeSeconds } });
    this.#identities.push({ file: part.name, commandLine: sample.cmdline?.join(' ') });
  }

  async #takeVersion(part: Part): Promise<void> {
    const version = /"Version"\s*:\s*"([^"]{1,100})"/.exec(new TextDecoder().decode(await part.bytes()))?.[1];
    this.#identities.push({ file: part.name, version });
    this.file(part, 'read', 'the version');
  }

  async #takePage(part: Part): Promise<void> {
    const isIndex = /\/debug\/pprof\//.test(new TextDecoder().decode(await part.bytes()));
    if (isIndex) this.file(part, 'skipped', 'the index page of /debug/pprof/');
    else this.file(part, 'unreadable', 'it is an HTML page: a login or an error was saved as the file');
  }

  /** process.json, or nothing of ours; what is called like a file that is wanted was meant to be one. */
  async #takeOther(part: Part): Promise<void> {
    try {
      await this.#takeVars(part);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      const isMeant = MEANT.test(part.member);
      const head = (await part.bytes()).subarray(0, HEAD);
      const isJson = part.kind === 'json' || part.member.endsWith('.json');
      const fact = isJson ? error.fact : (explainHead(head)?.fact ?? 'this is neither text nor a profile');
      this.file(part, isMeant ? 'unreadable' : 'skipped', isMeant ? fact : 'no rule looks at it');
    }
  }

  /** By bundle. */
  #pids(): Map<string, Set<number>> {
    const pids = new Map<string, Set<number>>();
    for (const { part, info } of this.#process)
      if (info.pid !== undefined) pids.set(part.bundle, (pids.get(part.bundle) ?? new Set()).add(info.pid));
    return pids;
  }

  end(isStopped: boolean): Gathered {
    const role = new Map<FileRole, string>();
    const put = (name: FileRole, part: Part | undefined) => {
      if (part !== undefined && !role.has(name)) role.set(name, part.name);
    };
    const of = (sort: Sums['sort']) => this.#sums.filter((one) => one.sort === sort);
    const cpu = of('cpu').reduce<Sums | undefined>(
      (a, b) => (a !== undefined && cpuTotal(a) >= cpuTotal(b) ? a : b),
      undefined,
    );
    const processes = inOrderOfTime(this.#process).map(({ info }) => info);
    const vars = varsFacts(
      this.#samples.map(({ sample }) => sample),
      { sys: this.#sys?.info, process: processes },
    );
    const [firstSample] = vars.samples;
    const lastSample = vars.samples[vars.samples.length - 1];
    const figures = lastSample === undefined ? undefined : memoryFigures(lastSample);
    const { uptimeSeconds, isUptimeExact = false } = figures ?? {};
    const knownUptime = isUptimeExact ? uptimeSeconds : undefined;
    const isComparable = comparableBy(this.#pids());
    const dumps = dumpsOf(this.#dumps, isComparable);
    const heap = heapOf(of('heap'), isComparable, firstSample, lastSample);
    const mutex = contentionOf(of('mutex'), isComparable, knownUptime);
    const block = contentionOf(of('block'), isComparable, knownUptime);
    put('dump', dumps.last);
    put('dumpBefore', dumps.first);
    put('cpu', cpu?.part);
    put('heap', heap.last?.part);
    put('heapBefore', heap.first?.part);
    put('allocs', heap.allocs?.part);
    put('mutex', mutex.last?.part);
    put('block', block.last?.part);
    put('vars', this.#samples[0]?.part);
    put('sys', this.#sys?.part);
    put('process', this.#process[0]?.part);
    const lastProcess = processes[processes.length - 1];
    return {
      vars,
      files: this.#files,
      manifests: this.#manifests,
      isStopped,
      facts: {
        files: Object.fromEntries(role),
        dump: dumps.facts,
        cpu: cpu?.works.get('cpu'),
        heap: heap.facts,
        mutex: mutex.facts,
        block: block.facts,
        maxProcs: lastSample?.gomaxprocs ?? this.#sys?.info.gomaxprocs ?? guessedProcs(cpu, lastProcess?.cores),
        threads: lastSample?.threads ?? lastProcess?.threads,
        uptimeSeconds,
        isUptimeExact,
        openFiles: openFilesOf(processes),
        profiledGoroutines: of('goroutines').map(({ count }) => Number(count))[0],
        heapAlloc: lastSample?.memStats.HeapAlloc === undefined ? undefined : Number(lastSample.memStats.HeapAlloc),
        identities: this.#identities,
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
}

/** A manifest names members of its own bundle. */
const keyOf = ({ bundle, member }: Pick<Part, 'bundle' | 'member'>) => `${bundle}\0${member}`;

/** Names of profiles, dumps and statistics, as the guide, kubo and everybody else give them. */
const MEANT =
  /\.(cpuprof|memprof|pprof|prof|heap|stacks|vars|sysinfo|pb|prom)(\.gz)?$|(^|\/)(vars(\/\d+)?|sys|process(\.2)?|manifest|version)\.json$/i;
/** As much as says what a file is. */
const HEAD = 512;

/** At the first look and at the last. */
function openFilesOf(processes: readonly ProcessInfo[]): Facts['openFiles'] {
  const [first, last] = [processes[0], processes[processes.length - 1]];
  if (first === last || first.pid !== last.pid || first.openFiles === undefined || last.openFiles === undefined)
    return undefined;
  return { before: first.openFiles, after: last.openFiles };
}

/** Of the machine, but no more than the program is seen to use: GOMAXPROCS may be less. */
function guessedProcs(cpu: Sums | undefined, machine: number | undefined): number | undefined {
  const work = cpu?.works.get('cpu');
  if (machine === undefined || work === undefined || work.durationNanos === 0n) return machine;
  return Math.min(machine, Math.max(1, Math.round(cpuCores(work))));
}

const cpuTotal = ({ works }: Sums) => works.get('cpu')?.total ?? 0n;

const SORT_WORDS: Readonly<Record<Sums['sort'], string>> = {
  cpu: 'CPU profile',
  heap: 'heap profile',
  mutex: 'mutex profile',
  block: 'block profile',
  goroutines: 'profile of goroutines',
  other: 'a profile that no rule looks at',
};
