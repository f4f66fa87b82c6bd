// What a Go program says of its memory, and what is known of the process and the machine around it. Everything may be missing: each source
// knows a part. Names are Go's own (runtime.MemStats), numbers are exact: NextGC may be 2^64 - 1.

/** The uint64 and uint32 fields of runtime.MemStats that say something. EnableGC, DebugGC and Lookups have been constant since Go 1.0-1.8. */
export const MEM_FIELDS = [
  'Alloc',
  'TotalAlloc',
  'Sys',
  'Mallocs',
  'Frees',
  'HeapAlloc',
  'HeapSys',
  'HeapIdle',
  'HeapInuse',
  'HeapReleased',
  'HeapObjects',
  'StackInuse',
  'StackSys',
  'MSpanInuse',
  'MSpanSys',
  'MCacheInuse',
  'MCacheSys',
  'BuckHashSys',
  'GCSys',
  'OtherSys',
  'NextGC',
  'LastGC',
  'PauseTotalNs',
  'NumGC',
  'NumForcedGC',
] as const;
export type MemField = (typeof MEM_FIELDS)[number];

export interface SizeClass {
  readonly Size: number;
  readonly Mallocs: bigint;
  readonly Frees: bigint;
}

/** Bytes, counts, and nanoseconds since 1970 (LastGC, PauseEnd). A field that its source has not is undefined. */
export interface MemStats extends Readonly<Partial<Record<MemField, bigint>>> {
  /** Of all CPU time that was there, GOMAXPROCS × uptime, since the start; without idle marking. */
  readonly GCCPUFraction?: number;
  /** Rings of 256: GC number n is at (n + 255) % 256. All of them or none. */
  readonly PauseNs?: readonly bigint[];
  readonly PauseEnd?: readonly bigint[];
  readonly BySize?: readonly SizeClass[];
}

/** Length of the rings. */
export const RING = 256;

/** A counter of badger: a number, or one for each level or directory. */
export type BadgerValue = bigint | ReadonlyMap<string, bigint>;

/** /debug/vars; the end of heap?debug=1; Prometheus' text. */
export type VarsSource = 'expvar' | 'heap text' | 'metrics';

/** Odd, but survivable. */
export interface VarsIssue {
  readonly fact: string;
  /** From 1; undefined where it is of no line. */
  readonly line?: number;
  /** `memstats.NextGC` */
  readonly field?: string;
}

/** One look at a program. */
export interface VarsSample {
  readonly source: VarsSource;
  /** File, member or URL. */
  readonly name?: string;
  /** When it was taken, by the program's clock, in seconds since 1970. */
  readonly timeSeconds?: number;
  readonly memStats: MemStats;
  /** Names of the fields that are not there. */
  readonly missing: readonly string[];
  readonly cmdline?: readonly string[];
  /** By name, without `badger_` and the version behind it. */
  readonly badger: ReadonlyMap<string, BadgerValue>;
  /** Names of the program's own variables. */
  readonly otherVars: readonly string[];
  readonly goroutines?: number;
  readonly threads?: number;
  readonly gomaxprocs?: number;
  /** -1: off. */
  readonly gogcPercent?: number;
  /** 2^63 - 1: none. */
  readonly memoryLimit?: bigint;
  readonly residentBytes?: bigint;
  readonly peakResidentBytes?: bigint;
  readonly openFiles?: number;
  readonly maxFiles?: number;
  readonly cpuSeconds?: number;
  /** Of the process, in seconds since 1970. */
  readonly startSeconds?: number;
  readonly goVersion?: string;
  readonly issues: readonly VarsIssue[];
}

/** kubo's diag/sys. */
export interface SysInfo {
  /** statfs' magic number, in decimal, on Linux. */
  readonly fileSystem?: string;
  /** What users may still write. kubo calls it total_space on Linux, where it is Bavail × Bsize and at most freeBytes. */
  readonly availableBytes?: bigint;
  readonly freeBytes?: bigint;
  /** VmSwap of the process, not of the machine. */
  readonly swapBytes?: bigint;
  readonly online?: boolean;
  readonly version?: string;
  readonly goVersion?: string;
  readonly os?: string;
  readonly arch?: string;
  readonly cpus?: number;
  readonly gomaxprocs?: number;
  readonly goroutines?: number;
  readonly issues: readonly VarsIssue[];
}

/** Share of the time in which somebody waited, of the last 10, 60 and 300 s. */
export interface Pressure {
  readonly name: 'cpu' | 'io' | 'memory';
  readonly last10: number;
  readonly last60: number;
  readonly last300: number;
}

/** The process and its machine, as `tspprof collect` finds them in /proc. */
export interface ProcessInfo {
  readonly pid?: number;
  /** When it was started, in seconds since 1970. */
  readonly startSeconds?: number;
  readonly residentBytes?: bigint;
  readonly peakResidentBytes?: bigint;
  readonly swapBytes?: bigint;
  readonly threads?: number;
  readonly openFiles?: number;
  readonly maxFiles?: number;
  readonly cores?: number;
  readonly memoryBytes?: bigint;
  readonly freeMemoryBytes?: bigint;
  /** Of the last 1, 5 and 15 minutes. */
  readonly load?: readonly number[];
  readonly pressure: readonly Pressure[];
  readonly platform?: string;
  readonly issues: readonly VarsIssue[];
}
