// Random merges, differences and -proto outputs, run by a real pprof and by ours.
//   node test/parity/merge.mjs --pprof PATH [--seed N] [--cases N] [--show N] [--most N] [--record FILE] PROFILE_OR_FOLDER...
// -top, -raw, -tags, -traces and -tree are compared byte for byte, -proto by its decompressed bytes; where those differ, by what pprof's -raw and -tags show of both.
// Sources are 1 to --most (200) of the profiles given, mostly of one kind, some broken or missing.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { filesIn, root, seeded } from './seeded.mjs';

const { open } = await import(join(root, 'dist/node.js'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pprof: { type: 'string' },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '300' },
    show: { type: 'string', default: '3' },
    most: { type: 'string', default: '200' },
    record: { type: 'string' },
  },
});
if (values.pprof === undefined || positionals.length === 0) {
  console.error('usage: node test/parity/merge.mjs --pprof PATH [--seed N] [--cases N] PROFILE_OR_FOLDER...');
  process.exit(2);
}

const { random, pick, chance } = seeded(values.seed);

const files = filesIn(positionals);
/** By what they count. */
const kinds = new Map();
const profiles = [];
for (const file of files) {
  try {
    const profile = await open(file);
    const kind = profile.sampleTypes.map(({ type, unit }) => `${type} ${unit}`).join();
    const names = Array.from({ length: Math.min(profile.functions.count, 500) }, (_, f) =>
      profile.strings.get(profile.functions.name[f]),
    ).filter(Boolean);
    const row = { file: resolve(file), names, types: profile.sampleTypes.map(({ type }) => type) };
    kinds.set(kind, [...(kinds.get(kind) ?? []), row]);
    profiles.push(row);
  } catch {
    // Not a profile.
  }
}

const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function commandLine() {
  const kind = chance(0.85) ? pick([...kinds.values()]) : profiles;
  const some = (most) => Array.from({ length: 1 + Math.floor(random() ** 3 * most) }, () => pick(kind).file);
  const sources = some(Number(values.most));
  if (chance(0.1)) sources.splice(Math.floor(random() * sources.length), 0, 'nosuch.pb.gz');
  const [{ names, types }] = kind;
  const regexp = () => pick([literally(pick(names) ?? 'main'), '^runtime', 'main|init', '.', 'nosuchname']);
  const command = pick(['-top', '-top', '-top', '-proto', '-proto', '-proto', '-raw', '-tags', '-traces', '-tree']);
  const args = [command, '-symbolize=none'];
  const add = (p, make) => {
    if (chance(p)) args.push(...[make()].flat());
  };
  const difference = random();
  if (difference < 0.35) args.push('-base', pick(kind).file);
  else if (difference < 0.7) args.push('-diff_base', pick(kind).file);
  add(difference < 0.7 ? 0.3 : 0.02, () => '-normalize');
  add(0.1, () => `-add_comment=${pick(['hello', '#hidden', ''])}`);
  add(0.1, () => '-buildid=0123abcd');
  add(0.15, () => `-sample_index=${pick(types)}`);
  add(0.15, () => `-focus=${regexp()}`);
  add(0.1, () => `-ignore=${regexp()}`);
  add(0.1, () => `-hide=${regexp()}`);
  add(0.1, () => `-show=${regexp()}`);
  add(0.1, () => `-show_from=${regexp()}`);
  add(0.1, () => `-prune_from=${regexp()}`);
  add(0.1, () => `-tagshow=${pick(['bytes', '.', 'pprof', 'x'])}`);
  add(0.1, () => `-taghide=${pick(['bytes', 'pprof', 'x'])}`);
  add(0.1, () => `-tagfocus=${pick(['1kb:', ':64kb', 'true', 'search'])}`);
  add(0.15, () => `-tagroot=${pick(['bytes', 'pprof::base', 'bytes,nosuch', 'route'])}`);
  add(0.1, () => `-tagleaf=${pick(['bytes', 'pprof::base', 'request'])}`);
  add(0.15, () => '-noinlines');
  add(0.1, () => '-showcolumns');
  add(0.1, () => '-all_frames');
  add(0.15, () => `-divide_by=${pick(['2', '0.5', '3', '-2', '1e6'])}`);
  add(0.15, () => '-drop_negative');
  add(0.1, () => '-relative_percentages');
  add(0.2, () => `-nodecount=${pick([0, 5, 20])}`);
  add(0.2, () => `-nodefraction=${pick(['0', '0.01'])}`);
  add(0.2, () => pick(['-cum', '-lines', '-filefunctions', '-addresses']));
  if (chance(0.1)) sources.unshift(process.execPath);
  return [...args, ...sources];
}

const run = promisify(execFile);
const env = { ...process.env, TZ: 'UTC', PPROF_BINARY_PATH: '/nonexistent', NO_COLOR: '1' };
async function answer(tool, args) {
  try {
    const { stdout } = await run(tool[0], [...tool.slice(1), ...args], {
      env,
      encoding: 'buffer',
      maxBuffer: 1 << 30,
      timeout: 120_000,
    });
    const out = args[0] === '-proto' ? gunzipSync(stdout) : stdout;
    return { code: 0, out: out.toString('latin1'), why: '' };
  } catch (error) {
    return { code: error.code, out: '', why: String(error.stderr ?? error) };
  }
}

const temporary = mkdtempSync(join(tmpdir(), 'tspprof-'));
/** What pprof shows of both, once the bytes differ. */
async function seenAlike(theirs, mine) {
  const shown = await Promise.all(
    [theirs, mine].map(async ({ out }, i) => {
      const file = join(temporary, `${process.hrtime.bigint()}-${i}.pb`);
      writeFileSync(file, Buffer.from(out, 'latin1'));
      const texts = [];
      for (const command of ['-raw', '-tags']) {
        texts.push((await answer([values.pprof], [command, '-symbolize=none', file])).out);
      }
      return texts.join('\0');
    }),
  );
  return shown[0] === shown[1];
}

/** Edges that tie in size and differ in sign come in the order of a Go map. */
async function isUnstable(args, theirs) {
  for (let i = 0; i < 6; i++) if ((await answer([values.pprof], args)).out !== theirs.out) return true;
  return false;
}

const ours = [process.execPath, join(root, 'dist/cli.cjs')];
const counts = { text: 0, proto: 0, protoAsShown: 0, failures: 0, unstable: 0 };
const misses = [];
const recorded = [];
const RECORDED_BYTES = 6000;
const queue = Array.from({ length: Number(values.cases) }, () => commandLine());
async function worker() {
  for (let args = queue.shift(); args !== undefined; args = queue.shift()) {
    const [theirs, mine] = await Promise.all([answer([values.pprof], args), answer(ours, args)]);
    const isProto = args[0] === '-proto';
    if (theirs.code === mine.code && theirs.out === mine.out) {
      counts[theirs.code !== 0 ? 'failures' : isProto ? 'proto' : 'text']++;
      if (theirs.out.length < RECORDED_BYTES || isProto)
        recorded.push({
          args: args.map((arg) => (arg.startsWith('/') ? basename(arg) : arg)),
          code: theirs.code,
          // Of a profile the hash of its bytes.
          out: isProto ? createHash('sha256').update(theirs.out, 'latin1').digest('hex') : theirs.out,
        });
    } else if (isProto && theirs.code === 0 && mine.code === 0 && (await seenAlike(theirs, mine)))
      counts.protoAsShown++;
    else if (await isUnstable(args, theirs)) counts.unstable++;
    else misses.push({ args, theirs, mine });
  }
}
await Promise.all([worker(), worker()]);
rmSync(temporary, { recursive: true });
if (values.record !== undefined) {
  // For test/golden.test.ts, on machines that have no pprof; the binary is another one there.
  const portable = recorded.filter(({ args }) => !args.includes(basename(process.execPath)));
  portable.sort((a, b) => (a.args.join(' ') < b.args.join(' ') ? -1 : 1));
  writeFileSync(values.record, gzipSync(portable.map((row) => JSON.stringify(row)).join('\n'), { level: 9 }));
}
for (const { args, theirs, mine } of misses.slice(0, Number(values.show))) {
  console.log(`DIFF ${args.map((a) => (/^[\w./=:-]+$/.test(a) ? a : `'${a}'`)).join(' ')}`);
  console.log(`  pprof ${theirs.code} ${theirs.why.trim()}\n  ours  ${mine.code} ${mine.why.trim()}`);
  const [a, b] = [theirs.out.split('\n'), mine.out.split('\n')];
  if (args[0] === '-proto') console.log(`  ${theirs.out.length} and ${mine.out.length} bytes`);
  else
    for (let i = 0, shown = 0; i < Math.max(a.length, b.length) && shown < 3; i++)
      if (a[i] !== b[i]) {
        shown++;
        console.log(`  pprof ${a[i]}\n  ours  ${b[i]}`);
      }
}
console.log(
  `seed ${values.seed}: text equal ${counts.text}, -proto equal to the byte ${counts.proto}, by what pprof shows ${counts.protoAsShown}, both fail ${counts.failures}, ` +
    `different ${misses.length}, pprof not stable ${counts.unstable}; ${profiles.length} profiles`,
);
process.exit(misses.length === 0 ? 0 : 1);
