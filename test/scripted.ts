// A Go server whose answers a test writes itself, or computes from its state: rates, counters, redirects. What real servers said is in fakeServer.ts.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

/** What a path answers: a body with status 200, an answer of any kind, or whatever it does to the response. */
export type Answer =
  | string
  | Buffer
  | { readonly status?: number; readonly body?: string | Buffer; readonly headers?: Record<string, string> }
  | ((response: ServerResponse, request: IncomingMessage, times: number) => void);

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly at: number;
  /** Requests that were being answered at that moment, this one with them. */
  readonly together: number;
}

export interface FakeServer {
  /** http://127.0.0.1:PORT, or unix:/path. */
  readonly url: string;
  readonly port: number;
  /** In their order. */
  readonly asked: readonly Asked[];
  /** Closes the port and every connection: the program is dead. */
  die(): void;
  close(): Promise<void>;
}

const stacks = `goroutine 1 [IO wait, 3 minutes]:
internal/poll.runtime_pollWait(0x7f1c3f2c5a58, 0x72)
	/usr/local/go/src/runtime/netpoll.go:351 +0x85
main.main()
	/home/alice/src/app/main.go:30 +0x1d

goroutine 7 [sync.Mutex.Lock, 3 minutes]:
sync.runtime_SemacquireMutex(0xc000012010?, 0x0?, 0x1?)
	/usr/local/go/src/runtime/sema.go:95 +0x25
sync.(*Mutex).Lock(...)
	/usr/local/go/src/sync/mutex.go:46
main.main.func1()
	/home/alice/src/app/main.go:22 +0x3a
created by main.main in goroutine 1
	/home/alice/src/app/main.go:20 +0x9d
`;

const profiles = ['allocs', 'block', 'goroutine', 'heap', 'mutex', 'threadcreate'];
export const INDEX = `<html><head><title>/debug/pprof/</title></head><body><table>
${[...profiles, 'cmdline', 'profile', 'trace', 'example.com/app.handles']
  .map((name) => `<tr><td>3</td><td><a href='${name}?debug=1'>${name}</a></td></tr>`)
  .join('\n')}
</table></body></html>`;

const vars = (n: number) =>
  JSON.stringify({ cmdline: ['app', '-token=hunter2'], memstats: { NumGC: n, HeapAlloc: 1000 + n } });

/** Answers by method and path without its query; a few with it. */
export function goServer(): Map<string, Answer> {
  const profile = (name: string): Answer => ({
    body: fixture(`goserver-${name}.pb.gz`),
    headers: { 'content-type': 'application/octet-stream' },
  });
  return new Map<string, Answer>([
    ['GET /debug/pprof/', { body: INDEX, headers: { 'content-type': 'text/html; charset=utf-8' } }],
    ['GET /debug/pprof/goroutine?debug=2', stacks],
    ['GET /debug/pprof/goroutine', profile('goroutine')],
    ['GET /debug/pprof/heap', profile('heap')],
    ['GET /debug/pprof/allocs', profile('allocs')],
    ['GET /debug/pprof/block', profile('block')],
    ['GET /debug/pprof/mutex', profile('mutex')],
    ['GET /debug/pprof/threadcreate', profile('goroutine')],
    ['GET /debug/pprof/example.com/app.handles', profile('custom')],
    [
      'GET /debug/pprof/cmdline',
      { body: 'app\0-token=hunter2', headers: { 'content-type': 'text/plain; charset=utf-8' } },
    ],
    ['GET /debug/pprof/profile', slow(profile('profile.5s'))],
    ['GET /debug/pprof/trace', slow(Buffer.from('go 1.26 trace\0\0\0and what follows'))],
    ['GET /debug/vars', (response, _, times) => response.end(vars(times))],
  ]);
}

/** The same with what kubo has besides. */
export function kuboServer(state: { fraction: number; rate: number }): Map<string, Answer> {
  return new Map<string, Answer>([
    ...goServer(),
    [
      'POST /api/v0/version',
      JSON.stringify({ Version: '0.44.0-dev', Commit: '', Repo: '18', System: 'amd64/linux', Golang: 'go1.26.8' }),
    ],
    ['POST /api/v0/diag/sys', JSON.stringify({ diskinfo: { free_space: 1 }, runtime: { numgoroutines: 3 } })],
    ['GET /debug/metrics/prometheus', '# HELP go_goroutines Number.\n# TYPE go_goroutines gauge\ngo_goroutines 10\n'],
    [
      'GET /debug/pprof/mutex?debug=1',
      (response) => response.end(`--- mutex:\ncycles/second=1\nsampling period=${state.fraction}\n`),
    ],
    ['GET /debug/pprof/block?debug=1', '--- contention:\ncycles/second=1\n'],
    [
      'POST /debug/pprof-mutex/',
      (response, request) => {
        state.fraction = Number(new URL(request.url ?? '', 'http://x').searchParams.get('fraction'));
        response.end();
      },
    ],
    [
      'POST /debug/pprof-block/',
      (response, request) => {
        state.rate = Number(new URL(request.url ?? '', 'http://x').searchParams.get('rate'));
        response.end();
      },
    ],
  ]);
}

/** Waits for a tenth of the seconds that are asked for; stops when the client does, as net/http/pprof. */
export function slow(answer: Answer): Answer {
  return (response, request, times) => {
    const seconds = Number(new URL(request.url ?? '', 'http://x').searchParams.get('seconds') ?? 1);
    const timer = setTimeout(() => respond(answer, response, request, times), seconds * 100);
    response.on('close', () => clearTimeout(timer));
  };
}

function respond(answer: Answer, response: ServerResponse, request: IncomingMessage, times: number): void {
  if (typeof answer === 'function') {
    answer(response, request, times);
    return;
  }
  const {
    status = 200,
    body = '',
    headers = {},
  } = typeof answer === 'string' || Buffer.isBuffer(answer) ? { body: answer } : answer;
  response.writeHead(status, headers);
  response.end(body);
}

export interface ServerOptions {
  readonly socketPath?: string;
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Dies before it answers the request of this number, from 1 on. */
  readonly dieAt?: number;
}

export async function serve(answers: ReadonlyMap<string, Answer>, options: ServerOptions = {}): Promise<FakeServer> {
  const asked: Asked[] = [];
  const times = new Map<string, number>();
  let together = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    together++;
    response.on('close', () => {
      together--;
    });
    const { method = '', url = '', headers } = request;
    asked.push({ method, path: url, headers, at: Date.now(), together });
    if (asked.length === options.dieAt) {
      die();
      return;
    }
    const full = `${method} ${url}`;
    const bare = full.replace(/\?.*/, '');
    times.set(bare, (times.get(bare) ?? 0) + 1);
    const missing: Answer = {
      status: 404,
      body:
        answers.has('GET /debug/pprof/') && /\/debug\/pprof\/./.test(url)
          ? 'Unknown profile\n'
          : '404 page not found\n',
    };
    respond(answers.get(full) ?? answers.get(bare) ?? missing, response, request, times.get(bare) ?? 1);
  };
  const server =
    options.tls === undefined
      ? createServer(handle)
      : createTlsServer(
          { ...options.tls, requestCert: options.tls.ca !== undefined, rejectUnauthorized: true },
          handle,
        );
  const die = () => {
    server.close();
    server.closeAllConnections();
  };
  await new Promise<void>((resolve) => {
    if (options.socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(options.socketPath, resolve);
  });
  const address = server.address();
  const port = options.socketPath === undefined ? (address as AddressInfo).port : 0;
  return {
    url:
      options.socketPath === undefined
        ? `http${options.tls ? 's' : ''}://127.0.0.1:${port}`
        : `unix:${options.socketPath}`,
    port,
    asked,
    die,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
