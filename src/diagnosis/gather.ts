// Files → facts. Each file is read once, in an order that keeps little in memory: manifests first, since they know when the others were
// taken; profiles become sums and are let go; dumps stay until they are compared. A file that cannot be read is told, and the others count.

import type { IdentityFacts } from '../analyse/diagnose/facts.js';
import { parseManifest } from '../bundle/verify.js';
import { ReusedInstance } from '../core/instance.js';
import { explainHead } from '../decode/recognise.js';
import { decodeVars } from '../decode/vars/vars.js';
import { ProfileError } from '../errors.js';
import type { Dump } from '../model/dump.js';
import { type Manifest, memberTimes } from '../model/manifest.js';
import type { VarsSample } from '../model/vars.js';
import type { DiagnosedFile } from '../report/diagnose.js';
import { assemble, type Gathered, type Taken } from './assemble.js';
import type { TimedDumps } from './dumps.js';
import type { Sums } from './pairs.js';
import type { Part } from './part.js';
import { profileSums } from './profiles.js';

/** Never throws for what is in a file. signal ends it between two files: the rest is told as not looked at. */
export async function gather(parts: readonly Part[], signal?: AbortSignal): Promise<Gathered> {
  const gatherer = new Gatherer();
  const isManifest = (part: Part) => part.kind === 'manifest';
  const order = [...parts.filter(isManifest), ...parts.filter((part) => !isManifest(part))];
  for (const part of order) {
    if (signal?.aborted) gatherer.file(part, 'skipped', 'not looked at: stopped by the user');
    else await gatherer.take(part);
  }
  return assemble(gatherer, signal?.aborted === true);
}

class Gatherer implements Taken {
  readonly manifests: Manifest[] = [];
  readonly identities: IdentityFacts[] = [];
  readonly dumps: TimedDumps[] = [];
  readonly sums: Sums[] = [];
  readonly samples: Taken['samples'][number][] = [];
  readonly processes: Taken['processes'][number][] = [];
  sys: Taken['sys'];
  /** By name. */
  readonly #files = new Map<string, DiagnosedFile>();
  /** By the program's clock, in milliseconds since 1970, by part. */
  readonly #times = new Map<string, number>();
  #reused: ReusedInstance | undefined;

  get files(): readonly DiagnosedFile[] {
    return [...this.#files.values()];
  }

  /** What is wrong with a file comes behind what it is. */
  file(part: Part, status: DiagnosedFile['status'], words: string): void {
    const { name, kind } = part;
    const known = this.#files.get(name);
    this.#files.set(name, {
      file: name,
      kind,
      status,
      words: known === undefined ? words : `${known.words}; ${words}`,
    });
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
    this.manifests.push(manifest);
    for (const [member, time] of memberTimes(manifest)) this.#times.set(keyOf({ bundle: part.bundle, member }), time);
    this.identities.push({ file: part.name, version: manifest.server.version });
    this.file(part, 'read', 'what was collected, and when');
  }

  #takeDumps(part: Part, dumps: readonly Dump[]): void {
    const time = this.#times.get(keyOf(part));
    this.dumps.push({ part, dumps, time });
    this.identities.push({ file: part.name, time });
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
    this.sums.push({ part, time, ...sums });
    this.identities.push({ file: part.name, buildId: sums.buildId, time });
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
      this.sys ??= { part, info: sys };
      this.identities.push({ file: part.name, version: sys.version });
    }
    if (process !== undefined) {
      this.processes.push({ part, info: process, time: this.#times.get(keyOf(part)) });
      this.identities.push({ file: part.name, pid: process.pid, time: this.#times.get(keyOf(part)) });
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
    this.samples.push({ part, sample: { ...sample, name: part.name, timeSeconds } });
    this.identities.push({ file: part.name, commandLine: sample.cmdline?.join(' ') });
  }

  async #takeVersion(part: Part): Promise<void> {
    const version = /"Version"\s*:\s*"([^"]{1,100})"/.exec(new TextDecoder().decode(await part.bytes()))?.[1];
    this.identities.push({ file: part.name, version });
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
}

/** A manifest names members of its own bundle. */
const keyOf = ({ bundle, member }: Pick<Part, 'bundle' | 'member'>) => `${bundle}\0${member}`;

/** Names of profiles, dumps and statistics, as the guide, kubo and everybody else give them. */
const MEANT =
  /\.(cpuprof|memprof|pprof|prof|heap|stacks|vars|sysinfo|pb|prom)(\.gz)?$|(^|\/)(vars(\/\d+)?|sys|process(\.2)?|manifest|version)\.json$/i;
/** As much as says what a file is. */
const HEAD = 512;

const SORT_WORDS: Readonly<Record<Sums['sort'], string>> = {
  cpu: 'CPU profile',
  heap: 'heap profile',
  mutex: 'mutex profile',
  block: 'block profile',
  goroutines: 'profile of goroutines',
  other: 'a profile that no rule looks at',
};
