// Columns that grow while a dump is read.

import type { Frames, NameTable } from '../../model/dump.js';
import { fromBytes } from '../../model/strings.js';
import { InternedStrings, mix, RowIndex } from '../interned.js';

type Numbers = Int32Array | Uint32Array | Uint16Array | Float64Array;

/** A typed array that is pushed to. */
export class Column<T extends Numbers> {
  #data: T;
  readonly #make: new (
    length: number,
  ) => T;
  length = 0;

  constructor(make: new (length: number) => T, capacity = 1024) {
    this.#make = make;
    this.#data = new make(capacity);
  }

  push(value: number): void {
    if (this.length === this.#data.length) this.#grow();
    this.#data[this.length++] = value;
  }

  get(row: number): number {
    return this.#data[row];
  }

  set(row: number, value: number): void {
    this.#data[row] = value;
  }

  #grow(): void {
    const more = new this.#make(this.#data.length * 2);
    more.set(this.#data);
    this.#data = more;
  }

  /** Rows from … to - 1; shares the memory. */
  view(from = 0, to = this.length): T {
    return this.#data.subarray(from, to) as T;
  }
}

/** Function and file names. Go escapes dots and the like in the last element of an import path: yaml%2ev2 is yaml.v2. */
export class Names implements NameTable {
  readonly #strings = new InternedStrings();
  readonly #texts: string[] = [];
  #columns: ReturnType<InternedStrings['columns']> | undefined;

  get count(): number {
    return this.#strings.count;
  }

  intern(text: Uint8Array, from: number, to: number): number {
    this.#columns = undefined;
    return this.#strings.intern(text, from, to);
  }

  get(row: number): string {
    if (row < 0) return '';
    const known = this.#texts[row];
    if (known !== undefined) return known;
    const text = this.raw(row);
    this.#texts[row] = text.includes('%')
      ? text.replace(/%([2-7][0-9a-f])/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      : text;
    return this.#texts[row];
  }

  raw(row: number): string {
    if (row < 0) return '';
    this.#columns ??= this.#strings.columns();
    const { bytes, start } = this.#columns;
    return fromBytes(bytes.subarray(start[row], start[row + 1]));
  }
}

/** Distinct frames by function, file, line and offset. */
export class FrameTable {
  readonly #index = new RowIndex();
  readonly func = new Column(Int32Array);
  readonly file = new Column(Int32Array);
  readonly line = new Column(Int32Array);
  readonly offset = new Column(Float64Array);

  get count(): number {
    return this.#index.count;
  }

  intern(func: number, file: number, line: number, offset: number): number {
    const hash = mix(mix(mix(mix(0, func), file), line), offset | 0);
    const known = this.#index.find(
      hash,
      (row) =>
        this.func.get(row) === func &&
        this.file.get(row) === file &&
        this.line.get(row) === line &&
        this.offset.get(row) === offset,
    );
    if (known >= 0) return known;
    this.func.push(func);
    this.file.push(file);
    this.line.push(line);
    this.offset.push(offset);
    return this.#index.add(hash);
  }

  columns(): Frames {
    return {
      count: this.count,
      func: this.func.view(),
      file: this.file.view(),
      line: this.line.view(),
      offset: this.offset.view(),
    };
  }
}

/** Goroutine ids that were seen: bits for small ones (100,000 of them cost a Set 15 ms). */
export class IdSet {
  #bits = new Uint32Array(1024);
  readonly #large = new Set<number>();

  /** Whether it was in it before. */
  add(id: number): boolean {
    if (id >= LARGE) {
      if (this.#large.has(id)) return true;
      this.#large.add(id);
      return false;
    }
    const word = id >>> 5;
    if (word >= this.#bits.length) {
      const more = new Uint32Array(Math.max(word + 1, this.#bits.length * 2));
      more.set(this.#bits);
      this.#bits = more;
    }
    const bit = 1 << (id & 31);
    if ((this.#bits[word] & bit) !== 0) return true;
    this.#bits[word] |= bit;
    return false;
  }

  clear(): void {
    this.#bits.fill(0);
    this.#large.clear();
  }
}

const LARGE = 1 << 25;

/** Issues of a kind are told once, with the first line and how many more. */
export class IssueList {
  readonly #byFact = new Map<string, { line: number; times: number }>();

  add(fact: string, line: number): void {
    const known = this.#byFact.get(fact);
    if (known !== undefined) known.times++;
    else this.#byFact.set(fact, { line, times: 1 });
  }

  list(): { fact: string; line: number; times: number }[] {
    return [...this.#byFact].map(([fact, { line, times }]) => ({ fact, line, times }));
  }
}
