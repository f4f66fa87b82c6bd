// Collecting from a program, a network, a disk and a user that fail: what was had is there, the rest has a reason.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import t from 'tap';
import { collectInto } from '../src/collect/run.js';
import { ProfileError } from '../src/errors.js';
import { collect, type Manifest } from '../src/node.js';
import type { Disk } from '../src/source/disk.js';
import { newClient } from '../src/source/http.js';
import { parseTarget } from '../src/source/target.js';
import { folder, newPath, run, statuses, text } from './collecting.js';
import { type Answer, goServer, kuboServer, serve, slow } from './scripted.js';

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
    code: 'unreachable',
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

t.test('a full disk: what fits is there, what does not is told', async (t) => {
  const sizes = new Map<number, readonly string[]>();
  for (const room of [600, 4000, 12_000, 20_000, 30_000, 60_000]) {
    const server = await serve(goServer());
    const disk = smallDisk(room);
    const plan = { seconds: 1, traceSeconds: 0, binary: false, only: [], skip: ['process'], gc: false, tool: 'test' };
    const more = {
      rates: { mutexFraction: 0, blockRate: 0 },
      timeoutMs: 5000,
      maxBytes: 1e9,
      redact: undefined,
      earlier: undefined,
    };
    const client = newClient(parseTarget(server.url));
    const result = await collectInto(disk, client, { ...plan, ...more }, { unpackBinary: () => undefined }).catch(
      (error) => error,
    );
    await server.close();
    if (room === 600) {
      t.match(result, { code: 'unreadable', message: /no space left/ });
      t.equal(disk.state, 'discarded');
      continue;
    }
    t.equal(disk.state, 'finished');
    const members = unzipSync(disk.bytes());
    const manifest: Manifest = JSON.parse(text(members['manifest.json']));
    for (const { name, member, status, error } of manifest.items) {
      if (member !== undefined) t.ok(members[member], `${room}: ${name}`);
      else if (status !== 'unsupported') t.match(error, /no space left|device/, `${room}: ${name}`);
    }
    t.same(
      new Set(Object.keys(members)),
      new Set(['README.txt', 'manifest.json', ...manifest.items.flatMap(({ member }) => member ?? [])]),
    );
    sizes.set(room, Object.keys(members));
  }
  t.ok((sizes.get(12_000)?.length ?? 0) > 3, 'small members find room behind a large one that did not');
  t.ok((sizes.get(60_000)?.length ?? 0) > (sizes.get(12_000)?.length ?? 0));
});

/** A disk of so many bytes. */
function smallDisk(room: number): Disk & { readonly state: string; bytes(): Uint8Array } {
  let content = Buffer.alloc(0);
  let state = 'open';
  return {
    path: 'small.zip',
    write: (bytes) => {
      const fits = bytes.subarray(0, room - content.length);
      content = Buffer.concat([content, fits]);
      if (fits.length < bytes.length)
        throw new ProfileError(
          'unreadable',
          'it cannot be written: no space left on the device',
          { source: 'small.zip' },
          'make room',
        );
    },
    truncate: (size) => {
      content = content.subarray(0, size);
    },
    finish: () => {
      state = 'finished';
    },
    discard: () => {
      state = 'discarded';
    },
    get state() {
      return state;
    },
    bytes: () => content,
  };
}
