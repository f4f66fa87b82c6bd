// The fake server does what its options say; seen by node:http, as the collector sees it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as plain, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { exchange, keyOf, readExchanges, secondsOf } from './exchanges.js';
import { type FakeOptions, startServer } from './fakeServer.js';
import type { Fault } from './faults.js';

const VARS = '{"memstats":{"Alloc":12345678}}';
const few = [exchange('/debug/vars', VARS), exchange('/debug/pprof/profile?seconds=2', 'cpu')];

interface Answer {
  readonly status?: number;
  readonly text?: Buffer;
  readonly trailers?: NodeJS.Dict<string>;
  readonly headers?: NodeJS.Dict<string | string[]>;
  /** What the client saw go wrong. */
  readonly error?: string;
  readonly millis: number;
}

/** Never rejects; gives up `patience` ms after the last sign of the server. */
function ask(
  url: string,
  path: string,
  options: RequestOptions & Record<string, unknown> = {},
  patience = 10_000,
): Promise<Answer> {
  const begin = performance.now();
  const { hostname, port } = url.startsWith('unix:') ? { hostname: undefined, port: undefined } : new URL(url);
  const place = port === undefined ? { socketPath: url.slice(5) } : { hostname, port };
  const request = url.startsWith('https:') ? secure : plain;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let status: number | undefined;
    const done = (more: Partial<Answer>) =>
      resolve({ status, text: Buffer.concat(chunks), millis: performance.now() - begin, ...more });
    const req = request({ agent: false, ...place, path, ...options }, (res) => {
      status = res.statusCode;
      res.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (chunks.length > 500) req.destroy(new Error('too much'));
      });
      res.on('error', ({ message }) => done({ error: message }));
      res.on('end', () => done({ headers: res.headers, trailers: res.trailers }));
    });
    req.setTimeout(patience, () => req.destroy(new Error('timeout')));
    req.on('error', ({ message }) => done({ error: message }));
    req.end();
  });
}

async function withServer<T>(
  options: FakeOptions,
  use: (server: Awaited<ReturnType<typeof startServer>>) => Promise<T>,
): Promise<T> {
  const server = await startServer(options);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/** What a client sees of the answer to /debug/vars. */
const seen = (fault: Fault, body: Uint8Array | string = VARS) =>
  withServer({ exchanges: [exchange('/debug/vars', body)], faults: { '/debug/vars': fault } }, (server) =>
    ask(server.url, '/debug/vars', {}, fault.kind.startsWith('hang') ? 150 : undefined),
  );

t.test('a request finds its recording whatever its seconds and the order of its query', (t) => {
  const key = (path: string) => keyOf('GET', path);
  t.equal(key('/debug/pprof/heap?seconds=5&debug=0'), key('/debug/pprof/heap?seconds=1'));
  t.not(key('/debug/pprof/heap?seconds=5'), key('/debug/pprof/heap'), 'a difference is not a snapshot');
  t.equal(key('/debug/pprof/profile?seconds=5'), key('/debug/pprof/profile'), 'a CPU profile is timed anyway');
  t.equal(key('/x?b=1&a=2&a=1'), key('/x?a=1&b=1&a=2'));
  t.same(
    [
      '/debug/pprof/profile',
      '/debug/pprof/profile?seconds=3',
      '/debug/pprof/heap',
      '/api/v0/diag/profile?profile-time=1m0.5s',
    ].map(secondsOf),
    [30, 3, 0, 60.5],
  );
  t.end();
});

t.test('recorded answers come back: status, headers, body, trailers, one after the other', async (t) => {
  const exchanges = [...few, exchange('/debug/vars', '{"second":1}')];
  await withServer({ exchanges, clockAhead: 3_600_000 }, async ({ url, requests }) => {
    const first = await ask(url, '/debug/vars', { headers: { 'X-Test': 'yes' } });
    t.equal(String(first.text), VARS);
    t.ok(Date.parse(String(first.headers?.date)) > Date.now() + 3_000_000, 'the clock is ahead');
    for (const _ of [1, 2]) t.equal(String((await ask(url, '/debug/vars')).text), '{"second":1}');
    t.equal(String((await ask(url, '/debug/pprof/nosuch')).text), 'Unknown profile\n');
    t.match(await ask(url, '/nosuch', { method: 'POST' }), { status: 404 });
    t.match(requests, [
      { method: 'GET', path: '/debug/vars', status: 200, known: true, headers: { 'x-test': 'yes' } },
      {},
      {},
      { known: false },
      { method: 'POST' },
    ]);
    t.ok(requests.every(({ begin, end = 0 }) => begin <= end));
  });
});

t.test('a timed request takes its seconds times the scale, and there is one CPU profiler', async (t) => {
  await withServer({ exchanges: few, timeScale: 0.02 }, async (server) => {
    const path = '/debug/pprof/profile?seconds=5';
    const [long, busy, other] = await Promise.all([path, path, '/debug/vars'].map((each) => ask(server.url, each)));
    t.equal(long.status, 200);
    t.ok(long.millis >= 95, `${long.millis} ms`);
    t.match(busy, { status: 500, headers: { 'x-go-pprof': '1' } });
    t.match(String(busy.text), /^Could not enable CPU profiling: cpu profiling already in use\n$/);
    t.equal(other.status, 200);
    t.ok(server.maxAtOnce >= 2);
    t.match(await ask(server.url, path, {}, 30), { error: 'timeout' });
    t.equal(
      (await ask(server.url, '/debug/pprof/profile?seconds=1')).status,
      200,
      'who goes away gives the profiler back',
    );
    t.match(server.requests[3], { aborted: true, status: undefined });
  });
});

t.test('what can go wrong with an answer goes wrong', async (t) => {
  t.match(await seen({ kind: 'answer', status: 504, text: 'too late\n' }), {
    status: 504,
    text: Buffer.from('too late\n'),
  });
  t.match(await seen({ kind: 'busy' }), { status: 500, headers: { 'x-go-pprof': '1' } });
  t.match(await seen({ kind: 'html' }), { status: 200, headers: { 'content-type': /html/ }, text: /^<!DOCTYPE/ });
  t.match(await seen({ kind: 'empty' }), { status: 200, text: Buffer.alloc(0), headers: { 'content-length': '0' } });
  t.match(await seen({ kind: 'body', body: 'x' }), { status: 200, text: Buffer.from('x') });
  t.match(await seen({ kind: 'hang' }), { status: undefined, error: 'timeout' });
  t.match(await seen({ kind: 'drop' }), { status: undefined, error: 'socket hang up' });
  t.match(await seen({ kind: 'hangInBody' }), {
    status: 200,
    error: /timeout|aborted/,
    text: Buffer.from(VARS.slice(0, 15)),
  });
  t.match(await seen({ kind: 'cut', after: 7 }), {
    status: 200,
    error: 'aborted',
    text: Buffer.from(VARS.slice(0, 7)),
  });
  t.match(await seen({ kind: 'endless' }), { status: 200, error: /too much|aborted/ });
  t.match(await seen({ kind: 'wrongLength', by: 5 }), { status: 200, error: 'aborted', text: Buffer.from(VARS) });
  t.match(await seen({ kind: 'wrongLength', by: -5 }), { error: /^Parse Error/ }, 'bytes after the end');
  const drip = await seen({ kind: 'drip', bytes: 8, millis: 20 });
  t.equal(String(drip.text), VARS);
  t.ok(drip.millis >= 60, `${drip.millis} ms`);
  const trailer = await seen({ kind: 'trailer', error: 'generating profile data', after: 3 });
  t.match(trailer, {
    status: 200,
    text: Buffer.from(VARS.slice(0, 3)),
    trailers: { 'x-stream-error': 'generating profile data' },
  });
  t.equal(trailer.error, undefined, 'HTTP sees nothing wrong');
  t.match(await seen({ kind: 'redirect', to: 'http://other.example/' }), {
    status: 302,
    headers: { location: 'http://other.example/' },
  });
});

t.test('a fault is for a path, a method, a query, everything, or the first N requests', async (t) => {
  const refused: Fault = { kind: 'answer', status: 503, text: '' };
  const faults = {
    'POST /debug/vars': refused,
    '/debug/pprof/heap?debug=1': refused,
    '/debug/pprof/profile': [{ kind: 'busy' }, undefined, { kind: 'busy' }],
  } as const;
  const exchanges = [...few, exchange('/debug/pprof/heap', 'heap'), exchange('/debug/pprof/heap?debug=1', 'heap')];
  const statuses = (options: FakeOptions, ...asked: [path: string, method?: string][]) =>
    withServer(options, async ({ url }) => {
      const all: (number | undefined)[] = [];
      for (const [path, method = 'GET'] of asked) all.push((await ask(url, path, { method })).status);
      return all;
    });
  t.same(await statuses({ exchanges, faults }, ['/debug/vars'], ['/debug/vars', 'POST']), [200, 503]);
  t.same(await statuses({ exchanges, faults }, ['/debug/pprof/heap'], ['/debug/pprof/heap?debug=1']), [200, 503]);
  t.same(
    await statuses(
      { exchanges, faults, timeScale: 0.001 },
      ...[1, 2, 3, 4].map((n): [string] => [`/debug/pprof/profile?seconds=${n}`]),
    ),
    [500, 200, 500, 200],
  );
  t.same(await statuses({ exchanges, faults: { '*': refused } }, ['/debug/vars'], ['/x']), [503, 503]);
});

t.test('it dies after the k-th answer, or instead of it', async (t) => {
  for (const [when, statuses] of [
    ['answered', [200, 200, undefined]],
    ['asked', [200, undefined, undefined]],
  ] as const) {
    await withServer({ exchanges: few, dies: { request: 2, when } }, async ({ url, requests }) => {
      const answers: Answer[] = [];
      for (const _ of [1, 2, 3]) {
        answers.push(await ask(url, '/debug/vars'));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      t.same(
        answers.map(({ status }) => status),
        statuses,
        when,
      );
      t.match(answers[2].error, /ECONNREFUSED/);
      t.equal(requests.length, 2);
    });
  }
});

t.test('nothing is answered without its Authorization, below a path or everywhere', async (t) => {
  const authorization = { value: 'Bearer T', path: '/api/v0' };
  const exchanges = [...few, exchange('/api/v0/version', '{}', { method: 'POST' })];
  await withServer({ exchanges, authorization }, async ({ url }) => {
    t.equal((await ask(url, '/debug/vars')).status, 200, 'as kubo: /debug is open');
    const denied = await ask(url, '/api/v0/version', { method: 'POST' });
    t.match(denied, { status: 403, text: /^Kubo RPC Access Denied: Please provide a valid authorization token/ });
    t.equal(
      (await ask(url, '/api/v0/version', { method: 'POST', headers: { Authorization: 'Bearer T' } })).status,
      200,
    );
  });
  await withServer({ exchanges, authorization: { value: 'Basic eA==', status: 401 } }, async ({ url }) => {
    t.equal((await ask(url, '/debug/vars')).status, 401);
  });
});

t.test('it listens on a unix socket, below a prefix, behind TLS with and without a client certificate', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fake-')); // a folder of the test would be longer than 107 bytes
  t.teardown(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, 's');
  await withServer({ exchanges: few, socketPath, prefix: '/admin' }, async ({ url }) => {
    t.equal(url, `unix:${socketPath}`);
    t.equal(String((await ask(url, '/admin/debug/vars')).text), VARS);
    t.equal((await ask(url, '/debug/vars')).status, 404);
  });
  const pem = (name: string) => readFileSync(new URL(`./fixtures/tls/test-only-${name}.pem`, import.meta.url));
  const [ca, cert, key] = ['ca', 'server', 'server.key'].map(pem);
  const mine = { ca, cert: pem('client'), key: pem('client.key') };
  await withServer({ exchanges: few, tls: { cert, key } }, async ({ url }) => {
    t.match(url, /^https:\/\/localhost:\d+$/);
    t.equal(String((await ask(url, '/debug/vars', { ca })).text), VARS);
    t.match((await ask(url, '/debug/vars')).error, /certificate/, 'nobody trusts this CA');
  });
  await withServer({ exchanges: few, tls: { cert, key, clientCa: ca } }, async ({ url }) => {
    t.equal(String((await ask(url, '/debug/vars', mine)).text), VARS);
    t.match(await ask(url, '/debug/vars', { ca }), { status: undefined, error: /certificate|alert/ });
  });
});

t.test('what was recorded from real servers comes back as it was', async (t) => {
  const post = { method: 'POST' };
  await withServer({ exchanges: readExchanges('kubo-idle'), timeScale: 0 }, async ({ url }) => {
    const version = await ask(url, '/api/v0/version', post);
    t.match(version, { status: 200, headers: { server: 'kubo/0.44.0-dev', trailer: 'X-Stream-Error' } });
    t.equal(JSON.parse(String(version.text)).Golang, 'go1.26.8');
    t.equal((await ask(url, '/api/v0/version', { ...post, headers: { 'User-Agent': 'Mozilla/5.0' } })).status, 403);
    const zip = await ask(url, '/api/v0/diag/profile?profile-time=0&collectors=version&collectors=nosuch', post);
    t.match(
      zip,
      { status: 200, trailers: { 'x-stream-error': "unknown collector 'nosuch'" } },
      'the error is in a trailer',
    );
    t.equal(zip.text?.length, 22, 'a zip with nothing in it');
    t.match(await ask(url, '/debug/pprof/goroutineleak'), { status: 404 });
    t.match(await ask(url, '/debug/pprof/heap?seconds=abc'), { status: 400 });
    t.match(await ask(url, '/debug/pprof/heap?seconds=7'), { headers: { 'content-disposition': /heap-delta/ } });
    t.ok(gunzipSync((await ask(url, '/debug/pprof/profile?seconds=60')).text ?? '').length > 0);
    t.match(await ask(url, '/debug/pprof-mutex/?fraction=100', post), { status: 200 });
  });
  await withServer({ exchanges: readExchanges('kubo-busy'), timeScale: 0 }, async ({ url }) => {
    t.match(await ask(url, '/debug/pprof/profile?seconds=9'), { status: 500, text: /cpu profiling already in use/ });
    t.match(await ask(url, '/debug/pprof/trace'), { status: 500, text: /execution tracer already enabled/ });
  });
  const counters = (name: string) => {
    const vars = readExchanges(name).filter(({ path }) => path === '/debug/vars');
    return vars.map(({ body }) => JSON.parse(String(body)).badger_gets_total);
  };
  t.same(counters('kubo-load'), [0, 0], 'linked, not in use');
  const [before, after] = counters('kubo-badger');
  t.ok(before > 0 && after > before, `${before}, ${after}`);
  const leaks = (name: string) => readExchanges(name).find(({ path }) => path === '/debug/pprof/goroutineleak')?.status;
  t.same(['server27', 'kubo-idle'].map(leaks), [200, 404]);
  t.ok(readExchanges('goserver').length > 40);
});
