// Reading small protobuf messages with protobufjs's minimal Reader. 64-bit integers become bigints here: the Reader's
// own int64() depends on whether long.js is installed, and uint32() drops the upper bits without a word.

import protobuf from 'protobufjs/minimal.js';

/** Bytes that are no protobuf, or not the message that was expected. */
export class MalformedError extends Error {
  readonly field: string;
  constructor(fact: string, field = '') {
    super(fact);
    this.field = field;
  }
}

/** The varint at the reader, up to 10 bytes, as an unsigned 64-bit number. */
function readVarint(reader: protobuf.Reader): bigint {
  let low = 0;
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    if (reader.pos >= reader.len) throw new MalformedError('a number is cut off');
    const byte = reader.buf[reader.pos++];
    if (i < 4) low |= (byte & 0x7f) << (7 * i);
    else value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return BigInt.asUintN(64, value | BigInt(low));
  }
  throw new MalformedError('a number has more than 10 bytes');
}

/** The value of a field that is no bytes; a fixed-width one is skipped and reads as 0. */
export function readScalar(reader: protobuf.Reader, wireType: number): bigint {
  if (wireType === 0) return readVarint(reader);
  const width = wireType === 1 ? 8 : wireType === 5 ? 4 : undefined;
  if (width === undefined) throw new MalformedError(`wire type ${wireType} does not exist`);
  if (reader.len - reader.pos < width) throw new MalformedError('a number is cut off');
  reader.pos += width;
  return 0n;
}

/** Calls take(field, value) for the integer fields 1 … last of a message, in their order; later ones are unknown and skipped. */
export function readFields(
  bytes: Uint8Array,
  name: string,
  last: number,
  take: (field: number, value: bigint) => void,
): void {
  const reader = new protobuf.Reader(bytes);
  while (reader.pos < reader.len) {
    const tag = readVarint(reader);
    const field = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (wireType === 2) {
      const length = Number(readVarint(reader));
      if (length > reader.len - reader.pos) throw new MalformedError('a field is longer than its message', name);
      if (field >= 1 && field <= last) throw new MalformedError('bytes where a number is expected', name);
      reader.pos += length;
      continue;
    }
    const value = readScalar(reader, wireType);
    if (field < 1 || field > last) continue;
    if (wireType !== 0) throw new MalformedError('a number of the wrong width', name);
    take(field, value);
  }
}
