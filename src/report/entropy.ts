// The order of nodes in a drawn graph: those first whose calls are spread widest, since one that only hands on what it
// gets says little. Source of the score: pprof internal/graph entropyScore.

import type { Rows } from '../core/scope.js';
import { truncToInt64 } from '../units/format.js';
import type { Calls } from './graph.js';
import { magnitude } from './trim.js';

type Sort = (items: number[], compare: (a: number, b: number) => number) => void;

/** The rows by score, then name, then |flat|. */
export function byEntropy(
  { node, flat, cum }: Rows,
  calls: Calls,
  compareNodes: (a: number, b: number) => number,
  sort: Sort = (items, compare) => items.sort(compare),
): Rows {
  const order = Array.from(node, (_, i) => i);
  const scores = order.map((i) => magnitude(score(calls, node[i], flat[i], cum[i])));
  sort(order, (a, b) => {
    if (scores[a] !== scores[b]) return scores[a] < scores[b] ? 1 : -1;
    const byName = compareNodes(node[a], node[b]);
    if (byName !== 0) return byName;
    const [x, y] = [magnitude(flat[a]), magnitude(flat[b])];
    return x === y ? 0 : x < y ? 1 : -1;
  });
  return {
    node: Uint32Array.from(order, (i) => node[i]),
    flat: BigInt64Array.from(order, (i) => flat[i]),
    cum: BigInt64Array.from(order, (i) => cum[i]),
  };
}

function score(calls: Calls, node: number, flat: bigint, cum: bigint): bigint {
  const into = calls.into(node);
  const out = calls.out(node);
  const spread =
    (into.length === 0 ? 1 : entropy(calls, into, 0n)) + (out.length === 0 ? 1 : entropy(calls, out, flat));
  return BigInt.asIntN(64, truncToInt64(spread * Number(cum)) + flat);
}

/** −Σ p · log2 p over the weights and what the node keeps to itself. */
function entropy(calls: Calls, edges: readonly number[], self: bigint): number {
  let total = self;
  for (const edge of edges) {
    const weight = calls.weight(edge);
    if (weight > 0n) total = BigInt.asIntN(64, total + weight);
  }
  if (total === 0n) return 0;
  let sum = 0;
  const add = (value: bigint) => {
    const part = Number(magnitude(value)) / Number(total);
    sum += -part * log2(part);
  };
  for (const edge of edges) add(calls.weight(edge));
  if (self > 0n) add(self);
  return sum;
}

/** Go's: exact for powers of two, otherwise by the natural logarithm of the fraction. */
function log2(x: number): number {
  if (!(x > 0) || !Number.isFinite(x)) return Math.log(x);
  let exponent = Math.ceil(Math.log2(x));
  let fraction = x / 2 ** exponent;
  if (fraction < 0.5) {
    fraction *= 2;
    exponent--;
  } else if (fraction >= 1) {
    fraction /= 2;
    exponent++;
  }
  return fraction === 0.5 ? exponent - 1 : Math.log(fraction) * Math.LOG2E + exponent;
}
