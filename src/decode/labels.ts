// The labels of a sample (profile.proto Label), from the raw label fields that the core keeps once per distinct set.
// pprof's rules: a string index other than 0 makes a string label, else a number or unit other than 0 a numeric one;
// a label with neither vanishes, so empty strings and unit-less zeros are lost there, and here.

import protobuf from 'protobufjs/minimal.js';
import type { LabelSet, NumericLabel } from '../model/labels.js';
import type { StringTable } from '../model/strings.js';
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

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
