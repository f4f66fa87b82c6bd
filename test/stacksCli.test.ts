// The command `stacks`, as it is run.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const guide = fixture('dumps/guide-sample.txt');
const folder = mkdtempSync(join(tmpdir(), 'tspprof-stacks-'));
const run = (args: readonly string[], input: string | Buffer = '') => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
};

t.test('a file, a flag and standard input give the same', (t) => {
  const { status, stdout } = run(['stacks', guide]);
  t.equal(status, 0);
  t.match(stdout, /goroutine 2306090: semacquire, 458 minutes/);
  t.equal(run(['-stacks', guide]).stdout, stdout);
  t.equal(run(['stacks'], readFileSync(guide)).stdout, stdout);
  t.equal(run(['stacks', '-'], gzipSync(readFileSync(guide))).stdout, stdout);
  t.end();
});

t.test('JSON, Markdown, a file, and only what hangs', (t) => {
  t.same(JSON.parse(run(['stacks', '--json', guide]).stdout).stuck, [2306090]);
  t.match(run(['stacks', '-markdown', guide]).stdout, /^## 1 goroutine\n/);
  const path = join(folder, 'out.txt');
  t.equal(run(['stacks', `-output=${path}`, guide]).stdout, '');
  t.match(readFileSync(path, 'utf8'), /yamux\.Session 0xc8222fd340/);
  t.notMatch(run(['stacks', '-blocked', guide]).stdout, /States/);
  t.match(run(['stacks', '--created-by=GoClose', guide]).stdout, /1 kept by created_by=GoClose/);
  t.end();
});

t.test('several dumps are compared', (t) => {
  const later = join(folder, 'later.txt');
  writeFileSync(later, readFileSync(guide, 'utf8').replace('458 minutes', '470 minutes'));
  const { stdout } = run(['stacks', guide, later]);
  t.match(stdout, /0 new, 0 gone, 0 moved, 1 where they were/);
  t.match(stdout, /waited on: 2306090 \(458 → 470 min\)/);
  t.match(stdout, /hangs for sure/);
  t.end();
});

t.test('wrong command lines exit with 2, wrong files with 1, and print nothing', (t) => {
  const wrong = (args: readonly string[], status: number, message: RegExp) => {
    const result = run(args);
    t.equal(result.status, status, args.join(' '));
    t.equal(result.stdout, '');
    t.match(result.stderr, message);
    t.match(result.stderr, /^hint: /m);
  };
  wrong(['stacks', '-blokced', guide], 2, /did you mean -blocked/);
  wrong(['stacks', '-longer=abc', guide], 2, /invalid wait: abc/);
  wrong(['stacks', '-sort=x', guide], 2, /unknown value "x"/);
  wrong(['stacks', 'http://localhost:1/debug/pprof/goroutine'], 1, /nothing listens there/);
  wrong(['stacks', join(folder, 'none.txt')], 1, /no such file/);
  const none = mkdtempSync(join(tmpdir(), 'tspprof-none-'));
  wrong(['stacks', none], 1, /there is no dump of goroutines in it/);
  wrong(['stacks', fixture('goserver-heap.pb.gz')], 1, /heap|inuse_space|goroutine/);
  const empty = join(folder, 'empty.txt');
  writeFileSync(empty, '');
  wrong(['stacks', empty], 1, /empty/);
  const junk = join(folder, 'junk.bin');
  writeFileSync(junk, Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)));
  wrong(['stacks', junk], 1, /./);
  t.end();
});

t.test('a goroutine profile has stacks, a dump has reports, and the quick look of a dump is its stacks', (t) => {
  const profile = run(['stacks', fixture('goserver-goroutine.pb.gz')]);
  t.equal(profile.status, 0);
  t.match(profile.stdout, /\(goroutine profile\)/);
  const top = run(['top', guide]);
  t.equal(top.status, 0);
  t.match(top.stdout, /Type: goroutine/);
  const look = run([guide]);
  t.match(look.stdout, /What hangs/);
  t.match(look.stderr, /Try next/);
  t.match(run(['help', 'stacks']).stdout, /-created_by=TEXT/);
  t.equal(run(['stacks', '-help']).stdout, run(['help', 'stacks']).stdout);
  t.end();
});
