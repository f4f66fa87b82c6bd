// The rules of memory and system: what each finds, and what is just no finding; series, restarts, healthy programs.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { memoryFigures } from '../src/analyse/memory.js';
import { MEMORY_RULES } from '../src/analyse/memoryRules.js';
import { stepBetween } from '../src/analyse/memorySteps.js';
import { namesIn, runRules } from '../src/analyse/rule.js';
import { SYSTEM_RULES } from '../src/analyse/systemRules.js';
import { type AroundVars, varsFacts } from '../src/analyse/varsFacts.js';
import { decodeVars } from '../src/decode/vars/vars.js';
import type { Finding } from '../src/model/finding.js';
import type { MemStats, ProcessInfo, SysInfo, VarsSample } from '../src/model/vars.js';
import { sayText } from '../src/render/said.js';

const fixture = (name: string) => {
  const bytes = readFileSync(new URL(`./fixtures/vars/${name}`, import.meta.url));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
};
const samplesOf = (name: string) => decodeVars(fixture(name)).samples;
const series = samplesOf('series.jsonl.gz');

const MIB = 1024 ** 2;
const START = 1_795_411_000;
const big = (n: number) => BigInt(Math.round(n));

/** A healthy process: 100 GCs in 1000 s, 50 MiB of heap. */
function healthy(memStats: Partial<MemStats> = {}, more: Partial<VarsSample> = {}): VarsSample {
  const ends = Array.from({ length: 256 }, (_, i) => (i < 100 ? big((START + 10 + i * 10) * 1e9) : 0n));
  return {
    source: 'expvar',
    memStats: {
      ...{ Sys: big(100 * MIB), HeapSys: big(80 * MIB), HeapIdle: big(25 * MIB), HeapInuse: big(55 * MIB) },
      ...{ HeapReleased: big(5 * MIB), HeapAlloc: big(50 * MIB), HeapObjects: 500_000n, Mallocs: 10n ** 7n },
      ...{ Frees: 10n ** 7n - 500_000n, TotalAlloc: 10n ** 10n, StackInuse: big(2 * MIB), StackSys: big(2 * MIB) },
      ...{ MSpanSys: big(MIB), MCacheSys: 16384n, BuckHashSys: big(2 * MIB), GCSys: big(4 * MIB), OtherSys: big(MIB) },
      ...{ NextGC: big(80 * MIB), LastGC: ends[99], NumGC: 100n, NumForcedGC: 0n, PauseTotalNs: 5_000_000n },
      ...{ GCCPUFraction: 0.01, PauseNs: ends.map((end) => (end === 0n ? 0n : 50_000n)), PauseEnd: ends },
      ...memStats,
    },
    ...{ missing: [], badger: new Map(), otherVars: [], issues: [], ...more },
  };
}

const sys = (more: Partial<SysInfo>): SysInfo => ({ issues: [], ...more });
const machine = (more: Partial<ProcessInfo>): ProcessInfo => ({ pressure: [], issues: [], ...more });
const find = (samples: readonly VarsSample[], around: AroundVars = {}): Finding[] =>
  runRules([...MEMORY_RULES, ...SYSTEM_RULES], varsFacts(samples, around));
const told = (samples: readonly VarsSample[], around: AroundVars = {}) =>
  find(samples, around).map(({ rule, severity }) => `${rule} ${severity}`);
const one = (memStats: Partial<MemStats>, more: Partial<VarsSample> = {}, around: AroundVars = {}) =>
  told([healthy(memStats, more)], around);

t.test('a healthy process has no findings', (t) => {
  t.same(one({}), []);
  t.same(told([]), []);
  t.end();
});

t.test('recorded healthy programs give notes at most', (t) => {
  const { sys: kubo } = decodeVars(fixture('kubo.sysinfo.json'));
  t.same(told(samplesOf('kubo.json'), { sys: kubo }), ['gc-rate note', 'gc-pause note', 'offline note']);
  t.same(told(samplesOf('kubo-busy.json')), ['gc-rate note', 'gc-pause note']);
  t.same(told(samplesOf('idle.json')), []);
  t.same(told(samplesOf('heap.debug1.txt')), []);
  t.end();
});

t.test('the recorded server that leaks is found by its series', (t) => {
  const findings = find(series);
  t.same(
    findings.map(({ rule, severity }) => `${rule} ${severity}`),
    ['heap-growing warning'],
  );
  t.match(sayText(findings[0].says), /grew in each of \d+ samples: from [\d.]+ MiB to 5\d\.?\d* MiB in 11 s/);
  t.end();
});

const rows: readonly (readonly [name: string, hit: string[], miss: string[]])[] = [
  ['GC share', one({ GCCPUFraction: 0.06 }), one({ GCCPUFraction: 0.05 })],
  ['GC share, warning', one({ GCCPUFraction: 0.11 }), one({ GCCPUFraction: 0.049 })],
  ['GC share, critical', one({ GCCPUFraction: 0.26 }), one({ GCCPUFraction: 0 })],
  ['forced', one({ NumForcedGC: 11n }), one({ NumForcedGC: 10n })],
  ['forced, many', one({ NumForcedGC: 60n }), one({ NumForcedGC: 4n, NumGC: 100n })],
  ['off', one({ NextGC: 2n ** 64n - 1n }), one({ NextGC: 2n ** 61n })],
  ['off, in Go 1.26', one({ NextGC: 8946670875749132288n }), one({})],
  ['limit', one({}, { memoryLimit: big(100 * MIB) }), one({}, { memoryLimit: big(106 * MIB) })],
  ['over the limit', one({}, { memoryLimit: big(95 * MIB) }), one({}, { memoryLimit: 2n ** 63n - 1n })],
  ['the limit alone', one({}, { memoryLimit: big(100 * MIB), gogcPercent: -1 }), one({}, { gogcPercent: -1 })],
  ['age', one({}, { timeSeconds: START + 1000 + 201 }), one({}, { timeSeconds: START + 1000 + 199 })],
  ['age, long', one({}, { timeSeconds: START + 2000 }), one({})],
  [
    'retained',
    one({ HeapIdle: big(200 * MIB), Sys: big(300 * MIB) }),
    one({ HeapIdle: big(69 * MIB), Sys: big(200 * MIB) }),
  ],
  [
    'slack',
    one({ HeapInuse: big(150 * MIB), Sys: big(200 * MIB) }),
    one({ HeapInuse: big(113 * MIB), Sys: big(200 * MIB) }),
  ],
  [
    'large',
    one({ HeapAlloc: big(70 * MIB), HeapInuse: big(70 * MIB), BySize: [{ Size: 1024, Mallocs: 9n, Frees: 1n }] }),
    one({ HeapAlloc: big(63 * MIB), HeapInuse: big(70 * MIB), BySize: [{ Size: 1024, Mallocs: 9n, Frees: 1n }] }),
  ],
  ['small', one({ HeapObjects: 10n ** 7n + 1n }), one({ HeapObjects: 10n ** 7n })],
  [
    'stacks, each',
    one({ StackInuse: big(65 * MIB), Sys: big(1000 * MIB) }, { goroutines: 1000 }),
    one({ StackInuse: big(65 * MIB), Sys: big(1000 * MIB) }, { goroutines: 10_000 }),
  ],
  [
    'stacks, share',
    one({ StackInuse: big(65 * MIB), Sys: big(300 * MIB) }),
    one({ StackInuse: big(63 * MIB), Sys: big(300 * MIB) }),
  ],
  ['goroutines', one({}, { goroutines: 10_001 }), one({}, { goroutines: 10_000 })],
  ['goroutines, most', one({}, { goroutines: 100_001 }), one({}, {}, { goroutines: 99 })],
  [
    'overhead',
    one({ GCSys: big(130 * MIB), Sys: big(230 * MIB) }),
    one({ GCSys: big(120 * MIB), Sys: big(230 * MIB) }),
  ],
  ['profiling', one({ BuckHashSys: big(16 * MIB) + 1n }), one({ BuckHashSys: big(16 * MIB) })],
  ['off heap', one({}, { residentBytes: big(360 * MIB) }), one({}, { residentBytes: big(350 * MIB) })],
  ['files', one({}, { openFiles: 820, maxFiles: 1000 }), one({}, { openFiles: 800, maxFiles: 1000 })],
  ['files, full', one({}, {}, { process: [machine({ openFiles: 960, maxFiles: 1000 })] }), one({}, { openFiles: 5 })],
  [
    'disk',
    one({}, {}, { sys: sys({ availableBytes: big(900 * MIB) }) }),
    one({}, {}, { sys: sys({ availableBytes: big(1024 * MIB) }) }),
  ],
  ['disk, empty', one({}, {}, { sys: sys({ availableBytes: 0n }) }), one({}, {}, { sys: sys({}) })],
  [
    'memory',
    one({}, {}, { process: [machine({ memoryBytes: 1000n, freeMemoryBytes: 49n })] }),
    one({}, {}, { process: [machine({ memoryBytes: 1000n, freeMemoryBytes: 50n })] }),
  ],
  [
    'swap',
    one({}, {}, { process: [machine({ swapBytes: big(65 * MIB) })] }),
    one({}, {}, { sys: sys({ swapBytes: big(64 * MIB) }) }),
  ],
  ['offline', one({}, {}, { sys: sys({ online: false }) }), one({}, {}, { sys: sys({ online: true }) })],
  [
    'cores',
    one({}, { gomaxprocs: 3 }, { process: [machine({ cores: 8 })] }),
    one({}, { gomaxprocs: 4 }, { process: [machine({ cores: 8 })] }),
  ],
  [
    'pressure',
    one({}, {}, { process: [machine({ pressure: [{ name: 'cpu', last10: 0, last60: 0.21, last300: 0 }] })] }),
    one({}, {}, { process: [machine({ load: [4, 1, 1], cores: 2, pressure: [] })] }),
  ],
  [
    'badger, reads',
    one(
      {},
      {
        badger: new Map<string, bigint | Map<string, bigint>>([
          ['gets_total', 1000n],
          [
            'lsm_level_gets_total',
            new Map([
              ['0', 3000n],
              ['1', 1n],
            ]),
          ],
        ]),
      },
    ),
    one(
      {},
      {
        badger: new Map<string, bigint | Map<string, bigint>>([
          ['gets_total', 1000n],
          ['lsm_level_gets_total', new Map([['0', 3000n]])],
        ]),
      },
    ),
  ],
  [
    'badger, values',
    one(
      {},
      {
        badger: new Map([
          ['vlog_size_bytes', 10n * 1024n ** 3n],
          ['lsm_size_bytes', 1024n ** 3n],
        ]),
      },
    ),
    one(
      {},
      {
        badger: new Map([
          ['vlog_size_bytes', 10n * 1024n ** 3n - 1n],
          ['lsm_size_bytes', 1n],
        ]),
      },
    ),
  ],
];
const EXPECTED: readonly string[] = [
  ...[
    'gc-cpu note',
    'gc-cpu warning',
    'gc-cpu critical',
    'gc-forced note',
    'gc-forced warning',
    'gc-off warning',
    'gc-off warning',
  ],
  ...['gc-limit warning', 'gc-limit critical', 'gc-limit note', 'gc-age note', 'gc-age warning', 'heap-retained note'],
  ...['heap-slack note', 'heap-large note', 'heap-small note', 'stacks-memory warning', 'stacks-memory note'],
  ...['many-goroutines note', 'many-goroutines warning', 'runtime-overhead note', 'runtime-overhead note'],
  ...['rss-offheap note', 'files warning', 'files critical', 'disk-full warning', 'disk-full critical'],
  ...['memory-low warning', 'swap warning', 'offline note', 'few-cores note', 'cpu-pressure note'],
  ...['badger-reads warning', 'badger-vlog note'],
];

t.test('each rule finds what it is for, and not what is next to it', (t) => {
  rows.forEach(([name, hit, miss], i) => {
    t.same(hit, [EXPECTED[i]], name);
    t.same(miss, [], `${name}: a near miss`);
  });
  t.end();
});

/** n pauses, one every so many seconds. */
const pausing = (nanos: bigint, seconds: number, n = 256): Partial<MemStats> => {
  const last = START + 1000;
  const end = (i: number) => big((last - (n - 1 - i) * seconds) * 1e9);
  return {
    ...{ NumGC: BigInt(n), LastGC: end(n - 1), PauseTotalNs: nanos * BigInt(n) },
    PauseNs: Array.from({ length: 256 }, (_, i) => (i < n ? nanos : 0n)),
    PauseEnd: Array.from({ length: 256 }, (_, i) => (i < n ? end(i) : 0n)),
  };
};

t.test('many GCs a second are a note; so are long pauses, unless CPUs are known to be spare', (t) => {
  t.same(one(pausing(50_000n, 0.09), { startSeconds: START }), ['gc-rate note']);
  t.same(one(pausing(50_000n, 0.11)), []);
  t.same(one(pausing(60_000_000n, 10), { gomaxprocs: 2 }), ['gc-pause note']);
  t.same(one(pausing(60_000_000n, 10)), ['gc-pause note']);
  t.same(one(pausing(60_000_000n, 10), { gomaxprocs: 8 }), ['gc-pause warning']);
  t.same(one(pausing(40_000_000n, 10), { gomaxprocs: 8 }), ['gc-pause note']);
  t.same(one(pausing(999_999n, 10), { gomaxprocs: 8 }), []);
  t.end();
});

t.test('a process that just started is no alarm', (t) => {
  t.same(one({ ...pausing(50_000n, 0.5, 9), GCCPUFraction: 0.3 }), ['gc-cpu note']);
  t.same(one({ ...pausing(50_000n, 0.5, 15), GCCPUFraction: 0.3 }), ['gc-cpu note'], 'for 7 s');
  t.same(one({ ...pausing(50_000n, 1, 15), GCCPUFraction: 0.3 }), ['gc-cpu critical']);
  t.end();
});

/** The same process, later: so many GCs more. */
const later = (gcs: number, memStats: Partial<MemStats>, more: Partial<VarsSample> = {}): VarsSample => {
  const n = 100 + gcs;
  const base = healthy().memStats;
  const ends = (base.PauseEnd ?? []).map((end, i) => (i >= 100 && i < n ? big((START + 10 + i * 10) * 1e9) : end));
  return healthy(
    {
      ...{ NumGC: BigInt(n), PauseEnd: ends, LastGC: ends[n - 1], TotalAlloc: 10n ** 10n + BigInt(gcs) * 10n ** 8n },
      ...{ Mallocs: 10n ** 7n + BigInt(gcs) * 1000n, Frees: 10n ** 7n - 500_000n + BigInt(gcs) * 1000n, ...memStats },
    },
    more,
  );
};

t.test('GC costs more now than since the start: two samples tell', (t) => {
  // U goes from 1000 to 1100 s: (0.03 · 1100 - 0.01 · 1000) / 100 = 23 %
  t.same(told([healthy({}, { startSeconds: START }), later(10, { GCCPUFraction: 0.03 }, { startSeconds: START })]), [
    'gc-cpu-recent warning',
  ]);
  t.same(told([healthy(), later(10, { GCCPUFraction: 0.011 })]), []);
  t.same(told([healthy(), later(2, { GCCPUFraction: 0.03 })]), [], 'two GCs say nothing');
  const step = stepBetween(healthy({}, { startSeconds: START }), later(10, { GCCPUFraction: 0.03 }));
  t.equal(Math.round((step?.gcShare ?? 0) * 1000), 230);
  t.equal(step?.seconds, 100);
  t.equal(step?.isApproximate, true);
  t.equal(step?.allocated, 1e7);
  t.end();
});

t.test('a share that is as old as the last GC is less by the time since', (t) => {
  const old = healthy({ GCCPUFraction: 0.3 }, { startSeconds: START, timeSeconds: START + 10_000 });
  t.equal(Math.round((memoryFigures(old).gcShare ?? 0) * 1000), 30, '1000 s of 10,000');
  t.equal(memoryFigures(healthy({ GCCPUFraction: 0.3 })).gcShare, 0.3);
  t.end();
});

t.test('what lives must grow in three samples with GCs between them', (t) => {
  const grow = (...sizes: readonly (readonly [gcs: number, mib: number])[]) =>
    told(sizes.map(([gcs, mib]) => later(gcs, { NextGC: big(mib * MIB) })));
  t.same(grow([0, 80], [5, 90], [10, 100]), ['heap-growing warning']);
  t.same(grow([0, 80], [5, 90], [10, 89]), [], 'it fell');
  t.same(grow([0, 80], [5, 90], [6, 100]), [], 'one GC between them');
  t.same(grow([0, 80], [10, 100]), [], 'two samples');
  t.same(grow([0, 80], [5, 82], [10, 83]), [], 'too little');
  t.same(grow([0, 40], [5, 90], [10, 97]), ['heap-growing note'], 'it slows down');
  t.same(grow([0, 80], [2, 90], [5, 100]), ['heap-growing note'], 'three in 50 s: load may have begun');
  t.same(grow([0, 80], [2, 85], [4, 90], [6, 95], [8, 101]), ['heap-growing warning']);
  t.end();
});

t.test('open files that grow in each sample', (t) => {
  const files = (...counts: readonly number[]) =>
    told([healthy()], { process: counts.map((openFiles) => machine({ openFiles })) });
  t.same(files(100, 160, 210), ['files-growth warning']);
  t.same(files(100, 160, 150, 210), []);
  t.same(files(1000, 1100, 1200), []);
  t.end();
});

t.test('a restart is seen by counters, start, or rings, and samples before it are not compared', (t) => {
  const fresh = samplesOf('idle.json')[0];
  for (const [before, after] of [
    [healthy(), later(5, { NumGC: 3n })],
    [healthy(), later(5, { TotalAlloc: 5n })],
    [healthy({}, { startSeconds: 100 }), later(5, {}, { startSeconds: 200 })],
    [healthy({ LastGC: big((START + 999) * 1e9) }), later(5, {})],
  ]) {
    const facts = varsFacts([before, after]);
    t.equal(facts.samples.length, 1);
    t.equal(facts.others.length, 1);
    t.ok(told([before, after]).includes('restart note'));
  }
  t.equal(varsFacts([healthy(), later(5, {})]).samples.length, 2);
  const others = find([...samplesOf('kubo.json'), fresh]);
  t.match(
    sayText(others.find(({ rule }) => rule === 'restart')?.says ?? { template: '', values: {} }),
    /1 other process is among/,
  );
  t.end();
});

t.test('samples are ordered, and what metrics and diag sys add goes where it belongs', (t) => {
  const facts = varsFacts([series[5], series[1], series[9]]);
  t.same(
    facts.samples.map((sample) =>
      series.indexOf(series.find(({ memStats }) => memStats.NumGC === sample.memStats.NumGC) ?? sample),
    ),
    [1, 5, 9],
  );
  const metrics: VarsSample = { ...healthy(), source: 'metrics', gogcPercent: 50, residentBytes: 7n, goroutines: 9 };
  const joined = varsFacts([healthy(), later(5, {}), metrics], { sys: sys({ goroutines: 8, gomaxprocs: 2 }) });
  t.match(joined.samples, [
    { gogcPercent: 50, gomaxprocs: 2 },
    { gogcPercent: 50, residentBytes: 7n, goroutines: 9 },
  ]);
  t.equal(joined.samples[0].residentBytes, undefined);
  t.equal(joined.samples[1].source, 'expvar');
  t.end();
});

t.test('figures add up: what Go holds is live, garbage, holes, kept, stacks and the runtime', (t) => {
  for (const sample of [...series, ...samplesOf('kubo.json'), ...samplesOf('idle.json')]) {
    const f = memoryFigures(sample);
    const parts = [f.live, f.garbage, f.slack, f.retained, f.stacks, f.overhead].map((value) => value ?? Number.NaN);
    t.equal(Math.round(parts.reduce((sum, value) => sum + value, 0)), f.goUsed);
  }
  t.equal(Math.round((memoryFigures(samplesOf('kubo.json')[0]).live ?? 0) / 1e4), 1303, '13.03 MB of 15.2 allocated');
  t.equal(memoryFigures(samplesOf('idle.json')[0]).isLiveBound, true, 'the smallest heap tells nothing');
  t.end();
});

t.test('every template of every row has its values', (t) => {
  const names = new Set<string>();
  for (const row of [...MEMORY_RULES, ...SYSTEM_RULES]) {
    t.notOk(names.has(row.name), row.name);
    names.add(row.name);
    for (const name of namesIn(row.why)) t.ok(name in row.limits, `${row.name}: ${name}`);
    t.ok(row.looksAt !== '' && row.means !== '');
  }
  t.equal(names.size, 28);
  t.end();
});
