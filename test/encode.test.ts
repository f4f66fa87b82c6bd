// Writing profiles: what was decoded comes back, as pprof writes it; views; small tables; hostile content.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { setCore } from '../src/core/instance.js';
import {
  encode as encodeChunks,
  encodePlain,
  merge,
  openBytes,
  type Profile,
  type Query,
  report,
  write,
} from '../src/node.js';
import { type Drawing, draw, encode, randomDrawing } from './draw.js';

const debug = new Uint8Array(readFileSync(new URL('../build/tspprof.debug.wasm', import.meta.url)));
const bytesOf = (profile: Profile, query: Query = {}) => Buffer.concat([...encodeChunks(profile, query)]);
const again = (profile: Profile, query: Query = {}) => openBytes(bytesOf(profile, query));

/** Field number, and number or content, of every field: enough to look at what was written. */
function fields(bytes: Uint8Array): [field: number, value: bigint | Uint8Array][] {
  const out: [number, bigint | Uint8Array][] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Number(tag >> 3n);
    if ((tag & 7n) === 0n) out.push([field, varint()]);
    else {
      const length = Number(varint());
      out.push([field, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return out;
}

const messages = (bytes: Uint8Array, field: number): Uint8Array[] =>
  fields(bytes).flatMap(([f, value]) => (f === field && typeof value !== 'bigint' ? [value] : []));
const strings = (bytes: Uint8Array) => messages(bytes, 6).map((text) => Buffer.from(text).toString());

/** Sample messages written the slow and obvious way: ids of locations leaf first, values, no labels. */
function plainSamples(drawing: Drawing, ids: (row: number) => bigint): string[] {
  const rows = new Map<unknown, number>();
  const key = (l: Drawing['samples'][number]['locations'][number]) =>
    JSON.stringify([l.lines, String(l.address), l.mapping]);
  for (const { locations } of drawing.samples) {
    for (const l of locations) if (!rows.has(key(l))) rows.set(key(l), rows.size);
  }
  const varint = (value: bigint) => {
    const out: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
    return [...out, Number(rest)];
  };
  const list = (field: number, values: readonly bigint[]) => {
    const packed = values.flatMap(varint);
    return values.length > 2
      ? [(field << 3) | 2, ...varint(BigInt(packed.length)), ...packed]
      : values.flatMap((value) => [field << 3, ...varint(value)]);
  };
  return drawing.samples.map(({ locations, values }) => {
    const body = [
      ...list(
        1,
        locations.map((l) => ids(rows.get(key(l)) ?? -1)),
      ),
      ...list(2, values),
    ];
    return Buffer.from(body).toString('hex');
  });
}

for (const [build, core] of [
  ['release', undefined],
  ['debug', debug],
] as const) {
  t.test(`${build}: samples are the bytes of the reference, whatever the ids`, (t) => {
    setCore(core);
    t.teardown(() => setCore(undefined));
    for (let seed = 1; seed <= 60; seed++) {
      const [step, from] = [
        [1n, 1n],
        [127n, 128n],
        [1n << 40n, 5n],
        [1n << 55n, 3n],
      ][seed % 4];
      const id = (row: number) => BigInt(row) * step + from;
      const drawn = randomDrawing(seed);
      const drawing = {
        ...drawn,
        samples: drawn.samples.map((sample) => ({ ...sample, labels: [] })),
        wire: { id, packed: seed % 2 === 0 },
      };
      const bytes = bytesOf(openBytes(encode(drawing)));
      t.same(
        messages(bytes, 2).map((sample) => Buffer.from(sample).toString('hex')),
        plainSamples(drawing, id),
        `seed ${seed}`,
      );
    }
    t.end();
  });
}

t.test('written and read again a profile is the same, and is written the same', (t) => {
  for (let seed = 100; seed < 140; seed++) {
    const profile = openBytes(encode(randomDrawing(seed)));
    const bytes = bytesOf(profile);
    t.same(bytesOf(openBytes(bytes)), bytes, `seed ${seed}`);
    t.same(report(openBytes(bytes), 'top', { trim: false }), report(profile, 'top', { trim: false }));
  }
  t.end();
});

t.test('strings stand in the order of first use: types, labels by key, mappings, functions, the rest', (t) => {
  const profile = openBytes(
    draw('main@m.go:1;0x10[libc] 1 {z=last,a=first,n=5ms}', {
      ...{ comments: ['hello'], defaultType: 'samples', dropFrames: 'drop', docUrl: 'http://doc' },
    }),
  );
  t.same(strings(bytesOf(profile)), [
    ...['', 'samples', 'count', 'a', 'first', 'z', 'last', 'n', 'ms', 'libc', 'main', 'm.go', 'drop', 'hello'],
    'http://doc',
  ]);
  t.end();
});

t.test('bytes that are no UTF-8 survive', (t) => {
  const name = 'caf\udce9';
  const raw = draw('main;cafX 3 {k=vX}');
  for (let i = 0; i < raw.length; i++) if (raw[i] === 0x58) raw[i] = 0xe9;
  const profile = openBytes(raw);
  t.equal(report(again(profile), 'top').rows[0].name, name);
  t.ok(bytesOf(profile).includes(Buffer.from([0x63, 0x61, 0x66, 0xe9])));
  t.end();
});

t.test('the default sample type is written even when it is none, as pprof does', (t) => {
  const all = fields(bytesOf(openBytes(draw('a 1'))));
  t.same(
    all.filter(([field]) => field > 6),
    [[14, 0n]],
  );
  t.end();
});

t.test('hidden locations are passed over in stacks and stay in the table without lines', (t) => {
  const profile = openBytes(draw('main;secret;work 5\nmain;secret 2'));
  const shown = again(profile, { hide: 'secret' });
  t.equal(shown.locations.count, 3);
  t.same(
    report(shown, 'top').rows.map(({ name, flat }) => `${name} ${flat}`),
    ['work 5', 'main 2'],
  );
  t.equal(shown.lines.count, 2);
  t.equal(again(profile, { focus: 'work' }).stacks.count, 1);
  t.equal(again(profile, { ignore: 'main' }).stacks.count, 0);
  t.end();
});

t.test('label frames have the ids after the largest, roots before leaves', (t) => {
  const profile = openBytes(draw('main;f 1\nmain;f 2 {r=x,l=y}', { wire: { id: (row) => BigInt(row * 10 + 3) } }));
  const shown = again(profile, { tagroot: 'r', tagleaf: 'l' });
  t.same([...shown.locations.id], [3n, 13n, 14n, 15n, 16n, 17n]);
  const { functions } = shown;
  t.same(
    Array.from(functions.name, (row, f) => [
      functions.id[f],
      shown.strings.get(row),
      shown.strings.get(functions.filename[f]),
    ]),
    [
      [3n, 'f', ''],
      [13n, 'main', ''],
      [14n, '', 'r'],
      [15n, '', 'l'],
      [16n, 'x', 'r'],
      [17n, 'y', 'l'],
    ],
  );
  t.end();
});

t.test('tagshow and taghide leave labels out', (t) => {
  const profile = openBytes(draw('a 1 {k=x,n=5ms}'));
  t.same(strings(bytesOf(profile, { taghide: 'k' })), ['', 'samples', 'count', 'n', 'ms', 'a']);
  t.same(strings(bytesOf(profile, { tagshow: 'k' })), ['', 'samples', 'count', 'k', 'x', 'a']);
  t.end();
});

t.test('divide_by multiplies by the inverse and cuts off; below 0 it does nothing', (t) => {
  const profile = openBytes(draw('a 7\nb -7\nc 1'));
  const values = (divide_by: number) => {
    const [slice] = again(profile, { divide_by }).stacks.samples(() => {});
    return [...slice.values[0]];
  };
  t.same(values(2), [3n, -3n, 0n]);
  t.same(values(0.5), [14n, -14n, 2n]);
  t.same(values(-2), [7n, -7n, 1n]);
  t.throws(() => values(0), { code: 'bad-option' });
  const large = openBytes(draw(`a ${2n ** 62n}`));
  const [slice] = again(large, { divide_by: 0.25 }).stacks.samples(() => {});
  t.same([...slice.values[0]], [-(2n ** 63n)], 'what is no int64 is the lowest one, as Go has it on amd64');
  t.end();
});

t.test('noinlines keeps the outermost line and drops columns unless showcolumns', (t) => {
  const profile = openBytes(draw('m@a.go:1:2>f@a.go:3:4 1'));
  t.same([...again(profile).lines.column], [4n, 2n]);
  t.same([...again(profile, { noinlines: true }).lines.column], [0n]);
  t.same([...again(profile, { noinlines: true, showcolumns: true }).lines.column], [2n]);
  t.end();
});

t.test('all_frames drops the expressions for frames, which cut stacks otherwise', (t) => {
  const profile = openBytes(draw('main;work;malloc 1', { dropFrames: 'malloc' }));
  t.equal(again(profile).dropFrames, 'malloc');
  t.equal(again(profile, { all_frames: true }).dropFrames, '');
  t.equal(report(again(profile), 'top').rows[0].name, 'work');
  t.equal(report(again(profile, { all_frames: true }), 'top').rows[0].name, 'malloc');
  t.end();
});

t.test('another query between two chunks does no harm', (t) => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `main;f${i % 50};g${i % 70} ${i}`).join('\n');
  const profile = openBytes(draw(rows));
  const whole = bytesOf(profile, { focus: 'f1' });
  const parts: Uint8Array[] = [];
  for (const chunk of encodeChunks(profile, { focus: 'f1' })) {
    parts.push(chunk);
    report(profile, 'top', { ignore: 'g3' });
  }
  t.ok(parts.length > 4);
  t.same(Buffer.concat(parts), whole);
  const half = encodeChunks(profile)[Symbol.iterator]();
  half.next();
  half.next();
  half.return?.();
  const { top } = profile.stacks;
  report(profile, 'top');
  t.equal(profile.stacks.top, top, 'an unfinished writing leaves nothing behind');
  t.end();
});

t.test('a merged profile is written with ids from 1 on, and a file is gzip', async (t) => {
  const merged = merge([openBytes(draw('a;b 1')), openBytes(draw('a;c 2'))]);
  t.same([...again(merged).functions.id], [1n, 2n, 3n]);
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on('data', (chunk) => chunks.push(chunk));
  await Promise.all([write(merged, output, { focus: 'c' }), once(output, 'end')]);
  t.same(gunzipSync(Buffer.concat(chunks)), bytesOf(merged, { focus: 'c' }));
});

t.test('small tables: ids are rows + 1', (t) => {
  const bytes = encodePlain({
    sampleTypes: [
      { type: 'cum', unit: 'ms' },
      { type: 'flat', unit: 'ms' },
    ],
    samples: [
      { locations: [0], values: [5n, -1n] },
      { locations: [1, 0, 1], values: [2n ** 63n - 1n, 0n] },
    ],
    locations: [
      { address: 0n, lines: [{ function: 0, line: 7n, column: 0n }] },
      { address: 2n ** 64n - 1n, lines: [{ function: 0, line: -1n, column: 3n }] },
    ],
    functions: [{ name: 'f', systemName: '_f', filename: 'f.go', startLine: 0n }],
    ...{ timeNanos: 1n, durationNanos: 2n, periodType: { type: 'cpu', unit: 'ns' }, period: 3n },
  });
  const profile = openBytes(bytes);
  t.same([...profile.locations.address], [0n, 2n ** 64n - 1n]);
  t.same([...profile.lines.line], [7n, -1n]);
  const [slice] = profile.stacks.samples(() => {});
  t.same([...slice.locations], [0, 1, 0, 1]);
  t.same(
    slice.values.map((column) => [...column]),
    [
      [5n, 2n ** 63n - 1n],
      [-1n, 0n],
    ],
  );
  t.same([profile.timeNanos, profile.durationNanos, profile.period, profile.periodType.unit], [1n, 2n, 3n, 'ns']);
  t.equal(strings(bytes).join(), ',cum,ms,flat,f,_f,f.go,cpu,ns');
  t.end();
});
