// The reader of goroutine dumps: peers' fixtures with what they read, headers of every Go version, damage.

import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { decodeDumps } from '../src/decode/dump/dump.js';
import { DURABLE, type Dump, HEADLESS, LEAKED, LOCKED, SCAN, SYSTEM, TRUNCATED } from '../src/model/dump.js';

const fixtures = new URL('./fixtures/dumps/', import.meta.url);
const read = (name: string) => decodeDumps(readFileSync(new URL(name, fixtures)));
const decode = (text: string) => decodeDumps(Buffer.from(text));

interface Frame {
  Func: string;
  File: string;
  Line: number;
}

const frameOf = ({ frames, functions, files }: Dump, row: number): Frame | undefined =>
  row < 0
    ? undefined
    : { Func: functions.get(frames.func[row]), File: files.get(frames.file[row]), Line: frames.line[row] };

/** As gostackparse has it, without what is empty. */
function goroutinesOf(dump: Dump): object[] {
  const { goroutines, stack, states, elisions, ancestors } = dump;
  return Array.from({ length: goroutines.count }, (_, g) => {
    let ancestor: object | undefined;
    for (const { id, frames, createdBy } of [...(ancestors.get(g) ?? [])].reverse())
      ancestor = {
        ID: id,
        State: '',
        Wait: 0,
        LockedToThread: false,
        Stack: frames.map((row) => frameOf(dump, row)),
        FramesElided: false,
        CreatedBy: frameOf(dump, createdBy),
        Ancestor: ancestor,
      };
    return {
      ID: goroutines.id[g],
      State: states[goroutines.state[g]],
      Wait: goroutines.waitMinutes[g] * 60e9,
      LockedToThread: (goroutines.flags[g] & LOCKED) !== 0,
      Stack: [...stack.subarray(goroutines.stackStart[g], goroutines.stackStart[g + 1])].map((row) =>
        frameOf(dump, row),
      ),
      FramesElided: elisions.has(g),
      CreatedBy: frameOf(dump, goroutines.createdBy[g]),
      Ancestor: ancestor,
    };
  });
}

const plain = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, v) => (v === null || (Array.isArray(v) && v.length === 0) ? undefined : v)) ?? '[]',
  );

const names = readdirSync(new URL('gostackparse/', fixtures)).filter((name) => name.endsWith('.txt'));
for (const name of names) {
  const golden = JSON.parse(
    readFileSync(new URL(`gostackparse/${name.replace('.txt', '.golden.json')}`, fixtures), 'utf8'),
  );
  const [dump] = read(`gostackparse/${name}`);
  if (golden.Errors === null)
    t.test(`gostackparse's ${name} gives the same goroutines`, (t) => {
      t.same(plain(goroutinesOf(dump)), plain(golden.Goroutines ?? []));
      t.end();
    });
  else
    t.test(`gostackparse's ${name}, which it cannot read, gives no fewer goroutines`, (t) => {
      t.ok(dump.goroutines.count >= (golden.Goroutines ?? []).length && dump.goroutines.count > 0);
      t.end();
    });
}

t.test("goleak's dumps have their ids and states", (t) => {
  for (const name of ['http.txt', 'http.go1.20.txt', 'http.tracebackancestors.txt']) {
    const [{ goroutines, states }] = read(`goleak/${name}`);
    t.equal(goroutines.count, 5, name);
    t.equal(states[goroutines.state[0]], 'running', name);
    t.ok([...goroutines.id].every((id) => id > 0));
  }
  t.end();
});

t.test('headers of every version are read', (t) => {
  const header = (text: string) => {
    const [dump] = decode(`${text}\nmain.f(0x1)\n\t/a.go:1 +0x2\n`);
    const { goroutines, states, labels, bubbles } = dump;
    return {
      id: goroutines.id[0],
      state: states[goroutines.state[0]],
      minutes: goroutines.waitMinutes[0],
      flags: goroutines.flags[0],
      labels: Object.fromEntries(labels.get(0) ?? []),
      bubble: bubbles.get(0),
    };
  };
  t.match(header('goroutine 5 [chan receive]:'), { id: 5, state: 'chan receive', minutes: 0, flags: 0 });
  t.match(header('goroutine 7 [select, 12 minutes, locked to thread]:'), { minutes: 12, flags: LOCKED });
  t.match(header('goroutine 9 [runnable (scan)]:'), { state: 'runnable', flags: SCAN });
  t.match(header('goroutine 1 gp=0xc0000061c0 m=nil [chan receive]:'), { id: 1, state: 'chan receive', flags: SYSTEM });
  t.match(header('goroutine 6 gp=0xc0000d08c0 m=0 mp=0xd85e60 [syscall]:'), { id: 6, state: 'syscall', flags: SYSTEM });
  t.match(header('goroutine 37 [chan send (durable), synctest bubble 3]:'), {
    state: 'chan send',
    flags: DURABLE,
    bubble: 3,
  });
  t.match(header('goroutine 23 [chan send (leaked), 4 minutes]:'), { state: 'chan send', flags: LEAKED, minutes: 4 });
  t.match(header('goroutine 8 [IO wait labels:{"ten\\"ant": "t]1\\n", "a": "b"}]:'), {
    state: 'IO wait',
    labels: { 'ten"ant': 't]1\n', a: 'b' },
  });
  t.match(header('goroutine 1234 [select, 2 minutes]{"k": "v"}:'), { state: 'select', minutes: 2, labels: { k: 'v' } });
  t.match(header('goroutine 4 [a reason of tomorrow, 1 minutes]:'), { state: 'a reason of tomorrow', minutes: 1 });
  t.end();
});

t.test('created by, its goroutine, elided frames and escaped names are kept', (t) => {
  const [dump] = decode(
    'goroutine 5 [select]:\ngopkg.in/yaml%2ev2.(*T).f(...)\n\t/a b/c.go:12\n...151 frames elided...\nmain.g({0x1, _, ...}, 0x2?)\n\tC:/x.go:7 +0x1d fp=0xc0 sp=0xc1 pc=0x4\ncreated by main.serve in goroutine 77\n\t/s.go:3 +0x9\n',
  );
  t.match(goroutinesOf(dump)[0], {
    Stack: [
      { Func: 'gopkg.in/yaml.v2.(*T).f', File: '/a b/c.go', Line: 12 },
      { Func: 'main.g', File: 'C:/x.go', Line: 7 },
    ],
    FramesElided: true,
    CreatedBy: { Func: 'main.serve', File: '/s.go', Line: 3 },
  });
  t.equal(dump.goroutines.creator[0], 77);
  t.same(dump.elisions.get(0), { after: 1, count: 151 });
  t.same(dump.issues, []);
  t.end();
});

t.test('a message that looks like a goroutine is a message', (t) => {
  const [dump] = decode(
    'panic: bad\ngoroutine 99 [running]:\nmain.fake()\n\t/f.go:1 +0x1\n\ngoroutine 1 [running]:\nmain.main()\n\t/m.go:2 +0x1\n\ngoroutine 2 [select]:\nmain.g()\n\t/m.go:3 +0x1\nexit status 2\n',
  );
  t.same([...dump.goroutines.id], [1, 2]);
  t.match(dump.reasons, [{ kind: 'panic', message: /^bad\ngoroutine 99/, line: 1 }]);
  t.equal(dump.goroutines.line[0], 6);
  t.end();
});

t.test('race reports give the accesses, with who started them', (t) => {
  const [dump] = decode(
    '==================\nWARNING: DATA RACE\nWrite at 0x00c00001c0a8 by goroutine 7:\n  main.f()\n      /r.go:9 +0x3a\n\nPrevious read at 0x00c00001c0a8 by main goroutine:\n  main.main()\n      /r.go:14 +0x8\n\nGoroutine 7 (running) created at:\n  main.main()\n      /r.go:8 +0x4\n==================\nFound 1 data race(s)\nexit status 66\n',
  );
  t.equal(dump.form, 'race report');
  t.same([...dump.goroutines.id], [7, 1]);
  t.same(
    [...dump.goroutines.state].map((row) => dump.states[row]),
    ['data race: write', 'data race: previous read'],
  );
  t.match(goroutinesOf(dump)[0], { Stack: [{ Func: 'main.f', Line: 9 }], CreatedBy: { Func: 'main.main', Line: 8 } });
  t.same(dump.issues, []);
  t.end();
});

t.test('damage is told with its line, and nothing else is lost', (t) => {
  const [cut] = decode(
    'goroutine 1 [running]:\nmain.main()\n\t/m.go:2 +0x1\n\ngoroutine 2 [select]:\nmain.g()\n\t/m.g',
  );
  t.equal(cut.goroutines.count, 2);
  t.ok(cut.goroutines.flags[1] & TRUNCATED);
  t.ok(cut.issues.some(({ fact, line }) => fact.includes('ends inside') && line === 5));
  const [headless] = decode('main.g()\n\t/m.go:2 +0x1\n\ngoroutine 2 [select]:\nmain.g()\n\t/m.go:2 +0x1\n');
  t.ok(headless.goroutines.flags[0] & HEADLESS);
  t.equal(headless.goroutines.count, 2);
  const two = decode('goroutine 1 [running]:\nmain.main()\n\t/m.go:2 +0x1\n\n'.repeat(2));
  t.equal(two.length, 2, 'an id that comes again begins another dump');
  const [crlf] = decode('goroutine 1 [running]:\r\nmain.main()\r\n        /m.go:2 +0x1\r\n\r\n');
  t.match(goroutinesOf(crlf)[0], { Stack: [{ Func: 'main.main', File: '/m.go', Line: 2 }] });
  t.end();
});

t.test('a header that cannot be read ends the stack before it, and keeps its frames apart', (t) => {
  for (const header of [
    'goroutine -3 [select]:',
    'goroutine 99999999999999999999 [select]:',
    'goroutine x [select]:',
  ]) {
    const [dump] = decode(`goroutine 5 [select]:\nmain.b()\n\t/a.go:1 +0x1\n\n${header}\nmain.d()\n\t/a.go:2 +0x1\n`);
    t.same([...dump.goroutines.id], [5, -1], header);
    t.match(goroutinesOf(dump), [{ Stack: [{ Func: 'main.b' }] }, { Stack: [{ Func: 'main.d' }] }]);
    t.equal(plain(goroutinesOf(dump)[0]).Stack.length, 1);
    t.match(dump.issues, [{ fact: /header cannot be read/, line: 5 }]);
  }
  t.end();
});

t.test('an id that comes again is another dump only where one begins', (t) => {
  const one = (id: number, state = 'select') => `goroutine ${id} [${state}]:\nmain.f()\n\t/a.go:1 +0x1\n\n`;
  const [kept, ...others] = decode(one(4) + one(5) + one(6) + one(5));
  t.same([...kept.goroutines.id], [4, 5, 6, 5]);
  t.equal(others.length, 0);
  t.match(kept.issues, [{ fact: /id comes again/, line: 13 }]);
  const ids = (text: string) => decode(text).map(({ goroutines }) => [...goroutines.id]);
  t.same(
    ids(one(1, 'running') + one(2) + one(3) + one(9, 'running') + one(1) + one(2)),
    [
      [1, 2, 3],
      [9, 1, 2],
    ],
    'it begins with the goroutine that writes it, though that is new',
  );
  t.same(ids(one(4) + one(5) + one(4) + one(5)), [
    [4, 5],
    [4, 5],
  ]);
  t.end();
});

t.test('reasons are UTF-8', (t) => {
  const [dump] = decode('fatal error: caf\u00e9\n\ngoroutine 1 [running]:\nmain.main()\n\t/m.go:2 +0x1\n');
  t.equal(dump.reasons[0].message, 'caf\u00e9');
  t.end();
});

t.test('whatever is done to a dump, it is read, and intact goroutines stay', (t) => {
  const source = readFileSync(new URL('gostackparse/waitsince.txt', fixtures));
  let seed = 20261127;
  const random = (n: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed % n;
  };
  for (let i = 0; i < 400; i++) {
    const bytes = Buffer.from(source);
    const from = random(bytes.length);
    const kind = random(3);
    if (kind === 0) bytes.fill(random(256), from, Math.min(bytes.length, from + 1 + random(40)));
    else if (kind === 1) for (let k = 0; k < 20; k++) bytes[random(bytes.length)] = random(256);
    const text = kind === 2 ? bytes.subarray(0, from) : bytes;
    const whole = text.toString('latin1').match(/(^|\n)goroutine \d+ \[[a-zA-Z ]+(, \d+ minutes)?\]:\n/g)?.length ?? 0;
    const count = decodeDumps(text).reduce((sum, { goroutines }) => sum + goroutines.count, 0);
    if (count < whole) t.fail(`case ${i}: ${count} of ${whole} goroutines`);
  }
  t.pass();
  t.end();
});
