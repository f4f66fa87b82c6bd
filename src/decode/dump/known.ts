// Functions that were read before, to be compared with what stands at a place. A function is always in the same file, so
// that of its two lines only the arguments, the line number and the offset have to be read:
//
//   main.(*T).f(0xc000010?, ...)
//   	/src/main.go:12 +0x1d
//
// Which function to compare is guessed from the one before it on the stack and four characters.

import { hexDigit, isArgument, startsAt } from './lines.js';

const NEWLINE = 10;
const CR = 13;
const SLOTS = 1 << 13;

export class KnownFunctions {
  readonly #text: Uint8Array;
  readonly #slots = new Int32Array(SLOTS);
  /** By the function before alone: the characters of a short name are its arguments'. */
  readonly #after = new Int32Array(SLOTS);
  /** By function row: where its name stands, and its path with the blanks before it. Size 0: not known. */
  #nameAt = new Uint32Array(1024);
  #nameSize = new Uint32Array(1024);
  #pathAt = new Uint32Array(1024);
  #pathSize = new Uint32Array(1024);
  #file = new Int32Array(1024);

  // What match() has read.
  func = 0;
  file = 0;
  line = 0;
  offset = 0;
  /** Behind the `(`; 0: no arguments. */
  args = 0;
  /** -1: not stated. */
  creator = 0;

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** The function of this row stands at p, behind function `last` (-1: first of a stack, -2: behind `created by`). */
  learn(func: number, last: number, p: number, size: number, pathAt: number, pathSize: number, file: number): void {
    if (func >= this.#nameAt.length) this.#grow(func);
    this.#nameAt[func] = p;
    this.#nameSize[func] = size;
    this.#pathAt[func] = pathAt;
    this.#pathSize[func] = pathSize;
    this.#file[func] = file;
    this.#slots[this.#slot(p, last)] = func + 1;
    this.#after[(last + 2) & (SLOTS - 1)] = func + 1;
  }

  #slot(p: number, last: number): number {
    const text = this.#text;
    let hash = Math.imul(last ^ text[p + 5], 0x85ebca6b);
    hash = Math.imul(hash ^ text[p + 9], 0xc2b2ae35);
    hash = Math.imul(hash ^ text[p + 14], 0x85ebca6b);
    hash = Math.imul(hash ^ text[p + 20], 0x9e3779b1);
    return (hash >>> 16) & (SLOTS - 1);
  }

  #grow(func: number): void {
    const size = Math.max(func + 1, this.#nameAt.length * 2);
    const more = <T extends Uint32Array | Int32Array>(column: T, grown: T): T => {
      grown.set(column);
      return grown;
    };
    this.#nameAt = more(this.#nameAt, new Uint32Array(size));
    this.#nameSize = more(this.#nameSize, new Uint32Array(size));
    this.#pathAt = more(this.#pathAt, new Uint32Array(size));
    this.#pathSize = more(this.#pathSize, new Uint32Array(size));
    this.#file = more(this.#file, new Int32Array(size));
  }

  /** Reads the two lines of a frame at p if they are those of a function that is guessed; returns where the next line begins, -1 if not. */
  match(p: number, last: number): number {
    let func = this.#slots[this.#slot(p, last)] - 1;
    if (func < 0 || !this.#isName(p, func)) {
      func = this.#after[(last + 2) & (SLOTS - 1)] - 1;
      if (func < 0 || !this.#isName(p, func)) return -1;
    }
    const text = this.#text;
    let q = p + this.#nameSize[func];
    this.creator = -1;
    this.args = 0;
    if (last !== -2) {
      if (text[q++] !== 40) return -1;
      if (text[q] !== 41) this.args = q;
      while (isArgument[text[q]] === 1) q++;
      if (text[q++] !== 41) return -1;
    } else if (text[q] === 32) {
      if (!startsAt(text, q, ' in goroutine ')) return -1;
      const start = q + 14;
      let id = 0;
      for (q = start; text[q] >= 48 && text[q] <= 57; q++) id = id * 10 + text[q] - 48;
      if (q === start || q - start > 15) return -1;
      this.creator = id;
    }
    if (text[q] === CR) q++;
    if (text[q++] !== NEWLINE) return -1;
    return this.#matchFile(q, func);
  }

  #isName(p: number, func: number): boolean {
    const text = this.#text;
    const size = this.#nameSize[func];
    const from = this.#nameAt[func];
    // Names differ at their ends.
    for (let i = size - 1; i >= 0; i--) if (text[p + i] !== text[from + i]) return false;
    return true;
  }

  #matchFile(p: number, func: number): number {
    const text = this.#text;
    const size = this.#pathSize[func];
    const from = this.#pathAt[func];
    for (let i = 0; i < size; i++) if (text[p + i] !== text[from + i]) return -1;
    let q = p + size;
    if (text[q++] !== 58) return -1;
    let line = 0;
    const start = q;
    while (text[q] >= 48 && text[q] <= 57) line = line * 10 + text[q++] - 48;
    if (q === start || q - start > 10) return -1;
    let offset = -1;
    if (text[q] === 32 && text[q + 1] === 43 && text[q + 2] === 48 && text[q + 3] === 120) {
      offset = 0;
      q += 4;
      const first = q;
      for (let digit = hexDigit(text[q]); digit >= 0; digit = hexDigit(text[++q])) offset = offset * 16 + digit;
      if (q === first || q - first > 13) return -1;
    }
    const byte = text[q];
    if (byte === NEWLINE) q++;
    else if (byte === CR && text[q + 1] === NEWLINE) q += 2;
    else if (byte === 32 && startsAt(text, q, ' fp=0x')) {
      q = text.indexOf(NEWLINE, q) + 1;
      if (q === 0) return -1;
    } else return -1;
    this.func = func;
    this.file = this.#file[func];
    this.line = line;
    this.offset = offset;
    return q;
  }
}
