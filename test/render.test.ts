// The parts of the renderers, against what Go's own packages gave for the same input, and JSON of every report.

import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  type Format,
  openBytes,
  ProfileError,
  type Query,
  type Report,
  type ReportName,
  render,
  renderBytes,
  report,
  toBytes,
} from '../src/index.js';
import { fromBytes } from '../src/model/strings.js';
import { alignRight } from '../src/render/align.js';
import { ByteWriter, digitsOf } from '../src/render/bytes.js';
import { dotColor } from '../src/render/colour.js';
import { formatDuration } from '../src/render/duration.js';
import { shortenName } from '../src/render/shorten.js';
import { quickSort } from '../src/report/quickSort.js';
import { draw, encode, randomDrawing, seeded } from './draw.js';

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));

t.test('columns are aligned as text/tabwriter aligns them: 100 texts that Go aligned', (t) => {
  // [text, aligned], bytes as latin1: tabs, vertical tabs, form feeds, combining marks, bytes that are no UTF-8.
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const rows: [string, string][] = fixture('go-tabwriter.json');
  t.equal(rows.length, 100);
  for (const [text, aligned] of rows) {
    const got = Buffer.from(toBytes(alignRight(fromBytes(latin1(text))))).toString('latin1');
    t.equal(got, aligned, JSON.stringify(text));
  }
  t.equal(alignRight('a:\t x\n \t10:\t y\n\nlong one:\tz\n'), ' a: x\n    10: y\n\n long one:z\n');
  t.equal(alignRight(''), '');
  t.end();
});

/** Numbers that Go makes, too. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

function keysOf(shape: string, n: number, seed: number, distinct: number): number[] {
  const below = generator(seed);
  const part = (i: number) => Math.floor((i * distinct) / n);
  return Array.from({ length: n }, (_, i) => {
    switch (shape) {
      case 'random':
        return below(distinct);
      case 'rising':
        return part(i);
      case 'falling':
        return part(n - i);
      case 'pipe':
        return Math.min(i, n - i) % distinct;
      case 'saw':
        return i % distinct;
      default:
        return below(20) === 0 ? below(distinct) : part(i);
    }
  });
}

/** FNV-1a of the decimal numbers, each with a comma behind it. */
function hash(order: readonly number[]): string {
  let sum = 0x811c9dc5;
  for (const one of order)
    for (const character of `${one},`) sum = Math.imul(sum ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, '0');
}

t.test('rows that tie come in the order in which sort.Sort of Go leaves them', (t) => {
  // [shape, length, seed, distinct keys, order or its hash]; [keys, hash] for keys that make every pivot a bad one.
  const rows: ([string, number, number, number, number[] | string] | [number[], string])[] = fixture('go-sort.json');
  t.ok(rows.length > 400);
  let most = 0;
  for (const row of rows) {
    const keys = row.length === 2 ? row[0] : keysOf(row[0], row[1], row[2], row[3]);
    const expected = row.length === 2 ? row[1] : row[4];
    const order = keys.map((_, i) => i);
    let comparisons = 0;
    quickSort(order, (a, b) => {
      comparisons++;
      return keys[a] < keys[b];
    });
    t.same(typeof expected === 'string' ? hash(order) : order, expected, row.slice(0, 4).join(' ').slice(0, 60));
    if (keys.length > 1) most = Math.max(most, comparisons / (keys.length * Math.log2(keys.length)));
  }
  t.ok(most < 4, `never quadratic: ${most.toFixed(1)} n log n comparisons`);
  t.end();
});

t.test('durations are written as Go writes them', (t) => {
  for (const [nanos, text] of [
    ['0', '0s'],
    ['1', '1ns'],
    ['-1', '-1ns'],
    ['999', '999ns'],
    ['1000', '1µs'],
    ['1001', '1.001µs'],
    ['-1500', '-1.5µs'],
    ['999999', '999.999µs'],
    ['1000000', '1ms'],
    ['1000001', '1.000001ms'],
    ['999999999', '999.999999ms'],
    ['1000000000', '1s'],
    ['1000000001', '1.000000001s'],
    ['59999999999', '59.999999999s'],
    ['60000000000', '1m0s'],
    ['61500000000', '1m1.5s'],
    ['3599999999999', '59m59.999999999s'],
    ['3600000000000', '1h0m0s'],
    ['-3661001000000', '-1h1m1.001s'],
    ['86400000000000', '24h0m0s'],
    ['9223372036854775807', '2562047h47m16.854775807s'],
    ['-9223372036854775808', '-2562047h47m16.854775808s'],
  ])
    t.equal(formatDuration(BigInt(nanos)), text);
  t.end();
});

t.test('names are shortened to what tells functions apart: Go, Java, C++, and whatever else stays', (t) => {
  // Each as pprof shortens it in the label of a drawn graph.
  for (const [name, short] of [
    ['github.com/ipfs/kubo/v2/core.(*IpfsNode).Close', 'core.(*IpfsNode).Close'],
    ['gopkg.in/yaml.v3.Unmarshal', 'yaml.v3.Unmarshal'],
    ['example.com/a-b/c_d.F', 'c_d.F'],
    ['example.com/x/v10.F', 'x.F'],
    ['example.com/x/v1.F', 'v1.F'],
    ['example.com/x/v0/y.F', 'y.F'],
    ['example.com/x/v2/v3/y.F', 'y.F'],
    ['a/v2.(*T[...]).M', 'a.(*T[...]).M'],
    ['a/b.T[x/y.Z]', 'b.T[x/y.Z]'],
    ['runtime/internal/sys.X', 'sys.X'],
    ['a/b', 'a/b'],
    ['é/ü.F', 'é/ü.F'],
    ['main.(*T).f·1', 'main.(*T).f·1'],
    ['java.util.concurrent.ThreadPool.run', 'ThreadPool.run'],
    ['java.lang.Object.<init>', 'Object.<init>'],
    ['com.example.A$B.lambda$c$0', 'A$B.lambda$c$0'],
    ['com.example.A.b(Ljava/lang/String;)V', 'A.b'],
    ['com.example.A.b extra', 'com.example.A.b extra'],
    ['com.example.Foo.Bar.baz', 'com.example.Foo.Bar.baz'],
    ['a.b.C.D', 'a.b.C.D'],
    ['a.b.C.d$12', 'C.d$12'],
    ['ns::inner::Class::method', 'Class::method'],
    ['ns::Class::~Class', 'Class::~Class'],
    ['ns::Class::method<int, char>', 'Class::method<int, char>'],
    ['ns::Class::m(int)', 'Class::m'],
    ['ns::_Private::go', '_Private::go'],
    ['std::vector::push_back', 'std::vector::push_back'],
    ['(anonymous namespace)::Class::f', 'Class::f'],
    ['ns::(anonymous namespace)::Class::f', 'ns::(anonymous namespace)::Class::f'],
    ['void ns::Class::f(int)', 'void ns::Class::f(int)'],
    ['::ns::Class::m', '::ns::Class::m'],
    ['', ''],
  ])
    t.equal(shortenName(name), short, name);
  const started = process.hrtime.bigint();
  shortenName(`${'a/'.repeat(20_000)} `);
  shortenName(`${'a::'.repeat(20_000)} `);
  shortenName(`${'a.'.repeat(20_000)} `);
  t.ok(process.hrtime.bigint() - started < 2_000_000_000n, 'a long name takes no quadratic time');
  t.end();
});

t.test('colours go from green over grey to red, fast near 0, and no further', (t) => {
  const both = (score: number) => [dotColor(score, false), dotColor(score, true)];
  t.same(both(1), ['#b20000', '#edd5d5']);
  t.same(both(-1), ['#00b200', '#d5edd5']);
  t.same(both(0), ['#b2b2b2', '#ededed']);
  for (const beyond of [7, Infinity]) {
    t.same(both(beyond), both(1));
    t.same(both(-beyond), both(-1));
  }
  const parts = (score: number) => (dotColor(score, false).match(/[0-9a-f]{2}/g) ?? []).map((hex) => parseInt(hex, 16));
  let before = parts(-1);
  for (let score = -0.999; score <= 1; score += 0.001) {
    const [red, green, blue] = parts(score);
    t.ok(red >= before[0] && green <= before[1], `never back, ${score}`);
    if (score < -0.01) t.ok(green > red, `green at ${score}`);
    if (score > 0.01) t.ok(red > green && green >= blue, `red at ${score}`);
    before = [red, green, blue];
  }
  t.match(dotColor(Number.NaN, false), /^#[0-9a-f]{6}$/);
  t.end();
});

t.test('bytes are written as text and numbers would be, across the growth of the buffer', (t) => {
  const random = seeded(3);
  const writer = new ByteWriter();
  const expected: string[] = [];
  const taken: Uint8Array[] = [];
  const edges = [0, -0, 9, 10, 99, 100, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e21, 999999999999999];
  const numbers = [...edges, ...edges.map((n) => -n), 2n ** 63n - 1n, -(2n ** 63n), 0n];
  const long = 'x'.repeat(300_000);
  for (let i = 0; i < 40_000; i++) {
    const kind = i === 20_000 ? 9 : Math.floor(random() * 5);
    if (kind === 0) {
      const value = i % 3 === 0 ? numbers[i % numbers.length] : Math.trunc((random() - 0.5) * 10 ** (i % 17));
      writer.integer(value);
      expected.push(value.toString());
    } else if (kind === 1) {
      writer.byte(0x41 + (i % 26));
      expected.push(String.fromCharCode(0x41 + (i % 26)));
    } else {
      const text = kind === 9 ? long : ['plain', 'é', 'né日🙂', '', 'end\n'][i % 5];
      if (kind === 2) writer.bytes(toBytes(text));
      else writer.text(text);
      expected.push(text);
    }
    if (writer.isFull) taken.push(writer.take());
  }
  taken.push(writer.take());
  t.ok(taken.length > 2);
  t.equal(Buffer.concat(taken).toString(), expected.join(''));
  t.equal(writer.take().length, 0);
  for (let i = 0, limit = 1; i < 15; i++, limit *= 10)
    t.same([digitsOf(limit), digitsOf(limit * 10 - 1)], [i + 1, i + 1]);
  t.end();
});

// JSON.

const big = 2n ** 62n + 1n;
const profile = openBytes(
  draw(
    `main@m.go:1;f@f.go:5>g@f.go:7 ${big} 3 {k=v,bytes=9223372036854775807bytes}
     main@m.go:1;0xffffffffffffffff[/lib/x.so] -9007199254740993 4 {n=-9223372036854775808}`,
    {
      types: [
        ['n', 'count'],
        ['space', 'bytes'],
      ],
      comments: ['one', 'two'],
      durationNanos: 2n ** 63n - 1n,
      timeNanos: 9007199254740993n,
      defaultType: 'n',
    },
  ),
);
const reports: readonly (readonly [ReportName, Query])[] = [
  ['top', {}],
  ['tree', {}],
  ['peek', { symbol: 'main' }],
  ['list', { symbol: 'main' }],
  ['traces', {}],
  ['raw', {}],
  ['tags', {}],
  ['comments', {}],
  ['dot', { nodefraction: 0, edgefraction: 0 }],
  ['dot', { call_tree: true, nodefraction: 0 }],
  ['callgrind', {}],
  ['topproto', {}],
  ['flame', {}],
];
const text = (made: Report, format: Format) => Buffer.concat([...renderBytes(made, format)]).toString();

t.test('every report is JSON, with its kind, its query and rows a line each', (t) => {
  for (const [name, query] of reports) {
    const made = report(profile, name, { ...query, sample_index: '0' });
    const json = text(made, 'json');
    const data = JSON.parse(json);
    t.equal(data.kind, name === 'peek' ? 'tree' : name);
    t.equal(data.query.sample_index, '0');
    t.ok(Array.isArray(data.rows) && data.rows.length > 0, name);
    const lines = json.split('\n').map((line) => line.replace(/,$/, ''));
    for (const row of data.rows) {
      const [key] = Object.keys(row);
      if (typeof row === 'object')
        t.ok(
          lines.some((line) => line.startsWith(`    {"${key}":`)),
          `${name} ${key}`,
        );
    }
    t.equal(json, [...render(made, 'json')].join(''), `${name}: text and bytes are one`);
    t.equal(text(report(profile, name, { ...query, sample_index: '0' }), 'json'), json, `${name}: and the same again`);
  }
  t.end();
});

t.test('no int64 of a report is rounded', (t) => {
  const json = (name: ReportName, query: Query = {}) =>
    text(report(profile, name, { sample_index: '0', ...query }), 'json');
  const exact = `${big}`;
  t.not(String(Number(exact)), exact);
  t.match(json('top'), `"flat":${exact}`);
  t.match(json('tree'), `"weight":${exact}`);
  t.match(json('dot', { nodefraction: 0 }), `"weight":${exact}`);
  t.match(json('flame'), `"self":[${exact},3]`);
  t.match(json('callgrind'), `"flat":${exact}`);
  t.match(json('callgrind'), '"weights":[');
  t.match(json('callgrind'), '"address":18446744073709551615');
  t.match(json('traces'), `"value":${exact}`);
  t.match(json('traces'), '"value":-9007199254740993');
  t.match(json('traces'), '"value":-9223372036854775808');
  t.match(json('raw'), `"values":[${exact},3]`);
  t.match(json('raw'), '"value":9223372036854775807');
  t.match(json('raw'), '"timeNanos": 9007199254740993');
  t.match(json('raw'), '"address":18446744073709551615');
  t.match(json('tags'), `"value":${exact}`);
  t.match(json('top'), '"durationNanos": 9223372036854775807');
  t.match(json('list', { symbol: 'g' }), `"flat":${exact}`);
  t.match([...render(report(profile, 'flame', { sample_index: '0' }), 'speedscope')].join(''), `\n${exact}`);
  t.end();
});

t.test('rows are written as they are read: no report is held as one text', (t) => {
  const endless = <T>(row: T) => ({
    *[Symbol.iterator]() {
      for (;;) yield row;
    },
  });
  for (const name of ['traces', 'raw'] as const) {
    const made = report(profile, name);
    const [row] = made.rows;
    const without = { ...made, rows: endless(row) } as Report;
    for (const format of ['json', 'text'] as const) {
      let length = 0;
      let chunks = 0;
      for (const chunk of renderBytes(without, format)) {
        length += chunk.length;
        t.ok(chunk.length < 8_000_000, `${name} ${format}`);
        if (++chunks === 3) break;
      }
      t.ok(length > 3000, `${name} ${format}: three pieces of a report without end`);
    }
  }
  const wide = openBytes(encode(randomDrawing(77)));
  for (const [name, query] of reports) {
    if (name === 'peek' || name === 'list' || name === 'comments') continue;
    const made = report(wide, name, { ...query, trim: false });
    const data = JSON.parse(text(made, 'json'));
    const pieces = [...render(made, 'json')];
    t.equal(pieces.join(''), text(made, 'json'));
    t.ok(pieces.every((piece) => piece.length < 1_000_000) && data.rows.length > 0, `${name}: small pieces`);
  }
  const rows = report(profile, 'traces').rows;
  t.same([...rows], [...rows], 'rows may be read twice');
  t.end();
});

t.test('a format that a report has not is an error that names what to do', (t) => {
  for (const format of ['folded', 'speedscope'] as const)
    t.throws(() => render(report(profile, 'top'), format), { code: 'bad-option', hint: /flame/ });
  t.throws(() => [...render(report(profile, 'topproto'), 'text')], ProfileError);
  t.throws(() => render(report(profile, 'top'), 'pdf' as Format), TypeError);
  t.end();
});
