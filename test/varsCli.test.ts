// vars as it is run: files, series, bundles, live programs, formats, widths, errors.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import t from 'tap';
import { ALL_RULES, openVars, readVars, renderRule, renderVars, varsFacts, varsReport } from '../src/node.js';
import { type Answer, serve } from './scripted.js';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/vars/${name}`, import.meta.url));
const read = (name: string) => new Uint8Array(readFileSync(fixture(name)));
const folder = mkdtempSync(join(tmpdir(), 'tspprof-vars-'));
const [kubo, system, series, heapText, idle] = [
  ...['kubo.json', 'kubo.sysinfo.json', 'series.jsonl.gz', 'heap.debug1.txt', 'idle.json'],
];
for (const name of [kubo, system, series, heapText, idle]) copyFileSync(fixture(name), join(folder, name));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], { columns = 80, input }: { columns?: number; input?: Uint8Array | string } = {}) {
  return new Promise<Result>((resolve) => {
    const child = spawn(process.execPath, [cli, 'vars', ...args], {
      cwd: folder,
      env: { ...process.env, COLUMNS: String(columns) },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin?.end(input);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

t.test('kubo under load: nothing is wrong, and where its memory is', async (t) => {
  const { code, stdout, stderr } = await run([kubo, system]);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /kubo\.json: \/debug\/vars of ipfs daemon --offline\n/);
  t.match(stdout, /version 0\.44\.0-dev, go1\.26\.8, GOMAXPROCS 2, 32 goroutines\n/);
  t.match(stdout, /Nothing is wrong with it; to be known:/);
  t.match(stdout, /Go holds 40\.3 MiB; 382 MiB were given back\n {2}\[█+▓+▒+░+≡+·+\]\n {2}█ live {5}12\.4 MiB {3}31 %/);
  t.match(stdout, /Next GC when the heap has 25\.9 MiB, 11\.3 MiB to go/);
  t.match(stdout, /up to {3}50 µs 55 █+/);
  t.match(stdout, /75\.4 GiB of disk left \(ext4\), offline/);
  t.notMatch(stdout, /EnableGC|DebugGC|Lookups|badger\n/, 'badger is linked, not in use');
});

t.test('no line is wider than the window', async (t) => {
  for (const columns of [40, 60, 80, 100]) {
    const { stdout } = await run([series, heapText], { columns });
    const wide = stdout.split('\n').filter((line) => [...line].length > columns && !/^ +\$ /.test(line));
    t.same(wide, [], `${columns} columns`);
  }
});

t.test('a series has rows, rates and what grows; secrets are not repeated', async (t) => {
  for (const format of [[], ['-markdown'], ['-json']]) {
    const { code, stdout } = await run([series, ...format]);
    t.equal(code, 0);
    t.match(stdout, /\[redacted\\?\]/);
    t.notMatch(stdout, /sekret/);
  }
  const { stdout } = await run([series]);
  t.match(stdout, /WARNING +what lives on the heap grew in each of 12 samples/);
  t.match(stdout, /12 samples, times by their last GCs\n {2}live {5}[▁-█]+ 4\.61 MiB → 56\.2 MiB\n/);
  t.match(stdout, /In 11 s: 108 MiB\/s in 276,568\/s objects, 5\.18\/s of GCs/);
  t.match(stdout, /Allocated most in these sizes: 91\.4 MiB\/s in 11,699\/s of 8 KiB/);
  t.match(stdout, /badger\n {2}blocked puts 25,000/);
  const small = (await run([idle])).stdout;
  t.match(small, /█ objects +367 KiB +4\.3 % {2}and garbage: how much of it lives is not known\n {2}▒/);
  t.notMatch(small, /up at least/, 'one GC is no time');
});

t.test('JSON has exact integers and findings as sentences', async (t) => {
  const { stdout } = await run([kubo, system, '-json']);
  const report = JSON.parse(stdout);
  t.equal(report.kind, 'vars');
  t.match(stdout, /"LastGC":1795411549243117929/, 'beyond 2^53');
  t.equal(report.memory.held.value, 443283816 - 400982016);
  t.same(Object.keys(report.findings[0]).slice(0, 4), ['rule', 'severity', 'weight', 'says']);
  t.equal(report.gc.pauses.nanos.length, 256);
  t.equal(report.badger, null);
  t.equal(report.system.online, false);
});

t.test('Markdown keeps names of a file from being anything else', (t) => {
  const text = `{"cmdline":["a|b","<img>","\\u001b[31m"],"memstats":{"NumGC":1,"HeapAlloc":2,"Sys":5,"HeapReleased":1}}`;
  const { samples } = readVars(new TextEncoder().encode(text), { name: 'x' });
  const markdown = [...renderVars(varsReport(varsFacts(samples)), 'markdown')].join('');
  t.match(markdown, /^## x: \/debug\/vars of a\\\|b &lt;img&gt; /);
  t.notMatch(markdown, /\x1b|<img/);
  const plain = [...renderVars(varsReport(varsFacts(samples)))].join('');
  t.notMatch(plain, /\x1b/);
  t.end();
});

t.test('standard input is read, also in UTF-16 and gzipped', async (t) => {
  const text = readFileSync(fixture(kubo), 'utf8');
  for (const input of [text, Buffer.from(`\ufeff${text}`, 'utf16le'), new Uint8Array(readFileSync(fixture(series)))]) {
    const { code, stdout } = await run(['-'], { input });
    t.equal(code, 0);
    t.match(stdout, /Go holds/);
  }
  t.match((await run([], { input: text })).stdout, /^standard input: \/debug\/vars of ipfs daemon/);
});

t.test('a bundle gives its series in order, with the times of its manifest', async (t) => {
  const lines = gunzipSync(read('series.jsonl.gz')).toString().trim().split('\n');
  const started = (s: number) => new Date(Date.UTC(2026, 10, 23, 5, 24, 27) + s * 1000).toISOString();
  const item = (member: string, s: number) => ({ name: member, member, started: started(s) });
  const manifest = {
    ...{ schema: 'tspprof bundle 1', clockOffsetSeconds: 2, server: { program: 'kubo' } },
    items: [item('vars.json', 0), item('vars/0001.json', 5), item('vars/0002.json', 10)],
  };
  const bundle = join(folder, 'bundle.zip');
  const bytes = (text: string) => new TextEncoder().encode(text);
  writeFileSync(
    bundle,
    zipSync({
      'vars/0002.json': bytes(lines[11]),
      'vars/0001.json': bytes(lines[5]),
      'vars.json': bytes(lines[0]),
      'sys.json': read('kubo.sysinfo.json'),
      'heap.pprof': new Uint8Array(readFileSync(new URL('./fixtures/goserver-heap.pb.gz', import.meta.url))),
      'manifest.json': bytes(JSON.stringify(manifest)),
      'process.json': bytes('{"machine":{"cores":2,"load":[1,1,1]}}'),
    }),
  );
  const { facts, arguments: names, notices } = await openVars(bundle);
  t.same(notices, []);
  t.same(
    facts.samples.map(({ name, timeSeconds }) => [name?.split(':').pop(), timeSeconds]),
    [
      ['vars.json', 1795411469],
      ['vars/0001.json', 1795411474],
      ['vars/0002.json', 1795411479],
    ],
  );
  t.equal(names.heap, `${bundle}:heap.pprof`);
  const { code, stdout } = await run(['bundle.zip']);
  t.equal(code, 0);
  t.match(stdout, /NOTE +what lives[^$]*heap-growing\]/);
  t.match(stdout, /\$ tspprof top -inuse_space bundle\.zip:heap\.pprof\n/);
  t.notMatch(stdout, /times by their last GCs/);
});

t.test('a bundle without /debug/vars falls back, and says so', async (t) => {
  mkdirSync(join(folder, 'old'));
  writeFileSync(join(folder, 'old', 'heap.txt'), read('heap.debug1.txt'));
  writeFileSync(
    join(folder, 'old', 'metrics.prom'),
    '# TYPE go_goroutines gauge\ngo_goroutines 10\ngo_gc_gogc_percent 50\n',
  );
  const { code, stdout } = await run(['old']);
  t.equal(code, 0);
  t.match(stdout, /^old has no \/debug\/vars: this is heap\.txt\n/);
  t.match(stdout, /10 goroutines/);
  t.match(stdout, /GOGC 50/);
  writeFileSync(join(folder, 'empty.zip'), zipSync({ a: new Uint8Array([65]) }));
  const failed = await run(['empty.zip']);
  t.equal(failed.code, 1);
  t.match(failed.stderr, /empty\.zip: there are no memory statistics in it\nhint: it has a; tspprof collect/);
});

const page: Answer = { body: '<!DOCTYPE html><html></html>', headers: { 'content-type': 'text/html' } };
const lineOf = (i: number) => gunzipSync(read('series.jsonl.gz')).toString().trim().split('\n')[i];

t.test('a live program is asked for /debug/vars, with -seconds twice', async (t) => {
  const server = await serve(
    new Map<string, Answer>([['GET /debug/vars', (response, _, times) => response.end(lineOf(times))]]),
  );
  const { code, stdout, stderr } = await run(['-seconds=1', `127.0.0.1:${server.port}`]);
  t.equal(code, 0, stderr);
  t.match(stdout, /2 samples\n/);
  t.match(stdout, /In 1\.?\d* s: /);
  t.match(stderr, /A second sample follows in 1 s\nFetching memory statistics over HTTP from http:\/\/127/);
  t.same(server.asked.filter(({ path }) => path === '/debug/vars').length, 2);
  await server.close();
});

t.test('a live program without /debug/vars gives the end of a heap profile, or metrics', async (t) => {
  const heap = Buffer.from(read('heap.debug1.txt'));
  const metrics =
    'go_goroutines 7\n# TYPE go_memstats_sys_bytes gauge\ngo_memstats_sys_bytes 5e6\ngo_memstats_heap_alloc_bytes 1e6\n';
  const rows: readonly (readonly [Map<string, Answer>, RegExp])[] = [
    [new Map([['GET /debug/pprof/heap', heap]]), /this is \/debug\/pprof\/heap\?debug=1/],
    [
      new Map<string, Answer>([
        ['GET /debug/vars', page],
        ['GET /debug/pprof/heap', heap],
      ]),
      /HTML page; this is \/debug\/pprof\/heap/,
    ],
    [new Map([['GET /metrics', metrics]]), /this is \/metrics/],
  ];
  for (const [answers, told] of rows) {
    const server = await serve(answers);
    const { code, stdout, stderr } = await run([server.url]);
    t.equal(code, 0, stderr);
    t.match(stdout.replace(/\n */g, ' '), told);
    await server.close();
  }
  const nothing = await serve(new Map());
  const failed = await run([nothing.url]);
  t.equal(failed.code, 1);
  t.equal(failed.stdout, '');
  t.match(failed.stderr, /\/debug\/vars.*404/);
  await nothing.close();
});

t.test('sockets, prefixes and logins are those of the address', async (t) => {
  const heap = Buffer.from(read('heap.debug1.txt'));
  const socketPath = join(folder, 'app.sock');
  const socket = await serve(new Map([['GET /debug/pprof/heap', heap]]), { socketPath });
  const told = await run([`unix:${socketPath}`]);
  t.equal(told.code, 0, told.stderr);
  t.match(told.stdout.replace(/\n */g, ' '), /this is \/debug\/pprof\/heap/);
  await socket.close();
  const behind = await serve(new Map([['GET /admin/debug/vars', lineOf(3)]]));
  const at = behind.url.replace('http://', 'http://jo:hunter2@');
  const { code, stdout, stderr } = await run([`${at}/admin/debug/pprof/`]);
  t.equal(code, 0, stderr);
  t.match(stdout, /\/admin\/debug\/vars/);
  t.notMatch(stdout + stderr, /hunter2/);
  t.equal(behind.asked[0].headers.authorization, `Basic ${btoa('jo:hunter2')}`);
  const one = await run([`${behind.url}/admin/debug/vars`]);
  t.equal(one.code, 0, one.stderr);
  t.equal(behind.asked.filter(({ path }) => path === '/admin/debug/vars').length, 2);
  await behind.close();
});

t.test('samples of two processes are told, and not compared', async (t) => {
  const { stdout } = await run([kubo, idle]);
  t.match(stdout, /NOTE +1 other process is among the samples: command lines differ\s+\[restart\]/);
  t.notMatch(stdout, /2 samples/);
});

t.test('a rule explains itself', async (t) => {
  const { code, stdout } = await run(['-explain=gc-pause']);
  t.equal(code, 0);
  t.match(stdout, /^gc-pause\nlooks at {3}the pauses of the last 256 GCs/);
  t.match(stdout, /more than 1 ms for 99 %/);
  const wrong = await run(['-explain=gc-puase']);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /there is no rule gc-puase\nhint: did you mean gc-pause\?/);
  const help = (await run(['-help'])).stdout;
  t.match(help, /-explain=all lists the rules/);
  const all = (await run(['-explain=all'])).stdout;
  for (const { name } of ALL_RULES) {
    t.ok(all.includes(name), name);
    for (const line of renderRule(name, { columns: 60 })?.split('\n') ?? [''])
      t.ok(line.length <= 60 || line.startsWith('  $'), line);
  }
});

t.test('errors say the fact, the place and what to do; stdout stays empty', async (t) => {
  const file = (name: string, text: string | Uint8Array) => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['nosuch.json'], 1, /nosuch\.json: no such file\nhint: /],
    [[file('empty.json', '')], 1, /empty\.json: the file is empty\nhint: take it again/],
    [[file('page.html', '<html></html>')], 1, /page\.html: this is an HTML page\nhint: take it from \/debug\/vars/],
    [[file('other.json', '{"a":1}')], 1, /other\.json: this is JSON without memstats: it has a\nhint: /],
    [
      [fileURLToPath(new URL('../examples/server.cpu.pb.gz', import.meta.url))],
      1,
      /this is a profile\nhint: tspprof top/,
    ],
    [[kubo, 'nosuch.json'], 1, /nosuch\.json: no such file/],
    [[], 2, /no memory statistics specified/],
    [['-', '-'], 2, /standard input can be read once/],
    [['-nosuch', kubo], 2, /flag provided but not defined: -nosuch/],
    [['-max_bytes=0', kubo], 2, /invalid value "0"/],
    [['-max_bytes=100', kubo], 1, /more than 100/],
  ];
  for (const [args, code, told] of rows) {
    const result = await run(args);
    t.equal(result.code, code, args.join(' '));
    t.match(result.stderr, told);
    t.equal(result.stdout, '');
  }
});

t.test('-output writes a file, and a cut file is told', async (t) => {
  writeFileSync(join(folder, 'cut.json'), read('kubo.json').subarray(0, 3000));
  const { code, stdout } = await run(['-output=report.txt', 'cut.json']);
  t.equal(code, 3);
  t.equal(stdout, '');
  const text = readFileSync(join(folder, 'report.txt'), 'utf8');
  t.match(text, /^cut\.json \(line 16, memstats\): it ends early: the rest is missing\n/);
  t.match(text, /missing: NumForcedGC|missing: /);
});
