// The nouns of a profile: columns. Row i of a table is element i of each of its columns, and row numbers are the only
// ids inside; the 64-bit ids of the file end in decode. A column named xStart has one element more than its table has
// rows: row i's part is xStart[i] … xStart[i + 1] - 1. Everything is immutable; a transform makes a new Profile that
// shares what it did not change. Words and meaning: pprof's profile.proto.

import type { StringTable } from './strings.js';

/** What a value counts, and in which unit: `cpu` in `nanoseconds`. */
export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

export interface Functions {
  readonly count: number;
  /** The ids of the file, which -proto shows again. */
  readonly id: BigUint64Array;
  /** Rows of the string table. */
  readonly name: Uint32Array;
  readonly systemName: Uint32Array;
  readonly filename: Uint32Array;
  readonly startLine: BigInt64Array;
}

/** A location is a call site's address with its lines, innermost first: all but the last were inlined into the next. */
export interface Locations {
  readonly count: number;
  /** The ids of the file, which -raw and -proto show again. */
  readonly id: BigUint64Array;
  readonly address: BigUint64Array;
  /** Row of the mapping, -1 is none. */
  readonly mapping: Int32Array;
  readonly isFolded: Uint8Array;
  readonly lineStart: Uint32Array;
}

export interface Lines {
  readonly count: number;
  /** Row of the function; every line has one. */
  readonly function: Int32Array;
  readonly line: BigInt64Array;
  /** 0 is unknown. */
  readonly column: BigInt64Array;
}

export interface Mapping {
  readonly id: bigint;
  readonly start: bigint;
  readonly limit: bigint;
  readonly offset: bigint;
  readonly file: string;
  readonly buildId: string;
  readonly hasFunctions: boolean;
  readonly hasFilenames: boolean;
  readonly hasLineNumbers: boolean;
  readonly hasInlineFrames: boolean;
}

/**
 * The stacks, values and label sets of all samples, kept by the WASM core (src/core/store.ts). `model` knows no more of
 * it than this, so that nobody else looks inside.
 */
export interface Stacks {
  /** Number of samples. */
  readonly count: number;
  /** Number of distinct label sets; set 0 is the empty one. */
  readonly labelSetCount: number;
}

export interface Profile<S extends Stacks = Stacks> {
  readonly sampleTypes: readonly ValueType[];
  /** Element i is the store's column of sample type i. */
  readonly valueColumns: readonly number[];
  /** Name of the sample type shown when none is asked for; '' leaves it to the rule (the last one). */
  readonly defaultSampleType: string;
  readonly strings: StringTable;
  readonly functions: Functions;
  readonly locations: Locations;
  readonly lines: Lines;
  readonly mappings: readonly Mapping[];
  /** Regexps of functions to drop, and of those to keep all the same; '' is none. */
  readonly dropFrames: string;
  readonly keepFrames: string;
  /** Nanoseconds since 1970, 0 is unknown. */
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly periodType: ValueType;
  readonly period: bigint;
  readonly comments: readonly string[];
  readonly docUrl: string;
  readonly stacks: S;
}
