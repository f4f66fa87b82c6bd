// The stacks report: the guide's sample, filters, groups, and names that nobody has checked.

import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import t from 'tap';
import { decodeDumps } from '../src/decode/dump/dump.js';
import { renderStacks, type StackQuery, stacksReport } from '../src/index.js';

const fixtures = new URL('./fixtures/dumps/', import.meta.url);
const recorded: readonly { name: string; text: string }[] = brotliDecompressSync(
  readFileSync(new URL('recorded.jsonl.br', fixtures)),
)
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line));
const textOf = (name: string) => recorded.find((row) => row.name === name)?.text ?? '';
const reportOf = (text: string, query: StackQuery = {}) => stacksReport(decodeDumps(Buffer.from(text)), query);
const rendered = (text: string, format: 'text' | 'json' | 'markdown' = 'text', query: StackQuery = {}) =>
  [...renderStacks(reportOf(text, query), format)].join('');

t.test("the guide's sample is read as the guide reads it", (t) => {
  const report = reportOf(readFileSync(new URL('guide-sample.txt', fixtures), 'utf8'));
  t.same(report.stuck, [2306090]);
  t.match(report.stuckGoroutines[0], {
    state: 'semacquire',
    waitMinutes: 458,
    function: /\(\*Session\)\.Close$/,
    line: 205,
  });
  t.match(report.stuckGoroutines[0].file, /yamux\/session\.go$/);
  const [group] = report.groups;
  t.equal(group.frames.length, 5);
  t.same(
    group.frames.map(({ isLost }) => isLost),
    [true, true, false, false, false],
  );
  t.same(
    group.frames.slice(0, 2).map((frame) => frame.function),
    ['runtime.?', 'sync.?'],
  );
  t.match(group.createdBy, /go-peerstream\.\(\*Conn\)\.GoClose$/);
  t.equal(report.locks[0].name, 'Mutex in or reachable from yamux.Session 0xc8222fd340');
  t.same(report.locks[0].holders, [], 'nobody is accused');
  t.end();
});

t.test('the JSON of a deadlock has what hangs, the locks with their holders, and the cycle', (t) => {
  const json = JSON.parse(rendered(textOf('dev/default/bank_abba'), 'json'));
  t.ok(json.stuck.length >= 6);
  t.equal(json.cycles.length, 1);
  for (const { waiters, holders } of json.locks) {
    t.ok(waiters.length > 0);
    t.match(holders[0], { goroutine: Number, certainty: 'likely', function: String });
  }
  t.end();
});

t.test('healthy programs have nothing that hangs', (t) => {
  for (const { name, text } of recorded.filter((row) => /healthy|calm|young/.test(row.name))) {
    const report = reportOf(text);
    t.same([report.stuck, report.cycles], [[], []], name);
  }
  t.end();
});

const mixed = [
  'goroutine 1 [select, 9 minutes]:\nmain.main()\n\t/src/main.go:5 +0x1\n',
  'goroutine 2 [chan send]:\nexample.com/a.(*T).Send(0xc000010000, 0x1)\n\t/src/a/a.go:7 +0x1\ncreated by main.serve in goroutine 1\n\t/src/main.go:8 +0x2\n',
  'goroutine 3 [chan send, 4 minutes]:\nexample.com/a.(*T).Send(0xc000010000, 0x2)\n\t/src/a/a.go:7 +0x1\ncreated by main.serve in goroutine 1\n\t/src/main.go:8 +0x2\n',
  'goroutine 4 [sleep labels:{"tenant": "t1"}]:\ntime.Sleep(0x1)\n\t/go/src/time/sleep.go:1 +0x1\nexample.com/b.f()\n\t/src/b/b.go:2 +0x1\n',
].join('\n');

t.test('each filter keeps what it says', (t) => {
  const kept = (query: StackQuery) =>
    reportOf(mixed, query)
      .groups.flatMap(({ ids }) => ids)
      .sort((a, b) => a - b);
  t.same(kept({ state: '^chan' }), [2, 3]);
  t.same(kept({ longer: '4m' }), [1, 3]);
  t.same(kept({ longer: '1h' }), []);
  t.same(kept({ function: 'b\\.f$' }), [4]);
  t.same(kept({ package: '/a$' }), [2, 3]);
  t.same(kept({ file: 'main\\.go' }), [1]);
  t.same(kept({ created_by: 'serve' }), [2, 3]);
  t.same(kept({ ignore: 'Send' }), [1, 4]);
  t.same(kept({ id: '1, 4' }), [1, 4]);
  t.same(kept({ label: 'tenant' }), [4]);
  t.same(kept({ label: 'tenant=t2' }), []);
  t.same(kept({}), [1, 2, 3], 'a sleeper is idle');
  t.same(kept({ all: true }), [1, 2, 3, 4]);
  t.end();
});

t.test('groups merge what differs, by the similarity asked for', (t) => {
  const [lines] = reportOf(mixed, { state: 'chan' }).groups;
  t.match(lines, { count: 2, minMinutes: 0, maxMinutes: 4, creators: [1] });
  t.equal(lines.frames[0].arguments, '0xc000010000, *');
  t.equal(reportOf(mixed, { state: 'chan', similarity: 'exact' }).groups.length, 2);
  t.same(
    reportOf(mixed, { all: true, sort: 'id' }).groups.map(({ ids }) => ids[0]),
    [1, 2, 4],
  );
  t.same(reportOf(mixed, { all: true, sort: 'count' }).groups[0].ids, [2, 3]);
  t.match(reportOf(mixed, { groups: 1 }).more, { groups: 1 });
  t.end();
});

t.test('groups, what is left out, and the idle add up', (t) => {
  for (const name of ['held/default/calm_all', 'dev/sigquit/yamux_like', 'dev/default/healthy_web']) {
    const report = reportOf(textOf(name), { groups: 3 });
    const sum = (list: readonly { count: number }[]) => list.reduce((total, { count }) => total + count, 0);
    t.equal(sum(report.groups) + report.more.goroutines + sum(report.idle), report.goroutines, name);
    t.equal(sum(report.states), report.goroutines);
    t.equal(sum(report.waits), report.goroutines);
  }
  t.end();
});

t.test('a waiting writer is no beginning, and filters that keep nothing say so', (t) => {
  const stack = (id: number, state: string, frames: string) => `goroutine ${id} [${state}, 3 minutes]:\n${frames}\n`;
  const object = 'main.(*T).f(0xc000010000)\n\t/m.go:5 +0x1\n';
  const text =
    stack(2, 'sync.RWMutex.Lock', `sync.(*RWMutex).Lock(0x0?)\n\tsync/rwmutex.go:155 +0x6b\n${object}`) +
    stack(3, 'sync.RWMutex.RLock', `sync.(*RWMutex).RLock(...)\n\tsync/rwmutex.go:74\n${object}`) +
    stack(4, 'chan receive', 'main.(*T).g(0xc000010000)\n\t/m.go:9 +0x1\n');
  const report = reportOf(text);
  t.match(report.locks[0].holders[0], { goroutine: 4, certainty: 'possible' });
  t.notOk(report.roots.some(({ goroutine }) => goroutine === 2));
  t.match(rendered(text, 'text', { longer: '1h' }), /No goroutine fits the filters/);
  t.end();
});

t.test('a counted profile names nobody', (t) => {
  const text =
    'goroutine profile: total 3\n3 @ 0x1 0x2 0x3\n#\t0x1\tsync.(*Mutex).Lock+0x1\t\tsync/mutex.go:5\n#\t0x2\tmain.(*T).f+0x1\t\t/src/main.go:5\n';
  const report = reportOf(text);
  t.match(report, { goroutines: 3, isCounted: true, stuck: [], cycles: [] });
  t.same(report.locks, []);
  t.equal(report.groups[0].count, 3);
  t.match(rendered(text), /what hangs cannot be told/);
  t.end();
});

t.test('wrong options are refused', (t) => {
  const wrong: readonly object[] = [
    { sort: 'x' },
    { similarity: 'x' },
    { longer: 'abc' },
    { id: 'x' },
    { state: '(' },
    { groups: -1 },
    { nosuch: true },
    { all: 'yes' },
  ];
  for (const query of wrong) t.throws(() => reportOf(mixed, query), { code: 'bad-option' }, JSON.stringify(query));
  t.throws(() => stacksReport([]), { code: 'bad-option' });
  t.end();
});

t.test('names cannot act in any format', (t) => {
  const evil = '\u001b[31mx\u009b1m\u202ey`|<script>](x)';
  const text = `panic: ${evil}\n\ngoroutine 5 [chan send (nil chan), 3 minutes, labels:{"${'k'}": "a|b\`<i>"}]:\nmain.${evil.replace(/[()]/g, '')}.f(0x1)\n\t/a.go:1 +0x1\n`;
  for (const format of ['text', 'markdown'] as const) {
    const out = rendered(text, format);
    t.notMatch(out, /[\u001b\u009b\u202e]/, format);
    t.match(out, /x9b/, 'what was there is shown');
  }
  const markdown = rendered(text, 'markdown');
  t.notMatch(markdown.replace(/```[\s\S]*?```/g, ''), /<script|<i>/);
  t.match(JSON.parse(rendered(text, 'json')).reasons[0].message, 'script');
  t.end();
});

t.test('sources show who holds a lock', (t) => {
  const dump = decodeDumps(
    Buffer.from(
      [1, 2]
        .map(
          (id) =>
            `goroutine ${id} [sync.Mutex.Lock, 3 minutes]:\nsync.(*Mutex).lockSlow(0x5c1b40)\n\tsync/mutex.go:171 +0x15d\nmain.Register(...)\n\t/src/main.go:3 +0x1d\n`,
        )
        .join('\n')
        .concat(
          '\ngoroutine 7 [IO wait, 3 minutes]:\nmain.Flush(...)\n\t/src/main.go:9 +0x1\n\ngoroutine 8 [IO wait, 3 minutes]:\nmain.Free(...)\n\t/src/main.go:16 +0x1\n',
        ),
    ),
  );
  const lines =
    'package main\nfunc Register() {\n\tmu.Lock()\n\tmu.Unlock()\n}\nfunc Flush() {\n\tmu.Lock()\n\tif x { mu.Unlock(); return }\n\tconn.Read()\n\tmu.Unlock()\n}\nfunc Free() {\n\tmu.Lock()\n\tx++\n\tmu.Unlock()\n\tconn.Read()\n}'.split(
      '\n',
    );
  lines[7] = '\tif x {';
  const source = [...lines.slice(0, 8), ...lines.slice(8)];
  const report = stacksReport(dump, { source_path: '/src' }, { sources: () => ({ lines: source }) });
  t.match(report.locks[0].holders[0], { goroutine: 7, certainty: 'likely' });
  t.notOk(report.locks[0].holders.some(({ goroutine, certainty }) => goroutine === 8 && certainty !== 'possible'));
  t.end();
});
