// The graph of a report: which nodes, in which order, and the calls between them.
//
//   all nodes → |cum| >= total · nodefraction → sorted → the first nodecount → calls of |weight| >= total · edgefraction
//
// A node is a row of the core's nodes, or of its call tree; whoever made the graph knows what it stands for. Weights are
// undivided until printed: -mean divides a node's or a call's sum by the sum of its divisor.
// Source of the rules: pprof internal/report newTrimmedGraph, internal/graph.

import { EDGE_CALL, EDGE_RESIDUAL } from '../core/abi.js';
import type { EdgeColumns, Rows } from '../core/store.js';
import type { NodeInfo } from '../model/node.js';
import { compareText } from '../model/strings.js';
import type { Sums } from './head.js';
import { magnitude } from './trim.js';

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

/** Calls, found by their ends. */
export class Calls {
  readonly #edges: EdgeColumns;
  readonly #name: (node: number) => string;
  readonly #alive: Uint8Array;
  /** |weight| as far as a number tells them apart. */
  readonly #size: Float64Array;
  #out: Ends | undefined;
  #in: Ends | undefined;

  constructor(edges: EdgeColumns, name: (node: number) => string) {
    this.#edges = edges;
    this.#name = name;
    this.#alive = new Uint8Array(edges.count).fill(1);
    this.#size = Float64Array.from({ length: edges.count }, (_, i) => Math.abs(Number(edges.weight[i])));
  }

  /** Rows of the edges that are left. */
  *all(): Generator<number> {
    for (let i = 0; i < this.#edges.count; i++) if (this.#alive[i]) yield i;
  }

  from = (edge: number): number => this.#edges.from[edge];
  to = (edge: number): number => this.#edges.to[edge];
  weight = (edge: number): bigint => this.#edges.weight[edge];
  mean = (edge: number): bigint => divided(this.#edges.weight[edge], this.#edges.divisor[edge]);
  isResidual = (edge: number): boolean => (this.#edges.bits[edge] & EDGE_RESIDUAL) !== 0;
  isInline = (edge: number): boolean => (this.#edges.bits[edge] & EDGE_CALL) === 0;

  /** Edges out of a node, unsorted. */
  out(node: number): number[] {
    this.#out ??= ends(this.#edges.from, this.#edges.count);
    return this.#left(this.#out, node);
  }

  /** Edges into a node, unsorted. */
  into(node: number): number[] {
    this.#in ??= ends(this.#edges.to, this.#edges.count);
    return this.#left(this.#in, node);
  }

  #left({ start, edge }: Ends, node: number): number[] {
    const left: number[] = [];
    for (let i = start[node] ?? 0; i < (start[node + 1] ?? 0); i++) if (this.#alive[edge[i]]) left.push(edge[i]);
    return left;
  }

  /** By |weight|, then the names of both ends. Source: pprof edgeList. */
  sorted(edges: number[]): number[] {
    return edges.sort((a, b) => this.#compare(a, b));
  }

  #compare(a: number, b: number): number {
    const { weight, from, to } = this.#edges;
    if (this.#size[a] !== this.#size[b]) return this.#size[b] - this.#size[a];
    const [x, y] = [magnitude(weight[a]), magnitude(weight[b])];
    if (x !== y) return x < y ? 1 : -1;
    // Of two names that are one, pprof lets the sort decide.
    return (
      (from[a] === from[b] ? 0 : compareText(this.#name(from[a]), this.#name(from[b]))) ||
      (to[a] === to[b] ? 0 : compareText(this.#name(to[a]), this.#name(to[b])))
    );
  }

  drop(edge: number): void {
    this.#alive[edge] = 0;
  }

  /** Drops edges into these nodes below the cutoff; returns how many. */
  trim(nodes: Uint32Array, cutoff: bigint): number {
    if (cutoff <= 0n) return 0;
    let dropped = 0;
    const { weight } = this.#edges;
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
      const into = this.sorted(this.into(nodes[i]));
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

interface Ends {
  readonly start: Uint32Array;
  readonly edge: Uint32Array;
}

/** Edges by one of their ends, in their order. */
function ends(nodes: Uint32Array, count: number): Ends {
  let most = -1;
  for (let i = 0; i < count; i++) if (nodes[i] > most) most = nodes[i];
  const start = new Uint32Array(most + 2);
  for (let i = 0; i < count; i++) start[nodes[i] + 1]++;
  for (let n = 0; n <= most; n++) start[n + 1] += start[n];
  const next = start.slice();
  const edge = new Uint32Array(count);
  for (let i = 0; i < count; i++) edge[next[nodes[i]]++] = i;
  return { start, edge };
}

/** A sum divided by its divisor's, as Go divides; by 0 it stays. */
export function divided(value: bigint, by: bigint): bigint {
  return by === 0n ? value : BigInt.asIntN(64, value / by);
}
