// The messages of profile.proto, field by field in pprof's order and with its omissions: zeros are left out, and a list of
// up to two numbers is not packed. Source of the rules: pprof profile/encode.go and proto.go.

import protobuf from 'protobufjs/minimal.js';
import type { Mapping } from '../model/profile.js';

export type Writer = protobuf.Writer;

/** What write puts into a writer. */
export function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new protobuf.Writer();
  write(writer);
  return writer.finish();
}

/** Rows of a table in one chunk. */
const SLICE = 8192;

/** What write puts into a writer for each row, in chunks. */
export function* sliced(count: number, write: (writer: Writer, row: number) => void): Generator<Uint8Array> {
  for (let from = 0; from < count; from += SLICE) {
    const to = Math.min(from + SLICE, count);
    yield written((writer) => {
      for (let row = from; row < to; row++) write(writer, row);
    });
  }
}

/** A 64-bit number as two halves of 32 bits, unsigned; what the columns of a profile are read as. */
function writeHalves(writer: Writer, low: number, high: number): void {
  if (high === 0) writer.uint32(low);
  else writer.uint64({ low, high, unsigned: true });
}

const lower = (value: bigint) => Number(value & 0xffffffffn);
const upper = (value: bigint) => Number((value >> 32n) & 0xffffffffn);

/** A field of up to 64 bits, left out when it is 0. */
export function writeOptional(writer: Writer, field: number, low: number, high = 0): void {
  if (low === 0 && high === 0) return;
  writer.uint32(field << 3);
  writeHalves(writer, low, high);
}

export function writeBigint(writer: Writer, field: number, value: bigint): void {
  writeOptional(writer, field, lower(value), upper(value));
}

export function writeList(writer: Writer, field: number, values: readonly bigint[]): void {
  const isPacked = values.length > 2;
  if (isPacked) beginMessage(writer, field);
  for (const value of values) {
    if (!isPacked) writer.uint32(field << 3);
    writeHalves(writer, lower(value), upper(value));
  }
  if (isPacked) writer.ldelim();
}

/** The same for numbers in halves, count of them from element `from` on. */
export function writePairs(writer: Writer, field: number, halves: Uint32Array, from: number, count: number): void {
  const isPacked = count > 2;
  if (isPacked) beginMessage(writer, field);
  for (let i = from; i < from + count; i++) {
    if (!isPacked) writer.uint32(field << 3);
    writeHalves(writer, halves[i * 2], halves[i * 2 + 1]);
  }
  if (isPacked) writer.ldelim();
}

/** Ends with writer.ldelim(). */
export function beginMessage(writer: Writer, field: number): void {
  writer.uint32((field << 3) | 2).fork();
}

/** type, unit: rows of the string table. */
export function writeValueType(writer: Writer, field: number, type: number, unit: number): void {
  beginMessage(writer, field);
  writeOptional(writer, 1, type);
  writeOptional(writer, 2, unit);
  writer.ldelim();
}

/** file, buildId: rows of the string table. */
export function writeMapping(writer: Writer, mapping: Mapping, file: number, buildId: number): void {
  beginMessage(writer, 3);
  writeBigint(writer, 1, mapping.id);
  writeBigint(writer, 2, mapping.start);
  writeBigint(writer, 3, mapping.limit);
  writeBigint(writer, 4, mapping.offset);
  writeOptional(writer, 5, file);
  writeOptional(writer, 6, buildId);
  writeOptional(writer, 7, mapping.hasFunctions ? 1 : 0);
  writeOptional(writer, 8, mapping.hasFilenames ? 1 : 0);
  writeOptional(writer, 9, mapping.hasLineNumbers ? 1 : 0);
  writeOptional(writer, 10, mapping.hasInlineFrames ? 1 : 0);
  writer.ldelim();
}

/** The string table: row i is bytes[start[i] … start[i + 1] - 1]. */
export function writeStrings(writer: Writer, bytes: Uint8Array, start: Uint32Array): void {
  for (let row = 0; row + 1 < start.length; row++) {
    writer.uint32((6 << 3) | 2).bytes(bytes.subarray(start[row], start[row + 1]));
  }
}

/** What every profile has beside its tables; texts are rows of the string table. */
export interface Trailer {
  readonly dropFrames: number;
  readonly keepFrames: number;
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly periodType: readonly [type: number, unit: number];
  readonly period: bigint;
  readonly comments: readonly number[];
  readonly defaultSampleType: number;
  readonly docUrl: number;
}

export function writeTrailer(writer: Writer, trailer: Trailer): void {
  writeOptional(writer, 7, trailer.dropFrames);
  writeOptional(writer, 8, trailer.keepFrames);
  writeBigint(writer, 9, trailer.timeNanos);
  writeBigint(writer, 10, trailer.durationNanos);
  const [type, unit] = trailer.periodType;
  if (type !== 0 || unit !== 0) writeValueType(writer, 11, type, unit);
  writeBigint(writer, 12, trailer.period);
  writeList(writer, 13, trailer.comments.map(BigInt));
  // Always there, even when it is 0.
  writer.uint32(14 << 3).uint32(trailer.defaultSampleType);
  writeOptional(writer, 15, trailer.docUrl);
}
