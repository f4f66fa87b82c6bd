// Profiles from drawings, and from a seeded random generator, as profile.proto bytes.
//
//   draw('main;work;leaf 10\nmain;work 5')                  root first, value last
//   draw('main;f>g 3')                                      g is inlined into f: one location, two lines
//   draw('main;f@a/b.go:12 3 {route=/x,bytes=512bytes}')    file and line; a string and a numeric label
//   draw('main;0x40[libc.so] 3')                            a location without lines, and its mapping
//   draw('a 1 20', { types: [['count', 'n'], ['cpu', 'nanoseconds']] })

import { toBytes } from '../src/model/strings.js';

export interface DrawnLine {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface DrawnLocation {
  /** Innermost first; none is an address only. */
  readonly lines: readonly DrawnLine[];
  readonly address: bigint;
  readonly mapping: string;
}

export interface DrawnSample {
  /** Leaf first. */
  readonly locations: readonly DrawnLocation[];
  readonly values: readonly bigint[];
  readonly labels: readonly { key: string; text?: string; number?: bigint; unit?: string }[];
}

export interface Drawing {
  readonly types: readonly (readonly [type: string, unit: string])[];
  readonly samples: readonly DrawnSample[];
  readonly dropFrames?: string;
  readonly keepFrames?: string;
  readonly defaultType?: string;
  readonly timeNanos?: bigint;
  readonly durationNanos?: bigint;
  readonly comments?: readonly string[];
  readonly docUrl?: string;
  readonly mappingFiles?: readonly string[];
  /** How to write it; every choice is the same profile. */
  readonly wire?: {
    readonly packed?: boolean;
    readonly samplesFirst?: boolean;
    readonly stringsFirst?: boolean;
    /** Id of row i. */
    readonly id?: (row: number) => bigint;
    readonly unknownFields?: boolean;
  };
}

type Extra = Omit<Partial<Drawing>, 'samples'>;

export function draw(text: string, extra: Extra = {}): Uint8Array {
  return encode(parse(text, extra));
}

export function parse(text: string, extra: Extra = {}): Drawing {
  const samples = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line): DrawnSample => {
      const labels = /\s*\{(.*)\}$/.exec(line);
      const [stack, ...values] = line.slice(0, labels?.index ?? line.length).split(/\s+/);
      return {
        locations: stack === '-' ? [] : stack.split(';').map(location).reverse(),
        values: values.map(BigInt),
        labels: (labels?.[1] ?? '').split(',').filter(Boolean).map(label),
      };
    });
  return { types: [['samples', 'count']], ...extra, samples };
}

function location(text: string): DrawnLocation {
  const bare = /^0x([0-9a-f]+)(?:\[(.*)\])?$/.exec(text);
  if (bare !== null) return { lines: [], address: BigInt(`0x${bare[1]}`), mapping: bare[2] ?? '' };
  const lines = text.split('>').map((frame): DrawnLine => {
    const [name, place = ''] = frame.split('@');
    const [file, line = '0', column = '0'] = place.split(':');
    return { name, file, line: Number(line), column: Number(column) };
  });
  return { lines: lines.reverse(), address: 0n, mapping: '' };
}

function label(text: string) {
  const [key, value] = text.split('=');
  const number = /^(-?\d+)([a-z]*)$/i.exec(value);
  return number === null ? { key, text: value } : { key, number: BigInt(number[1]), unit: number[2] };
}

/** Written by hand, so that what the decoder reads is not made by the library that it reads with. */
class Bytes {
  readonly parts: number[] = [];
  varint(value: bigint | number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.parts.push(Number(rest & 0x7fn) | 0x80);
    this.parts.push(Number(rest));
    return this;
  }
  number(field: number, value: bigint | number): this {
    return this.varint(field << 3).varint(value);
  }
  optional(field: number, value: bigint | number): this {
    return BigInt(value) === 0n ? this : this.number(field, value);
  }
  bytes(field: number, content: Uint8Array | readonly number[]): this {
    this.varint((field << 3) | 2).varint(content.length);
    for (const byte of content) this.parts.push(byte);
    return this;
  }
}

export function encode(drawing: Drawing): Uint8Array {
  const {
    packed = true,
    samplesFirst = false,
    stringsFirst = false,
    id = (row: number) => BigInt(row + 1),
    unknownFields = false,
  } = drawing.wire ?? {};
  const strings = new Map<string, number>([['', 0]]);
  const row = (text: string) => {
    const known = strings.get(text);
    if (known !== undefined) return known;
    strings.set(text, strings.size);
    return strings.size - 1;
  };
  const rows = <T>(key: (value: T) => string) => {
    const known = new Map<string, number>();
    const list: T[] = [];
    return {
      list,
      of(value: T) {
        const k = key(value);
        let at = known.get(k);
        if (at === undefined) {
          at = list.length;
          known.set(k, at);
          list.push(value);
        }
        return at;
      },
    };
  };
  const functions = rows<DrawnLine>(({ name, file }) => JSON.stringify([name, file]));
  const mappings = rows<string>((file) => file);
  for (const file of drawing.mappingFiles ?? []) mappings.of(file);
  const locations = rows<DrawnLocation>(({ lines, address, mapping }) =>
    JSON.stringify([lines, String(address), mapping]),
  );

  const ints = (out: Bytes, field: number, values: readonly bigint[]) => {
    if (!packed) for (const value of values) out.number(field, value);
    else if (values.length > 0) out.bytes(field, values.reduce((b, v) => b.varint(v), new Bytes()).parts);
  };
  const noise = (out: Bytes) => (unknownFields ? out.number(900, 7).bytes(901, [1, 2, 3]) : out);

  const samples = new Bytes();
  for (const { locations: stack, values, labels } of drawing.samples) {
    const out = new Bytes();
    ints(
      out,
      1,
      stack.map((l) => id(locations.of(l))),
    );
    ints(out, 2, values);
    for (const { key, text, number = 0n, unit = '' } of labels) {
      const one = new Bytes().optional(1, row(key));
      if (text !== undefined) one.optional(2, row(text));
      else one.optional(3, number).optional(4, row(unit));
      out.bytes(3, one.parts);
    }
    samples.bytes(2, noise(out).parts);
  }
  const tables = new Bytes();
  const locationPart = new Bytes();
  for (const [i, { lines, address, mapping }] of locations.list.entries()) {
    const out = new Bytes().number(1, id(i));
    if (mapping !== '') out.number(2, id(mappings.of(mapping)));
    out.optional(3, address);
    for (const line of lines) {
      out.bytes(
        4,
        new Bytes()
          .number(1, id(functions.of(line)))
          .optional(2, line.line)
          .optional(3, line.column).parts,
      );
    }
    locationPart.bytes(4, noise(out).parts);
  }
  for (const [i, { name, file }] of functions.list.entries()) {
    tables.bytes(
      5,
      new Bytes().number(1, id(i)).optional(2, row(name)).optional(3, row(name)).optional(4, row(file)).parts,
    );
  }
  for (const [i, file] of mappings.list.entries())
    tables.bytes(3, new Bytes().number(1, id(i)).optional(5, row(file)).parts);
  const head = new Bytes();
  for (const [type, unit] of drawing.types)
    head.bytes(1, new Bytes().optional(1, row(type)).optional(2, row(unit)).parts);
  const tail = new Bytes()
    .optional(7, row(drawing.dropFrames ?? ''))
    .optional(8, row(drawing.keepFrames ?? ''))
    .optional(9, drawing.timeNanos ?? 0n)
    .optional(10, drawing.durationNanos ?? 0n);
  for (const comment of drawing.comments ?? []) tail.number(13, row(comment));
  tail.optional(14, row(drawing.defaultType ?? '')).optional(15, row(drawing.docUrl ?? ''));
  const table = new Bytes();
  for (const text of strings.keys()) table.bytes(6, toBytes(text));
  const body = samplesFirst ? [samples, locationPart, tables] : [locationPart, tables, samples];
  const all = stringsFirst ? [table, head, ...body, tail] : [head, ...body, tail, table];
  return Uint8Array.from([...all, noise(new Bytes())].flatMap((part) => part.parts));
}

/** A generator of numbers in 0 … 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random profile: few functions, so that recursion, inlining and ties are frequent; large and small values, negative ones for odd seeds. */
export function randomDrawing(seed: number): Drawing {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(random() * n);
  const functionCount = 2 + below(12);
  const line = (): DrawnLine => {
    const f = below(functionCount);
    return { name: `f${f}`, file: `dir${f % 3}/file${f % 4}.go`, line: 1 + below(4), column: below(2) };
  };
  const locations = Array.from(
    { length: 3 + below(30) },
    (_, i): DrawnLocation => ({
      lines: random() < 0.05 ? [] : Array.from({ length: random() < 0.3 ? 2 + below(3) : 1 }, line),
      address: BigInt(0x1000 + i * 16),
      mapping: `/bin/m${i % 2}`,
    }),
  );
  const value = () => {
    const kind = random();
    if (kind < 0.1) return 0n;
    if (kind < 0.2) return seed % 2 === 1 ? -BigInt(below(1000)) : BigInt(below(1000));
    if (kind < 0.3 && seed % 4 < 2) return 2n ** 60n + BigInt(below(1 << 30));
    return BigInt(below(50));
  };
  const samples = Array.from(
    { length: 1 + below(60) },
    (): DrawnSample => ({
      locations: Array.from({ length: below(12) }, () => locations[below(locations.length)]),
      values: [value(), value()],
      labels: random() < 0.4 ? [{ key: 'k', text: `v${below(3)}` }] : [],
    }),
  );
  return {
    types: [
      ['n', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    samples,
  };
}
