// pprof's CheckValid (profile/profile.go), in its order: samples first, then functions, then locations and their lines.
// On the way ids become rows. Mappings are few and checked in TypeScript.

import {
  E_ID_TWICE,
  E_ID_ZERO,
  E_LINE_FUNCTION,
  E_MEMORY,
  E_SAMPLE_LOCATION,
  E_SAMPLE_VALUES,
  E_STRING,
  FUNCTION,
  LOCATION,
  OK,
  STRING,
} from '../src/core/abi';
import { fail } from './failure';
import { badRow, indexIds, largeId, rowOfId } from './ids';
import { largestLabelString } from './labels';
import {
  beginColumn,
  ENTRY,
  G,
  groupAt,
  groupCount,
  groupRows,
  largeIds,
  largestId,
  lengthColumn,
  oddSample,
  sampleCount,
  valueCount,
  zeroId,
} from './store';
import { functionId, lineFunction, lineFunctionId, lineStart, locationId, messageCount } from './tables';

/** Turns ids into entries and checks every sample. E_STRING speaks of a label, E_SAMPLE_VALUES and E_SAMPLE_LOCATION of sample failedRow. */
export function checkSamples(typeCount: u32): i32 {
  if (largestLabelString >= <u64>messageCount(STRING) && largestLabelString > 0) {
    return fail(E_STRING, 0, largestLabelString);
  }
  let count = messageCount(LOCATION);
  let indexed = indexIds(locationId, count);
  if (indexed == E_MEMORY) return E_MEMORY;
  let odd: i64 = sampleCount == 0 ? -1 : valueCount != typeCount ? 0 : oddSample;
  if (!largeIds && !zeroId && indexed == OK && isDense(count) && largestId <= count) {
    return odd < 0 ? OK : fail(E_SAMPLE_VALUES, <u32>odd, 0);
  }
  for (let g: u32 = 0; g < groupCount(); g++) {
    let at = groupAt(g);
    for (let r: u32 = 0; r < groupRows(g); r++) {
      let sample = g * <u32>G + r;
      if (odd == <i64>sample) return fail(E_SAMPLE_VALUES, sample, 0);
      let entry = <usize>load<u32>(beginColumn(at) + ((<usize>r) << 2));
      let end = entry + ((<usize>load<u32>(lengthColumn(at) + ((<usize>r) << 2))) << 2);
      for (; entry < end; entry += 4) {
        let id = <u64>(load<u32>(entry) & ENTRY);
        if (id >= 0x40000000) id = largeId(<u32>id - 0x40000000);
        let row = rowOfId(id);
        if (row < 0) return fail(E_SAMPLE_LOCATION, sample, id);
        store<u32>(entry, <u32>row + 1);
      }
    }
  }
  return OK;
}

/** Whether location ids are 1 … count in order, so that an id is an entry already. */
function isDense(count: u32): bool {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (load<u64>(locationId + (i << 3)) != <u64>i + 1) return false;
  }
  return true;
}

/** Function ids, E_ID_ZERO or E_ID_TWICE with failedId. Leaves the function index for checkLocations. */
export function checkFunctions(): i32 {
  return checkIds(functionId, messageCount(FUNCTION));
}

/** Location ids, and every line's function: E_LINE_FUNCTION speaks of location failedRow. */
export function checkLocations(): i32 {
  let count = messageCount(LOCATION);
  let ids = checkIds(locationId, count);
  if (ids == E_MEMORY) return ids;
  let bad = ids == OK ? count : badRow;
  if (indexIds(functionId, messageCount(FUNCTION)) == E_MEMORY) return E_MEMORY;
  for (let i: u32 = 0; i < count; i++) {
    if (i == bad) return fail(ids, bad, load<u64>(locationId + ((<usize>i) << 3)));
    let end = <usize>load<u32>(lineStart + ((<usize>i) << 2), 4);
    for (let line = <usize>load<u32>(lineStart + ((<usize>i) << 2)); line < end; line++) {
      let row = rowOfId(load<u64>(lineFunctionId + (line << 3)));
      if (row < 0) return fail(E_LINE_FUNCTION, i, load<u64>(locationId + ((<usize>i) << 3)));
      store<i32>(lineFunction + (line << 2), row);
    }
  }
  return OK;
}

function checkIds(ids: usize, count: u32): i32 {
  let result = indexIds(ids, count);
  if (result != E_ID_ZERO && result != E_ID_TWICE) return result;
  return fail(result, badRow, load<u64>(ids + ((<usize>badRow) << 3)));
}
