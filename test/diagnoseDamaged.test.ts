// diagnose, where files are missing or damaged: the rest is diagnosed, what depended on them is not guessed, and all of it is told.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { type DiagnosedFile, type DiagnoseReport, diagnose } from '../src/node.js';
import {
  alarmsOf,
  diagnoseMembers,
  type Members,
  membersOf,
  only,
  rulesOf,
  told,
  without,
  zipped,
} from './diagnosing.js';
import { seeded } from './draw.js';

const text = (content: string) => new TextEncoder().encode(content);

/** undefined: it is not there. */
const DAMAGES: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array | undefined>> = {
  missing: () => undefined,
  empty: () => new Uint8Array(),
  cut: (bytes) => bytes.subarray(0, Math.floor(bytes.length / 3)),
  flipped: (bytes) => bytes.map((byte, i) => (i % 37 === 5 ? byte ^ 0x55 : byte)),
  page: () => text('<!DOCTYPE html><html><head><title>Login</title></head><body>Please log in</body></html>'),
  json: () => text('{"answer": 42, "list": [1, 2, 3]}'),
  random: (bytes) => {
    const random = seeded(bytes.length);
    return Uint8Array.from({ length: 4000 }, () => random() * 256);
  },
};

function damaged(members: Members, name: string, damage: string): Members {
  const bytes = DAMAGES[damage](members[name]);
  return bytes === undefined ? without(members, name) : { ...members, [name]: bytes };
}

/** The same as a folder. */
function unpacked(members: Members): string {
  const folder = mkdtempSync(join(tmpdir(), 'tspprof-damaged-'));
  for (const [name, bytes] of Object.entries(members)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

const filesOf = ({ files }: DiagnoseReport, name: string): DiagnosedFile[] =>
  files.filter(({ file }) => file === `b.zip:${name}`);

const metrics = `# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 209
# HELP process_open_fds Number of open file descriptors.
# TYPE process_open_fds gauge
process_open_fds 10
`;

const all = membersOf('own/all');
const recorded: Members = {
  ...without(all, 'goroutines.pprof', 'threadcreate.pprof', 'block.pprof', 'block.before.pprof', 'README.txt'),
  'metrics.prom': text(metrics),
};

/** Members that are damaged one after the other, together with some others; changes: findings that may go with it, or become less. */
const GROUPS: readonly {
  readonly others: readonly string[];
  readonly changes: Readonly<Record<string, RegExp>>;
}[] = [
  {
    others: ['cpu.pprof', 'manifest.json'],
    changes: { 'goroutines.stacks': /^$/, 'goroutines.2.stacks': /goroutine-leak/ },
  },
  {
    others: ['vars.json', 'vars/0004.json', 'manifest.json'],
    changes: {
      'cpu.pprof': /hot-function/,
      'heap.pprof': /^$/,
      'heap.2.pprof': /heap-kept/,
      'allocs.pprof': /^$/,
      'mutex.pprof': /^$/,
      'mutex.before.pprof': /^$/,
    },
  },
  {
    others: ['goroutines.stacks', 'heap.pprof', 'heap.2.pprof', 'vars/0004.json', 'process.2.json'],
    changes: {
      'vars.json': /heap-kept|heap-growth/,
      'process.json': /^$/,
      'metrics.prom': /^$/,
      'manifest.json': /heap-kept|heap-growth/,
    },
  },
];

/** Formats that have no checks of their own: a digit that was flipped is another number. */
const IS_READ_ALL_THE_SAME = new Set(['vars.json flipped', 'metrics.prom cut', 'metrics.prom flipped']);

for (const { others, changes } of GROUPS)
  t.test(`the rest is diagnosed as before without ${Object.keys(changes).join(', ')}, and it is told`, async (t) => {
    const members = only(recorded, ...others, ...Object.keys(changes));
    const whole = told(await diagnoseMembers(members));
    t.ok(whole.length >= 3, whole.join());
    for (const [name, change] of Object.entries(changes))
      for (const damage of Object.keys(DAMAGES)) {
        const what = `${name} ${damage}`;
        const report = await diagnoseMembers(damaged(members, name, damage));
        const rest = (rows: readonly string[]) => rows.filter((row) => !change.test(row));
        t.same(rest(told(report)).sort(), rest(whole).sort(), what);
        const statuses = filesOf(report, name).map(({ status }) => status);
        if (damage === 'missing') t.same(statuses, [], what);
        else if (/pprof|stacks/.test(name) || damage === 'empty' || damage === 'page')
          t.ok(
            statuses.some((status) => /^(unreadable|damaged)$/.test(status)),
            `${what}: ${statuses}`,
          );
        else if (!IS_READ_ALL_THE_SAME.has(what)) t.notOk(statuses.includes('read'), what);
      }
  });

t.test('a folder has the findings of the zip, whole and damaged', async (t) => {
  for (const some of [
    recorded,
    damaged(recorded, 'goroutines.2.stacks', 'cut'),
    damaged(without(recorded, 'manifest.json'), 'cpu.pprof', 'page'),
  ]) {
    const folder = unpacked(some);
    const [zip, unzipped] = [await diagnoseMembers(some), await diagnose([folder])];
    const data = ({ findings, files, notLookedAt }: DiagnoseReport) =>
      JSON.stringify([findings, [...files].sort((a, b) => (a.file < b.file ? -1 : 1)), notLookedAt], bigints);
    t.same(JSON.parse(data(unzipped)), JSON.parse(data(zip).replaceAll('b.zip:', `${folder}/`)));
  }
});

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);

/** Members of a kind, by what only they can tell, and how their absence is said. */
const KINDS: readonly (readonly [bundle: string, members: RegExp, gone: RegExp, missing: string | undefined])[] = [
  [
    'own/all',
    /^goroutines.*\.stacks$/,
    /deadlock|goroutine-leak|lock-queue/,
    'a dump of the goroutines with their stacks',
  ],
  ['own/growing', /^goroutines\.2\.stacks$/, /goroutine-growth/, 'a second dump of the same process'],
  ['own/all', /^cpu\./, /hot-function|gc-time|overhead/, 'a CPU profile'],
  ['own/memleak', /^heap\.2\./, /heap-growth|heap-kept/, 'a second heap profile of the same process'],
  ['own/all', /^heap\.2\./, /heap-growth|heap-kept/, 'a second heap profile of the same process'],
  ['own/all', /^(heap|allocs)/, /heap-|alloc-churn/, 'a heap profile'],
  ['own/contended', /^(mutex|block)/, /contended-lock/, 'a mutex profile with something in it'],
  ['shop/memory-map', /^vars/, /gc-forced|gc-pause|heap-growing/, 'the file of memory statistics (/debug/vars)'],
  ['own/files', /^process/, /^files|cpu-pressure/, 'system information'],
];

t.test(
  'what depends on files that are gone is not found, and what is missing is told with how to get it',
  async (t) => {
    for (const [bundle, pattern, gone, missing] of KINDS) {
      const what = `${bundle} without ${pattern}`;
      const members = without(membersOf(bundle), 'goroutines.pprof', 'threadcreate.pprof');
      const whole = await diagnoseMembers(members);
      t.ok(
        rulesOf(whole).some((rule) => gone.test(rule)),
        what,
      );
      t.notOk(
        whole.notLookedAt.some(({ without: one }) => one === missing),
        what,
      );
      const names = Object.keys(members).filter((name) => pattern.test(name));
      const report = await diagnoseMembers(without(members, ...names));
      t.same(
        rulesOf(report).filter((rule) => gone.test(rule)),
        [],
        what,
      );
      t.same(
        alarmsOf(report).filter((rule) => !rulesOf(whole).includes(rule)),
        [],
        `nothing is guessed: ${what}`,
      );
      t.match(report.notLookedAt.find(({ without: one }) => one === missing) ?? {}, { what: /\w/, how: /\w/ }, what);
    }
  },
);

t.test('why a file is missing is what the manifest says', async (t) => {
  const members = without(membersOf('own/hot'), 'cpu.pprof');
  const manifest = JSON.parse(Buffer.from(members['manifest.json']).toString());
  const items = manifest.items.map((item: { name: string }) =>
    item.name === 'cpu' ? { name: 'cpu', status: 'failed', error: 'another CPU profile was running' } : item,
  );
  const report = await diagnoseMembers({
    ...members,
    'manifest.json': text(JSON.stringify({ ...manifest, items, interrupted: true })),
  });
  t.match(report.notLookedAt, [
    { without: 'a CPU profile', why: 'another CPU profile was running', how: /profile\?seconds/ },
  ]);
  t.equal(report.isInterrupted, true);
});

t.test('each file alone is diagnosed as far as it goes', async (t) => {
  const rows: readonly (readonly [member: string, rules: readonly string[]])[] = [
    ['goroutines.stacks', ['deadlock', 'goroutine-leak', 'lock-queue']],
    ['cpu.pprof', ['hot-function', 'hot-function']],
    ['heap.2.pprof', ['heap-keeper']],
    ['process.json', ['cpu-pressure']],
    ['mutex.pprof', ['contended-lock']],
  ];
  for (const [member, rules] of rows) {
    const report = await diagnose([{ name: 'one', bytes: recorded[member] }]);
    t.same(rulesOf(report), rules, member);
    t.match(report.files, [{ file: 'one', status: 'read' }], member);
  }
});

t.test('a zip that is cut, or whose bytes are damaged, gives what is whole', async (t) => {
  const bytes = zipped(recorded);
  for (const part of [0.3, 0.6, 0.9]) {
    const report = await diagnose([{ name: 'b.zip', bytes: bytes.subarray(0, Math.floor(bytes.length * part)) }]);
    t.equal(rulesOf(report)[0], 'deadlock', `${part}`);
    t.ok(report.files.length < Object.keys(recorded).length);
  }
  const flipped = bytes.map((byte, i) => (i > 15_000 && i < 16_000 ? byte ^ 0x55 : byte));
  const report = await diagnose([{ name: 'b.zip', bytes: flipped }]);
  t.ok(rulesOf(report).includes('deadlock'));
  t.ok(report.files.some(({ status }) => status === 'unreadable' || status === 'damaged'));
});
