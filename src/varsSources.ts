// What a word means as memory statistics, on Node: a file, a bundle with its series and what is around it, a live program.
//
//   a file, a stream      itself, in any of the forms
//   a bundle              vars.json, vars/0001.json …; without them the end of a heap profile as text, or metrics; diag/sys, process.json;
//                         times of the samples are those of the manifest
//   host:port             /debug/vars, or else heap?debug=1, or else metrics; metrics also for what the others do not say

import { type AroundVars, type VarsFacts, varsFacts } from './analyse/varsFacts.js';
import type { NamedBundle } from './bundle/choose.js';
import { baseName, describeMember } from './bundle/layouts.js';
import { readManifest } from './bundle/verify.js';
import type { DecodedVars } from './decode/vars/vars.js';
import { ProfileError } from './errors.js';
import type { Member, MemberKind } from './model/bundle.js';
import { memberTimes } from './model/manifest.js';
import type { ProcessInfo, SysInfo, VarsSample } from './model/vars.js';
import { lateBundle, placeOf } from './place.js';
import type { Codec } from './redact/gzip.js';
import { collected } from './source/collector.js';
import { allBytes } from './source/folder.js';
import { isPath, type NodeOpenOptions, type NodeSource, nameOf, partOf, streamOf } from './sources.js';
import { readVarsBytes } from './vars.js';

export interface OpenedVars {
  readonly facts: VarsFacts;
  /** What commands may name, such as the heap profile of the same bundle; for varsReport(). */
  readonly arguments: Readonly<Record<string, string>>;
  /** Which fallback was taken, and what could not be read. */
  readonly notices: readonly string[];
  /** Some of it could not be read. */
  readonly isPartly: boolean;
}

export interface OpenVarsOptions extends NodeOpenOptions {
  /** Of a live program: a second sample, so many seconds after the first. */
  readonly seconds?: number;
  readonly codec?: Codec;
}

/** What was found so far. */
export interface Found {
  samples: VarsSample[];
  sys: SysInfo | undefined;
  process: ProcessInfo[];
  arguments: Record<string, string>;
  notices: string[];
  isPartly: boolean;
}

/** Throws ProfileError: not-vars, empty, and what reading and fetching throw. */
export async function openAllVars(sources: readonly NodeSource[], options: OpenVarsOptions): Promise<OpenedVars> {
  const found: Found = { samples: [], sys: undefined, process: [], arguments: {}, notices: [], isPartly: false };
  for (const source of sources) await openOne(source, options, found);
  const around: AroundVars = { sys: found.sys, process: found.process };
  const { arguments: named, notices, isPartly } = found;
  return { facts: varsFacts(found.samples, around), arguments: named, notices, isPartly };
}

async function openOne(source: NodeSource, options: OpenVarsOptions, found: Found): Promise<void> {
  const { maxBytes } = options;
  if (!isPath(source)) {
    const bytes = source instanceof Uint8Array ? source : await collected(streamOf(source), maxBytes);
    return add(found, readNamed(bytes, nameOf(source), options), source instanceof Uint8Array ? [] : ['vars']);
  }
  const place = await placeOf(source, maxBytes);
  switch (place.kind) {
    case 'live':
      // HTTP takes longer to load than a file to read.
      return (await import('./liveVars.js')).openLiveVars(source, options, found);
    case 'bundle':
      return openBundle(place.named, options, found);
    case 'member':
      return add(found, readNamed(await partOf(place.member, options), place.name, options), ['vars', place.name]);
    case 'file': {
      const late = await lateBundle(source, maxBytes);
      if (late?.kind === 'bundle') return openBundle(late.named, options, found);
      const name = String(source);
      return add(found, readNamed(allBytes(source, maxBytes), name, options), ['vars', name]);
    }
    default:
      return place satisfies never;
  }
}

/** Errors have the name. */
export function readNamed(
  bytes: Uint8Array,
  name: string | undefined,
  options: OpenVarsOptions,
  timeSeconds?: number,
): DecodedVars {
  try {
    return readVarsBytes(bytes, { name, timeSeconds, maxBytes: options.maxBytes, codec: options.codec });
  } catch (error) {
    throw error instanceof ProfileError && name !== undefined ? error.in(name) : error;
  }
}

export function add(
  found: Found,
  { samples, sys, process, issues }: DecodedVars,
  [word, name]: readonly string[] = [],
): void {
  found.samples.push(...samples);
  found.sys = sys ?? found.sys;
  if (process !== undefined) found.process.push(process);
  found.isPartly ||= issues.length > 0 || samples.some((sample) => sample.issues.length > 0);
  for (const { fact, line, field } of issues) {
    const at = [line === undefined ? '' : `line ${line}`, field ?? ''].filter(Boolean).join(', ');
    found.notices.push(`${name ?? samples[0]?.name ?? 'the file'}${at === '' ? '' : ` (${at})`}: ${fact}`);
  }
  if (word !== undefined && name !== undefined && samples.length > 0) found.arguments[word] ??= name;
}

/** What rules name, by what a member is. */
const WORDS: readonly (readonly [words: RegExp, argument: string])[] = [
  [/^dump of goroutines/, 'dump'],
  [/^heap profile, the second/, 'heap2'],
  [/^heap profile/, 'heap'],
  [/^allocations/, 'allocs'],
  [/^CPU profile/, 'cpu'],
  [/^goroutines, as a profile/, 'goroutines'],
  [/^execution trace/, 'trace'],
];

async function openBundle({ name, bundle }: NamedBundle, options: OpenVarsOptions, found: Found): Promise<void> {
  for (const { fact } of bundle.issues) found.notices.push(`${name}: ${fact}`);
  const members = [...bundle.members].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const member of members) {
    const argument = WORDS.find(([words]) => words.test(describeMember(member)))?.[1];
    if (argument !== undefined && member.issue === undefined) found.arguments[argument] ??= `${name}:${member.name}`;
  }
  const isOf = (kind: MemberKind) => (member: Member) => member.kind === kind;
  const times = await timesOf(members.find(isOf('manifest')));
  const read = async (member: Member): Promise<boolean> => {
    try {
      const full = `${name}:${member.name}`;
      const time = times.get(member.name);
      const decoded = readNamed(await partOf(member, options), full, options, time && time / 1000);
      add(found, decoded, ['vars', full]);
      return decoded.samples.length > 0;
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      if (member.kind === 'vars') found.notices.push(error.message);
      return false;
    }
  };
  const readAll = async (list: readonly Member[]) => {
    let some: Member | undefined;
    for (const member of list) if (await read(member)) some = member;
    return some;
  };
  for (const member of members)
    if (member.kind === 'sysinfo' || /^process\.json$/.test(baseName(member.name))) await read(member);
  const vars = await readAll(members.filter(isOf('vars')));
  const heap = vars ?? (await readAll(members.filter(isOf('text-profile'))));
  const metrics = await readAll(members.filter(isOf('metrics')));
  const instead = vars === undefined ? (heap ?? metrics) : undefined;
  if (instead !== undefined) found.notices.push(`${name} has no /debug/vars: this is ${instead.name}`);
  if (vars !== undefined || instead !== undefined || found.sys !== undefined || found.process.length > 0) return;
  const names = members.slice(0, 12).map((member) => member.name);
  throw new ProfileError(
    'not-vars',
    'there are no memory statistics in it',
    { source: name },
    `${names.length === 0 ? 'it is empty' : `it has ${names.join(', ')}`}; tspprof collect takes /debug/vars along`,
  );
}

/** Milliseconds; a manifest that cannot be read has none. */
async function timesOf(manifest: Member | undefined): Promise<ReadonlyMap<string, number>> {
  try {
    return manifest === undefined ? new Map() : memberTimes(await readManifest(manifest));
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return new Map();
  }
}
