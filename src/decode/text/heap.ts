// Heap profiles, of Go (heap?debug=1, allocs?debug=1) and of tcmalloc and its kin:
//
//   heap profile: 118: 1220656 [2968: 43769744] @ heap/1048576
//   0: 0 [1: 64] @ 0x4858a5 0x489f09         objects in use: their bytes [objects ever allocated: their bytes] @ stack
//
// What was sampled is scaled to what there was, by the rate in the head; Go writes twice its rate. If the head says that all
// that was allocated is in use, there are two values for four. What comes after `# runtime.MemStats` is not read.
// Source of the rules: pprof legacy_profile.go parseHeap, runtime/pprof writeHeapInternal.

import type { ValueType } from '../../model/profile.js';
import type { TextProfile } from '../../model/textProfile.js';
import { isBlank } from '../dump/lines.js';
import type { LineCursor } from './cursor.js';
import { isMapSentinel, readMaps } from './maps.js';
import { digitsEnd, integer, integerOf, truncated } from './numbers.js';
import { Records } from './records.js';

const HEAD =
  /^heap profile: *(\d+): *(\d+) *\[ *(\d+): *(\d+) *\] *@ *(heapz?_v2|heapprofile|heap)(?![_a-z0-9])\/?(\d*)/;
const GROWTH = /^heap profile: *(\d+): *(\d+) *\[ *(\d+): *(\d+) *\] @ (?:growth|fragmentation)z?/;

const objects = (prefix: string): ValueType[] => [
  { type: `${prefix}objects`, unit: 'count' },
  { type: `${prefix}space`, unit: 'bytes' },
];

export const isHeapHead = (line: string) => line.startsWith('heap profile:');

interface Head {
  readonly inuseBytes: bigint;
  readonly hasAllocated: boolean;
  readonly period: bigint;
  /** Bytes between two samples; undefined: nothing is scaled. */
  readonly rate: number | undefined;
  readonly isGo: boolean;
}

/** Throws ProfileError 'malformed'. The cursor is at the head. */
export function readHeap(lines: LineCursor): TextProfile {
  const head = readHead(lines.content);
  if (head === undefined) throw lines.broken('head of a heap profile');
  const sampleTypes = head.hasAllocated ? [...objects('alloc_'), ...objects('inuse_')] : objects('');
  const records = new Records(lines, {
    ...{ sampleTypes, periodType: { type: 'space', unit: 'bytes' }, hasBlockSize: true },
  });
  let sum = 0n;
  const headLine = lines.line;
  const line: HeapLine = { numbers: [0n, 0n, 0n, 0n], end: 0 };
  let isMap = false;
  while (!isMap && lines.next()) {
    if (lines.isEmpty) continue;
    if (lines.isComment) {
      records.comment();
      continue;
    }
    const isRead = readLine(lines, line);
    if (!isRead && isMapSentinel(lines.content)) isMap = true;
    else if (isRead) {
      const [inuse, inuseBytes, all, allBytes] = line.numbers;
      if ((inuse === 0n && inuseBytes !== 0n) || (head.hasAllocated && all === 0n && allBytes !== 0n))
        throw lines.broken('record of a heap profile, as it has bytes in no object');
      const used = scaled(inuse, inuseBytes, head.rate);
      const counted = inuse !== 0n ? inuse : head.hasAllocated ? all : 0n;
      records.begin(
        head.hasAllocated ? [...scaled(all, allBytes, head.rate), ...used] : used,
        counted === 0n ? 0n : (inuse !== 0n ? inuseBytes : allBytes) / counted,
      );
      sum += inuseBytes;
      if (!records.addresses(line.end, lines.to))
        throw lines.broken('record of a heap profile: an address is too long');
    } else if (lines.isOpen) records.leaveOut();
    else throw lines.broken('record of a heap profile');
  }
  if (!isMap) records.end();
  if (head.isGo && sum < head.inuseBytes)
    records.issue(`the head says ${head.inuseBytes} bytes in use, the records have ${sum}: some are missing`, headLine);
  return records.finish(head.period, 0n, isMap ? readMaps(lines, true) : []);
}

function readHead(line: string): Head | undefined {
  const [, ...fields] = HEAD.exec(line) ?? GROWTH.exec(line) ?? [];
  const [inuse, inuseStated, all, allStated, kind = '', stated = ''] = fields;
  if (inuse === undefined) return undefined;
  const inuseBytes = integerOf(inuseStated) ?? 0n;
  if (kind === '') return { inuseBytes, hasAllocated: false, period: 1n, rate: undefined, isGo: false };
  const rate = integerOf(stated === '' ? '0' : stated);
  if (rate === undefined) return undefined;
  const hasAllocated = (all !== inuse && all !== '0') || (allStated !== inuseStated && allStated !== '0');
  if (kind === 'heapprofile') return { inuseBytes, hasAllocated, period: 1n, rate: undefined, isGo: false };
  const period = kind === 'heap' ? rate / 2n : rate;
  return { inuseBytes, hasAllocated, period, rate: Number(period), isGo: kind === 'heap' };
}

interface HeapLine {
  readonly numbers: bigint[];
  /** Behind the `@`. */
  end: number;
}

/** `1: 64 [2: 128] @`; false: it is none. */
function readLine({ text, from, to }: LineCursor, result: HeapLine): boolean {
  let p = from;
  const mark = (byte: number) => {
    while (p < to && isBlank(text[p])) p++;
    return text[p++] === byte;
  };
  const number = (i: number, isSigned: boolean) => {
    while (p < to && isBlank(text[p])) p++;
    const end = digitsEnd(text, p, isSigned);
    const value = end === p ? undefined : integer(text, p, end);
    if (value === undefined) return false;
    result.numbers[i] = value;
    p = end;
    return true;
  };
  if (!number(0, true) || !mark(58) || !number(1, true) || !mark(91)) return false;
  if (!number(2, false) || !mark(58) || !number(3, false) || !mark(93) || !mark(64)) return false;
  result.end = p;
  return p <= to;
}

/** Of objects of this size, one in so many was sampled: 1 - e^(-size/rate) of them. */
function scaled(count: bigint, bytes: bigint, rate: number | undefined): [bigint, bigint] {
  if (rate === undefined) return [count, bytes];
  if (count === 0n || bytes === 0n) return [0n, 0n];
  if (rate <= 1) return [count, bytes];
  const [n, size] = [Number(count), Number(bytes)];
  const scale = 1 / (1 - Math.exp(-(size / n) / rate));
  return [truncated(n * scale), truncated(size * scale)];
}
