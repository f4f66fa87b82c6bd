// The call tree of the selection: one node for each way in which a node is reached.
//
//   A;B;C 10   A;C 5        A ── B ── C 10
//   (leaf last)             └─── C 5
//
// Rows are in order of first use, parents before children, so that one pass from the last row to the first sums up.
// A row is inline while every call of it was. Source of the rule: pprof internal/graph newTree.

import { E_MEMORY, EDGE_CALL, EDGE_INLINE, NO_NODE, OK } from '../src/core/abi';
import { scramble } from './ids';
import { alloc, allocZero } from './memory';
import { listAt, listLength, locationNode } from './nodes';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, G, groupAt, groupCount, valueColumn } from './store';

/** (parent row + 1 u32, node u32, bits u32)[treeCount] */
const ROW: usize = 12;
export let tree: usize = 0;
export let treeCount: u32 = 0;
/** u32[groups · G]: row + 1 of each selected sample's leaf, 0 where it has none. */
export let treeLeaf: usize = 0;
let capacity: u32 = 0;
let slots: usize = 0;
let mask: u32 = 0;

/** The stack walked last, root first: (entry u32, row + 1 u32)[pathLength]; the next one starts where the two part. */
const PATH: u32 = 1024;
const path: usize = alloc(PATH * 8);
let pathLength: u32 = 0;

/** Begins on a tree; treeRows over all rows makes it. Returns 0 or E_MEMORY. */
export function beginTree(): i32 {
  capacity = 4096;
  treeCount = 0;
  pathLength = 0;
  tree = alloc(<usize>capacity * ROW);
  slots = allocZero((<usize>capacity * 2) << 2);
  mask = capacity * 2 - 1;
  treeLeaf = allocZero((<usize>groupCount() * G) << 2);
  return tree && slots && treeLeaf ? OK : E_MEMORY;
}

/**
 * Adds the stacks of rows from … to - 1 of group g; with a type (-1: none) those alone whose value or divisor (-1: none)
 * is not 0. Returns 0 or E_MEMORY.
 */
export function treeRows(type: i32, divisor: i32, g: u32, from: u32, to: u32): i32 {
  let values: usize = type < 0 ? <usize>0 : valueColumn(groupAt(g), type);
  let divisors: usize = divisor < 0 ? <usize>0 : valueColumn(groupAt(g), divisor);
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let leaves = treeLeaf + ((<usize>g * G) << 2);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    if (values && !load<i64>(values + (r << 3)) && !(divisors && load<i64>(divisors + (r << 3)))) continue;
    let first = <usize>load<u32>(begins + (r << 2));
    let leaf = walk(first, load<u32>(lengths + (r << 2)));
    if (leaf < 0) return E_MEMORY;
    store<u32>(leaves + (r << 2), <u32>leaf);
  }
  return OK;
}

/** One stack, root to leaf. Returns its leaf's row + 1, or E_MEMORY. */
function walk(first: usize, count: u32): i32 {
  let shared: u32 = 0;
  let most = min(count, pathLength);
  let root = first + (<usize>count << 2) - 4;
  while (shared < most && (load<u32>(root - (<usize>shared << 2)) & ENTRY) == load<u32>(path + (<usize>shared << 3))) shared++;
  let row: i32 = shared ? load<i32>(path + (<usize>(shared - 1) << 3), 4) : 0;
  for (let depth = shared; depth < count; depth++) {
    let entry = load<u32>(root - (<usize>depth << 2)) & ENTRY;
    let node = load<i32>(locationNode + (<usize>entry << 2));
    if (node >= 0) row = child(row, node, EDGE_CALL);
    else if (node != NO_NODE) {
      let list = listAt(node);
      let lines = listLength(list);
      for (let i = lines; i > 0 && row >= 0; i--) {
        row = child(row, load<u32>(list + (i << 2)), i == lines ? EDGE_CALL : EDGE_INLINE);
      }
    }
    if (row < 0) return E_MEMORY;
    if (depth < PATH) {
      store<u32>(path + (<usize>depth << 3), entry);
      store<i32>(path + (<usize>depth << 3), row, 4);
    }
  }
  pathLength = min(count, PATH);
  return row;
}

/** The row + 1 of a node beneath a parent (row + 1, 0: none). */
function child(parent: u32, node: u32, bits: u32): i32 {
  let slot = scramble((<u64>parent << 32) | <u64>node) & mask;
  while (true) {
    let row = load<u32>(slots + (<usize>slot << 2));
    if (row == 0) break;
    let at = tree + <usize>(row - 1) * ROW;
    if (load<u32>(at) == parent && load<u32>(at, 4) == node) {
      store<u32>(at, load<u32>(at, 8) | bits, 8);
      return <i32>row;
    }
    slot = (slot + 1) & mask;
  }
  if (treeCount == capacity) {
    if (grow() < 0) return E_MEMORY;
    return child(parent, node, bits);
  }
  let at = tree + <usize>treeCount * ROW;
  store<u32>(at, parent);
  store<u32>(at, node, 4);
  store<u32>(at, bits, 8);
  treeCount++;
  store<u32>(slots + (<usize>slot << 2), treeCount);
  return <i32>treeCount;
}

function grow(): i32 {
  if (capacity >= 0x10000000) return E_MEMORY;
  let more = alloc(<usize>capacity * 2 * ROW);
  let table = allocZero((<usize>capacity * 4) << 2);
  if (!more || !table) return E_MEMORY;
  memory.copy(more, tree, <usize>treeCount * ROW);
  tree = more;
  slots = table;
  capacity *= 2;
  mask = capacity * 2 - 1;
  for (let i: u32 = 0; i < treeCount; i++) {
    let at = tree + <usize>i * ROW;
    let slot = scramble((<u64>load<u32>(at) << 32) | <u64>load<u32>(at, 4)) & mask;
    while (load<u32>(slots + (<usize>slot << 2))) slot = (slot + 1) & mask;
    store<u32>(slots + (<usize>slot << 2), i + 1);
  }
  return OK;
}

/** self i64[treeCount], zeroed by the caller: adds each sample's value `type` to its leaf, group g, rows from … to - 1. */
export function treeSelf(type: u32, self: usize, g: u32, from: u32, to: u32): void {
  let leaves = treeLeaf + ((<usize>g * G) << 2);
  let values = valueColumn(groupAt(g), type);
  for (let r = <usize>from; r < <usize>to; r++) {
    let leaf = <usize>load<u32>(leaves + (r << 2));
    if (!leaf) continue;
    let at = self + ((leaf - 1) << 3);
    store<i64>(at, load<i64>(at) + load<i64>(values + (r << 3)));
  }
}

/** total i64[treeCount] = self, and that of all beneath. */
export function treeTotal(self: usize, total: usize): void {
  memory.copy(total, self, <usize>treeCount << 3);
  for (let row = <usize>treeCount; row > 0; row--) {
    let parent = <usize>load<u32>(tree + (row - 1) * ROW);
    if (!parent) continue;
    let at = total + ((parent - 1) << 3);
    store<i64>(at, load<i64>(at) + load<i64>(total + ((row - 1) << 3)));
  }
}
