// The string table: bytes until somebody asks. Go's strings need not be UTF-8, and what pprof prints are the bytes, so
// a byte that is not part of a character becomes U+DC00 + byte (a lone surrogate, which no valid UTF-8 gives), and
// toBytes() turns it back.

export interface StringTable {
  readonly count: number;
  /** Row i is bytes[start[i] … start[i + 1] - 1]. */
  readonly bytes: Uint8Array;
  readonly start: Uint32Array;
  /** The text of row i; decoded once. */
  get(row: number): string;
  /** Whether any row is this text; looks at bytes of that length only. */
  has(text: string): boolean;
  /** The first row with the same bytes: equal texts have equal rows, '' is row 0. */
  readonly same: Uint32Array;
}

/** bytes, start u32[count + 1], same u32[count] as the core gives them. */
export function stringTable(bytes: Uint8Array, start: Uint32Array, same: Uint32Array): StringTable {
  const texts: (string | undefined)[] = new Array(same.length);
  // Nearly every table is ASCII, which is when it has as many characters as bytes: one decode for all, a text is a slice.
  let all: string | undefined;
  let isAscii = false;
  const decode = (row: number) => {
    if (all === undefined) {
      try {
        all = strict.decode(bytes);
      } catch {
        all = '';
      }
      isAscii = all.length === bytes.length;
      if (!isAscii) all = '';
    }
    return isAscii ? all.slice(start[row], start[row + 1]) : fromBytes(bytes.subarray(start[row], start[row + 1]));
  };
  return {
    count: same.length,
    bytes,
    start,
    same,
    has(text) {
      const wanted = toBytes(text);
      for (let row = 0; row < same.length; row++) {
        const from = start[row];
        if (start[row + 1] - from === wanted.length && wanted.every((byte, i) => bytes[from + i] === byte)) return true;
      }
      return false;
    },
    get(row) {
      let text = texts[row];
      if (text === undefined) {
        const first = same[row];
        text = texts[first] ??= decode(first);
        texts[row] = text;
      }
      return text;
    },
  };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8 to text, no byte lost. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeLossless(bytes);
  }
}

function decodeLossless(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i];
    const size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    try {
      if (size === 0 || i + size > bytes.length) throw new Error('not a character');
      text += strict.decode(bytes.subarray(i, i + size));
      i += size;
    } catch {
      text += String.fromCharCode(0xdc00 + lead);
      i++;
    }
  }
  return text;
}

/** With the u flag only surrogates without a partner match. */
const escaped = /[\udc80-\udcff]/u;

/** Text to UTF-8, the inverse of fromBytes. */
export function toBytes(text: string): Uint8Array {
  if (!escaped.test(text)) return encoder.encode(text);
  const parts: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xdc80 && code <= 0xdcff) parts.push(code - 0xdc00);
    else parts.push(...encoder.encode(character));
  }
  return Uint8Array.from(parts);
}

/** Characters for which the order of UTF-16 is not that of UTF-8. */
const high = /[\ud800-\uffff]/;

/** The order of two texts by their UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (high.test(a) || high.test(b)) return compareBytes(a, b);
  return a < b ? -1 : 1;
}

/** An order for these texts by their UTF-8 bytes, as Go compares strings. */
export function byteOrder(texts: readonly string[]): (a: string, b: string) => number {
  return texts.some((text) => high.test(text)) ? compareBytes : (a, b) => (a === b ? 0 : a < b ? -1 : 1);
}

function compareBytes(a: string, b: string): number {
  const x = toBytes(a);
  const y = toBytes(b);
  const length = Math.min(x.length, y.length);
  for (let i = 0; i < length; i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}
