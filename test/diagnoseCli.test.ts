// The command `diagnose`, as it is run: files, standard input, a live program, exit statuses.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { DIAGNOSE_RULES } from '../src/index.js';
import { bundlePath, membersOf, only, zipped } from './diagnosing.js';
import { cli, runCli } from './running.js';
import { goServer, serve, slow } from './scripted.js';

const folder = mkdtempSync(join(tmpdir(), 'tspprof-diagnose-cli-'));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return name;
};

const run = (args: readonly string[], input: string | Uint8Array = ''): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [cli, 'diagnose', ...args], { cwd: folder, input, encoding: 'utf8' });

/** Beside a server of this process. */
const runBeside = (args: readonly string[], interrupt?: RegExp) =>
  runCli(['diagnose', ...args], { cwd: folder, interrupt });

const all = membersOf('own/all');
const some = zipped(only(all, 'goroutines.stacks', 'cpu.pprof'));
const bundle = file('some.zip', some);
const notes = file('notes.zip', zipped(only(membersOf('own/healthy-idle'), 'cpu.pprof', 'goroutines.stacks')));
const warnings = bundlePath('own/hot');
const damaged = file(
  'damaged.zip',
  zipped({ ...only(all, 'goroutines.stacks'), 'cpu.pprof': all['cpu.pprof'].subarray(0, 900) }),
);

t.test('text, Markdown, JSON and a file have the same findings', (t) => {
  const text = run([bundle]);
  t.equal(text.status, 0);
  t.equal(text.stderr, '');
  t.match(
    text.stdout,
    /^some\.zip: .*\nFound: 1 critical, 2 warnings, 2 notes\.\n\nCRITICAL 2 goroutines wait for each other/,
  );
  t.notMatch(text.stdout, /\u001b/, 'no colour but on a terminal');
  const markdown = run(['-markdown', bundle]);
  t.match(markdown.stdout, /^## Diagnosis of `some\.zip`\n/);
  const json = JSON.parse(run(['--json', bundle]).stdout);
  t.same(json.counts, { critical: 1, warning: 2, note: 2 });
  const rules = json.findings.map(({ rule }: { rule: string }) => rule);
  t.same(
    [...text.stdout.matchAll(/\[([\w-]+)\]$/gm)].map(([, rule]) => rule),
    rules,
  );
  t.equal(markdown.stdout.match(/^### (critical|warning|note): /gm)?.length, rules.length);
  t.equal(run(['-output=report.txt', bundle]).stdout, '');
  t.equal(readFileSync(join(folder, 'report.txt'), 'utf8'), text.stdout);
  t.equal(run([bundle, '-output=report.md', '-markdown']).status, 0);
  t.equal(readFileSync(join(folder, 'report.md'), 'utf8'), markdown.stdout);
  t.end();
});

t.test('what must not be there is an exit status of its own', (t) => {
  const rows: readonly (readonly [file: string, failOn: string, status: number])[] = [
    [bundle, 'critical', 4],
    [bundle, 'note', 4],
    [warnings, 'critical', 0],
    [warnings, 'warning', 5],
    [notes, 'warning', 0],
    [notes, 'note', 6],
    [damaged, 'critical', 4],
  ];
  for (const [name, failOn, status] of rows) {
    const result = run([`-fail_on=${failOn}`, name]);
    t.equal(result.status, status, `${name} ${failOn}: ${result.stderr}`);
    t.match(result.stdout, /^\S+\.zip/, 'the report is there all the same');
  }
  t.end();
});

t.test('a damaged file is told, with exit 3; where there is nothing else, it is exit 1 and no report', (t) => {
  const partly = run([damaged]);
  t.equal(partly.status, 3);
  t.match(partly.stdout, /CRITICAL .*[\s\S]*Could not be read, or not whole:\n {2}damaged\.zip:cpu\.pprof: /);
  const mixed = run([bundle, file('page.pprof', '<!DOCTYPE html><html>Log in</html>')]);
  t.equal(mixed.status, 3);
  t.match(mixed.stdout, /page\.pprof: it is an HTML page/);
  for (const [args, message] of [
    [['page.pprof'], /page\.pprof: .*HTML page/],
    [['none.zip'], /none\.zip: there is no such file or folder/],
    [[file('a.txt', 'hello\n')], /a\.txt: there is nothing in it that can be diagnosed/],
    [[file('empty.zip', zipped({}))], /empty\.zip: it is empty/],
    [[mkdtempSync(join(folder, 'd-'))], /it is empty/],
    [[bundle, 'none.zip'], /none\.zip: there is no such file/],
    [['-output=/no/such/folder/x', bundle], /\/no\/such\/folder\/x/],
    [['-json', 'localhost:1'], /localhost:1/],
  ] as const) {
    const { status, stdout, stderr } = run(args);
    t.equal(status, 1, args.join(' '));
    t.equal(stdout, '', args.join(' '));
    t.match(stderr, message);
    t.match(stderr, /^tspprof: .*\nhint: .*\n$|^Collecting[\s\S]*\nhint: /m, args.join(' '));
  }
  t.end();
});

t.test('a wrong command line is exit 2, with the word that was meant', (t) => {
  for (const [args, message] of [
    [['-jsn', bundle], /did you mean -json/],
    [['-fail_on=bad', bundle], /invalid value "bad" for flag -fail_on\nhint: give one of critical, warning, note/],
    [['-fail_on', bundle], /invalid value "some\.zip" for flag -fail_on/],
    [['-seconds=x', bundle], /invalid value "x" for flag -seconds/],
    [['-', '-'], /standard input can be read once/],
    [['localhost:1', 'localhost:2'], /one live program at a time/],
    [['-explain=deadlok'], /there is no rule deadlok\nhint: did you mean deadlock\?/],
    [['-explain=xyzzy\u001b'], /there is no rule xyzzy\\x1b\nhint: .*-explain=all lists them/],
  ] as const) {
    const { status, stdout, stderr } = run(args);
    t.equal(status, 2, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, message);
  }
  t.end();
});

t.test('a rule is explained with its limits', (t) => {
  const one = run(['-explain=heap-growth']);
  t.equal(one.status, 0);
  t.match(one.stdout, /^heap-growth\nlooks at +two heap profiles/);
  t.match(one.stdout, /\nwhen +.*[\s\S]* 4 MiB[\s\S]*\nsays +FUNCTION keeps GROWN more than TIME before/);
  t.match(one.stdout, /\n +\$ tspprof top -diff_base=HEAPBEFORE /);
  t.notMatch(one.stdout, /[{}]/);
  const list = run(['-explain=all']);
  const names: readonly string[] = list.stdout.match(/^[\w-]+/gm) ?? [];
  for (const { name } of DIAGNOSE_RULES) t.ok(names.includes(name), name);
  for (const name of names) t.equal(names.indexOf(name), names.lastIndexOf(name), name);
  t.ok(list.stdout.split('\n').every((line) => line.length <= 100));
  t.equal(run(['-help']).stdout, spawnSync(process.execPath, [cli, 'help', 'diagnose'], { encoding: 'utf8' }).stdout);
  t.end();
});

t.test('standard input is a bundle or a file of any kind', (t) => {
  const zip = run([], some);
  t.equal(zip.status, 0);
  t.match(zip.stdout, /^standard input.*\nFound: 1 critical, 2 warnings/);
  t.equal(run(['-'], some).stdout, zip.stdout);
  t.match(run([], all['goroutines.stacks']).stdout, /\nCRITICAL 2 goroutines wait for each other/);
  t.match(run(['-', bundle], all['heap.2.pprof']).stdout, /CRITICAL [\s\S]*\[heap-keeper\]/);
  const nothing = run([], '');
  t.equal(nothing.status, 1);
  t.equal(nothing.stdout, '');
  t.end();
});

t.test('a reader that goes away ends it quietly', (t) => {
  const command = `'${process.execPath}' '${cli}' diagnose -json '${bundlePath('own/all')}' | head -c 20`;
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  t.equal(stdout.length, 20);
  t.equal(stderr, '');
  t.equal(status, 0);
  t.end();
});

t.test('a live program is collected from first; its bundle stays, and has the same report', async (t) => {
  const server = await serve(goServer());
  const { code: status, stdout, stderr } = await runBeside(['-seconds=1', '-bundle=live.zip', server.url]);
  t.equal(status, 0, stderr);
  t.match(stderr, /^Collecting from http:\/\/127\.0\.0\.1:\d+[\s\S]*\nWritten to live\.zip\n/);
  t.match(stdout, /^live\.zip: .*at http:\/\/127\.0\.0\.1:\d+/);
  t.match(stdout, /WARNING 1 goroutine hangs for a Mutex/);
  t.equal(run(['live.zip']).stdout, stdout);
  t.ok(server.asked.some(({ path }) => path === '/debug/pprof/profile?seconds=1'));
  const quiet = await runBeside(['-quiet', '-seconds=1', '-json', server.url]);
  t.equal(quiet.stderr, '');
  t.match(JSON.parse(quiet.stdout).source, /^tspprof-127\.0\.0\.1-\d+-\d{8}-\d{6}\.zip$/);
  await server.close();
});

t.test('Ctrl-C during the CPU profile: what is there is diagnosed, at once and later, with exit 3', async (t) => {
  const server = await serve(goServer().set('GET /debug/pprof/profile', slow('')));
  const stopped = await runBeside(['-seconds=100', '-bundle=stopped.zip', server.url], /cpu: 100 s/);
  t.match(stopped.stderr, /stopping: what is there is looked at[\s\S]*\nWritten to stopped\.zip\n/);
  t.match(
    stopped.stdout,
    /It was stopped early: this is of what was there by then\.[\s\S]*\nWARNING 1 goroutine hangs for a Mutex[\s\S]*\nCould not be collected, or not whole:\n {2}cpu: stopped/,
  );
  t.equal(stopped.code, 3);
  t.notOk(readdirSync(folder).some((name) => name.endsWith('.partial')));
  await server.close();
  const { status, stdout } = run(['stopped.zip']);
  t.equal(status, 3);
  t.match(stdout, /It was stopped early[\s\S]*\nWARNING 1 goroutine hangs for a Mutex/);
  t.match(stdout, /Not looked at, for want of a file:\n[\s\S]*a CPU profile is missing \(stopped before\s/);
});

t.test('without a word it is the kubo node of this user; where nobody is there the hint says what to name', (t) => {
  mkdirSync(join(folder, 'repo'));
  // Port 1 is nobody's.
  file('repo/api', '/ip4/127.0.0.1/tcp/1');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'diagnose', '-quiet'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, IPFS_PATH: join(folder, 'repo') },
  });
  t.equal(status, 1);
  t.equal(stdout, '');
  t.match(stderr, /127\.0\.0\.1:1.*\nhint: name what to diagnose: an address such as localhost:6060, a bundle/);
  t.end();
});
