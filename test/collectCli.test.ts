// collect, bundle, inspect and addresses as they are run.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync, zipSync } from 'fflate';
import t from 'tap';
import { type RunOptions, runCli } from './running.js';
import { goServer, serve, slow } from './scripted.js';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tspprof-collect-cli-'));
const saved = join(folder, 'saved');

const run = (args: readonly string[], { env, interrupt }: Omit<RunOptions, 'cwd'> = {}) =>
  runCli(args, { cwd: folder, env: { PPROF_TMPDIR: saved, ...env }, interrupt });

t.test('collect prints the name of the bundle, and what to try next', async (t) => {
  const server = await serve(goServer());
  const { code, stdout, stderr } = await run(['collect', '-seconds=1', server.url]);
  t.equal(code, 0);
  t.match(stdout, /^tspprof-127\.0\.0\.1-\d+-\d{8}-\d{6}\.zip\n$/);
  t.match(stderr, /cpu: 1 s …\n(.*\n)* {2}cpu +\d+ KiB/);
  t.match(stderr, /\d+ members; \d+ places redacted\n\nTry next:\n {2}tspprof diagnose tspprof-/);
  const name = stdout.trim();
  const all = Object.values(unzipSync(new Uint8Array(readFileSync(join(folder, name))))).map((bytes) =>
    Buffer.from(bytes).toString('latin1'),
  );
  t.notMatch(all.join(), /hunter2|alice/, 'redacted unless told otherwise');
  t.equal((await run(['bundle', 'verify', name])).code, 0);
  t.match((await run([name])).stdout, /^member +size +what it is\ngoroutines\.stacks +\d+ B +dump of goroutines\n/);
  t.match((await run(['stacks', name])).stdout, /^2 goroutines/);
  t.match((await run(['top', '-nodecount=1', name])).stdout, /^File: .*\n(.*\n)*Type: cpu\n/);
  t.match((await run(['top', '-nodecount=1', `${name}:heap.pprof`])).stdout, /Type: inuse_space/);
  t.match((await run(['inspect', name])).stdout, /goroutines\.stacks +a dump of goroutines(.*\n)*What they give away/);
  await server.close();
});

t.test('collect: exit 3 when something is missing, 1 when all is, 2 for a wrong command line', async (t) => {
  const server = await serve(goServer().set('GET /debug/pprof/heap', '<html>no'));
  const part = await run(['collect', '-seconds=0', '-output=part.zip', server.url]);
  t.equal(part.code, 3);
  t.equal(part.stdout, 'part.zip\n');
  t.match(part.stderr, /What is missing or cut:\n {2}heap: the server sent a page instead of a profile/);
  const json = await run(['collect', '-seconds=0', '-json', '-no_redact', '-output=json.zip', server.url]);
  t.equal(JSON.parse(json.stdout).items.find(({ name }: { name: string }) => name === 'heap').status, 'failed');
  t.match(JSON.stringify(unzipSync(new Uint8Array(readFileSync(join(folder, 'json.zip'))))['cmdline.json']), /./);
  t.match(
    Buffer.from(unzipSync(new Uint8Array(readFileSync(join(folder, 'json.zip'))))['cmdline.json']).toString(),
    /hunter2/,
  );
  await server.close();
  const gone = await run(['collect', server.url]);
  t.equal(gone.code, 1);
  t.equal(gone.stdout, '');
  t.match(gone.stderr, /nothing listens there\nhint: start the daemon/);
  for (const [args, message] of [
    [['collect', '-secnds=1'], /did you mean -seconds\? tspprof help collect/],
    [['collect', '-only=heep', 'localhost:1'], /there is no item heep\nhint: the items are goroutines/],
    [['collect', 'ftp://x'], /there is no scheme ftp/],
    [['collect', 'a:1', 'b:2'], /one program at a time/],
    [['collect', '-block_rate=x', 'localhost:1'], /invalid value "x" for flag -block_rate/],
    [['collect', '-header=x', 'localhost:1'], /-header has no name/],
    [['collect', '-pattern=(', 'localhost:1'], /missing closing \)/],
    [['collect', '-tls_ca=/no/such', 'localhost:1'], /-tls_ca: \/no\/such cannot be read/],
    [['collect', '-seconds=-1', 'localhost:1'], /invalid seconds: -1/],
    [['bundle', 'list'], /no bundle specified/],
    [['bundle'], /bundle needs to know what to do\nhint: tspprof bundle list FILE/],
    [['bundle', 'x.zip'], /bundle has no x\.zip/],
  ] as const) {
    const wrong = await run(args);
    t.equal(wrong.code, 2, args.join(' '));
    t.equal(wrong.stdout, '');
    t.match(wrong.stderr, message);
  }
  t.notOk(readdirSync(folder).some((name) => name.endsWith('.partial')));
});

t.test('Ctrl-C writes what is there', async (t) => {
  const server = await serve(goServer().set('GET /debug/pprof/profile', slow('')));
  const { code, stdout, stderr } = await run(['collect', '-seconds=100', '-output=stopped.zip', server.url], {
    interrupt: /cpu: 100 s/,
  });
  t.equal(code, 3);
  t.equal(stdout, 'stopped.zip\n');
  t.match(stderr, /stopping: what is there is written/);
  const members = unzipSync(new Uint8Array(readFileSync(join(folder, 'stopped.zip'))));
  t.ok(members['heap.pprof']);
  t.equal(JSON.parse(Buffer.from(members['manifest.json']).toString()).interrupted, true);
  await server.close();
});

t.test('a reader of the progress that goes away ends nothing', async (t) => {
  const server = await serve(goServer());
  const child = spawn(process.execPath, [cli, 'collect', '-seconds=2', '-output=unread.zip', server.url], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.once('data', () => child.stderr.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  t.equal(code, 0);
  t.ok(readdirSync(folder).includes('unread.zip'));
  await server.close();
});

t.test('secrets are in no output', async (t) => {
  const server = await serve(goServer());
  const { code, stdout, stderr } = await run(
    [
      'collect',
      '-seconds=0',
      '-json',
      '-output=secret.zip',
      '-header=X-Key: h34der',
      server.url.replace('//', '//me:p4ss@'),
    ],
    {
      env: { TSPPROF_AUTH: 'bearer:t0ken' },
    },
  );
  t.equal(code, 0);
  t.equal(server.asked[0].headers.authorization, 'Bearer t0ken');
  t.equal(server.asked[0].headers['x-key'], 'h34der');
  const { stderr: missing } = await run(['top', `${server.url.replace('//', '//me:p4ss@')}/debug/pprof/nosuch`]);
  const bundle = readFileSync(join(folder, 'secret.zip'), 'latin1');
  t.notMatch(stdout + stderr + missing + bundle, /p4ss|t0ken|h34der/);
  await server.close();
});

t.test('an address is a source: its CPU profile, its goroutines, or what it names; a copy is saved', async (t) => {
  const server = await serve(goServer());
  const top = await run(['top', '-seconds=2', '-nodecount=1', server.url.replace('http://', '')]);
  t.equal(top.code, 0);
  t.match(top.stdout, /Type: cpu/);
  t.match(
    top.stderr,
    /^Fetching profile over HTTP from http:\/\/127\.0\.0\.1:\d+\/debug\/pprof\/profile\?seconds=2\nPlease wait\.\.\. \(2s\)\nSaved profile in .*saved\/pprof\.goserver\.samples\.cpu\.001\.pb\.gz\n$/,
  );
  t.match((await run(['stacks', server.url])).stdout, /^2 goroutines/);
  t.match((await run([`${server.url}/debug/pprof/goroutine?debug=2`])).stdout, /^2 goroutines/);
  t.match((await run(['top', '-nodecount=1', `${server.url}/debug/pprof/heap`])).stdout, /Type: inuse_space/);
  const diff = await run([
    'top',
    '-nodecount=1',
    `-diff_base=${server.url}/debug/pprof/heap`,
    fixture('goserver-heap.pb.gz'),
  ]);
  t.equal(diff.code, 0);
  const merged = await run(['top', '-nodecount=1', `${server.url}/debug/pprof/heap`, fixture('goserver-heap.pb.gz')]);
  t.match(merged.stdout, /Type: inuse_space/);
  const nowhere = await run(['top', '-nodecount=1', `${server.url}/debug/pprof/heap`], {
    env: { PPROF_TMPDIR: '/proc/nowhere', HOME: join(folder, 'home', 'of') },
  });
  t.equal(nowhere.code, 0);
  if (process.platform === 'linux') t.match(nowhere.stderr, /Could not use temp dir \/proc\/nowhere: ENOENT/);
  t.match(nowhere.stderr, /Saved profile in .*home\/of\/pprof\/pprof\.|Saved profile in/);
  const saves = readdirSync(saved);
  t.ok(
    saves.includes('pprof.goserver.samples.cpu.001.pb.gz') && saves.includes('pprof.goroutines.001.txt'),
    saves.join(' '),
  );
  t.match(
    (await run(['top', '-nodecount=1', join(saved, 'pprof.goserver.samples.cpu.001.pb.gz')])).stdout,
    /Type: cpu/,
  );
  for (const [path, message] of [
    ['/debug/pprof/nosuch', /the server answered 404: Unknown profile\nhint: this Go version/],
    [
      '/nosuch',
      /the server answered 404: 404 page not found\nhint: no pprof there: the program must import _ "net\/http\/pprof"/,
    ],
    ['/debug/pprof/cmdline', /the answer is text, not a profile/],
  ] as const) {
    const wrong = await run(['top', server.url + path]);
    t.equal(wrong.code, 1, path);
    t.equal(wrong.stdout, '');
    t.match(wrong.stderr, message);
  }
  await server.close();
});

t.test('a bundle that is not whole is listed with exit 3, and JSON is its data', async (t) => {
  const whole = readFileSync(fixture('bundles/kubo.zip'));
  writeFileSync(join(folder, 'cut.zip'), whole.subarray(0, 60_000));
  const { code, stdout, stderr } = await run(['cut.zip']);
  t.equal(code, 3);
  t.match(
    stdout,
    /block\.pprof +\? +|allocs\.pprof +\? +allocations, as a profile \(cut: the archive ends before it does\)/,
  );
  t.match(stderr, /! the zip ends early: its directory is missing/);
  const listed = JSON.parse((await run(['bundle', 'list', '-json', fixture('bundles/kubo.zip')])).stdout);
  t.match(listed.members[0], { name: 'goroutines.stacks', kind: 'dump', bytes: 90604 });
  writeFileSync(join(folder, 'nasty.zip'), zipSync({ 'a\u001b[31mb.txt': Buffer.from('x'), ok: Buffer.from('x') }));
  const nasty = await run(['nasty.zip']);
  t.notMatch(nasty.stdout + nasty.stderr, /\u001b/);
  t.equal((await run(['bundle', 'verify', fixture('bundles/kubo.zip')])).code, 1);
});
