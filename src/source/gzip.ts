// gunzip for every host: fflate, where node:zlib is not. Several members one after the other are one file, as RFC 1952
// says. Chunks go on as they come out, so that a bomb is stopped by whoever counts them.

import { Gunzip } from 'fflate';
import { ProfileError } from '../errors.js';

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

const PIECE = 1 << 18;

/** Takes gzip or raw bytes in chunks and hands out what they decompress to. */
export class Decompressor {
  readonly #out: (chunk: Uint8Array) => void;
  #gunzip: Gunzip | undefined;
  #head: Uint8Array | undefined = new Uint8Array();
  /** The trailer of the last member: CRC and length, which fflate does not check. */
  #ended = false;

  constructor(out: (chunk: Uint8Array) => void) {
    this.#out = out;
  }

  write(chunk: Uint8Array): void {
    if (this.#head !== undefined) {
      const both = new Uint8Array(this.#head.length + chunk.length);
      both.set(this.#head);
      both.set(chunk, this.#head.length);
      this.#head = both;
      if (both.length < 2) return;
      this.#head = undefined;
      chunk = both;
      if (isGzip(chunk)) {
        this.#gunzip = new Gunzip((data, final) => {
          if (data.length > 0) this.#out(data);
          if (final) this.#ended = true;
        });
      }
    }
    if (this.#gunzip === undefined) this.#out(chunk);
    else for (let at = 0; at < chunk.length; at += PIECE) this.#push(chunk.subarray(at, at + PIECE), false);
  }

  finish(): void {
    if (this.#head !== undefined) this.#out(this.#head);
    else if (this.#gunzip !== undefined) {
      this.#push(new Uint8Array(), true);
      if (!this.#ended) throw gzipError('unexpected EOF');
    }
  }

  #push(chunk: Uint8Array, final: boolean): void {
    try {
      this.#gunzip?.push(chunk, final);
    } catch (error) {
      throw error instanceof ProfileError ? error : gzipError(error instanceof Error ? error.message : String(error));
    }
  }
}

/** The error for gzip data that cannot be read; detail: what the library said. */
export function gzipError(detail: string): ProfileError {
  return /unexpected (EOF|end of file)|buffer error/i.test(detail)
    ? new ProfileError('truncated', 'the gzip data ends early', {}, 'the file was cut: copy it again, or take the profile again')
    : new ProfileError(
        'malformed',
        `the gzip data is damaged: ${detail}`,
        {},
        'the file was changed on its way: copy it again in binary mode, or take the profile again',
      );
}
