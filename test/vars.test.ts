// /debug/vars and its kin: exact numbers of every form, and what is odd about them.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { decodeVars } from '../src/decode/vars/vars.js';
import { ProfileError } from '../src/errors.js';
import type { MemStats, VarsSample } from '../src/model/vars.js';

const fixture = (name: string) => {
  const bytes = readFileSync(new URL(`./fixtures/vars/${name}`, import.meta.url));
  return new Uint8Array(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
};
const decode = (text: string) => decodeVars(new TextEncoder().encode(text));
const first = (text: string): VarsSample => decode(text).samples[0];
const stats = (text: string): MemStats => first(text).memStats;
const series = decodeVars(fixture('series.jsonl.gz')).samples;

t.test('kubo’s /debug/vars is read whole: memory, command line, badger', (t) => {
  const { samples, issues } = decodeVars(fixture('kubo.json'));
  const [sample] = samples;
  t.equal(samples.length, 1);
  t.same([issues, sample.issues, sample.missing], [[], [], []]);
  t.same(sample.cmdline, ['ipfs', 'daemon', '--offline']);
  t.equal(sample.memStats.HeapAlloc, 15218488n);
  t.equal(sample.memStats.LastGC, 1795411549243117929n, 'beyond 2^53, exact');
  t.equal(sample.memStats.BySize?.length, 61);
  t.equal(sample.badger.size, 13);
  t.end();
});

t.test('MemStats keeps its identities in all recorded samples', (t) => {
  const all = [
    ...series,
    ...['kubo.json', 'kubo-busy.json', 'idle.json'].flatMap((name) => decodeVars(fixture(name)).samples),
  ];
  for (const { memStats: m } of [...all, ...decodeVars(fixture('heap.debug1.txt')).samples]) {
    const sum = (...values: (bigint | undefined)[]) =>
      values.reduce((total: bigint, value) => total + (value ?? 0n), 0n);
    t.equal(m.HeapSys, sum(m.HeapInuse, m.HeapIdle));
    t.equal(m.Sys, sum(m.HeapSys, m.StackSys, m.MSpanSys, m.MCacheSys, m.BuckHashSys, m.GCSys, m.OtherSys));
    t.equal(m.HeapObjects, (m.Mallocs ?? 0n) - (m.Frees ?? 0n));
    t.equal(m.PauseEnd?.[Number(((m.NumGC ?? 0n) + 255n) % 256n)], m.LastGC);
    if ((m.NumGC ?? 0n) <= 256n && m.PauseTotalNs !== undefined) t.equal(sum(...(m.PauseNs ?? [])), m.PauseTotalNs);
  }
  t.end();
});

t.test('the end of heap?debug=1 has the same fields but two, and the peak', (t) => {
  const [sample] = decodeVars(fixture('heap.debug1.txt')).samples;
  t.same(sample.missing, ['PauseTotalNs', 'BySize']);
  t.equal(sample.source, 'heap text');
  t.equal(sample.memStats.StackInuse, 983040n);
  t.equal(sample.memStats.NumGC, 106n);
  t.equal(sample.memStats.GCCPUFraction, 0.0014078246097867218);
  t.equal(sample.peakResidentBytes, 139706368n);
  t.end();
});

const METRICS = `# HELP go_gc_duration_seconds A summary
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0"} 2.1e-05
go_gc_duration_seconds_sum 0.5
go_gc_duration_seconds_count 1957
go_gc_gogc_percent 100
go_gc_gomemlimit_bytes 9.223372036854776e+18
go_goroutines 32
go_info{version="go1.26.8"} 1
go_memstats_heap_alloc_bytes 1.5218488e+07
go_memstats_next_gc_bytes 1.8446744073709552e+19
go_memstats_last_gc_time_seconds 1.79541154924e+09
go_sched_gomaxprocs_threads 2
go_threads 9
process_cpu_seconds_total 12.5
process_open_fds 800
process_max_fds 1024
process_resident_memory_bytes 8.1e+07
process_start_time_seconds 1.795411e+09
`;

t.test('metrics say what /debug/vars does not: GOGC, the limit, files, the start', (t) => {
  const sample = first(METRICS);
  t.equal(sample.source, 'metrics');
  t.match(sample, { goroutines: 32, threads: 9, gomaxprocs: 2, gogcPercent: 100, openFiles: 800, maxFiles: 1024 });
  t.match(sample, { cpuSeconds: 12.5, startSeconds: 1795411000, goVersion: 'go1.26.8' });
  t.equal(sample.memoryLimit, 2n ** 63n);
  t.equal(sample.memStats.NextGC, 2n ** 64n - 1n);
  t.equal(sample.memStats.NumGC, 1957n);
  t.equal(sample.memStats.PauseTotalNs, 500000000n);
  t.ok(sample.missing.includes('PauseNs'));
  t.equal(first(METRICS.replace('percent 100', 'percent -1')).gogcPercent, -1);
  t.end();
});

t.test('what users may write is what kubo calls the total; online and versions are known', (t) => {
  const { sys, samples } = decodeVars(fixture('kubo.sysinfo.json'));
  t.equal(samples.length, 0);
  t.match(sys, { availableBytes: 80947802112n, freeBytes: 253707681792n, online: false, cpus: 2, goroutines: 32 });
  t.match(sys, { goVersion: 'go1.26.8', version: '0.44.0-dev', fileSystem: '61267', issues: [] });
  t.end();
});

t.test('process.json of a bundle: memory, files, load, pressure', (t) => {
  const json = JSON.stringify({
    process: { pid: 7, threads: 9, memory: { resident: 4096, peak: 8192, swapped: 0 }, files: 12, filesLimit: 1024 },
    machine: {
      ...{ cores: 2, memory: { total: 2 ** 33, free: 2 ** 30 }, load: [0.5, 1, 2] },
      pressure: { cpu: 'some avg10=1.50 avg60=25.00 avg300=0.25 total=123', io: 'odd' },
    },
  });
  const { process } = decodeVars(new TextEncoder().encode(json));
  t.match(process, { pid: 7, residentBytes: 4096n, swapBytes: 0n, openFiles: 12, maxFiles: 1024, cores: 2 });
  t.same(process?.pressure, [{ name: 'cpu', last10: 0.015, last60: 0.25, last300: 0.0025 }]);
  t.same(process?.load, [0.5, 1, 2]);
  t.end();
});

t.test('a series is lines, a list, or documents behind each other', (t) => {
  const one = (n: number) => `{"memstats":{"HeapAlloc":${n},"NumGC":1},"time":"2026-11-23T05:24:25Z"}`;
  for (const text of [
    `${one(1)}\n${one(2)}\n`,
    `[${one(1)},\n${one(2)}]`,
    `${one(1)}${one(2)}`,
    `\x1e${one(1)}\n\x1e${one(2)}\n`,
  ]) {
    const { samples, issues } = decode(text);
    t.same(issues, []);
    t.same(
      samples.map(({ memStats, timeSeconds }) => [memStats.HeapAlloc, timeSeconds]),
      [
        [1n, 1795411465],
        [2n, 1795411465],
      ],
    );
  }
  t.equal(series.length, 12);
  for (const time of ['1795411465', '1795411465000', '1795411465000000000'])
    t.equal(first(`{"memstats":{},"time":${time}}`).timeSeconds, 1795411465);
  t.equal(first('{"memstats":{},"time":"soon"}').timeSeconds, undefined);
  t.equal(stats('{"HeapAlloc":5,"NumGC":0,"Lookups":3}').HeapAlloc, 5n, 'a MemStats alone');
  t.end();
});

t.test('integers are exact up to 2^64 - 1', (t) => {
  t.equal(stats('{"memstats":{"NextGC":18446744073709551615}}').NextGC, 2n ** 64n - 1n);
  t.equal(stats('{"memstats":{"TotalAlloc":9007199254740993}}').TotalAlloc, 9007199254740993n);
  t.end();
});

t.test('what is no such number is missing, and told with its field', (t) => {
  for (const value of [
    '-1',
    '1.5',
    '"12"',
    '1e400',
    '[1]',
    '{}',
    'null',
    '18446744073709551616',
    `1${'0'.repeat(999)}`,
  ]) {
    const sample = first(`{"memstats":{"HeapAlloc":${value},"NumGC":7}}`);
    t.equal(sample.memStats.HeapAlloc, undefined, value);
    t.match(sample.issues, [{ fact: /whole number/, field: 'memstats.HeapAlloc' }]);
    t.equal(sample.memStats.NumGC, 7n);
    t.ok(sample.missing.includes('HeapAlloc'));
  }
  const odd = decode('{"memstats":{"GCCPUFraction":NaN,"NumGC":3}}');
  t.match(odd.issues, [{ fact: /NaN is no number/, field: 'GCCPUFraction' }]);
  t.equal(odd.samples[0].memStats.NumGC, 3n);
  t.match(first('{"memstats":{"GCCPUFraction":2}}').issues, [{ fact: /share/ }]);
  t.match(first('{"memstats":{"PauseNs":[1,2],"BySize":{}}}').issues, [{ fact: /256/ }, { fact: /no list/ }]);
  t.match(first('{"memstats":{"NumGC":1},"cmdline":[1]}').issues, [{ fact: /texts/, field: 'cmdline' }]);
  t.end();
});

t.test('a variable that is no JSON is left out and told, the others stay', (t) => {
  const text = '{\n"half": NaN,\n"mine": some text, and more,\n"memstats": {"HeapAlloc":5},\n"z": +Inf\n}\n';
  const { samples, issues } = decode(text);
  t.equal(samples[0].memStats.HeapAlloc, 5n);
  t.match(issues, [
    { field: 'half', line: 2, fact: /NaN is no number/ },
    { field: 'mine', line: 3, fact: /no value of JSON: left out/ },
    { field: 'z', line: 5, fact: /\+Inf is no number/ },
  ]);
  t.end();
});

t.test('a file that was cut gives what it has', (t) => {
  const text = readFileSync(new URL('./fixtures/vars/kubo.json', import.meta.url), 'utf8');
  const { samples, issues } = decode(text.slice(0, text.indexOf('"PauseEnd"') + 40));
  t.equal(samples[0].memStats.HeapAlloc, 15218488n);
  t.equal(samples[0].memStats.PauseNs, undefined, 'half of a ring is none');
  t.match(issues, [{ fact: /ends early/ }]);
  for (let end = 1; end < text.length; end += 97) {
    try {
      decode(text.slice(0, end));
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      t.equal(error.code, 'not-vars');
    }
  }
  t.end();
});

t.test('names such as __proto__ are names', (t) => {
  const { samples } = decode(
    '{"__proto__":{"HeapAlloc":1},"constructor":1,"memstats":{"__proto__":{"NumGC":9},"HeapAlloc":2}}',
  );
  t.same(samples[0].otherVars, ['__proto__', 'constructor']);
  t.equal(samples[0].memStats.NumGC, undefined);
  t.equal(stats('# runtime.MemStats\n# __proto__ = 5 / 5\n# constructor = 1 / 1\n# NumGC = 3\n').NumGC, 3n);
  t.end();
});

t.test('hostile input costs little', (t) => {
  const started = Date.now();
  t.equal(stats(`{"memstats":{"HeapAlloc":1,"PauseNs":[${'0,'.repeat(2_000_000)}0]}}`).HeapAlloc, 1n);
  t.match(decode(`{"memstats":{"NumGC":1},"a":${'['.repeat(200_000)}`).issues, [{ fact: /deep/ }]);
  t.equal(decode('{"memstats":{}}\n'.repeat(12_000)).samples.length, 10_000);
  t.throws(() => decode(`{"a":"${'x'.repeat(5_000_000)}`), { code: 'not-vars' });
  t.throws(() => decode(`{${'"a":1,'.repeat(300_000)}`), { code: 'not-vars' });
  t.throws(() => decode(`{"a":${'x\n'.repeat(500_000)}`), { code: 'not-vars' });
  t.ok(Date.now() - started < 20_000, `${Date.now() - started} ms`);
  t.end();
});

t.test('UTF-16 and byte order marks are undone', (t) => {
  const text = '{"memstats":{"HeapAlloc":5,"NumGC":1}}';
  for (const bytes of [
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(`\ufeff${text}`),
    Buffer.from(text, 'utf16le'),
  ])
    t.equal(decodeVars(new Uint8Array(bytes)).samples[0].memStats.HeapAlloc, 5n);
  t.end();
});

t.test('what is something else is told by what it is', (t) => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['', 'empty', /empty/],
    ['<!DOCTYPE html><html>', 'not-vars', /HTML page/],
    ['goroutine 1 [running]:\nmain.main()\n', 'not-vars', /dump of goroutines/],
    ['{"a":1,"b":2}', 'not-vars', /JSON without memstats: it has a, b/],
    ['{"memstats":7}', 'not-vars', /JSON without memstats/],
    ['[1,2]', 'not-vars', /JSON/],
    ['heap profile: 1: 2 [3: 4] @ heap/1048576\n', 'not-vars', /text profile without/],
    ['Could not enable CPU profiling: cpu profiling already in use\n', 'not-vars', /server answered with an error/],
    ['# TYPE a counter\na 1\n', 'not-vars', /metrics without/],
    ['{"cmdline":["a"]}', 'not-vars', /JSON without memstats: it has cmdline/],
    ['404 page not found\n', 'not-vars', /text: 404 page/],
    ['\0\x01\x02', 'not-vars', /no memory statistics/],
  ];
  for (const [text, code, message] of rows)
    t.throws(() => decode(text), { code, message, hint: /\w/ }, text.slice(0, 20));
  t.throws(() => decodeVars(readFileSync(new URL('../examples/server.cpu.pb.gz', import.meta.url))), {
    code: 'not-vars',
    message: /profile/,
  });
  t.end();
});
