// Values by label: of the whole selection, by label set, and of nodes, by class of label sets (what a graph shows of a
// set; TypeScript knows).
//
//   A;B 10 {k:x}   A;C 5 {k:y}      node A: x 10, y 5   node B: x 10 (flat)   …
//
// Source of the rule: pprof internal/graph addSample, internal/report printTags.

import { E_MEMORY, NO_NODE, OK } from '../src/core/abi';
import { scramble } from './ids';
import { alloc, allocZero } from './memory';
import { listAt, listLength, locationNode } from './nodes';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, G, groupAt, labelColumn, valueColumn } from './store';
import { treeLeaf } from './tree';

/** out i64[label sets]: adds value `type` of the selected samples of rows from … to - 1 of group g. */
export function labelSetSums(type: u32, out: usize, g: u32, from: u32, to: u32): void {
  let keep = selectedOf(g);
  let sets = labelColumn(groupAt(g));
  let values = valueColumn(groupAt(g), type);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let at = out + (<usize>load<u32>(sets + (r << 2)) << 3);
    store<i64>(at, load<i64>(at) + load<i64>(values + (r << 3)));
  }
}

/** (node u32, class u32, flat i64, flat divisor i64, cum i64, cum divisor i64, stamp u32, unused u32), in order of first use */
const TAG: usize = 48;
export let tags: usize = 0;
export let tagCount: u32 = 0;
let capacity: u32 = 0;
let slots: usize = 0;
let mask: u32 = 0;

/** Begins on the tags of nodes or rows of the call tree. Returns 0 or E_MEMORY. */
export function beginTags(): i32 {
  capacity = 1024;
  tagCount = 0;
  tags = alloc(<usize>capacity * TAG);
  slots = allocZero((<usize>capacity * 2) << 2);
  mask = capacity * 2 - 1;
  return tags && slots ? OK : E_MEMORY;
}

/**
 * Adds the selected samples of rows from … to - 1 of group g whose label set has a class (u32[label sets], 0: none) to
 * the nodes of kept u8[nodes]. type, divisor (-1: none): value columns. Returns 0 or E_MEMORY.
 */
export function tagRows(type: u32, divisor: i32, classes: usize, kept: usize, g: u32, from: u32, to: u32): i32 {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let sets = labelColumn(groupAt(g));
  let values = valueColumn(groupAt(g), type);
  let divisors: usize = divisor < 0 ? <usize>0 : valueColumn(groupAt(g), divisor);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let one = load<u32>(classes + (<usize>load<u32>(sets + (r << 2)) << 2));
    if (!one) continue;
    let value = load<i64>(values + (r << 3));
    let by = divisors ? load<i64>(divisors + (r << 3)) : 0;
    if (!value && !by) continue;
    let stamp = g * <u32>G + <u32>r + 1;
    let first = <usize>load<u32>(begins + (r << 2));
    let at = first + (<usize>load<u32>(lengths + (r << 2)) << 2);
    let leaf: i32 = NO_NODE;
    while (at > first) {
      at -= 4;
      let node = load<i32>(locationNode + (<usize>(load<u32>(at) & ENTRY) << 2));
      if (node == NO_NODE) continue;
      if (node >= 0) {
        leaf = node;
        if (load<u8>(kept + <usize>node) && addCum(node, one, stamp, value, by) < 0) return E_MEMORY;
        continue;
      }
      let list = listAt(node);
      for (let i = listLength(list); i > 0; i--) {
        leaf = load<i32>(list + (i << 2));
        if (load<u8>(kept + <usize>leaf) && addCum(leaf, one, stamp, value, by) < 0) return E_MEMORY;
      }
    }
    if (leaf >= 0 && load<u8>(kept + <usize>leaf)) {
      let tag = find(leaf, one);
      if (!tag) return E_MEMORY;
      store<i64>(tag, load<i64>(tag, 8) + value, 8);
      store<i64>(tag, load<i64>(tag, 16) + by, 16);
    }
  }
  return OK;
}

/** The same for the call tree: flat values of leaves alone, by tree row. */
export function tagLeaves(type: u32, divisor: i32, classes: usize, g: u32, from: u32, to: u32): i32 {
  let leaves = treeLeaf + ((<usize>g * G) << 2);
  let sets = labelColumn(groupAt(g));
  let values = valueColumn(groupAt(g), type);
  let divisors: usize = divisor < 0 ? <usize>0 : valueColumn(groupAt(g), divisor);
  for (let r = <usize>from; r < <usize>to; r++) {
    let leaf = load<u32>(leaves + (r << 2));
    if (!leaf) continue;
    let one = load<u32>(classes + (<usize>load<u32>(sets + (r << 2)) << 2));
    if (!one) continue;
    let value = load<i64>(values + (r << 3));
    let by = divisors ? load<i64>(divisors + (r << 3)) : 0;
    if (!value && !by) continue;
    let tag = find(leaf - 1, one);
    if (!tag) return E_MEMORY;
    store<i64>(tag, load<i64>(tag, 8) + value, 8);
    store<i64>(tag, load<i64>(tag, 16) + by, 16);
  }
  return OK;
}

function addCum(node: u32, one: u32, stamp: u32, value: i64, by: i64): i32 {
  let tag = find(node, one);
  if (!tag) return E_MEMORY;
  if (load<u32>(tag, 40) == stamp) return OK;
  store<u32>(tag, stamp, 40);
  store<i64>(tag, load<i64>(tag, 24) + value, 24);
  store<i64>(tag, load<i64>(tag, 32) + by, 32);
  return OK;
}

/** Where the tag lies, made if need be; 0 when out of memory. */
function find(node: u32, one: u32): usize {
  let slot = scramble((<u64>node << 32) | <u64>one) & mask;
  while (true) {
    let row = load<u32>(slots + (<usize>slot << 2));
    if (row == 0) break;
    let tag = tags + <usize>(row - 1) * TAG;
    if (load<u32>(tag) == node && load<u32>(tag, 4) == one) return tag;
    slot = (slot + 1) & mask;
  }
  if (tagCount == capacity) {
    if (grow() < 0) return 0;
    return find(node, one);
  }
  let tag = tags + <usize>tagCount * TAG;
  memory.fill(tag, 0, TAG);
  store<u32>(tag, node);
  store<u32>(tag, one, 4);
  tagCount++;
  store<u32>(slots + (<usize>slot << 2), tagCount);
  return tag;
}

function grow(): i32 {
  let more = alloc(<usize>capacity * 2 * TAG);
  let table = allocZero((<usize>capacity * 4) << 2);
  if (!more || !table) return E_MEMORY;
  memory.copy(more, tags, <usize>tagCount * TAG);
  tags = more;
  slots = table;
  capacity *= 2;
  mask = capacity * 2 - 1;
  for (let i: u32 = 0; i < tagCount; i++) {
    let tag = tags + <usize>i * TAG;
    let slot = scramble((<u64>load<u32>(tag) << 32) | <u64>load<u32>(tag, 4)) & mask;
    while (load<u32>(slots + (<usize>slot << 2))) slot = (slot + 1) & mask;
    store<u32>(slots + (<usize>slot << 2), i + 1);
  }
  return OK;
}
