// A StackStore and its query scope: typed calls on the core (assembly/README.md is the contract).
//
//   store.scope((q) => { q.nodes(…); q.focus(…); q.weigh(…); return q.top(…); })
//
// Everything a scope allocates is dropped when it ends, whatever happened; results are copied out before.

import { ProfileError } from '../errors.js';
import type { Stacks } from '../model/profile.js';
import { E_CORRECTIONS, GROUP_ROWS, NO_NODE, OK } from './abi.js';
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

const NO_ENDS: EdgeEnds = { start: new Uint32Array(), edge: new Uint32Array() };

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

  /** The nodes of each location, innermost line first; none where it is hidden. */
  locationNodes(): number[][] {
    const core = this.#core;
    const node = new Int32Array(core.memory.buffer, (core.locationNode.value >>> 0) + 4, this.#locations);
    const lists = new Uint32Array(core.memory.buffer, core.nodeLists.value >>> 0);
    return Array.from(node, (row) => {
      if (row >= 0) return [row];
      if (row === NO_NODE) return [];
      const at = -2 - row;
      return Array.from(lists.subarray(at + 1, at + 1 + (lists[at] >>> 1)));
    });
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
    else {
      core.endEdges();
      core.inEdges(cutoff, wanted);
    }
    return new Uint8Array(core.memory.buffer, wanted, nodes).slice();
  }

  /** Every call between kept nodes (one byte a node; undefined: all). onlyOut: nobody will ask who calls a node. */
  edges(type: number, divisor: number | undefined, kept: Uint8Array | undefined, onlyOut = false): EdgeColumns {
    const core = this.#core;
    checked(core.beginEdges(this.#put(kept), 0, this.#locations));
    this.#slices((g, from, to) => checked(core.edgeRows(type, divisor ?? -1, g, from, to)));
    core.endEdges();
    const count = core.edgeCount.value;
    const out = this.#edgeEnds(0);
    const into = onlyOut ? NO_ENDS : this.#edgeEnds(1);
    const words = new Uint32Array(core.memory.buffer, core.edges.value >>> 0, count * 8);
    const [from, to] = [new Uint32Array(count), new Uint32Array(count)];
    const [weight, by] = [new BigInt64Array(count), new BigInt64Array(count)];
    // Halves of an int64 take no bigint on the way.
    const [weightHalves, byHalves] = [new Uint32Array(weight.buffer), new Uint32Array(by.buffer)];
    const bits = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      from[i] = words[i * 8];
      to[i] = words[i * 8 + 1];
      weightHalves[i * 2] = words[i * 8 + 2];
      weightHalves[i * 2 + 1] = words[i * 8 + 3];
      byHalves[i * 2] = words[i * 8 + 4];
      byHalves[i * 2 + 1] = words[i * 8 + 5];
      bits[i] = words[i * 8 + 7];
    }
    return { count, from, to, weight, divisor: by, bits, out, into };
  }

  #edgeEnds(end: 0 | 1): EdgeEnds {
    const core = this.#core;
    const mark = core.mark();
    checked(core.groupEdges(end));
    const { buffer } = core.memory;
    const ends = {
      start: new Uint32Array(buffer, core.edgeStart.value >>> 0, core.nodeCount.value + 1).slice(),
      edge: new Uint32Array(buffer, core.edgeOrder.value >>> 0, core.edgeCount.value).slice(),
    };
    core.release(mark);
    return ends;
  }

  /** The call tree, with sums of the value columns; only: samples that are 0 in all of them are left out. */
  tree(types: readonly number[], only: boolean): TreeColumns {
    const core = this.#core;
    checked(core.beginTree());
    this.#slices((g, from, to) => checked(core.treeRows(only ? types[0] : -1, types[1] ?? -1, g, from, to)));
    const count = core.treeCount.value;
    const words = new Uint32Array(core.memory.buffer, core.tree.value >>> 0, count * 3);
    const [parent, node, bits] = [new Int32Array(count), new Uint32Array(count), new Uint8Array(count)];
    for (let i = 0; i < count; i++) {
      parent[i] = words[i * 3] - 1;
      node[i] = words[i * 3 + 1];
      bits[i] = words[i * 3 + 2];
    }
    const sums = types.map((type) => {
      const mark = core.mark();
      const self = core.allocZero(count * 8 + 8) >>> 0;
      const total = core.alloc(count * 8 + 8) >>> 0;
      if (self === 0 || total === 0) checked(-1);
      this.#slices((g, from, to) => core.treeSelf(type, self, g, from, to));
      core.treeTotal(self, total);
      const { buffer } = core.memory;
      const copies = [
        new BigInt64Array(buffer, self, count).slice(),
        new BigInt64Array(buffer, total, count).slice(),
      ] as const;
      core.release(mark);
      return copies;
    });
    return { count, parent, node, bits, self: sums.map(([self]) => self), total: sums.map(([, total]) => total) };
  }

  /** Σ value of the selection, by label set. */
  labelSetSums(type: number): BigInt64Array {
    const core = this.#core;
    const sets = core.labelSetCount.value;
    const at = core.allocZero(sets * 8) >>> 0;
    if (at === 0) checked(-1);
    this.#slices((g, from, to) => core.labelSetSums(type, at, g, from, to));
    return new BigInt64Array(core.memory.buffer, at, sets).slice();
  }

  /** What the kept nodes (one byte a node) have of each class; classes: u32 by label set, 0 is none. */
  nodeTags(type: number, divisor: number | undefined, classes: Uint32Array, kept: Uint8Array): TagColumns {
    const core = this.#core;
    const [classesAt, keptAt] = [this.#put(classes), this.#put(kept)];
    checked(core.beginTags());
    this.#slices((g, from, to) => checked(core.tagRows(type, divisor ?? -1, classesAt, keptAt, g, from, to)));
    return this.#tags();
  }

  /** What the leaves of the call tree (tree() comes first) have of each class, as flat; node is a row of the tree. */
  leafTags(type: number, divisor: number | undefined, classes: Uint32Array): TagColumns {
    const core = this.#core;
    const classesAt = this.#put(classes);
    checked(core.beginTags());
    this.#slices((g, from, to) => checked(core.tagLeaves(type, divisor ?? -1, classesAt, g, from, to)));
    return this.#tags();
  }

  #tags(): TagColumns {
    const core = this.#core;
    const count = core.tagCount.value;
    const at = core.tags.value >>> 0;
    const words = new Uint32Array(core.memory.buffer, at, count * 12);
    const longs = new BigInt64Array(core.memory.buffer, at, count * 6);
    const long = (column: number) => BigInt64Array.from({ length: count }, (_, i) => longs[i * 6 + column]);
    return {
      count,
      node: Uint32Array.from({ length: count }, (_, i) => words[i * 12]),
      class: Uint32Array.from({ length: count }, (_, i) => words[i * 12 + 1]),
      flat: long(1),
      flatDivisor: long(2),
      cum: long(3),
      cumDivisor: long(4),
    };
  }
}

/** Edges by one of their ends: node n has edge[start[n]] … edge[start[n + 1] - 1], heaviest first. */
export interface EdgeEnds {
  readonly start: Uint32Array;
  readonly edge: Uint32Array;
}

/** Calls between nodes. */
export interface EdgeColumns {
  readonly count: number;
  /** Node rows. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly weight: BigInt64Array;
  /** Of the divisor's column; zeros where there is none. */
  readonly divisor: BigInt64Array;
  /** EDGE_INLINE, EDGE_CALL, EDGE_RESIDUAL. */
  readonly bits: Uint8Array;
  readonly out: EdgeEnds;
  readonly into: EdgeEnds;
}

/** The call tree: parents come before children. */
export interface TreeColumns {
  readonly count: number;
  /** Row of the parent, -1 is none. */
  readonly parent: Int32Array;
  readonly node: Uint32Array;
  /** EDGE_INLINE, EDGE_CALL: how the row is called. */
  readonly bits: Uint8Array;
  /** By value column asked for. */
  readonly self: readonly BigInt64Array[];
  readonly total: readonly BigInt64Array[];
}

/** What nodes (or rows of the call tree) have of a class of label sets, in order of first use. */
export interface TagColumns {
  readonly count: number;
  readonly node: Uint32Array;
  readonly class: Uint32Array;
  readonly flat: BigInt64Array;
  readonly flatDivisor: BigInt64Array;
  readonly cum: BigInt64Array;
  readonly cumDivisor: BigInt64Array;
}

/** Addresses of the sums of a scope; they mean nothing outside of it. */
export interface Weights {
  readonly flat: number;
  readonly cum: number;
}
