// Merging and subtracting: a plain reference and the core agree on random profiles; the rules of pprof one by one; what
// fails; how much memory it takes.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { setCore } from '../src/core/instance.js';
import { decodeLabelSet } from '../src/decode/labels.js';
import { parseCommandLine } from '../src/face/cli/flags.js';
import {
  encode as encodeChunks,
  merge,
  open,
  openAll,
  openBytes,
  type Profile,
  ProfileError,
  render,
  report,
  subtract,
  toBytes,
} from '../src/node.js';
import { type Drawing, draw, encode, randomDrawing, seeded } from './draw.js';

const debug = new Uint8Array(readFileSync(new URL('../build/tspprof.debug.wasm', import.meta.url)));
const example = (name: string) => new URL(`../examples/${name}`, import.meta.url);
const wrap = (value: bigint) => BigInt.asIntN(64, value);

interface PlainSample {
  readonly stack: string;
  readonly labels: string;
  readonly values: readonly bigint[];
}

/** Every sample as text, leaf first. */
function plain(profile: Profile): PlainSample[] {
  const { locations, lines, functions, strings, mappings, stacks } = profile;
  const place = (row: number) => {
    const mapping = locations.mapping[row];
    const frames = [];
    for (let line = locations.lineStart[row]; line < locations.lineStart[row + 1]; line++) {
      const f = lines.function[line];
      frames.push(
        `${strings.get(functions.name[f])}@${strings.get(functions.filename[f])}:${lines.line[line]}:${lines.column[line]}`,
      );
    }
    return `${locations.address[row].toString(16)}[${mapping < 0 ? '' : mappings[mapping].file}]${frames.join('>')}`;
  };
  const out: PlainSample[] = [];
  for (const slice of stacks.samples(() => {})) {
    let at = 0;
    for (let i = 0; i < slice.count; i++) {
      const stack = Array.from(slice.locations.subarray(at, at + slice.length[i]), place).join(';');
      at += slice.length[i];
      const { strings: texts, numbers } = decodeLabelSet(stacks.labelSet(slice.labelSet[i]), strings);
      const labels = [
        ...[...texts].map(([key, values]) => `${key}=${values}`),
        ...[...numbers].map(([key, values]) => `${key}=${values.map(({ value, unit }) => `${value}${unit}`)}`),
      ];
      out.push({
        stack,
        labels: labels.sort().join(' '),
        values: profile.valueColumns.map((column) => slice.values[column][i]),
      });
    }
  }
  return out;
}

/** The rule in plain words: samples of the same stack and labels are summed up, where they came first; zeros go. */
function plainMerge(inputs: readonly (readonly PlainSample[])[]): PlainSample[] {
  const isZero = ({ values }: PlainSample) => values.every((value) => value === 0n);
  const rows = new Map<string, PlainSample>();
  for (const sample of inputs.flat()) {
    if (isZero(sample)) continue;
    const key = `${sample.stack}|${sample.labels}`;
    const known = rows.get(key);
    const values = known === undefined ? sample.values : known.values.map((v, i) => wrap(v + sample.values[i]));
    rows.set(key, { ...sample, values });
  }
  return [...rows.values()].filter((sample) => !isZero(sample));
}

const negated = (value: bigint) => {
  const float = -Number(value);
  return float >= 2 ** 63 ? -(2n ** 63n) : BigInt(float);
};

/** The same profile with another wire form, other ids and another order of its tables. */
const rewired = (drawing: Drawing, seed: number): Drawing => ({
  ...drawing,
  wire: {
    packed: seed % 2 === 0,
    samplesFirst: seed % 3 === 0,
    stringsFirst: seed % 5 === 0,
    id: (row) => BigInt(row * 7 + (seed % 11) + 1),
  },
});

for (const [build, core] of [
  ['release', undefined],
  ['debug', debug],
] as const) {
  t.test(`${build}: merged and subtracted samples are those of the reference`, (t) => {
    setCore(core);
    t.teardown(() => setCore(undefined));
    for (let seed = 1; seed <= 30; seed++) {
      const random = seeded(seed);
      const drawings = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, i) => {
        // Some of one seed, so that much is equal.
        const drawing = randomDrawing(seed * 3 + (random() < 0.5 ? 0 : i));
        return rewired({ ...drawing, samples: drawing.samples.filter(() => random() < 0.8) }, seed + i);
      });
      const profiles = drawings.map((drawing) => openBytes(encode(drawing)));
      const inputs = profiles.map(plain);
      const merged = merge(profiles);
      t.same(plain(merged), plainMerge(inputs), `merge, seed ${seed}`);
      t.same(
        [...merged.locations.id],
        Array.from({ length: merged.locations.count }, (_, i) => BigInt(i + 1)),
      );
      const [first, ...others] = profiles;
      const base = merge(others);
      // As pprof: by way of a float, so that large values lose their last digits.
      const negative = plain(base).map((sample) => ({ ...sample, values: sample.values.map(negated) }));
      t.same(plain(subtract(first, base)), plainMerge([plain(first), negative]), `base, seed ${seed}`);
      const labelled = negative.map((sample) => ({
        ...sample,
        labels: `${sample.labels} pprof::base=true`.trim(),
      }));
      t.same(
        plain(subtract(first, base, { diffBase: true })),
        plainMerge([plain(first), labelled]),
        `diff_base, seed ${seed}`,
      );
      // The sources are as they were.
      t.same(profiles.map(plain), inputs);
    }
    t.end();
  });
}

const types = (...pairs: (readonly [string, string])[]) => ({ types: pairs });
const bytes = (text: string, extra: Parameters<typeof draw>[1] = {}) => openBytes(draw(text, extra));
const top = (profile: Profile) =>
  report(profile, 'top', { trim: false }).rows.map(({ name, flat }) => `${name} ${flat}`);

t.test('one profile stays as it is', async (t) => {
  const one = bytes('a;b 3\na;b 4');
  t.equal(merge([one]), one);
  const all = await openAll([draw('a;b 3\na;b 4')]);
  t.equal(all.stacks.count, 2);
  t.end();
});

t.test(
  'only sample types that all have are left, in the order of the first; the default becomes the first of them',
  (t) => {
    const four = bytes('a 1 2 3 4', {
      ...types(
        ['alloc_objects', 'count'],
        ['alloc_space', 'bytes'],
        ['inuse_objects', 'count'],
        ['inuse_space', 'bytes'],
      ),
      defaultType: 'inuse_space',
    });
    const two = bytes('a 10 20', types(['alloc_space', 'bytes'], ['alloc_objects', 'count']));
    const merged = merge([four, two]);
    t.same(merged.sampleTypes, [
      { type: 'alloc_objects', unit: 'count' },
      { type: 'alloc_space', unit: 'bytes' },
    ]);
    t.equal(merged.defaultSampleType, 'alloc_objects');
    t.same(plain(merged)[0].values, [21n, 12n]);
    t.throws(() => merge([four, bytes('a 1')]), {
      code: 'incompatible',
      message: /^profiles have empty common sample type list/,
    });
    t.end();
  },
);

t.test('values are told in the finest unit; what becomes 0 by scaling is dropped', (t) => {
  const coarse = bytes('a 1 3\nb 7 0', types(['samples', 'count'], ['cpu', 'milliseconds']));
  const fine = bytes('a 1 5', types(['samples', 'count'], ['cpu', 'nanoseconds']));
  const merged = merge([coarse, fine]);
  t.same(merged.sampleTypes[1], { type: 'cpu', unit: 'nanoseconds' });
  // b has no cpu, and the samples column is not scaled: pprof drops it.
  t.same(
    plain(merged).map(({ values }) => values),
    [[2n, 3_000_005n]],
  );
  t.throws(() => merge([coarse, bytes('a 1 5', types(['samples', 'count'], ['cpu', 'bytes']))]), {
    code: 'incompatible',
    message: /^sample types: incompatible types: \{cpu milliseconds\} \{cpu bytes\}/,
  });
  t.end();
});

t.test('the time is lost to a profile without one, durations are added, comments are unique', (t) => {
  const head = (timeNanos: bigint, comments: string[], docUrl = '') => ({
    ...{ timeNanos, durationNanos: 5n, comments, docUrl },
  });
  const [a, b, c] = [
    bytes('a 1', { ...head(70n, ['x', 'y']), dropFrames: 'd' }),
    bytes('a 1', { ...head(50n, ['y', 'z'], 'http://doc'), dropFrames: 'e' }),
    bytes('a 1', head(0n, [])),
  ];
  const ab = merge([a, b]);
  t.same(
    [ab.timeNanos, ab.durationNanos, ab.comments, ab.docUrl, ab.dropFrames],
    [...[50n, 10n, ['x', 'y', 'z'], 'http://doc', 'd']],
  );
  t.equal(merge([a, b, c]).timeNanos, 0n);
  t.equal(merge([c, a, b]).timeNanos, 50n);
  t.end();
});

t.test(
  'locations that differ in the column of an inner line are one, as pprof has it; in that of the last line, two',
  (t) => {
    const inner = merge([bytes('m@a.go:1:1>f@a.go:2:7 1'), bytes('m@a.go:1:1>f@a.go:2:9 1')]);
    t.equal(inner.locations.count, 1);
    const outer = merge([bytes('m@a.go:1:1>f@a.go:2:7 1'), bytes('m@a.go:1:2>f@a.go:2:7 1')]);
    t.equal(outer.locations.count, 2);
    t.end();
  },
);

t.test('labels are equal in any order, string ones before numeric ones, and with their units', (t) => {
  const merged = merge([
    bytes('a 1 {b=x,a=y,n=5ms}'),
    bytes('a 2 {n=5ms,a=y,b=x}\na 4 {n=5us,a=y,b=x}\na 8 {a=y,b=x}'),
  ]);
  t.same(
    plain(merged).map(({ values }) => values[0]),
    [3n, 4n, 8n],
  );
  t.end();
});

t.test('sums wrap as int64 does, and what becomes 0 is dropped with all that it alone used', (t) => {
  const half = 2n ** 62n;
  const merged = merge([bytes(`a;b ${half}\na;c 1`), bytes(`a;b ${half}`), bytes(`a;b ${half}`)]);
  t.equal(plain(merged)[0].values[0], wrap(half * 3n));
  const four = merge([1, 2, 3, 4].map(() => bytes(`a;b ${half}\na;c 1`)));
  t.same(top(four), ['c 4', 'a 0']);
  t.equal(four.functions.count, 2);
  const nothing = subtract(bytes('a;b 3'), bytes('a;b 3'));
  t.same([nothing.stacks.count, nothing.locations.count, top(nothing)], [0, 0, []]);
  t.end();
});

t.test('normalize scales the profile to the sum of its base, rounding half away from zero', (t) => {
  const base = bytes('a 3\nb 3');
  t.same(top(subtract(bytes('a 1\nb 3'), base, { normalize: true })), ['b 2', 'a -1']);
  // 1 · 6/4 = 1.5 → 2, 3 · 6/4 = 4.5 → 5
  const kept = plain(subtract(bytes('a 1\nb 3'), base, { normalize: true, diffBase: true }));
  t.same(
    kept.map(({ values }) => values[0]),
    [2n, 5n, -3n, -3n],
  );
  t.same(plain(subtract(bytes('a 0'), base, { normalize: true })).length, 2);
  t.throws(() => subtract(bytes('a 1 1', types(['x', 'n'], ['y', 'n'])), base, { normalize: true }), {
    code: 'incompatible',
    message: /^incompatible sample types/,
  });
  t.end();
});

t.test('a source that fails is named and left out; when all fail, so does the whole', async (t) => {
  const notices: string[] = [];
  const notice = (text: string) => notices.push(text);
  const missing = 'nosuch.pb.gz';
  const profile = await openAll([missing, draw('a 1'), draw('a 2'), Uint8Array.of(1, 2, 3)], { notice });
  t.same(top(profile), ['a 3']);
  t.same(
    notices.map((text) => text.slice(0, 30)),
    ['nosuch.pb.gz: no such file', 'source 4: this is no pprof pro', 'Fetched 2 source profiles out of 4'.slice(0, 30)],
  );
  // A source that breaks off in the middle leaves nothing behind for the next.
  const whole = draw('a 1\nb 2 {k=x}');
  const broken = whole.slice(0, whole.length - 12);
  t.same(top(await openAll([whole, broken, whole, broken], { notice: () => {} })), ['b 4', 'a 2']);
  t.equal((await openAll([draw(''), draw('')])).stacks.count, 0);
  // Only one is left: it is not merged.
  const alone = await openAll([missing, draw('a 1\na 2')], { notice });
  t.equal(alone.stacks.count, 2);
  await t.rejects(openAll([missing, missing], { notice }), { message: 'failed to fetch any source profiles' });
  await t.rejects(openAll([draw('a 1')], { base: [missing], notice }), {
    message: 'failed to fetch any base profiles',
  });
  await t.rejects(openAll([draw('a 1')], { base: [draw('a 1')], diffBase: [draw('a 1')] }), {
    code: 'bad-option',
    message: '-base and -diff_base flags cannot both be specified',
  });
  await t.rejects(openAll([draw('a 1')], { normalize: true }), {
    code: 'bad-option',
    message: 'must have base profile to normalize by',
  });
  await t.rejects(openAll([draw('a 1'), draw('a 1', types(['x', 'n']))]), {
    code: 'incompatible',
    message: /^problem fetching source profiles: profiles have empty common sample type list/,
  });
});

t.test('sources of different types are opened twice where they can be, and kept where they cannot', async (t) => {
  const a = draw('a 1 2', types(['samples', 'count'], ['cpu', 'ms']));
  const b = draw('a 4', types(['cpu', 'ns']));
  const once = (content: Uint8Array) =>
    (async function* () {
      yield content;
    })();
  for (const sources of [
    [a, b],
    [once(a), b],
    [a, once(b)],
    [once(a), once(b)],
  ]) {
    const profile = await openAll(sources);
    t.same(
      plain(profile).map(({ values }) => values),
      [[2_000_004n]],
    );
  }
});

t.test('the binary, the build id and the comment go where pprof puts them', async (t) => {
  const with_ = await openAll([draw('0x10[libx] 1'), draw('0x10[libx] 1')], {
    ...{ binary: '/bin/main', buildId: 'abc', addComment: 'hello' },
  });
  t.same(
    with_.mappings.map(({ file, buildId }) => [file, buildId]),
    [['/bin/main', 'abc']],
  );
  t.same(with_.comments, ['hello']);
  const url = await openAll([draw('0x10[http://host/x] 1')]);
  t.equal(url.mappings[0].file, '');
});

t.test('129 sources and more are merged 128 at a time, as pprof does, with the same sums', async (t) => {
  const drawings = Array.from({ length: 260 }, (_, i) => `m;f${i % 7} ${i}\nm;g ${i < 130 ? 1 : -1}`);
  const all = await openAll(drawings.map((text) => draw(text)));
  const flat = merge(drawings.map((text) => bytes(text)));
  t.same(top(all), top(flat));
});

t.test('memory grows with the distinct stacks, not with the number of files', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tspprof-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const random = seeded(3);
  const stacks = Array.from({ length: 3000 }, () =>
    Array.from({ length: 20 }, () => `f${Math.floor(random() * 400)}`).join(';'),
  );
  const file = join(folder, 'a.pb');
  writeFileSync(file, draw(stacks.map((stack) => `${stack} 3`).join('\n')));
  // The cores of all sources but the first few would be 20 times as much.
  const memories = new Set<WebAssembly.Memory>();
  const { Instance } = WebAssembly;
  t.teardown(() => {
    WebAssembly.Instance = Instance;
  });
  WebAssembly.Instance = class {
    readonly exports: WebAssembly.Exports;
    constructor(module: WebAssembly.Module) {
      this.exports = new Instance(module, {}).exports;
      if (this.exports.memory instanceof WebAssembly.Memory) memories.add(this.exports.memory);
    }
  };
  const size = async (count: number) => {
    memories.clear();
    const profile = await openAll(Array.from({ length: count }, () => file));
    t.equal(profile.stacks.count, new Set(stacks).size);
    t.equal(report(profile, 'top').total, BigInt(9000 * count));
    return [memories.size, [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0)];
  };
  const few = await size(2);
  t.same(few[0], 2);
  t.same(await size(60), few);
});

t.test('real profiles: a profile less itself is nothing, twice itself has twice the sums', async (t) => {
  const cpu = example('server.cpu.pb.gz');
  const one = await open(cpu);
  const two = await openAll([cpu, cpu]);
  const [a, b] = [one, two].map((profile) => report(profile, 'top', { nodefraction: 0 }));
  t.equal(b.total, a.total * 2n);
  t.same(
    b.rows.map(({ name, flat, cum }) => [name, flat, cum]),
    a.rows.map(({ name, flat, cum }) => [name, flat * 2n, cum * 2n]),
  );
  t.equal((await openAll([cpu], { base: [cpu] })).stacks.count, 0);
  const diff = await openAll([cpu], { diffBase: [cpu] });
  t.equal(report(diff, 'top').total, a.total);
});

t.test("the differences of pprof's own tests: contentions and delay", (t) => {
  const delays = types(['contentions', 'count'], ['delay', 'nanoseconds']);
  const text = [
    'm;a 2700 608881724',
    'm;b 100 23992',
    'm;c 200 179943',
    'm;d 100 17778444',
    'm;e 100 75976',
    'm;f 300 63568134',
  ].join('\n');
  const contention = bytes(text, delays);
  const small = bytes('m;a 1000 3124', delays);
  const values = (profile: Profile) => plain(profile).map((sample) => sample.values.map(Number));
  const own = values(contention);
  const negative = own.map((row) => row.map((value) => -value));
  t.same(values(subtract(contention, contention)), []);
  t.same(values(subtract(contention, contention, { normalize: true })), []);
  t.same(values(subtract(contention, small)), [[1700, 608878600], ...own.slice(1)]);
  t.same(values(subtract(contention, small, { normalize: true })), [
    [-229, -369],
    [29, 0],
    [57, 1],
    [29, 80],
    [29, 0],
    [86, 288],
  ]);
  t.same(values(subtract(contention, contention, { diffBase: true })), [...own, ...negative]);
  t.same(values(subtract(contention, contention, { diffBase: true, normalize: true })), [...own, ...negative]);
  t.same(values(subtract(contention, small, { diffBase: true })), [...own, [-1000, -3124]]);
  t.same(values(subtract(contention, small, { diffBase: true, normalize: true })), [
    [771, 2755],
    [29, 0],
    [57, 1],
    [29, 80],
    [29, 0],
    [86, 288],
    [-1000, -3124],
  ]);
  // Two bases, which pprof's command line does not take.
  t.same(values(subtract(contention, merge([contention, contention]))), negative);
  t.same(values(subtract(contention, merge([contention, contention]), { normalize: true })), []);
  t.end();
});

// What google/pprof (HEAD at b9395ee, 2026-07-09) answered to command lines of test/parity/merge.mjs --record over the profiles
// in test/fixtures and examples: the text of -top, the SHA-256 of what -proto writes, decompressed.
interface Case {
  readonly args: readonly string[];
  readonly code: number;
  /** latin1 */
  readonly out: string;
}

const cases: Case[] = gunzipSync(readFileSync(new URL('golden/merge.jsonl.gz', import.meta.url)))
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line));

t.test(`merges, differences and written profiles are those of pprof, in ${cases.length} cases`, async (t) => {
  process.env.TZ = 'UTC';
  const place = (name: string) => {
    const url = new URL(`fixtures/${name}`, import.meta.url);
    return existsSync(url) ? url : example(name);
  };
  for (const { args, code, out } of cases) {
    const title = args.join(' ');
    let printed = '';
    let failed = 0;
    try {
      const { words, query, base, diffBase, normalize, addComment, buildId, command } = parseCommandLine(args);
      const list = (name: string | undefined) => (name === undefined ? [] : [place(name)]);
      const profile = await openAll(words.map(place), {
        ...{ base: list(base), diffBase: list(diffBase), normalize, addComment, buildId },
      });
      if (command?.name === 'top')
        printed = latin1(toBytes([...render(report(profile, 'top', query), 'text')].join('')));
      else {
        const hash = createHash('sha256');
        for (const chunk of encodeChunks(profile, query)) hash.update(chunk);
        printed = hash.digest('hex');
      }
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      failed = 2;
    }
    t.equal(failed, code, title);
    if (code === 0) t.equal(printed, out, title);
  }
});

const latin1 = (text: Uint8Array) => Buffer.from(text).toString('latin1');
