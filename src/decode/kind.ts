// What a file is, by its content: the first 64 KiB, decompressed. One row a format, the first that fits wins.

import { Gunzip } from 'fflate';
import type { MemberKind } from '../model/bundle.js';
import { joined } from '../model/bytes.js';

/** As much of the beginning as kindOf() looks at. */
export const KIND_BYTES = 1 << 16;

interface Row {
  readonly kind: MemberKind;
  readonly is: (text: string, bytes: Uint8Array) => boolean;
}

const starts = (pattern: RegExp) => (text: string) => pattern.test(text);
const json = (keys: RegExp) => (text: string) => /^\s*\{/.test(text) && keys.test(text);

/** A character a byte. */
const latin = new TextDecoder('latin1');

const rows: readonly Row[] = [
  { kind: 'empty', is: (text) => text === '' },
  { kind: 'archive', is: (_, bytes) => isZip(bytes) || isTar(bytes) },
  { kind: 'trace', is: starts(/^go 1\.\d+ trace/) },
  {
    kind: 'binary',
    is: starts(/^(\x7fELF|MZ.{58,}|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\xca\xfe\xba\xbe)/s),
  },
  { kind: 'profile', is: (_, bytes) => isProfile(bytes) },
  { kind: 'manifest', is: json(/"schema"\s*:\s*"tspprof bundle/) },
  { kind: 'sysinfo', is: json(/"(diskinfo|numgoroutines)"\s*:/) },
  { kind: 'version', is: json(/"Golang"\s*:/) },
  { kind: 'vars', is: json(/"memstats"\s*:|"cmdline"\s*:\s*\[/) },
  { kind: 'html', is: starts(/^\s*<(!doctype|html|head|body)/i) },
  {
    kind: 'dump',
    is: (text) =>
      /(^|[\s"'>|:])goroutine \d+ .{0,80}\[|goroutine(leak)? profile: total|WARNING: DATA RACE/.test(plain(text)),
  },
  {
    kind: 'text-profile',
    is: starts(/^(heap profile: |--- (mutex|contention|heapz|contentionz|threadz)|\S.{0,200} profile: total \d+\n)/),
  },
  { kind: 'json', is: starts(/^\s*[[{]\s*["\]}[{\d]/) },
  { kind: 'metrics', is: (text) => /^# (HELP|TYPE) \S+ /m.test(text) && /^[a-zA-Z_:][\w:]*(\{.*\})? \S+$/m.test(text) },
  { kind: 'text', is: (text) => !/[\0-\x07\x0e-\x1a\x1c-\x1f]/.test(text) },
];

/** head: the first KIND_BYTES of it or fewer, gzipped or not. Never throws. */
export function kindOf(head: Uint8Array): MemberKind {
  const raw = inflated(head.subarray(0, KIND_BYTES));
  const text = latin.decode(raw);
  return rows.find(({ is }) => is(text, raw))?.kind ?? 'unknown';
}

/** Without the zeros of UTF-16. */
const plain = (text: string) => (text.includes('\0') ? text.replaceAll('\0', '') : text);

/** Also one without its beginning, or without members. */
export function isZip(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 4 &&
    bytes[0] === 0x50 &&
    bytes[1] === 0x4b &&
    [0x0403, 0x0605, 0x0807].includes(bytes[2] | (bytes[3] << 8))
  );
}

/** ustar and its kin; the checksum tells the old format, which has no magic. */
export function isTar(bytes: Uint8Array): boolean {
  if (bytes.length < 512 || bytes[0] === 0) return false;
  const stated = /^[ 0]*([0-7]{1,6})[\0 ]/.exec(latin.decode(bytes.subarray(148, 156)));
  if (stated === null) return false;
  let sum = 0;
  for (let i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 32 : bytes[i];
  return Number.parseInt(stated[1], 8) === sum;
}

/** Headers of gzip and of a block that is stored as it is: what comes out of it is less by these. */
const HEADERS = 18;

/** The beginning, decompressed as far as it goes. */
function inflated(head: Uint8Array): Uint8Array {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head;
  const chunks: Uint8Array[] = [];
  let most = KIND_BYTES;
  try {
    const gunzip = new Gunzip((chunk) => chunks.push(chunk));
    gunzip.push(head);
    // fflate gives nothing of a stored block until all of it is there, so that it is filled up.
    if (chunks.every(({ length }) => length === 0)) {
      most = Math.max(0, head.length - HEADERS);
      gunzip.push(new Uint8Array(KIND_BYTES));
    }
  } catch {
    // What came before the damage tells enough.
  }
  return joined(chunks, most);
}

/** Whether bytes begin like profile.proto: a sample type, or another message of it, whose own fields are sane. */
function isProfile(raw: Uint8Array): boolean {
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
