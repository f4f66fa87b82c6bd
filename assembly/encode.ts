// Selected samples as Sample messages of profile.proto, as pprof writes them: location_id, value, label; a list of up to
// two numbers is not packed. What is the same for many samples is encoded once: a location id as a code, a label set by
// TypeScript.
//
//   code u64   the bytes of the id's varint, and in the top byte how many; 0: the location is hidden; LONG: see ids

import { E_MEMORY, OK } from '../src/core/abi';
import { alloc } from './memory';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, groupAt, labelColumn, valueColumn } from './store';

const LONG: u64 = 0xff << 56;
const SLACK: usize = 8;

let codes: usize = 0;
let ids: usize = 0;
let columns: usize = 0;
let types: u32 = 0;
let ratio: f64 = 1;
let labelStart: usize = 0;
let labelBytes: usize = 0;

/** What encodeRows wrote last. */
export let encoded: usize = 0;

/**
 * ids u64[locations]: 0 is hidden. columns u32[types]: the value columns to write. ratio: what values are multiplied by, then cut off; 1 is
 * nothing. labelStart u32[label sets + 1], labelBytes: the label fields of each set, tags and lengths included.
 * All stay in use by encodeRows. Returns 0 or E_MEMORY.
 */
export function beginEncode(
  idColumn: usize,
  locations: u32,
  valueColumns: usize,
  typeCount: u32,
  factor: f64,
  labelStarts: usize,
  labels: usize,
): i32 {
  ids = idColumn;
  columns = valueColumns;
  types = typeCount;
  ratio = factor;
  labelStart = labelStarts;
  labelBytes = labels;
  codes = alloc(<usize>locations << 3);
  if (!codes) return E_MEMORY;
  for (let i: usize = 0; i < <usize>locations; i++) {
    let rest = load<u64>(ids + (i << 3));
    let code: u64 = 0;
    if (rest >> 49) code = LONG;
    else if (rest) {
      let size: u64 = 0;
      for (; rest > 0x7f; rest >>= 7, size++) code |= ((rest & 0x7f) | 0x80) << (size << 3);
      code |= rest << (size << 3);
      code |= (size + 1) << 56;
    }
    store<u64>(codes + (i << 3), code);
  }
  return OK;
}

/** Encodes the selected ones of rows from … to - 1 of group g into scratch, at `encoded`. Returns how many bytes, or E_MEMORY. */
export function encodeRows(g: u32, from: u32, to: u32): i32 {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let sets = labelColumn(groupAt(g));
  let room: usize = SLACK;
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let set = labelStart + ((<usize>load<u32>(sets + (r << 2))) << 2);
    room += 18 + 11 * (<usize>types + <usize>load<u32>(lengths + (r << 2))) + <usize>(load<u32>(set, 4) - load<u32>(set));
  }
  encoded = alloc(room);
  if (!encoded) return E_MEMORY;
  let out = encoded;
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    let start = <usize>load<u32>(begins + (r << 2));
    let end = start + ((<usize>load<u32>(lengths + (r << 2))) << 2);
    let set = labelStart + ((<usize>load<u32>(sets + (r << 2))) << 2);
    out = encodeRow(g, r, start, end, labelBytes + load<u32>(set), <usize>(load<u32>(set, 4) - load<u32>(set)), out);
  }
  return <i32>(out - encoded);
}

function encodeRow(g: u32, r: usize, start: usize, end: usize, labels: usize, labelSize: usize, out: usize): usize {
  let shown: u32 = 0;
  let idBytes: usize = 0;
  for (let at = start; at < end; at += 4) {
    let location = <usize>((load<u32>(at) & ENTRY) - 1) << 3;
    let size = load<u64>(codes + location) >> 56;
    if (size == 0xff) size = <u64>varintSize(load<u64>(ids + location));
    if (size) shown++;
    idBytes += <usize>size;
  }
  let valueBytes: usize = 0;
  for (let t: u32 = 0; t < types; t++) valueBytes += varintSize(valueAt(g, r, t));

  let one: usize = 1;
  let idField: usize = idBytes + (shown > 2 ? one + varintSize(idBytes) : <usize>shown);
  let valueField: usize = valueBytes + (types > 2 ? one + varintSize(valueBytes) : <usize>types);
  store<u8>(out, 0x12);
  out = writeVarint(idField + valueField + labelSize, out + 1);

  if (shown > 2) {
    store<u8>(out, 0x0a);
    out = writeVarint(idBytes, out + 1);
  }
  for (let at = start; at < end; at += 4) {
    let location = <usize>((load<u32>(at) & ENTRY) - 1) << 3;
    let code = load<u64>(codes + location);
    if (!code) continue;
    if (shown <= 2) store<u8>(out++, 0x08);
    if (code == LONG) out = writeVarint(load<u64>(ids + location), out);
    else {
      store<u64>(out, code);
      out += <usize>(code >> 56);
    }
  }
  if (types > 2) {
    store<u8>(out, 0x12);
    out = writeVarint(valueBytes, out + 1);
  }
  for (let t: u32 = 0; t < types; t++) {
    if (types <= 2) store<u8>(out++, 0x10);
    out = writeVarint(valueAt(g, r, t), out);
  }
  memory.copy(out, labels, labelSize);
  return out + labelSize;
}

function valueAt(g: u32, r: usize, type: u32): u64 {
  let value = load<i64>(valueColumn(groupAt(g), load<u32>(columns + ((<usize>type) << 2))) + (r << 3));
  if (ratio == 1) return <u64>value;
  let scaled = <f64>value * ratio;
  // As Go converts on amd64.
  return scaled >= -9223372036854775808.0 && scaled < 9223372036854775808.0 ? <u64>(<i64>scaled) : <u64>i64.MIN_VALUE;
}

function varintSize(value: u64): usize {
  return <usize>((70 - clz<u64>(value | 1)) / 7);
}

function writeVarint(value: u64, out: usize): usize {
  for (; value > 0x7f; value >>= 7) store<u8>(out++, <u8>value | 0x80);
  store<u8>(out, <u8>value);
  return out + 1;
}
