// A server that says again what a real one said, and misbehaves where a test tells it to. Plain node:http, on 127.0.0.1
// or a unix socket. Timed requests take as long as their `seconds` say, times a factor, so that tests are quick.
// Like a Go program it has one CPU profiler and one tracer: a second request for one gets 500.
//
//   const server = await startServer({
//     exchanges: readExchanges('kubo-load'),
//     faults: { '/debug/vars': { kind: 'hang' }, 'POST /api/v0/diag/sys': { kind: 'answer', status: 502, text: 'Bad Gateway' } },
//   });
//   server.url; server.requests; server.maxAtOnce; await server.close();

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { type Exchange, exchange, keyOf, secondsOf } from './exchanges.js';
import { BUSY, error, type Fault, misbehave, replayed } from './faults.js';

export interface FakeOptions {
  readonly exchanges: readonly Exchange[];
  /**
   * By path, `METHOD path`, either with its query (in any order; values of `seconds` and the like do not matter), or `*`.
   * A list is used up, one fault a request (undefined: the recorded answer); after it the recorded answer comes.
   */
  readonly faults?: Readonly<Record<string, Fault | readonly (Fault | undefined)[]>>;
  /** What a second of `seconds=N` takes, in seconds; 0.01 unless said otherwise. */
  readonly timeScale?: number;
  /** Ms before each answer. */
  readonly latency?: number;
  /** Ms that the Date header is ahead. */
  readonly clockAhead?: number;
  /** Below `path` (default: everywhere) nothing is answered without this Authorization: `status`, 403 unless said otherwise. */
  readonly authorization?: { readonly value: string; readonly path?: string; readonly status?: 401 | 403 };
  /** The process dies: after the answer to the n-th request, or while that one waits for it. Sockets are closed, new ones refused. */
  readonly dies?: { readonly request: number; readonly when: 'answered' | 'asked' };
  /** Path before everything: /admin. */
  readonly prefix?: string;
  /** Listen on this unix socket. */
  readonly socketPath?: string;
  readonly tls?: {
    readonly cert: Buffer;
    readonly key: Buffer /** Clients must have a certificate of it. */;
    readonly clientCa?: Buffer;
  };
}

/** A request as the server saw it. Times in ms since the start of the server. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly begin: number;
  /** Undefined while it is not answered. */
  end?: number;
  status?: number;
  /** The connection ended before all was answered. */
  aborted?: boolean;
  /** False when nothing was recorded for it and it got 404. */
  readonly known: boolean;
}

export interface FakeServer {
  /** http://127.0.0.1:PORT, https://localhost:PORT, or unix:PATH */
  readonly url: string;
  /** In the order they came. */
  readonly requests: readonly Asked[];
  /** The most requests that were open at the same time. */
  readonly maxAtOnce: number;
  close(): Promise<void>;
}

const DENIED =
  'Kubo RPC Access Denied: Please provide a valid authorization token as defined in the API.Authorizations configuration.\n';
const TRACING = 'Could not enable tracing: execution tracer already enabled\n';

export async function startServer(options: FakeOptions): Promise<FakeServer> {
  const { timeScale = 0.01, latency = 0, prefix = '', tls, socketPath } = options;
  const start = performance.now();
  const now = () => performance.now() - start;
  const requests: Asked[] = [];
  const sockets = new Set<Socket>();
  const answers = answersOf(options.exchanges);
  const faults = faultsOf(options.faults ?? {});
  /** What only one request at a time can have: the profiler, the tracer. */
  const taken = new Set<string>();
  let open = 0;
  let maxAtOnce = 0;

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = message;
    const path = url.startsWith(prefix) ? url.slice(prefix.length) : '';
    const found = path === '' ? undefined : answers(method, path, message.headers);
    const asked: Asked = { method, path: url, headers: message.headers, begin: now(), known: found !== undefined };
    const number = requests.push(asked);
    maxAtOnce = Math.max(maxAtOnce, ++open);
    let device: string | undefined;
    response.once('close', () => {
      open--;
      asked.end = now();
      if (response.headersSent) asked.status = response.statusCode;
      if (!response.writableFinished) asked.aborted = true;
      if (device !== undefined) taken.delete(device);
      if (options.dies?.when === 'answered' && number === options.dies.request) die();
    });
    if (options.dies?.when === 'asked' && number === options.dies.request) return die();
    if (options.clockAhead !== undefined) {
      response.setHeader('Date', new Date(Date.now() + options.clockAhead).toUTCString());
    }
    if (latency > 0) await pause(latency, response);
    const { authorization: needed } = options;
    if (needed !== undefined && path.startsWith(needed.path ?? '') && message.headers.authorization !== needed.value) {
      return error(response, needed.status ?? 403, DENIED);
    }
    const fault = faults(method, path);
    const recorded = found ?? exchange(path, `${method} ${path}\n`);
    if (fault !== undefined && fault.kind !== 'trailer') return misbehave(fault, recorded, response);
    if (found === undefined) {
      if (path.startsWith('/debug/pprof/')) return error(response, 404, 'Unknown profile\n', { 'X-Go-Pprof': '1' });
      return error(response, 404, '404 page not found\n');
    }
    const wanted = /\/(profile|trace)(\?|$)/.exec(path)?.[1];
    if (found.status < 400 && wanted !== undefined && method === 'GET') {
      if (taken.has(wanted)) return error(response, 500, wanted === 'trace' ? TRACING : BUSY, { 'X-Go-Pprof': '1' });
      device = wanted;
      taken.add(wanted);
    }
    if (found.status < 400) await pause(secondsOf(path) * timeScale * 1000, response);
    if (response.closed) return;
    if (fault !== undefined) return misbehave(fault, found, response);
    replay(found, response);
  }

  const handler = (message: IncomingMessage, response: ServerResponse) => {
    message.resume();
    response.on('error', () => {});
    void answer(message, response);
  };
  const server: Server =
    tls === undefined
      ? createServer(handler)
      : createTlsServer(
          { cert: tls.cert, key: tls.key, ca: tls.clientCa, requestCert: tls.clientCa !== undefined },
          handler,
        );
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    });
  }
  server.on('tlsClientError', () => {});

  function die(): void {
    server.close();
    for (const socket of sockets) socket.destroy();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url:
      socketPath !== undefined ? `unix:${socketPath}` : tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    requests,
    get maxAtOnce() {
      return maxAtOnce;
    },
    close: () =>
      new Promise((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Lookup of a recorded answer; several for one request come one after the other, the last of them for good. */
function answersOf(
  exchanges: readonly Exchange[],
): (method: string, path: string, headers: IncomingHttpHeaders) => Exchange | undefined {
  const exact = new Map<string, Exchange[]>();
  const byKey = new Map<string, Exchange[]>();
  const failed = new Map<string, Exchange[]>();
  const put = (map: Map<string, Exchange[]>, key: string, one: Exchange) =>
    map.set(key, [...(map.get(key) ?? []), one]);
  for (const one of exchanges.filter(({ request }) => request === undefined)) {
    const key = keyOf(one.method, one.path);
    // A recorded error is about the values that were asked for, so it comes for another value only when nothing else does.
    if (one.status >= 400) put(exact, `${one.method} ${one.path}`, one);
    put(one.status < 400 ? byKey : failed, key, one);
  }
  const special = exchanges.filter(({ request }) => request !== undefined);
  return (method, path, headers) => {
    const key = keyOf(method, path);
    const same = ([name, value]: [string, string]) => headers[name.toLowerCase()] === value;
    const one = special.find(
      (each) => keyOf(each.method, each.path) === key && Object.entries(each.request ?? {}).every(same),
    );
    const list = exact.get(`${method} ${path}`) ?? byKey.get(key) ?? failed.get(key) ?? [];
    return one ?? (list.length > 1 ? list.shift() : list[0]);
  };
}

/** What goes wrong with the next request. */
function faultsOf(faults: NonNullable<FakeOptions['faults']>): (method: string, path: string) => Fault | undefined {
  const next = new Map<string, () => Fault | undefined>();
  for (const [at, fault] of Object.entries(faults)) {
    const [, method = '', path] = /^(?:([A-Z]+) )?(.*)$/.exec(at) ?? [];
    const key = at === '*' ? at : keyOf(method, path ?? '').trim();
    const left = 'kind' in fault ? undefined : [...fault];
    next.set(key, () => (left === undefined && 'kind' in fault ? fault : left?.shift()));
  }
  return (method, path) => {
    const key = keyOf(method, path);
    const bare = key.replace(/\?.*/, '');
    const without = (text: string) => text.slice(method.length + 1);
    const at = [key, without(key), bare, without(bare), '*'].find((each) => next.has(each));
    return at === undefined ? undefined : next.get(at)?.();
  };
}

function replay(found: Exchange, response: ServerResponse): void {
  response.writeHead(found.status, found.statusText, replayed(found, found.body.length));
  if (found.body.length > 0) response.write(found.body);
  if (found.trailers.length > 0)
    response.addTrailers(found.trailers.map(([name, value]): [string, string] => [name, value]));
  response.end();
}

/** Ends early when the client goes. */
function pause(millis: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (millis <= 0 || response.closed) return resolve();
    const timer = setTimeout(resolve, millis);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
