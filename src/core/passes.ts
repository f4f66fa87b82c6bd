// How a scope works on the core: columns go into its scratch, long passes go in slices of rows.

import { GROUP_ROWS } from './abi.js';
import { checked } from './instance.js';
import type { CoreExports } from './wasm.js';

/** Rows a call; a divisor of GROUP_ROWS. */
export const SLICE = 8192;

export type Column = Uint8Array | Uint32Array | Int32Array | BigInt64Array | BigUint64Array;

export class Passes {
  readonly core: CoreExports;
  locations: number;

  constructor(core: CoreExports, locations: number) {
    this.core = core;
    this.locations = locations;
  }

  /** Copies a column into scratch; its address, 0 for none. */
  readonly put = (column: Column | undefined): number => {
    if (column === undefined) return 0;
    const at = this.core.alloc(Math.max(column.byteLength, 1)) >>> 0;
    if (at === 0) checked(-1);
    new Uint8Array(this.core.memory.buffer, at, column.byteLength).set(
      new Uint8Array(column.buffer, column.byteOffset, column.byteLength),
    );
    return at;
  };

  /** Calls a pass for every row, in slices small enough that V8's optimized code soon takes over. */
  readonly slices = (pass: (group: number, from: number, to: number) => void): void => {
    const count = this.core.sampleCount.value >>> 0;
    for (let row = 0; row < count; row += SLICE) {
      const from = row % GROUP_ROWS;
      pass(Math.floor(row / GROUP_ROWS), from, Math.min(from + SLICE, count - row + from));
    }
  };
}
