// Bad input: a clear error with code, place and hint, never a crash, never a report.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { openBytes, ProfileError, report } from '../src/index.js';
import { draw, encode, randomDrawing, seeded } from './draw.js';

function errorOf(bytes: Uint8Array, maxBytes?: number): ProfileError {
  try {
    openBytes(bytes, { maxBytes });
  } catch (error) {
    if (error instanceof ProfileError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const ascii = (text: string) => new TextEncoder().encode(text);
const good = () => draw('main;work;leaf 10 {k=v}\nmain;f>g 5');

t.test('what is no profile is told apart by its first bytes', (t) => {
  const cases: [string, Uint8Array, ProfileError['code'], RegExp][] = [
    ['an empty file', new Uint8Array(), 'empty', /empty/],
    ['an empty gzip', gzipSync(''), 'empty', /empty/],
    ['JSON', ascii('{"cmdline":["x"],"memstats":{}}'), 'not-a-profile', /JSON/],
    ['a V8 CPU profile', ascii('{"nodes":[{"id":1}],"startTime":1,"timeDeltas":[]}'), 'not-a-profile', /V8/],
    ['HTML', ascii('<!DOCTYPE html><html><body>502</body></html>'), 'not-a-profile', /HTML/],
    [
      'the answer of a busy server',
      ascii('Could not enable CPU profiling: cpu profiling already in use\n'),
      'not-a-profile',
      /already in use/,
    ],
    ['a text profile of Java', ascii('--- heapz 1 ---\nformat = java\n'), 'not-a-profile', /Java/],
    ['a crash without its goroutines', ascii('panic: boom\n'), 'not-a-profile', /without a goroutine: panic: boom/],
    ['what a compiler says', ascii('  main.c:12: error\n  main.c:13\n'), 'not-a-profile', /this is text/],
    ['a trace', ascii('go 1.26 trace\0\0\0'), 'not-a-profile', /trace/],
    ['a zip', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), 'not-a-profile', /zip/],
    ['an executable', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1), 'not-a-profile', /executable/],
    ['a plain sentence', ascii('404 page not found\n'), 'not-a-profile', /404 page not found/],
    ['random bytes', Uint8Array.of(0xff, 0xfe, 0xfd, 0, 1, 2, 3), 'malformed', /no pprof profile/],
    ['a gzip of JSON', gzipSync('{"a":1}'), 'not-a-profile', /JSON/],
  ];
  for (const [name, bytes, code, fact] of cases) {
    const error = errorOf(bytes);
    t.equal(error.code, code, name);
    t.match(error.message, fact, name);
    t.ok(error.hint.length > 10, `${name} has a hint`);
  }
  t.end();
});

t.test('a cut file is named as such, at whatever byte it was cut', (t) => {
  const bytes = good();
  const zipped = gzipSync(bytes);
  for (let cut = 1; cut < zipped.length; cut += 3) {
    const error = errorOf(zipped.subarray(0, cut));
    t.ok(['truncated', 'malformed', 'not-a-profile'].includes(error.code), `gzip cut at ${cut}: ${error.code}`);
    if (cut > 20) t.equal(error.code, 'truncated');
  }
  for (let cut = 1; cut < bytes.length; cut++) {
    // Cut between two fields it may be a valid, shorter profile.
    try {
      report(openBytes(bytes.subarray(0, cut)), 'top');
    } catch (error) {
      t.ok(error instanceof ProfileError && error.code !== 'internal', `cut at ${cut}`);
    }
  }
  t.end();
});

t.test('damaged gzip data says so', (t) => {
  const zipped = gzipSync(encode(randomDrawing(3)));
  zipped[12] ^= 0xff;
  zipped[13] ^= 0xff;
  t.match(errorOf(zipped).message, /gzip|profile/);
  t.end();
});

t.test('a gzip bomb stops at the cap', (t) => {
  const error = errorOf(gzipSync(new Uint8Array(5_000_000)), 1_000_000);
  t.ok(error.code === 'too-large' || error.code === 'malformed', error.message);
  const valid = draw(`${Array.from({ length: 3000 }, (_, i) => `f${i}`).join(';')} 1`);
  t.equal(errorOf(gzipSync(valid), 1000).code, 'too-large');
  t.match(errorOf(gzipSync(valid), 1000).hint, /-max_bytes/);
  t.end();
});

/** Replaces the payload of the first top-level field of that number. */
function patch(bytes: Uint8Array, wanted: number, change: (payload: Uint8Array) => number[]): Uint8Array {
  const out: number[] = [];
  let done = false;
  for (let at = 0; at < bytes.length; ) {
    const field = bytes[at] >> 3;
    if ((bytes[at] & 7) !== 2) {
      const from = at++;
      while (bytes[at++] >= 0x80);
      out.push(...bytes.subarray(from, at));
      continue;
    }
    const length = bytes[at + 1];
    const payload = bytes.subarray(at + 2, at + 2 + length);
    const next = field === wanted && !done ? change(payload) : [...payload];
    if (field === wanted) done = true;
    out.push(bytes[at], next.length, ...next);
    at += 2 + length;
  }
  return Uint8Array.from(out);
}

t.test("pprof's CheckValid: ids, counts and references, in its words", (t) => {
  const bytes = draw('a;b 1\nb 2', { mappingFiles: ['/bin/x'] });
  const cases: [string, Uint8Array, RegExp][] = [
    ['values', patch(bytes, 2, (p) => [...p, 0x10, 9]), /mismatch: sample has 2 values vs\. 1 types/],
    ['no types', Uint8Array.from([...bytes].slice(2 + bytes[1])), /missing sample type information/],
    ['unknown location', patch(bytes, 2, () => [0x0a, 1, 99, 0x12, 1, 1]), /sample has nil location.*99/],
    ['location 0', patch(bytes, 2, () => [0x0a, 1, 0, 0x12, 1, 1]), /sample has nil location/],
    ['location id 0', patch(bytes, 4, (p) => [0x08, 0, ...p.subarray(2)]), /sample has nil location|reserved id=0/],
    [
      'location twice',
      patch(bytes, 4, (p) => [0x08, 2, ...p.subarray(2)]),
      /sample has nil location|multiple locations with same id: 2/,
    ],
    ['function id 0', patch(bytes, 5, (p) => [0x08, 0, ...p.subarray(2)]), /found function with reserved ID=0/],
    ['function twice', patch(bytes, 5, (p) => [0x08, 2, ...p.subarray(2)]), /multiple functions with same id: 2/],
    [
      'line without function',
      patch(bytes, 4, (p) => [...p.subarray(0, 2), 0x22, 2, 0x08, 77]),
      /location id: 1 has a line with nil function/,
    ],
    ['mapping id 0', patch(bytes, 3, (p) => [0x08, 0, ...p.subarray(2)]), /found mapping with reserved ID=0/],
    ['string index', patch(bytes, 5, (p) => [...p.subarray(0, 2), 0x10, 99]), /string index 99 is outside/],
    ['first string', patch(bytes, 6, () => [0x78]), /string_table\[0\]/],
  ];
  for (const [name, broken, message] of cases) t.match(errorOf(broken).message, message, name);
  t.end();
});

t.test('concatenated profiles are refused', (t) => {
  const one = draw('a 1', { timeNanos: 5n });
  t.match(errorOf(Uint8Array.from([...one, ...one])).message, /concatenated profiles detected/);
  t.end();
});

t.test('any flipped byte gives a report or a ProfileError', (t) => {
  const random = seeded(11);
  const bytes = readFileSync(new URL('fixtures/goserver-custom.pb.gz', import.meta.url));
  const plain = good();
  for (let round = 0; round < 3000; round++) {
    const broken = Uint8Array.from(round % 3 === 0 ? bytes : plain);
    for (let i = 0; i < 1 + random() * 3; i++)
      broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256);
    try {
      report(openBytes(broken, { maxBytes: 1 << 24 }), 'top', { trim: false, tagroot: 'k', granularity: 'addresses' });
    } catch (error) {
      if (!(error instanceof ProfileError) || error.code === 'internal') t.fail(`round ${round}: ${error}`);
    }
  }
  t.end();
});
