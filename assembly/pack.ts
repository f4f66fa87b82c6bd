// Selected samples as plain columns, for whoever reads them one by one (traces, raw, proto, merge): a slice of rows at a
// time, since all of them would double the memory.
//
//   packed   value i64[types][count] · label set u32[count] · length u32[count] · location row u32[packedEntries], leaf first

import { E_MEMORY } from '../src/core/abi';
import { alloc } from './memory';
import { beginOf, lengthOf, selectedOf } from './select';
import { ENTRY, groupAt, labelColumn, valueColumn, valueCount } from './store';

export let packed: usize = 0;
/** Σ length of the packed samples. */
export let packedEntries: u32 = 0;

/** Packs the selected ones of rows from … to - 1 of group g into scratch. Returns how many samples, or E_MEMORY. */
export function packRows(g: u32, from: u32, to: u32): i32 {
  let begins = beginOf(g);
  let lengths = lengthOf(g);
  let keep = selectedOf(g);
  let count: usize = 0;
  let entries: usize = 0;
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    count++;
    entries += load<u32>(lengths + (r << 2));
  }
  packed = alloc((count << 3) * (<usize>valueCount + 1) + (entries << 2));
  if (!packed) return E_MEMORY;
  packedEntries = <u32>entries;
  for (let type: u32 = 0; type < valueCount; type++) {
    let values = valueColumn(groupAt(g), type);
    let out = packed + (<usize>type * count << 3);
    for (let r = <usize>from; r < <usize>to; r++) {
      if (keep && !load<u8>(keep + r)) continue;
      store<i64>(out, load<i64>(values + (r << 3)));
      out += 8;
    }
  }
  let set = packed + (<usize>valueCount * count << 3);
  let length = set + (count << 2);
  let entry = length + (count << 2);
  let sets = labelColumn(groupAt(g));
  for (let r = <usize>from; r < <usize>to; r++) {
    if (keep && !load<u8>(keep + r)) continue;
    store<u32>(set, load<u32>(sets + (r << 2)));
    set += 4;
    let at = <usize>load<u32>(begins + (r << 2));
    let size = load<u32>(lengths + (r << 2));
    store<u32>(length, size);
    length += 4;
    for (let end = at + (<usize>size << 2); at < end; at += 4, entry += 4) store<u32>(entry, (load<u32>(at) & ENTRY) - 1);
  }
  return <i32>count;
}
