// A StackStore: the samples of a profile in the core (assembly/README.md is the contract).
//
//   store.scope((q) => { q.nodes(…); q.focus(…); q.weigh(…); return q.top(…); })
//
// Everything a scope allocates is dropped when it ends, whatever happened; results are copied out before.

import { ProfileError } from '../errors.js';
import type { Stacks } from '../model/profile.js';
import { GROUP_ROWS } from './abi.js';
import { checked } from './instance.js';
import { SLICE } from './passes.js';
import type { Pack, PackedSamples, SampleEncoding } from './samples.js';
import { type MarkStore, Scope } from './scope.js';
import type { CoreExports } from './wasm.js';

export class StackStore implements Stacks {
  readonly #core: CoreExports;
  readonly #locations: number;
  /** What the REPEAT bits in the stacks were made for, and their corrections. */
  #marks: { signature: string; corrections: Uint32Array } | undefined;
  #busy = false;
  /** The reader whose selection stands, between two of its slices. */
  #reader: object | undefined;
  #readerMark = 0;

  constructor(core: CoreExports, locations: number, oneQuery: boolean) {
    this.#core = core;
    this.#locations = locations;
    if (oneQuery) this.#marks = { signature: '', corrections: new Uint32Array() };
  }

  get count(): number {
    return this.#core.sampleCount.value >>> 0;
  }

  get labelSetCount(): number {
    return this.#core.labelSetCount.value;
  }

  /** Bytes of WASM memory in use, for tests: a scope leaves it as it was. */
  get top(): number {
    return this.#core.mark() >>> 0;
  }

  /** The raw label fields (tags and lengths included) of a label set. */
  labelSet(set: number): Uint8Array {
    const at = this.#core.labelSetAddress(set) >>> 0;
    return new Uint8Array(this.#core.memory.buffer, at, this.#core.labelSetLength(set)).slice();
  }

  /** Runs a query; scopes do not nest. */
  scope<T>(query: (scope: Scope) => T): T {
    this.#claim();
    const core = this.#core;
    const mark = core.mark();
    try {
      core.selectAll();
      return query(new Scope(core, this.#locations, this.#markStore()));
    } finally {
      core.selectAll();
      core.release(mark);
      this.#busy = false;
    }
  }

  /**
   * The samples that `choose` leaves, slice by slice. Other queries may run between two slices: the selection is then made
   * again, so `choose` must do the same each time.
   */
  *samples(choose: (scope: Scope) => void): Generator<PackedSamples> {
    for (const { count, types, bytes } of this.packs(choose)) {
      const { buffer } = bytes;
      let at = bytes.byteOffset;
      const values = Array.from({ length: types }, (_, i) =>
        new BigInt64Array(buffer, at + i * count * 8, count).slice(),
      );
      at += types * count * 8;
      yield {
        count,
        values,
        labelSet: new Uint32Array(buffer, at, count).slice(),
        length: new Uint32Array(buffer, at + count * 4, count).slice(),
        locations: new Uint32Array(
          buffer,
          at + count * 8,
          (bytes.byteOffset + bytes.length - at) / 4 - count * 2,
        ).slice(),
      };
    }
  }

  /** The same as they lie in the core's memory, for another core: each is valid until the next is asked for. */
  packs(choose: (scope: Scope) => void): Generator<Pack> {
    return this.#read(choose, (group, from, to) => this.#pack(group, from, to));
  }

  /** The same as Sample messages of profile.proto. */
  encoded(choose: (scope: Scope) => void, how: SampleEncoding): Generator<Uint8Array> {
    return this.#read(
      (scope) => {
        choose(scope);
        scope.beginEncode(how);
      },
      (group, from, to) => this.#encode(group, from, to),
    );
  }

  *#read<T>(begin: (scope: Scope) => void, slice: (group: number, from: number, to: number) => T): Generator<T> {
    const me = {};
    const { count } = this;
    try {
      for (let row = 0; row < count; row += SLICE) {
        if (this.#reader !== me) {
          this.#claim();
          this.#reader = me;
          this.#readerMark = this.#core.mark();
          this.#choose(begin);
        }
        const mark = this.#core.mark();
        const from = row % GROUP_ROWS;
        yield slice(Math.floor(row / GROUP_ROWS), from, Math.min(from + SLICE, count - row + from));
        if (this.#reader === me) this.#core.release(mark);
      }
    } finally {
      if (this.#reader === me) this.#dropReader();
    }
  }

  #claim(): void {
    if (this.#busy)
      throw new ProfileError('internal', 'two queries at once on one profile', {}, 'run them one after the other');
    this.#dropReader();
    this.#busy = true;
  }

  #choose(choose: (scope: Scope) => void): void {
    try {
      choose(new Scope(this.#core, this.#locations, this.#markStore()));
    } finally {
      this.#busy = false;
    }
  }

  #dropReader(): void {
    if (this.#reader === undefined) return;
    this.#reader = undefined;
    this.#core.selectAll();
    this.#core.release(this.#readerMark);
  }

  #encode(group: number, from: number, to: number): Uint8Array {
    const core = this.#core;
    const size = checked(core.encodeRows(group, from, to));
    return new Uint8Array(core.memory.buffer, core.encoded.value >>> 0, size).slice();
  }

  #pack(group: number, from: number, to: number): Pack {
    const core = this.#core;
    const count = checked(core.packRows(group, from, to));
    const types = core.valueCount.value;
    const size = (types + 1) * count * 8 + core.packedEntries.value * 4;
    return { count, types, bytes: new Uint8Array(core.memory.buffer, core.packed.value >>> 0, size) };
  }

  #markStore(): MarkStore {
    return {
      get: (signature) => (this.#marks?.signature === signature ? this.#marks.corrections : undefined),
      isFree: () => this.#marks === undefined,
      set: (signature, corrections) => {
        this.#marks = { signature, corrections };
      },
    };
  }
}
