// What is collected, a row an item: how it is asked for, what must come back, where it lies in the bundle. Names in the bundle are
// those of kubo's own `ipfs diag profile`, so that whoever reads its bundles reads these. Adding an item is adding a row.
//
//   first    before anything else: a program that is dying leaves its stacks
//   state    what costs little
//   timed    takes its seconds
//   after    while rates are set by us, and what is taken a second time
//   request  only when asked for

import type { MemberKind } from '../model/bundle.js';

export interface Timing {
  /** Of the CPU profile. */
  readonly seconds: number;
  /** Of the trace. */
  readonly traceSeconds: number;
}

export interface ItemRow {
  readonly name: string;
  readonly member: string;
  /** One line, for the bundle's README.txt and for help. */
  readonly help: string;
  readonly phase: 'first' | 'state' | 'timed' | 'after' | 'request';
  /** From the root of the server (`/…`), or below the pprof prefix; undefined: nothing that one request gives. */
  readonly path?: (timing: Timing) => string;
  readonly method?: 'POST';
  /** What the answer must be. */
  readonly kinds: readonly MemberKind[];
  /** Its name on the index page: not asked for where there is an index without it. */
  readonly listed?: string;
  /** A server without it is a healthy one: 404 and 405 are no failures. */
  readonly isOptional?: true;
  /** kubo's RPC: only there. */
  readonly onlyKubo?: true;
  /** What the server does for so long before it answers. */
  readonly duration?: (timing: Timing) => number;
  /** The name of the row that it takes once more, some time later or earlier: growth is between the two. */
  readonly repeats?: string;
}

const profile = ['profile'] as const;

export const ITEMS: readonly ItemRow[] = [
  {
    name: 'goroutines',
    member: 'goroutines.stacks',
    help: 'all goroutines with their stacks: tspprof stacks',
    phase: 'first',
    path: () => 'goroutine?debug=2',
    kinds: ['dump'],
  },
  {
    name: 'version',
    member: 'version.json',
    help: "kubo's version",
    phase: 'state',
    path: () => '/api/v0/version',
    method: 'POST',
    kinds: ['version', 'json'],
    onlyKubo: true,
  },
  {
    name: 'vars',
    member: 'vars.json',
    help: "/debug/vars: the runtime's MemStats, the command line, what the program counts",
    phase: 'state',
    path: () => '/debug/vars',
    kinds: ['vars', 'json'],
    isOptional: true,
  },
  {
    name: 'sys',
    member: 'sys.json',
    help: 'the system: disk, memory, network, cores (ipfs diag sys)',
    phase: 'state',
    path: () => '/api/v0/diag/sys',
    method: 'POST',
    kinds: ['sysinfo', 'json'],
    onlyKubo: true,
  },
  {
    name: 'process',
    member: 'process.json',
    help: 'the process and its machine, when that is this one: memory, threads, files, limits',
    phase: 'state',
    kinds: ['json'],
    isOptional: true,
  },
  {
    name: 'cmdline',
    member: 'cmdline.json',
    help: 'the command line of the program',
    phase: 'state',
    path: () => 'cmdline',
    kinds: ['text', 'unknown'],
    isOptional: true,
  },
  {
    name: 'goroutines-pprof',
    member: 'goroutines.pprof',
    help: 'goroutines as a profile, with labels',
    phase: 'state',
    path: () => 'goroutine',
    kinds: profile,
    listed: 'goroutine',
  },
  {
    name: 'heap',
    member: 'heap.pprof',
    help: 'what keeps memory: tspprof top -inuse_space',
    phase: 'state',
    path: () => 'heap',
    kinds: profile,
    listed: 'heap',
  },
  {
    name: 'allocs',
    member: 'allocs.pprof',
    help: 'what allocates, since the start: tspprof top -alloc_space',
    phase: 'state',
    path: () => 'allocs',
    kinds: profile,
    listed: 'allocs',
  },
  {
    name: 'threadcreate',
    member: 'threadcreate.pprof',
    help: 'what made threads',
    phase: 'state',
    path: () => 'threadcreate',
    kinds: profile,
    listed: 'threadcreate',
    isOptional: true,
  },
  {
    name: 'goroutineleak',
    member: 'goroutineleak.pprof',
    help: 'goroutines that nothing can wake (Go 1.27)',
    phase: 'state',
    path: () => 'goroutineleak',
    kinds: profile,
    listed: 'goroutineleak',
    isOptional: true,
  },
  {
    name: 'mutex-before',
    member: 'mutex.before.pprof',
    help: 'the same as mutex, before the CPU profile: what came since is of now',
    phase: 'state',
    path: () => 'mutex',
    kinds: profile,
    listed: 'mutex',
    isOptional: true,
    repeats: 'mutex',
  },
  {
    name: 'block-before',
    member: 'block.before.pprof',
    help: 'the same as block, before the CPU profile',
    phase: 'state',
    path: () => 'block',
    kinds: profile,
    listed: 'block',
    isOptional: true,
    repeats: 'block',
  },
  {
    name: 'cpu',
    member: 'cpu.pprof',
    help: 'where CPU time goes: tspprof top, tspprof web',
    phase: 'timed',
    path: ({ seconds }) => `profile?seconds=${seconds}`,
    kinds: profile,
    duration: ({ seconds }) => seconds,
  },
  {
    name: 'mutex',
    member: 'mutex.pprof',
    help: 'who made others wait for locks; empty unless the program sets a rate, or kubo was given one',
    phase: 'after',
    path: () => 'mutex',
    kinds: profile,
    listed: 'mutex',
  },
  {
    name: 'block',
    member: 'block.pprof',
    help: 'where goroutines waited; empty unless the program sets a rate, or kubo was given one',
    phase: 'after',
    path: () => 'block',
    kinds: profile,
    listed: 'block',
  },
  {
    name: 'heap-2',
    member: 'heap.2.pprof',
    help: 'the heap once more: tspprof top -diff_base shows what grew',
    phase: 'after',
    path: () => 'heap',
    kinds: profile,
    listed: 'heap',
    repeats: 'heap',
  },
  {
    name: 'goroutines-2',
    member: 'goroutines.2.stacks',
    help: 'the goroutines once more: tspprof stacks BUNDLE shows what came, went and grew',
    phase: 'after',
    path: () => 'goroutine?debug=2',
    kinds: ['dump'],
    repeats: 'goroutines',
  },
  {
    name: 'process-2',
    member: 'process.2.json',
    help: 'the process once more: memory, threads, files',
    phase: 'after',
    kinds: ['json'],
    isOptional: true,
    repeats: 'process',
  },
  {
    name: 'metrics',
    member: 'metrics.prom',
    help: 'metrics in the text form of Prometheus',
    phase: 'after',
    kinds: ['metrics'],
    isOptional: true,
  },
  {
    name: 'trace',
    member: 'trace',
    help: 'an execution trace: go tool trace',
    phase: 'request',
    path: ({ traceSeconds }) => `trace?seconds=${traceSeconds}`,
    kinds: ['trace'],
    duration: ({ traceSeconds }) => traceSeconds,
  },
  {
    name: 'binary',
    member: 'binary',
    help: 'the program itself',
    phase: 'request',
    kinds: ['binary'],
  },
];

/** Profiles of the program's own, which the index lists; at most so many. */
export const MOST_CUSTOM = 20;

/** The row of a profile that only this program has. */
export function customItem(name: string): ItemRow {
  return {
    name: `custom-${name}`,
    member: `custom/${name.replace(/[^\w.-]+/g, '_')}.pprof`,
    help: `the program's own profile ${name}`,
    phase: 'state',
    path: () => name.split('/').map(encodeURIComponent).join('/'),
    kinds: profile,
    listed: name,
    isOptional: true,
  };
}

/** Where pprof is served: by net/http/pprof itself, vault, nomad, and where people put it. */
export const PREFIXES: readonly string[] = [
  '/debug/pprof/',
  '/v1/sys/pprof/',
  '/v1/agent/pprof/',
  '/pprof/',
  '/admin/pprof/',
];

/** Where metrics are: kubo's, and everybody's. */
export const METRICS: readonly string[] = ['/debug/metrics/prometheus', '/metrics'];

/** The profiles of an index page of net/http/pprof, with their counts. html is untrusted. */
export function readIndex(html: string): Map<string, number> {
  const found = new Map<string, number>();
  const row = /<td>\s*(\d{1,15})\s*<\/td>\s*<td>\s*<a href=['"]?([^'"?#>\s]{1,200})\?debug=\d['"]?>/g;
  for (const [, count, href] of html.matchAll(row)) {
    let name = href;
    try {
      name = decodeURIComponent(href);
    } catch {
      // As it stands, then.
    }
    if (/^[\w./@:+-]+$/.test(name) && !name.includes('..') && !name.startsWith('/')) found.set(name, Number(count));
  }
  return found;
}
