// folded, speedscope and flame say of every function what traces says: random filters over profiles, each sample type.
//   node test/parity/stacks.mjs [--seed N] [--cases N] PROFILE_OR_FOLDER...
// Compared are the total and, by function, the values alone (flat) and with all that it called (cum, recursion once), read
// back from what is printed. Each speedscope file is also held against the rules of its format.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesIn, root, seeded } from './seeded.mjs';

const { open, report, render } = await import(join(root, 'dist/node.js'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, cases: { type: 'string', default: '5' } },
});
if (positionals.length === 0) {
  console.error('usage: node test/parity/stacks.mjs [--seed N] [--cases N] PROFILE_OR_FOLDER...');
  process.exit(2);
}

const { random, pick } = seeded(values.seed);

const files = filesIn(positionals, { recursive: true }).filter((path) => statSync(path).isFile());

/** As Go adds. */
const int64 = (value) => BigInt.asIntN(64, value);

/** Sums of stacks, root first. */
class Sums {
  total = 0n;
  flat = new Map();
  cum = new Map();
  add(stack, value) {
    if (value === 0n) return;
    this.total = int64(this.total + value);
    const count = (map, name) => map.set(name, int64((map.get(name) ?? 0n) + value));
    if (stack.length > 0) count(this.flat, stack[stack.length - 1]);
    for (const name of new Set(stack)) count(this.cum, name);
  }
  get text() {
    const rows = (map) => [...map].filter(([, value]) => value !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
    return [this.total, ...rows(this.flat).flat(), 'cum', ...rows(this.cum).flat()].join('\n');
  }
}

const printed = (made, format) => [...render(made, format)].join('');
/** Numbers as digits in strings: many are above 2^53. */
const exact = (json) => JSON.parse(json.replace(/(?<=[[,:\n ])-?\d{16,}(?=[\],}\n])/g, '"$&"'));

/** traces in text: blocks of value and frames, between lines of dashes; labels come before them. */
function ofTraces(profile, query) {
  const made = report(profile, 'traces', query);
  const sums = new Sums();
  // The text has rounded values, so that these are read from the rows.
  const blocks = printed(made, 'text')
    .split(/^-----------\+-+\n/m)
    .slice(1, -1);
  let at = 0;
  for (const row of made.rows) {
    const stack = [...row.stack].flatMap((l) => made.locations[l].map(({ name }) => name));
    if (stack.length === 0) continue;
    const bare = (name) => name.replace(/ \(inline\)$/, '');
    const texts = (blocks[at++] ?? '').split('\n').slice(-1 - stack.length, -1);
    // The first line has the value, which may be wide.
    const lines = texts.map((line, i) => bare(i === 0 ? line.replace(/^ *\S+ {3}/, '') : line.slice(13)));
    if (!stack.some((name) => /[\n\r]/.test(name)) && lines.join('\n') !== stack.map(bare).join('\n'))
      throw new Error(`traces prints ${lines.join(';')} for ${stack.join(';')}`);
    // Unlike flame, traces keeps this in the names of files.
    sums.add(
      stack.reverse().map((name) => name.replace('/proc/self/cwd/', '')),
      row.value,
    );
  }
  return sums;
}

function ofFolded(text) {
  const sums = new Sums();
  for (const line of text.split('\n').slice(0, -1)) {
    const end = line.lastIndexOf(' ');
    sums.add(line.slice(0, end).split(';'), BigInt(line.slice(end + 1)));
  }
  return sums;
}

function ofFlame(json, type) {
  const { frames, rows, types } = exact(json);
  const sums = new Sums();
  const totals = rows.map(({ self }) => BigInt(self[type]));
  const paths = [];
  rows.forEach(({ parent, frame, self }, row) => {
    if (parent >= row) throw new Error('a row comes before its parent');
    paths.push([...(paths[parent] ?? []), frames[frame].name]);
    sums.add(paths[row], BigInt(self[type]));
  });
  for (let row = rows.length - 1; row >= 0; row--)
    if (rows[row].parent >= 0) totals[rows[row].parent] = int64(totals[rows[row].parent] + totals[row]);
  if (rows.some(({ total }, row) => BigInt(total[type]) !== totals[row])) throw new Error('totals are no sums');
  return { sums, types };
}

const UNITS = ['none', 'nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes'];
/** The rules of the format, and those of its reader: weights are positive, an end is not before its start. */
function checkSpeedscope(file) {
  const rule = (holds, what) => {
    if (!holds) throw new Error(`speedscope: ${what}`);
  };
  const isWhole = (n, from) => BigInt(n) >= from;
  rule(file.$schema === 'https://www.speedscope.app/file-format-schema.json', '$schema');
  rule(
    [file.name, file.exporter].every((v) => typeof v === 'string'),
    'name and exporter are texts',
  );
  rule(
    file.activeProfileIndex >= 0 && file.activeProfileIndex < file.profiles.length,
    'activeProfileIndex is a profile',
  );
  for (const frame of file.shared.frames) {
    rule(typeof frame.name === 'string', 'a frame has a name');
    rule(frame.file === undefined || typeof frame.file === 'string', 'a file is a text');
    for (const key of ['line', 'col'])
      rule(frame[key] === undefined || isWhole(frame[key], -(2n ** 63n)), `${key} is a number`);
    rule(
      Object.keys(frame).every((key) => ['name', 'file', 'line', 'col'].includes(key)),
      'a frame has nothing else',
    );
  }
  for (const one of file.profiles) {
    rule(one.type === 'sampled' && typeof one.name === 'string' && UNITS.includes(one.unit), 'type, name, unit');
    rule(isWhole(one.endValue, BigInt(one.startValue)), 'endValue is not before startValue');
    rule(one.samples.length === one.weights.length, 'a weight for each sample');
    rule(
      one.weights.every((w) => isWhole(w, 1n)),
      'weights are positive',
    );
    rule(
      one.samples.flat().every((f) => Number.isInteger(f) && file.shared.frames[f] !== undefined),
      'samples are frames',
    );
    const sum = one.weights.reduce((total, w) => total + BigInt(w), 0n);
    rule(sum === BigInt(one.endValue), 'endValue is the sum');
  }
}

/** Values below 0 are a profile of their own, after those of the sample types. */
function ofSpeedscope(file, type, types, hasNegative) {
  const sums = new Sums();
  const { frames } = file.shared;
  const add = ({ samples, weights }, sign) =>
    samples.forEach((stack, i) => {
      sums.add(
        stack.map((f) => frames[f].name),
        sign * BigInt(weights[i]),
      );
    });
  add(file.profiles[type], 1n);
  const before = hasNegative.slice(0, type).filter(Boolean).length;
  if (hasNegative[type]) add(file.profiles[types + before], -1n);
  return sums;
}

let checks = 0;
let bare = 0;
const wrong = [];
for (const path of files) {
  let profile;
  try {
    profile = await open(resolve(path));
  } catch {
    continue;
  }
  const names = Array.from({ length: Math.min(profile.functions.count, 2000) }, (_, f) =>
    profile.strings.get(profile.functions.name[f]),
  );
  const word = () =>
    pick(
      pick(names)
        ?.split(/[^\w]+/)
        .filter((w) => /^\w+$/.test(w)) ?? [],
    ) ?? 'x';
  for (let i = 0; i < Number(values.cases); i++) {
    const query = { trim: false };
    if (i > 0) {
      for (const key of ['focus', 'ignore', 'hide', 'show', 'show_from', 'prune_from'])
        if (random() < 0.25) query[key] = word();
      query.granularity = pick(['functions', 'functions', 'lines', 'filefunctions', 'files', 'addresses']);
      if (random() < 0.3) query.noinlines = true;
      if (random() < 0.2) query.tagroot = pick(['bytes', 'request', 'route']);
    }
    try {
      const flame = report(profile, 'flame', query);
      const json = printed(flame, 'json');
      const speedscope = exact(printed(flame, 'speedscope'));
      checkSpeedscope(speedscope);
      const hasNegative = flame.tree.self.map((column) => column.some((value) => value < 0n));
      flame.types.forEach((_, type) => {
        const expected = ofTraces(profile, { ...query, sample_index: String(type) });
        if (i === 0 && [...expected.cum.keys()].some((name) => /^(\[.*\]|[0-9a-f]{16}.*)$/.test(name))) bare++;
        const folded = printed(report(profile, 'flame', { ...query, sample_index: String(type) }), 'folded');
        const found = {
          flame: [expected.text, ofFlame(json, type).sums.text],
          speedscope: [expected.text, ofSpeedscope(speedscope, type, flame.types.length, hasNegative).text],
          folded: flame.frames.some(({ name }) => /[;\n\r]/.test(name))
            ? ['', '']
            : [expected.text, ofFolded(folded).text],
        };
        for (const [what, [a, b]] of Object.entries(found)) {
          checks++;
          if (a !== b) wrong.push(`${what} ${path} type ${type} ${JSON.stringify(query)}`);
        }
      });
    } catch (error) {
      if (error.code !== 'no-match' && error.code !== 'bad-option')
        wrong.push(`${path} ${JSON.stringify(query)}: ${error.message}`);
    }
  }
}
for (const line of wrong.slice(0, 10)) console.log(line);
console.log(
  `seed ${values.seed}: ${checks - wrong.length} equal, ${wrong.length} different; ${bare} sample types have frames without a symbol`,
);
process.exit(wrong.length === 0 && checks > 0 ? 0 : 1);
