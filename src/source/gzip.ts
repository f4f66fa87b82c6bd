// gunzip for every host: fflate, where node:zlib is not. Several members one after the other are one file, as RFC 1952
// says. Chunks go on as they come out, so that a bomb is stopped by whoever counts them.

import { Gunzip } from 'fflate';
import { ProfileError } from '../errors.js';
import { joined } from '../model/bytes.js';
import { crc32 } from '../model/crc32.js';

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

const PIECE = 1 << 18;

/** Takes gzip or raw bytes in chunks and hands out what they decompress to. */
export class Decompressor {
  readonly #out: (chunk: Uint8Array) => void;
  #gunzip: Gunzip | undefined;
  /** What came before two bytes were there to tell gzip by. */
  #head: Uint8Array | undefined = new Uint8Array();
  // fflate skips the trailers (CRC-32, length), so that a file cut there would pass: the last one is checked here.
  #tail = new Uint8Array();
  #crc = 0;
  #length = 0;

  constructor(out: (chunk: Uint8Array) => void) {
    this.#out = out;
  }

  write(chunk: Uint8Array): void {
    if (this.#head !== undefined) {
      const both = joined([this.#head, chunk]);
      this.#head = both;
      if (both.length < 2) return;
      this.#head = undefined;
      chunk = both;
      if (isGzip(chunk)) this.#gunzip = this.#newGunzip();
    }
    if (this.#gunzip === undefined) {
      this.#out(chunk);
      return;
    }
    this.#tail = joined([this.#tail, chunk.subarray(-TRAILER)]).slice(-TRAILER);
    for (let at = 0; at < chunk.length; at += PIECE) this.#push(chunk.subarray(at, at + PIECE), false);
  }

  finish(): void {
    if (this.#head !== undefined) this.#out(this.#head);
    if (this.#gunzip === undefined) return;
    this.#push(new Uint8Array(), true);
    const view = new DataView(this.#tail.buffer, this.#tail.byteOffset, this.#tail.length);
    if (view.byteLength < TRAILER || view.getUint32(4, true) !== this.#length >>> 0) throw gzipError('unexpected EOF');
    if (view.getUint32(0, true) !== this.#crc >>> 0) throw gzipError('its checksum is wrong');
  }

  #newGunzip(): Gunzip {
    const gunzip = new Gunzip((data) => {
      this.#crc = crc32(data, this.#crc);
      this.#length += data.length;
      if (data.length > 0) this.#out(data);
    });
    gunzip.onmember = () => {
      this.#crc = 0;
      this.#length = 0;
    };
    return gunzip;
  }

  #push(chunk: Uint8Array, final: boolean): void {
    try {
      this.#gunzip?.push(chunk, final);
    } catch (error) {
      throw error instanceof ProfileError ? error : gzipError(error instanceof Error ? error.message : String(error));
    }
  }
}

const TRAILER = 8;

/** The error for gzip data that cannot be read; detail: what the library said. */
export function gzipError(detail: string): ProfileError {
  return /unexpected (EOF|end of file)|buffer error/i.test(detail)
    ? new ProfileError(
        'truncated',
        'the gzip data ends early',
        {},
        'the file was cut: copy it again, or take the profile again',
      )
    : new ProfileError(
        'malformed',
        `the gzip data is damaged: ${detail}`,
        {},
        'the file was changed on its way: copy it again in binary mode, or take the profile again',
      );
}
