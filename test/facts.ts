// Facts of a program that is well, and what a test changes of them.

import type { ContentionFacts, DumpFacts, Facts, HeapFacts, PlaceFacts } from '../src/analyse/diagnose/facts.js';
import type { BlockedRows, HolderRow, LockRow, StuckRow } from '../src/model/blocked.js';
import type { Work, WorkFunction, WorkPart } from '../src/model/work.js';

export const MIB = 2 ** 20;

export const facts = (more: Partial<Facts> = {}): Facts => ({
  files: {},
  ...{ dump: undefined, cpu: undefined, heap: undefined, mutex: undefined, block: undefined },
  ...{ maxProcs: undefined, threads: undefined, uptimeSeconds: undefined, isUptimeExact: true, openFiles: undefined },
  ...{ profiledGoroutines: undefined, heapAlloc: undefined, identities: [], mismatches: [] },
  ...more,
});

export type Amounts = Readonly<Record<string, number>>;

/** What a function was charged with; asked: of that, by kind of work. */
export interface Charged {
  readonly charged: number;
  readonly cum?: number;
  readonly asked?: Amounts;
}

type Functions = Readonly<Record<string, number | Charged>>;

interface Whole {
  readonly total?: number;
  readonly seconds?: number;
  readonly kinds?: Amounts;
  /** What a 1 stands for. */
  readonly unit?: number;
}

/** By function; a number is what it was charged with. total: with what is nobody's. */
export function work(functions: Functions, { total, seconds = 0, kinds = {}, unit = 1 }: Whole = {}): Work {
  const big = (value: number) => BigInt(Math.round(value * unit));
  const parts = (amounts: Amounts): WorkPart[] =>
    Object.entries(amounts)
      .map(([kind, value]) => ({ kind, value: big(value) }))
      .sort((a, b) => Number(b.value - a.value));
  const rows = Object.entries(functions).map(([name, value]): WorkFunction => {
    const { charged, cum = charged, asked = {} } = typeof value === 'number' ? { charged: value } : value;
    const of = { through: parts(asked), within: parts(asked) };
    return { ...{ name, file: 'main.go', line: 7, charged: big(charged), cum: big(cum) }, ...of };
  });
  const sum = rows.reduce((all, { charged }) => all + charged, 0n);
  return {
    ...{ type: 'x', unit: 'y', total: total === undefined ? sum : big(total) },
    durationNanos: BigInt(Math.round(seconds * 1e9)),
    functions: rows.sort((a, b) => Number(b.charged - a.charged)),
    ...{ nobody: { value: 0n, through: [] }, kinds: parts(kinds) },
  };
}

/** 10 s of CPU time in `seconds`; functions and kinds are percents of it. */
export const cpu = (functions: Functions, kinds: Amounts = {}, seconds = 10): Work =>
  work(functions, { total: 100, seconds, kinds, unit: 1e8 });

const mebi = (sizes: Amounts, total?: number) => work(sizes, { unit: MIB, total });

/** In MiB: what functions keep and have allocated; before: at a look `seconds` before. total: of what is kept. */
export const heap = (
  inuse: Amounts,
  alloc: Amounts,
  {
    before,
    seconds = 10,
    total,
    ...more
  }: Partial<Pick<HeapFacts, 'allocatedBetween' | 'live' | 'steadyRate'>> & {
    readonly before?: readonly [inuse: Amounts, alloc: Amounts];
    readonly seconds?: number;
    readonly total?: number;
  } = {},
): HeapFacts => ({
  ...{ inuse: mebi(inuse, total), alloc: mebi(alloc), timeNanos: 10n ** 18n },
  before: before && {
    ...{ inuse: mebi(before[0]), alloc: mebi(before[1]), timeNanos: 10n ** 18n - BigInt(seconds * 1e9) },
  },
  steadyRate: more.allocatedBetween === undefined ? undefined : more.allocatedBetween / seconds,
  ...{ allocatedBetween: undefined, live: undefined, ...more },
});

/** Seconds of waiting, in 10 s unless it says otherwise; kinds: of a block profile. */
export const contention = (
  functions: Functions,
  { kinds = {}, ...more }: Partial<Pick<ContentionFacts, 'contentions' | 'seconds'>> & { kinds?: Amounts } = {},
): ContentionFacts => ({
  ...{ delay: work(functions, { unit: 1e9, kinds }), contentions: 100n, seconds: 10, ...more },
});

export const place = (state: string, count: number, more: Partial<PlaceFacts> = {}): PlaceFacts => ({
  ...{ function: 'main.work', file: 'main.go', line: 7, state, createdBy: 'main.start', count },
  ...{ longestMinutes: 0, isHandler: false, orphans: 0, functions: new Set(), idle: '' },
  ...{ before: undefined, ended: undefined, arrived: undefined, gone: undefined, ...more },
});

const nobody: BlockedRows = { stuck: [], stuckGoroutines: [], locks: [], cycles: [], roots: [], leaks: [] };

/** Of the goroutines in places, unless it says otherwise. */
export const dump = (
  places: readonly PlaceFacts[],
  { blocked = {}, ...more }: Omit<Partial<DumpFacts>, 'blocked'> & { blocked?: Partial<BlockedRows> } = {},
): DumpFacts => ({
  ...{ form: 'debug=2', goroutines: places.reduce((sum, { count }) => sum + count, 0), before: undefined },
  ...{
    seconds: undefined,
    isCounted: false,
    reasons: [],
    isOfHandler: false,
    first: undefined,
    places,
    runnableBefore: undefined,
    ...more,
  },
  blocked: { ...nobody, ...blocked },
});

export const ids = (n: number, from = 100): number[] => Array.from({ length: n }, (_, i) => from + i);

export const lock = (waiters: readonly number[], more: Partial<LockRow> = {}): LockRow => ({
  ...{ name: 'Mutex in main.Bank 0xc0001', kind: 'mutex', address: '0xc0001', waiters, longestMinutes: 3 },
  ...{ isYoung: false, waitsAt: [{ function: 'main.(*Bank).Get', file: 'bank.go', line: 9 }], holders: [] },
  ...{ moreHolders: 0, ...more },
});

export const holder = (goroutine: number, more: Partial<HolderRow> = {}): HolderRow => ({
  ...{ goroutine, state: 'sync.Mutex.Lock', waitMinutes: 3, function: 'main.(*Bank).Move', file: 'bank.go', line: 20 },
  ...{ certainty: 'likely', reasons: ['is in main.(*Bank).Move'], ...more },
});

export const standing = (goroutine: number, more: Partial<StuckRow> = {}): StuckRow => ({
  ...{ goroutine, why: 'lock', state: 'sync.Mutex.Lock', says: 'hangs', waitMinutes: 3, program: null },
  ...{ function: 'main.work', file: 'main.go', line: 7, ...more },
});

export const stuck = (n: number, why: string, state = 'syscall', minutes = 3): StuckRow[] =>
  ids(n).map((goroutine) => standing(goroutine, { why, state, says: `hangs: ${why}`, waitMinutes: minutes }));
