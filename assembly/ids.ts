// 64-bit ids of the file → rows. Two tables: an interning one for ids too large for an entry, which lives as long as
// the store, and an index of one id column, which is scratch: direct where the ids are dense, hashed otherwise.

import { E_ID_TWICE, E_ID_ZERO, E_MEMORY, OK } from '../src/core/abi';
import { alloc, allocZero } from './memory';

/** Scrambles a 64-bit key; the upper half of the product is well mixed. */
// @ts-expect-error: decorator
@inline
export function scramble(key: u64): u32 {
  return <u32>((key * 0x9e3779b97f4a7c15) >> 32);
}

let large: usize = 0;
let largeCapacity: u32 = 0;
let largeSlots: usize = 0;
let largeMask: u32 = 0;
export let largeCount: u32 = 0;
export let internFailed: bool = false;

/** The number that stands for a large id, or E_MEMORY (internFailed stays set). */
export function internId(id: u64): i32 {
  if (largeCount * 2 >= largeCapacity && growLarge() < 0) {
    internFailed = true;
    return E_MEMORY;
  }
  let slot = scramble(id) & largeMask;
  while (true) {
    let index = load<u32>(largeSlots + (<usize>slot << 2));
    if (index == 0) break;
    if (load<u64>(large + (<usize>(index - 1) << 3)) == id) return <i32>(index - 1);
    slot = (slot + 1) & largeMask;
  }
  store<u64>(large + (<usize>largeCount << 3), id);
  largeCount++;
  store<u32>(largeSlots + (<usize>slot << 2), largeCount);
  return <i32>(largeCount - 1);
}

export function resetIds(): void {
  large = largeSlots = 0;
  largeCapacity = largeMask = largeCount = 0;
  internFailed = false;
}

export function largeId(index: u32): u64 {
  return load<u64>(large + (<usize>index << 3));
}

function growLarge(): i32 {
  let capacity = max<u32>(1024, largeCapacity * 2);
  let ids = alloc(<usize>capacity << 3);
  let slots = allocZero(<usize>capacity << 2);
  if (!ids || !slots) return E_MEMORY;
  if (largeCount) memory.copy(ids, large, <usize>largeCount << 3);
  large = ids;
  largeSlots = slots;
  largeCapacity = capacity;
  largeMask = capacity - 1;
  for (let i: u32 = 0; i < largeCount; i++) {
    let slot = scramble(load<u64>(ids + (<usize>i << 3))) & largeMask;
    while (load<u32>(slots + (<usize>slot << 2))) slot = (slot + 1) & largeMask;
    store<u32>(slots + (<usize>slot << 2), i + 1);
  }
  return OK;
}

// The index of one column.
let column: usize = 0;
let rows: u32 = 0;
let dense: bool = false;
let slots: usize = 0;
let mask: u32 = 0;
/** The first row that is not as it must be, of the last indexIds(). */
export let badRow: u32 = 0;

/** Indexes u64 ids[count]. Returns 0, E_ID_ZERO or E_ID_TWICE (the index is usable all the same; badRow is the first such row), or E_MEMORY. */
export function indexIds(ids: usize, count: u32): i32 {
  column = ids;
  rows = count;
  dense = true;
  for (let i: u32 = 0; i < count; i++) {
    if (load<u64>(ids + (<usize>i << 3)) != <u64>i + 1) {
      dense = false;
      break;
    }
  }
  if (dense) return OK;
  let size: u32 = 16;
  while (size < count * 2) size <<= 1;
  slots = allocZero(<usize>size << 2);
  if (!slots) return E_MEMORY;
  mask = size - 1;
  let result = OK;
  for (let i: u32 = 0; i < count; i++) {
    let id = load<u64>(ids + (<usize>i << 3));
    if (id == 0 && result == OK) {
      result = E_ID_ZERO;
      badRow = i;
    }
    let slot = scramble(id) & mask;
    while (true) {
      let row = load<u32>(slots + (<usize>slot << 2));
      if (row == 0) {
        store<u32>(slots + (<usize>slot << 2), i + 1);
        break;
      }
      if (load<u64>(ids + (<usize>(row - 1) << 3)) == id) {
        if (result == OK) {
          result = E_ID_TWICE;
          badRow = i;
        }
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return result;
}

/** The row of an id in the column indexed last, -1 if there is none. */
export function rowOfId(id: u64): i32 {
  if (dense) return id >= 1 && id <= <u64>rows ? <i32>(id - 1) : -1;
  if (id == 0) return -1;
  let slot = scramble(id) & mask;
  while (true) {
    let row = load<u32>(slots + (<usize>slot << 2));
    if (row == 0) return -1;
    if (load<u64>(column + (<usize>(row - 1) << 3)) == id) return <i32>(row - 1);
    slot = (slot + 1) & mask;
  }
}
