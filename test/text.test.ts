// Text profiles: equal to pprof without the lines that it passes over (golden/text.jsonl.gz, test/parity/text.mjs), and equal to
// profile.proto of the same moment with them. fixtures/text: three versions of Go (test/programs/textforms wrote both forms while nothing
// happened), a server, kubo's bundle, and formats of C++ by hand.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { open, openAll, openBytes, type Profile, ProfileError, type Query, render, report } from '../src/node.js';
import { seeded } from './draw.js';

const folder = new URL('fixtures/text/', import.meta.url);
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const read = (name: string) => {
  const raw = readFileSync(new URL(name, folder));
  return (raw[0] === 0x1f ? gunzipSync(raw) : raw).toString('latin1');
};
const texts = readdirSync(folder).filter((name) => name.includes('.txt'));
const rawOf = (profile: Profile) => [...render(report(profile, 'raw'), 'text')].join('');
const noLines = (text: string) => text.replace(/^#.*\n/gm, '');
const golden = gunzipSync(readFileSync(new URL('golden/text.jsonl.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
  .map((row): { file: string; raw: string } => JSON.parse(row));

function told(text: string): { profile: Profile; notices: string[] } {
  const notices: string[] = [];
  return { profile: openBytes(bytes(text), { notice: (notice) => notices.push(notice) }), notices };
}

function errorOf(text: string): ProfileError {
  try {
    openBytes(bytes(text));
  } catch (error) {
    if (error instanceof ProfileError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

t.test('values, addresses, labels, mappings and head are those of pprof', (t) => {
  t.equal(golden.length, texts.length - 2, 'all but the threads, whose padding pprof takes for addresses');
  for (const { file, raw } of golden) t.equal(rawOf(openBytes(bytes(noLines(read(file))))), raw, file);
  t.end();
});

/** Values, labels, addresses of each sample in -raw. */
function samplesOf(raw: string): { values: string; labels: string[]; addresses: string[] }[] {
  const [, middle, locations] = /Samples:\n.*\n([\s\S]*?)Locations\n([\s\S]*?)Mappings/.exec(raw) ?? [];
  const address = new Map(
    [...locations.matchAll(/^ *(\d+): (0x[0-9a-f]+)/gm)].map(([, id, address]): [string, string] => [id, address]),
  );
  const samples: ReturnType<typeof samplesOf> = [];
  for (const line of middle.split('\n')) {
    const sample = /^ *(-?\d[\d -]*): ?([\d ]*)$/.exec(line);
    if (sample === null) samples[samples.length - 1].labels.push(line.trim());
    else {
      const ids = sample[2].split(' ').filter(Boolean);
      samples.push({ values: sample[1], labels: [], addresses: ids.map((id) => address.get(id) ?? '?') });
    }
  }
  return samples;
}

t.test('with the lines the values and labels stay, and the addresses are those that have a function', (t) => {
  for (const { file, raw } of golden) {
    const theirs = samplesOf(raw);
    const ours = samplesOf(rawOf(openBytes(bytes(read(file)))));
    t.equal(ours.length, theirs.length, file);
    ours.forEach(({ values, labels, addresses }, i) => {
      t.same([values, labels], [theirs[i].values, theirs[i].labels], `${file}, sample ${i}`);
      let at = 0;
      for (const address of theirs[i].addresses) if (address === addresses[at]) at++;
      t.equal(at, addresses.length, `${file}: the addresses of sample ${i} are in the same order`);
    });
  }
  t.end();
});

const granularities = ['functions', 'lines', 'files', 'addresses', 'filefunctions'] as const;
const versions = ['go1.22', 'go1.26', 'go1.27'];

/**
 * Rows of top by name. Text has no types of generic functions (`grow[...]`) and no start lines, by which pprof tells the rows of a file
 * apart: those are summed, and have no cum here.
 */
function rowsOf(profile: Profile, query: Query): string[] {
  const sums = new Map<string, [flat: bigint, cum: bigint]>();
  const top = report(profile, 'top', { nodefraction: 0, trim: false, all_frames: true, ...query });
  for (const { name, flat, cum, inline } of top.rows) {
    const short = name.replace(/\[go\.shape.*?\](?=[ .]|$)/g, '[...]');
    const isSummed = query.granularity === 'files' || short.includes('[...]');
    const key = `${short} ${query.granularity === 'files' ? '' : inline}`;
    const [flats, cums] = sums.get(key) ?? [0n, 0n];
    sums.set(key, [flats + flat, isSummed ? 0n : cums + cum]);
  }
  return [`total ${top.total}`, ...[...sums].map(([key, [flat, cum]]) => `${key} ${flat} ${cum}`).sort()];
}

/** Go counts one in so many already, and pprof multiplies once more. */
const everyOne = (text: string) =>
  text.replace(/^sampling period=\d+/, 'sampling period=1').replace(/\nsampling period=\d+/, '\nsampling period=1');

t.test('a text profile has the rows of profile.proto of the same moment, inlined calls included', async (t) => {
  const pairs = versions.flatMap((version) => ['heap', 'mutex', 'block'].map((kind) => `${version}.${kind}`));
  for (const pair of [...pairs, 'go1.26.allocs', 'go1.26.handles']) {
    const text = openBytes(bytes(everyOne(read(`${pair}.debug1.txt.gz`))));
    const proto = await open(new URL(`${pair}.debug0.pb.gz`, folder));
    t.same(text.sampleTypes, proto.sampleTypes, pair);
    t.same([text.periodType, text.period], [proto.periodType, proto.period], pair);
    for (const { type } of text.sampleTypes)
      for (const granularity of granularities) {
        const query = { sample_index: type, granularity };
        const rows = rowsOf(text, query);
        t.ok(rows.length > 2, `${pair} has rows`);
        t.same(rows, rowsOf(proto, query), `${pair}, ${type}, ${granularity}`);
      }
  }
  const inlined = rowsOf(openBytes(bytes(read('go1.26.heap.debug1.txt.gz'))), {}).filter((row) => / all /.test(row));
  t.ok(inlined.length > 3, 'some rows are inlined calls');
});

t.test(
  'the threads of a text profile are those of profile.proto, but for the leaves that Go hides and its padding',
  async (t) => {
    const text = await open(new URL('go1.26.threadcreate.debug1.txt.gz', folder));
    const proto = await open(new URL('go1.26.threadcreate.debug0.pb.gz', folder));
    const hide = { hide: '^runtime\\.' };
    t.same(
      rowsOf(text, hide),
      rowsOf(proto, hide).filter((row) => !row.startsWith('<unknown>')),
    );
    t.equal(report(text, 'top').total, report(proto, 'top').total);
  },
);

t.test('frames to drop are pprof’s: what is called while it panics counts for the function that does', async (t) => {
  const text = await open(new URL('go1.26.heap.debug1.txt.gz', folder));
  const flat = (query: Query) =>
    report(text, 'top', { nodefraction: 0, ...query }).rows.find(({ name }) => name === 'main.allocate')?.flat;
  t.same([flat({}), flat({ all_frames: true })], [524288n, 0n]);
});

t.test('a mutex profile is said to be multiplied by its sampling period', (t) => {
  const { profile, notices } = told(read('kubo.mutex.debug2.txt.gz'));
  t.match(notices, [/values are multiplied by the sampling period 4, as pprof does; Go has done so before/]);
  t.equal(notices.length, 1);
  t.equal(report(profile, 'top', { sample_index: 'contentions' }).total % 4n, 0n);
  t.end();
});

const page = `heap profile: 9: 900 [20: 2000] @ heap/2
2: 200 [3: 300] @ 0x1000 0x2011 0x2009 0x3000 0x9000
# labels: {"tenant":"t0"}
#	0x2010	sync.(*Once).Do+0x10	sync/once.go:46
#	0x2008	main.main+0x8		C:/my app/main.go:12
#	0x2fff	gopkg.in/yaml%2ev2.(*Box[...]).Put+0x10	/src/box.go:30

7: 700 [17: 1700] @ 0x2009 0x5000 0x9000
#	0x2008	main.main+0x8		C:/my app/main.go:12
#	0x4fff


# runtime.MemStats
# Alloc = 0x126815904
# Lookups 0x12 nothing+0x1 a:1
`;

const stacksOf = (profile: Profile) =>
  report(profile, 'traces', { granularity: 'lines', all_frames: true, noinlines: false }).rows;

t.test('functions, places, inlined calls and labels come from the lines', (t) => {
  const { profile, notices } = told(page);
  t.same(notices, []);
  t.same(
    profile.sampleTypes.map(({ type }) => type),
    ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'],
  );
  t.same(report(profile, 'top').sampleType, 'inuse_space');
  const raw = rawOf(profile);
  t.match(raw, /^ +3 +300 +2 +200: 1 2 \n +tenant:\[t0\]\n +bytes:\[100\]\n +17 +1700 +7 +700: 3 4 $/m);
  t.match(
    raw,
    /1: 0x2010 M=1 sync\.\(\*Once\)\.Do sync\/once\.go:46:0 s=0\n +main\.main C:\/my app\/main\.go:12:0 s=0/,
  );
  t.match(raw, /2: 0x2fff M=1 gopkg\.in\/yaml%2ev2\.\(\*Box\[\.\.\.\]\)\.Put \/src\/box\.go:30:0 s=0\n/);
  t.match(raw, /3: 0x2008 M=1 main\.main .*\n +4: 0x4fff M=1 *\nMappings\n1: 0x0\/0xffffffffffffffff\/0x0 +\[FN\]/);
  t.equal([...stacksOf(profile)].length, 2);
  t.end();
});

t.test('lines in other shapes say the same', async (t) => {
  const expected = rawOf(openBytes(bytes(page)));
  const same: [what: string, text: string][] = [
    ['CRLF', page.replaceAll('\n', '\r\n')],
    ['spaces for tabs', page.replaceAll(/\t+/g, '   ')],
    ['no blank lines', page.replaceAll('\n\n', '\n')],
    ['double spaced', page.replaceAll('\n', '\n\n')],
    ['indented', page.replaceAll(/^/gm, '  ')],
    ['the headers of an answer before it', `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${page}`],
    ['no MemStats', page.slice(0, page.indexOf('\n\n# run'))],
    ['a mark of UTF-8', `\xef\xbb\xbf${page}`],
  ];
  for (const [what, text] of same) {
    const { profile, notices } = told(text);
    t.equal(rawOf(profile), expected, what);
    t.same(notices, [], what);
  }
  t.equal(rawOf(openBytes(Buffer.from(`\ufeff${page}`, 'utf16le'))), expected, 'UTF-16, as PowerShell writes it');
});

t.test('a text profile is taken wherever a profile is', async (t) => {
  const dir = t.testdir({ 'heap.txt': page });
  const path = join(dir, 'heap.txt');
  const expected = rawOf(openBytes(bytes(page)));
  writeFileSync(join(dir, 'heap.txt.gz'), gzipSync(page));
  async function* pieces() {
    for (const byte of bytes(page)) yield Uint8Array.of(byte);
  }
  t.equal(rawOf(await open(path)), expected);
  t.equal(rawOf(await open(join(dir, 'heap.txt.gz'))), expected);
  t.equal(rawOf(await open(new Blob([page]).stream())), expected);
  t.equal(rawOf(await open(pieces())), expected);
  t.equal(rawOf(openBytes(gzipSync(page))), expected);
  const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
  const piped = spawnSync(process.execPath, [cli, 'top', '-'], { input: gzipSync(page), encoding: 'utf8' });
  t.match(piped.stdout, /Type: inuse_space[\s\S]*main\.main/);
  t.equal(spawnSync(process.execPath, [cli, 'top', path], { encoding: 'utf8' }).stdout, piped.stdout);
  await t.rejects(open(path, { maxBytes: 100 }), { code: 'too-large' });
});

t.test('text and profile.proto are merged and subtracted', async (t) => {
  for (const version of versions)
    for (const kind of ['heap', 'block']) {
      const [text, proto] = [`${version}.${kind}.debug1.txt.gz`, `${version}.${kind}.debug0.pb.gz`].map(
        (name) => new URL(name, folder),
      );
      const one = report(await open(proto), 'top').total;
      t.equal(report(await openAll([text, proto]), 'top').total, 2n * one, `${version}, ${kind}: merged`);
      for (const [source, base] of [
        [text, proto],
        [proto, text],
      ]) {
        const rows = report(await openAll([source], { base: [base] }), 'top', {
          nodefraction: 0,
          all_frames: true,
        }).rows;
        const left = rows.filter(({ flat, name }) => flat !== 0n && !name.includes('['));
        t.same(left, [], `${version}, ${kind}: nothing is left but the types of generic functions`);
      }
    }
  const notices: string[] = [];
  const mutex = new URL('go1.26.mutex.debug1.txt.gz', folder);
  await openAll([mutex, mutex], { notice: (notice) => notices.push(notice) });
  t.match(notices, [/go1\.26\.mutex.*sampling period 2/]);
});

t.test('a bad line is an error with its number', (t) => {
  const cases: [what: string, text: string, line: number, fact: RegExp][] = [
    ['a head without numbers', 'heap profile: none\n', 1, /no head of a heap profile: heap profile: none/],
    ['an unknown kind', 'heap profile: 1: 2 [3: 4] @ heap_v9/1\n', 1, /no head of a heap profile/],
    ['no record', page.replace('7: 700 [', '7: 700 ('), 8, /no record of a heap profile: 7: 700 \(17/],
    ['bytes of no object', page.replace('7: 700', '0: 700'), 8, /bytes in no object/],
    ['too many digits', page.replace('7: 700', '7: 99999999999999999999'), 8, /no record/],
    ['an address of 65 bits', page.replace('0x5000', '0x15000000000000000'), 8, /an address is too long/],
    ['an attribute', '--- mutex:\ncycles/second=fast\n', 2, /line of the head of a contention profile/],
    ['an unknown one', '--- mutex:\nphase=1\n', 2, /line of the head/],
    ['a wait', '--- contention:\ncycles/second=1\n1 @ 0x1\n', 3, /record of a contention profile/],
    ['a count', 'a.b profile: total 1\nx @ 0x1\n', 2, /record of a profile of a\.b/],
    ['a thread', '--- threadz 1 ---\n--- Thread x\n', 2, /line of a thread/],
  ];
  for (const [what, text, line, fact] of cases) {
    const error = errorOf(text);
    t.equal(error.code, 'malformed', what);
    t.match(error.message, fact, what);
    t.equal(error.place.line, line, what);
    t.match(error.message, new RegExp(`\\(line ${line}\\)$`), what);
  }
  t.match(errorOf('--- contentionz 1 ---\nformat = java\nresolution = microseconds\n').message, /Java/);
  t.end();
});

t.test('a text that ends early is read as far as it goes, and says so', (t) => {
  const notices = (text: string) => told(text).notices;
  const head = page.indexOf('\n\n7: 700');
  t.match(notices(page.slice(0, head + 2)), [
    /the head says 900 bytes in use, the records have 200: some are missing \(line 1\)/,
  ]);
  t.match(notices(page.slice(0, head + 6)), [/the text ends inside a record: it was left out \(line 8\)/, /missing/]);
  t.match(notices(page.slice(0, page.indexOf('0x9000', head) + 4)), [/the text ends inside this record \(line 8\)/]);
  t.match(notices(page.slice(0, page.indexOf('\n', head + 2) + 1)), [/the text ends inside this record \(line 8\)/]);
  t.match(notices(page.slice(0, page.indexOf('gopkg') + 9)), [
    /cannot be read/,
    /ends inside this record \(line 2\)/,
    /missing/,
  ]);
  t.match(notices('a profile: total 3\n1 @ 0x1\n'), [/a total of 3, the records have 1: some are missing/]);
  t.match(notices('--- mutex:\ncycles/se=1'), [/the text ends inside the head/]);
  const { profile } = told(page.slice(0, head + 6));
  t.equal(report(profile, 'top').total, 200n);
  t.end();
});

t.test('odd lines cost what is odd', (t) => {
  const odd = (text: string) => told(text).notices;
  t.match(odd(page.replace('0x9000\n# l', '0x9000 junk\n# l')), [
    /something behind the addresses of a record was left out \(line 2\)/,
  ]);
  t.match(odd(page.replace('main.main+0x8', 'main.main')), [
    /the function in a line cannot be read: it was left out \(line 5\)/,
  ]);
  t.match(odd(page.replace('box.go:30', 'box.go')), [/known by its function only \(line 6\)/]);
  const { profile, notices } = told(page.replace('#\t0x2fff', '#\t0x7777'));
  t.match(notices, [/a function in the lines of a record is at none of its addresses \(line 2\)/]);
  t.match(rawOf(profile), /0x7777 M=1 gopkg/, 'its frame is kept');
  t.same(odd(page.replace('# labels', '# anything else')), []);
  t.end();
});

t.test('records without an address are read, where pprof refuses the profile', (t) => {
  const { profile } = told('my own profile: total 9\n8 @\n#\t0x0\n\n1 @ 0x11 0x0\n#\t0x10\tmain.f+0x1\t/a.go:3\n');
  const top = report(profile, 'top');
  t.same([top.total, top.rows.map(({ name, flat }) => `${name} ${flat}`)], [9n, ['main.f 1']]);
  t.same(profile.sampleTypes, [{ type: 'my own', unit: 'count' }]);
  t.end();
});

t.test('hostile text costs no more than its size', (t) => {
  const started = performance.now();
  const many = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('');
  const head = 'heap profile: 1: 2 [3: 4] @ heap/2\n';
  const addresses = many(50_000, (i) => ` 0x${(i + 4096).toString(16)}`);
  // Lines at none of many addresses, in the wrong order, and all of one entry.
  openBytes(
    bytes(`${head}1: 2 [3: 4] @${addresses}\n${many(50_000, (i) => `#\t0x${i.toString(16)}ffff\tf+0x1\ta:1\n`)}`),
  );
  openBytes(
    bytes(
      `${head}1: 2 [3: 4] @${addresses}\n${many(50_000, (i) => `#\t0x${(i + 4096).toString(16)}\tf${i % 9}+0x${(i + 1).toString(16)}\ta:1\n`)}`,
    ),
  );
  openBytes(
    bytes(
      `${head}${many(50_000, (i) => `1: 2 [3: 4] @ 0x${(i * 64).toString(16)}\n`)}MAPPED_LIBRARIES:\n${many(50_000, () => '0-ffffffffffff r-xp 1 1:1 1 /a (x)\n')}`,
    ),
  );
  openBytes(bytes(`${head}MAPPED_LIBRARIES:\na=xxxxxxxx\n${many(60, (i) => `v${i}=${`$v${i - 1}`.repeat(99)}$a\n`)}`));
  openBytes(bytes(`${head}MAPPED_LIBRARIES:\n${many(500, () => `${'f'.repeat(4000)}\n${' '.repeat(4000)}\n`)}`));
  t.throws(() => openBytes(bytes(`${head}${'1'.repeat(1 << 20)}\n`)), { code: 'malformed' });
  t.ok(performance.now() - started < 15_000, `${Math.round(performance.now() - started)} ms`);
  t.end();
});

t.test('any cut, flipped byte or mixed line gives a report or a ProfileError', (t) => {
  const random = seeded(7);
  const below = (n: number) => Math.floor(random() * n);
  const sources = [
    page,
    ...[
      'go1.26.mutex.debug1.txt.gz',
      'go1.26.handles.debug1.txt.gz',
      'contentionz.txt',
      'threadz.txt',
      'maps.txt',
      'heap_v2.txt',
    ].map(read),
  ];
  let [accepted, refused] = [0, 0];
  const attempt = (text: string, what: string) => {
    try {
      const profile = openBytes(bytes(text), { maxBytes: 1 << 24 });
      report(profile, 'top', { trim: false, granularity: 'addresses', tagroot: 'tenant' });
      accepted++;
    } catch (error) {
      if (!(error instanceof ProfileError) || error.code === 'internal') t.fail(`${what}: ${error}`);
      refused++;
    }
  };
  for (const source of sources) {
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
      attempt(source.slice(0, at + 1), `cut at ${at}`);
      attempt(source.slice(0, at - below(at)), `cut before ${at}`);
    }
    const lines = source.split('\n');
    for (let i = 0; i < 100; i++) {
      const changed = bytes(source);
      for (let n = below(4); n >= 0; n--) changed[below(changed.length)] = below(256);
      attempt(Buffer.from(changed).toString('latin1'), `flipped ${i}`);
      const mixed = [...lines];
      const other = sources[below(sources.length)].split('\n');
      mixed.splice(
        below(mixed.length),
        below(3),
        other[below(other.length)],
        String.fromCharCode(below(256)).repeat(below(9)),
      );
      attempt(mixed.join('\n'), `mixed ${i}`);
    }
  }
  t.ok(accepted > 300 && refused > 100, `${accepted} were read, ${refused} refused`);
  t.end();
});
