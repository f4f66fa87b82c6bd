// What a file holds and gives away: as data, as text, and as the command is run.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type InspectedFile, inspect, renderInspect } from '../src/index.js';
import { draw } from './draw.js';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const run = (args: readonly string[], input: string | Uint8Array = '') =>
  spawnSync(process.execPath, [cli, 'inspect', ...args], { input, encoding: 'utf8' });
const one = (bytes: Uint8Array | string): InspectedFile =>
  inspect([{ name: 'x', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes }]).files[0];
const rows = (file: InspectedFile, name: string) =>
  file.lists
    .find((list) => list.name === name)
    ?.rows.map(({ text, count }) => (count === undefined ? text : `${text} ${count}`));
const textOf = (bytes: Uint8Array | string) =>
  [...renderInspect(inspect([{ name: 'x', bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes }]))].join('');

const secretive = draw(
  'main.main@/home/alice/p/main.go:3;github.com/a/b/c.F@github.com/a/b/c/f.go:1 5 {token=q1w2e3r4,route=/x}\nruntime.gopark@runtime/proc.go:9 2 {route=/y,bytes=5b}',
  {
    types: [['cpu', 'nanoseconds']],
    comments: ['by jo@example.org'],
    mappingFiles: ['/home/alice/bin/p'],
    wire: { unknownFields: true },
  },
);
/** A string that nothing refers to, at the end. */
const hiding = Buffer.concat([secretive, Buffer.from('2\x0bhidden text')]);

t.test('a profile: what is in it, by name and number', (t) => {
  const file = one(gzipSync(hiding));
  t.match(file, { kind: 'profile', what: 'a CPU profile', issues: [] });
  t.ok(file.rawBytes === hiding.length && file.bytes !== file.rawBytes);
  t.match(file.facts, [
    { name: 'samples', value: 2 },
    { name: 'functions', value: 3 },
    { name: 'files', value: 3 },
  ]);
  t.same(rows(file, 'labels'), ['token 1', 'route 2', 'bytes 1']);
  t.same(rows(file, 'modules'), ['github.com/a/b 1', 'main 1', 'standard library 1']);
  t.same(rows(file, 'directories'), ['/home/alice/p/ 1', 'github.com/a/b/ 1', 'runtime/ 1']);
  t.same(rows(file, 'mappings'), ['/home/alice/bin/p']);
  t.same(rows(file, 'unreferenced'), ['hidden text']);
  t.ok(rows(file, 'unknownFields')?.some((row) => row.startsWith('Profile.900 ')));
  t.same(rows(file, 'comments'), ['by jo@example.org']);
  t.same(file.givesAway.map(({ rule, count }) => `${rule} ${count}`).sort(), ['email 1', 'home 2', 'secret 1']);
  t.notMatch(
    JSON.stringify(file, (_, v) => (typeof v === 'bigint' ? String(v) : v)),
    /q1w2e3r4/,
    'secrets are masked everywhere',
  );
  t.notMatch(textOf(hiding), /q1w2e3r4/);
  t.end();
});

t.test('dumps, JSON, command lines, text profiles', (t) => {
  const dump = one(
    'panic: bad login https://u:p4ssw0rd@h\n\ngoroutine 1 [running, 3 minutes]:\nmain.f()\n\t/home/jo/x.go:1 +0x1d\n\ngoroutine 2 [select]:\nnet/http.g()\n\tnet/http/x.go:1 +0x1d\n',
  );
  t.same(rows(dump, 'states'), ['running 1', 'select 1']);
  t.match(rows(dump, 'messages')?.[0], /panic: bad login https:\/\/redacted@h/);
  t.same(rows(dump, 'directories'), ['/home/jo/ 1', 'net/ 1']);
  const vars = one(readFileSync(fixture('vars.json')));
  t.equal(vars.kind, 'vars');
  t.match(rows(vars, 'cmdline')?.[0], /^\.\/goserver .* -api-token \[redacted\] /);
  t.same(rows(vars, 'paths'), ['/home/alice/.ipfs/badgerds 3', '/srv/goserver/goserver.sock 1']);
  t.same(rows(vars, 'addresses'), ['127.0.0.1:16060 1']);
  const words = one('./x\0-api-token\0sekret-4711\0');
  t.match(words.what, /command line/);
  t.same(rows(words, 'cmdline'), ['./x -api-token [redacted]']);
  const mutex = one('--- mutex:\ncycles/second=1\n1 2 @ 0x1\n#\t0x1\tsync.(*Mutex).Unlock+0x46\t\tsync/mutex.go:65\n');
  t.same(rows(mutex, 'modules'), ['standard library 1']);
  t.same(rows(one('{"a":{"b":"192.0.2.7"}}'), 'addresses'), ['192.0.2.7 1']);
  t.end();
});

t.test('what cannot be looked into is said, and nothing throws', (t) => {
  t.match(one(Buffer.from('go 1.26 trace\0\0\0\x01\x02')), {
    kind: 'trace',
    issues: [/cannot be redacted/],
    verdict: /trace\.Log/,
  });
  t.match(one(Buffer.from('\x7fELF\x02\x01\x01\0\0\0')), { kind: 'binary', issues: [/executable/] });
  t.match(one(Buffer.from('\x01\x02\x03')), { kind: 'unknown', verdict: /Do not send it/ });
  t.match(one(''), { kind: 'empty', issues: [] });
  for (let size = 1; size < hiding.length; size += 5) {
    t.doesNotThrow(() => one(hiding.subarray(0, size)));
    t.doesNotThrow(() => one(gzipSync(hiding).subarray(0, size)));
  }
  t.match(one(hiding.subarray(0, 100)).verdict, /cannot be read/);
  t.doesNotThrow(() => one(`{"a":${'['.repeat(100000)}`));
  t.end();
});

t.test('text is 80 columns wide, and what a terminal obeys is shown', (t) => {
  for (const name of ['goserver-profile.5s.pb.gz', 'dumps/guide-sample.txt', 'vars.json', 'goserver-heap.pb.gz'])
    for (const line of textOf(readFileSync(fixture(name))).split('\n')) t.ok([...line].length <= 80, line);
  const text = textOf(draw('a\x1b[31m@/home/\x1bx/a.go:1 5 {k=\u202ev}', { comments: ['\x1b]0;x\x07'] }));
  t.notMatch(text, /[\x00-\x09\x0b-\x1f\u202e]/);
  t.match(text, /\\x1b/);
  t.end();
});

t.test('the command prints it, and writes a redacted copy', (t) => {
  const vars = fixture('vars.json');
  const { status, stdout, stderr } = run([vars]);
  t.equal(status, 0);
  t.match(stdout, /What it gives away\n {2}home: /);
  t.match(stderr, /-redact -output=COPY/);
  t.equal(run([], readFileSync(vars)).stdout.replace('standard input', vars), stdout);
  const json = JSON.parse(run(['-json', vars, fixture('goserver-profile.5s.pb.gz')]).stdout);
  t.same(
    json.files.map(({ kind }: { kind: string }) => kind),
    ['vars', 'profile'],
  );
  const copy = join(mkdtempSync(join(tmpdir(), 'tspprof-inspect-')), 'copy');
  const made = run(['-redact', `-output=${copy}`, vars]);
  t.equal(made.status, 0);
  t.match(made.stderr, /home: 3 replaced, from line \d+ on/);
  const after = readFileSync(copy, 'utf8');
  t.notMatch(after, /alice|sekret-4711/);
  t.same(JSON.parse(after).memstats, JSON.parse(readFileSync(vars, 'utf8')).memstats);
  t.end();
});

t.test('wrong command lines exit with 2, wrong files with 1', (t) => {
  const wrong = (args: readonly string[], status: number, message: RegExp) => {
    const result = run(args);
    t.equal(result.status, status, args.join(' '));
    t.equal(result.stdout, '');
    t.match(result.stderr, message);
    t.match(result.stderr, /^hint: /m);
  };
  wrong(['-redact', fixture('vars.json')], 2, /needs -output/);
  wrong(['-redcat', fixture('vars.json')], 2, /did you mean -redact\? tspprof help inspect/);
  wrong(['-pattern=(', fixture('vars.json')], 2, /parsing a pattern/);
  wrong(['nosuch'], 1, /no such file/);
  wrong(['-max_bytes=10', fixture('vars.json')], 1, /more than 10 bytes/);
  wrong(['-', '-'], 2, /read once/);
  t.match(run(['-help']).stdout, /^tspprof inspect FILE/);
  t.end();
});
