// A record's addresses and the lines behind it → its locations. Each line is one of the addresses, in their order:
//
//   0: 0 [1: 64] @ 0x4858a5 0x674055 0x674051 0x48f2a1
//                  │        │        │        ╰ runtime.goexit, of which Go prints no line: dropped, as in profile.proto
//                  │        ╰────────┴ #	0x674054	main.f+0x54 …   #	0x674050	main.g+0x50 …
//                  ╰ runtime.mallocgc: neither do heap and count profiles of the runtime's own leaves
//
// Lines that count from the same entry are one location: the call was inlined. Without lines (C++) each address is a
// location. Does not know addresses of more than 53 bits apart when it compares them; those that are kept are exact.

import { type CountedFrame, isAddressOf, markInlined } from '../dump/record.js';
import type { Address } from './numbers.js';
import type { LocationTable } from './tables.js';

/** A record's addresses, leaf first, as it lists them: of return. */
export class AddressList {
  #high = new Uint32Array(64);
  #low = new Uint32Array(64);
  length = 0;

  push({ high, low }: Address): void {
    if (this.length === this.#high.length) {
      this.#high = doubled(this.#high);
      this.#low = doubled(this.#low);
    }
    this.#high[this.length] = high;
    this.#low[this.length++] = low;
  }

  /** Those at the end, which pad the stacks of threads. */
  dropZeros(): void {
    while (this.length > 0 && this.get(this.length - 1) === 0) this.length--;
  }

  /** Rounded to 53 bits. */
  get(i: number): number {
    return this.#high[i] * 2 ** 32 + this.#low[i];
  }

  /** The address of the call before it. */
  call(i: number, result: Address): Address {
    const low = this.#low[i];
    result.high = low === 0 ? (this.#high[i] - 1) >>> 0 : this.#high[i];
    result.low = (low - 1) >>> 0;
    return result;
  }

  exact(i: number, result: Address): Address {
    result.high = this.#high[i];
    result.low = this.#low[i];
    return result;
  }
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(column.length * 2);
  more.set(column);
  return more;
}

export class Symbolizer {
  readonly #locations: LocationTable;
  readonly #address: Address = { high: 0, low: 0 };
  /** Place in the list of each frame; -1: it is not in it. */
  #matched = new Int32Array(256);

  constructor(locations: LocationTable) {
    this.#locations = locations;
  }

  /** Location rows of a record without lines, into result. isLeafExact: the first address is where it stands, not of return. */
  bare(list: AddressList, isLeafExact: boolean, result: number[]): void {
    result.length = 0;
    const locations = this.#locations;
    const address = this.#address;
    // The leaf comes from the unwinder and from the registers, too.
    const isTwice = isLeafExact && list.length > 1 && list.get(0) === list.get(1);
    for (let i = 0; i < list.length; i++) {
      if (i === 1 && isTwice) continue;
      const at = i === 0 && isLeafExact ? list.exact(0, address) : list.call(i, address);
      result.push(locations.intern(at, [], 0, 0));
    }
  }

  /**
   * Location rows of a record with lines, into result; changes list and frames. Returns whether all lines are of an address.
   */
  named(list: AddressList, frames: CountedFrame[], result: number[]): boolean {
    result.length = 0;
    markInlined(frames);
    const { used, isSame } = this.#match(list, frames);
    const matched = this.#matched;
    let last = -1;
    for (let from = 0; from < frames.length; ) {
      const at = matched[from];
      // Go shows all frames from the first that is none of the runtime's.
      if (at >= 0 && last >= 0) for (let i = last + 1; i < at; i++) result.push(this.#alone(list, i));
      const to = groupEnd(frames, from);
      for (let i = from; i < to; i++) if (matched[i] >= 0) last = matched[i];
      const { pc, func } = frames[from];
      const address = at >= 0 ? list.call(at, this.#address) : halved(pc, this.#address);
      result.push(this.#locations.intern(address, frames, from, func < 0 ? from : to));
      from = to;
    }
    list.dropZeros();
    const behind = used === 0 ? 0 : list.length - used;
    if (behind > 1) for (let i = used; i < list.length; i++) result.push(this.#alone(list, i));
    return isSame;
  }

  #alone(list: AddressList, i: number): number {
    return this.#locations.intern(list.call(i, this.#address), [], 0, 0);
  }

  /** Finds each frame in the list behind the one before. One that is not in it is looked for once: hostile records stay linear. */
  #match(list: AddressList, frames: readonly CountedFrame[]): { used: number; isSame: boolean } {
    if (this.#matched.length < frames.length) this.#matched = new Int32Array(frames.length * 2);
    let next = 0;
    let isSame = true;
    for (let i = 0; i < frames.length; i++) {
      let at = next;
      if (isSame) while (at < list.length && !isAddressOf(frames[i], list.get(at))) at++;
      const isFound = at < list.length && isAddressOf(frames[i], list.get(at));
      this.#matched[i] = isFound ? at : -1;
      if (isFound) next = at + 1;
      else isSame = false;
    }
    return { used: next, isSame };
  }
}

/** Where the frames that were inlined into one end, behind it. */
function groupEnd(frames: readonly CountedFrame[], from: number): number {
  for (let i = from; i < frames.length; i++) {
    if (frames[i].func < 0) break;
    if (frames[i].offset >= 0) return i + 1;
  }
  return from + 1;
}

function halved(pc: number, result: Address): Address {
  result.high = Math.floor(pc / 2 ** 32) >>> 0;
  result.low = pc >>> 0;
  return result;
}
