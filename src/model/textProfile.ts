// A profile that came as text, in columns: what src/decode/text reads and src/encode/text.ts writes as profile.proto. Values
// are scaled already, and the functions of the lines behind each record are its symbols; row numbers are the only ids.

import type { DumpIssue } from './dump.js';
import type { Mapping, ValueType } from './profile.js';

/** Strings one after the other: row i is bytes[start[i] … start[i + 1] - 1], and row 0 is empty. */
export interface TextNames {
  readonly bytes: Uint8Array;
  readonly start: Uint32Array;
}

/** A column named xStart has one element more than its table has rows. */
export interface TextLocations {
  readonly count: number;
  /** Of the call, not of the instruction that it returns to. */
  readonly address: BigUint64Array;
  /** Row of the mapping; -1: none. */
  readonly mapping: Int32Array;
  readonly lineStart: Uint32Array;
  /** Innermost first: all but the last were inlined into the next. */
  readonly lineFunction: Int32Array;
  readonly line: Uint32Array;
}

export interface TextSamples {
  readonly count: number;
  /** Of each sample as many as there are sample types. */
  readonly values: BigInt64Array;
  readonly stackStart: Uint32Array;
  /** Location rows, leaf first. */
  readonly stack: Int32Array;
  /** Bytes of one object, a numeric label; undefined where the format has none. */
  readonly blockSize: BigInt64Array | undefined;
  /** Row of labelSets; 0 is the empty one. */
  readonly labelSet: Int32Array;
}

export interface TextProfile {
  readonly sampleTypes: readonly ValueType[];
  readonly periodType: ValueType;
  readonly period: bigint;
  readonly durationNanos: bigint;
  /** Expressions of functions to drop, and of those to keep all the same. */
  readonly dropFrames: string;
  readonly keepFrames: string;
  readonly names: TextNames;
  /** Rows of names. */
  readonly functions: { readonly count: number; readonly name: Int32Array; readonly file: Int32Array };
  readonly locations: TextLocations;
  readonly samples: TextSamples;
  readonly labelSets: readonly ReadonlyMap<string, string>[];
  readonly mappings: readonly Mapping[];
  readonly issues: readonly DumpIssue[];
}
