// Collecting from a live program, against a server that does what servers do.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import t from 'tap';
import {
  type CollectEvent,
  type Collected,
  type CollectOptions,
  collect,
  type Manifest,
  type ManifestItem,
  open,
  openBundle,
  openDumps,
  report,
  verifyBundle,
} from '../src/node.js';
import { readExchanges } from './exchanges.js';
import { startServer } from './fakeServer.js';
import {
  type Answer,
  type FakeServer,
  goServer,
  INDEX,
  kuboServer,
  type ServerOptions,
  serve,
  slow,
} from './scripted.js';

const folder = mkdtempSync(join(tmpdir(), 'tspprof-collect-'));
let count = 0;
const newPath = () => join(folder, `${++count}.zip`);

interface Outcome {
  readonly server: FakeServer;
  readonly members: Record<string, Uint8Array>;
  readonly manifest: Manifest;
  readonly collected: Collected;
  readonly events: readonly CollectEvent[];
  item(name: string): ManifestItem;
}

async function run(
  answers: ReadonlyMap<string, Answer>,
  options: CollectOptions = {},
  serverOptions?: ServerOptions,
): Promise<Outcome> {
  const server = await serve(answers, serverOptions);
  const events: CollectEvent[] = [];
  try {
    const collected = await collect({
      target: server.url,
      output: newPath(),
      seconds: 1,
      ...options,
      onEvent: (event) => events.push(event),
    });
    const members = unzipSync(new Uint8Array(readFileSync(collected.path)));
    const manifest: Manifest = JSON.parse(Buffer.from(members['manifest.json']).toString());
    return {
      ...{ server, members, manifest, collected, events },
      item: (name) => {
        const found = manifest.items.find((item) => item.name === name);
        if (found === undefined) throw new Error(`no item ${name}`);
        return found;
      },
    };
  } finally {
    await server.close();
  }
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const statuses = ({ items }: Manifest) => Object.fromEntries(items.map(({ name, status }) => [name, status]));

t.test('everything that a Go program has is in the bundle, its stacks first', async (t) => {
  const { members, manifest, collected, server, item } = await run(goServer(), { traceSeconds: 1 });
  t.same(Object.keys(members).sort(), [
    'README.txt',
    'allocs.pprof',
    'block.pprof',
    'cmdline.json',
    'cpu.pprof',
    'custom/example.com_app.handles.pprof',
    'goroutines.pprof',
    'goroutines.stacks',
    'heap.2.pprof',
    'heap.pprof',
    'manifest.json',
    'mutex.pprof',
    'process.json',
    'threadcreate.pprof',
    'trace',
    'vars.json',
    'vars/0001.json',
  ]);
  t.equal(server.asked[0].path, '/debug/pprof/goroutine?debug=2');
  t.equal(collected.isComplete, true);
  t.equal(manifest.interrupted, false);
  t.equal(manifest.profiles.heap, 3);
  t.equal(item('metrics').status, 'unsupported');
  t.equal(item('cpu').request, 'GET /debug/pprof/profile?seconds=1');
  t.same(JSON.parse(text(members['cmdline.json'])), ['app', '-token=hunter2']);
  for (const { member, bytes, sha256 } of manifest.items) {
    if (member === undefined) continue;
    t.equal(members[member].length, bytes, member);
    t.equal(createHash('sha256').update(members[member]).digest('hex'), sha256, member);
  }
  t.match(text(members['README.txt']), /cpu\.pprof +where CPU time goes/);
  const profile = await open(members['cpu.pprof']);
  t.ok(report(profile, 'top').rows.length > 5);
  t.equal((await openDumps(members['goroutines.stacks']))[0].goroutines.count, 2);
});

t.test('nothing is asked for twice, and only one thing that takes its seconds at a time', async (t) => {
  const { server } = await run(goServer(), { traceSeconds: 1 });
  const paths = server.asked.map(({ path }) => path).filter((path) => !/vars|heap$|metrics/.test(path));
  t.equal(new Set(paths).size, paths.length, paths.join(' '));
  const timed = server.asked.filter(({ path }) => /profile|trace/.test(path));
  t.equal(timed.length, 2);
  t.ok(server.asked.every(({ together }) => together <= 2));
});

t.test('kubo: what its RPC has, and the rates are set and put back', async (t) => {
  const state = { fraction: 0, rate: 0 };
  const { members, manifest, server } = await run(kuboServer(state));
  t.equal(manifest.server.program, 'kubo');
  t.equal(manifest.server.version, '0.44.0-dev');
  t.equal(manifest.server.goVersion, 'go1.26.8');
  for (const name of ['version.json', 'sys.json', 'metrics.prom']) t.ok(members[name], name);
  t.same(state, { fraction: 0, rate: 0 });
  t.same(manifest.rates, [
    { name: 'mutex profile fraction', during: 4, before: 0, after: 0 },
    { name: 'block profile rate', during: 1_000_000, before: 0, after: 0 },
  ]);
  const order = server.asked.map(({ method, path }) => `${method} ${path}`);
  const at = (what: string) => order.indexOf(what);
  t.ok(at('POST /debug/pprof-mutex/?fraction=4') < at('GET /debug/pprof/profile?seconds=1'));
  t.ok(at('GET /debug/pprof/mutex') < at('POST /debug/pprof-mutex/?fraction=0'));
  t.ok(at('GET /debug/pprof/profile?seconds=1') < at('GET /debug/pprof/mutex'));
});

t.test('kubo: rates of somebody else are left alone, unless told otherwise, and then put back', async (t) => {
  const grows = (state: { fraction: number; rate: number }): Map<string, Answer> =>
    new Map([
      ...kuboServer(state),
      [
        'GET /debug/pprof/block?debug=1',
        (response, _, times) => response.end(`--- contention:\ncycles/second=1\n${times} 1 @ 0x1\n`),
      ],
    ]);
  const state = { fraction: 100, rate: 7 };
  const { manifest } = await run(grows(state));
  t.same(state, { fraction: 100, rate: 7 });
  t.same(manifest.rates, []);
  t.match(manifest.notes, [/mutex profile fraction is left alone: it is 100/, /block profile rate is left alone/]);
  const told = await run(grows(state), { mutexFraction: 2, blockRate: 0 });
  t.same(state, { fraction: 100, rate: 7 });
  t.same(told.manifest.rates, [{ name: 'mutex profile fraction', during: 2, before: 100, after: 100 }]);
});

t.test('a rate that cannot be put back is told', async (t) => {
  const state = { fraction: 0, rate: 0 };
  const answers = kuboServer(state);
  answers.set('POST /debug/pprof-block/', (response, _, times) => {
    response.writeHead(times === 1 ? 200 : 500).end();
  });
  const { manifest } = await run(answers);
  t.match(manifest.notes, [/block profile rate is still 1000000: it could not be put back: the server answered 500/]);
  t.equal(manifest.rates.find(({ name }) => /block/.test(name))?.after, undefined);
});

const busy: Answer = { status: 500, body: 'Could not enable CPU profiling: cpu profiling already in use\n' };

t.test('a CPU profile that runs already is waited for, and told when it does not end', async (t) => {
  const answers = goServer();
  const works = answers.get('GET /debug/pprof/profile') ?? '';
  answers.set('GET /debug/pprof/profile', (response, request, times) => {
    const answer = times < 3 ? busy : works;
    if (typeof answer === 'function') answer(response, request, times);
    else response.writeHead(500).end('Could not enable CPU profiling: cpu profiling already in use\n');
  });
  const later = await run(answers, { seconds: 2 });
  t.equal(later.item('cpu').status, 'ok');
  t.equal(later.item('cpu').attempts, 3);
  t.equal(later.events.filter(({ kind }) => kind === 'retry').length, 2);
  t.equal(later.collected.isComplete, true);

  const never = await run(goServer().set('GET /debug/pprof/profile', busy));
  const cpu = never.item('cpu');
  t.equal(cpu.status, 'failed');
  t.match(cpu.error, /500: Could not enable CPU profiling/);
  t.match(cpu.hint, /one CPU profile at a time/);
  t.equal(cpu.kept, 'errors/cpu.txt');
  t.match(text(never.members['errors/cpu.txt']), /already in use/);
  t.equal(never.collected.isComplete, false);
  t.match(text(never.members['README.txt']), /Missing\n {2}cpu: /);
  t.ok(never.members['heap.2.pprof'], 'the rest is there');
});

t.test("a server's WriteTimeout gives a shorter profile", async (t) => {
  const answers = goServer();
  answers.set('GET /debug/pprof/profile', (response, request) => {
    const seconds = Number(/seconds=(\d+)/.exec(request.url ?? '')?.[1]);
    if (seconds > 5) response.writeHead(400).end("profile duration exceeds server's WriteTimeout\n");
    else response.end(readFileSync(new URL('./fixtures/goserver-profile.5s.pb.gz', import.meta.url)));
  });
  const { item } = await run(answers, { seconds: 30 });
  t.equal(item('cpu').status, 'ok');
  t.match(item('cpu').notes, [/20 s instead of 30/, /10 s instead of 30/, /5 s instead of 30: .*WriteTimeout/]);
});

t.test('an answer that is something else is an error of that item, and kept', async (t) => {
  const page = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>';
  const answers = goServer()
    .set('GET /debug/pprof/heap', page)
    .set('GET /debug/pprof/allocs', '')
    .set('GET /debug/pprof/goroutine', { status: 500, body: 'boom\n' })
    .set('GET /debug/vars', { status: 404, body: 'no\n' });
  const { item, members, manifest } = await run(answers);
  t.match(item('heap'), {
    status: 'failed',
    http: 200,
    kept: 'errors/heap.txt',
    error: /a page instead of a profile, "Sign in"/,
  });
  t.equal(text(members['errors/heap.txt']), page);
  t.match(item('allocs'), { status: 'failed', error: 'the answer is empty' });
  t.match(item('goroutines-pprof'), { status: 'failed', http: 500, error: /500: boom/ });
  t.equal(item('vars').status, 'unsupported');
  t.notOk(manifest.items.some(({ name }) => name === 'vars-0001'));
  t.equal(item('cpu').status, 'ok');
});

t.test('an answer that is cut is there as far as it goes', async (t) => {
  const half = (response: import('node:http').ServerResponse) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write('goroutine 1 [running]:\nmain.main()\n\t/app/main.go:3 +0x1\n\ngoroutine 2 [sel');
    setTimeout(() => response.destroy(), 20);
  };
  const unended: Answer = (response) => {
    // Without a length, as a server that dies before the end of its gzip data.
    response.end(readFileSync(new URL('./fixtures/goserver-heap.pb.gz', import.meta.url)).subarray(0, 900));
  };
  const { item, members } = await run(
    goServer().set('GET /debug/pprof/goroutine?debug=2', half).set('GET /debug/pprof/heap', unended),
  );
  t.match(item('goroutines'), { status: 'partial', error: /cut after \d+ bytes/ });
  t.match(text(members['goroutines.stacks']), /goroutine 2 \[sel$/);
  t.match(item('heap'), { status: 'partial', error: /gzip data ends early/ });
});

t.test('a program that dies at any moment leaves what was had before, and a reason for all else', async (t) => {
  const whole = await run(kuboServer({ fraction: 0, rate: 0 }));
  const names = whole.manifest.items.map(({ name }) => name);
  const moments = Array.from({ length: whole.server.asked.length - 1 }, (_, i) => i + 2);
  const runs = moments.map((dieAt) => run(kuboServer({ fraction: 0, rate: 0 }), {}, { dieAt }));
  for (const [i, { manifest, members, server }] of (await Promise.all(runs)).entries()) {
    const dieAt = moments[i];
    t.equal(server.asked.length, dieAt);
    t.ok(members['goroutines.stacks'], `died at ${server.asked[dieAt - 1].path}`);
    for (const { name, status, member, error } of manifest.items) {
      if (member === undefined) t.ok(error, `${dieAt}: ${name} is ${status} for a reason`);
      else t.ok(members[member], `${dieAt}: ${name}`);
    }
    // What only kubo has is not known to be missing when it died before it said that it is kubo.
    const told = new Set(manifest.items.map(({ name }) => name));
    for (const name of names)
      if (!/^(vars-|version|sys)/.test(name) && !name.startsWith('custom'))
        t.ok(told.has(name), `${dieAt}: ${name} is told`);
  }
});

t.test('a server that hangs costs its time-outs, not minutes', async (t) => {
  const hang: Answer = () => {};
  const answers = new Map(
    [...goServer().keys()].map((path) => [path, path.includes('debug=2') ? (goServer().get(path) ?? '') : hang]),
  );
  const started = Date.now();
  const { manifest } = await run(answers, { timeout: 0.3, seconds: 30 });
  t.ok(Date.now() - started < 25_000);
  t.match(manifest.notes.join(), /the server had stopped answering at 2/);
  t.equal(manifest.items.filter(({ status }) => status === 'failed').length, 2);
  t.ok(manifest.items.some(({ status }) => status === 'skipped'));
  t.equal(statuses(manifest).goroutines, 'ok');

  const one = await run(goServer().set('GET /debug/pprof/goroutine?debug=2', hang), { timeout: 0.3 });
  t.match(one.item('goroutines'), { status: 'failed', error: 'no answer within 0.3 s' });
  t.equal(one.item('heap').status, 'ok');
});

t.test('who stops it gets what is there, and the rates are put back', async (t) => {
  const state = { fraction: 0, rate: 0 };
  const stop = new AbortController();
  const answers = kuboServer(state).set('GET /debug/pprof/profile', slow(''));
  setTimeout(() => stop.abort(), 2500);
  const { manifest, members, item, collected, server } = await run(answers, { seconds: 60, signal: stop.signal });
  t.equal(manifest.interrupted, true);
  t.equal(item('cpu').status, 'interrupted');
  t.match(item('mutex'), { status: 'interrupted', error: 'stopped by the user before it' });
  t.ok(members['heap.pprof']);
  t.same(state, { fraction: 0, rate: 0 });
  t.ok(
    server.asked.some(({ path }) => path === '/debug/pprof-mutex/?fraction=4'),
    'they had been set',
  );
  t.equal(collected.isComplete, false);
});

t.test('where nothing can be had there is an error and no file', async (t) => {
  const path = newPath();
  const gone = await serve(goServer());
  await gone.close();
  await t.rejects(collect({ target: gone.url, output: path }), {
    code: 'no-answer',
    message: `${gone.url}/debug/pprof/goroutine?debug=2: nothing listens there`,
    hint: /IPFS_PATH/,
  });
  await t.rejects(run(new Map(), { output: path }), {
    code: 'no-answer',
    message: /nothing could be collected: goroutines: .*404/,
    hint: /net\/http\/pprof/,
  });
  const stop = new AbortController();
  stop.abort();
  await t.rejects(run(goServer(), { output: path, signal: stop.signal }), { code: 'no-answer' });
  t.notOk(existsSync(path));
  t.notOk(readdirSync(folder).some((name) => name.endsWith('.partial')));
});

t.test('a file that is there is not written over', async (t) => {
  const { collected } = await run(goServer(), { only: ['goroutines'] });
  await t.rejects(run(goServer(), { output: collected.path }), {
    code: 'unreadable',
    message: /there is such a file already/,
  });
  await t.rejects(run(goServer(), { output: join(folder, 'no', 'such.zip') }), {
    code: 'unreadable',
    message: /there is no such folder/,
  });
});

t.test('only what is wanted is asked for', async (t) => {
  const { members, server } = await run(goServer(), { only: ['heap', 'cpu'] });
  t.same(Object.keys(members).sort(), ['README.txt', 'cpu.pprof', 'heap.pprof', 'manifest.json']);
  t.notOk(server.asked.some(({ path }) => /goroutine|vars/.test(path)));
  const without = await run(goServer(), { seconds: 0, skip: ['goroutines', 'process'] });
  t.notOk(without.members['goroutines.stacks']);
  t.notOk(without.members['cpu.pprof']);
  t.notOk(without.members['heap.2.pprof'], 'no time has passed');
  await t.rejects(collect({ only: ['heep'] }), { code: 'bad-option', message: /no item heep/, hint: /heap/ });
});

t.test('pprof is found elsewhere, and where the address says', async (t) => {
  const moved = (prefix: string) =>
    new Map([...goServer()].map(([path, answer]) => [path.replace('/debug/pprof/', prefix), answer] as const));
  t.equal((await run(moved('/v1/sys/pprof/'))).item('heap').status, 'ok');
  for (const path of ['/x/debug/pprof', '/x/debug/pprof/', '/x/debug/pprof/heap', '/x']) {
    const server = await serve(moved('/x/debug/pprof/'));
    const { manifest } = await collect({ target: server.url + path, output: newPath(), seconds: 0 });
    t.equal(statuses(manifest).heap, 'ok', path);
    t.ok(server.asked.every((asked) => !asked.path.includes('/v1/')));
    await server.close();
  }
  const bare = await run(goServer().set('GET /debug/pprof/', { status: 404 }));
  t.equal(bare.item('heap').status, 'ok', 'without an index everything usual is asked for');
  t.equal(bare.item('goroutineleak').status, 'unsupported');
});

t.test('an index page is not believed blindly', async (t) => {
  const names = [
    '../../etc/passwd',
    '/etc/passwd',
    'a b',
    'x"><script>',
    ...Array.from({ length: 40 }, (_, i) => `p${i}`),
  ];
  const page = INDEX.replace(
    '</table>',
    `${names.map((name) => `<tr><td>1</td><td><a href='${name}?debug=1'>x</a></td></tr>`).join('')}</table>`,
  );
  const { server, manifest } = await run(goServer().set('GET /debug/pprof/', page), { seconds: 0 });
  t.notOk(server.asked.some(({ path }) => /passwd|script|\.\./.test(path)));
  t.equal(manifest.items.filter(({ name }) => name.startsWith('custom-')).length, 20);
  t.match(manifest.notes, [/21 of the program's own profiles are left out/]);
});

t.test('secrets reach the server and nothing else', async (t) => {
  const server = await serve(goServer());
  const events: CollectEvent[] = [];
  const target = server.url.replace('//', '//user:s3cret@');
  const { path } = await collect({ target, output: newPath(), seconds: 0, onEvent: (event) => events.push(event) });
  t.equal(server.asked[0].headers.authorization, `Basic ${Buffer.from('user:s3cret').toString('base64')}`);
  await collect({ target, output: newPath(), seconds: 0, authorization: 'Bearer t0ken', headers: { 'X-Scope': 'a' } });
  t.equal(server.asked.at(-1)?.headers.authorization, 'Bearer t0ken');
  t.equal(server.asked.at(-1)?.headers['x-scope'], 'a');
  await server.close();
  const all =
    Object.values(unzipSync(new Uint8Array(readFileSync(path))))
      .map(text)
      .join() + JSON.stringify(events);
  t.notMatch(all, /s3cret|user:|dXNlcjpzM2NyZXQ/);
});

t.test('a redirect to another host is refused, one on the server is followed', async (t) => {
  const other = await serve(goServer());
  const redirects = (location: string): Answer => ({ status: 302, headers: { location } });
  const { item } = await run(
    goServer()
      .set('GET /debug/pprof/heap', redirects(`${other.url}/debug/pprof/heap`))
      .set('GET /debug/pprof/allocs', redirects('/moved/allocs?x=1'))
      .set('GET /debug/pprof/mutex', redirects('/debug/pprof/mutex'))
      .set('GET /moved/allocs', goServer().get('GET /debug/pprof/allocs') ?? ''),
  );
  t.match(item('heap'), { status: 'failed', error: new RegExp(`redirected to another server, ${other.url}`) });
  t.same(other.asked, []);
  t.equal(item('allocs').status, 'ok');
  t.match(item('mutex').error, /redirected more than 5 times/);
  await other.close();
});

t.test('a socket, and TLS with certificates on both sides', async (t) => {
  const socket = await run(goServer(), { seconds: 0 }, { socketPath: join(folder, 'app.sock') });
  t.equal(socket.manifest.target, `unix:${join(folder, 'app.sock')}`);
  t.equal(socket.item('heap').status, 'ok');
  const pem = (name: string) => readFileSync(new URL(`./fixtures/tls/${name}`, import.meta.url), 'utf8');
  const tls = { key: pem('test-only-server.key.pem'), cert: pem('test-only-server.pem'), ca: pem('test-only-ca.pem') };
  const mine = { ca: pem('test-only-ca.pem'), cert: pem('test-only-client.pem'), key: pem('test-only-client.key.pem') };
  t.equal((await run(goServer(), { seconds: 0, tls: mine }, { tls })).item('heap').status, 'ok');
  const open = { key: tls.key, cert: tls.cert };
  await t.rejects(run(goServer(), { seconds: 0 }, { tls: open }), {
    message: /its certificate is not trusted/,
    hint: /-tls_ca/,
  });
  t.equal((await run(goServer(), { seconds: 0, tls: { insecure: true } }, { tls: open })).item('heap').status, 'ok');
  await t.rejects(run(goServer(), { seconds: 0, tls: { ca: mine.ca } }, { tls }), { code: 'no-answer' });
});

t.test('what a member becomes before it is written is counted', async (t) => {
  const { members, manifest, item } = await run(goServer(), {
    seconds: 0,
    redact: (kind, name, bytes) =>
      kind === 'dump'
        ? { bytes: Buffer.from(text(bytes).replaceAll('/home/alice', '~')), redactions: [{ rule: 'home', count: 4 }] }
        : { bytes, redactions: name === 'vars.json' ? [{ rule: 'flag', count: 1 }] : [] },
  });
  t.notMatch(text(members['goroutines.stacks']), /alice/);
  t.equal(item('goroutines').bytes, members['goroutines.stacks'].length);
  t.same(manifest.redactions, [
    { member: 'goroutines.stacks', rule: 'home', count: 4 },
    { member: 'vars.json', rule: 'flag', count: 1 },
  ]);
});

t.test('what real servers said is collected whole: kubo idle, loaded, on badger, and Go 1.27', async (t) => {
  for (const name of ['kubo-idle', 'kubo-load', 'kubo-badger', 'server27'] as const) {
    const server = await startServer({ exchanges: readExchanges(name) });
    const { path, manifest, isComplete } = await collect({ target: server.url, output: newPath(), seconds: 1 });
    await server.close();
    t.equal(isComplete, true, `${name}: ${JSON.stringify(manifest.items.filter(({ status }) => status === 'failed'))}`);
    t.equal(manifest.server.program, name === 'server27' ? 'go' : 'kubo');
    const isThere = new Set(manifest.items.flatMap(({ member }) => member ?? []));
    for (const member of ['goroutines.stacks', 'cpu.pprof', 'heap.pprof', 'vars.json'])
      t.ok(isThere.has(member), `${name}: ${member}`);
    if (name !== 'server27')
      t.ok(isThere.has('sys.json') && isThere.has('metrics.prom') && isThere.has('version.json'), name);
    else t.ok(isThere.has('goroutineleak.pprof'));
    for (const { member } of manifest.items)
      if (member?.endsWith('.pprof'))
        t.ok((await open(`${path}:${member}`)).sampleTypes.length > 0, `${name}: ${member}`);
    t.ok((await openDumps(path))[0].goroutines.count > 5);
    const { problems } = await verifyBundle(await openBundle(path), () => {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    });
    t.same(problems, [], name);
  }
});

t.test('kubo with a busy profiler: all but the CPU profile', async (t) => {
  const server = await startServer({ exchanges: readExchanges('kubo-busy') });
  const { manifest } = await collect({ target: server.url, output: newPath(), seconds: 1 });
  await server.close();
  t.match(statuses(manifest), { goroutines: 'ok', heap: 'ok', cpu: 'failed', mutex: 'ok', sys: 'ok' });
});
