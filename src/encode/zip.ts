// A zip as it comes: each member goes out while it is made, with its sizes behind it (a data descriptor), the directory at the end.
// A member that could not be finished is taken back, which fflate's own zip cannot. Source: APPNOTE.TXT of PKWARE, 4.3.
//
//   local header · name · data · descriptor   a member
//   …
//   central header · name                     once more for each
//   end record

import { Deflate } from 'fflate';
import { crc32 } from '../model/crc32.js';

interface Entry {
  readonly name: Uint8Array;
  readonly offset: number;
  readonly modified: Date;
  readonly method: number;
  crc: number;
  packed: number;
  size: number;
}

const STORED = 0;
const DEFLATED = 8;
/** The sizes come in a descriptor, and names are UTF-8. */
const FLAGS = 0x0808;
/** Without the fields of zip64. */
export const ZIP_MOST = 0xffff_ffff;

/** Hands out the bytes of a zip in their order. */
export class ZipWriter {
  readonly #out: (bytes: Uint8Array) => void;
  readonly #entries: Entry[] = [];
  #position = 0;
  #open: Entry | undefined;
  #deflate: Deflate | undefined;

  constructor(out: (bytes: Uint8Array) => void) {
    this.#out = out;
  }

  /** Bytes so far. */
  get position(): number {
    return this.#position;
  }

  /** Begins a member. isPacked: deflating would gain nothing (gzip). */
  begin(name: string, modified: Date, isPacked: boolean): void {
    const entry: Entry = {
      ...{ name: new TextEncoder().encode(name), offset: this.#position, modified, crc: 0, packed: 0, size: 0 },
      method: isPacked ? STORED : DEFLATED,
    };
    this.#open = entry;
    this.#deflate = isPacked
      ? undefined
      : new Deflate({ level: 6 }, (chunk) => {
          entry.packed += chunk.length;
          this.#write(chunk);
        });
    this.#record(0x04034b50, entry, []);
  }

  write(chunk: Uint8Array): void {
    const entry = this.#open;
    if (entry === undefined || chunk.length === 0) return;
    entry.crc = crc32(chunk, entry.crc);
    entry.size += chunk.length;
    if (this.#deflate !== undefined) this.#deflate.push(chunk);
    else {
      entry.packed += chunk.length;
      this.#write(chunk);
    }
  }

  /** Ends the member. */
  end(): void {
    const entry = this.#open;
    if (entry === undefined) return;
    this.#deflate?.push(new Uint8Array(), true);
    this.#write(fields([0x08074b50, 4], [entry.crc, 4], [entry.packed, 4], [entry.size, 4]));
    this.#entries.push(entry);
    this.#open = undefined;
  }

  /** Takes back the member that is open, or else the last one; gives where the next bytes belong. */
  takeBack(): number {
    const entry = this.#open ?? this.#entries.pop();
    this.#open = undefined;
    this.#position = entry?.offset ?? this.#position;
    return this.#position;
  }

  /** Writes the directory. It can be written again, after takeBack(). */
  finish(): void {
    const start = this.#position;
    for (const entry of this.#entries) this.#record(0x02014b50, entry, [[entry.offset, 4]]);
    const count = this.#entries.length;
    const size = this.#position - start;
    this.#write(fields([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [size, 4], [start, 4], [0, 2]));
  }

  /** A local header, or a central one (with `last`). */
  #record(signature: number, { name, modified, method, crc, packed, size }: Entry, last: readonly Field[]): void {
    const isCentral = last.length > 0;
    const [time, date] = dosTime(modified);
    this.#write(
      fields(
        [signature, 4],
        // Made by Unix, for version 2.0, so that the permissions count.
        ...(isCentral ? ([[0x0314, 2]] as const) : []),
        ...([
          [20, 2],
          [FLAGS, 2],
          [method, 2],
          [time, 2],
          [date, 2],
        ] as const),
        ...(isCentral
          ? ([
              [crc, 4],
              [packed, 4],
              [size, 4],
            ] as const)
          : ([
              [0, 4],
              [0, 4],
              [0, 4],
            ] as const)),
        ...([
          [name.length, 2],
          [0, 2],
        ] as const),
        // No comment, disk 0, no text flag, -rw-r--r--.
        ...(isCentral
          ? ([
              [0, 2],
              [0, 2],
              [0, 2],
              [0o100644 * 0x10000, 4],
            ] as const)
          : []),
        ...last,
      ),
    );
    this.#write(name);
  }

  #write(bytes: Uint8Array): void {
    this.#out(bytes);
    this.#position += bytes.length;
  }
}

type Field = readonly [value: number, bytes: 2 | 4];

function fields(...list: readonly Field[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(list.reduce((sum, [, bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of list) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value >>> 0, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/** MS-DOS's, in UTC, from 1980 on. */
function dosTime(when: Date): [time: number, date: number] {
  const year = Math.min(Math.max(when.getUTCFullYear(), 1980), 2107) - 1980;
  return [
    (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1),
    (year << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate(),
  ];
}
