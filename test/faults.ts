// How a server misbehaves: one small writer each. test/fakeServer.ts uses them in place of a recorded answer.

import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchanges.js';

/** `body` below is what would have been answered: the recorded body, or a line of text when nothing was recorded. */
export type Fault =
  /** Any status with a text, as http.Error of Go writes it. */
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly headers?: Headers }
  /** A page of a proxy or a login, with status 200 unless said otherwise. */
  | { readonly kind: 'html'; readonly status?: number }
  /** Status 200 and the recorded headers, no body. */
  | { readonly kind: 'empty' }
  /** 500, as when somebody else has the CPU profiler. */
  | { readonly kind: 'busy' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Headers and the first bytes of the body (half of it), then nothing more. */
  | { readonly kind: 'hangInBody'; readonly after?: number }
  /** Headers and the first bytes of the body (half of it), then the connection ends. */
  | { readonly kind: 'cut'; readonly after?: number }
  /** The connection ends before any byte. */
  | { readonly kind: 'drop' }
  /** The body again and again, as fast as it is taken. */
  | { readonly kind: 'endless' }
  /** Content-Length is off by so many bytes (more: the body ends early); then the connection ends. */
  | { readonly kind: 'wrongLength'; readonly by: number }
  /** The body so many bytes at a time, so many ms apart. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly millis: number }
  /** `to`: a path, or a URL of another host. */
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** The body (or its first bytes), whole for HTTP, and then the error in the trailer X-Stream-Error, as kubo does it. */
  | { readonly kind: 'trailer'; readonly error: string; readonly after?: number }
  /** This body under the recorded headers. */
  | { readonly kind: 'body'; readonly body: Uint8Array | string };

type Headers = Readonly<Record<string, string>>;

export const BUSY = 'Could not enable CPU profiling: cpu profiling already in use\n';
const PAGE = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n';

/** Writes the fault to the response; resolves when it is through, or the client has gone. */
export async function misbehave(fault: Fault, exchange: Exchange, response: ServerResponse): Promise<void> {
  const { body } = exchange;
  const begin = (length?: number) => response.writeHead(200, replayed(exchange, length));
  switch (fault.kind) {
    case 'answer':
      return error(response, fault.status, fault.text, fault.headers);
    case 'busy':
      return error(response, 500, BUSY, { 'X-Go-Pprof': '1' });
    case 'html':
      response.writeHead(fault.status ?? 200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(PAGE);
      return;
    case 'redirect':
      response.writeHead(fault.status ?? 302, { Location: fault.to });
      response.end();
      return;
    case 'empty':
      begin(0).end();
      return;
    case 'body':
      begin(Buffer.byteLength(fault.body)).end(fault.body);
      return;
    case 'hang':
      return;
    case 'drop':
      response.socket?.destroy();
      return;
    case 'hangInBody':
      begin(body.length).write(first(body, fault.after));
      return;
    case 'cut':
      begin(body.length).write(first(body, fault.after), () => response.socket?.destroySoon());
      return;
    case 'wrongLength':
      response.shouldKeepAlive = false;
      begin(body.length + fault.by).end(body);
      return;
    case 'trailer':
      begin();
      if (body.length > 0) response.write(fault.after === undefined ? body : first(body, fault.after));
      response.addTrailers({ 'X-Stream-Error': fault.error });
      response.end();
      return;
    case 'endless':
      begin();
      while (await written(response, Buffer.alloc(1 << 16, body.length > 0 ? body : 'x')));
      return;
    case 'drip':
      begin(body.length);
      for (let at = 0; at < body.length; at += fault.bytes) {
        if (!(await written(response, body.subarray(at, at + fault.bytes)))) return;
        await new Promise((resolve) => setTimeout(resolve, fault.millis));
      }
      response.end();
      return;
    default:
      fault satisfies never;
  }
}

/** As http.Error of Go. */
export function error(response: ServerResponse, status: number, text: string, headers: Headers = {}): void {
  const length = Buffer.byteLength(text);
  const type = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
  response.writeHead(status, { ...type, ...headers, 'Content-Length': length });
  response.end(text);
}

/** Recorded headers, flat; what belongs to the connection is left to Node, and a length only where one was recorded. */
export function replayed({ headers }: Exchange, length?: number): string[] {
  const kept = headers.filter(([name]) => !/^(date|connection|transfer-encoding|content-length)$/i.test(name));
  const counted = headers.some(([name]) => /^content-length$/i.test(name));
  return [...kept.flat(), ...(counted && length !== undefined ? ['Content-Length', String(length)] : [])];
}

function first(body: Buffer, count = body.length >> 1): Buffer {
  return body.subarray(0, count);
}

/** False when the client has gone. */
function written(response: ServerResponse, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    if (response.closed || response.destroyed) return gone();
    response.once('close', gone);
    // Not in the callback itself: that comes before any I/O, so an endless answer would stop the whole process.
    response.write(chunk, () =>
      setImmediate(() => {
        response.off('close', gone);
        resolve(!response.destroyed);
      }),
    );
  });
}
