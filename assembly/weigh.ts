// flat and cum of every node, and totals. All sums are i64 and wrap as Go's do.
//
//   stacks      A;B;A 10      flat  A 10  B 5
//   (leaf last) A;B    5      cum   A 15  B 15     ← A counts once in A;B;A
//
// Counting once needs to know whether a node was seen in this stack. The first query writes that down: an entry whose
// node stands nearer to the leaf already gets its REPEAT bit, and where only some nodes of an inlined location repeat,
// the pair (sample, node) goes to a list of corrections. Later queries over whole stacks and the same nodes then add
// without looking (1M samples × 40: 150-230 ms → 50-80 ms). Other queries stamp every node with the sample's number.
//
// Long passes take slices of rows: V8 swaps in its optimized code between calls only, never inside a running one
// (one call over 1M samples: 450 ms, in slices: 150 ms).

import { CORRECTION_LIMIT, E_CORRECTIONS, E_MEMORY, NO_NODE, OK, REPEAT } from '../src/core/abi';
import { alloc, allocZero } from './memory';
import { distinctAt, distinctLength, listAt, locationNode, nodeCount } from './nodes';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, G, groupAt, groupCount, groupRows, labelColumn, valueColumn } from './store';

/** The first word of a list of two nodes, none repeated: nearly every inlined location, so it has no loop. */
const TWO_DISTINCT: u32 = 4;

/** i64[nodes] */
export let flat: usize = 0;
/** weighRows: (cum i64, stamp u32, unused u32)[nodes], side by side, since a stack touches both. weighMarkedRows: i64[locations + 1]. */
let sums: usize = 0;
/** i64[nodes], after endWeigh() or endWeighMarked(). */
export let cum: usize = 0;

/** (sample u32, node u32)[correctionCount], after markRows(). */
export let corrections: usize = 0;
export let correctionCount: u32 = 0;

/** Fresh sums; marked: for weighMarkedRows over this many locations, 0: for weighRows. Returns 0 or E_MEMORY. */
export function beginWeigh(marked: u32): i32 {
  let nodes = <usize>nodeCount;
  flat = allocZero(nodes << 3);
  cum = allocZero(nodes << 3);
  sums = allocZero(marked ? (<usize>marked + 1) << 3 : nodes << 4);
  return flat && cum && sums ? OK : E_MEMORY;
}


// @ts-expect-error: decorator
@inline
export function addTo(at: usize, value: i64): void {
  store<i64>(at, load<i64>(at) + value);
}

/** Adds to a node's cum unless this stamp did already. */
// @ts-ignore: decorator
@inline
function addOnce(node: usize, stamp: u32, value: i64): void {
  let sum = sums + (node << 4);
  if (load<u32>(sum, 8) != stamp) {
    store<u32>(sum, stamp, 8);
    addTo(sum, value);
  }
}

/** The same without a branch: quicker where recursion makes it a coin toss and the sums are in the cache, slower elsewhere. */
// @ts-ignore: decorator
@inline
function addOnceBlindly(node: usize, stamp: u32, value: i64): void {
  let sum = sums + (node << 4);
  let fresh = <i64>(load<u32>(sum, 8) != stamp);
  store<u32>(sum, stamp, 8);
  addTo(sum, value & (0 - fresh));
}

/** Nodes whose sums (16 bytes each) stay in a second-level cache. */
const FEW: u32 = 8192;

/** The innermost node of a stack, NO_NODE if all of it is hidden. */
// @ts-expect-error: decorator
@inline
function leafNode(at: usize, stop: usize): i32 {
  for (; at < stop; at += 4) {
    let node = load<i32>(locationNode + (<usize>(load<u32>(at) & ENTRY) << 2));
    if (node >= 0) return node;
    if (node < NO_NODE) return load<i32>(listAt(node), 4);
  }
  return NO_NODE;
}

/** Weighs selected rows from … to - 1 of group g by value `type`, stamping nodes. */
export function weighRows(type: u32, g: u32, from: u32, to: u32): void {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let values = valueColumn(groupAt(g), type);
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let value = load<i64>(values + (r << 3));
    if (!value) continue;
    let stamp = g * <u32>G + <u32>r + 1;
    let at = <usize>load<u32>(begins + (r << 2));
    let stop = at + (<usize>load<u32>(lengths + (r << 2)) << 2);
    let leaf = leafNode(at, stop);
    if (leaf >= 0) addTo(flat + (<usize>leaf << 3), value);
    for (; at < stop; at += PART << 2) addPart(at, min<usize>(at + (PART << 2), stop), stamp, value);
  }
}

/** Entries that are sorted into plain nodes and lists at once. */
const PART: usize = 256;
const plain: usize = alloc(PART * 4);
const lists: usize = alloc(PART * 4);

/** A part of a stack: plain nodes first, then inlined ones, so that neither loop has a branch that cannot be foretold (1M samples × 40: 197 → 140 ms). */
// @ts-ignore: decorator
@inline
function addPart(at: usize, stop: usize, stamp: u32, value: i64): void {
  let nodes = locationNode;
  let plainEnd = plain;
  let listsEnd = lists;
  for (; at < stop; at += 4) {
    let node = load<i32>(nodes + (<usize>(load<u32>(at) & ENTRY) << 2));
    store<i32>(plainEnd, node);
    plainEnd += <usize>(node >= 0) << 2;
    store<i32>(listsEnd, node);
    listsEnd += <usize>(node < NO_NODE) << 2;
  }
  if (nodeCount <= FEW) for (let next = plain; next < plainEnd; next += 4) addOnceBlindly(load<u32>(next), stamp, value);
  else for (let next = plain; next < plainEnd; next += 4) addOnce(load<u32>(next), stamp, value);
  for (let next = lists; next < listsEnd; next += 4) {
    let list = listAt(load<i32>(next));
    if (load<u32>(list) == TWO_DISTINCT) {
      addOnce(load<u32>(list, 4), stamp, value);
      addOnce(load<u32>(list, 8), stamp, value);
      continue;
    }
    let inner = distinctAt(list) + 4;
    let last = inner + (distinctLength(list) << 2);
    for (; inner < last; inner += 4) addOnce(load<u32>(inner), stamp, value);
  }
}

/** After the last weighRows: fills cum. */
export function endWeigh(): void {
  for (let n: usize = 0; n < <usize>nodeCount; n++) store<i64>(cum + (n << 3), load<i64>(sums + (n << 4)));
}

/** Sample numbers u32[nodes], for markRows alone: four times denser than sums. */
let stamps: usize = 0;

/** Begins marking. Returns 0 or E_MEMORY. */
export function beginMarks(): i32 {
  stamps = allocZero(<usize>nodeCount << 2);
  corrections = alloc(0);
  correctionCount = 0;
  return stamps ? OK : E_MEMORY;
}

/** Sets the REPEAT bits of rows from … to - 1 of group g for the nodes at hand. Out: corrections. Returns 0, or E_CORRECTIONS (the bits are not to be used). */
export function markRows(g: u32, from: u32, to: u32): i32 {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  for (let r = <usize>from; r < <usize>to; r++) {
    let stamp = g * <u32>G + <u32>r + 1;
    let at = <usize>load<u32>(begins + (r << 2));
    let stop = at + (<usize>load<u32>(lengths + (r << 2)) << 2);
    for (; at < stop; at += 4) {
      let word = load<u32>(at);
      let entry = word & ENTRY;
      let node = load<i32>(locationNode + (<usize>entry << 2));
      let repeats = false;
      if (node >= 0) repeats = seen(node, stamp);
      else if (node < NO_NODE) {
        let list = listAt(node);
        let count = distinctLength(list);
        let first = distinctAt(list) + 4;
        if (count == 2) {
          let inner = load<u32>(first);
          let outer = load<u32>(first, 4);
          let innerSeen = seen(inner, stamp);
          let outerSeen = seen(outer, stamp);
          repeats = innerSeen & outerSeen;
          if (innerSeen != outerSeen && addCorrection(stamp - 1, innerSeen ? inner : outer) < 0) return E_CORRECTIONS;
          let word2 = repeats ? entry | REPEAT : entry;
          if (word2 != word) store<u32>(at, word2);
          continue;
        }
        let again: usize = 0;
        for (let i: usize = 0; i < count; i++) {
          if (load<u32>(stamps + (<usize>load<u32>(first + (i << 2)) << 2)) == stamp) again++;
        }
        repeats = again == count;
        for (let i: usize = 0; i < count; i++) {
          let one = load<u32>(first + (i << 2));
          if (seen(one, stamp) && !repeats && addCorrection(stamp - 1, one) < 0) return E_CORRECTIONS;
        }
      }
      let marked = repeats ? entry | REPEAT : entry;
      if (marked != word) store<u32>(at, marked);
    }
  }
  return OK;
}

// @ts-expect-error: decorator
@inline
function seen(node: usize, stamp: u32): bool {
  let at = stamps + (node << 2);
  if (load<u32>(at) == stamp) return true;
  store<u32>(at, stamp);
  return false;
}

/** The list is the topmost block, so that it grows where it lies. */
function addCorrection(sample: u32, node: u32): i32 {
  if (correctionCount >= <u32>CORRECTION_LIMIT) return E_CORRECTIONS;
  if ((correctionCount & 8191) == 0 && !alloc(8192 * 8)) return E_CORRECTIONS;
  let at = corrections + (<usize>correctionCount << 3);
  store<u32>(at, sample);
  store<u32>(at, node, 4);
  correctionCount++;
  return OK;
}

/** weighRows for whole stacks whose REPEAT bits were made for these nodes: adds up locations without looking at nodes; marked entries go to location 0, which is none. */
export function weighMarkedRows(type: u32, g: u32, from: u32, to: u32): void {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let values = valueColumn(groupAt(g), type);
  let sum = sums;
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let value = load<i64>(values + (r << 3));
    if (!value) continue;
    let at = <usize>load<u32>(begins + (r << 2));
    let stop = at + (<usize>load<u32>(lengths + (r << 2)) << 2);
    let leaf = leafNode(at, stop);
    if (leaf >= 0) addTo(flat + (<usize>leaf << 3), value);
    for (; at < stop; at += 4) {
      let word = load<i32>(at);
      addTo(sum + (<usize>(word & ~(word >> 31)) << 3), value);
    }
  }
}

/** After the last weighMarkedRows: what each location has goes to its nodes. */
function spread(locations: u32): void {
  for (let entry: usize = 1; entry <= <usize>locations; entry++) {
    let value = load<i64>(sums + (entry << 3));
    if (!value) continue;
    let node = load<i32>(locationNode + (entry << 2));
    if (node >= 0) addTo(cum + (<usize>node << 3), value);
    else if (node < NO_NODE) {
      let list = listAt(node);
      let next = distinctAt(list) + 4;
      let last = next + (distinctLength(list) << 2);
      for (; next < last; next += 4) addTo(cum + (<usize>load<u32>(next) << 3), value);
    }
  }
}

/** Ends weighMarkedRows: fills cum, less what was counted twice: list (sample, node)[count], as markRows made it. */
export function endWeighMarked(type: u32, locations: u32, list: usize, count: u32): void {
  spread(locations);
  for (let i: u32 = 0; i < count; i++) {
    let sample = load<u32>(list + (<usize>i << 3));
    let g = sample / <u32>G;
    let r = <usize>(sample & (<u32>G - 1));
    let keep = selectedOf(g);
    if (keep && !load<u8>(keep + r)) continue;
    let value = load<i64>(valueColumn(groupAt(g), type) + (r << 3));
    addTo(cum + (<usize>load<u32>(list + (<usize>i << 3), 4) << 3), 0 - value);
  }
}

/** Whether sums may shrink: sumTotals met a negative value, or wrapped. */
export let anyNegative: i32 = 0;
/** Σ|value|, Σ divisor, and both again over the samples whose label set has a byte in diff u8[sets] (0: none). i64[4] */
export const totals: usize = allocZero(32);

/** Sums the selection: `type` by absolute value, `divisor` (-1: none) as it is. Source: pprof computeTotal. */
export function sumTotals(type: u32, divisor: i32, diff: usize): void {
  memory.fill(totals, 0, 32);
  anyNegative = 0;
  for (let g: u32 = 0; g < groupCount(); g++) {
    let keep = selectedOf(g);
    let values = valueColumn(groupAt(g), type);
    let divisors: usize = divisor < 0 ? <usize>0 : valueColumn(groupAt(g), divisor);
    let sets = labelColumn(groupAt(g));
    let rows = <usize>groupRows(g);
    for (let r: usize = 0; r < rows; r++) {
      if (keep && !load<u8>(keep + r)) continue;
      let value = load<i64>(values + (r << 3));
      if (value < 0) {
        anyNegative = 1;
        value = 0 - value;
      }
      let by = divisors ? load<i64>(divisors + (r << 3)) : 0;
      addTo(totals, value);
      if (load<i64>(totals) < 0) anyNegative = 1;
      addTo(totals + 8, by);
      if (diff && load<u8>(diff + <usize>load<u32>(sets + (r << 2)))) {
        addTo(totals + 16, value);
        addTo(totals + 24, by);
      }
    }
  }
}
