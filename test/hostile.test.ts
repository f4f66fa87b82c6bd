// A profile is untrusted: whatever its names, units, labels and comments are, no output format is broken by them.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { layoutSvg, openBytes, type Query, type ReportName, renderBytes, report } from '../src/index.js';
import { fromBytes } from '../src/model/strings.js';
import { encode } from './draw.js';
import { parseXml } from './xml.js';

const NAMES = [
  'say "hi"',
  '<script>alert(1)</script>',
  'back\\slash\\',
  'two\nlines',
  'cr\r\ntab\tbell\x07esc\x1b[31m\x1b]0;title\x07',
  'nul\0byte\x7f\x9b31m',
  'bidi\u202eevil\u2066 zero\u200bwidth\u2028',
  'lone\udcff\udc80byte',
  'a;b c',
  '{record|<f0>} -> N1',
  '%s \\N\\G\\l',
  '🙂 日本語',
  `std::map${'<int, "x">'.repeat(1000)}`,
  'a/'.repeat(20_000),
  '__proto__',
  'constructor',
  '"];N9 [label="x',
  ']]>&amp;<!--',
];

const bytes = encode({
  types: [['n "q"\n\x1b[1m', 'u"\n\\']],
  samples: NAMES.map((name, i) => ({
    locations: [
      { lines: [{ name, file: `${name}.go`, line: i, column: 0 }], address: BigInt(i), mapping: `/bin/${name}` },
      { lines: [{ name: 'main', file: '', line: 0, column: 0 }], address: 99n, mapping: '' },
    ],
    values: [BigInt(i + 1)],
    labels: [
      { key: `k${i}`, text: name },
      { key: name, text: 'v' },
      { key: 'bytes', number: BigInt(i), unit: name },
    ],
  })),
  comments: NAMES,
  docUrl: NAMES[0],
  mappingFiles: ['/bin/"evil\n<b>\\'],
});
const profile = openBytes(bytes);
const everything: Query = { trim: false, nodefraction: 0, edgefraction: 0 };

const output = (name: ReportName, format: Parameters<typeof renderBytes>[1], query: Query = {}) =>
  Buffer.concat([...renderBytes(report(profile, name, { ...everything, ...query }), format)]);

t.test(
  'DOT is laid out, and its SVG is well-formed: by function, by line, as a call tree, with labels as frames',
  async (t) => {
    const queries: Query[] = [
      {},
      { granularity: 'lines' },
      { granularity: 'files' },
      { granularity: 'addresses' },
      { call_tree: true },
      { tagleaf: 'k0,k2,k3', tagroot: 'bytes' },
      { unit: 'a"b\\' },
    ];
    for (const query of queries) {
      const dot = fromBytes(output('dot', 'text', query));
      const svg = await layoutSvg(dot);
      const root = parseXml(svg);
      t.equal(root.name, 'svg', JSON.stringify(query));
      t.equal(svg.split('<script>').length, 2, 'one script, ours');
      t.equal(dot.match(/^N\d+ \[label="/gm)?.length, svg.match(/id="node\d+"/g)?.length, 'a node each');
    }
  },
);

t.test('JSON of every report is valid and has the names as they are', (t) => {
  const names = (text: string) => {
    const found = new Set<unknown>();
    JSON.parse(text, (key, value) => {
      for (const one of [key, value]) if (typeof one === 'string') found.add(one);
      return value;
    });
    return found;
  };
  for (const [kind, query] of [
    ['top', {}],
    ['tree', {}],
    ['peek', { symbol: '.' }],
    ['list', { symbol: '.' }],
    ['traces', {}],
    ['raw', {}],
    ['dot', {}],
    ['callgrind', {}],
    ['topproto', {}],
    ['flame', {}],
  ] as const) {
    const found = names(output(kind, 'json', query).toString());
    t.same(
      NAMES.filter((name) => !found.has(name)),
      [],
      kind,
    );
  }
  const comments = JSON.parse(output('comments', 'json').toString());
  t.same(comments.rows, NAMES);
  const tags = JSON.parse(output('tags', 'json').toString());
  t.same(
    new Set(tags.rows.map((row: { key: string }) => row.key)),
    new Set(['bytes', ...NAMES.flatMap((n, i) => [n, `k${i}`])]),
  );
  const speedscope = JSON.parse(output('flame', 'speedscope').toString());
  t.equal(speedscope.shared.frames.length, NAMES.length + 1);
  t.same(
    speedscope.profiles[0].weights,
    NAMES.map((_, i) => i + 1),
  );
  t.end();
});

t.test('folded stacks are a line each, with their own semicolons alone', (t) => {
  const lines = output('flame', 'folded').toString('latin1').trimEnd().split('\n');
  t.equal(lines.length, NAMES.length);
  t.ok(lines.every((line) => /^main;[^;\r]+ \d+$/.test(line)));
  t.end();
});

t.test('callgrind has no line but its own', (t) => {
  const [first, events, ...lines] = output('callgrind', 'text').toString('latin1').split('\n');
  t.equal(first, 'positions: instr line');
  t.match(events, /^events: /);
  const own =
    /^$|^(ob|fl|fn|cfl|cfn)=(\(\d+\)( .*)?)?$|^calls=0 \S+ \d+$|^\* \* \d+$|^(0x[0-9a-f]+|[+-]\d+|\*) \d+ \d+$/;
  t.same(
    lines.filter((line) => !own.test(line)),
    [],
  );
  t.equal(lines.filter((line) => line.startsWith('fn=')).length, NAMES.length + 1);
  t.end();
});

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const TTY = 'data:text/javascript,Object.defineProperty(process.stdout,"isTTY",{value:true})';

t.test('nothing that a terminal would obey reaches it, on stdout and stderr', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'evil\x1b[2J.pb');
  writeFileSync(path, bytes);
  for (const args of [
    ['top'],
    ['tree', '-lines'],
    ['peek', '.'],
    ['list', '.'],
    ['traces'],
    ['raw'],
    ['tags'],
    ['comments'],
    ['dot', '-nodecount=500'],
    ['flame'],
    ['folded'],
    ['top', '-focus=\x1b[1mx'],
    ['top', '-sample_index=\x1b[1m'],
  ]) {
    const { stdout, stderr } = await new Promise<{ stdout: Buffer; stderr: Buffer }>((resolve) =>
      execFile(
        process.execPath,
        ['--import', TTY, cli, ...args, path],
        { cwd: folder, encoding: 'buffer', env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 1 << 26 },
        (_, out, err) => resolve({ stdout: out, stderr: err }),
      ),
    );
    for (const [name, text] of [
      ['stdout', stdout],
      ['stderr', stderr],
    ] as const) {
      const odd = /[^\n\t\P{Cc}]|[\p{Cf}\u2028\u2029\ufffd]/u.exec(text.toString());
      t.equal(odd, null, `${args.join(' ')}: ${name}`);
    }
    t.ok(stdout.length + stderr.length > 50, args.join(' '));
  }
});
