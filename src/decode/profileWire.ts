// profile.proto as it lies in the file: the top-level fields in their order, where each string is, and who refers to it. For those who
// change single strings or look for what nobody refers to; reports use decode/profile.ts, which keeps neither.
//
// Numbers are read as doubles: a row of a string table above 2^53 does not exist.

import { MalformedError } from './wire.js';

/** Who refers to a string, as bits. */
export const USE = {
  functionName: 1,
  functionFile: 2,
  mappingFile: 4,
  buildId: 8,
  labelKey: 16,
  labelValue: 32,
  comment: 64,
  docUrl: 128,
  /** Types, units, regexps of frames to drop: what the profile is read by. */
  structure: 256,
  /** The value of a label whose key isSecretKey() tells. */
  secretValue: 512,
} as const;

export interface WireField {
  readonly field: number;
  readonly wireType: number;
  /** The whole field is raw[from … to - 1], its content raw[at … to - 1]. */
  readonly from: number;
  readonly at: number;
  readonly to: number;
  /** Of wire type 0. */
  readonly value: number;
}

export interface ProfileWire {
  readonly raw: Uint8Array;
  /** String i is raw[stringFrom[i] … stringTo[i] - 1]. */
  readonly stringFrom: readonly number[];
  readonly stringTo: readonly number[];
  /** Bits of USE, by string. */
  readonly uses: Uint16Array;
  /** Fields that profile.proto does not have, by message and number, with their bytes. */
  readonly unknown: ReadonlyMap<string, { readonly count: number; readonly bytes: number }>;
}

/** Calls take for each field of raw[from … to - 1]; the object is used again. Throws MalformedError. */
export function eachField(raw: Uint8Array, from: number, to: number, take: (field: WireField) => void): void {
  const field = { field: 0, wireType: 0, from: 0, at: 0, to: 0, value: 0 };
  let p = from;
  const varint = () => {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (p >= to) throw new MalformedError('a number is cut off');
      const byte = raw[p++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new MalformedError('a number has more than 10 bytes');
  };
  while (p < to) {
    field.from = p;
    const tag = varint();
    field.field = Math.floor(tag / 8);
    field.wireType = tag % 8;
    field.at = p;
    field.value = 0;
    if (field.field === 0) throw new MalformedError('a field has number 0');
    if (field.wireType === 0) field.value = varint();
    else if (field.wireType === 2) {
      const length = varint();
      field.at = p;
      if (length > to - p) throw new MalformedError(`a field of ${length} bytes has only ${to - p}`);
      p += length;
    } else {
      const width = field.wireType === 1 ? 8 : field.wireType === 5 ? 4 : 0;
      if (width === 0) throw new MalformedError(`wire type ${field.wireType} does not exist`);
      if (width > to - p) throw new MalformedError('a number is cut off');
      p += width;
    }
    field.to = p;
    take(field);
  }
}

/** How many fields each message has. */
const LAST: Readonly<Record<string, number>> = {
  Profile: 15,
  ValueType: 2,
  Sample: 3,
  Label: 4,
  Mapping: 10,
  Location: 5,
  Line: 3,
  Function: 5,
};

/** Reads it; isSecretKey tells label keys whose values get USE.secretValue. Throws MalformedError. */
export function readProfileWire(raw: Uint8Array, isSecretKey: (key: Uint8Array) => boolean): ProfileWire {
  const stringFrom: number[] = [];
  const stringTo: number[] = [];
  eachField(raw, 0, raw.length, ({ field, wireType, at, to }) => {
    if (field !== 6) return;
    if (wireType !== 2) throw new MalformedError('a number where a string is expected');
    stringFrom.push(at);
    stringTo.push(to);
  });
  const uses = new Uint16Array(stringFrom.length);
  const unknown = new Map<string, { count: number; bytes: number }>();
  const use = (row: number, bit: number) => {
    if (row < uses.length) uses[row] |= bit;
  };
  const secretKeys = new Uint8Array(stringFrom.length);
  const isSecret = (row: number) => {
    if (row >= secretKeys.length) return false;
    if (secretKeys[row] === 0) secretKeys[row] = isSecretKey(raw.subarray(stringFrom[row], stringTo[row])) ? 2 : 1;
    return secretKeys[row] === 2;
  };
  const notice = (message: string, { field, from, to }: WireField) => {
    if (field <= LAST[message]) return;
    const name = `${message}.${field}`;
    const known = unknown.get(name) ?? { count: 0, bytes: 0 };
    known.count++;
    known.bytes += to - from;
    if (unknown.size < 1000 || known.count > 1) unknown.set(name, known);
  };
  const strings = (message: string, bits: Readonly<Record<number, number>>) => (f: WireField) => {
    const bit = bits[f.field];
    if (bit === undefined) notice(message, f);
    else if (f.wireType === 0) use(f.value, bit);
  };
  const valueType = strings('ValueType', { 1: USE.structure, 2: USE.structure });
  const mapping = strings('Mapping', { 5: USE.mappingFile, 6: USE.buildId });
  const func = strings('Function', { 2: USE.functionName, 3: USE.functionName, 4: USE.functionFile });
  const line = strings('Line', {});
  const location = (f: WireField) => {
    notice('Location', f);
    if (f.field === 4 && f.wireType === 2) eachField(raw, f.at, f.to, line);
  };
  const label = { key: 0, text: 0, unit: 0 };
  const labelField = (f: WireField) => {
    if (f.field === 1) label.key = f.value;
    else if (f.field === 2) label.text = f.value;
    else if (f.field === 4) label.unit = f.value;
    else notice('Label', f);
  };
  const sample = (f: WireField) => {
    if (f.field !== 3 || f.wireType !== 2) {
      notice('Sample', f);
      return;
    }
    label.key = label.text = label.unit = 0;
    eachField(raw, f.at, f.to, labelField);
    use(label.key, USE.labelKey);
    use(label.unit, USE.structure);
    if (label.text !== 0) use(label.text, isSecret(label.key) ? USE.secretValue : USE.labelValue);
  };
  use(0, USE.structure);
  eachField(raw, 0, raw.length, (f) => {
    const { field, wireType, at, to, value } = f;
    const parts = { 1: valueType, 2: sample, 3: mapping, 4: location, 5: func, 11: valueType }[field];
    if (parts !== undefined) {
      if (wireType !== 2) throw new MalformedError('a number where a message is expected');
      eachField(raw, at, to, parts);
    } else if (field === 13) {
      if (wireType === 0) use(value, USE.comment);
      else eachPacked(raw, at, to, (row) => use(row, USE.comment));
    } else if (field === 7 || field === 8 || field === 14) use(value, USE.structure);
    else if (field === 15) use(value, USE.docUrl);
    else notice('Profile', f);
  });
  return { raw, stringFrom, stringTo, uses, unknown };
}

/** The numbers of a packed field. Throws MalformedError. */
export function eachPacked(raw: Uint8Array, from: number, to: number, take: (value: number) => void): void {
  let value = 0;
  let factor = 1;
  for (let p = from; p < to; p++) {
    value += (raw[p] & 0x7f) * factor;
    factor *= 128;
    if (factor > 2 ** 70) throw new MalformedError('a number has more than 10 bytes');
    if (raw[p] < 0x80) {
      take(value);
      value = 0;
      factor = 1;
    }
  }
  if (factor !== 1) throw new MalformedError('a number is cut off');
}
