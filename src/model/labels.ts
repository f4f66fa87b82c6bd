// The labels of a sample, decoded.

export interface NumericLabel {
  readonly value: bigint;
  /** '' is none. */
  readonly unit: string;
}

/** By key, values in the order of the file. */
export interface LabelSet {
  readonly strings: ReadonlyMap<string, readonly string[]>;
  readonly numbers: ReadonlyMap<string, readonly NumericLabel[]>;
}
