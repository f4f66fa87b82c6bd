// A running query on the core: what it narrows, maps to nodes, weighs and lists (assembly/README.md is the contract).
// Everything that it allocates is dropped when it ends; results are copied out before.

import { E_CORRECTIONS, NO_NODE, OK } from './abi.js';
import {
  type EdgeColumns,
  edgeColumns,
  labelSetSums,
  leafTags,
  type NarrowedEdges,
  nodeTags,
  type TagColumns,
  type TreeColumns,
  treeColumns,
  type WorkColumns,
  workColumns,
} from './graphs.js';
import { checked } from './instance.js';
import { Passes } from './passes.js';
import type { SampleEncoding } from './samples.js';
import type { CoreExports } from './wasm.js';

export type { EdgeColumns, EdgeEnds, TagColumns, TreeColumns, WorkColumns } from './graphs.js';

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

export interface MarkStore {
  get(signature: string): Uint32Array | undefined;
  isFree(): boolean;
  set(signature: string, corrections: Uint32Array): void;
}

/** A running query: narrows the selection, maps locations to nodes, weighs, lists. */
export class Scope {
  readonly #core: CoreExports;
  readonly #passes: Passes;
  readonly #marks: MarkStore;
  #signature: string | undefined;
  /** Stacks are not whole any more. */
  #cut = false;

  constructor(core: CoreExports, locations: number, marks: MarkStore) {
    this.#core = core;
    this.#passes = new Passes(core, locations);
    this.#marks = marks;
  }

  #cutBy(mask: Uint8Array): number {
    const at = this.#passes.put(mask);
    checked(this.#core.needCuts());
    this.#cut = true;
    return at;
  }

  /** One byte a location with FOCUSED, IGNORED, HIDDEN; anyHidden: some location is. */
  focus(mask: Uint8Array, anyHidden: boolean): void {
    const at = this.#passes.put(mask);
    checked(this.#core.needSelected());
    this.#passes.slices((g, from, to) => this.#core.selectFocus(at, anyHidden, g, from, to));
  }

  /** One byte a location with PRUNED, PRUNED_BENEATH. */
  prune(mask: Uint8Array): void {
    const at = this.#cutBy(mask);
    this.#passes.slices((g, from, to) => this.#core.selectPruned(at, g, from, to));
  }

  showFrom(mask: Uint8Array): void {
    const at = this.#cutBy(mask);
    checked(this.#core.needSelected());
    this.#passes.slices((g, from, to) => this.#core.selectShowFrom(at, g, from, to));
  }

  pruneFrom(mask: Uint8Array): void {
    const at = this.#cutBy(mask);
    this.#passes.slices((g, from, to) => this.#core.selectPruneFrom(at, g, from, to));
  }

  /** One byte a label set. */
  labels(mask: Uint8Array): void {
    const at = this.#passes.put(mask);
    checked(this.#core.needSelected());
    this.#passes.slices((g, from, to) => this.#core.selectLabels(at, g, from, to));
  }

  /** Frames put beneath (leaf) and above (root) every stack: location rows, `leaf + root` of them a label set. locations: how many there are now. */
  addLabelFrames(rows: Uint32Array, leaf: number, root: number, locations: number): void {
    checked(this.#core.addLabelFrames(this.#passes.put(rows.map((row) => row + 1)), leaf, root));
    this.#passes.locations = locations;
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
    const [idsAt, columnsAt] = [this.#passes.put(ids), this.#passes.put(Uint32Array.from(columns))];
    const [startAt, labelsAt] = [this.#passes.put(labelStart), this.#passes.put(labels)];
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
    this.#core.sumTotals(type, divisor ?? -1, this.#passes.put(diff));
    const [total, by, diffTotal, diffDivisor] = new BigInt64Array(this.#core.memory.buffer, this.#core.totals.value, 4);
    return { total, divisor: by, diffTotal, diffDivisor };
  }

  /** Maps locations to nodes; returns how many nodes there are. */
  nodes(keys: NodeKeys): number {
    const core = this.#core;
    core.setNodeKeys(
      this.#passes.put(keys.name),
      this.#passes.put(keys.file),
      this.#passes.put(keys.startLine),
      this.#passes.put(keys.line),
      this.#passes.put(keys.column),
      this.#passes.put(keys.address),
      this.#passes.put(keys.object),
      keys.objects,
    );
    this.#signature = keys.signature;
    return checked(
      core.internNodes(
        keys.locations,
        keys.lines,
        this.#passes.put(keys.lineStart),
        this.#passes.put(keys.lineFunction),
        this.#passes.put(keys.lineKept),
        this.#passes.put(keys.flags),
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
    const node = new Int32Array(core.memory.buffer, (core.locationNode.value >>> 0) + 4, this.#passes.locations);
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
    checked(core.beginWeigh(corrections === undefined ? 0 : this.#passes.locations));
    if (corrections === undefined) {
      this.#passes.slices((g, from, to) => core.weighRows(type, g, from, to));
      core.endWeigh();
    } else {
      this.#passes.slices((g, from, to) => core.weighMarkedRows(type, g, from, to));
      core.endWeighMarked(type, this.#passes.locations, this.#passes.put(corrections), corrections.length / 2);
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
    this.#passes.slices((g, from, to) => {
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
    const keptAt = this.#passes.put(kept);
    const wanted = core.alloc(nodes + 1) >>> 0;
    if (wanted === 0) checked(-1);
    if (core.inlinedNodes(wanted, keptAt, this.#passes.locations) === 0) return undefined;
    checked(core.beginEdges(keptAt, wanted, false, this.#passes.locations));
    // Quicker where weights only grow: what reached the cutoff is looked at no more.
    const settles =
      core.anyNegative.value === 0 && checked(core.beginCalls(keptAt, wanted, cutoff, this.#passes.locations)) === 1;
    const rows = settles ? core.callRows : core.edgeRows;
    this.#passes.slices((g, from, to) => checked(rows(type, divisor ?? -1, g, from, to)));
    if (settles) core.inCalls(wanted);
    else {
      core.endEdges();
      core.inEdges(cutoff, wanted);
    }
    return new Uint8Array(core.memory.buffer, wanted, nodes).slice();
  }

  /** Every call between kept nodes (one byte a node; undefined: all). */
  edges(
    type: number,
    divisor: number | undefined,
    kept: Uint8Array | undefined,
    narrowed: NarrowedEdges = {},
  ): EdgeColumns {
    return edgeColumns(this.#passes, type, divisor, kept, narrowed);
  }

  /** The call tree, with sums of the value columns; only: samples that are 0 in all of them are left out. */
  tree(types: readonly number[], only: boolean): TreeColumns {
    return treeColumns(this.#passes, types, only);
  }

  /** Σ value of the selection, by label set. */
  labelSetSums(type: number): BigInt64Array {
    return labelSetSums(this.#passes, type);
  }

  /** What the kept nodes (one byte a node) have of each class; classes: u32 by label set, 0 is none. */
  nodeTags(type: number, divisor: number | undefined, classes: Uint32Array, kept: Uint8Array): TagColumns {
    return nodeTags(this.#passes, type, divisor, classes, kept);
  }

  /** Whose work the selection is; roles: by node OWN | owner (1 … owners), a kind (1 … kinds), or 0. */
  work(type: number, roles: Uint32Array, owners: number, kinds: number): WorkColumns {
    return workColumns(this.#passes, type, roles, owners, kinds);
  }

  /** What the leaves of the call tree (tree() comes first) have of each class, as flat; node is a row of the tree. */
  leafTags(type: number, divisor: number | undefined, classes: Uint32Array): TagColumns {
    return leafTags(this.#passes, type, divisor, classes);
  }
}

/** Addresses of the sums of a scope; they mean nothing outside of it. */
export interface Weights {
  readonly flat: number;
  readonly cum: number;
}
