// The profiles of a folder, for `tspprof top` without a file: by content, not by name.

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isLive, KIND_BYTES, kindOf, type MemberKind } from '../../node.js';

/** What a command can be given. */
const FOUND = new Set<MemberKind>(['profile', 'text-profile', 'dump', 'archive']);

export interface FoundProfile {
  readonly path: string;
  readonly kind: MemberKind;
  readonly bytes: number;
  readonly modified: Date;
}

const HEAD = 4096;
const FOLDERS = 200;
const FILES = 5000;

/** Profiles in a folder and the folders in it, newest first. Looks at FILES files and FOLDERS folders at most. */
export function findProfiles(folder: string): FoundProfile[] {
  const found: FoundProfile[] = [];
  let files = 0;
  const look = (dir: string, deeper: boolean) => {
    let entries: ReturnType<typeof list>;
    try {
      entries = list(join(folder, dir));
    } catch {
      return;
    }
    let folders = 0;
    for (const entry of entries) {
      const path = join(dir, entry.name);
      if (
        entry.isDirectory() &&
        deeper &&
        entry.name !== 'node_modules' &&
        !entry.name.startsWith('.') &&
        folders++ < FOLDERS
      )
        look(path, false);
      if (!entry.isFile() || files++ > FILES) continue;
      try {
        const { size, mtime } = statSync(join(folder, path));
        const kind = size > 0 ? kindOf(readHead(join(folder, path))) : 'empty';
        if (FOUND.has(kind)) found.push({ path, kind, bytes: size, modified: mtime });
      } catch {
        // A file that cannot be read is no profile to offer.
      }
    }
  };
  look('', true);
  return found.sort((a, b) => b.modified.getTime() - a.modified.getTime());
}

/** Whether a file is an executable or library. */
export function isProgram(path: string): boolean {
  return existsSync(path) && statSync(path).isFile() && kindOfFile(path) === 'binary';
}

/** Whether a word alone is a bundle: a folder or an archive. */
export function looksLikeBundle(word: string): boolean {
  if (!existsSync(word)) return false;
  return statSync(word).isDirectory() || kindOfFile(word) === 'archive';
}

/** Whether a file begins like a dump of goroutines: the quick look shows stacks then. */
export function looksLikeDump(file: string): boolean {
  if (isLive(file)) return /\/goroutine(leak)?\?(.*&)?debug=[12]/.test(file);
  try {
    return /goroutine \d+ .*\[|goroutine(leak)? profile: total|WARNING: DATA RACE/.test(
      readHead(file).toString('latin1').replaceAll('\0', ''),
    );
  } catch {
    return false;
  }
}

function kindOfFile(path: string): MemberKind {
  try {
    return statSync(path).isFile() ? kindOf(readHead(path, KIND_BYTES)) : 'unknown';
  } catch {
    return 'unknown';
  }
}

const list = (path: string) => readdirSync(path, { withFileTypes: true });

function readHead(path: string, length = HEAD): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
  } finally {
    closeSync(fd);
  }
}
