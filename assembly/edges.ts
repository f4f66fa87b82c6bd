// Calls between nodes: per sample each pair (caller, callee) once, recursion onto itself not at all.
//
//   A;B;C 10  A;C 5      A→B 10  B→C 10  A→C 5
//   the same, B not kept  A→C 15, and residual: something lay between
//
// An edge is inline while every call of it is: the callee is a line of a location that is not its outermost.
// Source of the rules: pprof internal/graph newGraph and AddToEdgeDiv.

import { E_MEMORY, EDGE_CALL, EDGE_INLINE, EDGE_RESIDUAL, NO_NODE, OK } from '../src/core/abi';
import { scramble } from './ids';
import { alloc, allocZero } from './memory';
import { listAt, listLength, locationNode, nodeCount } from './nodes';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, G, groupAt, sampleCount, valueColumn } from './store';

/**
 * (caller + 1 u32, callee u32, weight i64, divisor i64, stamp u32, bits u32): a hash table of edges themselves, so that a
 * look-up takes one cache miss (1.3M edges: 670 → 390 ms); caller 0 is a free slot. After endEdges() a plain list.
 */
export const EDGE: usize = 32;
export let edges: usize = 0;
export let edgeCount: u32 = 0;
let capacity: u32 = 0;

// By entry: one bit a location, whether it has a kept node (25 KB for 200k locations: in the first-level cache); one byte
// a location, whether it has a wanted one (the fewest instructions, since every entry of every stack is asked).
export let keptBits: usize = 0;
let wantedBytes: usize = 0;

/** Moves from the leaf to the first entry of a wanted location, or to the end. Four at a time: most stacks have none. */
// @ts-ignore: decorator
@inline
export function firstWanted(at: usize, end: usize): usize {
  let wanted = wantedBytes;
  while (at + 16 <= end) {
    let any =
      load<u8>(wanted + <usize>(load<u32>(at) & ENTRY)) |
      load<u8>(wanted + <usize>(load<u32>(at, 4) & ENTRY)) |
      load<u8>(wanted + <usize>(load<u32>(at, 8) & ENTRY)) |
      load<u8>(wanted + <usize>(load<u32>(at, 12) & ENTRY));
    if (any) break;
    at += 16;
  }
  while (at < end && !load<u8>(wanted + <usize>(load<u32>(at) & ENTRY))) at += 4;
  return at;
}

// @ts-expect-error: decorator
@inline
export function bitAt(bits: usize, entry: usize): u32 {
  return (<u32>load<u8>(bits + (entry >> 3)) >> (<u32>entry & 7)) & 1;
}

let keptNodes: usize = 0;
let wantedNodes: usize = 0;
/** Edges out of wanted nodes are made, too. */
let eitherEnd: bool = false;

/**
 * Begins on the edges of the selection between kept nodes.
 * In: kept u8[nodes] (0: all), wanted u8[nodes] (0: all): only edges into wanted nodes are made, with `either` also those out
 * of them; locations: their number.
 * Out, after edgeRows over all rows and endEdges: edges[edgeCount]. Returns 0 or E_MEMORY.
 */
export function beginEdges(kept: usize, wanted: usize, either: bool, locations: u32): i32 {
  capacity = 2048;
  // Between all nodes there will be many; growing 64 MB costs a quarter of the time.
  if (!kept && !wanted) while (capacity < sampleCount * 4 && capacity < 1 << 20) capacity <<= 1;
  edgeCount = 0;
  edges = allocZero(<usize>capacity * EDGE);
  keptNodes = kept;
  wantedNodes = wanted;
  eitherEnd = either;
  keptBits = locationBits(kept, locations);
  wantedBytes = locationBytes(wanted, locations);
  return !edges || (kept && !keptBits) || (wanted && !wantedBytes) ? E_MEMORY : OK;
}

/** Rows from … to - 1 of group g; type and divisor (-1: none) are value columns. Returns 0 or E_MEMORY. */
export function edgeRows(type: u32, divisor: i32, g: u32, from: u32, to: u32): i32 {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let values = valueColumn(groupAt(g), type);
  let divisors: usize = divisor < 0 ? <usize>0 : valueColumn(groupAt(g), divisor);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let value = load<i64>(values + (r << 3));
    let by = divisors ? load<i64>(divisors + (r << 3)) : 0;
    if (!value && !by) continue;
    let first = <usize>load<u32>(begins + (r << 2));
    let end = first + (<usize>load<u32>(lengths + (r << 2)) << 2);
    if (wantedNodes) {
      // Nothing leafward of the innermost wanted frame matters, unless it calls.
      let innermost = firstWanted(first, end);
      if (innermost == end) continue;
      if (!eitherEnd) first = innermost;
    }
    if (walk(first, end, g * <u32>G + <u32>r + 1, value, by) < 0) return E_MEMORY;
  }
  return OK;
}

// @ts-expect-error: decorator
@inline
function isWanted(wanted: usize, caller: i32, callee: i32): bool {
  if (!wanted || load<u8>(wanted + <usize>callee)) return true;
  return eitherEnd && load<u8>(wanted + <usize>caller) != 0;
}

/** One stack, root to leaf. */
function walk(first: usize, end: usize, stamp: u32, value: i64, by: i64): i32 {
  let kept = keptNodes;
  let wanted = wantedNodes;
  let caller = NO_NODE;
  let residual = false;
  for (let at = end; at > first; ) {
    at -= 4;
    let entry = <usize>(load<u32>(at) & ENTRY);
    let node = load<i32>(locationNode + (entry << 2));
    if (node == NO_NODE) continue;
    if (kept && !bitAt(keptBits, entry)) {
      residual = true;
      continue;
    }
    if (node >= 0) {
      if (caller >= 0 && caller != node && isWanted(wanted, caller, node)) {
        if (pairCount == PAIRS && addPairs(stamp, value, by) < 0) return E_MEMORY;
        notePair(caller, node, residual, false);
      }
      caller = node;
      residual = false;
      continue;
    }
    let list = listAt(node);
    let count = listLength(list);
    for (let i = count; i > 0; i--) {
      let one = load<i32>(list + (i << 2));
      if (kept && !load<u8>(kept + <usize>one)) {
        residual = true;
        continue;
      }
      if (caller >= 0 && caller != one && isWanted(wanted, caller, one)) {
        if (pairCount == PAIRS && addPairs(stamp, value, by) < 0) return E_MEMORY;
        notePair(caller, one, residual, i != count);
      }
      caller = one;
      residual = false;
    }
  }
  return addPairs(stamp, value, by);
}

// The pairs of a stack are noted first and their slots touched, so that the cache misses of forty look-ups overlap
// (1.3M edges between all nodes: 390 → 230 ms); then they are added.
const PAIRS: u32 = 512;
/** (key u64, bits u32, unused u32)[PAIRS] */
const pairs: usize = alloc(PAIRS * 16);
let pairCount: u32 = 0;
/** Keeps the loads that only touch from being dropped. */
let touched: u64 = 0;

// @ts-expect-error: decorator
@inline
function notePair(caller: u32, callee: u32, residual: bool, inline: bool): void {
  let key = <u64>(caller + 1) | (<u64>callee << 32);
  let pair = pairs + (<usize>pairCount << 4);
  store<u64>(pair, key);
  store<u32>(pair, (inline ? EDGE_INLINE : EDGE_CALL) | (residual ? EDGE_RESIDUAL : 0), 8);
  touched ^= load<u64>(edges + <usize>(scramble(key) & (capacity - 1)) * EDGE);
  pairCount++;
}

function addPairs(stamp: u32, value: i64, by: i64): i32 {
  for (let pair = pairs, end = pairs + (<usize>pairCount << 4); pair < end; pair += 16) {
    if (addEdge(load<u64>(pair), load<u32>(pair, 8), stamp, value, by) < 0) return E_MEMORY;
  }
  pairCount = 0;
  return OK;
}

function addEdge(key: u64, bits: u32, stamp: u32, value: i64, by: i64): i32 {
  let edge = find(key);
  if (load<u64>(edge) == key) {
    if (load<u32>(edge, 24) == stamp) return OK;
    store<u32>(edge, stamp, 24);
    store<i64>(edge, load<i64>(edge, 8) + value, 8);
    store<i64>(edge, load<i64>(edge, 16) + by, 16);
    store<u32>(edge, load<u32>(edge, 28) | bits, 28);
    return OK;
  }
  if (edgeCount + (edgeCount >> 1) >= capacity) {
    if (grow() < 0) return E_MEMORY;
    edge = find(key);
  }
  store<u64>(edge, key);
  store<i64>(edge, value, 8);
  store<i64>(edge, by, 16);
  store<u32>(edge, stamp, 24);
  store<u32>(edge, bits, 28);
  edgeCount++;
  return OK;
}

/** The slot of an edge, or the free one where it belongs. */
// @ts-expect-error: decorator
@inline
function find(key: u64): usize {
  let mask = capacity - 1;
  let slot = scramble(key) & mask;
  while (true) {
    let edge = edges + <usize>slot * EDGE;
    let have = load<u64>(edge);
    if (have == key || have == 0) return edge;
    slot = (slot + 1) & mask;
  }
}

function grow(): i32 {
  let old = edges;
  let end = old + <usize>capacity * EDGE;
  let more = allocZero(<usize>capacity * 2 * EDGE);
  if (!more) return E_MEMORY;
  edges = more;
  capacity *= 2;
  for (; old < end; old += EDGE) if (load<u64>(old)) memory.copy(find(load<u64>(old)), old, EDGE);
  return OK;
}

/** After the last edgeRows: the edges one after the other, callers as they are. */
export function endEdges(): void {
  let out = edges;
  let end = edges + <usize>capacity * EDGE;
  for (let edge = edges; edge < end; edge += EDGE) {
    if (!load<u64>(edge)) continue;
    if (out != edge) memory.copy(out, edge, EDGE);
    store<u32>(out, load<u32>(out) - 1);
    out += EDGE;
  }
}

/** Takes another place for the edges, in which they lie in another order. */
export function moveEdges(to: usize): void {
  edges = to;
}

/** Whether any node of an entry's location is in the mask. */
function hasNode(entry: usize, nodes: usize): bool {
  let node = load<i32>(locationNode + (entry << 2));
  if (node >= 0) return load<u8>(nodes + <usize>node) != 0;
  if (node == NO_NODE) return false;
  let list = listAt(node);
  let count = listLength(list);
  for (let i: usize = 1; i <= count; i++) {
    if (load<u8>(nodes + <usize>load<u32>(list + (i << 2)))) return true;
  }
  return false;
}

/** One bit a location, by entry: hasNode. 0 when there is no mask. */
function locationBits(nodes: usize, locations: u32): usize {
  if (!nodes) return 0;
  let bits = allocZero((<usize>locations >> 3) + 1);
  if (!bits) return 0;
  for (let entry: usize = 1; entry <= <usize>locations; entry++) {
    if (hasNode(entry, nodes)) store<u8>(bits + (entry >> 3), load<u8>(bits + (entry >> 3)) | (1 << (<u8>entry & 7)));
  }
  return bits;
}

/** One byte a location, by entry: hasNode. 0 when there is no mask. */
function locationBytes(nodes: usize, locations: u32): usize {
  if (!nodes) return 0;
  let bytes = alloc(<usize>locations + 1);
  if (!bytes) return 0;
  store<u8>(bytes, 0);
  for (let entry: usize = 1; entry <= <usize>locations; entry++) store<u8>(bytes + entry, hasNode(entry, nodes) ? 1 : 0);
  return bytes;
}

/**
 * Which kinds of call reach a node: ORs EDGE_INLINE or EDGE_CALL into out u8[nodes] for every edge of |weight| >= cutoff.
 * An edge that was ever called without inlining is a call.
 */
export function inEdges(cutoff: i64, out: usize): void {
  memory.fill(out, 0, nodeCount);
  for (let i: u32 = 0; i < edgeCount; i++) {
    let edge = edges + <usize>i * EDGE;
    let weight = load<i64>(edge, 8);
    if (weight < 0) weight = 0 - weight;
    if (weight < cutoff) continue;
    let bits = <u8>(load<u32>(edge, 28) & EDGE_CALL ? EDGE_CALL : EDGE_INLINE);
    let at = out + <usize>load<u32>(edge, 4);
    store<u8>(at, load<u8>(at) | bits);
  }
}

/** out u8[nodes]: 1 where some location has the node on a line that is not its outermost, so that calls of it can be inline. */
export function inlinedNodes(out: usize, kept: usize, locations: u32): u32 {
  memory.fill(out, 0, nodeCount);
  let found: u32 = 0;
  for (let entry: usize = 1; entry <= <usize>locations; entry++) {
    let node = load<i32>(locationNode + (entry << 2));
    if (node >= NO_NODE) continue;
    let list = listAt(node);
    let count = listLength(list);
    for (let i: usize = 0; i + 1 < count; i++) {
      let one = <usize>load<u32>(list + ((1 + i) << 2));
      if ((kept && !load<u8>(kept + one)) || load<u8>(out + one)) continue;
      store<u8>(out + one, 1);
      found++;
    }
  }
  return found;
}
