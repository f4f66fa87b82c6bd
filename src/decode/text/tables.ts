// Functions, locations and label sets of a text profile, each once.

import type { TextLocations, TextProfile } from '../../model/textProfile.js';
import { Column } from '../dump/columns.js';
import type { CountedFrame } from '../dump/record.js';
import { InternedStrings, mix, RowIndex } from '../interned.js';
import type { Address } from './numbers.js';

/** A function is a name and a file. */
export class FunctionTable {
  readonly names = new InternedStrings();
  readonly #index = new RowIndex();
  readonly #name = new Column(Int32Array);
  readonly #file = new Column(Int32Array);

  /** name, file: rows of names. */
  intern(name: number, file: number): number {
    const hash = mix(mix(0, name), file);
    const known = this.#index.find(hash, (row) => this.#name.get(row) === name && this.#file.get(row) === file);
    if (known >= 0) return known;
    this.#name.push(name);
    this.#file.push(file);
    return this.#index.add(hash);
  }

  columns(): TextProfile['functions'] {
    return { count: this.#index.count, name: this.#name.view(), file: this.#file.view() };
  }
}

/** A location is an address and its lines. */
export class LocationTable {
  readonly #index = new RowIndex();
  readonly #high = new Column(Uint32Array);
  readonly #low = new Column(Uint32Array);
  readonly #start = new Column(Uint32Array);
  readonly #function = new Column(Int32Array);
  readonly #line = new Column(Uint32Array);

  constructor() {
    this.#start.push(0);
  }

  /** The lines are frames[from … to - 1]. */
  intern({ high, low }: Address, frames: readonly CountedFrame[], from: number, to: number): number {
    let hash = mix(mix(to - from, high), low);
    for (let i = from; i < to; i++) hash = mix(mix(hash, frames[i].func), frames[i].line);
    const known = this.#index.find(hash, (row) => {
      const start = this.#start.get(row);
      if (this.#high.get(row) !== high || this.#low.get(row) !== low) return false;
      if (this.#start.get(row + 1) - start !== to - from) return false;
      for (let i = from; i < to; i++) {
        const at = start + i - from;
        if (this.#function.get(at) !== frames[i].func || this.#line.get(at) !== frames[i].line) return false;
      }
      return true;
    });
    if (known >= 0) return known;
    this.#high.push(high);
    this.#low.push(low);
    for (let i = from; i < to; i++) {
      this.#function.push(frames[i].func);
      this.#line.push(frames[i].line);
    }
    this.#start.push(this.#line.length);
    return this.#index.add(hash);
  }

  columns(): Omit<TextLocations, 'mapping'> {
    const { count } = this.#index;
    const address = new BigUint64Array(count);
    for (let row = 0; row < count; row++)
      address[row] = (BigInt(this.#high.get(row)) << 32n) | BigInt(this.#low.get(row));
    return {
      ...{ count, address, lineStart: this.#start.view() },
      ...{ lineFunction: this.#function.view(), line: this.#line.view() },
    };
  }
}

/** Label sets by what they say; set 0 is the empty one. */
export class LabelSets {
  readonly sets: ReadonlyMap<string, string>[] = [new Map()];
  readonly #rows = new Map<string, number>([['[]', 0]]);

  intern(labels: ReadonlyMap<string, string> | undefined): number {
    if (labels === undefined || labels.size === 0) return 0;
    const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const key = JSON.stringify(sorted);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.sets.push(new Map(sorted)) - 1;
    this.#rows.set(key, row);
    return row;
  }
}

/** 64-bit numbers that are pushed to, and wrap as Go's. */
export class Int64Column {
  #data = new BigInt64Array(1024);
  length = 0;

  push(value: bigint): void {
    if (this.length === this.#data.length) {
      const more = new BigInt64Array(this.length * 2);
      more.set(this.#data);
      this.#data = more;
    }
    this.#data[this.length++] = value;
  }

  get(row: number): bigint {
    return this.#data[row];
  }

  set(row: number, value: bigint): void {
    this.#data[row] = value;
  }

  view(): BigInt64Array {
    return this.#data.subarray(0, this.length);
  }
}
