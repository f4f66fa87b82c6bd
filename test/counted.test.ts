// Goroutine profiles as text, as profile.proto, and as dumps: the same goroutines in every form. The fixtures are four
// programs of known behaviour, each taken with debug=0, 1 and 2 at one moment (Go 1.26).

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { decodeDumps } from '../src/decode/dump/dump.js';
import {
  type Dump,
  dumpOfProfile,
  LEAKED,
  open,
  openAll,
  openBytes,
  openDumps,
  type Profile,
  ProfileError,
  profileOfDump,
  type Query,
  render,
  report,
  stackOf,
  TRUNCATED,
} from '../src/node.js';
import { draw, seeded } from './draw.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/goroutines/${name}`, import.meta.url));
const bytes = (text: string) => new TextEncoder().encode(text);
const scenarios = ['chan_leak', 'labels', 'mutex_cycle2', 'healthy_daemon'];
const form = (scenario: string, debug: 0 | 1 | 2) =>
  fixture(
    `${scenario}.debug${debug}.${debug === 0 ? 'pb.gz' : debug === 2 && scenario === 'chan_leak' ? 'txt.gz' : 'txt'}`,
  );
const total = (dump: Dump) => dump.goroutines.weight.reduce((sum, weight) => sum + weight, 0);
const facts = (dump: Dump) => dump.issues.map(({ fact }) => fact);
const names = (dump: Dump, g: number) =>
  Array.from(dump.stack.subarray(...stackOf(dump, g)), (frame) => dump.functions.get(dump.frames.func[frame]));
const state = (dump: Dump, g: number) => dump.states[dump.goroutines.state[g]];
const rows = (profile: Profile, query: Query = {}) =>
  report(profile, 'top', { nodefraction: 0, hide: '^runtime\\.', ...query }).rows.map(
    ({ name, flat, cum, inline }) => `${name} ${flat} ${cum} ${inline}`,
  );

/** How many goroutines have a stack and labels. The frames of the runtime are left out, and the goroutine that wrote. */
function counted(dump: Dump, withLabels: boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (let g = 0; g < dump.goroutines.count; g++) {
    const stack = Array.from(dump.stack.subarray(...stackOf(dump, g)), (frame) => {
      const { func, file, line } = dump.frames;
      return `${dump.functions.get(func[frame])} ${dump.files.get(file[frame])}:${line[frame]}`;
    }).filter((name) => !name.startsWith('runtime.'));
    const labels = withLabels ? [...(dump.labels.get(g) ?? [])].sort() : [];
    const key = stack.some((name) => name.startsWith('runtime/pprof.write'))
      ? 'the writer'
      : JSON.stringify([stack, labels]);
    counts.set(key, (counts.get(key) ?? 0) + dump.goroutines.weight[g]);
  }
  return counts;
}

t.test('debug=0, debug=1 and debug=2 have the same stacks, counts and labels', async (t) => {
  for (const scenario of scenarios) {
    const [proto, text, full] = await Promise.all(
      ([0, 1, 2] as const).map(async (debug) => (await openDumps(form(scenario, debug)))[0]),
    );
    t.same(
      [proto.form, text.form, full.form],
      ['goroutine profile', 'debug=1', 'debug=2'],
      `the forms of ${scenario} are told`,
    );
    t.same(counted(text, true), counted(proto, true), `${scenario}, with labels`);
    // Go 1.26 has labels in debug=2 only if GODEBUG says so.
    t.same(counted(text, false), counted(full, false), scenario);
    t.same([proto.issues, text.issues, full.issues], [[], [], []]);
  }
});

t.test('the states of a profile are those that debug=2 says', async (t) => {
  for (const scenario of scenarios) {
    const [[proto], [text], [full]] = await Promise.all(
      [0, 1, 2].map((d) => openDumps(form(scenario, d as 0 | 1 | 2))),
    );
    const byState = (dump: Dump) => {
      const sums = new Map<string, number>();
      for (let g = 0; g < dump.goroutines.count; g++)
        sums.set(state(dump, g), (sums.get(state(dump, g)) ?? 0) + dump.goroutines.weight[g]);
      return sums;
    };
    t.same(byState(proto), byState(full), scenario);
    // In debug=1 the runtime's leaves have no name, so that channels are only known to be waited for.
    const known = [...byState(full)].filter(([name]) => !/^(chan |select)/.test(name));
    t.same(new Map([...byState(text)].filter(([name]) => name !== 'waiting')), new Map(known), `${scenario} as text`);
  }
});

t.test('what a stack waits for is read from its leaf', (t) => {
  const states: [stack: string, state: string][] = [
    [
      'runtime.gopark<runtime.goparkunlock<runtime.semacquire1<sync.runtime_Semacquire<sync.(*WaitGroup).Wait<main.f',
      'sync.WaitGroup.Wait',
    ],
    [
      'sync.runtime_SemacquireMutex<sync.(*Mutex).lockSlow<sync.(*Mutex).Lock<sync.(*RWMutex).Lock<main.f',
      'sync.Mutex.Lock',
    ],
    ['sync.runtime_SemacquireMutex<sync.(*RWMutex).RLock<main.f', 'sync.RWMutex.RLock'],
    ['sync.runtime_SemacquireMutex<sync.(*RWMutex).Lock<main.f', 'sync.RWMutex.Lock'],
    ['sync.runtime_SemacquireRWMutexR<sync.(*RWMutex).RLock<main.f', 'sync.RWMutex.RLock'],
    ['internal/poll.runtime_Semacquire<internal/poll.(*fdMutex).rwlock<main.f', 'semacquire'],
    ['runtime.gopark<runtime.selectgo<main.f', 'select'],
    ['runtime.gopark<runtime.block<main.main', 'select (no cases)'],
    ['runtime.gopark<runtime.chanrecv<runtime.chanrecv2<main.f', 'chan receive'],
    ['runtime.gopark<runtime.timeSleep<time.Sleep<main.f', 'sleep'],
    ['runtime.notetsleepg<os/signal.signal_recv<os/signal.loop', 'syscall'],
    ['internal/runtime/syscall.Syscall6<syscall.RawSyscall6<main.f', 'syscall'],
    ['runtime.gopark<main.f', 'waiting'],
    ['runtime.asyncPreempt<main.f', 'runnable'],
    ['main.f<main.main', 'runnable'],
    ['runtime/pprof.writeRuntimeProfile<main.main', 'running'],
  ];
  for (const [stack, expected] of states) {
    const profile = openBytes(draw(`${stack.split('<').reverse().join(';')} 1`, { types: [['goroutine', 'count']] }));
    t.equal(state(dumpOfProfile(profile), 0), expected, stack);
  }
  t.end();
});

t.test('a dump is shown as the goroutine profile of the same moment is, with its inlined calls', async (t) => {
  for (const scenario of scenarios) {
    const expected = await open(form(scenario, 0));
    t.same(rows(await open(form(scenario, 1))), rows(expected), `${scenario}, debug=1`);
    const others = { ignore: 'runtime/pprof\\.write' };
    t.same(rows(await open(form(scenario, 2)), others), rows(expected, others), `${scenario}, debug=2`);
  }
  t.equal(
    [...render(report(await open(form('mutex_cycle2', 2)), 'top', { nodecount: 8 }), 'text')].join(''),
    `Type: goroutine
Showing nodes accounting for 6, 100% of 6 total
Showing top 8 nodes out of 15
      flat  flat%   sum%        cum   cum%
         5 83.33% 83.33%          5 83.33%  internal/sync.runtime_SemacquireMutex
         1 16.67%   100%          1 16.67%  runtime/pprof.writeGoroutineStacks
         0     0%   100%          3 50.00%  example.com/godumps/bank.(*Account).Balance
         0     0%   100%          2 33.33%  example.com/godumps/bank.(*Account).Deposit
         0     0%   100%          2 33.33%  example.com/godumps/bank.(*Account).TransferTo
         0     0%   100%          1 16.67%  example.com/godumps/gd.Finish
         0     0%   100%          5 83.33%  internal/sync.(*Mutex).Lock (inline)
         0     0%   100%          5 83.33%  internal/sync.(*Mutex).lockSlow
`,
  );
});

const page = `goroutine profile: total 6
3 @ 0x1000 0x2001 0x3000
# labels: {"tenant":"t0", "path":"/a \\"b\\"\\n"}
#	0x2000	gopkg.in/yaml%2ev2.(*Box[...]).Put+0x10	/src/my files/box.go:30

2 @ 0x1000 0x5011 0x5009 0x3000
#	0x5010	sync.(*Mutex).Lock+0x10	sync/mutex.go:46
#	0x5008	main.main+0x8		C:/app/main.go:12

1 @ 0x1000 0x4001 0x3000
#	0x4000	internal/poll.runtime_pollWait+0x88			/usr/lib/go/src/runtime/netpoll.go:305

`;

t.test('a record of debug=1 has its weight, labels, frames with offsets, and its place', (t) => {
  const [dump, ...others] = decodeDumps(bytes(page));
  t.equal(others.length, 0);
  t.same([...dump.goroutines.weight], [3, 2, 1]);
  t.same([...dump.goroutines.id], [-1, -1, -1]);
  t.same([...dump.goroutines.line], [2, 6, 10]);
  t.same(
    [...(dump.labels.get(0) ?? [])],
    [
      ['tenant', 't0'],
      ['path', '/a "b"\n'],
    ],
  );
  t.same(names(dump, 0), ['gopkg.in/yaml.v2.(*Box[...]).Put']);
  t.same(
    [dump.files.get(dump.frames.file[0]), dump.frames.line[0], dump.frames.offset[0]],
    ['/src/my files/box.go', 30, 0x10],
  );
  t.same([...dump.frames.offset.subarray(1, 3)], [-1, 8], 'a call with the entry of the next frame was inlined');
  t.equal(dump.files.get(dump.frames.file[2]), 'C:/app/main.go');
  t.same(
    [0, 1, 2].map((g) => state(dump, g)),
    ['waiting', 'sync.Mutex.Lock', 'IO wait'],
  );
  t.same(dump.issues, []);
  t.end();
});

t.test('damage to debug=1 costs what is damaged', (t) => {
  const stacks = (text: string) => {
    const [dump] = decodeDumps(bytes(text));
    return Array.from({ length: dump.goroutines.count }, (_, g) => [dump.goroutines.weight[g], ...names(dump, g)]);
  };
  const whole = stacks(page);
  const same: [what: string, text: string][] = [
    ['spaces for tabs', page.replaceAll(/\t+/g, '    ')],
    ['CRLF', page.replaceAll('\n', '\r\n')],
    ['no blank lines', page.replaceAll('\n\n', '\n')],
    ['double spaced', page.replaceAll('\n', '\n\n')],
    ['indented', page.replaceAll(/^/gm, '  ')],
    ['# lost', page.replaceAll('#\t', '')],
    ['no end of the last line', page.trimEnd()],
    ['quoted', page.replaceAll(/^/gm, '> ')],
    ['UTF-16', `\ufeff${page}`],
  ];
  for (const [what, text] of same) {
    const [dump] = decodeDumps(what === 'UTF-16' ? Buffer.from(text, 'utf16le') : bytes(text));
    t.same(dump.issues, [], what);
    t.same(stacks(text.replace('\ufeff', '')), whole, what);
    t.equal(dump.goroutines.flags[2] & TRUNCATED, 0, what);
  }
  const [cut] = decodeDumps(bytes(page.slice(0, page.indexOf('main.main') + 4)));
  t.same([...cut.goroutines.weight], [3, 2]);
  t.ok(cut.goroutines.flags[1] & TRUNCATED);
  t.same(names(cut, 1), ['sync.(*Mutex).Lock'], 'half a name is none');
  t.match(
    facts(cut).join('\n'),
    /the text ends inside this goroutine[\s\S]*a total of 6, the records have 5: some are missing/,
  );
  const [headless] = decodeDumps(bytes(page.slice(page.indexOf('\n') + 1)));
  t.equal(total(headless), 6);
  t.match(facts(headless), [/records without a head/]);
  const [junk] = decodeDumps(bytes(page.replace('\n\n2 @', '\n\nkill: no such process\n2 @')));
  t.same(junk.issues, [{ fact: 'a line between records is none of a profile: it was left out', line: 6, times: 1 }]);
  t.equal(total(junk), 6);
  const [wrong] = decodeDumps(bytes(page.replace('total 6', 'total 5')));
  t.same(wrong.issues, [{ fact: 'the head says a total of 5, the records have 6', line: 1, times: 1 }]);
  t.end();
});

t.test('forms one after the other are dumps one after the other, and a profile is the last', async (t) => {
  const text = `${page}goroutine 7 [select, 2 minutes]:\nmain.f()\n\t/a.go:1 +0x1\n\n${page}`;
  const dumps = await openDumps(bytes(text));
  t.same(
    dumps.map((dump) => [dump.form, total(dump), dump.goroutines.line[0]]),
    [
      ['debug=1', 6, 2],
      ['debug=2', 1, 13],
      ['debug=1', 6, 18],
    ],
  );
  const notices: string[] = [];
  const profile = await open(bytes(text), { notice: (notice) => notices.push(notice) });
  t.equal(report(profile, 'top').total, 6n);
  t.same(notices, ['3 dumps of goroutines are in it: this is the last, from line 18 on']);
});

t.test('other profiles that count stacks are read, too, and are no dumps of goroutines', async (t) => {
  const threads = bytes(
    'threadcreate profile: total 9\n8 @ 0x0 0x0\n#\t0x0\n\n1 @ 0x11 0x0\n#\t0x10\tmain.f+0x1\t/a.go:3\n\n',
  );
  const top = report(await open(threads), 'top');
  t.same([top.total, top.rows.map(({ name }) => name), top.sampleType], [9n, ['main.f'], 'threadcreate']);
  await t.rejects(openDumps(threads), { code: 'not-a-dump', message: /profile of threadcreate/ });
  const [leak] = await openDumps(bytes(page.replace('goroutine profile', 'goroutineleak profile')));
  t.ok(leak.goroutines.flags.every((flags) => flags & LEAKED));
  t.same((await open(bytes('goroutineleak profile: total 0\n'))).sampleTypes[0], {
    type: 'goroutineleak',
    unit: 'count',
  });
});

t.test('minutes, locked threads, ids and lost lines of a dump are in its profile', async (t) => {
  const text = `goroutine 1 [chan receive, 90 minutes, locked to thread]:
main.f()
	/a.go:1 +0x1
created by main.main
	/a.go:9 +0x1

goroutine 2 [semacquire, 30 minutes]:
	/usr/lib/go/src/sync/mutex.go:64 +0x82
gopkg.in/yaml%2ev2.g()
	/a.go:2 +0x1
runtime.goexit({})
	/usr/lib/go/src/runtime/asm.s:1 +0x1
`;
  const [dump] = await openDumps(bytes(text));
  const profile = profileOfDump(dump);
  const top = (query: Query) => [...render(report(profile, 'top', query), 'text')].join('');
  t.equal(
    top({ sample_index: 'wait' }),
    `Type: wait
Showing nodes accounting for 7200s, 100% of 7200s total
      flat  flat%   sum%        cum   cum%
     5400s 75.00% 75.00%      5400s 75.00%  main.f
     1800s 25.00%   100%      1800s 25.00%  sync/mutex.go:?
         0     0%   100%      1800s 25.00%  gopkg.in/yaml%2ev2.g
`,
  );
  t.same(rows(profile, { tagfocus: 'locked to thread=yes' }), ['main.f 1 1 none']);
  t.same(rows(profile, { tagfocus: 'state=semacquire', focus: 'sync' }).length, 2);
  const ids = report(profileOfDump(dump, { ids: true }), 'tags').rows.find(({ key }) => key === 'id');
  t.equal(ids?.value, 2n);
  t.same([profile.periodType, profile.period], [{ type: 'goroutine', unit: 'count' }, 1n]);
});

t.test('labels of a sample for each goroutine say its id, state and wait', (t) => {
  const profile = openBytes(
    draw('main.main;main.f 1 {go::goroutine=7,go::goroutine_state=select,go::goroutine_wait_minutes=3,k=v}', {
      types: [['goroutine', 'count']],
    }),
  );
  const { goroutines, states, labels } = dumpOfProfile(profile);
  t.same([goroutines.id[0], states[goroutines.state[0]], goroutines.waitMinutes[0]], [7, 'select', 3]);
  t.same([...(labels.get(0) ?? [])], [['k', 'v']]);
  t.throws(() => dumpOfProfile(openBytes(draw('a 1', { types: [['cpu', 'nanoseconds']] }))), {
    code: 'not-a-dump',
    message: /cpu\/nanoseconds, not of goroutines/,
  });
  t.end();
});

t.test('files, gzip, streams and merges take dumps; the base is subtracted', async (t) => {
  const dir = t.testdir({ 'goroutines.txt': page });
  const path = join(dir, 'goroutines.txt');
  writeFileSync(join(dir, 'goroutines.gz'), gzipSync(page));
  const expected = rows(await open(bytes(page)));
  t.same(rows(await open(path)), expected);
  t.same(rows(await open(join(dir, 'goroutines.gz'))), expected);
  t.same(rows(await open(new Blob([page]).stream())), expected);
  async function* pieces() {
    for (const byte of bytes(page)) yield Uint8Array.of(byte);
  }
  t.same(rows(await open(pieces())), expected);
  t.same(rows(openBytes(gzipSync(page))), expected);
  t.equal(report(await openAll([path, bytes(page)]), 'top').total, 12n);
  t.equal(report(await openAll([form('chan_leak', 0), form('chan_leak', 1)]), 'top').total, 1002n, 'wait is left out');
  const less = report(await openAll([path], { base: [path] }), 'top');
  t.same(less.rows, []);
  const notices: string[] = [];
  await openAll([bytes(page.trimEnd().slice(0, -60)), form('labels', 0)], { notice: (text) => notices.push(text) });
  t.same(notices.length, new Set(notices).size, 'a source that is read twice is told of once');
  t.match(notices[0], /^source 1: /);
});

t.test('a long text is collected as it streams in', async (t) => {
  const text = Array.from(
    { length: 40_000 },
    (_, i) => `goroutine ${i + 1} [select, ${i % 7} minutes]:\nmain.f${i % 300}(0x${i})\n\t/a.go:1 +0x1\n`,
  ).join('\n');
  const path = join(t.testdir({ 'long.txt': text }), 'long.txt');
  const expected = rows(await open(bytes(text)));
  t.ok(text.length > 2 << 20);
  t.equal(expected.length, 300);
  t.same(rows(await open(path)), expected);
  t.same(rows(await open(new Blob([text]).stream())), expected);
  t.same((await openDumps(path))[0].bytes, text.length);
  await t.rejects(open(path, { maxBytes: 1 << 20 }), { code: 'too-large' });
});

t.test('what is no dump is an error that says what it is', async (t) => {
  const cases: [source: Uint8Array, code: string, message: RegExp][] = [
    [new Uint8Array(), 'empty', /empty/],
    [bytes('<!DOCTYPE html><html>502</html>'), 'not-a-dump', /no goroutine in it: this is an HTML page/],
    [bytes('404 page not found\n'), 'not-a-dump', /404 page not found/],
    [bytes('heap profile: 1: 2 [3: 4] @ heap/1048576\n'), 'not-a-dump', /text profile/],
    [bytes('fatal error: all goroutines are asleep - deadlock!\n'), 'not-a-dump', /without a goroutine/],
    [draw('a 1', { types: [['cpu', 'nanoseconds']] }), 'not-a-dump', /cpu\/nanoseconds/],
    [gzipSync(page).subarray(0, 100), 'truncated', /ends early/],
  ];
  for (const [source, code, message] of cases) await t.rejects(openDumps(source), { code, message });
  await t.rejects(openDumps(bytes(page), { maxBytes: 100 }), { code: 'too-large' });
  await t.rejects(open(new Blob([page]).stream(), { maxBytes: 100 }), { code: 'too-large' });
  t.throws(() => openBytes(bytes(page), { maxBytes: 0 }), { code: 'bad-option' });
  const path = join(t.testdir({ 'a.txt': 'nothing' }), 'a.txt');
  await t.rejects(openDumps(path), {
    code: 'not-a-dump',
    message: `${path}: no goroutine in it: this is text: nothing (offset 0)`,
  });
});

t.test('any damage gives a dump whose sums agree, or a ProfileError', (t) => {
  const random = seeded(11);
  const below = (n: number) => Math.floor(random() * n);
  const texts = [page, ...scenarios.slice(1).flatMap((s) => [String(form(s, 1)), String(form(s, 2))])];
  let read = 0;
  for (let i = 0; i < 300; i++) {
    const lines = texts[below(texts.length)].split('\n');
    for (let n = below(4); n >= 0; n--) {
      const at = below(lines.length);
      const line = lines[at];
      const changes = [
        () => lines.splice(at, 1 + below(5)),
        () => lines.splice(at, 0, line, lines[below(lines.length)]),
        () => lines.splice(at, 1, line.slice(0, below(line.length + 1))),
        () => lines.splice(at, 1, line.slice(below(line.length + 1))),
        () => lines.splice(at, 1, line.replace(/\d+/, String(10 ** below(20)))),
        () => lines.splice(at, 1, line.replace(/\t/g, ' ')),
        () => lines.splice(at, 1, `${String.fromCharCode(below(128))}${line}`),
        () => lines.splice(at, lines.length),
      ];
      changes[below(changes.length)]();
      if (lines.length === 0) lines.push('');
    }
    const source = bytes(lines.join('\n'));
    for (const dump of decodeDumps(source)) {
      const { count, stackStart, weight } = dump.goroutines;
      if (stackStart.length !== count + 1 || [...weight].some((n) => n > 0xffffffff)) t.fail(`columns of ${i}`);
      if (dump.stack.subarray(...[stackStart[0], stackStart[count]]).some((frame) => frame >= dump.frames.count))
        t.fail(`frames of ${i}`);
      const sum = report(profileOfDump(dump), 'top').total;
      if (sum !== BigInt(total(dump))) t.fail(`the sum of ${i}: ${sum}, not ${total(dump)}`);
    }
    try {
      openBytes(source);
      read++;
    } catch (error) {
      if (!(error instanceof ProfileError) || error.code === 'internal') throw error;
    }
  }
  t.ok(read > 200, `${read} of 300 were read`);
  t.end();
});
