// Reports on drawings: recursion, inlined calls, calls past frames that are not shown, labels. The same rules against
// pprof itself are in golden.test.ts.

import t from 'tap';
import { openBytes, type Query, type ReportName, type Reports, render, renderBytes, report } from '../src/index.js';
import { draw, type parse } from './draw.js';

type Extra = Parameters<typeof parse>[1];
const open = (text: string, extra: Extra = {}) => openBytes(draw(text, extra));
const everything: Query = { nodefraction: 0, edgefraction: 0 };

function of<K extends ReportName>(name: K, text: string, query: Query = {}, extra: Extra = {}): Reports[K] {
  return report(open(text, extra), name, { ...everything, ...query });
}

/** The lines of a report in text behind the legend. */
function lines(name: ReportName, text: string, query: Query = {}, extra: Extra = {}): string[] {
  const all = Buffer.concat([...renderBytes(of(name, text, query, extra), 'text')]).toString();
  return all.trimEnd().split('\n');
}

/** `name flat/cum < callers > callees`. */
function tree(text: string, query: Query = {}, extra: Extra = {}): string[] {
  const calls = (list: readonly { name: string; weight: bigint; inline: boolean }[]) =>
    list.map(({ name, weight, inline }) => `${name} ${weight}${inline ? ' inline' : ''}`).join(', ');
  return of('tree', text, query, extra).rows.map(
    ({ name, flat, cum, callers, callees }) => `${name} ${flat}/${cum} < ${calls(callers)} > ${calls(callees)}`,
  );
}

/** `caller → callee weight`, with ┄ for what lies between. */
function edges(text: string, query: Query = {}, extra: Extra = {}): string[] {
  return of('dot', text, query, extra).edges.map(
    ({ caller, callee, weight, residual, inline }) =>
      `${caller} ${residual ? '┄' : '→'} ${callee} ${weight}${inline ? ' inline' : ''}`,
  );
}

/** The flame tree as text without its legend: `cum flat name`. */
function flame(text: string, query: Query = {}, extra: Extra = {}): string[] {
  return lines('flame', text, query, extra)
    .map((line) => /^ *(\S+) +[\d.]+% +(\S+) +[\d.]+% +(.*)$/.exec(line)?.slice(1).join(' '))
    .filter((line) => line !== undefined);
}

const types = [
  ['count', 'n'],
  ['space', 'bytes'],
] as const;

t.test('a function that calls itself, at once or by another, is no caller of itself and counted once', (t) => {
  t.same(tree('a;b;a;b 10\na 5\na;a 3'), ['b 10/10 < a 10 > a 10', 'a 8/18 < b 10 > b 10']);
  t.same(edges('a;b;a;b 10\na;a 3'), ['a → b 10', 'b → a 10']);
  const { tree: rows, frames } = of('flame', 'a;a;a 4\na;a 1');
  t.same(
    Array.from(rows.frame, (frame, row) => [
      frames[frame].name,
      rows.parent[row],
      rows.self[0][row],
      rows.total[0][row],
    ]),
    [
      ['a', -1, 0n, 5n],
      ['a', 0, 1n, 5n],
      ['a', 1, 4n, 4n],
    ],
    'a row for each depth',
  );
  const { costs, nodes } = of('callgrind', 'a@f.go:1;a@f.go:1 4\na@f.go:1;a@f.go:2 3');
  t.same(
    Array.from(costs.node, (node, i) => [
      nodes[node].line,
      costs.flat[i],
      Array.from(costs.callee.subarray(costs.callStart[i], costs.callStart[i + 1]), (callee) => nodes[callee].line),
    ]),
    [
      [1n, 4n, [2n]],
      [2n, 3n, []],
    ],
    'lines of a function call each other, none calls itself',
  );
  t.end();
});

t.test('inlined calls are marked where every call of the pair was', (t) => {
  t.same(tree('main;f>g 3\nmain;g 2'), [
    'g 5/5 < f 3 inline, main 2 > ',
    'f 0/3 < main 3 > g 3 inline',
    'main 0/5 <  > f 3, g 2',
  ]);
  t.same(tree('main;f>g 3\nmain;f;g 2')[0], 'g 5/5 < f 5 > ', 'one call that was not is enough');
  t.same(edges('main;f>g 3'), ['f → g 3 inline', 'main → f 3']);
  t.match(lines('dot', 'main;f>g 3').join('\n'), /label=" 3\\n \(inline\)"/);
  t.match(lines('tree', 'main;f>g 3').join('\n'), /3 {3}100% \| {3}g \(inline\)$/m);
  t.same(
    lines('traces', 'main;f>g>h 3')
      .map((line) => line.trim())
      .slice(2, 6),
    ['3   h (inline)', 'g (inline)', 'f', 'main'],
  );
  t.match(lines('flame', 'main;f>g 3').join('\n'), /main\n.* {4}f\n.* {6}g \(inline\)$/);
  t.same(
    of('raw', 'main;f@x.go:1>g@x.go:2 3').locations.map(({ lines }) => lines.map((line) => line.function)),
    [['g', 'f'], ['main']],
    'a location has its lines, innermost first',
  );
  t.same(edges('main;f>g 3', { noinlines: true }), ['main → f 3']);
  t.end();
});

const past = 'a;b;c 1\na;x;c 50\nc 99\na 99';

t.test('a call past a dropped node is residual, and drawn only where no other way leads', (t) => {
  t.same(edges('a;b;c 1\nc 99\na 99', { nodefraction: 0.02 }), ['a ┄ c 1']);
  t.match(
    lines('dot', 'a;b;c 1\nc 99\na 99', { nodefraction: 0.02 }).join('\n'),
    /tooltip="a \.\.\. c \(1\)" labeltooltip="a \.\.\. c \(1\)" style="dotted"/,
  );
  t.same(edges(past, { nodefraction: 0.02 }), ['a → x 50', 'x → c 50'], 'a ┄ c says nothing new');
  t.same(tree(past, { nodefraction: 0.02 })[0], 'c 150/150 < x 50, a 1 > ', 'in a tree it stays');
  t.same(edges('a;b;c 3\na;c 1\na 50', { nodefraction: 0.1 }), [], 'all of it is below');
  t.same(edges('a;b;c 5\na;c 9\nc 50', { nodefraction: 0.1 }), ['a ┄ c 14'], 'one sum of both, residual');
  t.same(edges(past, { edgefraction: 0.1 }), ['a → x 50', 'x → c 50'], 'below edgefraction');
  const { droppedEdges } = of('dot', past, { edgefraction: 0.1, nodecount: 0 });
  t.same(droppedEdges, { count: 2, cutoff: 24n });
  t.same(edges('a;b;c 3', { hide: 'b' }), ['a → c 3'], 'hidden frames leave no gap');
  t.end();
});

t.test('-drop_negative leaves negative nodes out, and zero nodes are never there', (t) => {
  const text = 'm;a 5\nm;b -3\nm;z 0';
  t.same(tree(text), ['a 5/5 < m 5 > ', 'b -3/-3 < m -3 > ', 'm 0/2 <  > a 5, b -3']);
  t.same(tree(text, { drop_negative: true }), ['a 5/5 < m 5 > ', 'm 0/2 <  > a 5, b -3'], 'a node, not a call');
  t.same(
    of('dot', text, { drop_negative: true, call_tree: true })
      .rows.map(({ name }) => name)
      .sort(),
    ['a', 'm'],
  );
  t.match(lines('dot', text).join('\n'), /label="b\\n-3 \(37\.50%\)".*color="#..b2..".*/, 'a green node');
  t.same(flame('m;a 5\nm;b -9'), ['-4 0 m', '-9 -9 b', '5 5 a'], 'by size');
  t.end();
});

t.test('-mean divides sums by sums of the first sample type', (t) => {
  const text = 'm;a 2 100\nm;b 1 7\nm;a 2 60';
  const { rows, edges: calls, sampleType } = of('dot', text, { mean: true }, { types });
  t.equal(sampleType, 'mean_space');
  t.same(
    new Map(rows.map(({ name, flat, cum }) => [name, [flat, cum]])),
    new Map([
      ['a', [40n, 40n]],
      ['b', [7n, 7n]],
      ['m', [0n, 33n]],
    ]),
  );
  t.same(
    calls.map(({ callee, weight }) => [callee, weight]),
    [
      ['a', 40n],
      ['b', 7n],
    ],
  );
  t.same(
    [...of('traces', text, { mean: true }, { types }).rows].map(({ value }) => value),
    [50n, 7n, 30n],
  );
  t.same(
    of('dot', text, { mean: true, call_tree: true }, { types }).edges.map(({ weight }) => weight),
    [40n, 7n],
  );
  t.end();
});

const sized = [1, 2, 4, 1000, 1024, 1_000_000, 1_100_000]
  .map((bytes, i) => `main;f ${100 - i} {bytes=${bytes}bytes}`)
  .join('\n');

t.test('more than four numbers of a node collapse about the four heaviest', (t) => {
  const numbers = (text: string) =>
    of('dot', text)
      .rows.find(({ name }) => name === 'f')
      ?.numbers.map(({ from, to, value }) => [from?.value, to?.value, value]);
  t.same(numbers(sized.split('\n').slice(0, 4).join('\n')), [
    [1n, 1n, 100n],
    [2n, 2n, 99n],
    [4n, 4n, 98n],
    [1000n, 1000n, 97n],
  ]);
  t.same(numbers(sized), [
    [1000n, 1_100_000n, 97n + 96n + 95n + 94n],
    [1n, 1n, 100n],
    [2n, 2n, 99n],
    [4n, 4n, 98n],
  ]);
  const dot = lines('dot', sized);
  t.ok(dot.some((line) => line.startsWith('NN1_0 [label = "1000B..1.05MB"')));
  t.ok(dot.some((line) => line.startsWith('N1 -> NN1_0 [label=" 382"')));
  t.end();
});

t.test('labels of a node: four boxes at most, the heaviest first, numbers beneath the labels they came with', (t) => {
  const text = `
    main;f 9 {k=a,bytes=8bytes}
    main;f 8 {k=b}
    main;f 1 {k=c}
    main;f 2 {k=d}
    main;f 3 {k=e}
    main;f 4 {other=x,bytes=16bytes}
    main;f 5 {bytes=32bytes,n=7}`;
  const row = (query: Query) => of('dot', text, query).rows.find(({ name }) => name === 'f');
  const boxes = (query: Query = {}) =>
    row(query)?.labels.map(({ labels, value, numbers }) => [...labels, value, numbers.map(({ from }) => from?.value)]);
  t.same(boxes(), [
    ['k:a', 9n, [8n]],
    ['k:b', 8n, []],
    ['other:x', 4n, [16n]],
    ['k:e', 3n, []],
  ]);
  t.same(
    row({})?.numbers.map(({ from }) => from?.value),
    [32n],
    'bytes alone; n is not drawn',
  );
  t.same(boxes({ tagshow: 'other' }), [['other:x', 4n, []]]);
  t.same(boxes({ taghide: 'k|other' }), []);
  const base = of('dot', 'f 1 {pprof::base=true}\nf 3 {k=v}', {}).rows[0];
  t.same(
    base.labels.map(({ labels }) => labels),
    [['k:v']],
    'pprof::base is no label to show',
  );
  t.end();
});

t.test('hidden frames are in no stack of traces and raw; a sample of hidden frames alone goes', (t) => {
  const text = 'main;hid;leaf 3\nhid 4\nmain;hid>out 5';
  const traces = lines('traces', text, { hide: 'hid' }).filter((line) => !/^-|^Type|^ *$/.test(line));
  t.same(
    traces.map((line) => line.trim()),
    ['3   leaf', 'main', '5   out', 'main'],
  );
  const raw = of('raw', text, { hide: 'hid' });
  t.same(
    [...raw.rows].map(({ values, stack }) => [
      values[0],
      Array.from(stack, (row) => raw.locations[row].lines.map((line) => line.function).join('>')),
    ]),
    [
      [3n, ['leaf', 'main']],
      [5n, ['out', 'main']],
    ],
  );
  t.match(lines('raw', text, { hide: 'hid' }).join('\n'), /^ {10}3: 1 3 $/m);
  t.end();
});

t.test('labels as frames: at the root of traces, tree and flame, with ids after the last in raw', (t) => {
  const text = 'main;f 3 {k=x}\nmain;g 4 {k=y}\nmain;g 1';
  t.same(flame(text, { tagroot: 'k' }), [
    '4 0 y',
    '4 0 main',
    '4 4 g',
    '3 0 x',
    '3 0 main',
    '3 3 f',
    '1 0 <unknown>',
    '1 0 main',
    '1 1 g',
  ]);
  t.same(tree(text, { tagroot: 'k' }).at(1), 'f 3/3 < main 3 > ');
  t.match(tree(text, { tagroot: 'k' }).join('\n'), /^main 0\/8 < y 4, x 3, <unknown> 1 > g 5, f 3$/m);
  t.same(
    lines('traces', text, { tagroot: 'k' })
      .filter((line) => !/^-|^Type|:/.test(line))
      .map((line) => line.trim())
      .slice(0, 3),
    ['3   f', 'main', 'x'],
  );
  const raw = of('raw', text, { tagroot: 'k' });
  t.same(
    raw.locations.map(({ id }) => id),
    [1n, 2n, 3n, 4n, 5n, 6n],
  );
  t.same(
    raw.locations.slice(3).map(({ lines }) => [lines[0].function, lines[0].file]),
    [
      ['x', 'k'],
      ['y', 'k'],
      ['', 'k'],
    ],
  );
  t.same(
    [...raw.rows].map(({ stack }) => stack.at(-1)),
    [3, 4, 5],
  );
  t.end();
});

t.test('peek shows the nodes that match and what they call, of the whole graph', (t) => {
  const text = 'main;read;json 10\nmain;write;json 5\nmain;read 2';
  const { rows, count } = of('peek', text, { symbol: 'read' });
  t.equal(count, 4);
  t.same(
    rows.map(({ name, callers, callees }) => [name, callers.map((c) => c.name), callees.map((c) => c.name)]),
    [['read', ['main'], ['json']]],
  );
  t.throws(() => of('peek', text, { symbol: 'nosuch' }), {
    code: 'no-match',
    message: 'no matches found for regexp: nosuch',
  });
  t.throws(() => of('peek', text, { symbol: '(' }), { code: 'bad-option', message: /^parsing argument regexp \(: / });
  t.throws(() => of('list', text, {}), { code: 'bad-option', hint: /symbol/ });
  t.end();
});

t.test('-call_tree has a node for each way to a function; dropped ones leave their callees to their callers', (t) => {
  t.same(edges('a;b;c 10\na;c 5', { call_tree: true }), ['a → b 10', 'b → c 10', 'a → c 5']);
  t.equal(of('dot', 'a;b;c 10\na;c 5', { call_tree: true }).rows.length, 4);
  t.same(edges('a;b;c;d 1\na;b 99\na;e 99', { call_tree: true, nodefraction: 0.02 }).sort(), ['a → b 100', 'a → e 99']);
  const twice = of('callgrind', 'a@x.go:1;c@x.go:3 1\nb@x.go:2;c@x.go:3 2', { call_tree: true });
  t.same(
    twice.callees.filter((_, row) => twice.nodes[row].name === 'c').sort(),
    ['c [1/2]', 'c [2/2]'],
    'functions of one name are told apart',
  );
  t.end();
});

t.test(
  'list shows the lines of a function with what they cost, from five before the first to five after the last',
  (t) => {
    const source = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`);
    const sources = (file: string) => (file === 'f.go' ? { lines: source } : { error: `no ${file}` });
    const profile = open('main@m.go:3;f@f.go:20;f@f.go:22 5\nmain@m.go:3;f@f.go:22 2');
    const made = report(profile, 'list', { symbol: '^(f|main)$' }, { sources });
    t.same(
      made.rows.map((row) => [row.function, row.files.map(({ file, flat, cum, error }) => [file, flat, cum, error])]),
      [
        ['f', [['f.go', 7n, 12n, undefined]]],
        ['main', [['m.go', 0n, 7n, 'no m.go']]],
      ],
      'cum of a function that calls itself is counted on each line',
    );
    const [{ lines: shown }] = made.rows[0].files;
    t.same([shown[0].line, shown.at(-1)?.line], [15, 27]);
    t.same(
      shown.filter(({ cum }) => cum !== 0n).map(({ line, flat, cum, text }) => [line, flat, cum, text]),
      [
        [20, 0n, 5n, 'line 20'],
        [22, 7n, 7n, 'line 22'],
      ],
    );
    const text = [...render(made, 'text')].join('');
    t.match(text, /^Total: 7\nROUTINE =+ f in f\.go\n {9}7 {9}12 \(flat, cum\) 171\.43% of Total\n/);
    t.match(text, /^ {9}\. {10}5 {5}20:line 20$/m);
    t.match(text, /^ Error: no m\.go$/m);
    t.end();
  },
);
