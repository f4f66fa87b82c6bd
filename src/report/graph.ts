// The graph of a report: which nodes, in which order, and the calls between them.
//
//   all nodes → |cum| >= total · nodefraction → sorted → the first nodecount → calls of |weight| >= total · edgefraction
//
// A node is a row of the core's nodes, or of its call tree; whoever made the graph knows what it stands for. Weights are
// undivided until printed: -mean divides a node's or a call's sum by the sum of its divisor.
// Source of the rules: pprof internal/report newTrimmedGraph, internal/graph.

import { EDGE_CALL, EDGE_RESIDUAL } from '../core/abi.js';
import type { EdgeColumns, EdgeEnds, Rows } from '../core/scope.js';
import { numberReader } from '../model/int64.js';
import type { NodeInfo } from '../model/node.js';
import type { Sums } from './head.js';
import { LOWEST, magnitude } from './trim.js';

export interface Graph {
  /** In the order shown; sums undivided. */
  readonly rows: Rows;
  /** The same sums, divided with -mean. */
  readonly means: Sums;
  readonly info: (node: number) => NodeInfo;
  /** printableName of it. */
  readonly name: (node: number) => string;
  readonly calls: Calls;
  /** Nodes before nodecount cut them. */
  readonly nodeCount: number;
  readonly droppedNodes: number;
  readonly droppedEdges: number;
  /** Values of labels below it are not shown, either. */
  readonly nodeCutoff: bigint;
}

export interface CallColumns {
  readonly start: Uint32Array;
  readonly callee: Uint32Array;
  readonly weight: BigInt64Array;
}

/** Calls, found by their ends. */
export class Calls {
  readonly #edges: EdgeColumns;
  /** The order of two nodes by name. */
  readonly #byName: (a: number, b: number) => number;
  readonly #alive: Uint8Array;
  /** |weight| as far as a number tells: most of them it tells apart, quicker than a bigint. */
  readonly #size: Float64Array;

  constructor(edges: EdgeColumns, byName: (a: number, b: number) => number) {
    this.#edges = edges;
    this.#byName = byName;
    this.#alive = new Uint8Array(edges.count).fill(1);
    this.#size = new Float64Array(edges.count);
    const weight = numberReader(edges.weight);
    for (let i = 0; i < edges.count; i++) this.#size[i] = Math.abs(weight(i));
  }

  from = (edge: number): number => this.#edges.from[edge];
  to = (edge: number): number => this.#edges.to[edge];
  weight = (edge: number): bigint => this.#edges.weight[edge];
  mean = (edge: number): bigint => divided(this.#edges.weight[edge], this.#edges.divisor[edge]);
  isResidual = (edge: number): boolean => (this.#edges.bits[edge] & EDGE_RESIDUAL) !== 0;
  isInline = (edge: number): boolean => (this.#edges.bits[edge] & EDGE_CALL) === 0;

  /** Edges out of a node, by |weight|, then the name of the callee. */
  out(node: number): number[] {
    return this.#listed(this.#edges.out, node);
  }

  /** Edges into a node, by |weight|, then the name of the caller. */
  into(node: number): number[] {
    return this.#listed(this.#edges.into, node);
  }

  /** out() of many nodes as columns: node i calls callee[start[i]] … callee[start[i + 1] - 1]. */
  columns(nodes: Uint32Array): CallColumns {
    const { out, to, weight, count } = this.#edges;
    const rows = new Uint32Array(count);
    const start = new Uint32Array(nodes.length + 1);
    for (let i = 0; i < nodes.length; i++) start[i + 1] = this.#copy(out, nodes[i], rows, start[i]);
    const end = start[nodes.length];
    const callee = new Uint32Array(end);
    const weights = new BigInt64Array(end);
    const [halves, from] = [new Uint32Array(weights.buffer), new Uint32Array(weight.buffer)];
    for (let i = 0; i < end; i++) {
      const row = rows[i];
      callee[i] = to[row];
      halves[i * 2] = from[row * 2];
      halves[i * 2 + 1] = from[row * 2 + 1];
    }
    return { start, callee, weight: weights };
  }

  #listed(ends: EdgeEnds, node: number): number[] {
    const rows = new Uint32Array(ends.start[node + 1] - ends.start[node]);
    return Array.from(rows.subarray(0, this.#copy(ends, node, rows, 0)));
  }

  /** Copies the edges that are left to `to`, from `at` on, those that tie in the order of names. Returns the end. */
  #copy({ start, edge }: EdgeEnds, node: number, to: Uint32Array, at: number): number {
    let end = at;
    for (let i = start[node]; i < start[node + 1]; i++) if (this.#alive[edge[i]]) to[end++] = edge[i];
    for (let from = at; from + 1 < end; ) {
      let next = from + 1;
      while (next < end && this.#isTie(to[from], to[next])) next++;
      if (next - from > 1) to.set(Array.from(to.subarray(from, next)).sort(this.#byEnds), from);
      from = next;
    }
    return end;
  }

  #isTie(a: number, b: number): boolean {
    const { weight } = this.#edges;
    return this.#size[a] === this.#size[b] && magnitude(weight[a]) === magnitude(weight[b]);
  }

  /** Any edges by |weight|, then the names of both ends. Of two names that are one, pprof lets the sort decide. */
  sorted(edges: number[]): number[] {
    const { weight } = this.#edges;
    return edges.sort((a, b) => {
      const [x, y] = [magnitude(weight[a]), magnitude(weight[b])];
      return x === y ? this.#byEnds(a, b) : x < y ? 1 : -1;
    });
  }

  readonly #byEnds = (a: number, b: number): number => {
    const { from, to } = this.#edges;
    return this.#byName(from[a], from[b]) || this.#byName(to[a], to[b]);
  };

  drop(edge: number): void {
    this.#alive[edge] = 0;
  }

  /** Drops edges into these nodes below the cutoff; returns how many. */
  trim(nodes: Uint32Array, cutoff: bigint): number {
    const { weight } = this.#edges;
    // The smallest int64 is its own magnitude, and below any cutoff.
    if (cutoff <= 0n && !weight.includes(LOWEST)) return 0;
    let dropped = 0;
    for (const node of nodes) {
      for (const edge of this.into(node)) {
        if (magnitude(weight[edge]) >= cutoff) continue;
        this.drop(edge);
        dropped++;
      }
    }
    return dropped;
  }

  /** Drops residual edges where another path leads, too, the lightest first. Source: pprof RemoveRedundantEdges. */
  dropRedundant(nodes: Uint32Array): void {
    for (let i = nodes.length - 1; i >= 0; i--) {
      const into = this.into(nodes[i]);
      for (let j = into.length - 1; j >= 0 && this.isResidual(into[j]); j--) {
        if (this.#isRedundant(into[j])) this.drop(into[j]);
      }
    }
  }

  #isRedundant(edge: number): boolean {
    const source = this.from(edge);
    const queue = [this.to(edge)];
    const seen = new Set(queue);
    for (let at = 0; at < queue.length; at++) {
      for (const one of this.into(queue[at])) {
        const from = this.from(one);
        if (one === edge || seen.has(from)) continue;
        if (from === source) return true;
        seen.add(from);
        queue.push(from);
      }
    }
    return false;
  }
}

/** Edges by one of their ends, for edges that are not the core's. nodes: the end of each; nodeCount: rows of nodes. */
export function edgeEnds(nodes: Uint32Array, weight: BigInt64Array, nodeCount: number): EdgeEnds {
  const start = new Uint32Array(nodeCount + 1);
  for (const node of nodes) start[node + 1]++;
  for (let n = 0; n < nodeCount; n++) start[n + 1] += start[n];
  const next = start.slice();
  const edge = new Uint32Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) edge[next[nodes[i]]++] = i;
  for (let n = 0; n < nodeCount; n++) {
    if (start[n + 1] - start[n] < 2) continue;
    edge.subarray(start[n], start[n + 1]).sort((a, b) => {
      const [x, y] = [magnitude(weight[a]), magnitude(weight[b])];
      return x === y ? a - b : x < y ? 1 : -1;
    });
  }
  return { start, edge };
}

/** A sum divided by its divisor's, as Go divides; by 0 it stays. */
export function divided(value: bigint, by: bigint): bigint {
  return by === 0n ? value : BigInt.asIntN(64, value / by);
}
