// Bytes → memory statistics, for every host: decompressed, without the secrets that command lines have, and named.

import { type DecodedVars, decodeVars } from './decode/vars/vars.js';
import type { MemberKind } from './model/bundle.js';
import { type Codec, plainCodec } from './redact/gzip.js';
import { redactBytes } from './redact/redact.js';

export interface ReadVarsOptions {
  /** Of the file, the member or the address; the samples keep it. */
  readonly name?: string;
  /** When it was taken, by the program's clock, in seconds since 1970, where it does not say so itself. */
  readonly timeSeconds?: number;
  /** Decompressed bytes at which to stop; 2 GiB unless given. */
  readonly maxBytes?: number;
  readonly codec?: Codec;
}

const KIND: MemberKind = 'vars';

/** Throws ProfileError: empty, not-vars, too-large, malformed, truncated. */
export function readVarsBytes(bytes: Uint8Array, options: ReadVarsOptions = {}): DecodedVars {
  const { name, timeSeconds, maxBytes = 2 ** 31, codec = plainCodec } = options;
  const raw = bytes[0] === 0x1f && bytes[1] === 0x8b ? codec.gunzip(bytes, maxBytes) : bytes;
  const decoded = decodeVars(redactBytes(KIND, name ?? '', raw, { secretsOnly: true }).bytes);
  const { samples } = decoded;
  return {
    ...decoded,
    samples: samples.map((sample) => ({
      ...sample,
      name: name ?? sample.name,
      timeSeconds: sample.timeSeconds ?? (samples.length === 1 ? timeSeconds : undefined),
    })),
  };
}
