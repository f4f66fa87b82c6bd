// A seeded random matrix: command lines over profiles, run by a real pprof and by ours, compared byte for byte.
//   node test/parity/matrix.mjs --pprof PATH [--seed N] [--cases N] [--only top,dot] [--show N] [--record FILE]
//       [--sources FOLDER] PROFILE_OR_FOLDER...
// pprof is google/pprof (`go install github.com/google/pprof@latest`), not an older `go tool pprof`. proto and topproto are
// compared by what pprof -raw says of them; list is run in FOLDER, whose sources should have no line of 64 KiB. Left out by rule: cases that pprof itself answers differently when asked again,
// lines that tie and come in another order (-files; names that are equal), and what differs on purpose (ON_PURPOSE).
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { filesIn, root, seeded } from './seeded.mjs';

const { open } = await import(join(root, 'dist/node.js'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pprof: { type: 'string' },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '500' },
    show: { type: 'string', default: '3' },
    record: { type: 'string' },
    verbose: { type: 'boolean' },
    only: { type: 'string' },
    sources: { type: 'string' },
  },
});
if (values.pprof === undefined || positionals.length === 0) {
  console.error('usage: node test/parity/matrix.mjs --pprof PATH [--seed N] [--cases N] PROFILE_OR_FOLDER...');
  process.exit(2);
}

const { random, pick, chance } = seeded(values.seed);

const files = filesIn(positionals);
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

/** How often each command is drawn. */
const WEIGHTS = {
  top: 2,
  tree: 3,
  peek: 3,
  dot: 4,
  callgrind: 2,
  traces: 2,
  raw: 2,
  tags: 2,
  comments: 0.3,
  topproto: 1,
  proto: 1,
  list: 1,
};
const drawn = Object.entries(WEIGHTS).filter(([name]) =>
  values.only === undefined ? name !== 'list' || values.sources !== undefined : values.only.split(',').includes(name),
);

function command(words) {
  let at = random() * drawn.reduce((sum, [, weight]) => sum + weight, 0);
  const [name] =
    drawn.find(([, weight]) => {
      at -= weight;
      return at < 0;
    }) ?? drawn[0];
  return name === 'peek' || name === 'list' ? `-${name}=${regexp(words)}` : `-${name}`;
}

function commandLine({ file, words }) {
  const args = [command(words), '-symbolize=none'];
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
  add(args[0] === '-dot' || args[0] === '-callgrind' ? 0.3 : 0.05, () => '-call_tree');
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
  const { paths } = words;
  if (args[0].startsWith('-list')) {
    // Folders above a source, as they are or named from the folder of --sources, one or two of them.
    const above = () => {
      const parts = (paths.length > 0 ? pick(paths) : '/x/y').split('/');
      return parts.slice(0, Math.ceil(random() * parts.length)).join('/');
    };
    const folder = () =>
      pick([above, above, () => relative(values.sources, above()), () => '.', () => values.sources])();
    add(0.4, () => `-source_path=${pick([folder, () => `${folder()}:${folder()}`])()}`);
    add(0.3, () => `-trim_path=${pick([above, () => `${above()}:${above()}/`])()}`);
  } else {
    add(0.1, () => `-trim_path=${paths.length > 0 ? dirname(pick(paths)) : '/x'}`);
    add(0.08, () => `-source_path=/home/me/${paths.length > 0 ? dirname(pick(paths)).split('/').pop() : 'x'}`);
  }
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
  const kin = profiles.filter(({ words: w }) => w.types.join() === words.types.join()).map((p) => p.file);
  if (chance(0.12)) args.push(`-${pick(['base', 'diff_base'])}=${pick(kin)}`);
  if (chance(args.at(-1).includes('base=') ? 0.3 : 0.01)) args.push('-normalize');
  add(0.05, () => '-add_comment=a comment');
  args.push(file);
  while (chance(0.06)) args.push(pick(kin));
  return args;
}

const run = promisify(execFile);
const env = { ...process.env, TZ: 'UTC', PPROF_BINARY_PATH: '/nonexistent', NO_COLOR: '1' };
async function answer(tool, args) {
  try {
    const { stdout } = await run(tool[0], [...tool.slice(1), ...args], {
      env,
      encoding: 'latin1',
      maxBuffer: 1 << 29,
      timeout: 120_000,
      cwd: values.sources,
    });
    return { ok: true, stdout };
  } catch (error) {
    return { ok: false, stdout: '', why: error.stderr };
  }
}

/** What a command says; of proto and topproto, what pprof -raw says of the file that it writes. */
async function report(tool, args) {
  if (!/^-(top)?proto$/.test(args[0])) return answer(tool, args);
  const path = join(temporary, `${files_++}.pb.gz`);
  const made = await answer(tool, [`-output=${path}`, ...args]);
  return made.ok ? answer([values.pprof], ['-raw', '-all_frames', '-symbolize=none', path]) : made;
}

/** Rows whose columns and name are all equal may change places. */
const unordered = (text) => text.split('\n').sort().join('\n');

const temporary = mkdtempSync(join(tmpdir(), 'parity-'));
let files_ = 0;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
const ours = [process.execPath, join(root, 'dist/cli.cjs')];
let equal = 0;
let unstable = 0;
let onPurpose = 0;
const misses = [];
const recorded = [];
const RECORDED_BYTES = 6000;
const queue = Array.from({ length: Number(values.cases) }, () => commandLine(pick(profiles)));
/** What differs on purpose, made equal: quotes and line ends in names, and byte 255 in labels, by which pprof's columns quote. */
const ON_PURPOSE = {
  '-dot': (text) => text.replace(/\\(["\\l])/g, (_, c) => (c === 'l' ? '\n' : c)),
  '-callgrind': (text) => text.replace(/[\n\r]/g, ' '),
  '-tags': (text) => (text.includes('\xff') ? text.replace(/\s+/g, ' ').trim() : text),
};
const differsOnPurpose = ([name], theirs, mine) => {
  const plain = ON_PURPOSE[name];
  return plain !== undefined && theirs.ok && mine.ok && plain(theirs.stdout) === plain(mine.stdout);
};
async function isLeftOut(args, theirs, mine) {
  if (theirs.ok && mine.ok && args.includes('-files') && unordered(theirs.stdout) === unordered(mine.stdout))
    return true;
  for (let i = 0; i < 12; i++) {
    const again = await report([values.pprof], args);
    if (again.stdout !== theirs.stdout || again.ok !== theirs.ok) return true;
  }
  return false;
}

async function worker() {
  for (let args = queue.shift(); args !== undefined; args = queue.shift()) {
    const [theirs, mine] = await Promise.all([report([values.pprof], args), report(ours, args)]);
    if (theirs.ok === mine.ok && (!theirs.ok || theirs.stdout === mine.stdout)) {
      equal++;
      if (theirs.stdout.length < RECORDED_BYTES && !/^-((top)?proto|list)/.test(args[0]))
        recorded.push({ args: [...args.slice(0, -1), basename(args.at(-1))], ok: theirs.ok, out: theirs.stdout });
      continue;
    }
    if (differsOnPurpose(args, theirs, mine)) onPurpose++;
    else if (await isLeftOut(args, theirs, mine)) {
      unstable++;
      if (values.verbose) console.log(`left out: ${args.join(' ')}`);
    } else misses.push({ args, theirs, mine });
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
        console.log(`  pprof ${a[i]?.slice(0, 300)}\n  ours  ${b[i]?.slice(0, 300)}`);
      }
}
console.log(
  `seed ${values.seed}: ${equal} equal, ${misses.length} different, ${onPurpose} on purpose, ${unstable} left out (pprof's own order is not stable), ${profiles.length} profiles`,
);
process.exit(misses.length === 0 ? 0 : 1);
