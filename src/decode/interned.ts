// Rows told apart by what they say: hash tables over columns of numbers, for the tables of a merge. A profile has tens of
// thousands of locations and a merge hundreds of profiles, so nothing here makes an object, a string or a bigint a row.
// 64-bit columns are read as pairs of 32 bits, lower half first, as they lie in memory.

/** Rows by hash. The caller compares. */
export class RowIndex {
  #slots = new Int32Array(4096);
  #hashes = new Int32Array(2048);
  count = 0;

  /** The row with this hash that is the same, or -1. */
  find(hash: number, isSame: (row: number) => boolean): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = spread(hash) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const row = slots[slot] - 1;
      if (this.#hashes[row] === hash && isSame(row)) return row;
    }
    return -1;
  }

  /** A new row. */
  add(hash: number): number {
    const row = this.count++;
    if (row === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, row + 1);
      this.#slots = new Int32Array(this.#slots.length * 2);
      for (let other = 0; other < row; other++) this.#put(this.#hashes[other], other);
    }
    this.#hashes[row] = hash;
    this.#put(hash, row);
    return row;
  }

  #put(hash: number, row: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }
}

const spread = (hash: number) => hash ^ (hash >>> 15);

/** The hash with another number in it, as an int32. */
export function mix(hash: number, value: number): number {
  const h = Math.imul(hash ^ value, 0x9e3779b1);
  return h ^ (h >>> 15);
}

/** The column with room for `length` elements at least. */
export function grown<T extends Int32Array | Uint32Array | Uint8Array>(column: T, length: number): T;
export function grown(column: Int32Array | Uint32Array | Uint8Array, length: number) {
  if (length <= column.length) return column;
  const size = Math.max(length, column.length * 2);
  const more =
    column instanceof Int32Array
      ? new Int32Array(size)
      : column instanceof Uint32Array
        ? new Uint32Array(size)
        : new Uint8Array(size);
  more.set(column);
  return more;
}

/** A column of 64-bit integers as pairs of 32 bits, lower half first. */
export function halves(column: BigInt64Array | BigUint64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}

/** The empty string's is 0. */
const UNUSED_HASH = 1;

/** Distinct byte strings; row 0 is the empty one. */
export class InternedStrings {
  readonly #index = new RowIndex();
  #bytes = new Uint8Array(1 << 16);
  #start = new Uint32Array(2048);
  // The candidate, for the comparison.
  #source: Uint8Array = this.#bytes;
  #from = 0;
  #length = 0;
  readonly #isSame = (row: number): boolean => {
    const at = this.#start[row];
    const length = this.#length;
    if (this.#start[row + 1] - at !== length) return false;
    const [mine, other, from] = [this.#bytes, this.#source, this.#from];
    for (let i = 0; i < length; i++) if (mine[at + i] !== other[from + i]) return false;
    return true;
  };

  constructor() {
    this.intern(new Uint8Array(), 0, 0);
  }

  get count(): number {
    return this.#index.count;
  }

  /** The row of source[from … to - 1]. */
  intern(source: Uint8Array, from: number, to: number): number {
    let hash = to - from;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ source[i], 0x01000193);
    this.#source = source;
    this.#from = from;
    this.#length = to - from;
    const known = this.#index.find(hash, this.#isSame);
    return known >= 0 ? known : this.#add(hash);
  }

  #empty = 0;

  /** A second row of the empty string, for what row 0 cannot say. */
  emptyRow(): number {
    this.#length = 0;
    if (this.#empty === 0) this.#empty = this.#add(UNUSED_HASH);
    return this.#empty;
  }

  #add(hash: number): number {
    const row = this.#index.add(hash);
    const at = this.#start[row];
    this.#bytes = grown(this.#bytes, at + this.#length);
    this.#bytes.set(this.#source.subarray(this.#from, this.#from + this.#length), at);
    this.#start = grown(this.#start, row + 2);
    this.#start[row + 1] = at + this.#length;
    return row;
  }

  /** All rows, as stringTable() takes them. */
  columns(): { bytes: Uint8Array; start: Uint32Array; same: Uint32Array } {
    const { count } = this;
    return {
      bytes: this.#bytes.slice(0, this.#start[count]),
      start: this.#start.slice(0, count + 1),
      same: Uint32Array.from({ length: count }, (_, row) => (row === this.#empty ? 0 : row)),
    };
  }
}
