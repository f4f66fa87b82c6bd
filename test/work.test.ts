// Whose work a profile is: the pass of the core against the plain reference, and what names make of it.

import { readFileSync } from 'node:fs';
import t from 'tap';
import { readFunctionName } from '../src/analyse/names.js';
import { WORK_KINDS, workKindOf } from '../src/analyse/workKinds.js';
import { OWN } from '../src/core/abi.js';
import { setCore } from '../src/core/instance.js';
import { openBytes, resolve } from '../src/index.js';
import { partOf } from '../src/model/work.js';
import { select } from '../src/query/selection.js';
import { workOf } from '../src/report/work.js';
import { draw, encode, randomDrawing } from './draw.js';
import { work } from './reference.js';

const debug = new Uint8Array(readFileSync(new URL('../build/tspprof.debug.wasm', import.meta.url)));

/** f0, f3 … are own; the others are of kind 0, 1, 2. */
const roleOf = (name: string) => {
  const n = Number(name.slice(1));
  return n % 3 === 0 ? -1 : (n - 1) % 4 === 3 ? 0 : n % 3;
};

for (const [build, core] of [
  ['release', undefined],
  ['debug', debug],
] as const) {
  t.test(`${build}: the core charges samples as the reference does`, (t) => {
    setCore(core);
    t.teardown(() => setCore(undefined));
    for (let seed = 1; seed <= 60; seed++) {
      const drawing = randomDrawing(seed);
      const profile = openBytes(encode(drawing));
      const expected = work(drawing, 1, roleOf);
      profile.stacks.scope((scope) => {
        const { nodeCount, nodeInfo } = select(scope, profile, resolve({ granularity: 'lines', sample_index: '1' }));
        const owners = [''];
        const roles = Uint32Array.from({ length: nodeCount }, (_, node) => {
          const { name } = nodeInfo(node);
          if (name === '') return 0;
          if (roleOf(name) >= 0) return roleOf(name);
          if (!owners.includes(name)) owners.push(name);
          return OWN | owners.indexOf(name);
        });
        const columns = scope.work(profile.valueColumns[1], roles, owners.length - 1, 2);
        const linesOf = new Map<string, bigint>();
        for (const [node, value] of columns.lines.entries()) {
          const { name } = nodeInfo(node);
          linesOf.set(name, BigInt.asIntN(64, (linesOf.get(name) ?? 0n) + value));
        }
        for (const [row, name] of owners.entries()) {
          t.equal(columns.charged[row], expected.charged.get(name) ?? 0n, `${seed} charged ${name}`);
          if (row > 0) t.equal(columns.cum[row], expected.cum.get(name) ?? 0n, `${seed} cum ${name}`);
          if (row > 0) t.equal(linesOf.get(name) ?? 0n, columns.charged[row], `${seed} lines of ${name}`);
          for (let kind = 0; kind <= 2; kind++)
            t.equal(columns.through[row * 3 + kind], expected.through.get(`${name}/${kind}`) ?? 0n);
          for (let kind = 1; kind <= 2; kind++)
            t.equal(columns.within[row * 3 + kind], expected.within.get(`${name}/${kind}`) ?? 0n);
        }
        for (let kind = 1; kind <= 2; kind++) t.equal(columns.kinds[kind], expected.kinds.get(kind) ?? 0n);
      });
    }
    t.end();
  });
}

t.test('what library and runtime do is charged to the function that asked for it, at its line', (t) => {
  const profile = openBytes(
    draw(`runtime.goexit;net/http.(*conn).serve;example.com/shop.Search@s.go:7;regexp.MustCompile;runtime.mallocgc 10
runtime.goexit;net/http.(*conn).serve;example.com/shop.Search@s.go:9 2
runtime.goexit;net/http.(*conn).serve;example.com/shop.Search@s.go:7;example.com/shop.score@s.go:20;memeqbody 5
runtime.goexit;net/http.(*conn).serve;bufio.(*Reader).Peek 1
runtime.gcBgMarkWorker;runtime.gcDrain;runtime.scanObject 4`),
  );
  const { functions, nobody, kinds, total } = workOf(profile);
  t.equal(total, 22n);
  const [search, score] = functions;
  t.match(search, { name: 'example.com/shop.Search', file: 's.go', line: 7, charged: 12n, cum: 17n });
  t.same(search.through, [{ kind: 'regexp-compile', value: 10n }]);
  t.equal(partOf(search.within, 'allocation'), 10n);
  t.match(score, { name: 'example.com/shop.score', line: 20, charged: 5n, cum: 5n });
  t.equal(nobody.value, 5n);
  t.equal(partOf(nobody.through, 'gc'), 4n);
  t.equal(partOf(kinds, 'allocation'), 10n);
  t.equal(partOf(kinds, 'regexp-compile'), 10n);
  t.end();
});

t.test('an inlined function is charged like another, and recursion counts once in cum', (t) => {
  const profile = openBytes(draw('runtime.main;main.a;main.b>main.c 3\nruntime.main;main.a;main.a;main.b 4'));
  const of = (name: string) => workOf(profile).functions.find((row) => row.name === name);
  t.match(of('main.c'), { charged: 3n, cum: 3n });
  t.match(of('main.b'), { charged: 4n, cum: 7n });
  t.match(of('main.a'), { charged: 0n, cum: 7n });
  t.end();
});

t.test('a profile of no Go program has no library', (t) => {
  const { functions } = workOf(openBytes(draw('main;compute 3\nmain;malloc 1')));
  t.same(
    functions.map(({ name, charged }) => [name, charged]),
    [
      ['compute', 3n],
      ['malloc', 1n],
      ['main', 0n],
    ],
  );
  t.end();
});

t.test('names of real profiles are of the kind that they say', (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['runtime.gcBgMarkWorker.func2', 'gc'],
    ['runtime.gcAssistAlloc1', 'gc'],
    ['runtime.(*gcWork).balance', 'gc'],
    ['runtime.scanObject', 'gc'],
    ['runtime.bgsweep', 'gc'],
    ['runtime.mallocgcSmallScanNoHeader', 'allocation'],
    ['runtime.growslice', 'allocation'],
    ['runtime.findRunnable', 'scheduler'],
    ['runtime.futex', 'scheduler'],
    ['internal/sync.(*Mutex).lockSlow', 'locks'],
    ['sync.(*RWMutex).RLock', 'locks'],
    ['runtime.mapaccess2_faststr', 'map'],
    ['internal/runtime/maps.(*Map).getWithKey', 'map'],
    ['aeshashbody', 'map'],
    ['runtime.memmove', 'copy'],
    ['runtime.memclrNoHeapPointers', 'copy'],
    ['encoding/json.Marshal', 'json'],
    ['regexp/syntax.(*parser).parse', 'regexp-compile'],
    ['regexp.(*Regexp).doExecute', 'regexp'],
    ['runtime.copystack', 'stack-growth'],
    ['runtime.selectgo', 'channel'],
    ['internal/runtime/syscall.Syscall6', 'syscall'],
    ['crypto/internal/fips140/sha256.blockSHANI', 'crypto'],
    ['cmpbody', 'text'],
  ];
  for (const [name, kind] of rows) t.equal(WORK_KINDS[workKindOf(name) - 1]?.name, kind, name);
  t.equal(workKindOf('runtime.goexit'), 0);
  t.ok(WORK_KINDS.length <= 31);
  t.ok(readFunctionName('runtime.goexit').isStandard);
  t.end();
});
