// The bundle while it grows: one member after the other into a zip. A member that finds no room is taken back, so that the rest, and
// at the end the manifest and the directory, find some.

import { ZIP_MOST, ZipWriter } from '../encode/zip.js';
import { ProfileError } from '../errors.js';
import type { Disk } from '../source/disk.js';
import { sha256 } from '../source/hash.js';

export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

/** What is written between two looks at the rest of the program. */
const PIECE = 1 << 20;

export class BundleWriter {
  readonly #disk: Disk;
  readonly #zip: ZipWriter;
  readonly #names: string[] = [];
  /** Members are written one after the other, also when several are ready. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#zip = new ZipWriter((bytes) => disk.write(bytes));
  }

  /** Adds a member. Throws ProfileError, and is as if nothing had been added: unreadable (no room), and what chunks throws. */
  add(name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, isPacked = false): Promise<Written> {
    const work = this.#last.then(() => this.#add(name, chunks, isPacked));
    this.#last = work.catch(() => {});
    return work;
  }

  /**
   * Writes the last members, which are told what had to go to make room for them, and ends the file. Throws ProfileError when not even
   * that helps.
   */
  async finish(last: (lost: readonly string[]) => readonly (readonly [name: string, text: string])[]): Promise<void> {
    await this.#last;
    const lost: string[] = [];
    for (;;) {
      const kept = this.#names.length;
      try {
        for (const [name, text] of last(lost)) await this.#add(name, [new TextEncoder().encode(text)], false);
        this.#zip.finish();
        break;
      } catch (error) {
        while (this.#names.length > kept) this.#takeBack();
        const name = this.#takeBack();
        if (name === undefined) throw error;
        lost.push(name);
      }
    }
    this.#disk.finish();
  }

  discard(): void {
    this.#disk.discard();
  }

  async #add(
    name: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    isPacked: boolean,
  ): Promise<Written> {
    const hash = sha256();
    let bytes = 0;
    this.#names.push(name);
    try {
      this.#zip.begin(name, new Date(), isPacked);
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.length; at += PIECE) {
          const piece = chunk.subarray(at, at + PIECE);
          bytes += piece.length;
          if (this.#zip.position + piece.length > ZIP_MOST || bytes > ZIP_MOST)
            throw new ProfileError(
              'too-large',
              'a zip of more than 4 GiB',
              { source: name },
              'leave it out with -skip',
            );
          hash.update(piece);
          this.#zip.write(piece);
          if (chunk.length > PIECE) await new Promise(setImmediate);
        }
      }
      this.#zip.end();
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    return { bytes, sha256: hash.digest() };
  }

  /** Takes back the member that is open, or else the last one. */
  #takeBack(): string | undefined {
    const name = this.#names.pop();
    if (name !== undefined) this.#disk.truncate(this.#zip.takeBack());
    return name;
  }
}
