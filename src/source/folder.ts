// A folder and the archives on the disk, as what a bundle is made of. Links are not followed: what they lead to was not given.

import { closeSync, createReadStream, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { ProfileError } from '../errors.js';
import type { Inflater } from '../model/bundle.js';

export interface FolderFile {
  /** From the folder, with / between. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

const DEPTH = 4;
const MOST = 2000;

/** Its files, in the order of their names; links, hidden files and node_modules are left out. isWhole: no more than are given. */
export function filesOf(folder: string): {
  readonly files: readonly FolderFile[];
  readonly isWhole: boolean;
  readonly links: readonly string[];
} {
  const files: FolderFile[] = [];
  const links: string[] = [];
  let isWhole = true;
  const look = (name: string, depth: number) => {
    for (const entry of readdirSync(join(folder, name), { withFileTypes: true }).sort(byName)) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const inner = name === '' ? entry.name : `${name}/${entry.name}`;
      if (files.length >= MOST) isWhole = false;
      else if (entry.isSymbolicLink()) links.push(inner);
      else if (entry.isDirectory() && depth > 1) look(inner, depth - 1);
      else if (entry.isFile())
        files.push({ name: inner, path: join(folder, inner), bytes: statSync(join(folder, inner)).size });
    }
  };
  try {
    look('', DEPTH);
  } catch (error) {
    throw unreadable(folder, error);
  }
  return { files, isWhole, links };
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** What there is of a name. */
export function placeKind(path: string | URL): 'file' | 'folder' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

/** The first bytes of a file; none when it cannot be read, or is a pipe, which would be emptied. */
export function firstBytes(path: string | URL, bytes: number): Uint8Array {
  try {
    if (!statSync(path).isFile()) return new Uint8Array();
    const descriptor = openSync(path, 'r');
    try {
      const head = new Uint8Array(bytes);
      return head.subarray(0, readSync(descriptor, head, 0, bytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return new Uint8Array();
  }
}

/** All of a file. Throws ProfileError: unreadable, too-large. */
export function allBytes(path: string | URL, maxBytes = 2 ** 31): Uint8Array {
  try {
    if (statSync(path).size > maxBytes)
      throw new ProfileError(
        'too-large',
        `it has more than ${maxBytes} bytes`,
        { source: String(path) },
        'if it is no mistake, raise the limit with -max_bytes',
      );
    return readFileSync(path);
  } catch (error) {
    throw error instanceof ProfileError ? error : unreadable(String(path), error);
  }
}

/** A file as it is read. */
export const chunksOf = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 1 << 19 });

/** zlib's. */
export const inflater: Inflater = {
  chunks: inflateRaw,
  head(packed) {
    try {
      return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_HEAD });
    } catch {
      return undefined;
    }
  },
  crc32: (bytes, before) => crc32(bytes, before >>> 0) | 0,
};

const MOST_HEAD = 1 << 21;

/** On its own thread; cut data give what they have. */
async function* inflateRaw(packed: Uint8Array): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: 1 << 19, finishFlush: constants.Z_SYNC_FLUSH });
  inflate.end(packed);
  for await (const chunk of inflate) yield chunk;
}

function unreadable(path: string, error: unknown): ProfileError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const facts = new Map<unknown, string>([
    ['EACCES', 'permission denied'],
    ['ENOENT', 'no such file'],
    ['EISDIR', 'this is a folder'],
    ['ERR_FS_FILE_TOO_LARGE', 'it has more than 2 GiB'],
  ]);
  const fact = facts.get(code) ?? (error instanceof Error ? error.message : String(error));
  return new ProfileError('unreadable', fact, { source: path }, 'check the name and who may read it');
}
