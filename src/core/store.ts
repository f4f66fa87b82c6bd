// A StackStore and its query scope: typed calls on the core (assembly/README.md is the contract).
//
//   store.scope((q) => { q.nodes(…); q.focus(…); q.weigh(…); return q.top(…); })
//
// Everything a scope allocates is dropped when it ends, whatever happened; results are copied out before.

import { ProfileError } from '../errors.js';
import type { Stacks } from '../model/profile.js';
import { E_CORRECTIONS, GROUP_ROWS, OK } from './abi.js';
import { checked } from './instance.js';
import type { CoreExports } from './wasm.js';

/** Rows a call; a divisor of GROUP_ROWS. */
const SLICE = 8192;

export type Column = Uint8Array | Uint32Array | Int32Array | BigInt64Array | BigUint64Array;

/** The locations as a query sees them, and what makes two lines one node; a column that is left out is not part of the key. */
export interface NodeKeys {
  readonly locations: number;
  readonly lines: number;
  readonly lineStart: Uint32Array;
  readonly lineFunction: Int32Array;
  readonly lineKept: Uint8Array;
  /** HIDDEN locations have no node. */
  readonly flags: Uint8Array;
  /** Per function; 0 is no name. */
  readonly name?: Uint32Array;
  readonly file?: Uint32Array;
  readonly startLine?: BigInt64Array;
  /** Per line. */
  readonly line?: BigInt64Array;
  readonly column?: BigInt64Array;
  /** Per location. */
  readonly address?: BigUint64Array;
  readonly object?: Uint32Array;
  /** startLine and object tell nodes with a name apart, too. */
  readonly objects: boolean;
  /** Equal texts say that these keys are those of an earlier query. */
  readonly signature: string;
}

/** Nodes in the order shown, with their sums; node rows index the columns of nodeLines(). */
export interface Rows {
  readonly node: Uint32Array;
  readonly flat: BigInt64Array;
  readonly cum: BigInt64Array;
}

export interface Totals {
  readonly total: bigint;
  readonly divisor: bigint;
  readonly diffTotal: bigint;
  readonly diffDivisor: bigint;
}

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

interface MarkStore {
  get(signature: string): Uint32Array | undefined;
  isFree(): boolean;
  set(signature: string, corrections: Uint32Array): void;
}

/** A running query: narrows the selection, maps locations to nodes, weighs, lists. */
export class Scope {
  readonly #core: CoreExports;
  readonly #marks: MarkStore;
  #locations: number;
  #signature: string | undefined;
  /** Stacks are not whole any more. */
  #cut = false;

  constructor(core: CoreExports, locations: number, marks: MarkStore) {
    this.#core = core;
    this.#locations = locations;
    this.#marks = marks;
  }

  #put(column: Column | undefined): number {
    if (column === undefined) return 0;
    const at = this.#core.alloc(Math.max(column.byteLength, 1)) >>> 0;
    if (at === 0) checked(-1);
    new Uint8Array(this.#core.memory.buffer, at, column.byteLength).set(
      new Uint8Array(column.buffer, column.byteOffset, column.byteLength),
    );
    return at;
  }

  /** Calls a pass for every row, in slices small enough that V8's optimized code soon takes over. */
  #slices(pass: (group: number, from: number, to: number) => void): void {
    const count = this.#core.sampleCount.value >>> 0;
    for (let row = 0; row < count; row += SLICE) {
      const from = row % GROUP_ROWS;
      pass(Math.floor(row / GROUP_ROWS), from, Math.min(from + SLICE, count - row + from));
    }
  }

  #cutBy(mask: Uint8Array): number {
    const at = this.#put(mask);
    checked(this.#core.needCuts());
    this.#cut = true;
    return at;
  }

  /** One byte a location with FOCUSED, IGNORED, HIDDEN; anyHidden: some location is. */
  focus(mask: Uint8Array, anyHidden: boolean): void {
    const at = this.#put(mask);
    checked(this.#core.needSelected());
    this.#slices((g, from, to) => this.#core.selectFocus(at, anyHidden, g, from, to));
  }

  /** One byte a location with PRUNED, PRUNED_BENEATH. */
  prune(mask: Uint8Array): void {
    const at = this.#cutBy(mask);
    this.#slices((g, from, to) => this.#core.selectPruned(at, g, from, to));
  }

  showFrom(mask: Uint8Array): void {
    const at = this.#cutBy(mask);
    checked(this.#core.needSelected());
    this.#slices((g, from, to) => this.#core.selectShowFrom(at, g, from, to));
  }

  pruneFrom(mask: Uint8Array): void {
    const at = this.#cutBy(mask);
    this.#slices((g, from, to) => this.#core.selectPruneFrom(at, g, from, to));
  }

  /** One byte a label set. */
  labels(mask: Uint8Array): void {
    const at = this.#put(mask);
    checked(this.#core.needSelected());
    this.#slices((g, from, to) => this.#core.selectLabels(at, g, from, to));
  }

  /** Frames put beneath (leaf) and above (root) every stack: location rows, `leaf + root` of them a label set. locations: how many there are now. */
  addLabelFrames(rows: Uint32Array, leaf: number, root: number, locations: number): void {
    checked(this.#core.addLabelFrames(this.#put(rows.map((row) => row + 1)), leaf, root));
    this.#locations = locations;
    this.#cut = true;
  }

  /** The label sets of the selected samples, in the order of their use. */
  labelSetOrder(): Uint32Array {
    const sets = this.#core.labelSetCount.value;
    const seen = this.#core.allocZero(sets) >>> 0;
    const out = this.#core.alloc(sets * 4) >>> 0;
    if (seen === 0 || out === 0) checked(-1);
    const count = this.#core.labelSetOrder(out, seen);
    return new Uint32Array(this.#core.memory.buffer, out, count).slice();
  }

  /** Begins on writing the selected samples. */
  beginEncode({ ids, columns, ratio, labels, labelStart }: SampleEncoding): void {
    const [idsAt, columnsAt] = [this.#put(ids), this.#put(Uint32Array.from(columns))];
    const [startAt, labelsAt] = [this.#put(labelStart), this.#put(labels)];
    checked(this.#core.beginEncode(idsAt, ids.length, columnsAt, columns.length, ratio, startAt, labelsAt));
  }

  /** One byte a label set: whether a selected sample has it. */
  labelSetsUsed(): Uint8Array {
    const sets = this.#core.labelSetCount.value;
    const at = this.#core.allocZero(sets) >>> 0;
    if (at === 0) checked(-1);
    this.#core.usedLabelSets(at);
    return new Uint8Array(this.#core.memory.buffer, at, sets).slice();
  }

  /** Sums of the selection: |value| of one column, another as it is; diff: one byte a label set, for the samples of a base. */
  totals(type: number, divisor: number | undefined, diff: Uint8Array | undefined): Totals {
    this.#core.sumTotals(type, divisor ?? -1, this.#put(diff));
    const [total, by, diffTotal, diffDivisor] = new BigInt64Array(this.#core.memory.buffer, this.#core.totals.value, 4);
    return { total, divisor: by, diffTotal, diffDivisor };
  }

  /** Maps locations to nodes; returns how many nodes there are. */
  nodes(keys: NodeKeys): number {
    const core = this.#core;
    core.setNodeKeys(
      this.#put(keys.name),
      this.#put(keys.file),
      this.#put(keys.startLine),
      this.#put(keys.line),
      this.#put(keys.column),
      this.#put(keys.address),
      this.#put(keys.object),
      keys.objects,
    );
    this.#signature = keys.signature;
    return checked(
      core.internNodes(
        keys.locations,
        keys.lines,
        this.#put(keys.lineStart),
        this.#put(keys.lineFunction),
        this.#put(keys.lineKept),
        this.#put(keys.flags),
      ),
    );
  }

  /** Line (or -1 - location, where there is none) and location on which each node was first seen. */
  nodeLines(): { line: Int32Array; location: Uint32Array } {
    const core = this.#core;
    const count = core.nodeCount.value;
    return {
      line: new Int32Array(core.memory.buffer, core.nodeLine.value >>> 0, count).slice(),
      location: new Uint32Array(core.memory.buffer, core.nodeLocation.value >>> 0, count).slice(),
    };
  }

  /**
   * Weighs the selection by a value column: flat and cum of every node. The first query on whole stacks marks their repeats, so that
   * every later one with the same nodes is two to three times quicker.
   */
  weigh(type: number): Weights {
    const core = this.#core;
    const corrections = this.#corrections();
    checked(core.beginWeigh(corrections === undefined ? 0 : this.#locations));
    if (corrections === undefined) {
      this.#slices((g, from, to) => core.weighRows(type, g, from, to));
      core.endWeigh();
    } else {
      this.#slices((g, from, to) => core.weighMarkedRows(type, g, from, to));
      core.endWeighMarked(type, this.#locations, this.#put(corrections), corrections.length / 2);
    }
    return { flat: core.flat.value, cum: core.cum.value };
  }

  #corrections(): Uint32Array | undefined {
    const signature = this.#signature;
    if (this.#cut || signature === undefined) return undefined;
    const known = this.#marks.get(signature);
    if (known !== undefined || !this.#marks.isFree()) return known;
    const core = this.#core;
    checked(core.beginMarks());
    let result = OK;
    this.#slices((g, from, to) => {
      if (result === OK) result = core.markRows(g, from, to);
    });
    if (result === E_CORRECTIONS) {
      this.#marks.set('', new Uint32Array());
      return undefined;
    }
    const corrections = new Uint32Array(
      core.memory.buffer,
      core.corrections.value >>> 0,
      core.correctionCount.value * 2,
    ).slice();
    this.#marks.set(signature, corrections);
    return corrections;
  }

  /** Lists the nodes that are not 0 and reach the cutoff in |cum|. Returns how many, and Σ flat. */
  keep(weights: Weights, dropNegative: boolean, cutoff: bigint): { count: number; flat: bigint } {
    checked(this.#core.keepNodes(weights.flat, weights.cum, dropNegative, cutoff));
    return { count: this.#core.listCount.value, flat: this.#core.listFlat.value };
  }

  /** The listed nodes by |flat| or |cum|, descending; rows that tie are in the order of their first location. */
  sorted(weights: Weights, by: 'flat' | 'cum'): Rows {
    checked(this.#core.sortList(weights[by]));
    const { buffer } = this.#core.memory;
    const node = new Uint32Array(buffer, this.#core.list.value >>> 0, this.#core.listCount.value).slice();
    return { node, flat: this.gather(weights.flat), cum: this.gather(weights.cum) };
  }

  /** Both sums of the given nodes. */
  columns(weights: Weights, nodes: Uint32Array): { flat: BigInt64Array; cum: BigInt64Array } {
    const { buffer } = this.#core.memory;
    const count = this.#core.nodeCount.value;
    const pick = (at: number) => {
      const column = new BigInt64Array(buffer, at >>> 0, count);
      return BigInt64Array.from(nodes, (node) => column[node]);
    };
    return { flat: pick(weights.flat), cum: pick(weights.cum) };
  }

  /** A column of the listed nodes, in list order. */
  gather(column: number): BigInt64Array {
    const core = this.#core;
    const count = core.listCount.value;
    const at = core.alloc(count * 8 + 8) >>> 0;
    if (at === 0) checked(-1);
    core.gather(column, at);
    return new BigInt64Array(core.memory.buffer, at, count).slice();
  }

  /**
   * How the nodes are called: EDGE_INLINE and EDGE_CALL bits, by node, from the edges of |weight| >= cutoff between the kept nodes
   * (undefined: all nodes). undefined when no call can be inline.
   */
  callBits(
    type: number,
    divisor: number | undefined,
    kept: Uint8Array | undefined,
    cutoff: bigint,
  ): Uint8Array | undefined {
    const core = this.#core;
    if (core.hasInlines.value === 0) return undefined;
    const nodes = core.nodeCount.value;
    const keptAt = this.#put(kept);
    const wanted = core.alloc(nodes + 1) >>> 0;
    if (wanted === 0) checked(-1);
    if (core.inlinedNodes(wanted, keptAt, this.#locations) === 0) return undefined;
    checked(core.beginEdges(keptAt, wanted, this.#locations));
    // Quicker where weights only grow: what reached the cutoff is looked at no more.
    const settles =
      core.anyNegative.value === 0 && checked(core.beginCalls(keptAt, wanted, cutoff, this.#locations)) === 1;
    const rows = settles ? core.callRows : core.edgeRows;
    this.#slices((g, from, to) => checked(rows(type, divisor ?? -1, g, from, to)));
    if (settles) core.inCalls(wanted);
    else core.inEdges(cutoff, wanted);
    return new Uint8Array(core.memory.buffer, wanted, nodes).slice();
  }
}

/** Addresses of the sums of a scope; they mean nothing outside of it. */
export interface Weights {
  readonly flat: number;
  readonly cum: number;
}
