// Whose work a sample is: that of the innermost function that is the program's own, whatever library and runtime did for it.
//
//   stack, root first           http.serve → shop.Search → regexp.Compile → runtime.mallocgc   10
//   roles                       library      own 7         kind 3           kind 5
//   charged[7] += 10, lines[node of shop.Search] += 10
//   through[7][3] += 10         the kind next to it: what it asked for
//   within[7][3], [7][5] += 10  all that was done for it, each once
//   kinds[3], kinds[5] += 10    the same for everybody
//   cum[7] += 10                once, wherever it stands in the stack
//
// A stack without a function of the program's own (the garbage collector's workers) is charged to owner 0.

import { E_MEMORY, OK, OWN } from '../src/core/abi';
import { allocZero } from './memory';
import { listAt, listLength, locationNode, nodeCount } from './nodes';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, G, groupAt, valueColumn } from './store';
import { addTo } from './weigh';

/** i64[owners + 1] */
export let workCharged: usize = 0;
export let workCum: usize = 0;
/** i64[owners + 1][kinds + 1]; kind 0 is none. */
export let workThrough: usize = 0;
/** i64[owners + 1][kinds + 1]; the first of each is 0. */
export let workWithin: usize = 0;
/** i64[kinds + 1]; the first is 0. */
export let workKinds: usize = 0;
/** i64[nodes] */
export let workLines: usize = 0;
/** The sample that counted last, u32[owners + 1]. */
let stamps: usize = 0;
let kindCount: u32 = 0;

/** Fresh sums for owners 1 … owners and kinds 1 … kinds (at most 31). Returns 0 or E_MEMORY. */
export function beginWork(owners: u32, kinds: u32): i32 {
  let rows = <usize>owners + 1;
  kindCount = kinds;
  workCharged = allocZero(rows << 3);
  workCum = allocZero(rows << 3);
  workThrough = allocZero((rows * (<usize>kinds + 1)) << 3);
  workWithin = allocZero((rows * (<usize>kinds + 1)) << 3);
  workKinds = allocZero((<usize>kinds + 1) << 3);
  workLines = allocZero((<usize>nodeCount + 1) << 3);
  stamps = allocZero(rows << 2);
  return workCharged && workCum && workThrough && workWithin && workKinds && workLines && stamps ? OK : E_MEMORY;
}

/** Innermost node of the program's own in this sample; -1: none so far. */
let ownNode: i32 = -1;
let kindsSeen: u32 = 0;
let nearest: u32 = 0;

// @ts-ignore: decorator
@inline
function look(node: usize, roles: usize, stamp: u32, value: i64): void {
  let role = load<u32>(roles + (node << 2));
  if (role & OWN) {
    let owner = <usize>(role & ~OWN);
    if (ownNode < 0) ownNode = <i32>node;
    if (load<u32>(stamps + (owner << 2)) != stamp) {
      store<u32>(stamps + (owner << 2), stamp);
      addTo(workCum + (owner << 3), value);
    }
  } else if (role && ownNode < 0) {
    kindsSeen |= 1 << role;
    nearest = role;
  }
}

/**
 * Charges the selected rows from … to - 1 of group g by value `type`. roles u32[nodes]: OWN | owner, or a kind, or 0 for a function of a
 * library that is of no kind.
 */
export function workRows(type: u32, roles: usize, g: u32, from: u32, to: u32): void {
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
    ownNode = -1;
    kindsSeen = nearest = 0;
    for (; at < stop; at += 4) {
      let node = load<i32>(locationNode + (<usize>(load<u32>(at) & ENTRY) << 2));
      if (node >= 0) look(<usize>node, roles, stamp, value);
      else if (node < -1) {
        let list = listAt(node);
        let last = list + (<usize>listLength(list) << 2);
        for (let one = list + 4; one <= last; one += 4) look(<usize>load<u32>(one), roles, stamp, value);
      }
    }
    let owner: usize = 0;
    if (ownNode >= 0) {
      owner = <usize>(load<u32>(roles + (<usize>ownNode << 2)) & ~OWN);
      addTo(workLines + (<usize>ownNode << 3), value);
    }
    addTo(workCharged + (owner << 3), value);
    let row = owner * (<usize>kindCount + 1);
    addTo(workThrough + ((row + <usize>nearest) << 3), value);
    for (let bits = kindsSeen; bits; bits &= bits - 1) {
      let kind = <usize>ctz(bits);
      addTo(workWithin + ((row + kind) << 3), value);
      addTo(workKinds + (kind << 3), value);
    }
  }
}
