// Samples of other stores, summed up in this one: the target of a merge.
//
//   slice (packed as in pack.ts) ─scanRows─▶ scaled values, what is kept, what is met for the first time
//                                  TypeScript gives the new locations and label sets their rows here
//                                ─addRows──▶ the row of (stack, label set) is looked up: its values grow, or it is new
//
// Locations and label sets are reported in the order in which kept samples use them, since pprof numbers them so.
// Memory grows with the distinct stacks: what belongs to one source lies in areas that the next one takes over.
// Source of the rules: pprof profile/merge.go and profile.go (ScaleN).

import { E_MEMORY, GROUP_ROWS, MAX_SAMPLE_TYPES, MAX_STAGES, OK } from '../src/core/abi';
import { alloc, allocZero } from './memory';
import {
  appendRow,
  beginColumn,
  G,
  groupAt,
  groupCount,
  groupRows,
  labelColumn,
  lengthColumn,
  stackRoom,
  sampleCount,
  setValueCount,
  valueColumn,
  valueCount,
} from './store';

/** Value columns of the slice, by sample type of the target: u32[MAX_SAMPLE_TYPES]. */
export const sourceColumns: usize = alloc(MAX_SAMPLE_TYPES * 4);
/** f64[MAX_STAGES][MAX_SAMPLE_TYPES]: what to multiply by, one stage after the other. */
export const ratios: usize = alloc(MAX_STAGES * MAX_SAMPLE_TYPES * 8);

const LISTED: u32 = 0xffffffff;

/** u32 rows + 1 of this store, 0 while not met. */
export let locationMap: usize = 0;
export let labelMap: usize = 0;
/** Rows of the source that scanRows met for the first time, in order. */
export let newLocations: usize = 0;
export let newLocationCount: u32 = 0;
export let newLabels: usize = 0;
export let newLabelCount: u32 = 0;

let mapsAt: usize = 0;
let mapsSize: usize = 0;
let scratchAt: usize = 0;
let scratchSize: usize = 0;
let scaled: usize = 0; // i64[types][count]
let kept: usize = 0; // u8[count]

// The hash table: slots u32 (row + 1), and by row the hash, in pages of one group.
let slots: usize = 0;
let mask: u32 = 0;
let pages: usize = 0; // u32 address[pageLimit]
let pageLimit: u32 = 0;

export function resetMerge(): void {
  mapsAt = mapsSize = scratchAt = scratchSize = slots = pages = 0;
  mask = pageLimit = 0;
}

/** Makes an empty store the target of a merge, `types` values a sample. Returns 0 or E_MEMORY. */
export function beginMerge(types: u32): i32 {
  setValueCount(types);
  return growSlots(16384);
}

/** Begins on a source of `locations` rows and `labels` label sets: none of them is met yet. Returns 0 or E_MEMORY. */
export function beginSource(locations: u32, labels: u32): i32 {
  let need = (((<usize>locations + <usize>labels) << 1) + 4) << 2;
  if (need > mapsSize) {
    mapsSize = max(need, mapsSize << 1);
    mapsAt = alloc(mapsSize);
    if (!mapsAt) return E_MEMORY;
  }
  locationMap = mapsAt;
  labelMap = locationMap + ((<usize>locations) << 2);
  newLocations = labelMap + ((<usize>labels) << 2);
  newLabels = newLocations + ((<usize>locations) << 2);
  memory.fill(mapsAt, 0, newLocations - mapsAt);
  return OK;
}

/**
 * Reads `count` packed samples of `types` value columns at `at`. A stage multiplies the values whose ratio is not 1, rounding half away
 * from zero, and drops a sample when all of those are 0; a sample of zeros is dropped anyway.
 * Returns 0, with newLocations and newLabels to be given rows, or E_MEMORY.
 */
export function scanRows(at: usize, types: u32, count: u32, stages: u32): i32 {
  let need = (<usize>count << 3) * <usize>valueCount + (<usize>count << 1);
  if (need > scratchSize) {
    scratchSize = max(need, scratchSize << 1);
    scratchAt = alloc(scratchSize);
    if (!scratchAt) return E_MEMORY;
  }
  scaled = scratchAt;
  kept = scaled + (<usize>count << 3) * <usize>valueCount;
  for (let t: u32 = 0; t < valueCount; t++) {
    let column = <usize>load<u32>(sourceColumns + ((<usize>t) << 2));
    memory.copy(scaled + (<usize>count << 3) * <usize>t, at + (<usize>count << 3) * column, <usize>count << 3);
  }
  memory.fill(kept, 1, count);
  for (let s: u32 = 0; s < stages; s++) scale(ratios + <usize>s * MAX_SAMPLE_TYPES * 8, count);
  dropZeros(count);

  let set = at + (<usize>count << 3) * <usize>types;
  let length = set + (<usize>count << 2);
  let entry = length + (<usize>count << 2);
  newLocationCount = newLabelCount = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    let end = entry + ((<usize>load<u32>(length + (i << 2))) << 2);
    if (!load<u8>(kept + i)) {
      entry = end;
      continue;
    }
    for (; entry < end; entry += 4) {
      let location = load<u32>(entry);
      let slot = locationMap + ((<usize>location) << 2);
      if (load<u32>(slot)) continue;
      store<u32>(slot, LISTED);
      store<u32>(newLocations + ((<usize>newLocationCount) << 2), location);
      newLocationCount++;
    }
    let labels = load<u32>(set + (i << 2));
    let slot = labelMap + ((<usize>labels) << 2);
    if (load<u32>(slot)) continue;
    store<u32>(slot, LISTED);
    store<u32>(newLabels + ((<usize>newLabelCount) << 2), labels);
    newLabelCount++;
  }
  return OK;
}

function scale(by: usize, count: u32): void {
  let survives = kept + <usize>count; // u8[count]: a value of this stage is not 0
  memory.fill(survives, 0, count);
  for (let t: usize = 0; t < <usize>valueCount; t++) {
    let ratio = load<f64>(by + (t << 3));
    if (ratio == 1) continue;
    let values = scaled + (<usize>count << 3) * t;
    for (let i: usize = 0; i < <usize>count; i++) {
      let value = toInteger(round(<f64>load<i64>(values + (i << 3)) * ratio));
      store<i64>(values + (i << 3), value);
      if (value != 0) store<u8>(survives + i, 1);
    }
  }
  for (let i: usize = 0; i < <usize>count; i++) store<u8>(kept + i, load<u8>(kept + i) & load<u8>(survives + i));
}

function dropZeros(count: u32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    let any: i64 = 0;
    for (let t: usize = 0; t < <usize>valueCount; t++) any |= load<i64>(scaled + (<usize>count << 3) * t + (i << 3));
    if (any == 0) store<u8>(kept + i, 0);
  }
}

/** Half away from zero. */
function round(value: f64): f64 {
  let whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + (value < 0 ? -1.0 : 1.0) : whole;
}

/** As Go converts on amd64: what is no int64 is the lowest one. */
function toInteger(value: f64): i64 {
  return value >= -9223372036854775808.0 && value < 9223372036854775808.0 ? <i64>value : i64.MIN_VALUE;
}

/** Adds the samples that scanRows read last; every location and label set has its row now. Returns 0 or E_MEMORY. */
export function addRows(at: usize, types: u32, count: u32): i32 {
  let sets = at + (<usize>count << 3) * <usize>types;
  let lengths = sets + (<usize>count << 2);
  let entry = lengths + (<usize>count << 2);
  for (let i: usize = 0; i < <usize>count; i++) {
    let length = load<u32>(lengths + (i << 2));
    let end = entry + ((<usize>length) << 2);
    if (!load<u8>(kept + i)) {
      entry = end;
      continue;
    }
    let set = load<u32>(labelMap + ((<usize>load<u32>(sets + (i << 2))) << 2)) - 1;
    let stack = stackRoom((<usize>length) << 2);
    if (!stack) return E_MEMORY;
    // The stack is written where it stays if it is new.
    let hash: u64 = (<u64>set << 32) | length;
    let out = stack;
    for (; entry < end; entry += 4, out += 4) {
      let mapped = load<u32>(locationMap + ((<usize>load<u32>(entry)) << 2));
      store<u32>(out, mapped);
      hash = (rotl<u64>(hash, 5) ^ <u64>mapped) * 0x9e3779b97f4a7c15;
    }
    let row = find(<u32>(hash >> 32), set, stack, length);
    if (row < 0) {
      row = <i32>sampleCount;
      let page = pageOf(<u32>row);
      if (!page) return E_MEMORY;
      if (appendRow(length, set) < 0) return E_MEMORY;
      store<u32>(page + ((<usize>(<u32>row & (<u32>GROUP_ROWS - 1))) << 2), <u32>(hash >> 32));
      insert(<u32>(hash >> 32), <u32>row);
      if (sampleCount * 2 > mask && growSlots((mask + 1) * 2) < 0) return E_MEMORY;
      put(<u32>row, i, count);
    } else {
      sum(<u32>row, i, count);
    }
  }
  return OK;
}

function put(row: u32, i: usize, count: u32): void {
  let at = groupAt(row / <u32>GROUP_ROWS);
  let r = <usize>(row & (<u32>GROUP_ROWS - 1)) << 3;
  for (let t: u32 = 0; t < valueCount; t++) {
    store<i64>(valueColumn(at, t) + r, load<i64>(scaled + (<usize>count << 3) * <usize>t + (i << 3)));
  }
}

function sum(row: u32, i: usize, count: u32): void {
  let at = groupAt(row / <u32>GROUP_ROWS);
  let r = <usize>(row & (<u32>GROUP_ROWS - 1)) << 3;
  for (let t: u32 = 0; t < valueCount; t++) {
    let to = valueColumn(at, t) + r;
    store<i64>(to, load<i64>(to) + load<i64>(scaled + (<usize>count << 3) * <usize>t + (i << 3)));
  }
}

/** The row of the stack with the label set, -1 if it is new. */
function find(hash: u32, set: u32, stack: usize, length: u32): i32 {
  let slot = hash & mask;
  while (true) {
    let next = load<u32>(slots + ((<usize>slot) << 2));
    if (!next) return -1;
    let row = next - 1;
    let r = (<usize>(row & (<u32>GROUP_ROWS - 1))) << 2;
    if (load<u32>(<usize>load<u32>(pages + ((<usize>(row / <u32>GROUP_ROWS)) << 2)) + r) == hash) {
      let at = groupAt(row / <u32>GROUP_ROWS);
      if (
        load<u32>(lengthColumn(at) + r) == length &&
        load<u32>(labelColumn(at) + r) == set &&
        equals(<usize>load<u32>(beginColumn(at) + r), stack, (<usize>length) << 2)
      )
        return <i32>row;
    }
    slot = (slot + 1) & mask;
  }
}

function equals(a: usize, b: usize, bytes: usize): bool {
  let end = a + (bytes & ~7);
  for (; a < end; a += 8, b += 8) if (load<u64>(a) != load<u64>(b)) return false;
  return (bytes & 4) == 0 || load<u32>(a) == load<u32>(b);
}

function insert(hash: u32, row: u32): void {
  let slot = hash & mask;
  while (load<u32>(slots + ((<usize>slot) << 2))) slot = (slot + 1) & mask;
  store<u32>(slots + ((<usize>slot) << 2), row + 1);
}

/** Where the hashes of a row's group lie; 0 when out of memory. */
function pageOf(row: u32): usize {
  let page = row / <u32>GROUP_ROWS;
  if (page >= pageLimit) {
    let limit = max<u32>(16, pageLimit * 2);
    let more = allocZero((<usize>limit) << 2);
    if (!more) return 0;
    if (pages) memory.copy(more, pages, (<usize>pageLimit) << 2);
    pages = more;
    pageLimit = limit;
  }
  let slot = pages + ((<usize>page) << 2);
  if (!load<u32>(slot)) store<u32>(slot, <u32>alloc(G << 2));
  return <usize>load<u32>(slot);
}

function growSlots(size: u32): i32 {
  slots = allocZero((<usize>size) << 2);
  if (!slots) return E_MEMORY;
  mask = size - 1;
  for (let row: u32 = 0; row < sampleCount; row++) {
    let page = <usize>load<u32>(pages + ((<usize>(row / <u32>GROUP_ROWS)) << 2));
    insert(load<u32>(page + ((<usize>(row & (<u32>GROUP_ROWS - 1))) << 2)), row);
  }
  return OK;
}

/** How many rows have nothing but zeros. */
export function zeroRows(): u32 {
  let zeros: u32 = 0;
  for (let g: u32 = 0; g < groupCount(); g++) {
    let at = groupAt(g);
    for (let r: usize = 0; r < <usize>groupRows(g); r++) {
      let any: i64 = 0;
      for (let t: u32 = 0; t < valueCount; t++) any |= load<i64>(valueColumn(at, t) + (r << 3));
      if (any == 0) zeros++;
    }
  }
  return zeros;
}
