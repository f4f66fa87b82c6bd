// A goroutine dump: what runtime.Stack, SIGQUIT, a panic, a race report or a goroutine profile says, in columns. Names and
// frames are interned, arguments stay bytes until somebody asks: 100,000 goroutines have some 40 functions.

/** Names that repeat; row -1 is none. */
export interface NameTable {
  readonly count: number;
  get(row: number): string;
  /** As the source spells it, where get() makes it readable: yaml%2ev2. */
  raw?(row: number): string;
}

/** Distinct frames: a function at a place. Element i of each column is frame i. */
export interface Frames {
  readonly count: number;
  /** Row of functions; -1: the dump has lost this line. */
  readonly func: Int32Array;
  /** Row of files; -1: the dump has lost this line. */
  readonly file: Int32Array;
  /** 0: unknown. */
  readonly line: Int32Array;
  /** Bytes from the function's entry (`+0x1d`); -1: not stated, as for inlined calls. */
  readonly offset: Float64Array;
}

export const LOCKED = 1;
/** `(leaked)`: the garbage collector has proved that nothing can wake it. */
export const LEAKED = 2;
export const SCAN = 4;
/** `(durable)`: blocked inside a synctest bubble. */
export const DURABLE = 8;
/** The text ends inside this goroutine. */
export const TRUNCATED = 16;
/** 90 frames or more and no word of more: Go up to 1.20 cut at 100 silently. */
export const MAYBE_CUT = 32;
/** `goroutine running on other thread; stack unavailable` */
export const UNAVAILABLE = 64;
/** Its header carries gp=, m= (SIGQUIT, crash). */
export const SYSTEM = 128;
/** Its header is lost: the frames stand alone. */
export const HEADLESS = 256;

/** Element g of each column is goroutine g of the dump; ids may repeat (GOTRACEBACK=crash), rows do not. */
export interface Goroutines {
  readonly count: number;
  /** As Go numbers them; -1: a record without (debug=1, goroutine profile, `runtime stack:`). */
  readonly id: Float64Array;
  /** Row of states. */
  readonly state: Int32Array;
  /** As stated; 0: below a minute, or not known. */
  readonly waitMinutes: Int32Array;
  /** LOCKED | LEAKED | … */
  readonly flags: Uint16Array;
  /** Its stack is stack[stackStart[g] … stackStart[g + 1] - 1], leaf first. */
  readonly stackStart: Uint32Array;
  /** Frame of the go statement; -1: not stated. */
  readonly createdBy: Int32Array;
  /** Id of the goroutine with the go statement; -1: not stated (before Go 1.21). */
  readonly creator: Float64Array;
  /** Offset of its header in text. */
  readonly at: Float64Array;
  /** Line of its header in the file, from 1. */
  readonly line: Uint32Array;
  /** How many goroutines the record stands for: 1, unless the source is a profile. */
  readonly weight: Uint32Array;
}

/** Frames left out: count of them (-1: not stated) after the first `after` frames. */
export interface Elision {
  readonly after: number;
  readonly count: number;
}

/** Who started it, when GODEBUG=tracebackancestors or a race report says so. */
export interface Ancestor {
  readonly id: number;
  /** Frame rows, leaf first. */
  readonly frames: readonly number[];
  /** Frame row, or -1. */
  readonly createdBy: number;
}

export type DumpForm = 'debug=2' | 'debug=1' | 'goroutine profile' | 'race report';

/** Why the dump was written, when the text says so. */
export interface DumpReason {
  readonly kind: 'panic' | 'fatal error' | 'signal' | 'runtime' | 'test timeout';
  /** Without the word before; several lines are kept. */
  readonly message: string;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** What could not be read as it should, with the first line of the file where it was seen. */
export interface DumpIssue {
  readonly fact: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly times: number;
}

export interface Dump {
  readonly form: DumpForm;
  /** What a profile counts, as it says itself: `goroutine`, `goroutineleak`, `threadcreate`; absent: goroutines. */
  readonly counts?: string;
  readonly functions: NameTable;
  readonly files: NameTable;
  readonly states: readonly string[];
  readonly frames: Frames;
  readonly goroutines: Goroutines;
  /** Frame rows. */
  readonly stack: Int32Array;
  /** Where the arguments of a stack entry begin in text, after the `(`; 0: none stated. */
  readonly args: Uint32Array;
  /** What offsets point into: the dump, unwrapped. Empty for a profile. */
  readonly text: Uint8Array;
  /** By goroutine row. */
  readonly labels: ReadonlyMap<number, ReadonlyMap<string, string>>;
  readonly bubbles: ReadonlyMap<number, number>;
  readonly elisions: ReadonlyMap<number, Elision>;
  readonly ancestors: ReadonlyMap<number, readonly Ancestor[]>;
  readonly reasons: readonly DumpReason[];
  /** What was undone to read it: "UTF-16", "a prefix on every line". */
  readonly undone: readonly string[];
  /** Bytes of the file, as it came. */
  readonly bytes: number;
  readonly issues: readonly DumpIssue[];
}

/**
 * exact: also the arguments; lines: same functions at the same lines; functions: same functions; place: only the frame in which they hang.
 * The state is always the same, and but for place the go statement.
 */
export const SIMILARITIES = ['exact', 'lines', 'functions', 'place'] as const;
export type Similarity = (typeof SIMILARITIES)[number];

/** Where goroutine g's stack begins and ends in dump.stack. */
export function stackOf({ goroutines }: Dump, g: number): [from: number, to: number] {
  return [goroutines.stackStart[g], goroutines.stackStart[g + 1]];
}
