// How nodes are called, quicker than by weighing every edge: with no negative value an edge's weight only grows, so that
// an edge that reached the cutoff and is a call is settled, and every later one is a glance at one byte. On a profile of
// 300 functions, 1M samples × 40, that is nearly all of them (470 → 100 ms).
//
//   state u8[callers + 1][callees + 1]   0: weigh it   HEAVY: reached the cutoff, all calls inline so far   SETTLED
//
// Callers are the kept nodes, callees the wanted ones. The last row (no caller), the last column (callee not wanted) and
// a node's call of itself are SETTLED from the start. Weights are beside the states, one cell a pair: half a million
// pairs that never reach the cutoff cost a third of what a hash table of edges does.

import { E_MEMORY, EDGE_CALL, EDGE_INLINE, NO_NODE, OK } from '../src/core/abi';
import { bitAt, firstWanted, keptBits } from './edges';
import { alloc, allocZero } from './memory';
import { listAt, listLength, locationNode, nodeCount } from './nodes';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, G, groupAt, valueColumn } from './store';

const HEAVY: u8 = 1;
const SETTLED: u8 = 2;
/** Pairs at most; beyond, the hash table of edges.ts is smaller. */
const PAIRS: u64 = 2 << 20;
const NONE: u32 = 0xffffffff;
/** The exit of a location without a kept node: the caller stays who it was. */
const PASSED: u32 = 0x7fffffff;
/** In an exit: some call within the location is not weighed yet. */
const OPEN: u32 = 0x80000000;

let state: usize = 0;
/** (weight i64, sample u32, bits u32), by state. The weight stops growing at the cutoff. */
let cells: usize = 0;
const CELL: usize = 16;
let cutoff: i64 = 0;
/** States a row. */
let width: u32 = 0;
/** Of a node: the first state of its row or NONE, and its column. u32[nodes] */
let rowOf: usize = 0;
let columnOf: usize = 0;
/** By entry: (column of its outermost kept node u32, row of its innermost one u32, or PASSED; with OPEN). */
let places: usize = 0;

/**
 * After beginEdges with the same masks: whether callRows can take the place of edgeRows. 1: yes, 0: there are too many states, or E_MEMORY.
 * kept u8[nodes] (0: all), wanted u8[nodes]; least: the cutoff of inEdges.
 */
export function beginCalls(kept: usize, wanted: usize, least: i64, locations: u32): i32 {
  let callers: u64 = 0;
  let callees: u32 = 0;
  for (let n: usize = 0; n < <usize>nodeCount; n++) {
    if (!kept || load<u8>(kept + n)) callers++;
    if (load<u8>(wanted + n)) callees++;
  }
  width = callees + 1;
  let states = (callers + 1) * <u64>width;
  if (states > PAIRS) return 0;
  cutoff = least;
  state = allocZero(<usize>states);
  cells = allocZero(<usize>states * CELL);
  rowOf = alloc(<usize>nodeCount << 2);
  columnOf = alloc(<usize>nodeCount << 2);
  places = alloc((<usize>locations + 1) << 3);
  if (!state || !cells || !rowOf || !columnOf || !places) return E_MEMORY;
  let row: u32 = 0;
  let column: u32 = 0;
  for (let n: usize = 0; n < <usize>nodeCount; n++) {
    let isCaller = !kept || load<u8>(kept + n) != 0;
    let isCallee = load<u8>(wanted + n) != 0;
    store<u32>(rowOf + (n << 2), isCaller ? row * width : NONE);
    store<u32>(columnOf + (n << 2), isCallee ? column : callees);
    if (isCaller) {
      let start = state + <usize>(row * width);
      store<u8>(start + callees, SETTLED);
      if (isCallee) store<u8>(start + column, SETTLED);
      row++;
    }
    if (isCallee) column++;
  }
  noCaller = row * width;
  memory.fill(state + <usize>noCaller, SETTLED, width);
  store<u64>(places, <u64>callees | (<u64>PASSED << 32));
  for (let entry: usize = 1; entry <= <usize>locations; entry++) place(entry, callees);
  return 1;
}

function place(entry: usize, callees: u32): void {
  let column = callees;
  let exit = PASSED;
  let open = false;
  let node = load<i32>(locationNode + (entry << 2));
  if (node >= 0) {
    if (rowAt(node) != NONE) {
      column = columnAt(node);
      exit = rowAt(node);
    }
  } else if (node != NO_NODE) {
    let list = listAt(node);
    for (let i = listLength(list); i > 0; i--) {
      let one = load<i32>(list + (i << 2));
      if (rowAt(one) == NONE) continue;
      if (exit == PASSED) column = columnAt(one);
      else open = true;
      exit = rowAt(one);
    }
  }
  store<u32>(places + (entry << 3), column);
  store<u32>(places + (entry << 3), open ? exit | OPEN : exit, 4);
}

// @ts-ignore: decorator
@inline
function rowAt(node: i32): u32 {
  return load<u32>(rowOf + (<usize>node << 2));
}

// @ts-ignore: decorator
@inline
function columnAt(node: i32): u32 {
  return load<u32>(columnOf + (<usize>node << 2));
}

/** The row of no caller. */
let noCaller: u32 = 0;
// The sample at hand.
let value: i64 = 0;
/** It is long, so that nothing may look back over it: then every inline call of a pair leaves its stamp. */
let long: bool = false;
const LONG: usize = 4096;
let stamp: u32 = 0;
let first: usize = 0;
let end: usize = 0;

/** edgeRows for marks alone. Returns 0. */
export function callRows(type: u32, divisor: i32, g: u32, from: u32, to: u32): i32 {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let values = valueColumn(groupAt(g), type);
  let divisors: usize = divisor < 0 ? <usize>0 : valueColumn(groupAt(g), divisor);
  let kept = keptBits;
  let states = state;
  let table = places;
  let nobody = noCaller;
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    value = load<i64>(values + (r << 3));
    if (!value && !(divisors && load<i64>(divisors + (r << 3)))) continue;
    let leaf = <usize>load<u32>(begins + (r << 2));
    end = leaf + (<usize>load<u32>(lengths + (r << 2)) << 2);
    leaf = firstWanted(leaf, end);
    if (leaf == end) continue;
    first = leaf;
    stamp = g * <u32>G + <u32>r + 1;
    long = end - leaf > LONG;
    let caller = nobody;
    for (let at = end; at > leaf; ) {
      at -= 4;
      let entry = <usize>(load<u32>(at) & ENTRY);
      if (kept && !bitAt(kept, entry)) continue;
      let place = load<u64>(table + (entry << 3));
      let exit = <u32>(place >> 32);
      if (<u32>(load<u8>(states + <usize>caller + <usize>(<u32>place)) != SETTLED) | (exit >> 31) | <u32>long) {
        if (exit != PASSED) weighCalls(entry, caller);
      }
      exit &= PASSED;
      caller = exit == PASSED ? caller : exit;
    }
  }
  return OK;
}

/** The calls into and within a location, from the node of a row. */
function weighCalls(entry: usize, caller: u32): void {
  let node = load<i32>(locationNode + (entry << 2));
  if (node >= 0) {
    weighCall(caller, node, false);
    return;
  }
  let list = listAt(node);
  let count = listLength(list);
  let open = false;
  let entered = false;
  for (let i = count; i > 0; i--) {
    let one = load<i32>(list + (i << 2));
    if (rowAt(one) == NONE) continue;
    weighCall(caller, one, i != count);
    if (entered && load<u8>(state + <usize>(caller + columnAt(one))) == 0) open = true;
    entered = true;
    caller = rowAt(one);
  }
  if (!open) store<u32>(places + (entry << 3), load<u32>(places + (entry << 3), 4) & PASSED, 4);
}

function weighCall(caller: u32, callee: i32, inline: bool): void {
  let pair = <usize>(caller + columnAt(callee));
  let now = load<u8>(state + pair);
  if (now == SETTLED) return;
  let cell = cells + pair * CELL;
  if (now == HEAVY) {
    if (inline) {
      if (long) store<u32>(cell, stamp, 8);
      return;
    }
    // The outermost call of the pair in a stack decides; inline ones have been passed by.
    if (load<u32>(cell, 8) == stamp) return;
    store<u32>(cell, stamp, 8);
    if (!long && isInline(caller, callee)) return;
    store<u32>(cell, EDGE_CALL, 12);
    store<u8>(state + pair, SETTLED);
    return;
  }
  if (load<u32>(cell, 8) == stamp) return;
  store<u32>(cell, stamp, 8);
  let weight = load<i64>(cell) + value;
  let bits = load<u32>(cell, 12) | (inline ? EDGE_INLINE : EDGE_CALL);
  store<i64>(cell, weight);
  store<u32>(cell, bits, 12);
  if (weight >= cutoff) store<u8>(state + pair, bits & EDGE_CALL ? SETTLED : HEAVY);
}

/** Whether the outermost call of the pair in the stack at hand is inline. */
function isInline(caller: u32, callee: i32): bool {
  let last = noCaller;
  for (let at = end; at > first; ) {
    at -= 4;
    let node = load<i32>(locationNode + (<usize>(load<u32>(at) & ENTRY) << 2));
    if (node == NO_NODE) continue;
    if (node >= 0) {
      if (rowAt(node) == NONE) continue;
      if (last == caller && node == callee) return false;
      last = rowAt(node);
      continue;
    }
    let list = listAt(node);
    let count = listLength(list);
    for (let i = count; i > 0; i--) {
      let one = load<i32>(list + (i << 2));
      if (rowAt(one) == NONE) continue;
      if (last == caller && one == callee) return i != count;
      last = rowAt(one);
    }
  }
  return true;
}

/** inEdges of what callRows weighed: out u8[nodes]. */
export function inCalls(out: usize): void {
  memory.fill(out, 0, nodeCount);
  let rows = noCaller / width;
  for (let n: usize = 0; n < <usize>nodeCount; n++) {
    let column = <usize>columnAt(<i32>n);
    if (column == <usize>width - 1) continue;
    let bits: u8 = 0;
    for (let row: u32 = 0; row < rows; row++) {
      let cell = cells + (<usize>(row * width) + column) * CELL;
      let kind = load<u32>(cell, 12);
      if (kind && load<i64>(cell) >= cutoff) bits |= kind & EDGE_CALL ? <u8>EDGE_CALL : <u8>EDGE_INLINE;
    }
    store<u8>(out + n, bits);
  }
}
