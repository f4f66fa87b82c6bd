// Recorded exchanges (test/exchanges/record.mjs made them) and which of them answers a request.

import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** What a real server answered once. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Request headers that made the answer what it is; it comes for these only. */
  readonly request?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** How long the answer took. */
  readonly millis: number;
}

interface Packed extends Omit<Exchange, 'body'> {
  readonly text?: string;
  readonly base64?: string;
}

/** `kubo-idle`, `kubo-load`, `kubo-badger`, `kubo-busy`, `goserver` (Go 1.19), `server27` (Go 1.27): see their README. */
export function readExchanges(name: string): Exchange[] {
  const bytes = readFileSync(new URL(`./fixtures/exchanges/${name}.json.br`, import.meta.url));
  const { exchanges }: { exchanges: Packed[] } = JSON.parse(brotliDecompressSync(bytes).toString());
  return exchanges.map(({ text, base64, ...rest }) => ({
    ...rest,
    body: text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text),
  }));
}

/** An exchange of a test's own. */
export function exchange(path: string, body: string | Uint8Array, more: Partial<Exchange> = {}): Exchange {
  const bytes = Buffer.from(body);
  const headers = [['Content-Length', String(bytes.length)]] as const;
  return { method: 'GET', path, status: 200, statusText: 'OK', headers, body: bytes, trailers: [], millis: 0, ...more };
}

/** Parameters whose value does not matter: a test asks for another time or rate than the recording did. */
const ANY_VALUE = new Set([
  'seconds',
  'profile-time',
  'fraction',
  'rate',
  'mutex-profile-fraction',
  'block-profile-rate',
]);
/** Timed with and without `seconds`; for all others it makes a difference of two. */
const ALWAYS_TIMED: Readonly<Record<string, number>> = { '/debug/pprof/profile': 30, '/debug/pprof/trace': 1 };

/**
 * What a request is looked up by: method, path, and query in a fixed order without values that do not matter.
 *   GET /debug/pprof/heap?seconds=5&debug=0   →   GET /debug/pprof/heap?seconds
 */
export function keyOf(method: string, path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://x');
  const query = [...searchParams]
    .filter(
      ([name, value]) => !(name === 'debug' && value === '0') && !(name === 'seconds' && pathname in ALWAYS_TIMED),
    )
    .map(([name, value]) => (ANY_VALUE.has(name) ? name : `${name}=${value}`))
    .sort();
  return `${method} ${pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** Seconds that a real server would take for this request; 0 for a snapshot. */
export function secondsOf(path: string): number {
  const { pathname, searchParams } = new URL(path, 'http://x');
  const time = searchParams.get('profile-time');
  if (time !== null) return durationOf(time);
  if (pathname.endsWith('/diag/profile')) return 30;
  const fallback = Object.entries(ALWAYS_TIMED).find(([end]) => pathname.endsWith(end))?.[1] ?? 0;
  const seconds = searchParams.get('seconds');
  return seconds === null ? fallback : Number(seconds) || fallback;
}

/** A Go duration of one or more parts, in seconds: 1m30s, 500ms. */
function durationOf(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };
  return [...text.matchAll(/([\d.]+)(h|ms|m|s|us|ns)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit], 0);
}
