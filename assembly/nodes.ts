// Locations → nodes. A node is what a report has a row for: all lines whose key columns are equal.
//
//   location  lines (innermost first)          functions             node column      list
//   1         f:10                             f → 0                 1 → 0
//   2         g:7 (inlined into) f:12          g → 1                 2 → -2 - i       i: [2 · 2] 1 0
//   3         hidden                                                 3 → NO_NODE
//   4         f:9 (inlined into) f:12                                4 → -2 - j       j: [2 · 2 + 1] 0 0 [1] 0
//
// Source of the key: pprof internal/graph nodeInfo. What is left out of a granularity is a column that is not given.

import { E_MEMORY, HIDDEN, NO_NODE } from '../src/core/abi';
import { scramble } from './ids';
import { alloc, allocZero } from './memory';

// The columns of the question, set one by one before internNodes (0: not part of the key).
/** Name of a function i32[functions], 0 is "no name"; a nameless function also goes by its start line and object. */
export let keyName: usize = 0;
export let keyFile: usize = 0;
export let keyStartLine: usize = 0;
export let keyLine: usize = 0;
export let keyColumn: usize = 0;
export let keyAddress: usize = 0;
/** The object (file of the mapping) of a location, i32[locations], 0 is none. */
export let keyObject: usize = 0;
/** Whether functions with a name go by start line and object, too. */
let keyObjects: bool = false;

export function setNodeKeys(
  name: usize,
  file: usize,
  startLine: usize,
  line: usize,
  column: usize,
  address: usize,
  object: usize,
  objects: bool,
): void {
  keyName = name;
  keyFile = file;
  keyStartLine = startLine;
  keyLine = line;
  keyColumn = column;
  keyAddress = address;
  keyObject = object;
  keyObjects = objects;
}

/** i32[locations + 1], by entry: a node, NO_NODE, or -2 - index into nodeLists. */
export let locationNode: usize = 0;
/** u32 words: [count · 2 + repeats] count nodes, innermost first; where a node repeats, then [distinct] distinct nodes. */
export let nodeLists: usize = 0;

/** The list of a location whose node column is below NO_NODE. */
// @ts-expect-error: decorator
@inline
export function listAt(node: i32): usize {
  return nodeLists + (<usize>(-2 - node) << 2);
}

/** Number of nodes; they follow at list + 4. */
// @ts-expect-error: decorator
@inline
export function listLength(list: usize): usize {
  return <usize>load<u32>(list) >> 1;
}

/** Where the distinct nodes are: [count] nodes; the list itself when none repeats, but for its count. */
// @ts-expect-error: decorator
@inline
export function distinctAt(list: usize): usize {
  return load<u32>(list) & 1 ? list + 4 + (listLength(list) << 2) : list;
}

// @ts-expect-error: decorator
@inline
export function distinctLength(list: usize): usize {
  return load<u32>(list) & 1 ? <usize>load<u32>(distinctAt(list)) : listLength(list);
}
/** The line that a node was first seen on, or -1 - location where it has no line. i32[nodes] */
export let nodeLine: usize = 0;
/** The location that a node was first seen on. u32[nodes] */
export let nodeLocation: usize = 0;
export let nodeCount: u32 = 0;
/** Whether a location has more than one line left, so that a call can be inlined at all. */
export let hasInlines: i32 = 0;

const KEY: usize = 48;
let keys: usize = 0;
let slots: usize = 0;
let mask: u32 = 0;
let probe: usize = 0;

/**
 * Interns the kept lines of all locations.
 * In: lineStart u32[locations + 1], lineFunction i32[lines], lineKept u8[lines], flags u8[locations] (HIDDEN counts),
 * lines: the number of lines. Out: the columns above. Returns the number of nodes, or E_MEMORY.
 */
export function internNodes(
  locations: u32,
  lines: u32,
  lineStart: usize,
  lineFunction: usize,
  lineKept: usize,
  flags: usize,
): i32 {
  let limit = <usize>lines + <usize>locations;
  let size: u32 = 16;
  while (<usize>size < limit + (limit >> 1)) size <<= 1;
  locationNode = alloc((<usize>locations + 1) << 2);
  nodeLine = alloc(limit << 2);
  nodeLocation = alloc(limit << 2);
  nodeLists = alloc((<usize>lines * 2 + <usize>locations * 2) << 2);
  probe = alloc(KEY);
  keys = alloc(limit * KEY);
  slots = allocZero(<usize>size << 2);
  seenOn = allocZero(limit << 2);
  if (!seenOn || !locationNode || !nodeLine || !nodeLocation || !nodeLists || !probe || !keys || !slots) return E_MEMORY;
  mask = size - 1;
  nodeCount = 0;
  hasInlines = 0;
  store<i32>(locationNode, NO_NODE);
  let list: usize = 0; // words used in nodeLists
  for (let l: usize = 0; l < <usize>locations; l++) {
    let out = locationNode + ((l + 1) << 2);
    if (load<u8>(flags + l) & HIDDEN) {
      store<i32>(out, NO_NODE);
      continue;
    }
    let first = <usize>load<u32>(lineStart + (l << 2));
    let end = <usize>load<u32>(lineStart + (l << 2), 4);
    if (first == end) {
      store<i32>(out, <i32>addressNode(l));
      continue;
    }
    let start = nodeLists + (list << 2);
    let count: usize = 0;
    for (let line = first; line < end; line++) {
      if (!load<u8>(lineKept + line)) continue;
      count++;
      store<u32>(start + (count << 2), lineNode(l, line, load<i32>(lineFunction + (line << 2))));
    }
    if (count == 0) store<i32>(out, NO_NODE);
    else if (count == 1) store<i32>(out, load<i32>(start + 4));
    else {
      hasInlines = 1;
      let distinct = copyDistinct(start + 4, count, start + 8 + (count << 2), <u32>l + 1);
      store<i32>(out, -2 - <i32>list);
      list += 1 + count;
      store<u32>(start, <u32>(count << 1));
      if (distinct == count) continue;
      store<u32>(start, <u32>(count << 1) | 1);
      store<u32>(start + 4 + (count << 2), <u32>distinct);
      list += 1 + distinct;
    }
  }
  return <i32>nodeCount;
}

/** Location + 1 on which copyDistinct saw a node last, u32[nodes]. */
let seenOn: usize = 0;

/** Copies each node once, in order of first use; returns how many. */
function copyDistinct(from: usize, count: usize, to: usize, stamp: u32): usize {
  let distinct: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    let node = load<u32>(from + (i << 2));
    let seen = seenOn + (<usize>node << 2);
    if (load<u32>(seen) == stamp) continue;
    store<u32>(seen, stamp);
    store<u32>(to + (distinct++ << 2), node);
  }
  return distinct;
}

/** The node of a location without lines: its address and object. */
function addressNode(l: usize): u32 {
  store<u64>(probe, 0);
  store<u64>(probe, 0, 8);
  store<u64>(probe, 1 | ((keyObject ? <u64>load<u32>(keyObject + (l << 2)) : 0) << 32), 16);
  store<u64>(probe, 0, 24);
  store<u64>(probe, 0, 32);
  store<u64>(probe, keyAddress ? load<u64>(keyAddress + (l << 3)) : 0, 40);
  return internKey(-1 - <i32>l, <u32>l);
}

function lineNode(l: usize, line: usize, f: i32): u32 {
  let name = keyName ? load<u32>(keyName + (<usize>f << 2)) : 0;
  let file = keyFile ? load<u32>(keyFile + (<usize>f << 2)) : 0;
  let number = keyLine ? load<u64>(keyLine + (line << 3)) : 0;
  let column = keyColumn ? load<u64>(keyColumn + (line << 3)) : 0;
  let startLine: u64 = 0;
  let object: u64 = 0;
  if (name == 0 || keyObjects) {
    startLine = keyStartLine ? load<u64>(keyStartLine + (<usize>f << 3)) : 0;
    object = keyObject ? <u64>load<u32>(keyObject + (l << 2)) : 0;
  }
  store<u64>(probe, <u64>name | (<u64>file << 32));
  store<u64>(probe, startLine, 8);
  store<u64>(probe, 1 | (object << 32), 16);
  store<u64>(probe, number, 24);
  store<u64>(probe, column, 32);
  store<u64>(probe, keyAddress ? load<u64>(keyAddress + (l << 3)) : 0, 40);
  return internKey(<i32>line, <u32>l);
}

function internKey(line: i32, location: u32): u32 {
  let hash: u64 = load<u64>(probe);
  for (let i: usize = 8; i < KEY; i += 8) hash = (hash * 0x9e3779b97f4a7c15) ^ (hash >> 31) ^ load<u64>(probe + i);
  let slot = scramble(hash) & mask;
  while (true) {
    let node = load<u32>(slots + (<usize>slot << 2));
    if (node == 0) break;
    if (memory.compare(keys + <usize>(node - 1) * KEY, probe, KEY) == 0) return node - 1;
    slot = (slot + 1) & mask;
  }
  memory.copy(keys + <usize>nodeCount * KEY, probe, KEY);
  store<i32>(nodeLine + (<usize>nodeCount << 2), line);
  store<u32>(nodeLocation + (<usize>nodeCount << 2), location);
  nodeCount++;
  store<u32>(slots + (<usize>slot << 2), nodeCount);
  return nodeCount - 1;
}
