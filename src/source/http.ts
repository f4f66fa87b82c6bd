// One request to the server that the user named, and to no other: a redirect to another host is an error. node:http, because
// a CPU profile's headers come after its seconds (fetch gives up on headers after 300 s), for sockets, client certificates and
// trailers (kubo puts an error that ended its zip into one). Nothing is retried here.

import http, { type IncomingMessage, type RequestOptions as NodeRequest } from 'node:http';
import https from 'node:https';
import { createGunzip } from 'node:zlib';
import { ProfileError } from '../errors.js';
import { answerError, connectionError } from './httpErrors.js';
import { nameOf, type Target } from './target.js';

export interface Tls {
  /** PEM. */
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly serverName?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
}

export interface ClientOptions {
  /** Extra headers; secrets, as far as anybody knows. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The value of the header Authorization; before that of the URL. */
  readonly authorization?: string;
  readonly tls?: Tls;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST';
  /** For the whole answer; 60 s unless given. */
  readonly timeoutMs?: number;
  /** Longest time without a byte, once the answer began. */
  readonly idleMs?: number;
  /** Bytes of the body at which to stop with an error; 2 GiB unless given. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  /** Without user and password. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, to be read once and to its end. Throws ProfileError: cut, no-answer, stopped, too-large. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Known once the body was read. */
  trailers(): Readonly<Record<string, string>>;
}

export interface Client {
  readonly target: Target;
  /** path: from the root of the server, with its query. Any status is an answer. Throws ProfileError: unreachable, cut, no-answer, bad-answer, stopped. */
  request(path: string, options?: RequestOptions): Promise<Answer>;
}

/** Until there is a connection. */
const CONNECT_MS = 5000;
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 2 * 1024 ** 3;
const REDIRECTS = 5;

export function newClient(target: Target, options: ClientOptions = {}): Client {
  return {
    target,
    request: async (path, request = {}) => {
      let at = path;
      for (let i = 0; i <= REDIRECTS; i++) {
        const answer = await send(target, at, options, request);
        const location = answer.headers.location;
        if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
        at = redirected(answer.url, target, location);
      }
      throw answerError(
        nameOf(target, path),
        `redirected more than ${REDIRECTS} times`,
        'open it in a browser to see where it leads',
      );
    },
  };
}

/** The path of a redirect that stays on the server. */
function redirected(url: string, target: Target, location: string): string {
  const base = nameOf({ ...target, socketPath: undefined }, '/');
  const here = target.socketPath === undefined ? url : base;
  if (!URL.canParse(location, here))
    throw answerError(url, `redirected to nowhere: ${location.slice(0, 200)}`, 'ask who runs it');
  const to = new URL(location, here);
  if (!/^https?:$/.test(to.protocol))
    throw answerError(url, `redirected to ${to.protocol}, which is no server`, 'ask who runs it');
  if (to.origin !== new URL(base).origin)
    throw answerError(
      url,
      `redirected to another server, ${to.origin}, which was not named`,
      `name it yourself if you trust it: ${to.origin}${to.pathname}`,
    );
  return to.pathname + to.search;
}

function send(target: Target, path: string, client: ClientOptions, request: RequestOptions): Promise<Answer> {
  const { method = 'GET', timeoutMs = TIMEOUT_MS, idleMs, maxBytes = MAX_BYTES, signal } = request;
  const url = nameOf(target, path);
  return new Promise((resolve, reject) => {
    const authorization = client.authorization ?? target.authorization;
    const options: NodeRequest & https.RequestOptions = {
      method,
      path,
      ...(target.socketPath === undefined
        ? { host: target.host, port: target.port }
        : { socketPath: target.socketPath }),
      // pprof compresses by itself; identity keeps a proxy from doing it once more.
      headers: {
        'user-agent': 'tspprof',
        'accept-encoding': 'identity',
        ...(authorization === undefined ? {} : { authorization }),
        ...client.headers,
        ...(method === 'POST' ? { 'content-length': '0' } : {}),
      },
      agent: false,
      ...(target.isTls ? tlsOptions(target, client.tls) : {}),
    };
    let message: IncomingMessage | undefined;
    /** What ended it before its end. */
    let reason: ProfileError | undefined;
    let made: http.ClientRequest;
    try {
      made = (target.isTls ? https : http).request(options);
    } catch (error) {
      // A header or path with a line end in it, for instance.
      reject(connectionError(url, error));
      return;
    }
    const end = (error: ProfileError) => {
      reason ??= error;
      made.destroy(reason);
      message?.destroy(reason);
      reject(reason);
    };
    const noAnswer = (fact: string, hint: string) => end(new ProfileError('no-answer', fact, { source: url }, hint));
    const connecting = setTimeout(
      () =>
        noAnswer(`no connection within ${CONNECT_MS / 1000} s`, 'check the address, and that no firewall is between'),
      CONNECT_MS,
    );
    const longest = Math.min(timeoutMs, 2 ** 31 - 1);
    const whole = setTimeout(() => {
      const fact =
        message === undefined
          ? `no answer within ${timeoutMs / 1000} s`
          : `the answer did not end within ${timeoutMs / 1000} s`;
      noAnswer(
        fact,
        'it may hang, or stand still: try again with a longer -timeout, or send it SIGQUIT for its stacks',
      );
    }, longest);
    const stopped = () =>
      end(new ProfileError('stopped', 'stopped before the answer was complete', { source: url }, 'start it again'));
    const done = () => {
      clearTimeout(connecting);
      clearTimeout(whole);
      signal?.removeEventListener('abort', stopped);
    };
    if (signal?.aborted) stopped();
    else signal?.addEventListener('abort', stopped, { once: true });
    made.on('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)));
    made.on('error', (error) => {
      done();
      reject(reason ?? connectionError(url, error));
    });
    made.on('response', (response) => {
      message = response;
      clearTimeout(connecting);
      if (idleMs !== undefined)
        response.socket.setTimeout(idleMs, () =>
          noAnswer(`nothing came for ${idleMs / 1000} s`, 'the server or the network stands still: try again'),
        );
      response.on('close', done);
      response.on('error', () => {});
      resolve({
        url,
        status: response.statusCode ?? 0,
        headers: flat(response.headers),
        chunks: body(response, url, maxBytes, () => reason),
        trailers: () => flat(response.trailers),
      });
    });
    made.end();
  });
}

function tlsOptions({ insecure }: Target, tls: Tls = {}): https.RequestOptions {
  const { ca, cert, key, serverName } = tls;
  const pem = (text: string | Uint8Array | undefined) => (text === undefined ? undefined : Buffer.from(text));
  return {
    ca: pem(ca),
    cert: pem(cert),
    key: pem(key),
    servername: serverName,
    rejectUnauthorized: !(insecure || tls.insecure === true),
  };
}

async function* body(
  response: IncomingMessage,
  url: string,
  maxBytes: number,
  reason: () => ProfileError | undefined,
): AsyncGenerator<Uint8Array> {
  const isPacked = response.headers['content-encoding'] === 'gzip';
  let bytes = 0;
  try {
    const source = isPacked ? response.pipe(createGunzip()) : response;
    if (isPacked) response.on('error', (error) => source.destroy(error));
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new ProfileError(
          'too-large',
          `the answer has more than ${maxBytes} bytes`,
          { source: url },
          'if it is no mistake, raise the limit with -max_bytes',
        );
      yield chunk;
    }
  } catch (error) {
    throw reason() ?? (error instanceof ProfileError ? error : connectionError(url, error, bytes));
  } finally {
    response.destroy();
  }
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(', ') : value;
  return out;
}
