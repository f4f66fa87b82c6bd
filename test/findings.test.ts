// Findings: sentences with quantities, what a rule's row becomes, text, Markdown and data.

import t from 'tap';
import { inOrder, rule, runRules } from '../src/analyse/rule.js';
import { bytes, count, nanos, ratio, said, seconds } from '../src/model/finding.js';
import { findingData, findingLines, findingMarkdown } from '../src/render/findings.js';
import { quantityText, sayText } from '../src/render/said.js';

t.test('quantities are told as people read them', (t) => {
  const rows: readonly (readonly [Parameters<typeof quantityText>[0], string])[] = [
    [bytes(0), '0 B'],
    [bytes(1023), '1023 B'],
    [bytes(1288490189), '1.2 GiB'],
    [bytes(-2097152), '-2 MiB'],
    [bytes(1048575), '1 MiB'],
    [bytes(2n ** 63n - 1n), '8 EiB'],
    [ratio(0.734), '73 %'],
    [ratio(0.0268), '2.7 %'],
    [ratio(0.00001), '< 0.1 %'],
    [ratio(1), '100 %'],
    [nanos(350), '350 ns'],
    [nanos(1_500_000n), '1.5 ms'],
    [seconds(4.98), '4.98 s'],
    [seconds(60), '1 min'],
    [{ value: 458, unit: 'minutes' }, '7.6 h'],
    [{ value: 0, unit: 'minutes' }, 'less than a minute'],
    [count(1234567), '1,234,567'],
    [{ value: 4500.4, unit: 'count/s' }, '4,500/s'],
    [{ value: 1.98, unit: 'cores' }, '1.98 cores'],
  ];
  for (const [quantity, text] of rows) t.equal(quantityText(quantity), text);
  t.end();
});

t.test('a sentence has words for one and for many, and shows what a terminal would obey', (t) => {
  const template = '{n|goroutine waits|goroutines wait} for {lock}: tspprof stacks {file}';
  t.equal(
    sayText(said(template, { n: count(1), lock: 'a\x1b[31m', file: { argument: "it's here.txt" } })),
    "1 goroutine waits for a\\x1b[31m: tspprof stacks 'it'\\''s here.txt'",
  );
  t.equal(
    sayText(said(template, { n: count(1200), lock: 'b', file: { argument: '-x' } })).slice(0, 21),
    '1,200 goroutines wait',
  );
  t.equal(sayText(said('{missing}')), '?');
  t.end();
});

const row = rule<{ readonly heap: number }>()({
  name: 'big-heap',
  looksAt: 'a heap',
  says: 'the heap has {size}',
  limits: { size: bytes(1024) },
  why: 'more than {size}',
  means: 'it is big',
  next: ['tspprof top {heap}', 'tspprof stacks {dump}'],
  *find({ heap }, limits) {
    if (heap > limits.size) yield { severity: 'warning', weight: heap, values: { size: bytes(heap) } };
  },
});

t.test('a rule finds by its limits; a command whose file is not there is left out', (t) => {
  t.same(runRules([row], { heap: 1024 }), []);
  const [finding] = runRules([row], { heap: 4096 }, { heap: { argument: 'my heap.pprof' } });
  t.same(findingData(finding), {
    rule: 'big-heap',
    severity: 'warning',
    weight: 4096,
    says: 'the heap has 4 KiB',
    values: { size: { value: 4096, unit: 'bytes' } },
    place: null,
    evidence: [],
    means: 'it is big',
    next: ["tspprof top 'my heap.pprof'"],
  });
  t.match([...findingLines(finding, 40)].join(''), /^WARNING the heap has 4 KiB \[big-heap\]\n {2}it is big\n/);
  t.match(
    [...findingMarkdown(finding)].join(''),
    /^### warning: the heap has 4 KiB[\s\S]*`tspprof top 'my heap.pprof'`/,
  );
  t.end();
});

t.test('the worst comes first, then what weighs more', (t) => {
  const [base] = runRules([row], { heap: 4096 });
  const order = inOrder([
    { ...base, severity: 'note', weight: 9 },
    { ...base, weight: 0.5 },
    { ...base, weight: 0.7 },
    { ...base, severity: 'critical', weight: 0.1 },
  ]);
  t.same(
    order.map(({ severity, weight }) => `${severity} ${weight}`),
    ['critical 0.1', 'warning 0.7', 'warning 0.5', 'note 9'],
  );
  t.end();
});
