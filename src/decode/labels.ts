// The labels of a sample (profile.proto Label), from the raw label fields that the core keeps once per distinct set.
// pprof's rules: a string index other than 0 makes a string label, else a number or unit other than 0 a numeric one;
// a label with neither vanishes, so empty strings and unit-less zeros are lost there, and here.

import protobuf from 'protobufjs/minimal.js';
import type { LabelSet, NumericLabel } from '../model/labels.js';
import { byteOrder, type StringTable } from '../model/strings.js';
import { readFields } from './wire.js';

/** bytes: label fields one after the other, tag and length included, checked by the core already. */
export function decodeLabelSet(bytes: Uint8Array, table: StringTable): LabelSet {
  const strings = new Map<string, string[]>();
  const numbers = new Map<string, NumericLabel[]>();
  const reader = new protobuf.Reader(bytes);
  while (reader.pos < reader.len) {
    reader.uint32();
    const label = [0n, 0n, 0n, 0n, 0n];
    readFields(reader.bytes(), 'Label', 4, (field, value) => {
      label[field] = value;
    });
    const [, keyRow, textRow, number, unitRow] = label;
    const key = table.get(Number(keyRow));
    if (textRow !== 0n) push(strings, key, table.get(Number(textRow)));
    else if (number !== 0n || unitRow !== 0n) {
      push(numbers, key, { value: BigInt.asIntN(64, number), unit: table.get(Number(unitRow)) });
    }
  }
  return { strings, numbers };
}

/**
 * The label fields of a set, as pprof writes them: string labels by key, then numeric ones by key. row: the row of a text in the string
 * table, asked for in the order of writing. Equal sets give equal bytes.
 *
 * An empty text or a 0 without a unit, which only a table with '' in two rows brings about, is lost when it is written as row 0, as pprof
 * writes it; empty: another row of ''.
 */
export function encodeLabelSet(
  { strings, numbers }: LabelSet,
  row: (text: string) => number,
  empty: () => number = () => 0,
): Uint8Array {
  const bytes: number[] = [];
  const label = (...fields: readonly bigint[]) => {
    const body: number[] = [];
    fields.forEach((value, i) => {
      if (value === 0n) return;
      body.push((i + 1) << 3);
      pushVarint(body, value);
    });
    bytes.push(LABEL_TAG);
    pushVarint(bytes, BigInt(body.length));
    for (const byte of body) bytes.push(byte);
  };
  for (const key of sortedKeys(strings)) {
    for (const value of strings.get(key) ?? []) label(BigInt(row(key)), BigInt(value === '' ? empty() : row(value)));
  }
  for (const key of sortedKeys(numbers)) {
    for (const { value, unit } of numbers.get(key) ?? []) {
      label(BigInt(row(key)), 0n, value, BigInt(value === 0n && unit === '' ? empty() : row(unit)));
    }
  }
  return Uint8Array.from(bytes);
}

/** Sample.label, length-delimited. */
const LABEL_TAG = 0x1a;

function sortedKeys(labels: ReadonlyMap<string, unknown>): string[] {
  const keys = [...labels.keys()];
  return keys.length < 2 ? keys : keys.sort(byteOrder(keys));
}

function pushVarint(bytes: number[], value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
