// The lines behind a record of debug=1, which say what its addresses are; pprof passes over them:
//
//   #	0x462f08	internal/poll.runtime_pollWait+0x88			/usr/lib/go/src/runtime/netpoll.go:305
//   #	0x7f0a12
//
// Source of the grammar: runtime/pprof printStackRecord.

import { type FileLine, hexDigit, isBlank, readFileLine } from './lines.js';

export interface SymbolLine {
  pc: number;
  /** The function's name is text[nameFrom … nameTo - 1]. */
  nameFrom: number;
  nameTo: number;
  /** Bytes from the function's entry. */
  offset: number;
  /** The path is text[fileFrom … file.pathEnd - 1]. */
  fileFrom: number;
  readonly file: FileLine;
}

export const newSymbolLine = (): SymbolLine => ({
  ...{ pc: 0, nameFrom: 0, nameTo: 0, offset: -1, fileFrom: 0 },
  file: { pathEnd: 0, line: 0, offset: 0, end: 0 },
});

/**
 * Reads text[from … to - 1], which begins with `0x` and has no blanks around, into result.
 * address: it has no name; function: its place cannot be read; broken: not even its name can.
 */
export function readSymbolLine(
  text: Uint8Array,
  from: number,
  to: number,
  result: SymbolLine,
): 'whole' | 'function' | 'address' | 'broken' {
  let [pc, p] = hexNumber(text, from, to);
  result.pc = pc;
  if (p === to) return 'address';
  while (p < to && isBlank(text[p])) p++;
  result.nameFrom = p;
  for (; p + 3 < to; p++) {
    if (text[p] !== 43 || text[p + 1] !== 48 || text[p + 2] !== 120) continue;
    const [offset, behind] = hexNumber(text, p + 1, to);
    if (behind <= p + 3 || behind >= to || !isBlank(text[behind])) continue;
    let end = behind;
    while (end < to && isBlank(text[end])) end++;
    result.nameTo = p;
    result.offset = offset;
    result.fileFrom = end;
    return readFileLine(text, end, to, true, result.file) ? 'whole' : 'function';
  }
  return 'broken';
}

/** The number `0x…` at p and its end; the end is p where there is none. */
export function hexNumber(text: Uint8Array, p: number, to: number): [value: number, end: number] {
  if (text[p] !== 48 || text[p + 1] !== 120) return [0, p];
  let value = 0;
  let q = p + 2;
  for (; q < to; q++) {
    const digit = hexDigit(text[q]);
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  return q === p + 2 || q > p + 18 ? [0, p] : [value, q];
}
