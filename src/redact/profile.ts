// Redaction of profile.proto: strings of the table are replaced one by one, everything else is copied byte for byte.
//
// A string is shared by all who say it. Where it must go as a label's value but stay as a function's name, a new string is appended and
// the label refers to that; such messages alone are written anew, their other fields as they are.
//
//   string 7 "hunter2"   Function.name → 7, stays      Label.str → 7 under "password", becomes → 12 "[redacted]"

import {
  eachField,
  eachPacked,
  type ProfileWire,
  readProfileWire,
  USE,
  type WireField,
} from '../decode/profileWire.js';
import { latin } from './bytes.js';
import { isSensitive } from './names.js';

/** Replaces within a string; undefined: nothing is to be replaced. isName: it is a function's name. */
export type ReplaceText = (text: Uint8Array, isName: boolean, where: string) => Uint8Array | undefined;

/** Called for each value of a label whose key says that it is a secret, with that value. */
export type HideValue = (text: Uint8Array) => void;

const HIDDEN = Uint8Array.from('[redacted]', (character) => character.charCodeAt(0));

export const isSecretKey = (key: Uint8Array) => key.length <= 256 && isSensitive(latin(key, 0, key.length));

const PLACES: readonly (readonly [bit: number, where: string])[] = [
  [USE.functionFile, 'file names of functions'],
  [USE.mappingFile, 'mapping files'],
  [USE.labelValue, 'label values'],
  [USE.secretValue, 'label values'],
  [USE.comment, 'comments'],
  [USE.docUrl, 'documentation link'],
  [USE.functionName, 'function names'],
  [USE.buildId, 'build ids'],
];

/** Where a string is said, in words. */
export function placeOf(uses: number): string {
  if (uses === 0) return 'strings that nothing refers to';
  return PLACES.find(([bit]) => (uses & bit) !== 0)?.[1] ?? 'types and label keys';
}

/** The profile without what replace() takes out; the same bytes if that is nothing. Throws MalformedError for what is no profile. */
export function redactProfile(raw: Uint8Array, replace: ReplaceText, hide: HideValue): Uint8Array {
  const wire = readProfileWire(raw, isSecretKey);
  const { stringFrom, stringTo, uses } = wire;
  const replaced = new Map<number, Uint8Array>();
  const appended: Uint8Array[] = [];
  /** By row: the appended row for those who do not name a function, and for values under keys of secrets. */
  const moved = new Map<number, number>();
  const hidden = new Map<number, number>();
  const append = (text: Uint8Array) => stringFrom.length + appended.push(text) - 1;
  let hiddenRow: number | undefined;
  // Row 0 is '', whatever refers to it.
  for (let row = 1; row < stringFrom.length; row++) {
    const text = raw.subarray(stringFrom[row], stringTo[row]);
    if (text.length === 0) continue;
    const isValue = (uses[row] & USE.secretValue) !== 0 && !isSame(text, HIDDEN);
    const others = uses[row] & ~USE.secretValue;
    if (isValue) hide(text);
    if (isValue && others === 0) {
      replaced.set(row, HIDDEN);
      continue;
    }
    if (isValue) {
      hiddenRow ??= append(HIDDEN);
      hidden.set(row, hiddenRow);
    }
    const fixed = others & (USE.functionName | USE.structure | USE.labelKey);
    const free = others & ~(USE.functionName | USE.structure | USE.labelKey);
    if (fixed === 0) {
      const without = replace(text, false, placeOf(others));
      if (without !== undefined) replaced.set(row, without);
      continue;
    }
    const isName = (fixed & USE.functionName) !== 0;
    // A type or a key is what the profile is read by: it stays.
    const own = isName && fixed === USE.functionName ? replace(text, true, placeOf(fixed)) : undefined;
    if (own !== undefined) replaced.set(row, own);
    if (free === 0) continue;
    const without = replace(text, false, placeOf(free));
    if (without !== undefined && !isSame(without, own ?? text)) moved.set(row, append(without));
  }
  if (replaced.size === 0 && appended.length === 0) return raw;
  return write(wire, replaced, appended, moved, hidden);
}

function write(
  { raw, stringFrom, stringTo }: ProfileWire,
  replaced: ReadonlyMap<number, Uint8Array>,
  appended: readonly Uint8Array[],
  moved: ReadonlyMap<number, number>,
  hidden: ReadonlyMap<number, number>,
): Uint8Array {
  const out = new Pieces(raw);
  const isMoving = moved.size + hidden.size > 0;
  let row = 0;
  eachField(raw, 0, raw.length, (f) => {
    const { field, wireType, from, at, to, value } = f;
    if (field === 6) {
      const text = replaced.get(row++);
      if (text === undefined) return;
      out.replace(from, to, message(6, text));
    } else if (isMoving && wireType === 2 && (field === 2 || field === 3 || field === 5)) {
      const body =
        field === 2
          ? sampleWithout(raw, at, to, labelChange)
          : repointed(raw, at, to, field === 3 ? 5 : 4, (row) => moved.get(row));
      if (body !== undefined) out.replace(from, to, message(field, body));
    } else if (field === 15 && moved.has(value)) out.replace(from, to, number(15, moved.get(value) ?? 0));
    else if (field === 13 && wireType === 0 && moved.has(value))
      out.replace(from, to, number(13, moved.get(value) ?? 0));
    else if (field === 13 && wireType === 2) {
      const rows: number[] = [];
      eachPacked(raw, at, to, (comment) => rows.push(comment));
      if (rows.some((comment) => moved.has(comment)))
        out.replace(
          from,
          to,
          message(
            13,
            rows.flatMap((comment) => varint(moved.get(comment) ?? comment)),
          ),
        );
    }
  });
  return out.bytes(appended.map((text) => message(6, text)));

  /** The row of a label's value, or undefined if it stays. */
  function labelChange(key: number, text: number): number | undefined {
    const changed = hidden.get(text);
    if (changed === undefined) return moved.get(text);
    const isSecret = key < stringFrom.length && isSecretKey(raw.subarray(stringFrom[key], stringTo[key]));
    return isSecret ? changed : moved.get(text);
  }
}

/** A Sample whose labels refer to other strings; undefined if none does. */
function sampleWithout(
  raw: Uint8Array,
  from: number,
  to: number,
  change: (key: number, text: number) => number | undefined,
): Uint8Array | undefined {
  const out = new Pieces(raw, from, to);
  eachField(raw, from, to, (f) => {
    if (f.field !== 3 || f.wireType !== 2) return;
    const { from: start, at, to: end } = f;
    let key = 0;
    eachField(raw, at, end, (inner) => {
      if (inner.field === 1) key = inner.value;
    });
    const body = repointed(raw, at, end, 2, (text) => change(key, text));
    if (body !== undefined) out.replace(start, end, message(3, body));
  });
  return out.isChanged ? out.bytes([]) : undefined;
}

/** A message whose number field refers to another string; undefined if it stays. */
function repointed(
  raw: Uint8Array,
  from: number,
  to: number,
  wanted: number,
  change: (row: number) => number | undefined,
): Uint8Array | undefined {
  const out = new Pieces(raw, from, to);
  eachField(raw, from, to, ({ field, wireType, value, from: start, to: end }: WireField) => {
    const row = field === wanted && wireType === 0 ? change(value) : undefined;
    if (row !== undefined) out.replace(start, end, number(wanted, row));
  });
  return out.isChanged ? out.bytes([]) : undefined;
}

/** raw[from … to - 1] with some parts replaced, in their order. */
export class Pieces {
  readonly #raw: Uint8Array;
  readonly #to: number;
  readonly #parts: Uint8Array[] = [];
  #done: number;
  #length = 0;

  constructor(raw: Uint8Array, from = 0, to = raw.length) {
    this.#raw = raw;
    this.#done = from;
    this.#to = to;
  }

  get isChanged(): boolean {
    return this.#parts.length > 0;
  }

  replace(from: number, to: number, by: Uint8Array): void {
    this.#add(this.#raw.subarray(this.#done, from));
    this.#add(by);
    this.#done = to;
  }

  bytes(more: readonly Uint8Array[]): Uint8Array {
    this.#add(this.#raw.subarray(this.#done, this.#to));
    this.#done = this.#to;
    for (const part of more) this.#add(part);
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #add(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

const number = (field: number, value: number) => Uint8Array.from([...varint(field * 8), ...varint(value)]);

function message(field: number, body: ArrayLike<number>): Uint8Array {
  const head = [...varint(field * 8 + 2), ...varint(body.length)];
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
