// The target of a merge: a core of its own that sums up the samples of others, slice by slice (assembly/merge.ts).
// Rows of locations and bytes of label sets are the caller's business, who knows the tables.

import { MAX_SAMPLE_TYPES } from './abi.js';
import { checked, newInstance } from './instance.js';
import { StackStore } from './store.js';
import type { CoreExports } from './wasm.js';

/** How samples of one source are taken. */
export interface Taking {
  /** Value columns of the source's store, by sample type of the target. */
  readonly columns: readonly number[];
  /** One stage after the other, a factor by sample type: values are rounded, samples that become 0 dropped. MAX_STAGES at most. */
  readonly stages: readonly (readonly number[])[];
}

/** Asked for what is met for the first time, in the order of its use. */
export interface SourceRows {
  /** Rows of the target for location rows of the source. */
  locations(rows: Uint32Array): Uint32Array;
  /** The label fields of a label set of the source, as the target keeps them: equal sets must have equal bytes. */
  labelSet(set: number): Uint8Array;
}

export class MergeTarget {
  readonly #core: CoreExports = newInstance();
  /** Of the source. */
  #locations = 0;

  constructor(types: number) {
    checked(this.#core.beginMerge(types));
  }

  /** Adds all samples of a store whose profile has so many locations. */
  add(source: StackStore, locations: number, { columns, stages }: Taking, rows: SourceRows): void {
    const core = this.#core;
    checked(core.beginSource(locations, source.labelSetCount));
    this.#locations = locations;
    new Uint32Array(core.memory.buffer, core.sourceColumns.value, columns.length).set(columns);
    stages.forEach((stage, i) => {
      const at = core.ratios.value + i * MAX_SAMPLE_TYPES * 8;
      new Float64Array(core.memory.buffer, at, stage.length).set(stage);
    });
    for (const { count, types, bytes } of source.packs(() => {})) {
      const at = this.#put(bytes, 0);
      checked(core.scanRows(at, types, count, stages.length));
      this.#place(rows, bytes.length);
      checked(core.addRows(at, types, count));
    }
  }

  /** Copies bytes into the input area, behind `before` bytes that stay valid where they are. */
  #put(bytes: Uint8Array, before: number): number {
    const area = this.#core.input(before + bytes.length) >>> 0;
    if (area === 0) checked(-1);
    new Uint8Array(this.#core.memory.buffer, area + before, bytes.length).set(bytes);
    return area + before;
  }

  /** Gives the new locations and label sets their rows. used: bytes of the input area that are in use. */
  #place(rows: SourceRows, used: number): void {
    const core = this.#core;
    const u32 = (at: number, count: number) => new Uint32Array(core.memory.buffer, at >>> 0, count);
    if (core.newLocationCount.value > 0) {
      const met = u32(core.newLocations.value, core.newLocationCount.value).slice();
      const placed = rows.locations(met);
      const map = u32(core.locationMap.value, this.#locations);
      for (let i = 0; i < met.length; i++) map[met[i]] = placed[i] + 1;
    }
    for (const set of u32(core.newLabels.value, core.newLabelCount.value).slice()) {
      const bytes = rows.labelSet(set);
      let row = 0;
      if (bytes.length > 0) {
        const at = this.#put(bytes, (used + 7) & ~7);
        row = checked(core.internLabels(at, at + bytes.length));
      }
      u32(core.labelMap.value, set + 1)[set] = row + 1;
    }
  }

  /** How many samples have become nothing but zeros. */
  get zeroRows(): number {
    return this.#core.zeroRows();
  }

  /** The samples, for a profile of so many locations. Nothing can be added afterwards. */
  finish(locations: number, oneQuery: boolean): StackStore {
    return new StackStore(this.#core, locations, oneQuery);
  }
}
