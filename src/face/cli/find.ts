// The profiles of a folder, for `tspprof top` without a file: by content, not by name.

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf, type MemberKind } from '../../index.js';

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

/** Whether a file is an executable or library: ELF, Mach-O (also of several processors) or PE. */
export function isProgram(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    const head = readHead(path);
    return /^(7f454c46|cefaedfe|cffaedfe|feedface|feedfacf|cafebabe|bebafeca|4d5a)/.test(head.toString('hex', 0, 4));
  } catch {
    return false;
  }
}

const list = (path: string) => readdirSync(path, { withFileTypes: true });

/** The first bytes of a file. */
export function readHead(path: string, length = HEAD): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
  } finally {
    closeSync(fd);
  }
}
