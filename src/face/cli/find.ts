// The profiles of a folder, for `tspprof top` without a file: by content, not by name.

import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';

export interface FoundProfile {
  readonly path: string;
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
        if (size > 0 && isProfile(readHead(join(folder, path)))) found.push({ path, bytes: size, modified: mtime });
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

function readHead(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD);
    return bytes.subarray(0, readSync(fd, bytes, 0, HEAD, 0));
  } finally {
    closeSync(fd);
  }
}

/** Whether bytes begin like profile.proto: a sample type, or another message of it, whose own fields are sane. */
function isProfile(head: Buffer): boolean {
  let raw = head;
  if (head[0] === 0x1f && head[1] === 0x8b) {
    try {
      raw = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      return false;
    }
  }
  for (let at = 0; at + 2 < raw.length; ) {
    const field = raw[at] >> 3;
    const isMessage = field === 11 || (field >= 1 && field <= 6);
    if ((raw[at] & 0x80) !== 0 || field < 1 || field > 15 || (raw[at] & 7) !== (isMessage ? 2 : 0)) return false;
    at++;
    let value = 0;
    for (let shift = 1; at < raw.length; shift *= 128) {
      value += (raw[at] & 0x7f) * shift;
      if (raw[at++] < 0x80) break;
    }
    // sample_type { type: row, unit: row } is a few bytes, and every profile has one.
    if (field === 1) return value <= 12 && (value === 0 || raw[at] === 0x08 || raw[at] === 0x10);
    if (isMessage) at += value;
  }
  return false;
}
