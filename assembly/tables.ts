// Location, Function and string messages: kept raw as they come (Go's runtime interleaves them with the samples), and
// decoded into columns in one go when all are there (11-14 ms for 200k locations and 50k functions, against 210-310 ms
// message by message with a general reader). The columns are scratch: TypeScript copies them out. Each decode runs as
// begin and slices of rows, in order; why: weigh.ts.

import { E_MEMORY, E_STRING, E_WIRE, FUNCTION, LOCATION, OK, STRING } from '../src/core/abi';
import { fail } from './failure';
import { indexIds, rowOfId } from './ids';
import { alloc, allocZero } from './memory';
import { ranges } from './store';
import { field, fieldEnd, readInteger, readTag, skipField, varint, wireType } from './varint';

// Raw messages of one kind: a chain of blocks [next u32][used u32][(length u32, bytes)…].
const BLOCK: usize = 65536;
const firstBlock = allocZero(3 * 4);
const lastBlock = allocZero(3 * 4);
const counts = allocZero(3 * 4);
const sizes = allocZero(3 * 4);

export function messageCount(kind: u32): u32 {
  return load<u32>(counts + ((<usize>kind) << 2));
}

/** Keeps the messages in ranges[0 … count-1]. Returns 0 or E_MEMORY. */
export function takeMessages(kind: u32, count: u32): i32 {
  let slot = (<usize>kind) << 2;
  let block = <usize>load<u32>(lastBlock + slot);
  let used = block ? <usize>load<u32>(block, 4) : 0;
  let size = block ? <usize>load<u32>(block, 8) : 0;
  let bytes = load<u32>(sizes + slot);
  for (let i: u32 = 0; i < count; i++) {
    let at = <usize>load<u32>(ranges + ((<usize>i) << 3));
    let length = <usize>load<u32>(ranges + ((<usize>i) << 3), 4);
    if (size - used < length + 4) {
      if (block) store<u32>(block, <u32>used, 4);
      size = max<usize>(BLOCK, length + 16);
      let next = alloc(size);
      if (!next) return E_MEMORY;
      store<u32>(next, 0);
      store<u32>(next, <u32>size, 8);
      if (block) store<u32>(block, <u32>next);
      else store<u32>(firstBlock + slot, <u32>next);
      store<u32>(lastBlock + slot, <u32>next);
      block = next;
      used = 12;
    }
    store<u32>(block + used, <u32>length);
    memory.copy(block + used + 4, at, length);
    used += length + 4;
    bytes += <u32>length;
  }
  if (block) store<u32>(block, <u32>used, 4);
  store<u32>(sizes + slot, bytes);
  store<u32>(counts + slot, load<u32>(counts + slot) + count);
  return OK;
}

export function resetMessages(): void {
  memory.fill(firstBlock, 0, 12);
  memory.fill(lastBlock, 0, 12);
  memory.fill(counts, 0, 12);
  memory.fill(sizes, 0, 12);
}

// A cursor over the messages of one kind.
let cursorBlock: usize = 0;
let cursorAt: usize = 0;
let messageStart: usize = 0;
let messageEnd: usize = 0;

function rewind(kind: u32): void {
  cursorBlock = load<u32>(firstBlock + ((<usize>kind) << 2));
  cursorAt = 12;
}

function next(): bool {
  if (!cursorBlock) return false;
  if (cursorAt >= <usize>load<u32>(cursorBlock, 4)) {
    cursorBlock = load<u32>(cursorBlock);
    cursorAt = 12;
    if (!cursorBlock) return false;
  }
  messageStart = cursorBlock + cursorAt + 4;
  messageEnd = messageStart + load<u32>(cursorBlock + cursorAt);
  cursorAt = messageEnd - cursorBlock;
  return true;
}

// ---- strings: start u32[n + 1], bytes, and for each string the first one with the same bytes

export let stringStart: usize = 0;
export let stringBytes: usize = 0;
export let sameString: usize = 0;

let stringSlots: usize = 0;
let stringMask: u32 = 0;
let stringAt: usize = 0;

export function beginStrings(): i32 {
  let count = messageCount(STRING);
  stringStart = alloc((<usize>count + 1) << 2);
  stringBytes = alloc(load<u32>(sizes + ((<usize>STRING) << 2)));
  sameString = alloc((<usize>count) << 2);
  let size: u32 = 16;
  while (size < count * 2) size <<= 1;
  stringSlots = allocZero((<usize>size) << 2);
  stringMask = size - 1;
  if (!stringStart || !stringBytes || !sameString || !stringSlots) return E_MEMORY;
  rewind(STRING);
  stringAt = stringBytes;
  store<u32>(stringStart, 0);
  return OK;
}

export function decodeStrings(from: u32, to: u32): i32 {
  let at = stringAt;
  for (let i = from; i < to && next(); i++) {
    let length = messageEnd - messageStart;
    memory.copy(at, messageStart, length);
    store<u32>(stringStart + ((<usize>i) << 2), <u32>(at - stringBytes) + <u32>length, 4);
    store<u32>(sameString + ((<usize>i) << 2), firstLike(i, at, length));
    at += length;
  }
  stringAt = at;
  return OK;
}

function firstLike(row: u32, at: usize, length: usize): u32 {
  let slots = stringSlots;
  let mask = stringMask;
  let hash: u64 = length;
  let end = at + length;
  let p = at;
  for (; p + 8 <= end; p += 8) hash = ((hash ^ load<u64>(p)) * 0x9e3779b97f4a7c15) ^ (hash >> 29);
  for (; p < end; p++) hash = (hash ^ load<u8>(p)) * 0x9e3779b97f4a7c15;
  let slot = <u32>(hash >> 32) & mask;
  while (true) {
    let other = load<u32>(slots + ((<usize>slot) << 2));
    if (other == 0) {
      store<u32>(slots + ((<usize>slot) << 2), row + 1);
      return row;
    }
    let start = <usize>load<u32>(stringStart + ((<usize>(other - 1)) << 2));
    let size = <usize>load<u32>(stringStart + ((<usize>other) << 2)) - start;
    if (size == length && memory.compare(stringBytes + start, at, length) == 0) return other - 1;
    slot = (slot + 1) & mask;
  }
}

// ---- functions

export let functionId: usize = 0;
export let functionName: usize = 0;
export let functionSystemName: usize = 0;
export let functionFilename: usize = 0;
export let functionStartLine: usize = 0;

export function beginFunctions(): i32 {
  let count = <usize>messageCount(FUNCTION);
  functionId = allocZero(count << 3);
  functionName = allocZero(count << 2);
  functionSystemName = allocZero(count << 2);
  functionFilename = allocZero(count << 2);
  functionStartLine = allocZero(count << 3);
  if (!functionId || !functionName || !functionSystemName || !functionFilename || !functionStartLine) return E_MEMORY;
  rewind(FUNCTION);
  return OK;
}

export function decodeFunctions(from: u32, to: u32): i32 {
  let strings = <u64>messageCount(STRING);
  for (let i = <usize>from; i < <usize>to && next(); i++) {
    let at = messageStart;
    while (at < messageEnd) {
      at = readTag(at, messageEnd);
      if (!at) return fail(E_WIRE, <u32>i, 0);
      if (field < 1 || field > 5) {
        at = skipField(at, messageEnd);
        if (!at) return fail(E_WIRE, <u32>i, 0);
        continue;
      }
      at = readInteger(at, messageEnd);
      if (!at) return fail(E_WIRE, <u32>i, 0);
      if (field == 1) store<u64>(functionId + (i << 3), varint);
      else if (field == 5) store<u64>(functionStartLine + (i << 3), varint);
      else {
        if (varint >= strings) return fail(E_STRING, <u32>i, varint);
        let column = field == 2 ? functionName : field == 3 ? functionSystemName : functionFilename;
        store<u32>(column + (i << 2), <u32>varint);
      }
    }
  }
  return OK;
}

// ---- locations and their lines

export let locationId: usize = 0;
export let locationMapping: usize = 0;
export let locationAddress: usize = 0;
export let locationFolded: usize = 0;
export let lineStart: usize = 0;
export let lineFunction: usize = 0;
export let lineNumber: usize = 0;
export let lineColumn: usize = 0;
export let lineCount: u32 = 0;
/** The ids that lines name; checkLocations makes rows of them. */
export let lineFunctionId: usize = 0;

/** Begins on counting lines, so that their columns are no larger than they must be: growing the memory costs more. */
export function beginLines(): void {
  rewind(LOCATION);
  lineCount = 0;
}

export function countLines(from: u32, to: u32): i32 {
  let lines = lineCount;
  for (let i = from; i < to && next(); i++) {
    let at = messageStart;
    while (at < messageEnd) {
      at = readTag(at, messageEnd);
      if (at && field == 4) lines++;
      if (at) at = skipField(at, messageEnd);
      if (!at) return fail(E_WIRE, i, 0);
    }
  }
  lineCount = lines;
  return OK;
}

/** mappings: u64 ids[mappingCount] by which locationMapping becomes rows (an unknown id: none). */
export function beginLocations(mappings: usize, mappingCount: u32): i32 {
  let count = <usize>messageCount(LOCATION);
  let lines = <usize>lineCount;
  locationId = allocZero(count << 3);
  locationMapping = alloc(count << 2);
  locationAddress = allocZero(count << 3);
  locationFolded = allocZero(count);
  lineStart = alloc((count + 1) << 2);
  lineFunctionId = allocZero((<usize>lines) << 3);
  lineFunction = alloc((<usize>lines) << 2);
  lineNumber = allocZero((<usize>lines) << 3);
  lineColumn = allocZero((<usize>lines) << 3);
  if (!locationId || !locationMapping || !locationAddress || !locationFolded || !lineStart) return E_MEMORY;
  if (!lineFunctionId || !lineFunction || !lineNumber || !lineColumn) return E_MEMORY;
  if (indexIds(mappings, mappingCount) == E_MEMORY) return E_MEMORY;
  rewind(LOCATION);
  lineAt = 0;
  store<u32>(lineStart, 0);
  return OK;
}

let lineAt: usize = 0;

export function decodeLocations(from: u32, to: u32): i32 {
  let line = lineAt;
  for (let i = <usize>from; i < <usize>to && next(); i++) {
    let mapping = -1;
    let at = messageStart;
    while (at < messageEnd) {
      at = readTag(at, messageEnd);
      if (!at) return fail(E_WIRE, <u32>i, 0);
      if (field == 4) {
        if (wireType != 2) return fail(E_WIRE, <u32>i, 0);
        let end = fieldEnd;
        if (!takeLine(at, end, line)) return fail(E_WIRE, <u32>i, 0);
        at = end;
        line++;
      } else if (field >= 1 && field <= 5) {
        at = readInteger(at, messageEnd);
        if (!at) return fail(E_WIRE, <u32>i, 0);
        if (field == 1) store<u64>(locationId + (i << 3), varint);
        else if (field == 2) mapping = rowOfId(varint);
        else if (field == 3) store<u64>(locationAddress + (i << 3), varint);
        else store<u8>(locationFolded + i, varint ? 1 : 0);
      } else {
        at = skipField(at, messageEnd);
        if (!at) return fail(E_WIRE, <u32>i, 0);
      }
    }
    store<i32>(locationMapping + (i << 2), mapping);
    store<u32>(lineStart + (i << 2), <u32>line, 4);
  }
  lineAt = line;
  return OK;
}

function takeLine(at: usize, end: usize, line: usize): bool {
  store<u64>(lineFunctionId + (line << 3), 0);
  store<u64>(lineNumber + (line << 3), 0);
  store<u64>(lineColumn + (line << 3), 0);
  while (at < end) {
    at = readTag(at, end);
    if (!at) return false;
    if (field >= 1 && field <= 3) {
      at = readInteger(at, end);
      if (!at) return false;
      let column = field == 1 ? lineFunctionId : field == 2 ? lineNumber : lineColumn;
      store<u64>(column + (line << 3), varint);
    } else {
      at = skipField(at, end);
      if (!at) return false;
    }
  }
  return true;
}
