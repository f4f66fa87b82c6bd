// The dictionary of label sets: the raw label fields of a sample, tags and lengths included, so that a set can be read
// back with any protobuf reader. Set 0 is the empty one. Real profiles have few sets for many samples.

import { E_MEMORY, E_WIRE, OK } from '../src/core/abi';
import { alloc, allocZero } from './memory';
import { field, fieldEnd, readInteger, readTag, skipField, varint } from './varint';

const BLOCK: usize = 65536;

let sets: usize = 0; // (address u32, length u32, hash u32)[capacity], set 0 unused
let capacity: u32 = 0;
let slots: usize = 0;
let mask: u32 = 0;
/** Number of sets, the empty one included. */
export let labelSetCount: u32 = 1;
/** The largest string index in any label, as u64, so that negative ones are out of range too. */
export let largestLabelString: u64 = 0;
let last: u32 = 0;
let blockAt: usize = 0;
let blockEnd: usize = 0;

export function labelSetAddress(set: u32): usize {
  return set ? <usize>load<u32>(sets + <usize>set * 12) : 0;
}

export function labelSetLength(set: u32): u32 {
  return set ? load<u32>(sets + <usize>set * 12, 4) : 0;
}

export function resetLabels(): void {
  sets = slots = blockAt = blockEnd = 0;
  capacity = mask = last = 0;
  labelSetCount = 1;
  largestLabelString = 0;
}

/** The number of the set whose bytes are start … end-1; E_WIRE if they are malformed, E_MEMORY. */
export function internLabels(start: usize, end: usize): i32 {
  let length = <u32>(end - start);
  if (last && isSet(last, start, length)) return <i32>last;
  if (labelSetCount * 2 >= capacity && grow() < 0) return E_MEMORY;
  let hash: u32 = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = (hash ^ load<u8>(at)) * 0x01000193;
  let slot = (hash ^ (hash >> 15)) & mask;
  while (true) {
    let set = load<u32>(slots + ((<usize>slot) << 2));
    if (set == 0) break;
    if (load<u32>(sets + <usize>set * 12, 8) == hash && isSet(set, start, length)) {
      last = set;
      return <i32>set;
    }
    slot = (slot + 1) & mask;
  }
  if (!check(start, end)) return E_WIRE;
  if (blockEnd - blockAt < <usize>length) {
    let size = max<usize>(BLOCK, length);
    blockAt = alloc(size);
    blockEnd = blockAt ? blockAt + size : 0;
    if (!blockAt) return E_MEMORY;
  }
  memory.copy(blockAt, start, length);
  let entry = sets + <usize>labelSetCount * 12;
  store<u32>(entry, <u32>blockAt);
  store<u32>(entry, length, 4);
  store<u32>(entry, hash, 8);
  blockAt += length;
  store<u32>(slots + ((<usize>slot) << 2), labelSetCount);
  last = labelSetCount;
  labelSetCount++;
  return <i32>last;
}

function isSet(set: u32, start: usize, length: u32): bool {
  let entry = sets + <usize>set * 12;
  return load<u32>(entry, 4) == length && memory.compare(load<u32>(entry), start, length) == 0;
}

/** Whether every label is well formed; keeps the largest string index. */
function check(at: usize, end: usize): bool {
  while (at < end) {
    at = readTag(at, end);
    if (!at) return false;
    let stop = fieldEnd;
    while (at < stop) {
      at = readTag(at, stop);
      if (!at) return false;
      if (field >= 1 && field <= 4) {
        at = readInteger(at, stop);
        if (at && field != 3 && varint > largestLabelString) largestLabelString = varint;
      } else at = skipField(at, stop);
      if (!at) return false;
    }
  }
  return true;
}

function grow(): i32 {
  let size = max<u32>(256, capacity * 2);
  let newSets = alloc(<usize>size * 12);
  let newSlots = allocZero((<usize>size) << 2);
  if (!newSets || !newSlots) return E_MEMORY;
  if (capacity) memory.copy(newSets, sets, <usize>labelSetCount * 12);
  sets = newSets;
  slots = newSlots;
  capacity = size;
  mask = size - 1;
  for (let set: u32 = 1; set < labelSetCount; set++) {
    let hash = load<u32>(sets + <usize>set * 12, 8);
    let slot = (hash ^ (hash >> 15)) & mask;
    while (load<u32>(slots + ((<usize>slot) << 2))) slot = (slot + 1) & mask;
    store<u32>(slots + ((<usize>slot) << 2), set);
  }
  return OK;
}
