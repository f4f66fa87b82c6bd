// Chunks → one piece of bytes. A few hundred megabytes in chunks, and then joined, would be twice that; the memory of
// WebAssembly grows where it stands, and is an ordinary ArrayBuffer once it has its size.

import { ProfileError } from '../errors.js';

const PAGE = 1 << 16;
/** Below this a copy costs nothing. */
const SMALL = 1 << 20;
/** Grown by an eighth, and at least this. */
const STEP = 64 * PAGE;

export class Collector {
  readonly #maxBytes: number;
  #memory: WebAssembly.Memory | undefined;
  #bytes = new Uint8Array();
  #length = 0;
  /** A first chunk that is not copied: it may be all. */
  #only: Uint8Array | undefined;

  /** maxBytes: at which to stop with an error. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** isOurs: nobody will change the chunk, so that one alone is kept as it is. Throws ProfileError 'too-large'. */
  write(chunk: Uint8Array, isOurs: boolean): void {
    const at = this.#length;
    if (at + chunk.length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#length += chunk.length;
    if (at === 0 && isOurs) {
      this.#only = chunk;
      return;
    }
    this.#room(this.#length);
    if (this.#only !== undefined) this.#bytes.set(this.#only);
    this.#only = undefined;
    this.#bytes.set(chunk, at);
  }

  /** All of it, in the order of writing. */
  bytes(): Uint8Array {
    return this.#only ?? this.#bytes.subarray(0, this.#length);
  }

  #room(length: number): void {
    if (length <= this.#bytes.length) return;
    const before = this.#bytes;
    if (length < SMALL) {
      this.#bytes = new Uint8Array(length * 2);
      this.#bytes.set(before);
      return;
    }
    try {
      const isNew = this.#memory === undefined;
      this.#memory ??= new WebAssembly.Memory({ initial: 0 });
      const wanted = Math.max(length, before.length + Math.max(STEP, before.length >> 3));
      this.#memory.grow(Math.ceil((wanted - this.#memory.buffer.byteLength) / PAGE));
      this.#bytes = new Uint8Array(this.#memory.buffer);
      if (isNew) this.#bytes.set(before);
    } catch (error) {
      // 4 GiB, or what the machine has.
      if (error instanceof RangeError) throw tooLarge(before.length);
      throw error;
    }
  }
}

/** All of what comes. Throws ProfileError 'too-large', and what the chunks throw. */
export async function collected(chunks: AsyncIterable<Uint8Array>, maxBytes = 2 ** 31): Promise<Uint8Array> {
  const all = new Collector(maxBytes);
  for await (const chunk of chunks) all.write(chunk, false);
  return all.bytes();
}

export function tooLarge(bytes: number): ProfileError {
  return new ProfileError(
    'too-large',
    `it has more than ${bytes} bytes when decompressed`,
    { offset: bytes },
    'if it is no mistake, raise the limit with -max_bytes',
  );
}
