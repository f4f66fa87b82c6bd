// What the last failure speaks of.

/** The row of its table. */
export let failedRow: u32 = 0;
/** An id or a string index. */
export let failedId: u64 = 0;

export function fail(code: i32, row: u32, id: u64): i32 {
  failedRow = row;
  failedId = id;
  return code;
}
