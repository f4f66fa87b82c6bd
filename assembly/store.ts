// The StackStore: what is O(samples x depth) of a profile, in the order in which it came.
//
//   stacks       blocks of 1 MiB: location entries, leaf first, one sample after the other
//   samples      groups of 65,536 rows: begin u32[G] · length u32[G] · label set u32[G] · value i64[types][G]
//   label sets   a dictionary of the raw bytes of a sample's label fields (512 sets in 1M samples of a real server)
//
// An entry is the location's row + 1 once finish() has run; until then it is the id of the file (ids above 2^31 are
// interned). Its top bit is REPEAT (abi.ts), a mark that weigh.ts keeps between queries: read entries with & ENTRY.

import { E_MEMORY, E_TYPES, E_WIRE, GROUP_ROWS, MAX_SAMPLE_TYPES, OK, RANGE_LIMIT } from '../src/core/abi';
import { internId } from './ids';
import { internLabels } from './labels';
import { alloc } from './memory';
import { field, fieldEnd, readTag, readVarint, skipField, varint, wireType } from './varint';

export const ENTRY: u32 = 0x7fffffff;
export const G: usize = GROUP_ROWS;
const BLOCK: usize = 1 << 20;
const MAX_GROUPS: u32 = 16384;
const NO_SIZE: usize = 0xffffffff;

/** Byte ranges that TypeScript hands over: (address u32, length u32)[RANGE_LIMIT]. */
export const ranges: usize = alloc(RANGE_LIMIT * 8);
const groups: usize = alloc(MAX_GROUPS * 4);

export let sampleCount: u32 = 0;
/** Values of a sample, as the first sample has them; 0 before. */
export let valueCount: u32 = 0;
/** The first sample with another number of values, and that number; -1 is none. */
export let oddSample: i32 = -1;
export let oddCount: u32 = 0;
/** Over all entries: the largest id, and whether one is 0. */
export let largestId: u32 = 0;
export let zeroId: bool = false;
export let largeIds: bool = false;

let blockAt: usize = 0;
let blockEnd: usize = 0;
let group: usize = 0;
/** The row of `ranges` at which the last call stopped. */
export let failedRange: u32 = 0;

let inputAt: usize = 0;
let inputSize: usize = 0;

/** An area of at least `bytes` bytes for incoming chunks; a larger one is laid out anew, what is in the old one stays there. 0 when out of memory. */
export function input(bytes: usize): usize {
  if (bytes > inputSize) {
    inputAt = alloc(bytes);
    inputSize = inputAt ? bytes : 0;
  }
  return inputAt;
}

export function groupAt(index: u32): usize {
  return load<u32>(groups + ((<usize>index) << 2));
}

export function groupCount(): u32 {
  return (sampleCount + <u32>G - 1) / <u32>G;
}

/** Rows of group `index`. */
export function groupRows(index: u32): u32 {
  return min<u32>(<u32>G, sampleCount - index * <u32>G);
}

export function beginColumn(at: usize): usize {
  return at;
}
export function lengthColumn(at: usize): usize {
  return at + G * 4;
}
export function labelColumn(at: usize): usize {
  return at + G * 8;
}
export function valueColumn(at: usize, type: u32): usize {
  return at + G * 12 + G * 8 * <usize>type;
}

/** Decodes the Sample messages in `ranges[0 … count-1]`. Returns 0, E_WIRE (failedRange says which), E_TYPES or E_MEMORY. */
export function takeSamples(count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    let start = <usize>load<u32>(ranges + ((<usize>i) << 3));
    let end = start + <usize>load<u32>(ranges + ((<usize>i) << 3), 4);
    failedRange = i;
    let result = takeSample(start, end);
    if (result < 0) return result;
  }
  return OK;
}

/** Where the next stack is written: room for `bytes` bytes, or 0 when out of memory. */
export function stackRoom(bytes: usize): usize {
  if (!blockAt || blockEnd - blockAt < bytes) {
    let size = max<usize>(BLOCK, bytes);
    blockAt = alloc(size);
    blockEnd = blockAt ? blockAt + size : 0;
  }
  return blockAt;
}

/** A new row for the stack of `length` entries that was written at stackRoom(); its values are the caller's to put. Returns 0 or E_MEMORY. */
export function appendRow(length: u32, labels: u32): i32 {
  let row = <usize>(sampleCount & (<u32>G - 1));
  if (row == 0 && openGroup() < 0) return E_MEMORY;
  store<u32>(beginColumn(group) + (row << 2), <u32>blockAt);
  store<u32>(lengthColumn(group) + (row << 2), length);
  store<u32>(labelColumn(group) + (row << 2), labels);
  blockAt += (<usize>length) << 2;
  sampleCount++;
  return OK;
}

/** How many values the samples of an empty store will have, where no message says so. */
export function setValueCount(types: u32): void {
  valueCount = types;
}

/** An empty store again; what was allocated is to be released by the caller. */
export function resetStore(): void {
  sampleCount = valueCount = oddCount = largestId = failedRange = 0;
  oddSample = -1;
  zeroId = largeIds = false;
  blockAt = blockEnd = group = inputAt = inputSize = 0;
}

function takeSample(start: usize, end: usize): i32 {
  // Every entry takes at least one byte of the message, so this room is enough for its stack.
  if (!stackRoom(((end - start) << 2) + 4)) return E_MEMORY;
  let row = <usize>(sampleCount & (<u32>G - 1));
  if (sampleCount == 0 || row == 0) {
    let result = nextGroup(start, end);
    if (result < 0) return result;
  }

  let out = blockAt;
  let values: u32 = 0;
  let labelStart: usize = 0;
  let labelEnd: usize = 0;
  let scattered = false;
  let at = start;
  while (at < end) {
    let tagAt = at;
    // What nearly every sample is made of: packed ids and values, labels, each of less than 16 KiB.
    let tag = load<u8>(at);
    if (tag == 0x0a || tag == 0x12 || tag == 0x1a) {
      let size = <usize>load<u8>(at, 1);
      let from = at + 2;
      if (size >= 0x80) {
        let more = <usize>load<u8>(at, 2);
        size = more < 0x80 ? (size & 0x7f) | (more << 7) : NO_SIZE;
        from++;
      }
      let stop = from + size;
      if (size != NO_SIZE) {
        if (stop > end) return E_WIRE;
        at = stop;
        if (tag == 0x0a) {
          out = takeIds(from, stop, out);
          if (!out) return E_WIRE;
        } else if (tag == 0x12) {
          while (from < stop) {
            from = readVarint(from, stop);
            if (!from) return E_WIRE;
            if (values < valueCount) store<i64>(valueColumn(group, values) + (row << 3), varint);
            values++;
          }
        } else {
          if (!labelStart) labelStart = tagAt;
          else if (labelEnd != tagAt) scattered = true;
          labelEnd = stop;
        }
        continue;
      }
    }
    at = readTag(at, end);
    if (!at) return E_WIRE;
    if (field == 1) {
      if (wireType == 2) {
        out = takeIds(at, fieldEnd, out);
        if (!out) return E_WIRE;
        at = fieldEnd;
      } else {
        if (wireType != 0) return E_WIRE;
        at = readVarint(at, end);
        if (!at) return E_WIRE;
        store<u32>(out, takeId(varint));
        out += 4;
      }
    } else if (field == 2) {
      let stop = fieldEnd;
      if (wireType == 0) {
        at = readVarint(at, end);
        if (!at) return E_WIRE;
        if (values < valueCount) store<i64>(valueColumn(group, values) + (row << 3), varint);
        values++;
      } else {
        if (wireType != 2) return E_WIRE;
        while (at < stop) {
          at = readVarint(at, stop);
          if (!at) return E_WIRE;
          if (values < valueCount) store<i64>(valueColumn(group, values) + (row << 3), varint);
          values++;
        }
      }
    } else if (field == 3) {
      if (wireType != 2) return E_WIRE;
      if (!labelStart) labelStart = tagAt;
      else if (labelEnd != tagAt) scattered = true;
      labelEnd = at = fieldEnd;
    } else {
      at = skipField(at, end);
      if (!at) return E_WIRE;
    }
  }
  for (let v = values; v < valueCount; v++) store<i64>(valueColumn(group, v) + (row << 3), 0);
  if (values != valueCount && oddSample < 0) {
    oddSample = <i32>sampleCount;
    oddCount = values;
  }

  let labels: i32 = 0;
  if (labelStart) {
    if (scattered) {
      labelEnd = gatherLabels(start, end, out);
      labelStart = out;
    }
    labels = internLabels(labelStart, labelEnd);
    if (labels < 0) return labels;
  }

  store<u32>(beginColumn(group) + (row << 2), <u32>blockAt);
  store<u32>(lengthColumn(group) + (row << 2), <u32>((out - blockAt) >> 2));
  store<u32>(labelColumn(group) + (row << 2), <u32>labels);
  blockAt = out;
  sampleCount++;
  return OK;
}

/** Packed location ids to entries. Returns the end of the entries, 0 when malformed. */
function takeIds(at: usize, end: usize, out: usize): usize {
  let largest = largestId;
  while (at < end) {
    let id = <u32>load<u8>(at);
    if (id < 0x80) {
      at++;
      if (id == 0) zeroId = true;
    } else {
      let second = <u32>load<u8>(at, 1);
      id = (id & 0x7f) | (second << 7);
      if (second < 0x80) at += 2;
      else {
        let third = <u32>load<u8>(at, 2);
        id = (id & 0x3fff) | (third << 14);
        if (third < 0x80) at += 3;
        else {
          at = readVarint(at, end);
          if (!at) return 0;
          id = takeId(varint);
        }
      }
      if (id == 0) zeroId = true;
    }
    if (id > largest) largest = id;
    store<u32>(out, id);
    out += 4;
  }
  largestId = max(largest, largestId);
  return at == end ? out : 0;
}

/** An id as an entry: itself below 2^30, else a number from 2^30 on that stands for it. */
function takeId(id: u64): u32 {
  if (id < 0x40000000) {
    if (id == 0) zeroId = true;
    if (<u32>id > largestId) largestId = <u32>id;
    return <u32>id;
  }
  largeIds = true;
  let index = internId(id);
  return index < 0 ? 0 : 0x40000000 + <u32>index;
}

/** Label fields that do not stand side by side, copied to `out` in their order. */
function gatherLabels(start: usize, end: usize, out: usize): usize {
  let at = start;
  while (at < end) {
    let tagAt = at;
    at = readTag(at, end);
    at = skipField(at, end);
    if (field == 3) {
      memory.copy(out, tagAt, at - tagAt);
      out += at - tagAt;
    }
  }
  return out;
}

/** Opens the group of the next sample; the first sample says how many values each has. */
function nextGroup(start: usize, end: usize): i32 {
  if (sampleCount == 0) {
    let count = countValues(start, end);
    if (count < 0) return count;
    valueCount = count;
  }
  return openGroup();
}

function openGroup(): i32 {
  let index = sampleCount / <u32>G;
  if (index >= MAX_GROUPS) return E_MEMORY;
  group = alloc(G * 12 + G * 8 * <usize>valueCount);
  if (!group) return E_MEMORY;
  store<u32>(groups + ((<usize>index) << 2), <u32>group);
  return OK;
}

function countValues(start: usize, end: usize): i32 {
  let count = 0;
  let at = start;
  while (at < end) {
    at = readTag(at, end);
    if (!at) return E_WIRE;
    if (field == 2 && wireType == 2) {
      let stop = fieldEnd;
      while (at < stop) {
        at = readVarint(at, stop);
        if (!at) return E_WIRE;
        count++;
      }
    } else {
      if (field == 2) count++;
      at = skipField(at, end);
      if (!at) return E_WIRE;
    }
  }
  return count > MAX_SAMPLE_TYPES ? E_TYPES : count;
}
