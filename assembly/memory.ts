// Memory: static data, then one bump arena that holds the store's blocks and, above them, the scratch of the running query.
//
//   0        __heap_base                          top
//   | static | store: blocks as they came | scratch |   ... never touched, costs nothing
//
// Nothing is freed one by one: release(mark()) drops the scratch, the instance itself drops the rest.

import { E_MEMORY, OK } from '../src/core/abi';

let top: usize = (__heap_base + 15) & ~(<usize>15);

/** Bytes past the last block that kernels may read (never write). */
const SLACK: usize = 64;

/** The address of `bytes` fresh bytes (16-aligned, not zeroed), or 0 when the memory cannot grow. */
export function alloc(bytes: usize): usize {
  let start = top;
  let size = (bytes + 15) & ~(<usize>15);
  if (size < bytes) return 0;
  let end = start + size;
  if (end < start || end > <usize>0xffff0000 - SLACK) return 0;
  if (ensure(end + SLACK) < 0) return 0;
  top = end;
  return start;
}

/** Like alloc, filled with zeros. */
export function allocZero(bytes: usize): usize {
  let start = alloc(bytes);
  if (start) memory.fill(start, 0, bytes);
  return start;
}

/** Grows the memory so that `end` lies inside: doubling, since growing in small steps copies page tables (reference: 1.00 s by 1 MiB, 0.61 s doubling). */
function ensure(end: usize): i32 {
  let have = <u32>memory.size();
  let want = <u32>((<u64>end + 0xffff) >> 16);
  if (want <= have) return OK;
  let doubled = min<u32>(max<u32>(have * 2, want), 65536);
  if (memory.grow(doubled - have) >= 0) return OK;
  return memory.grow(want - have) >= 0 ? OK : E_MEMORY;
}

/** The top of the arena; hand it to release() to drop everything allocated since. */
export function mark(): usize {
  return top;
}

export function release(to: usize): void {
  assert(to <= top);
  top = to;
}

/** Debug builds only reach this through assert(); a release build never does. */
export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
