// A zip without its directory (a download that broke off, a disk that was full): members by the headers in front of them. A zip that was
// written as it came has no sizes there; its data end where a descriptor says just the size that lies behind it, so that headers inside
// of stored data (a zip in the zip) mislead nobody.

import { fromBytes } from '../../model/strings.js';
import type { Archive, EntryList } from './entries.js';
import { CENTRAL, DEFLATED, LOCAL, objection, STORED } from './zip.js';

const DESCRIPTOR = 0x08074b50;
const STREAMED = 8;
const CUT = 'cut: the archive ends before it does';

/** Takes the members from the front; the last one may be cut. */
export function readCutZip(bytes: Uint8Array, list: EntryList): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = find(bytes, view, 0, LOCAL);
  while (at + 30 <= bytes.length && view.getUint32(at, true) === LOCAL && !list.isFull) {
    const flags = view.getUint16(at + 6, true);
    const method = view.getUint16(at + 8, true);
    const nameLength = view.getUint16(at + 26, true);
    const start = at + 30 + nameLength + view.getUint16(at + 28, true);
    if (start > bytes.length) break;
    const name = fromBytes(bytes.subarray(at + 30, at + 30 + nameLength));
    const stated = {
      packed: view.getUint32(at + 18, true),
      size: view.getUint32(at + 22, true),
      crc: view.getInt32(at + 14, true),
    };
    const isStreamed = (flags & STREAMED) !== 0;
    const found = isStreamed ? descriptorOf(bytes, view, start) : { ...stated, next: start + stated.packed };
    const isCut = found === undefined || found.next > bytes.length;
    const end = isCut ? bytes.length : start + found.packed;
    const why = objection(flags, method, 0);
    if (why !== undefined) list.refuse(name, why, at);
    else if (!name.endsWith('/'))
      list.add({
        ...{ name, start, end, isDeflated: method === DEFLATED, issue: isCut ? CUT : undefined },
        size: found?.size ?? (method === STORED ? end - start : undefined),
        crc: isCut ? undefined : found.crc,
      });
    if (isCut) break;
    at = found.next;
  }
  return list.archive();
}

/** The descriptor behind data that begin at start, by its size; where the next header is. */
function descriptorOf(bytes: Uint8Array, view: DataView, start: number) {
  for (let at = start; at < bytes.length; at++) {
    at = bytes.indexOf(0x50, at);
    if (at < 0) return undefined;
    if (at + 4 > bytes.length) return undefined;
    const signature = view.getUint32(at, true);
    if (signature === DESCRIPTOR) {
      if (at + 16 > bytes.length || view.getUint32(at + 8, true) !== at - start) continue;
      // Of zip64: sizes of eight bytes, behind which the next header is.
      const isLong = at + 24 <= bytes.length && view.getUint32(at + 12, true) === 0 && !isHeader(view, at + 16);
      if (!isLong) return { ...sizes(view, at + 4), next: at + 16 };
      return {
        ...{ crc: view.getInt32(at + 4, true), packed: at - start },
        ...{ size: Number(view.getBigUint64(at + 16, true)), next: at + 24 },
      };
    } else if ((signature === LOCAL || signature === CENTRAL) && at - 12 >= start) {
      // Without a signature of its own.
      if (view.getUint32(at - 8, true) === at - 12 - start) return { ...sizes(view, at - 12), next: at };
    }
  }
  return undefined;
}

const isHeader = (view: DataView, at: number) =>
  at + 4 <= view.byteLength && [LOCAL, CENTRAL].includes(view.getUint32(at, true));

const sizes = (view: DataView, at: number) => ({
  crc: view.getInt32(at, true),
  packed: view.getUint32(at + 4, true),
  size: view.getUint32(at + 8, true),
});

function find(bytes: Uint8Array, view: DataView, from: number, signature: number): number {
  for (let at = bytes.indexOf(0x50, from); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0x50, at + 1))
    if (view.getUint32(at, true) === signature) return at;
  return bytes.length;
}
