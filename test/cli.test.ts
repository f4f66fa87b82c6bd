// The command as a user runs it: the built dist/cli.cjs in a process of its own.

import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const examples = fileURLToPath(new URL('../examples', import.meta.url));
const cpu = join(examples, 'server.cpu.pb.gz');
const heap = fileURLToPath(new URL('fixtures/goserver-heap.pb.gz', import.meta.url));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  args: readonly string[],
  { cwd = examples, stdin, env = {} }: { cwd?: string; stdin?: Buffer; env?: object } = {},
): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [cli, ...args],
      { cwd, env: { ...process.env, TZ: 'UTC', ...env }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
}

/** With /dev/null as standard input: nobody sends anything. */
function runAlone(args: readonly string[], cwd: string): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

t.test('top as a word and as a flag, flags before and after the file, one dash or two', async (t) => {
  const expected = (await run(['-top', '-cum', '-nodecount=5', cpu])).stdout;
  t.match(expected, /^File: .*\nBuild ID: .*\nType: cpu\nTime: 20.* UTC\nDuration: /);
  t.equal(
    expected.trimEnd().split('\n').length - expected.split('\n').findIndex((line) => /flat {2}flat%/.test(line)),
    6,
    'five rows',
  );
  for (const args of [
    ['top', '-cum', '-nodecount=5', cpu],
    ['top', cpu, '-cum', '-nodecount', '5'],
    ['--top', '--cum', '--nodecount=5', cpu],
    ['text', '-cum', '-nodecount=0x5', cpu],
    ['-cum', 'top', '-nodecount=5', '--', cpu],
    ['-top', '-text', '-cum=true', '-flat=false', '-nodecount=5', '-symbolize=none', cpu],
  ]) {
    const { code, stdout } = await run(args);
    t.equal(code, 0);
    t.equal(stdout, expected, args.join(' '));
  }
});

t.test('a profile on standard input, with - or without', async (t) => {
  const bytes = readFileSync(cpu);
  const expected = (await run(['top', cpu])).stdout;
  t.equal((await run(['top', '-'], { stdin: bytes })).stdout, expected);
  t.equal((await run(['top'], { stdin: bytes })).stdout, expected);
  const empty = await run(['top', '-'], { stdin: Buffer.alloc(0) });
  t.equal(empty.code, 1);
  t.match(empty.stderr, /empty/);
});

t.test('-output writes the file and says so on stderr', async (t) => {
  const file = join(t.testdir(), 'out.txt');
  const { stdout, stderr, code } = await run(['top', `-output=${file}`, cpu]);
  t.same([code, stdout, stderr], [0, '', `Generating report in ${file}\n`]);
  t.equal(readFileSync(file, 'utf8'), (await run(['top', cpu])).stdout);
  const failed = await run(['top', '-output=/nonexistent/x', cpu]);
  t.equal(failed.code, 1);
  t.match(failed.stderr, /\/nonexistent\/x: it cannot be written/);
});

t.test('--json is the report, integers exact', async (t) => {
  const { stdout } = await run(['top', '--json', '-sample_index=alloc_space', heap]);
  const data = JSON.parse(stdout);
  t.equal(data.kind, 'top');
  t.same(data.query, { sample_index: 'alloc_space' });
  t.equal(data.unit, 'bytes');
  t.ok(data.rows.length > 0 && Number.isInteger(data.rows[0].flat));
  t.equal(
    data.rows.reduce((sum: number, row: { flat: number }) => sum + row.flat, 0),
    data.shown,
  );
});

t.test('several sample types: shorthands pick one, the first wins', async (t) => {
  const { stdout, stderr } = await run(['top', '-inuse_objects', '-alloc_space', heap]);
  t.match(stdout, /^Type: inuse_objects$/m);
  t.equal(stderr, 'Multiple value selections, ignoring -alloc_space\n');
  const delay = await run([
    'top',
    '-mean_delay',
    fileURLToPath(new URL('fixtures/goserver-mutex.pb.gz', import.meta.url)),
  ]);
  t.match(delay.stdout, /^Type: mean_delay$/m);
});

t.test('wrong command lines: exit 2, nothing on stdout, the nearest right word', async (t) => {
  const cases: [string[], RegExp][] = [
    [['top', '-focs=x', cpu], /flag provided but not defined: -focs\n.*did you mean -focus\?/s],
    [['top', '-node_count=5', cpu], /did you mean -nodecount/],
    [['top', '-weblist=x', cpu], /this version of tspprof not yet/],
    [['-top', '-tree', cpu], /must set at most one output format/],
    [['top', '-tree', cpu], /must set at most one output format\n.*-tree, -top/s],
    [['disasm', cpu], /this version of tspprof not yet/],
    [['pdf', cpu], /-svg/],
    [['top', '-', '-'], /standard input can be read once/],
    [['top', '-nodecount=99999999999999999999', cpu], /value out of range/],
    [['-png', cpu], /-svg/],
    [['peek'], /command peek requires an argument/],
    [['top', '-cum', '-flat', cpu], /conflicting options set: \[flat cum\]/],
    [['top', '-nodecount=many', cpu], /invalid value "many" for flag -nodecount: parse error/],
    [['top', '-nodefraction=x', cpu], /invalid value "x" for flag -nodefraction/],
    [['top', '-cum=maybe', cpu], /invalid boolean value "maybe" for -cum/],
    [['top', '-focus'], /flag needs an argument: -focus/],
    [['top', '-focus=(', cpu], /parsing focus regexp: error parsing regexp: missing closing \)/],
    [['top', '-sample_index=x', cpu], /sample_index "x" must be one of: \[samples cpu\]/],
    [['top', '-divide_by=0', cpu], /zero divisor specified/],
    [['top', '-base', cpu, '-diff_base', cpu, cpu], /-base and -diff_base flags cannot both be specified/],
    [['top', '-normalize', cpu], /must have base profile to normalize by/],
    [['top', cpu, heap], /problem fetching source profiles: profiles have empty common sample type list/],
    [['help', 'focsu'], /did you mean focus/],
    [['top', '-=x', cpu], /bad flag syntax/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await run(args);
    t.equal(code, 2, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, message);
    t.match(stderr, /^hint: /m);
  }
});

t.test('files that are no profile: exit 1, name, fact and hint on stderr, nothing on stdout', async (t) => {
  const dir = t.testdir({
    empty: '',
    'busy.cpuprof': 'Could not enable CPU profiling: cpu profiling already in use\n',
    'vars.json': '{"cmdline":[]}',
    cut: readFileSync(cpu).subarray(0, 900),
    folder: {},
  });
  for (const [name, message] of [
    ['empty', /the file is empty/],
    ['busy.cpuprof', /already in use/],
    ['vars.json', /JSON/],
    ['cut', /the gzip data ends early/],
    ['folder', /there is no profile in it/],
    ['missing', /no such file/],
  ] as const) {
    const { code, stdout, stderr } = await run(['top', join(dir, name)]);
    t.equal(code, 1, name);
    t.equal(stdout, '');
    t.match(stderr, message);
    t.ok(stderr.startsWith(`tspprof: ${join(dir, name)}: `));
    t.match(stderr, /^hint: /m);
  }
});

t.test('top without a file lists the profiles of the folder', async (t) => {
  const dir = t.testdir();
  mkdirSync(join(dir, 'prof'));
  copyFileSync(cpu, join(dir, 'prof', 'cpu.out'));
  writeFileSync(join(dir, 'notes.txt'), 'x');
  const listed = await runAlone(['top'], dir);
  t.equal(listed.code, 2);
  t.equal(listed.stdout, '');
  t.match(listed.stderr, /prof\/cpu\.out/);
  t.notMatch(listed.stderr, /notes/);
  t.match(listed.stderr, /hint: tspprof top prof\/cpu\.out/);
  t.match((await runAlone(['top'], t.testdir({ empty: {} }))).stderr, /there is no profile in this folder/);
});

t.test('a file alone: ten rows, and what to try next', async (t) => {
  const { stdout, stderr, code } = await run([cpu]);
  t.equal(code, 0);
  t.match(stdout, /Showing top 10 nodes out of/);
  t.match(stderr, /tspprof top -cum /);
  t.match((await run([heap])).stderr, /-sample_index=inuse_objects/);
});

t.test('help and version', async (t) => {
  const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
  t.equal((await run(['--version'])).stdout, `tspprof ${version}\n`);
  t.match((await run(['help'])).stdout, /tspprof COMMAND FILE/);
  t.match((await run(['help', 'top'])).stdout, /-tagfocus=TEXT/);
  t.match((await run(['-h'])).stdout, /tspprof/);
  t.match((await run(['help', 'nodefraction'])).stdout, /default 0\.005/);
});

t.test('a reader that stops early ends it quietly', async (t) => {
  const child = spawn('sh', [
    '-c',
    `"${process.execPath}" "${cli}" top -trim=false -lines "${join(examples, 'tsc.cpu.pb.gz')}" | head -n 1; true`,
  ]);
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  t.equal(stderr, '');
});
