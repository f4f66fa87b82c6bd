// Which nodes a report shows, and in which order.
//
// A list is u32 rows[]: kept nodes in row order, sorted by |value| descending. Rows that tie keep their order; names
// break ties in TypeScript, over the few rows that are shown. Source: pprof internal/graph Sort and DiscardLowFrequencyNodes.

import { E_MEMORY, OK } from '../src/core/abi';
import { alloc } from './memory';
import { nodeCount } from './nodes';

export let list: usize = 0;
export let listCount: u32 = 0;
/** Σ flat over the list, after keepNodes(). */
export let listFlat: i64 = 0;

/** |v| as Go computes it: the smallest int64 stays negative. */
// @ts-expect-error: decorator
@inline
function magnitude(value: i64): i64 {
  return value < 0 ? 0 - value : value;
}

/**
 * Lists the nodes that are not 0 in both columns and whose |cum| >= cutoff; with dropNegative not those of flat < 0, or of flat 0 and cum < 0.
 * In: flat, cum i64[nodes]. Out: list, listCount, listFlat. Returns 0 or E_MEMORY.
 */
export function keepNodes(flat: usize, cum: usize, dropNegative: bool, cutoff: i64): i32 {
  list = alloc(<usize>nodeCount << 2);
  if (!list) return E_MEMORY;
  listCount = 0;
  listFlat = 0;
  for (let n: usize = 0; n < <usize>nodeCount; n++) {
    let own = load<i64>(flat + (n << 3));
    let all = load<i64>(cum + (n << 3));
    if (!own && !all) continue;
    if (dropNegative && (own < 0 || (own == 0 && all < 0))) continue;
    if (magnitude(all) < cutoff) continue;
    store<u32>(list + (<usize>listCount << 2), <u32>n);
    listCount++;
    listFlat += own;
  }
  return OK;
}

/** Sorts the list by |key| descending, key i64[nodes]; a stable merge sort. Returns 0 or E_MEMORY. */
export function sortList(key: usize): i32 {
  let count = <usize>listCount;
  let from = list;
  let to = alloc(count << 2);
  if (!to) return E_MEMORY;
  for (let width: usize = 1; width < count; width <<= 1) {
    for (let start: usize = 0; start < count; start += width << 1) {
      let left = start;
      let middle = min<usize>(start + width, count);
      let right = middle;
      let end = min<usize>(start + (width << 1), count);
      for (let k = start; k < end; k++) {
        let takeLeft = left < middle;
        if (takeLeft && right < end) takeLeft = keyOf(key, from, left) >= keyOf(key, from, right);
        let source = takeLeft ? left++ : right++;
        store<u32>(to + (k << 2), load<u32>(from + (source << 2)));
      }
    }
    let swap = from;
    from = to;
    to = swap;
  }
  list = from;
  return OK;
}

// @ts-expect-error: decorator
@inline
function keyOf(key: usize, rows: usize, index: usize): i64 {
  return magnitude(load<i64>(key + (<usize>load<u32>(rows + (index << 2)) << 3)));
}

/** out i64[listCount]: a column of the nodes in list order. */
export function gather(column: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>listCount; i++) {
    store<i64>(out + (i << 3), load<i64>(column + (<usize>load<u32>(list + (i << 2)) << 3)));
  }
}
