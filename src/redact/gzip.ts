// gunzip and gzip for every host, of bytes at hand. A host that has better ones gives them.

import { Gunzip, gzipSync } from 'fflate';
import { ProfileError } from '../errors.js';

export interface Codec {
  /** Throws ProfileError: truncated, malformed, too-large. */
  readonly gunzip: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  readonly gzip: (bytes: Uint8Array) => Uint8Array;
}

const PIECE = 1 << 18;

export const plainCodec: Codec = {
  gunzip(bytes, maxBytes) {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const gunzip = new Gunzip((chunk) => {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    });
    try {
      for (let at = 0; at < bytes.length; at += PIECE)
        gunzip.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
    } catch (error) {
      if (error instanceof ProfileError) throw error;
      throw damaged(error);
    }
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    // fflate does not look at the trailer: the last one has the length.
    const view = new DataView(bytes.buffer, bytes.byteOffset + Math.max(0, bytes.length - 4));
    if (bytes.length < 18 || (chunks.length > 0 && view.getUint32(0, true) > length))
      throw damaged(new Error('unexpected EOF'));
    return all;
  },
  gzip: (bytes) => gzipSync(bytes, { level: 4, mtime: 0 }),
};

export function damaged(error: unknown): ProfileError {
  const detail = error instanceof Error ? error.message : String(error);
  return /unexpected (EOF|end of file)|buffer error/i.test(detail)
    ? new ProfileError('truncated', 'the gzip data ends early', {}, 'the file was cut: take or copy it again')
    : new ProfileError(
        'malformed',
        `the gzip data is damaged: ${detail}`,
        {},
        'the file was changed: take or copy it again',
      );
}

export const tooLarge = (maxBytes: number) =>
  new ProfileError(
    'too-large',
    `it has more than ${maxBytes} bytes when decompressed`,
    { offset: maxBytes },
    'if it is no mistake, raise the limit with -max_bytes',
  );
