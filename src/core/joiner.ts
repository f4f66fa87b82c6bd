// Text put together from pieces, in the core: half a gigabyte of traces is 20,000 texts in another order.

import { toBytes } from '../model/strings.js';
import { checked, newInstance } from './instance.js';

/** Pieces at first; doubled when there are more. */
const FEW = 4096;

export class Joiner {
  readonly #core = newInstance();
  #pieces = new Uint32Array(FEW * 2);
  #count = 0;
  #list = new Uint32Array(FEW);
  #length = 0;
  #mark = 0;
  /** Of the last pieces, not encoded yet. */
  #texts: string[] = [];

  /** A piece's row. */
  add(text: string): number {
    this.#texts.push(text);
    return this.#piece(0, 0);
  }

  /** A piece without its first `skip` bytes, as another piece. */
  addTail(row: number, skip: number): number {
    this.#encode();
    const [at, length] = [this.#pieces[row * 2], this.#pieces[row * 2 + 1]];
    return this.#piece(at + Math.min(skip, length), Math.max(0, length - skip));
  }

  /** Encodes the texts of the last pieces at once: one by one takes three times as long. */
  #encode(): void {
    const texts = this.#texts;
    if (texts.length === 0) return;
    this.#texts = [];
    const all = texts.join('');
    const bytes = toBytes(all);
    // Copies go eight bytes at a time.
    let at = this.#core.alloc(bytes.length + 8) >>> 0;
    if (at === 0) checked(-1);
    new Uint8Array(this.#core.memory.buffer, at, bytes.length).set(bytes);
    const isAscii = bytes.length === all.length;
    const first = this.#count - texts.length;
    for (let i = 0; i < texts.length; i++) {
      const length = isAscii ? texts[i].length : toBytes(texts[i]).length;
      this.#pieces[(first + i) * 2] = at;
      this.#pieces[(first + i) * 2 + 1] = length;
      at += length;
    }
  }

  #piece(at: number, length: number): number {
    const row = this.#count++;
    if (row * 2 === this.#pieces.length) this.#pieces = doubled(this.#pieces);
    this.#pieces[row * 2] = at;
    this.#pieces[row * 2 + 1] = length;
    return row;
  }

  /** Puts a piece at the end of the text. */
  put(row: number): void {
    if (this.#length === this.#list.length) this.#list = doubled(this.#list);
    this.#list[this.#length++] = row;
  }

  /** Pieces added from now on are forgotten by take(). */
  keepPieces(): void {
    this.#encode();
    this.#mark = this.#count;
  }

  /** Pieces put since the last take(): worth one when there are many. */
  get length(): number {
    return this.#length;
  }

  /** The text, as bytes; the next one starts. */
  take(): Uint8Array {
    this.#encode();
    const core = this.#core;
    const mark = core.mark();
    const pieces = this.#put(this.#pieces.subarray(0, this.#count * 2));
    const list = this.#put(this.#list.subarray(0, this.#length));
    const size = core.joinedLength(list, this.#length, pieces) >>> 0;
    const out = core.alloc(size + 8) >>> 0;
    if (out === 0) checked(-1);
    core.joinPieces(list, this.#length, pieces, out);
    const bytes = new Uint8Array(core.memory.buffer, out, size).slice();
    core.release(mark);
    this.#length = 0;
    if (this.#mark > 0 && this.#mark < this.#count) {
      core.release(this.#pieces[this.#mark * 2]);
      this.#count = this.#mark;
    }
    return bytes;
  }

  #put(words: Uint32Array): number {
    const at = this.#core.alloc(words.byteLength + 4) >>> 0;
    if (at === 0) checked(-1);
    new Uint32Array(this.#core.memory.buffer, at, words.length).set(words);
    return at;
  }
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(column.length * 2);
  more.set(column);
  return more;
}
