// What the files of one program say, as the rules of diagnose read it: plain data, whatever the files were. undefined: there is no such file.

import type { BlockedRows } from '../../model/blocked.js';
import type { DumpForm, DumpReason } from '../../model/dump.js';
import type { FindingPlace, Said } from '../../model/finding.js';
import type { Work } from '../../model/work.js';

/** Goroutines that stand in one place. */
export interface PlaceFacts extends FindingPlace {
  readonly state: string;
  readonly createdBy: string;
  readonly count: number;
  readonly longestMinutes: number;
  /** They serve requests of net/http. */
  readonly isHandler: boolean;
  /** Whoever started them is gone. */
  readonly orphans: number;
  /** All functions of the program's own on their stacks. */
  readonly functions: ReadonlySet<string>;
  /** Name of the rule that says that they are idle; '' for none. */
  readonly idle: string;
  /** Of the dump before: how many stood there, and how many of those stand there no more. undefined: there is no such dump. */
  readonly before: number | undefined;
  readonly ended: number | undefined;
  /** Those that were started since; who only came here from elsewhere is none. */
  readonly arrived: number | undefined;
  /** Of those that stood there before: how many have ended, wherever. */
  readonly gone: number | undefined;
}

/** The last dump of the goroutines, compared with the first one of the same process. */
export interface DumpFacts {
  readonly form: DumpForm;
  readonly goroutines: number;
  /** Of the dump before. */
  readonly before: number | undefined;
  /** Between the two; undefined: not known. */
  readonly seconds: number | undefined;
  /** Counted: without ids, waits and arguments. */
  readonly isCounted: boolean;
  readonly reasons: readonly DumpReason[];
  /** The goroutine that panicked serves a request of net/http, which goes on. */
  readonly isOfHandler: boolean;
  /** Where the first goroutine stands: the one that ended the program. */
  readonly first: FindingPlace | undefined;
  /** Most first. */
  readonly places: readonly PlaceFacts[];
  /** Runnable goroutines of the dump before. */
  readonly runnableBefore: number | undefined;
  readonly blocked: BlockedRows;
}

export interface HeapFacts {
  /** What is kept, at the last look. */
  readonly inuse: Work;
  /** What was allocated since the start, freed or not. */
  readonly alloc: Work;
  readonly timeNanos: bigint;
  /** The first look, of the same program. */
  readonly before: { readonly inuse: Work; readonly alloc: Work; readonly timeNanos: bigint } | undefined;
  /** Bytes allocated between the two by MemStats.TotalAlloc, which does not lag as the profile does. */
  readonly allocatedBetween: number | undefined;
  /** Bytes a second by MemStats in the quietest time between two samples: what is collected allocates, too. */
  readonly steadyRate: number | undefined;
  /** How much more lives by MemStats (what each collection left) at the last sample than at the first, and at the first. */
  readonly live: { readonly before: number; readonly after: number } | undefined;
}

export interface ContentionFacts {
  /** Of the waits since `seconds` ago. */
  readonly delay: Work;
  readonly contentions: bigint;
  /** undefined: since the start of the program, and when that was is not known. */
  readonly seconds: number | undefined;
}

/** Who a file says that it is of; undefined is not said. Paths of programs differ by links and names, so that they tell nothing. */
export interface IdentityFacts {
  readonly file: string;
  readonly buildId?: string | undefined;
  readonly pid?: number | undefined;
  readonly version?: string | undefined;
  readonly commandLine?: string | undefined;
  /** Milliseconds since 1970. */
  readonly time?: number | undefined;
}

/** What a file is for, where there may be several of a kind. */
export const FILE_ROLES = [
  'dump',
  'dumpBefore',
  'cpu',
  'heap',
  'heapBefore',
  'allocs',
  'mutex',
  'block',
  'vars',
] as const;
export type FileRole = (typeof FILE_ROLES)[number];

export interface Facts {
  /** What each file is called, for commands. */
  readonly files: Readonly<Partial<Record<FileRole, string>>>;
  readonly dump: DumpFacts | undefined;
  readonly cpu: Work | undefined;
  readonly heap: HeapFacts | undefined;
  readonly mutex: ContentionFacts | undefined;
  readonly block: ContentionFacts | undefined;
  /** Processors that the program may use; undefined is not known. */
  readonly maxProcs: number | undefined;
  readonly threads: number | undefined;
  readonly uptimeSeconds: number | undefined;
  /** Else it has run for longer. */
  readonly isUptimeExact: boolean;
  readonly openFiles: { readonly before: number; readonly after: number } | undefined;
  /** Of the profile of goroutines, to be compared with the dump. */
  readonly profiledGoroutines: number | undefined;
  /** MemStats.HeapAlloc at the time of the heap profile. */
  readonly heapAlloc: number | undefined;
  readonly identities: readonly IdentityFacts[];
  /** What else says that files are not of one process. */
  readonly mismatches: readonly { readonly what: string; readonly says: Said }[];
}

/** It could run: it waits for a processor. */
export const isRunnable = (state: string) => /^(runnable|preempted)/.test(state);

export const placeOf = ({ function: func, file, line }: FindingPlace): FindingPlace => ({ function: func, file, line });
