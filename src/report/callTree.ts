// The graph of -call_tree: one node for each way in which a function is reached, trimmed as graph.ts says.
//
//   A;B;C 10  A;C 5    A ── B ── C 10      B dropped:  A ┄┄ C 10
//                      └─── C 5                        └─── C 5
//
// A row that goes leaves its callees to its caller, as residual calls. Source of the rules: pprof internal/graph newTree,
// TrimTree. Rows of value 0 are in no list and stay callers, as upstream.

import { EDGE_CALL, EDGE_INLINE, EDGE_RESIDUAL } from '../core/abi.js';
import type { EdgeColumns, Rows, Scope, TreeColumns } from '../core/scope.js';
import type { Options } from '../query/options.js';
import type { Selection } from '../query/selection.js';
import { byEntropy } from './entropy.js';
import { Calls, divided, edgeEnds, type Graph } from './graph.js';
import type { Sums } from './head.js';
import { type NodeTags, topByTags, treeTags } from './nodelets.js';
import { quickSort } from './quickSort.js';
import { byName, cutoff, firstRows, limits, magnitude } from './trim.js';

export interface TreeGraph {
  readonly graph: Graph;
  readonly tags: NodeTags;
  /** Row of the caller in the untrimmed tree, -1 is none. */
  readonly parent: Int32Array;
}

/** visual: ordered and cut as a drawn graph is. */
export function callTree(scope: Scope, selection: Selection, options: Options, visual: boolean): TreeGraph {
  const { type, divisor, nodeInfo, nodeName, compareNodes } = selection;
  const { nodecount, nodefraction, edgefraction } = limits(options);
  const tree = scope.tree(divisor === undefined ? [type] : [type, divisor], true);
  const [flat, cum] = [tree.self[0], tree.total[0]];
  const name = (row: number) => nodeName(tree.node[row]);
  const compareRows = (a: number, b: number) => compareNodes(tree.node[a], tree.node[b]);

  const isListed = listed(tree, options.drop_negative);
  const all = rowsOf(isListed);
  let total = 0n;
  for (const row of all) total = BigInt.asIntN(64, total + flat[row]);
  const nodeCutoff = cutoff(total, nodefraction);
  const edgeCutoff = cutoff(total, edgefraction);
  const dropped = all.filter((row) => magnitude(cum[row]) < nodeCutoff);
  const attached = new Attached(tree);
  attached.remove(dropped);
  for (const row of dropped) isListed[row] = 0;
  const kept = rowsOf(isListed);

  const pick = (nodes: Uint32Array): Rows => ({
    node: nodes,
    flat: BigInt64Array.from(nodes, (row) => flat[row]),
    cum: BigInt64Array.from(nodes, (row) => cum[row]),
  });
  const sorted = (rows: Rows, calls: Calls) =>
    visual
      ? byEntropy(rows, calls, compareRows)
      : byName(descending(rows, options.sort === 'cum' ? 'cum' : 'flat'), compareRows, options);
  let calls = new Calls(attached.edges(tree, isListed), compareRows);
  let rows = sorted(pick(kept), calls);
  const tags = visual ? treeTags(scope, selection, options, tree.parent, isListed) : { of: new Map(), outputUnit: '' };
  let trimmedBefore = false;
  if (nodecount > 0) {
    attached.cut(kept, edgeCutoff, cum);
    const most = visual ? topByTags(tags, rows.node, nodecount, nodeCutoff) : nodecount;
    trimmedBefore = true;
    if (most < kept.length) {
      const gone = rows.node.slice(most);
      attached.remove(gone);
      for (const row of gone) isListed[row] = 0;
      rows = firstRows(rows, most);
    }
    calls = new Calls(attached.edges(tree, isListed), compareRows);
    // Rows that tie (equal name, equal score) come as pprof's sort leaves them; before, their order is random upstream.
    if (most < kept.length && visual)
      rows = byEntropy(rows, calls, compareRows, (items, compare) => quickSort(items, (a, b) => compare(a, b) < 0));
  }
  const droppedEdges = calls.trim(rows.node, edgeCutoff);
  return {
    parent: tree.parent,
    tags,
    graph: {
      rows,
      means: meansOf(tree, rows),
      info: (row) => nodeInfo(tree.node[row]),
      name,
      calls,
      nodeCount: kept.length,
      droppedNodes: dropped.length,
      droppedEdges: trimmedBefore ? 0 : droppedEdges,
      nodeCutoff,
    },
  };
}

/** 1 for rows that are not 0, and with drop_negative not negative. */
function listed({ count, self, total }: TreeColumns, dropNegative: boolean): Uint8Array {
  const [flat, cum] = [self[0], total[0]];
  const out = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    if (flat[row] === 0n && cum[row] === 0n) continue;
    if (dropNegative && (flat[row] < 0n || (flat[row] === 0n && cum[row] < 0n))) continue;
    out[row] = 1;
  }
  return out;
}

function rowsOf(isListed: Uint8Array): Uint32Array {
  let count = 0;
  for (const one of isListed) count += one;
  const rows = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < isListed.length; row++) if (isListed[row]) rows[at++] = row;
  return rows;
}

/** What each row hangs on while rows go. */
class Attached {
  /** -1: a root. */
  readonly #parent: Int32Array;
  readonly #bits: Uint8Array;
  readonly #gone: Uint8Array;

  constructor({ parent, bits, count }: TreeColumns) {
    this.#parent = parent.slice();
    this.#bits = bits.slice();
    this.#gone = new Uint8Array(count);
  }

  /** Takes rows out: what hangs on them hangs on their callers. */
  remove(rows: Uint32Array): void {
    if (rows.length === 0) return;
    for (const row of rows) this.#gone[row] = 1;
    // Parents come first, so that theirs are settled.
    for (let row = 0; row < this.#parent.length; row++) {
      const parent = this.#parent[row];
      if (parent < 0 || !this.#gone[parent]) continue;
      this.#parent[row] = this.#parent[parent];
      const call = (this.#bits[row] | this.#bits[parent]) & EDGE_CALL;
      this.#bits[row] = (call === 0 ? EDGE_INLINE : call) | EDGE_RESIDUAL;
    }
  }

  /** Makes roots of rows whose call weighs less. */
  cut(rows: Uint32Array, least: bigint, weight: BigInt64Array): void {
    for (const row of rows) if (magnitude(weight[row]) < least) this.#parent[row] = -1;
  }

  /** The calls into and out of listed rows. */
  edges({ total }: TreeColumns, isListed: Uint8Array): EdgeColumns {
    const to: number[] = [];
    for (let row = 0; row < this.#parent.length; row++) {
      const parent = this.#parent[row];
      if (parent >= 0 && !this.#gone[row] && (isListed[row] || isListed[parent])) to.push(row);
    }
    const callers = Uint32Array.from(to, (row) => this.#parent[row]);
    const callees = Uint32Array.from(to);
    const weight = BigInt64Array.from(to, (row) => total[0][row]);
    return {
      count: to.length,
      from: callers,
      to: callees,
      weight,
      divisor: BigInt64Array.from(to, (row) => total[1]?.[row] ?? 0n),
      bits: Uint8Array.from(to, (row) => this.#bits[row]),
      out: edgeEnds(callers, weight, isListed.length),
      into: edgeEnds(callees, weight, isListed.length),
    };
  }
}

/** By |flat| or |cum|; those that tie stay in their order. */
function descending({ node, flat, cum }: Rows, by: 'flat' | 'cum'): Rows {
  const key = by === 'flat' ? flat : cum;
  const size = Float64Array.from(key, (value) => Math.abs(Number(value)));
  const order = Uint32Array.from(node, (_, i) => i).sort((a, b) => {
    if (size[a] !== size[b]) return size[b] - size[a];
    const [x, y] = [magnitude(key[a]), magnitude(key[b])];
    return x === y ? a - b : x < y ? 1 : -1;
  });
  return {
    node: Uint32Array.from(order, (i) => node[i]),
    flat: BigInt64Array.from(order, (i) => flat[i]),
    cum: BigInt64Array.from(order, (i) => cum[i]),
  };
}

function meansOf({ self, total }: TreeColumns, rows: Rows): Sums {
  if (self.length < 2) return rows;
  return {
    flat: rows.flat.map((value, i) => divided(value, self[1][rows.node[i]])),
    cum: rows.cum.map((value, i) => divided(value, total[1][rows.node[i]])),
  };
}
