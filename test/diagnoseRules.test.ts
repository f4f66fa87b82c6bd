// The rules of diagnose: what each finds, and what is just no finding, at its limits. Those that look at dumps are in dumpCases.ts.

import t from 'tap';
import { deadlock } from '../src/analyse/diagnose/deadlock.js';
import type { Facts } from '../src/analyse/diagnose/facts.js';
import { DIAGNOSE_RULES } from '../src/analyse/diagnose/rules.js';
import { namesIn, runRules } from '../src/analyse/rule.js';
import { ALL_RULES } from '../src/index.js';
import { said } from '../src/model/finding.js';
import { sayText } from '../src/render/said.js';
import { cases, rule } from './dumpCases.js';
import { contention, cpu, dump, facts, heap, holder, ids, lock, MIB, place, standing } from './facts.js';

const asks = (charged: number, kind: string, part: number) => ({ 'main.f': { charged, asked: { [kind]: part } } });
rule('hot-function', [
  ['35 % of its own', { cpu: cpu({ 'main.f': 35 }) }, 'warning'],
  ['34 %', { cpu: cpu({ 'main.f': 34 }) }, 'note'],
  ['20 %', { cpu: cpu({ 'main.f': 20 }) }, 'note'],
  ['19 %', { cpu: cpu({ 'main.f': 19 }) }],
  ['60 % with regular expressions', { cpu: cpu(asks(60, 'regexp', 40)) }, 'warning'],
  ['59 % with them', { cpu: cpu(asks(59, 'regexp', 40)) }, 'note'],
  ['59 % that is cryptography', { cpu: cpu(asks(59, 'crypto', 50)) }, 'note'],
  ['60 % that is', { cpu: cpu(asks(60, 'crypto', 50)) }, 'warning'],
  ['0.3 cores busy', { cpu: cpu({ 'main.f': 90 }, {}, 30) }, 'warning'],
  ['less than that', { cpu: cpu({ 'main.f': 90 }, {}, 31) }, 'note'],
  ['a program that is idle', { cpu: cpu({ 'main.f': 90 }, {}, 101) }],
]);

rule('hot-path', [
  ['half below one', { cpu: cpu({ 'main.run': { charged: 5, cum: 50 }, 'main.a': 19 }) }, 'note'],
  ['49 %', { cpu: cpu({ 'main.run': { charged: 5, cum: 49 }, 'main.a': 19 }) }],
  ['a function stands out', { cpu: cpu({ 'main.run': { charged: 5, cum: 50 }, 'main.a': 20 }) }],
  ['main is above all', { cpu: cpu({ 'main.main': { charged: 0, cum: 100 } }) }],
]);

rule('gc-time', [
  ['15 %', { cpu: cpu({}, { gc: 15 }) }, 'note'],
  ['14 %', { cpu: cpu({}, { gc: 14 }) }],
  ['25 %', { cpu: cpu({ 'main.f': { charged: 9, asked: { allocation: 9 } } }, { gc: 25 }) }, 'warning'],
  ['60 %', { cpu: cpu({}, { gc: 60 }) }, 'critical'],
  ['of next to nothing', { cpu: cpu({}, { gc: 60 }, 101) }],
]);

rule('overhead', [
  ['a quarter goes to JSON', { cpu: cpu({ 'main.f': { charged: 19, asked: { json: 19 } } }, { json: 25 }) }, 'note'],
  ['less', { cpu: cpu({}, { json: 24 }) }],
  ['a hot function has said it', { cpu: cpu(asks(30, 'json', 25), { json: 25 }) }],
  ['cryptography is wanted', { cpu: cpu({}, { crypto: 90 }) }],
  ['garbage collection has a rule', { cpu: cpu({}, { gc: 90 }) }],
]);

const little = (percent: number, seconds = 5) => ({ ...cpu({}, {}, seconds), total: BigInt(percent) * 10n ** 8n });
rule('few-samples', [
  ['0.08 cores', { cpu: little(4) }, 'note'],
  ['0.1 cores', { cpu: little(5) }],
  ['a profile without a duration', { cpu: little(1, 0) }],
]);

const fills = (grown: number, of: Parameters<typeof heap>[2] = {}, allocated = grown, was = 10) => ({
  heap: heap(
    { 'main.f': was + grown },
    { 'main.f': 100 + allocated },
    { before: [{ 'main.f': was }, { 'main.f': 100 }], ...of },
  ),
});
rule('heap-growth', [
  ['4 MiB', fills(4), 'warning'],
  ['3.9 MiB', fills(3.9)],
  ['half of what it allocated', fills(10, {}, 20), 'warning'],
  ['less is work in flight', fills(10, {}, 21)],
  ['3 % of the heap', fills(10, {}, 10, 323), 'warning'],
  ['less of it', fills(10, {}, 10, 324)],
  ['more than was allocated: the profile lags', fills(16, { allocatedBetween: 10 * MIB })],
  ['about as much as was', fills(15, { allocatedBetween: 10 * MIB }), 'warning'],
  ['1 MiB, and the statistics say more', fills(1, { live: { before: 10 * MIB, after: 14 * MIB } }), 'warning'],
  ['1 MiB, and they say little', fills(1, { live: { before: 10 * MIB, after: 13.9 * MIB } })],
  ['a heap that doubles', { ...fills(300), uptimeSeconds: 60 }, 'critical'],
  ['while the program starts', { ...fills(300), uptimeSeconds: 9 }, 'warning'],
  ['one look alone', { heap: heap({ 'main.f': 900 }, { 'main.f': 900 }) }],
]);

const keeps = (inuse: number, alloc: number, between = 20, uptimeSeconds: number | undefined = 60) => ({
  uptimeSeconds,
  heap: heap(
    { 'main.f': inuse, 'main.g': 32 },
    { 'main.f': alloc },
    {
      ...{ before: [{ 'main.f': inuse, 'main.g': 32 }, { 'main.f': alloc }], allocatedBetween: between * MIB },
    },
  ),
});
rule('heap-kept', [
  ['80 % of all that it allocated', keeps(32, 40), 'warning'],
  ['79 %', keeps(32, 40.6)],
  ['less than 32 MiB', keeps(31.9, 31.9)],
  ['the program is young', keeps(32, 40, 20, 59), 'note'],
  ['nobody knows how old', { ...keeps(32, 40), uptimeSeconds: undefined }],
  ['it allocates no more', keeps(32, 40, 9)],
  ['the profile shows what came', { ...fills(40, { allocatedBetween: 40 * MIB }, 40, 0), uptimeSeconds: 60 }],
]);

rule('heap-keeper', [
  ['half of 64 MiB', { heap: heap({ 'main.f': 32 }, {}, { total: 64 }) }, 'note'],
  ['less than half', { heap: heap({ 'main.f': 31.9 }, {}, { total: 64 }) }],
  ['of a small heap', { heap: heap({ 'main.f': 63.9 }, {}) }],
]);

const churns = (rate: number, others = 0, gc = 0): Partial<Facts> => ({
  heap: heap(
    { 'main.f': 1, 'main.g': 1, 'main.h': 1, 'main.i': 1 },
    { 'main.f': rate * 10, 'main.g': others / 3, 'main.h': others / 3, 'main.i': others / 3 },
    { before: [{}, {}] },
  ),
  cpu: cpu({}, { gc }),
});
rule('alloc-churn', [
  ['50 MiB a second', churns(50), 'note'],
  ['49', churns(49)],
  ['half of all, and collection costs', churns(50, 498, 15), 'warning'],
  ['less than half', churns(50, 501, 15), 'note'],
  ['collection costs little', churns(50, 0, 14), 'note'],
  ['less than 30 %', churns(50, 1300)],
  ['since the start', { heap: heap({}, { 'main.f': 5000 }), uptimeSeconds: 100 }, 'note'],
  [
    'who keeps nothing',
    {
      heap: heap({ 'main.g': 1 }, { 'main.f': 1000 }, { before: [{ 'main.g': 1 }, { 'main.f': 100 }] }),
    },
    'note',
  ],
  ['since nobody knows when', { heap: heap({}, { 'main.f': 5000 }) }],
]);

const someday = (delay: number, contentions: bigint) => ({
  mutex: contention({ 'main.f': delay }, { contentions, seconds: undefined }),
});
rule('files-growth', [
  [
    '20 more, and no goroutines',
    { openFiles: { before: 100, after: 120 }, dump: { ...dump([]), before: 0 } },
    'warning',
  ],
  ['19', { openFiles: { before: 100, after: 119 } }],
  ['less than 2 %', { openFiles: { before: 2000, after: 2039 } }],
  [
    'half as many goroutines came: load',
    { openFiles: { before: 100, after: 140 }, dump: { ...dump([]), goroutines: 20, before: 0 } },
    'note',
  ],
  ['nobody knows of goroutines', { openFiles: { before: 100, after: 140 } }, 'note'],
]);

rule('contended-lock', [
  ['three seconds in ten', { mutex: contention({ 'main.f': 3 }) }, 'warning'],
  ['half a second in ten', { mutex: contention({ 'main.f': 0.5 }) }, 'note'],
  ['less', { mutex: contention({ 'main.f': 0.49 }) }],
  ['one with less than a fifth is left out', { mutex: contention({ 'main.f': 30, 'main.g': 7 }) }, 'warning'],
  [
    'locks of a block profile',
    { block: contention({ 'main.f': { charged: 9, asked: { locks: 3 } } }, { kinds: { locks: 3 } }) },
    'warning',
  ],
  [
    'channels are no contention',
    { block: contention({ 'main.f': { charged: 9, asked: { channel: 9 } } }, { kinds: { channel: 9 } }) },
  ],
  ['since nobody knows when, 1 ms each', someday(1, 1000n), 'warning'],
  ['less than that each', someday(1, 1001n)],
  ['less in all', someday(0.9, 1n)],
]);

const of = (...identities: readonly Omit<Facts['identities'][number], 'file'>[]): Partial<Facts> => ({
  identities: identities.map((one, i) => ({ file: `f${i}`, ...one })),
});
rule('mixed-processes', [
  ['two build ids', of({ buildId: 'a' }, { buildId: 'b' }), 'warning'],
  ['two process ids', of({ pid: 1 }, { pid: 2 }), 'warning'],
  ['two versions', of({ version: '1' }, { version: '2' }), 'warning'],
  ['two command lines', of({ commandLine: 'a' }, { commandLine: 'b' }), 'warning'],
  ['goroutines', { mismatches: [{ what: 'goroutines', says: said('they differ') }] }, 'warning'],
  ['a quarter of an hour and more', of({ time: 0 }, { time: 900_001 }), 'note'],
  ['a quarter of an hour', of({ time: 0 }, { time: 900_000 })],
  ['one says nothing', of({ pid: 1, buildId: 'a' }, { version: '1', commandLine: 'a' })],
]);

const counted = (n: number, profiledGoroutines: number, more: Parameters<typeof dump>[1] = {}) => ({
  ...{ dump: dump([place('select', n)], more), profiledGoroutines },
});
rule('counts-disagree', [
  ['twice as many', counted(100, 200), 'note'],
  ['half as many', counted(200, 100), 'note'],
  ['nearly', counted(101, 200)],
  ['few', counted(40, 89)],
  ['the first look is as the profile', counted(500, 100, { before: 100 })],
  ['a dump that is counted is a profile', counted(100, 900, { isCounted: true })],
]);

rule('heap-disagrees', [
  ['three times as much', { heap: heap({ 'main.f': 96 }, {}), heapAlloc: 32 * MIB }, 'note'],
  ['less', { heap: heap({ 'main.f': 96 }, {}), heapAlloc: 32.1 * MIB }],
  ['little', { heap: heap({ 'main.f': 63 }, {}), heapAlloc: 0.5 * MIB }],
  ['the profile lags', { heap: heap({ 'main.f': 32 }, {}), heapAlloc: 960 * MIB }],
]);

for (const row of DIAGNOSE_RULES)
  t.test(`${row.name} finds by its limits, and says all that it knows`, (t) => {
    for (const { what, of, finds } of cases.get(row.name) ?? []) {
      const found = runRules([row], facts(of));
      t.same(
        found.map(({ severity }) => severity),
        finds,
        what,
      );
      for (const { says, evidence, means } of found)
        for (const one of [says, ...evidence, means]) t.notMatch(sayText(one), /\?|[{}]|NaN|Infinity|undefined/, what);
    }
    t.end();
  });

t.test('a program that is well, and one of which nothing is known, have no findings', (t) => {
  t.same(runRules(DIAGNOSE_RULES, facts()), []);
  const well = facts({
    dump: dump([place('select', 100), place('IO wait', 20)], { before: 120, seconds: 5 }),
    cpu: cpu({ 'main.a': 10, 'main.b': { charged: 10, cum: 40 } }, { gc: 5, json: 10 }),
    heap: heap(
      { 'main.a': 20, 'main.b': 20 },
      { 'main.a': 100 },
      { before: [{ 'main.a': 20, 'main.b': 20 }, { 'main.a': 90 }] },
    ),
    mutex: contention({ 'main.a': 0.1 }),
  });
  t.same(runRules(DIAGNOSE_RULES, well), []);
  t.end();
});

t.test('each rule has a case that it finds and one that it does not, and says where its limits come from', (t) => {
  t.same([...cases.keys()].sort(), DIAGNOSE_RULES.map(({ name }) => name).sort());
  for (const [name, rows] of cases) {
    t.ok(
      rows.some(({ finds }) => finds.length > 0),
      name,
    );
    t.ok(
      rows.some(({ finds }) => finds.length === 0),
      name,
    );
  }
  for (const { name, limits, why, looksAt, means } of DIAGNOSE_RULES) {
    for (const one of namesIn(why)) t.ok(one in limits, `${name}: ${one}`);
    t.ok(looksAt !== '' && means !== '' && why !== '', name);
  }
  t.equal(new Set(ALL_RULES.map(({ name }) => name)).size, ALL_RULES.length, 'no name is that of two');
  t.end();
});

t.test('a deadlock says of each member where it waits, and for whom', (t) => {
  const named = (name: string) => ({ name: `RWMutex in main.${name}` });
  const at = (goroutine: number, name: string) => standing(goroutine, { function: `main.${name}`, line: goroutine });
  // 1 waits behind the writer 2, which waits for the reader 1; 3 waits for what 1 holds, though 1 is not beside it.
  const cycles = [[1, 2, 3, 4]];
  const locks = [
    lock([1, 2], { ...named('A'), holders: [holder(3), holder(1)] }),
    lock([3], { ...named('B'), holders: [holder(1)] }),
    lock([4], { ...named('C'), holders: [holder(1)] }),
  ];
  const stuckGoroutines = [at(1, 'Get'), at(2, 'Set'), at(3, 'Move')];
  const [found] = runRules([deadlock], facts({ dump: dump([], { blocked: { cycles, locks, stuckGoroutines } }) }));
  t.equal(
    sayText(found.says),
    '4 goroutines wait for each other in a deadlock: main.Get, main.Set, main.Move, main.(*Bank).Get',
  );
  t.match(found.place, { function: 'main.Get', line: 1 });
  t.match(
    found.evidence.map((one) => sayText(one)),
    [
      /^goroutine 1 has waited for 3 min in main\.Get \(main\.go:1\) for the RWMutex in main\.A, behind goroutine 2, /,
      /^goroutine 2 .* in main\.Set .* RWMutex in main\.A, held by goroutine 3 \(likely/,
      /^goroutine 3 .* in main\.Move .* RWMutex in main\.B, held by goroutine 1 \(likely/,
      /^goroutine 4 .* RWMutex in main\.C, held by goroutine 1 \(likely/,
    ],
  );
  t.end();
});

t.test('of one rule the fifty heaviest are told, and the others counted', (t) => {
  const leaks = Array.from({ length: 60 }, (_, i) => ({
    ...{ kind: 'sender' as const, goroutines: ids(5 + i), creatorGone: 0, createdBy: '' },
    ...{ function: `main.send${i}`, file: 'main.go', line: i + 1 },
  }));
  const found = runRules(DIAGNOSE_RULES, facts({ dump: dump([], { blocked: { leaks } }) }));
  t.equal(found.length, 50);
  t.equal(found[0].place?.function, 'main.send59');
  t.match(sayText(found[49].evidence[0]), /^10 more of this rule, of no more weight, are left out$/);
  t.equal(found[48].evidence.length, 0);
  t.end();
});
