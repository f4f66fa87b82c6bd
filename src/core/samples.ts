// Samples as they leave the core, one by one or written.

/** Samples one by one: those of a slice of rows that the selection left, in their order. */
export interface PackedSamples {
  readonly count: number;
  /** By value column; element i is of sample i. */
  readonly values: readonly BigInt64Array[];
  readonly labelSet: Uint32Array;
  /** Sample i has the next length[i] elements of locations: location rows, leaf first. */
  readonly length: Uint32Array;
  readonly locations: Uint32Array;
}

/** A slice of samples as assembly/pack.ts lays it out. */
export interface Pack {
  readonly count: number;
  /** Value columns. */
  readonly types: number;
  readonly bytes: Uint8Array;
}

/** How to write samples. */
export interface SampleEncoding {
  /** Id of each location, label frames included; 0 leaves it out. */
  readonly ids: BigUint64Array;
  /** Value columns to write. */
  readonly columns: readonly number[];
  /** What values are multiplied by, then cut off; 1 leaves them. */
  readonly ratio: number;
  /** The label fields of set i are labels[labelStart[i] … labelStart[i + 1] - 1]. */
  readonly labels: Uint8Array;
  readonly labelStart: Uint32Array;
}
