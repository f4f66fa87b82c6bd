// Numbers as text profiles have them: 64 bits, and scaled as Go scales them.

import { hexDigit, isDigit } from '../dump/lines.js';

const MOST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

/** Where the digits at p end, a minus before them if it may be; p: there are none. */
export function digitsEnd(text: Uint8Array, p: number, isSigned = false): number {
  let q = isSigned && text[p] === 45 ? p + 1 : p;
  const first = q;
  while (isDigit(text[q])) q++;
  return q === first ? p : q;
}

/** The number text[from … to - 1]; undefined: it has more than 64 bits. */
export function integer(text: Uint8Array, from: number, to: number): bigint | undefined {
  const isNegative = text[from] === 45;
  let p = isNegative ? from + 1 : from;
  if (to - p <= 15) {
    let value = 0;
    for (; p < to; p++) value = value * 10 + text[p] - 48;
    return BigInt(isNegative ? -value : value);
  }
  while (p < to - 1 && text[p] === 48) p++;
  if (to - p > 19) return undefined;
  let digits = isNegative ? '-' : '';
  for (; p < to; p++) digits += String.fromCharCode(text[p]);
  const value = BigInt(digits);
  return value > MOST || value < LEAST ? undefined : value;
}

/** A number of a head, decimal or 0x…, that is not below 0; undefined: it is none. */
export function integerOf(digits: string): bigint | undefined {
  if (!/^(\d{1,30}|0x[0-9a-f]{1,16})$/i.test(digits)) return undefined;
  const value = BigInt(digits);
  return value > MOST ? undefined : value;
}

/** int64(x) as Go has it on amd64: towards 0, and the least number for what does not fit. */
export function truncated(x: number): bigint {
  return x >= -(2 ** 63) && x < 2 ** 63 ? BigInt(Math.trunc(x)) : LEAST;
}

/** A 64-bit address in two halves. */
export interface Address {
  high: number;
  low: number;
}

/** Reads `0x…` at p into result; returns its end, p if there is none, -1 if it has more than 64 bits. Digits are lower case, as Go's. */
export function hexAt(text: Uint8Array, p: number, to: number, result: Address): number {
  if (text[p] !== 48 || text[p + 1] !== 120) return p;
  let high = 0;
  let low = 0;
  let q = p + 2;
  let isTooLong = false;
  for (; q < to; q++) {
    const byte = text[q];
    const digit = byte >= 65 && byte <= 70 ? -1 : hexDigit(byte);
    if (digit < 0) break;
    if (high >>> 28 !== 0) isTooLong = true;
    high = ((high << 4) | (low >>> 28)) >>> 0;
    low = ((low << 4) | digit) >>> 0;
  }
  result.high = high;
  result.low = low;
  return q === p + 2 ? p : isTooLong ? -1 : q;
}
