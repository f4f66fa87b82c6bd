// Text written as bytes at once, for reports of millions of short lines: strings would be built, joined and encoded.

import { toBytes } from '../model/strings.js';

const SIZE = 1 << 17;

export class ByteWriter {
  #bytes = new Uint8Array(SIZE);
  #at = 0;
  /** Columns as their halves. */
  readonly #words = new Map<BigInt64Array, Int32Array>();

  /** Enough for a write. */
  get isFull(): boolean {
    return this.#at >= SIZE / 2;
  }

  /** What was written; the next bytes go to a new place. */
  take(): Uint8Array {
    const written = this.#bytes.subarray(0, this.#at);
    this.#bytes = new Uint8Array(SIZE);
    this.#at = 0;
    return written;
  }

  bytes(bytes: Uint8Array): void {
    this.#need(bytes.length);
    const out = this.#bytes;
    let at = this.#at;
    // Most are shorter than a call of set() takes.
    for (let i = 0; i < bytes.length; i++) out[at++] = bytes[i];
    this.#at = at;
  }

  text(text: string): void {
    this.#need(text.length);
    const out = this.#bytes;
    let at = this.#at;
    // Calling an encoder takes longer than most texts do.
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.bytes(toBytes(text));
        return;
      }
      out[at++] = code;
    }
    this.#at = at;
  }

  byte(byte: number): void {
    this.#need(1);
    this.#bytes[this.#at++] = byte;
  }

  /** Decimal digits of a whole number. */
  integer(value: number | bigint): void {
    if (typeof value === 'bigint' || !(Math.abs(value) < 2 ** 53)) {
      this.text(value.toString());
      return;
    }
    let rest = Math.abs(value);
    const length = digitsOf(rest);
    this.#need(length + 1);
    if (value < 0) this.#bytes[this.#at++] = 0x2d;
    for (let at = this.#at + length - 1; at >= this.#at; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.#at += length;
  }

  /** The digits of an element: few of them need a bigint. */
  int64(column: BigInt64Array, i: number): void {
    const words = this.#wordsOf(column);
    const value = words[i * 2 + 1] * 0x1_0000_0000 + (words[i * 2] >>> 0);
    this.integer(Number.isSafeInteger(value) ? value : column[i]);
  }

  #wordsOf(column: BigInt64Array): Int32Array {
    let words = this.#words.get(column);
    if (words === undefined) {
      words = new Int32Array(column.buffer, column.byteOffset, column.length * 2);
      this.#words.set(column, words);
    }
    return words;
  }

  #need(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const more = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    more.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = more;
  }
}

/** How many decimal digits a whole number of at least 0 has. */
export function digitsOf(value: number): number {
  let length = 1;
  for (let limit = 10; value >= limit; limit *= 10) length++;
  return length;
}
