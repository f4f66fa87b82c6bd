// What graphs are made of: calls between nodes, call trees, values by label; read out of the core as columns.

import { checked } from './instance.js';
import type { Passes } from './passes.js';

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

const NO_ENDS: EdgeEnds = { start: new Uint32Array(), edge: new Uint32Array() };

/** Every call between kept nodes (one byte a node; undefined: all). onlyOut: nobody will ask who calls a node. */
/** Fewer edges, where fewer will do. */
export interface NarrowedEdges {
  /** Nobody will ask who calls a node. */
  readonly onlyOut?: boolean;
  /** Those alone that begin or end at one of these nodes (one byte a node). */
  readonly touching?: Uint8Array | undefined;
}

export function edgeColumns(
  passes: Passes,
  type: number,
  divisor: number | undefined,
  kept: Uint8Array | undefined,
  { onlyOut = false, touching }: NarrowedEdges,
): EdgeColumns {
  const { core, put, slices, locations } = passes;
  checked(core.beginEdges(put(kept), put(touching), touching !== undefined, locations));
  slices((g, from, to) => checked(core.edgeRows(type, divisor ?? -1, g, from, to)));
  core.endEdges();
  const count = core.edgeCount.value;
  const out = edgeEnds(passes, 0);
  const into = onlyOut ? NO_ENDS : edgeEnds(passes, 1);
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

/** Caller (end 0) first: it also brings the edges into that order. What it allocates stays until the scope ends. */
function edgeEnds({ core }: Passes, end: 0 | 1): EdgeEnds {
  checked(core.groupEdges(end));
  if (end === 0) checked(core.orderEdges());
  const { buffer } = core.memory;
  return {
    start: new Uint32Array(buffer, core.edgeStart.value >>> 0, core.nodeCount.value + 1).slice(),
    edge: new Uint32Array(buffer, core.edgeOrder.value >>> 0, core.edgeCount.value).slice(),
  };
}

/** The call tree, with sums of the value columns; only: samples that are 0 in all of them are left out. */
export function treeColumns({ core, slices }: Passes, types: readonly number[], only: boolean): TreeColumns {
  checked(core.beginTree());
  slices((g, from, to) => checked(core.treeRows(only ? types[0] : -1, types[1] ?? -1, g, from, to)));
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
    slices((g, from, to) => core.treeSelf(type, self, g, from, to));
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
export function labelSetSums({ core, slices }: Passes, type: number): BigInt64Array {
  const sets = core.labelSetCount.value;
  const at = core.allocZero(sets * 8) >>> 0;
  if (at === 0) checked(-1);
  slices((g, from, to) => core.labelSetSums(type, at, g, from, to));
  return new BigInt64Array(core.memory.buffer, at, sets).slice();
}

/** What the kept nodes (one byte a node) have of each class; classes: u32 by label set, 0 is none. */
export function nodeTags(
  passes: Passes,
  type: number,
  divisor: number | undefined,
  classes: Uint32Array,
  kept: Uint8Array,
): TagColumns {
  const { core, put, slices } = passes;
  const [classesAt, keptAt] = [put(classes), put(kept)];
  checked(core.beginTags());
  slices((g, from, to) => checked(core.tagRows(type, divisor ?? -1, classesAt, keptAt, g, from, to)));
  return tagColumns(passes);
}

/** What the leaves of the call tree (tree() comes first) have of each class, as flat; node is a row of the tree. */
export function leafTags(passes: Passes, type: number, divisor: number | undefined, classes: Uint32Array): TagColumns {
  const { core, put, slices } = passes;
  const classesAt = put(classes);
  checked(core.beginTags());
  slices((g, from, to) => checked(core.tagLeaves(type, divisor ?? -1, classesAt, g, from, to)));
  return tagColumns(passes);
}

function tagColumns({ core }: Passes): TagColumns {
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

/** Whose work samples are (assembly/work.ts): sums by owner, of which 0 is nobody, and by kind, of which 0 is none. */
export interface WorkColumns {
  readonly charged: BigInt64Array;
  readonly cum: BigInt64Array;
  readonly kinds: BigInt64Array;
  /** What owner o asked kind k for is through[o * (kinds + 1) + k]. */
  readonly through: BigInt64Array;
  /** The same, not only of the kind that stands next to it; kinds overlap. */
  readonly within: BigInt64Array;
  /** By node, what was charged to its owner there. */
  readonly lines: BigInt64Array;
}

/** roles: by node OWN | owner, a kind, or 0. */
export function workColumns(
  { core, put, slices }: Passes,
  type: number,
  roles: Uint32Array,
  owners: number,
  kinds: number,
): WorkColumns {
  const at = put(roles);
  checked(core.beginWork(owners, kinds));
  slices((g, from, to) => core.workRows(type, at, g, from, to));
  const column = (address: number, length: number) =>
    new BigInt64Array(core.memory.buffer, address >>> 0, length).slice();
  return {
    charged: column(core.workCharged.value, owners + 1),
    cum: column(core.workCum.value, owners + 1),
    kinds: column(core.workKinds.value, kinds + 1),
    through: column(core.workThrough.value, (owners + 1) * (kinds + 1)),
    within: column(core.workWithin.value, (owners + 1) * (kinds + 1)),
    lines: column(core.workLines.value, core.nodeCount.value),
  };
}
