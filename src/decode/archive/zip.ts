// A zip → its members, by the directory at its end; without one, by the header in front of each (zipCut.ts). Source: APPNOTE.TXT of
// PKWARE, 4.3 and 4.5. Not read: encrypted members, methods other than stored and deflated, archives in several parts.
//
//   local header · data · descriptor?   …   central header …   zip64 end, its locator?   end record · comment

import { fromBytes } from '../../model/strings.js';
import { type Archive, EntryList } from './entries.js';
import { readCutZip } from './zipCut.js';

export const LOCAL = 0x04034b50;
export const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;

export const STORED = 0;
export const DEFLATED = 8;
export const ENCRYPTED = 1;

/** All of a zip. Never throws for what is in it. */
export function readZip(bytes: Uint8Array): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const directory = findDirectory(view);
  if (directory === undefined) {
    const list = new EntryList();
    list.issue('the zip ends early: its directory is missing, members are read as far as they go', bytes.length);
    return readCutZip(bytes, list);
  }
  const list = new EntryList();
  const { shift } = directory;
  let at = directory.start;
  for (let i = 0; i < directory.count; i++) {
    if (list.isFull) {
      list.issue(`only the first ${list.entries.length} of ${directory.count} members are read`, at);
      break;
    }
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      list.issue(`the directory of the zip is damaged behind ${i} of ${directory.count} members`, at);
      break;
    }
    at = readCentral(bytes, view, at, shift, list);
  }
  return list.archive();
}

/** One entry of the directory; where the next is. */
function readCentral(bytes: Uint8Array, view: DataView, at: number, shift: number, list: EntryList): number {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const crc = view.getInt32(at + 16, true);
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  const name = fromBytes(bytes.subarray(at + 46, at + 46 + nameLength));
  const sizes = zip64(view, at + 46 + nameLength, Math.min(extraLength, bytes.length - at - 46 - nameLength), [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  const [size, packed, offset] = sizes;
  const made = view.getUint16(at + 4, true) >> 8;
  const mode = made === 3 || made === 19 ? view.getUint16(at + 40, true) : 0;
  if (name.endsWith('/')) return next;
  const local = offset + shift;
  const why = objection(flags, method, mode);
  if (why !== undefined) list.refuse(name, why, local);
  else if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL)
    list.issue(`${name} is named in the directory and not there`, local);
  else {
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const isCut = start + packed > bytes.length;
    const end = Math.min(start + packed, bytes.length);
    const issue = isCut ? 'cut: the archive ends before it does' : undefined;
    if (start > bytes.length) list.issue(`${name} is named in the directory and not there`, local);
    else list.add({ name, start, end, isDeflated: method === DEFLATED, size, crc, issue });
  }
  return next;
}

export function objection(flags: number, method: number, mode: number): string | undefined {
  if ((mode & 0xf000) === 0xa000) return 'it is a symbolic link';
  if ((mode & 0xf000) !== 0 && (mode & 0xf000) !== 0x8000) return 'it is no file';
  if ((flags & ENCRYPTED) !== 0) return 'it is encrypted';
  if (method !== STORED && method !== DEFLATED) return `its compression, method ${method}, is not read here`;
  return undefined;
}

/** Sizes and offset, from the extra field of zip64 where they do not fit. */
function zip64(view: DataView, start: number, length: number, values: readonly number[]): readonly number[] {
  if (!values.includes(0xffffffff)) return values;
  const end = start + length;
  for (let at = start; at + 4 <= end; ) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let from = at + 4;
      return values.map((value) => {
        if (value !== 0xffffffff || from + 8 > Math.min(end, at + 4 + size)) return value;
        from += 8;
        return Number(view.getBigUint64(from - 8, true));
      });
    }
    at += 4 + size;
  }
  return values;
}

interface Directory {
  readonly start: number;
  readonly count: number;
  /** What stands before the zip, in a self-extracting one. */
  readonly shift: number;
}

/** The directory by the end record, which is the last thing but for a comment. */
function findDirectory(view: DataView): Directory | undefined {
  const { byteLength } = view;
  for (let at = byteLength - 22; at >= Math.max(0, byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) !== END || at + 22 + view.getUint16(at + 20, true) !== byteLength) continue;
    let count = view.getUint16(at + 10, true);
    let size = view.getUint32(at + 12, true);
    let start = view.getUint32(at + 16, true);
    let end = at;
    if (at >= 20 && view.getUint32(at - 20, true) === LOCATOR64) {
      const record = Number(view.getBigUint64(at - 12, true));
      const found = [record, at - 76].find((p) => p >= 0 && p + 56 <= byteLength && view.getUint32(p, true) === END64);
      if (found !== undefined) {
        count = Number(view.getBigUint64(found + 32, true));
        size = Number(view.getBigUint64(found + 40, true));
        start = Number(view.getBigUint64(found + 48, true));
        end = found;
      }
    }
    const shift = Math.max(0, end - size - start);
    if (count === 0 || (start + shift + 4 <= byteLength && view.getUint32(start + shift, true) === CENTRAL))
      return { start: start + shift, count, shift };
  }
  return undefined;
}
