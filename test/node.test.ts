// The library on Node: every source, small and streamed.

import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { open, type Profile, ProfileError, render, report } from '../src/node.js';
import { draw, seeded } from './draw.js';

const url = new URL('../examples/server.cpu.pb.gz', import.meta.url);
const path = fileURLToPath(url);
const text = (profile: Profile) => [...render(report(profile, 'top'), 'text')].join('');

t.test('path, URL, bytes, Node stream, web stream and iterable are the same profile', async (t) => {
  const expected = text(await open(path));
  const bytes = readFileSync(path);
  t.equal(text(await open(url)), expected, 'URL');
  t.equal(text(await open(bytes)), expected, 'bytes');
  t.equal(text(await open(createReadStream(path, { highWaterMark: 1 }))), expected, 'Node stream, byte by byte');
  t.equal(text(await open(Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]))), expected, 'Node stream of two');
  t.equal(text(await open(new Blob([bytes]).stream())), expected, 'web stream');
  async function* pieces() {
    yield new Uint8Array(bytes.subarray(0, 100));
    yield new Uint8Array(bytes.subarray(100));
  }
  t.equal(text(await open(pieces())), expected, 'iterable');
});

t.test('a file above a megabyte is streamed; cut or damaged it says so, and names the file', async (t) => {
  const random = seeded(4);
  const lines = Array.from(
    { length: 60_000 },
    () => `main;f${Math.floor(random() * 1e6)};g${Math.floor(random() * 1e6)} ${Math.floor(random() * 1e9)}`,
  );
  const raw = draw(lines.join('\n'));
  const zipped = gzipSync(raw);
  t.ok(zipped.length > 1 << 20);
  const dir = t.testdir();
  const write = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(dir, name), bytes);
    return join(dir, name);
  };
  const whole = await open(write('whole', zipped));
  t.equal(whole.stacks.count, 60_000);
  t.equal((await open(write('raw', raw))).stacks.count, 60_000);
  t.equal(text(await open(zipped)), text(whole));
  const failure = async (name: string, bytes: Uint8Array, maxBytes?: number) => {
    try {
      await open(write(name, bytes), { maxBytes });
    } catch (error) {
      if (error instanceof ProfileError) return error;
    }
    throw new Error(`${name} was accepted`);
  };
  const cut = await failure('cut', zipped.subarray(0, 1_200_000));
  t.same([cut.code, cut.place.source], ['truncated', join(dir, 'cut')]);
  const damaged = Uint8Array.from(zipped);
  damaged.fill(0x55, 600_000, 600_100);
  t.equal((await failure('damaged', damaged)).code, 'malformed');
  t.equal((await failure('capped', zipped, 1_000_000)).code, 'too-large');
  t.equal((await failure('rawcut', raw.subarray(0, raw.length - 5))).code, 'truncated');
});

t.test('many profiles and reports at once do not mix', async (t) => {
  const drawn = Array.from({ length: 20 }, (_, i) => draw(`main;f${i} ${i + 1}`));
  const profiles = await Promise.all(drawn.map((bytes) => open(gzipSync(bytes))));
  profiles.forEach((profile, i) => {
    t.same(
      report(profile, 'top').rows.map(({ name, flat }) => [name, flat]),
      [
        [`f${i}`, BigInt(i + 1)],
        ['main', 0n],
      ],
    );
  });
});

t.test('bytes that inflate to much are stopped on the way', async (t) => {
  const bomb = gzipSync(new Uint8Array(80_000_000));
  await t.rejects(open(bomb), { code: 'malformed' });
  const deep = draw(Array.from({ length: 200_000 }, () => 'a;b;c;d 1').join('\n'));
  t.equal((await open(gzipSync(deep))).stacks.count, 200_000);
});
