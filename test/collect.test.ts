// Collecting from a live program: what a bundle has, and who is asked for what.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import t from 'tap';
import { type CollectEvent, collect, open, openBundle, openDumps, report, verifyBundle } from '../src/node.js';
import { folder, newPath, run, statuses, text } from './collecting.js';
import { readExchanges } from './exchanges.js';
import { startServer } from './fakeServer.js';
import { type Answer, goServer, INDEX, kuboServer, serve } from './scripted.js';

t.test('everything that a Go program has is in the bundle, its stacks first', async (t) => {
  const { members, manifest, collected, server, item } = await run(goServer(), { traceSeconds: 1 });
  t.same(Object.keys(members).sort(), [
    'README.txt',
    'allocs.pprof',
    'block.before.pprof',
    'block.pprof',
    'cmdline.json',
    'cpu.pprof',
    'custom/example.com_app.handles.pprof',
    'goroutines.2.stacks',
    'goroutines.pprof',
    'goroutines.stacks',
    'heap.2.pprof',
    'heap.pprof',
    'manifest.json',
    'mutex.before.pprof',
    'mutex.pprof',
    'process.2.json',
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
  t.same(JSON.parse(text(members['cmdline.json'])), ['app', '-token=[redacted]']);
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

t.test('nothing is asked for twice without need, and only one thing that takes its seconds at a time', async (t) => {
  const { server } = await run(goServer(), { traceSeconds: 1 });
  const paths = server.asked.map(({ path }) => path).filter((path) => !/vars|metrics/.test(path));
  const twice = /(heap|goroutine\?debug=2|mutex|block)$/;
  const once = paths.filter((path) => !twice.test(path));
  t.equal(new Set(once).size, once.length, once.join(' '));
  t.equal(paths.length - once.length, 8, 'what grows is asked for at the begin and at the end');
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
    { name: 'block profile rate', during: 1_000_000, after: 0 },
  ]);
  const order = server.asked.map(({ method, path }) => `${method} ${path}`);
  const at = (what: string) => order.lastIndexOf(what);
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
  await t.rejects(run(goServer(), { seconds: 0, tls: { ca: mine.ca } }, { tls }), { code: 'unreachable' });
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
    const { problems } = await verifyBundle(await openBundle(path));
    t.same(problems, [], name);
  }
});

t.test('kubo with a busy profiler: all but the CPU profile', async (t) => {
  const server = await startServer({
    exchanges: readExchanges('kubo-load'),
    faults: { '/debug/pprof/profile': { kind: 'busy' } },
  });
  const { manifest } = await collect({ target: server.url, output: newPath(), seconds: 1 });
  await server.close();
  t.match(statuses(manifest), { goroutines: 'ok', heap: 'ok', cpu: 'failed', mutex: 'ok', sys: 'ok' });
});

t.test('an earlier run is gone on with: what it has is not asked for again', async (t) => {
  const first = await run(
    goServer()
      .set('GET /debug/pprof/profile', { status: 500, body: 'cpu profiling already in use' })
      .set('GET /debug/pprof/heap', ''),
  );
  const server = await serve(goServer());
  const again = await collect({
    target: server.url,
    output: newPath(),
    seconds: 1,
    resume: first.collected.path,
  }).catch((error) => error);
  t.match(again, { code: 'bad-option', message: /is of http:.*, not of http:/ }, 'of another program');
  await server.close();

  const path = first.collected.path.replace('.zip', '-cut.zip');
  const whole = readFileSync(first.collected.path);
  writeFileSync(path, whole.subarray(0, whole.indexOf('manifest.json') - 40));
  const resumed = await run(goServer(), { resume: path });
  const asked = resumed.server.asked.map((request) => request.path);
  t.ok(asked.includes('/debug/pprof/profile?seconds=1') && asked.includes('/debug/pprof/heap'));
  t.notOk(
    asked.some((one) => /goroutine|allocs|threadcreate/.test(one)),
    asked.join(' '),
  );
  t.equal(resumed.item('goroutines').resumed, true);
  t.equal(resumed.item('cpu').resumed, undefined);
  t.equal(resumed.collected.isComplete, true);
  t.same(resumed.members['goroutines.stacks'], first.members['goroutines.stacks']);
  t.notOk(resumed.members['errors/cpu.txt']);
});

t.test('profiles whose names differ in what no member may be called keep apart', async (t) => {
  const names = ['a/b', 'a_b', 'a+b'];
  const answers = goServer().set(
    'GET /debug/pprof/',
    INDEX.replace(
      '</table>',
      `${names.map((name) => `<tr><td>1</td><td><a href='${name}?debug=1'>x</a></td></tr>`).join('')}</table>`,
    ),
  );
  for (const path of ['a/b', 'a_b', 'a%2Bb'])
    answers.set(`GET /debug/pprof/${path}`, goServer().get('GET /debug/pprof/heap') ?? '');
  const { members } = await run(answers, { seconds: 0 });
  for (const name of ['a_b', 'a_b-2', 'a_b-3']) t.ok(members[`custom/${name}.pprof`], name);
});

t.test(
  'what is taken over of an earlier run is redacted, checked, and of this run only by its own names',
  async (t) => {
    const raw = await run(goServer(), { seconds: 0, redact: false, skip: ['allocs'] });
    t.match(text(raw.members['cmdline.json']), /hunter2/);
    const changed = { ...raw.members, 'vars.json': Buffer.from('{"memstats":{}}') };
    const path = newPath();
    writeFileSync(
      path,
      zipSync({
        ...changed,
        'manifest.json': Buffer.from(text(raw.members['manifest.json']).replaceAll(raw.manifest.target, 'x')),
      }),
    );
    await t.rejects(collect({ resume: path, target: 'localhost:1' }), {
      code: 'bad-option',
      message: /is of x, not of/,
    });
    await t.rejects(collect({ resume: raw.collected.path, authorization: 'Bearer t' }), {
      message: /no secret is sent to an address that only a file names/,
    });
    const cut = newPath();
    const kept = Object.entries(changed).filter(([name]) => name !== 'manifest.json');
    writeFileSync(cut, zipSync(Object.fromEntries(kept)));
    const again = await run(goServer(), { seconds: 0, resume: cut });
    t.notMatch(text(again.members['cmdline.json']), /hunter2/);
    t.ok((again.manifest.redactions ?? []).some(({ member }) => member === 'cmdline.json'));
    t.equal(again.item('allocs').resumed, undefined);
  },
);

t.test('neither the file to go on from nor one that appears meanwhile is lost', async (t) => {
  const output = newPath();
  writeFileSync(`${output}.partial`, 'what an earlier run left');
  const { collected } = await run(
    goServer().set('GET /debug/pprof/heap', (response) => {
      writeFileSync(output, 'precious');
      response.end();
    }),
    { seconds: 0, output },
  );
  t.equal(readFileSync(output, 'utf8'), 'precious');
  t.equal(collected.path, output.replace('.zip', '-2.zip'));
  t.equal(readFileSync(`${output}.partial`, 'utf8'), 'what an earlier run left');
});

t.test('secrets in the words of a server, and in a query, are not written', async (t) => {
  const { item, members } = await run(
    goServer().set('GET /debug/pprof/heap', {
      status: 500,
      body: 'password=hunterSECRET99 for postgres://u:pwSECRET@h',
    }),
    { seconds: 0 },
  );
  t.match(item('heap').error, /the server answered 500/);
  t.notMatch(Object.values(members).map(text).join(), /SECRET/);
  await t.rejects(collect({ target: 'localhost:1/debug/pprof/?token=qSECRET' }), {
    code: 'bad-option',
    message: /has no query/,
  });
  for (const target of ['joe:SECRET@127.0.0.1:99999', 'http://j:a@SECRET@/x y:z', 'ftp://u:SECRET@h'])
    t.notMatch(String(await collect({ target }).catch((error) => error)), /SECRET/, target);
  const live = await open('localhost:1/debug/pprof/heap?token=qSECRET').catch((error) => error);
  t.match(live.message, /token=…: nothing listens there/);
});
