// gunzip and gzip of bytes at hand, for every host. A host that has better ones gives them.

import { gzipSync } from 'fflate';
import { Collector } from '../source/collector.js';
import { Decompressor } from '../source/gzip.js';

export interface Codec {
  /** Throws ProfileError: truncated, malformed, too-large. */
  readonly gunzip: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  readonly gzip: (bytes: Uint8Array) => Uint8Array;
}

export const plainCodec: Codec = {
  gunzip(bytes, maxBytes) {
    const out = new Collector(maxBytes);
    const inflated = new Decompressor((chunk) => out.write(chunk, false));
    inflated.write(bytes);
    inflated.finish();
    return out.bytes();
  },
  gzip: (bytes) => gzipSync(bytes, { level: 4, mtime: 0 }),
};
