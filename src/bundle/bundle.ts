// Bytes of a zip, a tar or a tar.gz → a Bundle: named members, each to be read when somebody asks. For every host; whatever inflates is
// handed in. A folder is a bundle, too: source/folder.ts.

import type { Archive } from '../decode/archive/entries.js';
import { dataOf, headOf } from '../decode/archive/inflate.js';
import { readTar } from '../decode/archive/tar.js';
import { readZip } from '../decode/archive/zip.js';
import { isTar, isZip, KIND_BYTES, kindOf } from '../decode/kind.js';
import { type Issue, ProfileError } from '../errors.js';
import type { Bundle, Inflater, Member } from '../model/bundle.js';
import { Collector } from '../source/collector.js';
import { Decompressor, isGzip } from '../source/gzip.js';

export interface BundleOptions {
  /** Decompressed bytes of one member at which to stop with an error; 2 GiB unless given. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 2 ** 31;

/** Throws ProfileError: empty, not-a-bundle, too-large. */
export function bundleOf(bytes: Uint8Array, inflater: Inflater, { maxBytes = MAX_BYTES }: BundleOptions = {}): Bundle {
  if (bytes.length === 0) throw new ProfileError('empty', 'the file is empty', {}, 'get it again');
  const issues: Issue[] = [];
  const plain = isGzip(bytes) ? gunzipped(bytes, maxBytes, issues) : bytes;
  const archive = archiveOf(plain);
  if (archive === undefined)
    throw new ProfileError(
      'not-a-bundle',
      'this is neither a zip nor a tar',
      {},
      'give what tspprof collect, ipfs diag profile and the like write, or a folder with its files',
    );
  const members = archive.entries.map((entry): Member => {
    const { name, size, issue } = entry;
    return {
      ...{ name, size, issue, kind: kindOf(headOf(plain, entry, KIND_BYTES, inflater)) },
      chunks: () => dataOf(plain, entry, inflater, maxBytes),
    };
  });
  return { members, issues: [...issues, ...archive.issues] };
}

function archiveOf(bytes: Uint8Array): Archive | undefined {
  if (isZip(bytes)) return readZip(bytes);
  return isTar(bytes) ? readTar(bytes) : undefined;
}

/** As far as it goes. */
function gunzipped(bytes: Uint8Array, maxBytes: number, issues: Issue[]): Uint8Array {
  const out = new Collector(maxBytes);
  const inflated = new Decompressor((chunk) => {
    // A gzipped profile is no archive: its first block tells, before all of it is unpacked.
    if (out.length === 0 && chunk.length >= 512 && !isTar(chunk) && !isZip(chunk)) throw NO_ARCHIVE;
    out.write(chunk, false);
  });
  try {
    inflated.write(bytes);
    inflated.finish();
  } catch (error) {
    if (error === NO_ARCHIVE) return new Uint8Array();
    if (!(error instanceof ProfileError) || error.code === 'too-large') throw error;
    issues.push({ fact: `${error.fact}: members are read as far as they go`, place: {} });
  }
  return out.bytes();
}

const NO_ARCHIVE = new ProfileError('not-a-bundle', 'this is no archive', {}, '');
