// A file on its way to the disk: NAME.partial while it is written, NAME when it is whole. Synchronous: what was written before an
// error is known to be there.

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, extname } from 'node:path';
import { ProfileError } from '../errors.js';

export interface Disk {
  /** Where it will be; where it is, once it is finished: somebody may have made a file of the name meanwhile. */
  readonly path: string;
  /** Appends. Throws ProfileError 'unreadable'; what of it was written is unknown, see truncate. */
  write(bytes: Uint8Array): void;
  /** Goes back to this size. */
  truncate(size: number): void;
  /** It is whole: on the disk, under its name. */
  finish(): void;
  /** Nothing of it is wanted. */
  discard(): void;
}

/** Whether there is nothing of this name. */
export const isFree = (path: string): boolean => !existsSync(path);

/** Throws ProfileError 'unreadable' when there is such a file already, or it cannot be made. Readable by this user only. */
export function newFile(path: string): Disk {
  if (!isFree(path))
    throw unwritable(path, 'there is such a file already', 'choose another name with -output, or move it away');
  const [partial, descriptor] = newPartial(path);
  let finished = path;
  let position = 0;
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      throw failure(path, error);
    }
  };
  return {
    get path() {
      return finished;
    },
    write: (bytes) =>
      guarded(() => {
        for (let at = 0; at < bytes.length; ) {
          const written = writeSync(descriptor, bytes, at, bytes.length - at, position);
          at += written;
          position += written;
        }
      }),
    truncate: (size) =>
      guarded(() => {
        ftruncateSync(descriptor, size);
        position = size;
      }),
    finish: () =>
      guarded(() => {
        fsyncSync(descriptor);
        closeSync(descriptor);
        finished = place(partial, path);
        syncFolder(dirname(path));
      }),
    discard: () => {
      closeSync(descriptor);
      rmSync(partial, { force: true });
    },
  };
}

/** Nothing that is there is opened: another run may be writing it, or have left it to go on from. */
function newPartial(path: string): [partial: string, descriptor: number] {
  for (let i = 1; ; i++) {
    const partial = `${path}${i === 1 ? '' : `.${i}`}.partial`;
    try {
      return [partial, openSync(partial, 'wx', 0o600)];
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST') || i > 1000)
        throw failure(path, error);
    }
  }
}

/** Gives a whole file its name, or the next free one. */
function place(partial: string, path: string): string {
  const end = extname(path);
  for (let i = 1; ; i++) {
    const name = i === 1 ? path : `${path.slice(0, path.length - end.length)}-${i}${end}`;
    try {
      linkSync(partial, name);
      rmSync(partial);
      return name;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EEXIST' && i < 1000) continue;
      // A file system without links.
      if (existsSync(name)) throw error;
      renameSync(partial, name);
      return name;
    }
  }
}

/** So that the new name survives a crash; not every system can. */
function syncFolder(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch {
    // Windows opens no folders.
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
  ENOENT: 'there is no such folder',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  EFBIG: 'the file system takes no file of this size',
  ENOTDIR: 'a part of its path is no folder',
};

function failure(path: string, error: unknown): ProfileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return unwritable(
    path,
    reasons[code] ?? (error instanceof Error ? error.message : String(error)),
    'make room, or choose another place with -output',
  );
}

const unwritable = (path: string, fact: string, hint: string) =>
  new ProfileError('unreadable', `it cannot be written: ${fact}`, { source: path }, hint);
