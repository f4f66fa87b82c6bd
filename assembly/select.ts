// Which samples, and which part of each stack, a query sees.
//
//   selected  u8[rows]               0: the sample is dropped
//   begin     u32[rows]  address     the stack as the query sees it, leaf first;
//   length    u32[rows]  entries     both 0 while every stack is whole
//
// The flat columns have the stride of the store's groups. Every function narrows what the ones before left; the masks
// (one byte a location, by entry - 1, or a label set) are made in TypeScript, where names are.
// Source of the rules: pprof profile/filter.go and profile/prune.go. A pass takes rows from … to - 1 of group g, after
// needSelected() or needCuts(), whichever it changes; why in slices: weigh.ts.

import { E_MEMORY, FOCUSED, HIDDEN, IGNORED, OK, PRUNED } from '../src/core/abi';
import { alloc } from './memory';
import { beginColumn, ENTRY, G, groupAt, groupCount, groupRows, labelColumn, lengthColumn } from './store';

export let selected: usize = 0;
export let begin: usize = 0;
export let length: usize = 0;

/** Selects all of every sample. */
export function selectAll(): void {
  selected = begin = length = 0;
}

/** Begins on a pass that drops samples. Returns 0 or E_MEMORY. */
export function needSelected(): i32 {
  if (selected) return OK;
  let bytes = <usize>groupCount() * G;
  selected = alloc(bytes);
  if (!selected) return E_MEMORY;
  memory.fill(selected, 1, bytes);
  return OK;
}

/** Begins on a pass that cuts stacks. Returns 0 or E_MEMORY. */
export function needCuts(): i32 {
  if (begin) return OK;
  let bytes = (<usize>groupCount() * G) << 2;
  begin = alloc(bytes);
  length = alloc(bytes);
  if (!begin || !length) return E_MEMORY;
  for (let g: u32 = 0; g < groupCount(); g++) {
    let rows = <usize>groupRows(g) << 2;
    let flat = (<usize>g * G) << 2;
    memory.copy(begin + flat, beginColumn(groupAt(g)), rows);
    memory.copy(length + flat, lengthColumn(groupAt(g)), rows);
  }
  return OK;
}

/** Where the begin column of group g lies: cut or as stored. */
export function beginOf(g: u32): usize {
  return begin ? begin + ((<usize>g * G) << 2) : beginColumn(groupAt(g));
}

export function lengthOf(g: u32): usize {
  return length ? length + ((<usize>g * G) << 2) : lengthColumn(groupAt(g));
}

/** Where the selected column of group g lies, or 0 when all are. */
export function selectedOf(g: u32): usize {
  return selected ? selected + <usize>g * G : 0;
}

/** The mask's byte for the entry at `at`. */
// @ts-expect-error: decorator
@inline
function maskAt(mask: usize, at: usize): u32 {
  return <u32>load<u8>(mask + <usize>(load<u32>(at) & ENTRY) - 1);
}

/**
 * Keeps samples with a FOCUSED and no IGNORED location. Where a location is HIDDEN at all, a sample of hidden ones only is dropped too.
 *   A;B;C  focus B  → kept    ignore C → dropped    hide A,B,C → dropped
 */
export function selectFocus(mask: usize, anyHidden: bool, g: u32, from: u32, to: u32): void {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (!load<u8>(keep + r)) continue;
    let at = <usize>load<u32>(begins + (r << 2));
    let end = at + (<usize>load<u32>(lengths + (r << 2)) << 2);
    let any: u32 = 0;
    let all: u32 = HIDDEN;
    for (; at < end; at += 4) {
      let bits = maskAt(mask, at);
      any |= bits;
      all &= bits;
      if (bits & IGNORED) break;
    }
    if ((any & IGNORED) || !(any & FOCUSED) || (anyHidden && all & HIDDEN)) store<u8>(keep + r, 0);
  }
}

/**
 * Cuts what lies beneath (leafward of) the first PRUNED or PRUNED_BENEATH location from the root on, after the first
 * location that is neither; a PRUNED location goes too.
 *   root → leaf  A P B  →  A      P B A  →  P B A      A Pb B  →  A Pb
 */
export function selectPruned(mask: usize, g: u32, from: u32, to: u32): void {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  for (let r = <usize>from; r < <usize>to; r++) {
    let start = <usize>load<u32>(begins + (r << 2));
    let count = load<u32>(lengths + (r << 2));
    let user = false;
    for (let i = <i32>count - 1; i >= 0; i--) {
      let bits = maskAt(mask, start + (<usize>i << 2));
      if (!bits) {
        user = true;
        continue;
      }
      if (!user) continue;
      let from = <u32>(bits & PRUNED ? i + 1 : i);
      store<u32>(begins + (r << 2), <u32>(start + (<usize>from << 2)));
      store<u32>(lengths + (r << 2), count - from);
      break;
    }
  }
}

/** Cuts what lies rootward of the match nearest to the root; drops samples without one. */
export function selectShowFrom(mask: usize, g: u32, from: u32, to: u32): void {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (!load<u8>(keep + r)) continue;
    let start = <usize>load<u32>(begins + (r << 2));
    let i = <i32>load<u32>(lengths + (r << 2)) - 1;
    while (i >= 0 && !maskAt(mask, start + (<usize>i << 2))) i--;
    if (i < 0) store<u8>(keep + r, 0);
    else store<u32>(lengths + (r << 2), <u32>i + 1);
  }
}

/** Cuts what lies leafward of the match nearest to the leaf; the match becomes the leaf. */
export function selectPruneFrom(mask: usize, g: u32, from: u32, to: u32): void {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  for (let r = <usize>from; r < <usize>to; r++) {
    let start = <usize>load<u32>(begins + (r << 2));
    let count = load<u32>(lengths + (r << 2));
    for (let i: u32 = 0; i < count; i++) {
      if (!maskAt(mask, start + (<usize>i << 2))) continue;
      store<u32>(begins + (r << 2), <u32>(start + (<usize>i << 2)));
      store<u32>(lengths + (r << 2), count - i);
      break;
    }
  }
}

/** Keeps the samples whose label set has a byte other than 0 in mask u8[label sets]. */
export function selectLabels(mask: usize, g: u32, from: u32, to: u32): void {
  let sets = labelColumn(groupAt(g));
  let keep = selectedOf(g);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (!load<u8>(mask + <usize>load<u32>(sets + (r << 2)))) store<u8>(keep + r, 0);
  }
}

/**
 * Puts entries before and after every stack by its label set (tagleaf, tagroot): u32 entries[leaf + root] a set, leaf ones first, leaf first.
 *   set 3: leaf [x] root [y z]    A;B (leaf B)  →  z;y;A;B;x
 */
export function addLabelFrames(frames: usize, leaf: u32, root: u32): i32 {
  if (needCuts() < 0) return E_MEMORY;
  let width = <usize>(leaf + root) << 2;
  for (let g: u32 = 0; g < groupCount(); g++) {
    let begins = beginOf(g);
    let lengths = lengthOf(g);
    let sets = labelColumn(groupAt(g));
    let rows = <usize>groupRows(g);
    for (let r: usize = 0; r < rows; r++) {
      let count = <usize>load<u32>(lengths + (r << 2)) << 2;
      let out = alloc(count + width);
      if (!out) return E_MEMORY;
      let row = frames + <usize>load<u32>(sets + (r << 2)) * width;
      let leafBytes = <usize>leaf << 2;
      memory.copy(out, row, leafBytes);
      memory.copy(out + leafBytes, load<u32>(begins + (r << 2)), count);
      memory.copy(out + leafBytes + count, row + leafBytes, <usize>root << 2);
      store<u32>(begins + (r << 2), <u32>out);
      store<u32>(lengths + (r << 2), <u32>((count + width) >> 2));
    }
  }
  return OK;
}

/** The label sets of the selected samples in the order of their use: out u32[label sets], seen u8[label sets] zeroed. Returns how many. */
export function labelSetOrder(out: usize, seen: usize): u32 {
  let count: u32 = 0;
  for (let g: u32 = 0; g < groupCount(); g++) {
    let sets = labelColumn(groupAt(g));
    let keep = selectedOf(g);
    let rows = <usize>groupRows(g);
    for (let r: usize = 0; r < rows; r++) {
      if (keep && !load<u8>(keep + r)) continue;
      let set = load<u32>(sets + (r << 2));
      if (load<u8>(seen + <usize>set)) continue;
      store<u8>(seen + <usize>set, 1);
      store<u32>(out + ((<usize>count) << 2), set);
      count++;
    }
  }
  return count;
}

/** out u8[label sets]: 1 where a selected sample has the set. */
export function usedLabelSets(out: usize): void {
  for (let g: u32 = 0; g < groupCount(); g++) {
    let sets = labelColumn(groupAt(g));
    let keep = selectedOf(g);
    let rows = <usize>groupRows(g);
    for (let r: usize = 0; r < rows; r++) {
      if (!keep || load<u8>(keep + r)) store<u8>(out + <usize>load<u32>(sets + (r << 2)), 1);
    }
  }
}
