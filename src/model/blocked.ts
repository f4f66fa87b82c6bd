// What hangs in a dump, as plain data: in goroutine ids and places, for reports and rules.

export type WaitKind = 'mutex' | 'rwmutex' | 'once' | 'waitgroup' | 'cond' | 'fd' | 'semaphore' | 'channel' | 'select';

/** A goroutine where it stands. */
export interface StandingGoroutine {
  readonly goroutine: number;
  readonly state: string;
  readonly waitMinutes: number;
  /** The frame in which it hangs: the first of the user's own code. */
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

/** A function, and where in it. */
export type Place = Pick<StandingGoroutine, 'function' | 'file' | 'line'>;

export interface HolderRow extends StandingGoroutine {
  readonly certainty: 'certain' | 'likely' | 'possible';
  readonly reasons: readonly string[];
}

export interface LockRow {
  /** `Mutex in mux.Session 0xc000072820` */
  readonly name: string;
  readonly kind: WaitKind;
  /** `0x…`; '' where the dump does not show it. */
  readonly address: string;
  /** Goroutine ids, longest wait first. */
  readonly waiters: readonly number[];
  readonly longestMinutes: number;
  /** Waits of less than a minute only: contended perhaps, not known to hang. */
  readonly isYoung: boolean;
  /** Where they wait: the call sites. */
  readonly waitsAt: readonly Place[];
  /** Best first; empty: no stack in this dump shows one. */
  readonly holders: readonly HolderRow[];
  /** Candidates left out of holders. */
  readonly moreHolders: number;
}

export interface StuckRow extends StandingGoroutine {
  readonly why: string;
  readonly says: string;
  /** The innermost function of the program's own module, where it hangs in that of a library: what it is about. */
  readonly program: Place | null;
}

export interface LeakRow {
  readonly kind: 'proved' | 'sender' | 'receiver';
  readonly goroutines: readonly number[];
  readonly creatorGone: number;
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly createdBy: string;
}

export interface BlockedRows {
  readonly stuck: readonly number[];
  readonly stuckGoroutines: readonly StuckRow[];
  readonly locks: readonly LockRow[];
  /** Ids; in a plain ring each waits for a lock of the next, rings that share members are one. */
  readonly cycles: readonly (readonly number[])[];
  readonly roots: readonly (StandingGoroutine & { readonly waiting: number })[];
  readonly leaks: readonly LeakRow[];
}
