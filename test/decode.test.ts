import { gzipSync } from 'node:zlib';
import t from 'tap';
import { decodeLabelSet } from '../src/decode/labels.js';
import { ProfileDecoder } from '../src/decode/profile.js';
import { open, openBytes, type Profile, render, report, toBytes } from '../src/index.js';
import { draw, encode, randomDrawing, seeded } from './draw.js';

const text = (profile: Profile, query = {}) => [...render(report(profile, 'top', query), 'text')].join('');

t.test('the same profile in every wire form gives the same report', (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const drawing = randomDrawing(seed);
    const expected = text(openBytes(encode(drawing)), { trim: false, granularity: 'lines' });
    const forms = {
      unpacked: { packed: false },
      'samples first': { samplesFirst: true },
      'strings first': { stringsFirst: true },
      'unknown fields': { unknownFields: true },
      'sparse ids': { id: (row: number) => BigInt(row) * 7919n + 3n },
      '64-bit ids': { id: (row: number) => 2n ** 63n + BigInt(row) * 4097n },
      'ids around 2^30': { id: (row: number) => 2n ** 30n - 3n + BigInt(row) },
      'descending ids': { id: (row: number) => BigInt(1000 - row) },
    };
    for (const [name, wire] of Object.entries(forms)) {
      t.equal(
        text(openBytes(encode({ ...drawing, wire })), { trim: false, granularity: 'lines' }),
        expected,
        `${name}, seed ${seed}`,
      );
    }
  }
  t.end();
});

t.test('chunks may end anywhere', (t) => {
  const random = seeded(5);
  for (let seed = 1; seed <= 20; seed++) {
    const bytes = encode(randomDrawing(seed));
    const expected = openBytes(bytes);
    for (const size of [1, 2, 7, 100]) {
      const decoder = new ProfileDecoder();
      for (let at = 0; at < bytes.length; ) {
        const length = Math.max(1, Math.floor(random() * size * 2));
        decoder.write(bytes.subarray(at, at + length));
        at += length;
      }
      t.equal(
        text(decoder.finish(), { trim: false }),
        text(expected, { trim: false }),
        `seed ${seed}, chunks of ${size}`,
      );
    }
  }
  t.end();
});

t.test('gzip with several members, raw bytes, streams and iterables are all read', async (t) => {
  const bytes = draw('main;work 7\nmain 3');
  const half = bytes.length >> 1;
  const members = Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
  const expected = text(openBytes(bytes));
  t.equal(text(openBytes(gzipSync(bytes))), expected, 'gzip');
  t.equal(text(openBytes(members)), expected, 'two members');
  t.equal(text(await open(new Blob([members]).stream())), expected, 'ReadableStream');
  async function* pieces() {
    for (let at = 0; at < members.length; at += 3) yield new Uint8Array(members.subarray(at, at + 3));
  }
  t.equal(text(await open(pieces())), expected, 'iterable');
});

t.test('int64 values stay exact beyond 2^53, and sums wrap as Go does', (t) => {
  const top = report(openBytes(draw(`a ${2n ** 62n + 1n}\nb -${2n ** 62n + 3n}\nc ${2n ** 53n + 1n}`)), 'top', {
    trim: false,
  });
  t.same(
    new Map(top.rows.map((row) => [row.name, row.flat])),
    new Map([
      ['a', 2n ** 62n + 1n],
      ['b', -(2n ** 62n) - 3n],
      ['c', 2n ** 53n + 1n],
    ]),
  );
  t.equal(top.total, BigInt.asIntN(64, 2n ** 63n + 4n + 2n ** 53n + 1n));
  t.end();
});

t.test('labels: strings, numbers with units, and what pprof drops', (t) => {
  const profile = openBytes(draw('a 1 {k=x,bytes=512bytes,zero=0,k=y}'));
  const { strings, numbers } = decodeLabelSet(profile.stacks.labelSet(1), profile.strings);
  t.same([...strings], [['k', ['x', 'y']]]);
  t.same([...numbers], [['bytes', [{ value: 512n, unit: 'bytes' }]]]);
  t.end();
});

t.test('all of a profile is kept: header, mappings, lines, columns', (t) => {
  const profile = openBytes(
    draw('main@a.go:3:7;f>g@b.go:9 1', {
      comments: ['hello', '#hidden'],
      docUrl: 'https://example.com/doc',
      timeNanos: 1_700_000_000_000_000_000n,
      durationNanos: 5_000_000_000n,
      defaultType: 'samples',
      dropFrames: 'x',
      keepFrames: 'y',
      mappingFiles: ['/bin/prog'],
    }),
  );
  t.same(profile.comments, ['hello', '#hidden']);
  t.equal(profile.docUrl, 'https://example.com/doc');
  t.equal(profile.durationNanos, 5_000_000_000n);
  t.same([profile.dropFrames, profile.keepFrames, profile.defaultSampleType], ['x', 'y', 'samples']);
  t.equal(profile.mappings[0].file, '/bin/prog');
  t.ok([...profile.lines.column].includes(7n));
  t.ok([...profile.lines.line].includes(9n));
  t.end();
});

t.test('names that are no UTF-8 come out byte for byte', (t) => {
  const bytes = draw('mainXY 1');
  const at = Buffer.from(bytes).indexOf('mainXY');
  bytes[at + 4] = 0xff;
  bytes[at + 5] = 0xc3;
  const printed = Buffer.from(toBytes(text(openBytes(bytes))));
  t.ok(printed.includes(Buffer.from([0x6d, 0x61, 0x69, 0x6e, 0xff, 0xc3, 0x0a])));
  t.end();
});

t.test('a message larger than any chunk is read, and so are many small ones', (t) => {
  const deep = Array.from({ length: 400_000 }, (_, i) => `f${i % 50}`).join(';');
  const profile = openBytes(draw(`${deep} 3\nf1 2`));
  const top = report(profile, 'top', { trim: false });
  t.same(top.rows.map((row) => row.cum).filter((cum) => cum === 5n).length, 1, 'recursion counts once');
  const many = openBytes(draw(Array.from({ length: 70_000 }, (_, i) => `f${i % 3} 1`).join('\n')));
  t.equal(report(many, 'top').total, 70_000n);
  t.equal(many.stacks.count, 70_000);
  t.end();
});
