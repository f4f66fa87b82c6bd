// The arguments of a stack entry as numbers. They are what the function's argument slots hold at the time of the dump: an
// exact one is a fact, one with `?` is wrong more often than right (stacks.md, fact 3), `_` and `...` say nothing.

import type { Dump } from '../model/dump.js';
import type { FunctionName } from './names.js';

export interface Word {
  /** Below 2^53; larger ones are no addresses and are left out. */
  readonly value: number;
  /** Without `?`. */
  readonly isExact: boolean;
  /** The argument it belongs to, from 0. */
  readonly item: number;
  /** Its place in a `{}`: 1 is the data word of an interface. -1: it stands alone. */
  readonly inner: number;
}

/** The words of stack entry e, in order. */
export function wordsOf(dump: Dump, e: number): Word[] {
  const { text } = dump;
  let p = dump.args[e];
  if (p === 0) return [];
  const words: Word[] = [];
  let item = 0;
  let depth = 0;
  let inner = 0;
  for (; p < text.length; p++) {
    const byte = text[p];
    if (byte === 41 || byte === 10) break;
    if (byte === 123) {
      if (depth++ === 0) inner = 0;
    } else if (byte === 125) depth--;
    else if (byte === 44) {
      if (depth === 0) item++;
      else inner++;
    } else if (byte === 48 && text[p + 1] === 120) {
      let value = 0;
      p += 2;
      const from = p;
      for (let digit = hex[text[p]]; digit > 0; digit = hex[text[++p]]) value = value * 16 + digit - 1;
      const isExact = text[p] !== 63;
      if (isExact) p--;
      if (p - from < 14) words.push({ value, isExact, item, inner: depth === 0 ? -1 : inner });
    }
  }
  return words;
}

/** Digit + 1; 0 for what is none. */
const hex = new Uint8Array(256);
for (let i = 0; i < 16; i++) {
  hex['0123456789abcdef'.charCodeAt(i)] = i + 1;
  hex['0123456789ABCDEF'.charCodeAt(i)] = i + 1;
}

/** Whether this may be the address of something: no small number, no text or flag. */
export const isAddress = (value: number) => value >= 0x10000;

/** Whether the first argument is a receiver: not of closures, and not of generic methods, whose first is their dictionary or what was there before. */
export const hasReceiver = ({ type, isClosure }: FunctionName) => type !== '' && !isClosure && !type.endsWith('[...]');

/** The first argument if it is a word of its own: the receiver of a method. exact: only without `?`. */
export function receiverOf(words: readonly Word[]): Word | undefined {
  const [first] = words;
  return first !== undefined && first.item === 0 && first.inner === -1 && isAddress(first.value) ? first : undefined;
}
