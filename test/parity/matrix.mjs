// A seeded random matrix: command lines over profiles, run by a real pprof and by ours, compared byte for byte.
//   node test/parity/matrix.mjs --pprof PATH [--seed N] [--cases N] [--show N] [--record FILE] PROFILE_OR_FOLDER...
// pprof is google/pprof (`go install github.com/google/pprof@latest`), not an older `go tool pprof`. Left out by rule:
// -files without unique rows (ties come in random order upstream), and cases that pprof itself answers differently twice.
import { execFile } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { open } = await import(join(root, 'dist/node.js'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pprof: { type: 'string' },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '500' },
    show: { type: 'string', default: '3' },
    record: { type: 'string' },
  },
});
if (values.pprof === undefined || positionals.length === 0) {
  console.error('usage: node test/parity/matrix.mjs --pprof PATH [--seed N] [--cases N] PROFILE_OR_FOLDER...');
  process.exit(2);
}

let state = Number(values.seed) >>> 0;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const chance = (p) => random() < p;

const files = positionals.flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
    : [path],
);
const profiles = [];
for (const file of files) {
  try {
    profiles.push({ file: resolve(file), words: wordsOf(await open(file)) });
  } catch {
    // Not a profile.
  }
}

/** What to filter by: functions, files, labels, sample types of the profile itself. */
function wordsOf(profile) {
  const names = Array.from({ length: Math.min(profile.functions.count, 4000) }, (_, f) =>
    profile.strings.get(profile.functions.name[f]),
  );
  const paths = Array.from({ length: Math.min(profile.functions.count, 4000) }, (_, f) =>
    profile.strings.get(profile.functions.filename[f]),
  );
  const labels = new Set();
  for (let i = 0; i < Math.min(profile.strings.count, 20000); i++) {
    const text = profile.strings.get(i);
    if (/^[\w./-]{1,16}$/.test(text)) labels.add(text);
  }
  return {
    names: names.filter((n) => n !== ''),
    paths: paths.filter((p) => p !== ''),
    labels: [...labels],
    types: profile.sampleTypes.map(({ type }) => type),
    mappings: profile.mappings.map(({ file }) => file).filter((f) => f !== ''),
  };
}

const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function regexp(words) {
  const name = words.names.length > 0 ? pick(words.names) : 'main';
  return pick([
    () => literally(name),
    () => `^${literally(name)}$`,
    () => pick(name.split(/[^\w]+/).filter(Boolean)) ?? 'x',
    () =>
      `${pick(name.split(/[^\w]+/).filter(Boolean)) ?? 'x'}|${
        pick(
          words.names.length > 0
            ? pick(words.names)
                .split(/[^\w]+/)
                .filter(Boolean)
            : ['y'],
        ) ?? 'y'
      }`,
    () => `(?i)${name.slice(0, 4).replace(/[^\w]/g, '').toUpperCase()}`,
    () => (words.paths.length > 0 ? literally(pick(words.paths)) : '\\.go$'),
    () => (words.mappings.length > 0 ? literally(pick(words.mappings)) : '.'),
    () =>
      pick([
        '^runtime',
        '\\.func[0-9]+$',
        '[[:upper:]]\\w+',
        '^$',
        '.*',
        'x*',
        '\\(\\*',
        'nosuchname',
        '(',
        'a**',
        '\\pL+',
        '^[^.]+$',
        'init|main',
        '[^a-z]{3,}',
      ]),
  ])();
}

function tagFilter(words) {
  const key = words.labels.length > 0 ? pick(words.labels) : 'bytes';
  const other = words.labels.length > 0 ? pick(words.labels) : '1';
  const number = () =>
    pick(['0', '1', '16', '32b', '1kb', '64kb', '1mb', '100ms', '5', '-3', '48', '1024', '2s', '128B', '10objects']);
  return pick([
    () => number(),
    () => `${number()}:`,
    () => `:${number()}`,
    () => `${number()}:${number()}`,
    () => `bytes=${number()}:`,
    () => `${key}=${number()}:${number()}`,
    () => `${key}=${literally(other)}`,
    () => `${key}:${other}`,
    () => literally(key),
    () => `${literally(key)},${literally(other)}`,
    () => '.*',
    () => 'nosuchtag',
    () => '[',
  ])();
}

function commandLine({ file, words }) {
  const args = ['-top', '-symbolize=none'];
  const add = (p, make) => {
    if (chance(p)) args.push(make());
  };
  add(0.7, () => pick(['-functions', '-filefunctions', '-files', '-lines', '-addresses']));
  add(0.3, () => pick(['-cum', '-flat']));
  add(0.25, () => '-noinlines');
  add(0.15, () => '-showcolumns');
  add(0.4, () => `-nodecount=${pick([0, 1, 2, 3, 5, 10, 20, 50, 80, 500, -1])}`);
  add(0.35, () => `-nodefraction=${pick(['0', '0.001', '0.005', '0.01', '0.05', '0.2', '1', '.5'])}`);
  add(0.3, () => `-edgefraction=${pick(['0', '0.001', '0.01', '0.1', '0.5'])}`);
  add(0.2, () => '-trim=false');
  add(0.25, () => `-focus=${regexp(words)}`);
  add(0.2, () => `-ignore=${regexp(words)}`);
  add(0.2, () => `-hide=${regexp(words)}`);
  add(0.15, () => `-show=${regexp(words)}`);
  add(0.15, () => `-show_from=${regexp(words)}`);
  add(0.12, () => `-prune_from=${regexp(words)}`);
  add(0.12, () => `-tagfocus=${tagFilter(words)}`);
  add(0.12, () => `-tagignore=${tagFilter(words)}`);
  add(0.06, () => `-tagshow=${pick(['bytes', '.*', 'x', regexp(words)])}`);
  add(0.06, () => `-taghide=${pick(['bytes', '.*', 'x'])}`);
  add(
    0.1,
    () =>
      `-tagroot=${pick([words.labels.length > 0 ? pick(words.labels) : 'bytes', 'bytes', 'bytes,nosuch', 'nosuch'])}`,
  );
  add(0.1, () => `-tagleaf=${pick([words.labels.length > 0 ? pick(words.labels) : 'bytes', 'bytes', 'a,bytes'])}`);
  add(0.12, () => '-call_tree');
  add(0.15, () => '-drop_negative');
  add(0.15, () => '-mean');
  add(0.15, () => `-divide_by=${pick(['2', '0.5', '3', '1000', '1e6', '-2', '7.5', '0'])}`);
  add(
    0.3,
    () =>
      `-unit=${pick(['auto', 'ms', 's', 'us', 'kB', 'MB', 'bytes', 'count', 'minimum', 'hrs', 'GB', 'xyz', 'seconds', ''])}`,
  );
  add(0.25, () => '-relative_percentages');
  add(0.15, () => '-compact_labels');
  add(0.2, () => '-all_frames');
  add(0.1, () => `-trim_path=${words.paths.length > 0 ? dirname(pick(words.paths)) : '/x'}`);
  add(
    0.08,
    () => `-source_path=/home/me/${words.paths.length > 0 ? dirname(pick(words.paths)).split('/').pop() : 'x'}`,
  );
  if (chance(0.4))
    args.push(
      `-sample_index=${pick([...words.types, ...words.types.map((_, i) => String(i)), `inuse_${words.types[0]}`, 'nosuch', '9'])}`,
    );
  else if (chance(0.1))
    args.push(
      pick([
        '-inuse_space',
        '-alloc_objects',
        '-contentions',
        '-total_delay',
        '-mean_delay',
        '-alloc_space',
        '-inuse_objects',
      ]),
    );
  args.push(file);
  return args;
}

const run = promisify(execFile);
const env = { ...process.env, TZ: 'UTC', PPROF_BINARY_PATH: '/nonexistent', NO_COLOR: '1' };
async function answer(tool, args) {
  try {
    const { stdout } = await run(tool[0], [...tool.slice(1), ...args], {
      env,
      encoding: 'latin1',
      maxBuffer: 1 << 28,
      timeout: 120_000,
    });
    return { ok: true, stdout };
  } catch (error) {
    return { ok: false, stdout: '', why: error.stderr };
  }
}

/** Rows whose columns and name are all equal may change places. */
const unordered = (text) => text.split('\n').sort().join('\n');

const ours = [process.execPath, join(root, 'dist/cli.cjs')];
let equal = 0;
let unstable = 0;
const misses = [];
const recorded = [];
const RECORDED_BYTES = 6000;
const queue = Array.from({ length: Number(values.cases) }, () => commandLine(pick(profiles)));
async function worker() {
  for (let args = queue.shift(); args !== undefined; args = queue.shift()) {
    const [theirs, mine] = await Promise.all([answer([values.pprof], args), answer(ours, args)]);
    if (theirs.ok === mine.ok && (!theirs.ok || theirs.stdout === mine.stdout)) {
      equal++;
      if (theirs.stdout.length < RECORDED_BYTES)
        recorded.push({ args: [...args.slice(0, -1), basename(args.at(-1))], ok: theirs.ok, out: theirs.stdout });
      continue;
    }
    const again = await answer([values.pprof], args);
    if (
      again.stdout !== theirs.stdout ||
      (args.includes('-files') && unordered(theirs.stdout) === unordered(mine.stdout))
    )
      unstable++;
    else misses.push({ args, theirs, mine });
  }
}
await Promise.all([worker(), worker()]);
if (values.record !== undefined) {
  // What pprof printed (stdout as latin1), for machines that have none: test/golden.test.ts.
  recorded.sort((a, b) => (a.args.join(' ') < b.args.join(' ') ? -1 : 1));
  writeFileSync(values.record, gzipSync(recorded.map((row) => JSON.stringify(row)).join('\n')));
}
for (const { args, theirs, mine } of misses.slice(0, Number(values.show))) {
  console.log(`DIFF ${args.map((a) => (/^[\w./=-]+$/.test(a) ? a : `'${a}'`)).join(' ')}`);
  const [a, b] = [theirs.stdout.split('\n'), mine.stdout.split('\n')];
  if (theirs.ok !== mine.ok)
    console.log(
      `  pprof ${theirs.ok ? 'answers' : `fails: ${theirs.why?.split('\n')[0]}`}, ours ${mine.ok ? 'answers' : `fails: ${mine.why}`}`,
    );
  else
    for (let i = 0, shown = 0; i < Math.max(a.length, b.length) && shown < 3; i++)
      if (a[i] !== b[i]) {
        shown++;
        console.log(`  pprof ${a[i]}\n  ours  ${b[i]}`);
      }
}
console.log(
  `seed ${values.seed}: ${equal} equal, ${misses.length} different, ${unstable} left out (pprof's own order is not stable), ${profiles.length} profiles`,
);
process.exit(misses.length === 0 ? 0 : 1);
