// Which nodes a report shows: zero and negative ones go, then those below nodefraction, then all beyond nodecount.
//
//   weighed → not 0 → |cum| >= total · nodefraction → sorted → the first nodecount
//
// Source: pprof internal/report newTrimmedGraph. A node's sums do not change when others go (the leaf is a node of its
// own), so that nothing is weighed again; only calls between nodes depend on which are left (see calls()).

import type { Rows, Scope } from '../core/scope.js';
import type { Options } from '../query/options.js';
import type { Selection } from '../query/selection.js';
import { truncToInt64 } from '../units/format.js';

export interface TrimmedNodes {
  readonly rows: Rows;
  /** Nodes that nodefraction dropped. */
  readonly dropped: number;
  /** Nodes before nodecount cut them. */
  readonly count: number;
  /** EDGE_INLINE and EDGE_CALL, by node; undefined when no call is inline. */
  readonly calls: Uint8Array | undefined;
}

export const LOWEST = -(2n ** 63n);

/** |v| of Go: the smallest int64 has no positive. */
export function magnitude(value: bigint): bigint {
  return value < 0n && value !== LOWEST ? -value : value;
}

/** |total · fraction| as int64. */
export function cutoff(total: bigint, fraction: number): bigint {
  return magnitude(truncToInt64(Number(total) * fraction));
}

/** nodecount, nodefraction and edgefraction; all 0 with -trim=false. */
export function limits(options: Options): Pick<Options, 'nodecount' | 'nodefraction' | 'edgefraction'> {
  return options.trim ? options : { nodecount: 0, nodefraction: 0, edgefraction: 0 };
}

export function trimmedNodes(scope: Scope, selection: Selection, options: Options): TrimmedNodes {
  const fraction = limits(options);
  const weights = scope.weigh(selection.type);
  const all = scope.keep(weights, options.drop_negative, LOWEST);
  const nodeCutoff = cutoff(all.flat, fraction.nodefraction);
  const kept = nodeCutoff > 0n ? scope.keep(weights, options.drop_negative, nodeCutoff) : all;
  const sorted = byName(
    scope.sorted(weights, options.sort === 'cum' ? 'cum' : 'flat'),
    selection.compareNodes,
    options,
  );
  const limit = fraction.nodecount > 0 ? Math.min(fraction.nodecount, kept.count) : kept.count;
  const rows = limit < kept.count ? firstRows(sorted, limit) : sorted;
  // While nothing was dropped, nodes of value 0 and negative ones still are callers.
  const mask = limit < all.count ? maskOf(rows.node, selection.nodeCount) : undefined;
  const calls = scope.callBits(selection.type, selection.divisor, mask, cutoff(all.flat, fraction.edgefraction));
  return { rows, dropped: all.count - kept.count, count: kept.count, calls };
}

export function maskOf(nodes: Uint32Array, count: number): Uint8Array {
  const mask = new Uint8Array(count);
  for (const node of nodes) mask[node] = 1;
  return mask;
}

export function firstRows({ node, flat, cum }: Rows, count: number): Rows {
  return { node: node.slice(0, count), flat: flat.slice(0, count), cum: cum.slice(0, count) };
}

const descending = (a: bigint, b: bigint) => (a === b ? 0 : a < b ? 1 : -1);

/** Breaks ties of the sort value by printable name, bytewise, then by the other value; only nodes that tie are named. */
export function byName(rows: Rows, compareNodes: (a: number, b: number) => number, { sort }: Options): Rows {
  const [key, other] = sort === 'cum' ? [rows.cum, rows.flat] : [rows.flat, rows.cum];
  const order = Array.from(rows.node, (_, i) => i);
  for (let from = 0; from < order.length; ) {
    const size = magnitude(key[from]);
    let to = from + 1;
    while (to < order.length && magnitude(key[to]) === size) to++;
    if (to - from > 1) {
      const tied = order.slice(from, to);
      tied.sort(
        (a, b) => compareNodes(rows.node[a], rows.node[b]) || descending(magnitude(other[a]), magnitude(other[b])),
      );
      for (let i = from; i < to; i++) order[i] = tied[i - from];
    }
    from = to;
  }
  return {
    node: Uint32Array.from(order, (i) => rows.node[i]),
    flat: BigInt64Array.from(order, (i) => rows.flat[i]),
    cum: BigInt64Array.from(order, (i) => rows.cum[i]),
  };
}
