// Benchmarks, one suite a stage. Results are compared for equality before anything is timed; rivals stay in the table
// also where they win.
//
//   npm run bench                       all suites
//   npm run bench -- decode             one: decode, aggregate, top, reports, dumps, diagnosis
//   PPROF=/path/to/pprof npm run bench  the pprof to compare with (google/pprof; else `pprof` on PATH, if any)

import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Benchmark from 'benchmark';
import { bundleFile, dumpFile, profileFile, SIZES } from './data.mjs';
import { decodeWithPprofFormat, decodeWithProtobufjs } from './peers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { groupStacks, openBytes, openDumps, readStacks, report } = await import(join(root, 'dist/node.js'));
const cli = join(root, 'dist/cli.cjs');

const suites = { decode, aggregate, top, reports, dumps, diagnosis };
const wanted = process.argv.slice(2);
console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}\n`,
);
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await suite();
}

function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}

function table(title, ...head) {
  console.log(`\n**${title}**\n`);
  row(...head);
  row(...head.map(() => '---'));
}

function equal(name, a, b) {
  if (a !== b) throw new Error(`${name}: ${a} is not ${b}; nothing was timed`);
}

/** Milliseconds of each function, medians by benchmark.js. */
function timed(functions) {
  return new Promise((resolve) => {
    const suite = new Benchmark.Suite();
    for (const [name, run] of Object.entries(functions)) suite.add(name, run, { minSamples: 5, maxTime: 2 });
    suite
      .on('complete', () => {
        const medians = new Map();
        suite.forEach((bench) => {
          const sorted = [...bench.stats.sample].sort((a, b) => a - b);
          medians.set(bench.name, (sorted[sorted.length >> 1] ?? 0) * 1000);
        });
        resolve(medians);
      })
      .run();
  });
}

/** Raw bytes → model. */
async function decode() {
  table('decode: raw bytes to a profile, warm', 'profile', 'MB', 'tspprof ms', 'protobufjs ms', 'pprof-format ms');
  for (const size of ['small', 'medium']) {
    const bytes = readFileSync(profileFile(size).raw);
    const expected = report(openBytes(bytes), 'top', { sample_index: 'cpu' }).total;
    equal('protobufjs', decodeWithProtobufjs(bytes), expected);
    equal('pprof-format', decodeWithPprofFormat(bytes), expected);
    const ms = await timed({
      tspprof: () => openBytes(bytes),
      protobufjs: () => decodeWithProtobufjs(bytes),
      'pprof-format': () => decodeWithPprofFormat(bytes),
    });
    row(size, (bytes.length / 1e6).toFixed(1), ...[...ms.values()].map((value) => value.toFixed(1)));
  }
}

/** A loaded profile → top. */
async function aggregate() {
  table(
    'aggregate: top of a loaded profile, not the first',
    'profile',
    'functions ms',
    'focus=Step1 ms',
    'lines ms',
    'hide=Worker1 ms',
  );
  for (const size of Object.keys(SIZES)) {
    const profile = openBytes(readFileSync(profileFile(size).raw));
    report(profile, 'top');
    const ms = await timed({
      functions: () => report(profile, 'top', { sample_index: 'samples' }),
      focus: () => report(profile, 'top', { focus: 'Step1' }),
      lines: () => report(profile, 'top', { granularity: 'lines' }),
      hide: () => report(profile, 'top', { hide: 'Worker1' }),
    });
    row(size, ...[...ms.values()].map((value) => value.toFixed(1)));
  }
}

function findPprof() {
  if (process.env.PPROF) return process.env.PPROF;
  try {
    return execFileSync('sh', ['-c', 'command -v pprof'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** Whole processes, in turn, so that a slower minute hits all of them. */
function processes(commands, rounds) {
  const times = commands.map(() => []);
  for (let i = 0; i < rounds; i++) {
    commands.forEach(([tool, ...args], k) => {
      const started = process.hrtime.bigint();
      const { status } = spawnSync(tool, args, { stdio: ['ignore', 'ignore', 'ignore'] });
      if (status !== 0) throw new Error(`${tool} ended with ${status}`);
      times[k].push(Number(process.hrtime.bigint() - started) / 1e6);
    });
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}

async function top() {
  const pprof = findPprof();
  table(
    'top: whole process, file to text, medians',
    'profile',
    'gzip -dc ms',
    'tspprof ms',
    'pprof ms',
    'tspprof / gzip',
    'pprof / tspprof',
  );
  const files = [
    ['tsc.cpu (24 KB)', join(root, 'examples/tsc.cpu.pb.gz')],
    ...Object.keys(SIZES).map((size) => [size, profileFile(size).gz]),
  ];
  for (const [name, file] of files) {
    const args = ['-top', '-symbolize=none', file];
    const large = name === 'large' || name === 'recursive';
    if (pprof !== undefined && !large) {
      const text = (tool, before) =>
        execFileSync(tool, [...before, ...args], {
          encoding: 'latin1',
          maxBuffer: 1 << 28,
          stdio: ['ignore', 'pipe', 'ignore'],
          env: { ...process.env, TZ: 'UTC' },
        });
      equal(name, text(process.execPath, [cli]), text(pprof, []));
    }
    const [gzip, ours] = processes(
      [
        ['gzip', '-dc', file],
        [process.execPath, cli, ...args],
      ],
      large ? 5 : 11,
    );
    const theirs = pprof === undefined ? undefined : processes([[pprof, ...args]], large ? 1 : 3)[0];
    row(
      name,
      gzip.toFixed(0),
      ours.toFixed(0),
      theirs?.toFixed(0) ?? 'not installed',
      (ours / gzip).toFixed(2),
      theirs === undefined ? '' : (theirs / ours).toFixed(1),
    );
  }
  const [empty] = processes([[process.execPath, '-e', '0']], 11);
  console.log(`\nOf every tspprof run, ${empty.toFixed(0)} ms are Node's own start (node -e 0).`);
}

/** Every report of 200,000 samples, and of small real profiles, whole process. */
async function reports() {
  const pprof = findPprof();
  table('reports: whole process, medians', 'report', 'profile', 'tspprof ms', 'pprof ms', 'pprof / tspprof');
  const medium = profileFile('medium').gz;
  const small = join(root, 'examples/tsc.cpu.pb.gz');
  const commands = ['-tree', '-peek=Step1', '-dot', '-callgrind', '-traces', '-raw', '-proto', '-tags'];
  for (const [name, file, rounds] of [
    ['200k samples', medium, 3],
    ['tsc.cpu', small, 11],
  ]) {
    for (const command of [...commands, ...(file === small ? ['-comments', '-topproto'] : [])]) {
      const args = [command, '-symbolize=none', file];
      if (pprof !== undefined && !command.endsWith('proto')) {
        const digest = (tool, before) => sha256(tool, [...before, ...args]);
        equal(`${command} ${name}`, digest(process.execPath, [cli]), digest(pprof, []));
      }
      const all = [[process.execPath, cli, ...args], ...(pprof === undefined ? [] : [[pprof, ...args]])];
      const [ours, theirs] = processes(all, rounds);
      row(
        command,
        name,
        ours.toFixed(0),
        theirs?.toFixed(0) ?? 'not installed',
        theirs === undefined ? '' : (theirs / ours).toFixed(1),
      );
    }
  }
}

/** Of what a command prints: half a gigabyte of traces is too much to hold. */
function sha256(tool, args) {
  const { status, stdout } = spawnSync('sh', ['-c', '"$0" "$@" 2>/dev/null | sha256sum', tool, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  if (status !== 0) throw new Error(`${tool} ${args[0]} failed`);
  return stdout;
}

/** Dumps of 10,000 and 100,000 goroutines, alike and with 50,000 distinct stacks: decoded and grouped, against a Go parser's scan. */
async function dumps() {
  const gostackparse = process.env.GOSTACKPARSE;
  table(
    'Goroutine dumps: decoded and grouped, best of 5, warm',
    'dump',
    'tspprof',
    'groups',
    'gostackparse (scan only)',
    'ratio',
  );
  for (const [title, count, distinct] of [
    ['10,000 goroutines', 10_000, 0],
    ['100,000 goroutines', 100_000, 0],
    ['100,000, 50,000 distinct', 100_000, 50_000],
  ]) {
    const path = dumpFile(count, distinct);
    const bytes = readFileSync(path);
    let best = Number.POSITIVE_INFINITY;
    let groups = 0;
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const [dump] = await openDumps(bytes);
      groups = groupStacks(dump, 'lines', readStacks(dump).hangsIn).count;
      best = Math.min(best, (performance.now() - start) / 1000);
      if (dump.goroutines.count !== count) throw new Error(`${dump.goroutines.count} of ${count} goroutines`);
    }
    const peer = gostackparse && JSON.parse(execFileSync(gostackparse, [path], { encoding: 'utf8' }));
    if (peer && peer.count !== count) throw new Error(`the peer has ${peer.count} of ${count} goroutines`);
    const speed = (seconds) => `${(seconds * 1000).toFixed(0)} ms, ${(bytes.length / 1e6 / seconds).toFixed(0)} MB/s`;
    row(
      `${title}, ${(bytes.length / 1e6).toFixed(0)} MB`,
      speed(best),
      groups,
      peer ? speed(peer.seconds) : '-',
      peer ? (peer.seconds / best).toFixed(2) : '-',
    );
  }
}

/** Everything at once, whole process: a bundle of ordinary size, and one with a large dump and a large profile. Memory as the kernel counts it. */
async function diagnosis() {
  table('diagnose: whole process, medians', 'bundle', 'on disk', 'tspprof ms', 'memory');
  for (const [kind, rounds] of [
    ['ordinary', 11],
    ['large', 3],
  ]) {
    const path = bundleFile(kind);
    const args = [cli, 'diagnose', '-output=/dev/null', path];
    const [ours] = processes([[process.execPath, ...args]], rounds);
    const time = spawnSync('/usr/bin/time', ['-f', '%M', process.execPath, ...args], { encoding: 'utf8' });
    const kib = Number(time.stderr?.trim().split('\n').pop());
    row(kind, sizeOf(path), ours.toFixed(0), Number.isNaN(kib) ? '-' : `${(kib / 1024).toFixed(0)} MiB`);
  }
  const [empty] = processes([[process.execPath, '-e', '0']], 11);
  console.log(`\nOf every run, ${empty.toFixed(0)} ms are Node's own start (node -e 0).`);
}

function sizeOf(path) {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  return `${(files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6).toFixed(1)} MB`;
}
