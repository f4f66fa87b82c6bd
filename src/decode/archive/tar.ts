// A tar → its members: ustar, GNU's long names, pax's path and size. Source: POSIX.1-2017 pax, and GNU tar's manual for L and base-256.
// Links, devices and sparse files are refused.
//
//   header (512 bytes) · data, filled up to 512   …   two empty blocks

import { fromBytes } from '../../model/strings.js';
import { type Archive, EntryList } from './entries.js';

const BLOCK = 512;
const LONGEST_NAME = 1 << 16;

/** All of a tar. Never throws for what is in it. */
export function readTar(bytes: Uint8Array): Archive {
  const list = new EntryList();
  let longName: string | undefined;
  let longSize: number | undefined;
  for (let at = 0; at < bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (header.length < BLOCK) {
      list.issue('the tar ends early, in a header', at);
      break;
    }
    if (!hasChecksum(header)) {
      list.issue('the tar is damaged: a header has a wrong checksum, what follows is not read', at);
      break;
    }
    if (list.isFull) {
      list.issue(`only the first ${list.entries.length} members are read`, at);
      break;
    }
    const type = String.fromCharCode(header[156]);
    const size =
      type === 'x' || type === 'g' || longSize === undefined ? numberOf(header.subarray(124, 136)) : longSize;
    const start = at + BLOCK;
    const end = Math.min(start + size, bytes.length);
    const isCut = start + size > bytes.length;
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'L' || type === 'x') {
      const text = bytes.subarray(start, Math.min(end, start + LONGEST_NAME));
      if (type === 'L') longName = textOf(text);
      else {
        const records = paxRecords(text);
        longName = records.get('path') ?? longName;
        const stated = records.get('size');
        longSize = stated !== undefined && /^\d{1,15}$/.test(stated) ? Number(stated) : undefined;
      }
      continue;
    }
    if (type === 'g' || type === 'K' || type === 'V') continue;
    const prefix = fromBytes(header.subarray(257, 262)) === 'ustar' ? textOf(header.subarray(345, 500)) : '';
    const short = textOf(header.subarray(0, 100));
    const name = longName ?? (prefix === '' ? short : `${prefix}/${short}`);
    longName = undefined;
    longSize = undefined;
    if (type === '5' || name.endsWith('/')) continue;
    if (type !== '0' && type !== '\0' && type !== '7') list.refuse(name, KINDS[type] ?? 'it is no file', start - BLOCK);
    else {
      const issue = isCut ? 'cut: the archive ends before it does' : undefined;
      list.add({ name, start, end, isDeflated: false, size, crc: undefined, issue });
    }
  }
  return list.archive();
}

const KINDS: Readonly<Record<string, string>> = {
  '1': 'it is a link',
  '2': 'it is a symbolic link',
  '3': 'it is a device',
  '4': 'it is a device',
  '6': 'it is a pipe',
  S: 'it is a sparse file',
};

function hasChecksum(header: Uint8Array): boolean {
  const stated = numberOf(header.subarray(148, 156));
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i];
  return sum === stated;
}

/** Octal, or GNU's base-256. */
function numberOf(field: Uint8Array): number {
  if ((field[0] & 0x80) !== 0) {
    let value = field[0] & 0x3f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : 0;
  }
  const digits = /^[\0 ]*([0-7]+)/.exec(fromBytes(field))?.[1];
  return digits === undefined ? 0 : Number.parseInt(digits, 8);
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return fromBytes(end < 0 ? field : field.subarray(0, end));
}

/** `LENGTH KEY=VALUE\n`, the length that of all of it. */
function paxRecords(text: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const [, digits] = /^(\d{1,6}) /.exec(fromBytes(text.subarray(at, at + 8))) ?? [];
    const length = Number(digits);
    if (digits === undefined || length <= digits.length + 2) break;
    const record = fromBytes(text.subarray(at + digits.length + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
