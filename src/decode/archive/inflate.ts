// The data of a member, decompressed and checked as they come. Whatever inflates is handed in: fflate here, zlib on Node.

import { Inflate } from 'fflate';
import { ProfileError } from '../../errors.js';
import type { Inflater } from '../../model/bundle.js';
import { joined } from '../../model/bytes.js';
import { crc32 } from '../../model/crc32.js';
import type { Entry } from './entries.js';

const PIECE = 1 << 18;

/** For every host. */
export const inflateAnywhere: Inflater = { chunks: inflatePieces, crc32 };

async function* inflatePieces(packed: Uint8Array): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const inflate = new Inflate((chunk) => ready.push(chunk));
  for (let at = 0; at < packed.length; at += PIECE) {
    inflate.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    yield* ready.splice(0);
  }
}

/** The first bytes of a member, as far as they can be had. */
export function headOf(
  archive: Uint8Array,
  { start, end, isDeflated }: Entry,
  bytes: number,
  inflater: Inflater,
): Uint8Array {
  if (!isDeflated) return archive.subarray(start, Math.min(end, start + bytes));
  // Deflate makes data hardly larger.
  const quick = inflater.head?.(archive.subarray(start, Math.min(end, start + bytes + STEP)));
  if (quick !== undefined) return quick.subarray(0, bytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate((chunk) => {
    length += chunk.length;
    chunks.push(chunk);
  });
  try {
    for (let at = start; at < end && length < bytes; at += STEP)
      inflate.push(archive.subarray(at, Math.min(end, at + STEP)));
  } catch {
    // What came before the damage is the head.
  }
  return joined(chunks, bytes);
}

/** Of deflate data; their output is up to a thousand times that. */
const STEP = 1 << 10;

/** All of a member. Throws ProfileError with its name: too-large, malformed, truncated. */
export async function* dataOf(
  archive: Uint8Array,
  entry: Entry,
  inflater: Inflater,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const { name, start, end, isDeflated, size, crc, issue } = entry;
  const packed = archive.subarray(start, end);
  const error = (code: 'too-large' | 'malformed' | 'truncated', fact: string, hint: string) =>
    new ProfileError(code, fact, { source: name }, hint);
  let length = 0;
  let sum = 0;
  try {
    for await (const chunk of isDeflated ? inflater.chunks(packed) : pieces(packed)) {
      length += chunk.length;
      if (size !== undefined && length > size && issue === undefined)
        throw error(
          'malformed',
          `it is larger than the ${size} bytes that the archive says`,
          'the archive was changed: get it again',
        );
      if (length > maxBytes)
        throw error(
          'too-large',
          `it has more than ${maxBytes} bytes`,
          'if it is no mistake, raise the limit with -max_bytes',
        );
      sum = inflater.crc32(chunk, sum);
      yield chunk;
    }
  } catch (problem) {
    if (problem instanceof ProfileError) throw problem;
    // The data of a cut member end anywhere.
    if (issue === undefined)
      throw error(
        'malformed',
        `its data are damaged behind ${length} bytes`,
        'the archive was changed on its way: copy it again, in binary mode',
      );
  }
  if (issue !== undefined)
    throw error(
      'truncated',
      `${issue.replace(/^cut: /, '')}, ${length} bytes of it are there`,
      'get the archive again',
    );
  if (size !== undefined && length < size)
    throw error('truncated', `it has ${length} of ${size} bytes`, 'the archive was changed on its way: copy it again');
  if (crc !== undefined && crc !== sum)
    throw error(
      'malformed',
      'its checksum is wrong',
      'the archive was changed on its way: copy it again, in binary mode',
    );
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}
