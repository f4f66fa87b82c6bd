// What a member of a bundle is called in words, and which of a program's files are missing. Content decides what a member is; its name only
// says which of several it is, in the words of those who write such bundles: kubo, the debugging guide, consul, vault, nomad, promtool,
// influxdb, cockroach, minio, coder, tspprof.

import type { Member, MemberKind } from '../model/bundle.js';

/** By the base name; the first that fits. */
const PROFILES: readonly (readonly [name: RegExp, words: string])[] = [
  [/heap\.2\./i, 'heap profile, the second'],
  [/goroutineleak/i, 'leaked goroutines, as a profile'],
  [/goroutine/i, 'goroutines, as a profile'],
  [/heap|memprof|^mem[._-]|\.mem/i, 'heap profile'],
  [/alloc/i, 'allocations, as a profile'],
  [/mutex\.before/i, 'mutex profile, the first'],
  [/mutex/i, 'mutex profile'],
  [/block\.before/i, 'block profile, the first'],
  [/block/i, 'block profile'],
  [/thread/i, 'threads, as a profile'],
  [/cpu|profile(_\d+)?(\.|$)/i, 'CPU profile'],
];

const WORDS: Readonly<Record<MemberKind, string>> = {
  dump: 'dump of goroutines',
  profile: 'profile',
  'text-profile': 'profile, as text',
  vars: '/debug/vars, memory statistics',
  sysinfo: 'system information',
  version: 'version of the program',
  manifest: 'what was collected, and how',
  metrics: 'metrics',
  trace: 'execution trace',
  binary: 'program',
  archive: 'archive',
  json: 'JSON',
  html: 'HTML page',
  text: 'text',
  empty: 'empty',
  unknown: 'unknown',
};

export const baseName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

/** What it is, in a few words. */
export function describeMember({ name, kind }: Pick<Member, 'name' | 'kind'>): string {
  if (kind !== 'profile' && kind !== 'text-profile') return WORDS[kind];
  const words = PROFILES.find(([pattern]) => pattern.test(baseName(name)))?.[1] ?? 'profile';
  return kind === 'profile' ? words : `${words}, as text`;
}

/** Whether a profile is called a CPU profile. */
export const isCalledCpu = (name: string) => describeMember({ name, kind: 'profile' }) === 'CPU profile';

interface Wanted {
  readonly words: string;
  readonly has: (members: readonly Member[]) => boolean;
}

const some = (test: (member: Member) => boolean) => (members: readonly Member[]) => members.some(test);
const profile = (words: string) =>
  some((member) => /profile/.test(member.kind) && describeMember({ ...member, kind: 'profile' }).startsWith(words));

/** The debugging guide's five. */
const GUIDE: readonly Wanted[] = [
  { words: 'the dump of goroutines', has: some(({ kind }) => kind === 'dump') },
  { words: 'the CPU profile', has: profile('CPU profile') },
  { words: 'the heap profile', has: profile('heap profile') },
  { words: 'the memory statistics (/debug/vars)', has: some(({ kind }) => kind === 'vars') },
  { words: 'the system information (ipfs diag sys)', has: some(({ kind }) => kind === 'sysinfo') },
];

/** What `ipfs diag profile` always asks for. */
const KUBO: readonly string[] = [
  'goroutines.stacks',
  'goroutines.pprof',
  'version.json',
  'heap.pprof',
  'allocs.pprof',
  'cpu.pprof',
  'mutex.pprof',
  'block.pprof',
];

/** What one would look for and not find; empty where it is no bundle of a whole program. */
export function missingOf(members: readonly Member[]): string[] {
  const has = new Set(members.map(({ name }) => name));
  const isKubo =
    has.has('goroutines.stacks') && has.has('version.json') && !members.some(({ kind }) => kind === 'manifest');
  const kubo = isKubo ? KUBO.filter((name) => !has.has(name)) : [];
  const guide = GUIDE.filter(({ has: isThere }) => !isThere(members)).map(({ words }) => words);
  // Two of five may be anything.
  return guide.length > 3 ? kubo : [...kubo, ...guide.filter((words) => kubo.length === 0 || !/profile/.test(words))];
}
