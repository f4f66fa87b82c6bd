// Bundles: what people send is read, and what is no member is refused by name.

import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type AsyncZippable, type Zippable, zipSync } from 'fflate';
import t from 'tap';
import {
  type Bundle,
  describeMember,
  kindOf,
  type Member,
  missingOf,
  openBundle as openBytes,
  ProfileError,
} from '../src/index.js';
import { collect, open, openAll, openBundle, openDumps, report, verifyBundle } from '../src/node.js';
import { goServer, serve } from './scripted.js';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const read = (name: string) => new Uint8Array(readFileSync(fixture(name)));
const folder = mkdtempSync(join(tmpdir(), 'tspprof-bundle-'));
const names = ({ members }: Bundle) => members.map(({ name }) => name);
const facts = ({ issues }: Bundle) => issues.map(({ fact }) => fact);

async function dataOf(member: Member | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of member?.chunks() ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const stacks = 'goroutine 1 [running]:\nmain.main()\n\t/app/main.go:3 +0x1\n'.repeat(30);
const cpu = read('goserver-profile.5s.pb.gz');
const heap = read('goserver-heap.pb.gz');

t.test("kubo's zips are read: a whole one, and one that a busy CPU profiler left", async (t) => {
  const whole = await openBundle(fixture('bundles/kubo.zip'));
  t.same(
    whole.members.map((member) => [member.name, member.kind, member.size]),
    [
      ['goroutines.stacks', 'dump', 90604],
      ['version.json', 'version', 92],
      ['goroutines.pprof', 'profile', 7877],
      ['heap.pprof', 'profile', 20688],
      ['allocs.pprof', 'profile', 21595],
      ['block.pprof', 'text-profile', 97025],
      ['cpu.pprof', 'profile', 22071],
      ['mutex.pprof', 'text-profile', 54246],
    ],
  );
  t.same(whole.issues, []);
  t.same(missingOf(whole.members), ['the memory statistics (/debug/vars)', 'the system information (ipfs diag sys)']);
  const busy = await openBundle(fixture('bundles/kubo-cpu-busy.zip'));
  t.same(missingOf(busy.members).slice(0, 3), ['cpu.pprof', 'mutex.pprof', 'block.pprof']);
  for (const member of whole.members) t.equal((await dataOf(member)).length, member.size, member.name);
});

t.test('a member is a source like any other, and a bundle gives what is asked for', async (t) => {
  const zip = fixture('bundles/kubo.zip');
  const told: string[] = [];
  const profile = await open(zip, { notice: (text) => told.push(text) });
  t.match(profile.sampleTypes, [{ type: 'samples' }, { type: 'cpu' }]);
  t.match(told, [
    /this is cpu\.pprof, CPU profile; .*kubo\.zip:goroutines\.pprof is another: goroutines\.pprof, heap\.pprof/,
  ]);
  t.match((await open(`${zip}:heap.pprof`)).sampleTypes[3], { type: 'inuse_space' });
  t.match((await open(`${zip}:heap`)).sampleTypes[3], { type: 'inuse_space' });
  t.match((await open(`${zip}:mutex.pprof`)).sampleTypes, [{ type: 'contentions' }, { type: 'delay' }]);
  t.equal((await openDumps(zip))[0].goroutines.count, 72);
  const merged = await openAll([`${zip}:heap.pprof`, fixture('goserver-heap.pb.gz')]);
  t.ok(report(merged, 'top').total > report(await open(`${zip}:heap.pprof`), 'top').total);
  const both = await openAll([zip, fixture('bundles/kubo.zip')]);
  t.equal(report(both, 'top').total, report(profile, 'top').total * 2n, 'also of several bundles');
  await t.rejects(open(`${zip}:nosuch.pprof`), {
    code: 'unreadable',
    message: /there is no member nosuch\.pprof in it/,
    hint: /goroutines\.stacks/,
  });
  const busy = fixture('bundles/kubo-cpu-busy.zip');
  await t.rejects(open(busy), {
    message: /it has 3 profiles, none of them a CPU profile/,
    hint: /kubo-cpu-busy\.zip:heap\.pprof: heap\.pprof, goroutines\.pprof, allocs\.pprof/,
  });
  const one = zipSync({ 'x.bin': heap });
  writeFileSync(join(folder, 'one.zip'), one);
  t.match((await open(join(folder, 'one.zip'))).sampleTypes[3], { type: 'inuse_space' });
  writeFileSync(join(folder, 'unnamed.zip'), zipSync({ a: heap, b: cpu }));
  t.match(
    (await open(join(folder, 'unnamed.zip'))).sampleTypes[1],
    { type: 'cpu' },
    'by content where names say nothing',
  );
  await t.rejects(openDumps(join(folder, 'one.zip')), { message: /there is no dump of goroutines in it/ });
});

t.test('a zip that ends early has every member before its end, whole, wherever it ends', async (t) => {
  const whole = read('bundles/kubo.zip');
  const expected = new Map<string, Buffer>();
  const ends: number[] = [];
  const bundle = openBytes(whole);
  for (const member of bundle.members) expected.set(member.name, await dataOf(member));
  const view = Buffer.from(whole);
  for (const { name } of bundle.members.slice(1)) ends.push(view.indexOf(name) - 30);
  for (let length = 30; length < whole.length - 1; length += 997) {
    const cut = openBytes(whole.slice(0, length));
    const complete = ends.filter((end) => end <= length).length;
    t.ok(cut.members.length >= complete && cut.members.length <= complete + 1, `${length} bytes`);
    for (const [i, member] of cut.members.entries()) {
      if (i < complete || member.issue === undefined) {
        if (i % 3 === 0) t.same(await dataOf(member), expected.get(member.name), `${length}: ${member.name}`);
        continue;
      }
      const chunks: Uint8Array[] = [];
      await t.rejects(
        (async () => {
          for await (const chunk of member.chunks()) chunks.push(chunk);
        })(),
        { code: 'truncated' },
      );
      const part = Buffer.concat(chunks);
      t.ok(
        expected.get(member.name)?.subarray(0, part.length).equals(part),
        `${length}: the beginning of ${member.name}`,
      );
    }
    t.ok(facts(cut).length > 0, 'and it says so');
  }
});

t.test('a cut dump in a cut zip is read as far as it goes, with a notice', async (t) => {
  const path = join(folder, 'cut.zip');
  const whole = read('bundles/kubo.zip');
  writeFileSync(path, whole.subarray(0, 5000));
  const told: string[] = [];
  const [dump] = await openDumps(path, { notice: (text) => told.push(text) });
  t.ok(dump.goroutines.count > 10 && dump.goroutines.count < 72);
  t.match(
    told.join('\n'),
    /its directory is missing.*\n.*goroutines\.stacks is cut: the archive ends before it does, \d+ bytes of it are there/,
  );
});

t.test('zips and tars of other writers, with names of every length', async (t) => {
  for (const name of ['streamed.zip', 'zip64.zip', 'gnu.tar.gz', 'pax.tar.gz', 'ustar.tar.gz']) {
    const bundle = await openBundle(fixture(`bundles/${name}`));
    t.same(names(bundle), ['goroutine.txt', `a/${'deep/'.repeat(30)}vars.json`], name);
    t.same(
      bundle.members.map(({ kind }) => kind),
      ['dump', 'vars'],
    );
    t.equal(String(await dataOf(bundle.members[1])), '{"memstats":{"NumGC":1}}');
    if (name.endsWith('.gz'))
      t.match(
        facts(bundle),
        [/link is refused: it is a symbolic link/, /\.\.\/\.\.\/up is refused: its name leads out/],
        name,
      );
  }
  // Without the directory: descriptors of both sizes.
  for (const name of ['streamed.zip', 'zip64.zip']) {
    const bytes = read(`bundles/${name}`);
    const cut = openBytes(bytes.subarray(0, Buffer.from(bytes).indexOf('PK\x01\x02') + 2));
    t.equal(cut.members.length, 2, name);
    t.ok(
      cut.members.every(({ issue }) => issue === undefined),
      name,
    );
    t.equal(String(await dataOf(cut.members[1])), '{"memstats":{"NumGC":1}}');
  }
});

t.test('names that lead out of it, and second ones, are refused by name; the rest is read', async (t) => {
  const bundle = openBytes(
    zipSync({
      '../../etc/passwd': Buffer.from('x'),
      '/etc/passwd': Buffer.from('x'),
      'C:\\windows\\x': Buffer.from('x'),
      'a/../../b': Buffer.from('x'),
      '..\\..\\c': Buffer.from('x'),
      'heap.pprof': heap,
      './heap.pprof': cpu,
      'HEAP.pprof': cpu,
      'dir\\inner.txt': Buffer.from('fine'),
    } satisfies Zippable & AsyncZippable),
  );
  t.same(names(bundle), ['heap.pprof', 'dir/inner.txt']);
  t.same(await dataOf(bundle.members[0]), Buffer.from(heap));
  t.equal(facts(bundle).filter((fact) => /leads out of the archive/.test(fact)).length, 5);
  t.equal(facts(bundle).filter((fact) => /one of this name already/.test(fact)).length, 2);
});

t.test('links, encrypted members and unknown compressions are refused by name', async (t) => {
  const link = zipSync({
    link: [Buffer.from('/etc/passwd'), { os: 3, attrs: 0o120777 * 65536 }],
    ok: [Buffer.from('ok'), {}],
  });
  t.same(names(openBytes(link)), ['ok']);
  t.match(facts(openBytes(link)), [/link is refused: it is a symbolic link/]);
  const change = (offset: number, value: number) => {
    const bytes = zipSync({ secret: [Buffer.from('text'.repeat(50)), {}] });
    bytes[Buffer.from(bytes).indexOf('PK\x01\x02') + offset] = value;
    return openBytes(bytes);
  };
  t.match(facts(change(8, 1)), [/secret is refused: it is encrypted/]);
  t.match(facts(change(10, 12)), [/secret is refused: its compression, method 12, is not read here/]);
});

t.test('bombs: claimed, hidden, and by overlap', async (t) => {
  const bytes = zipSync({ zeros: [new Uint8Array(1 << 20), { level: 9 }] });
  const directory = Buffer.from(bytes).indexOf('PK\x01\x02');
  const claimed = bytes.slice();
  new DataView(claimed.buffer).setUint32(directory + 24, 0x7fffffff, true);
  t.match(facts(openBytes(claimed)), [/zeros is refused: \d+ bytes say that they become 2147483647/]);
  const hidden = bytes.slice();
  new DataView(hidden.buffer).setUint32(directory + 24, 100, true);
  await t.rejects(dataOf(openBytes(hidden).members[0]), {
    code: 'malformed',
    message: /zeros: it is larger than the 100 bytes/,
  });
  await t.rejects(dataOf(openBytes(bytes, { maxBytes: 1000 }).members[0]), {
    code: 'too-large',
    message: /zeros: it has more than 1000 bytes/,
  });
  // Two names for the same data.
  const [entry] = [bytes.subarray(directory, directory + 46 + 5)];
  const twice = Buffer.concat([bytes.subarray(0, directory), entry, entry, bytes.subarray(directory + entry.length)]);
  twice[directory + entry.length + 46] = 'y'.charCodeAt(0);
  const end = twice.indexOf('PK\x05\x06');
  twice.writeUInt16LE(2, end + 8);
  twice.writeUInt16LE(2, end + 10);
  twice.writeUInt32LE(entry.length * 2, end + 12);
  t.same(names(openBytes(twice)), ['zeros']);
  t.match(facts(openBytes(twice)), [/yeros is refused: its data are those of another member, too/]);
});

t.test('damaged data are an error of that member, with its name', async (t) => {
  const bytes = zipSync({ 'a.txt': [Buffer.from(stacks), { level: 0 }], 'b.txt': [Buffer.from(stacks), { level: 6 }] });
  bytes[60] ^= 0xff;
  bytes[Buffer.from(bytes).indexOf('b.txt') + 20] ^= 0xff;
  const { members } = openBytes(bytes);
  await t.rejects(dataOf(members[0]), { code: 'malformed', message: /^a\.txt: its checksum is wrong/ });
  await t.rejects(dataOf(members[1]), { code: 'malformed', message: /^b\.txt: / });
});

t.test('whatever is flipped or cut: a bundle or an error, never anything else', async (t) => {
  const sources = ['bundles/streamed.zip', 'bundles/zip64.zip', 'bundles/gnu.tar.gz', 'bundles/pax.tar.gz'].map(read);
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  let opened = 0;
  for (let i = 0; i < 3000; i++) {
    const bytes = sources[i % sources.length].slice(0, i % 5 === 0 ? random(2000) + 1 : undefined);
    for (let flips = random(4); flips >= 0; flips--) bytes[random(bytes.length)] = random(256);
    try {
      const bundle = openBytes(bytes);
      for (const member of bundle.members) await dataOf(member);
      opened++;
    } catch (error) {
      if (!(error instanceof ProfileError) || error.code === 'internal') t.fail(`round ${i}: ${String(error)}`);
    }
  }
  t.ok(opened > 100 && opened < 2900, `${opened} were whole all the same`);
});

t.test('a folder is a bundle; links out of it are not followed', async (t) => {
  const guide = join(folder, 'guide');
  mkdirSync(join(guide, 'sub'), { recursive: true });
  writeFileSync(join(guide, 'ipfs.stacks'), stacks);
  writeFileSync(join(guide, 'sub', 'ipfs.cpuprof'), cpu);
  writeFileSync(join(guide, 'ipfs.vars'), '{"cmdline":["x"],"memstats":{}}');
  symlinkSync('/etc/passwd', join(guide, 'ipfs.heap'));
  const bundle = await openBundle(guide);
  t.same(names(bundle), ['ipfs.stacks', 'ipfs.vars', 'sub/ipfs.cpuprof']);
  t.match(facts(bundle), [/ipfs\.heap is left out: it is a symbolic link/]);
  t.match((await open(guide)).sampleTypes[1], { type: 'cpu' });
  t.match((await open(`${guide}:ipfs.cpuprof`)).sampleTypes[1], { type: 'cpu' });
  t.ok((await openDumps(guide))[0].goroutines.count > 0);
  mkdirSync(join(folder, 'none'));
  await t.rejects(open(join(folder, 'none')), { message: /there is no profile in it/, hint: 'it is empty' });
});

t.test('archives in archives, to a depth', async (t) => {
  const inner = gzipSync(Buffer.concat([tarOf('heap.pprof', heap), tarOf('cpu.pprof', cpu), Buffer.alloc(1024)]));
  const nest = (bytes: Uint8Array, name: string) => zipSync({ [name]: [bytes, {}] });
  const path = join(folder, 'outer.zip');
  writeFileSync(path, nest(inner, 'day/inner.tar.gz'));
  t.match((await open(`${path}:day/inner.tar.gz`)).sampleTypes[1], { type: 'cpu' });
  t.match((await open(`${path}:day/inner.tar.gz:heap.pprof`)).sampleTypes[3], { type: 'inuse_space' });
  writeFileSync(path, nest(nest(nest(nest(inner, 'd.tgz'), 'c.zip'), 'b.zip'), 'a.zip'));
  await t.rejects(open(`${path}:a.zip:b.zip:c.zip:d.tgz`), {
    code: 'not-a-bundle',
    message: /an archive in 3 archives/,
  });
});

t.test('files with colons in their names, and names like addresses, stay files', async (t) => {
  const path = join(folder, 'odd:6060');
  writeFileSync(path, heap);
  t.match((await open(path)).sampleTypes[3], { type: 'inuse_space' });
  await t.rejects(open(join(folder, 'nosuch.pb.gz')), { message: /no such file/ });
});

t.test('what a member is called in words', (t) => {
  const words = (name: string, bytes: Uint8Array | string) =>
    describeMember({ name, kind: kindOf(typeof bytes === 'string' ? Buffer.from(bytes) : bytes) });
  t.equal(words('x/profile_0000.prof', cpu), 'CPU profile');
  t.equal(words('2026/heap.prof', heap), 'heap profile');
  t.equal(words('mutex.pprof', '--- mutex:\ncycles/second=1\n'), 'mutex profile, as text');
  t.equal(words('trace.out', 'go 1.26 trace\0\0\0'), 'execution trace');
  t.equal(words('metrics.txt', '# HELP a b\n# TYPE a gauge\na 1\n'), 'metrics');
  t.equal(words('ipfs', '\x7fELF\x02\x01'), 'program');
  t.equal(words('a', ''), 'empty');
  t.end();
});

t.test('a bundle that was changed is told from one that was not', async (t) => {
  const server = await serve(goServer());
  const path = join(folder, 'mine.zip');
  await collect({ target: server.url, output: path, seconds: 0 });
  await server.close();
  const good = await verifyBundle(await openBundle(path));
  t.same(good.problems, []);
  t.ok(good.verified > 8);
  const { members } = await openBundle(path);
  const files: Record<string, Uint8Array> = {};
  for (const member of members) files[member.name] = await dataOf(member);
  files['heap.pprof'] = read('bundles/kubo.zip');
  files['added.txt'] = Buffer.from('x');
  delete files['allocs.pprof'];
  const kubo = await openBundle(fixture('bundles/kubo.zip'));
  files['block.pprof'] = await dataOf(kubo.members.find(({ name }) => name === 'allocs.pprof'));
  const { problems } = await verifyBundle(openBytes(zipSync(files)));
  const of = (name: string) => problems.filter(({ member }) => member === name).map(({ fact }) => fact);
  t.match(of('heap.pprof'), [/SHA-256 is another/]);
  t.match(of('allocs.pprof'), [/the bundle has not/]);
  t.match(of('added.txt'), [/somebody added it/]);
  t.match(of('block.pprof'), [/SHA-256/, /of another program than/]);
});

/** One file of a tar. */
function tarOf(name: string, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(
    `${[...header]
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
