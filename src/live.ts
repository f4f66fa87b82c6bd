// One profile or dump of a live program, as `go tool pprof URL` takes it. Everything at once is collect.ts.

import { kindOf } from './decode/kind.js';
import { placeOf, type Wanted } from './source/address.js';
import { Collector } from './source/collector.js';
import { type ClientOptions, newClient } from './source/http.js';
import { answerError, statusError } from './source/httpErrors.js';
import { nameOf } from './source/target.js';

export interface LiveOptions extends ClientOptions {
  /** How long a live program is to be profiled; what its address says unless given. */
  readonly seconds?: number;
  /** Seconds to wait for it; 1.5 times those of the profile, or 60, and 5, unless given. */
  readonly timeout?: number;
  /** Told while it is waited for: the URL first. */
  readonly onFetch?: (event: FetchEvent) => void;
  readonly signal?: AbortSignal;
}

export type FetchEvent =
  | { readonly kind: 'start'; readonly url: string; readonly seconds: number }
  | { readonly kind: 'bytes'; readonly url: string; readonly bytes: number }
  | { readonly kind: 'end'; readonly url: string; readonly bytes: Uint8Array; readonly date?: string };

/** Bytes of an error's text that are looked at. */
const TEXT = 4096;

/** The answer, as it came. Throws ProfileError: bad-option, unreachable, cut, no-answer, bad-answer, stopped, too-large. */
export async function fetchLive(
  address: string,
  wanted: Wanted,
  options: LiveOptions & { readonly maxBytes?: number },
): Promise<Uint8Array> {
  const { seconds = 0, timeout = 0, maxBytes = 2 ** 31, onFetch, signal } = options;
  const place = placeOf(address, wanted, seconds);
  const url = nameOf(place.target, place.path);
  const client = newClient(place.target, options);
  onFetch?.({ kind: 'start', url, seconds: place.seconds });
  const wait = (timeout > 0 ? timeout : place.seconds > 0 ? place.seconds * 1.5 : 60) + 5;
  const answer = await client.request(place.path, { timeoutMs: wait * 1000, maxBytes, signal });
  const body = new Collector(maxBytes);
  for await (const chunk of answer.chunks) {
    body.write(chunk, true);
    onFetch?.({ kind: 'bytes', url, bytes: body.length });
    if (answer.status !== 200 && body.length > TEXT) break;
  }
  const bytes = body.bytes();
  if (answer.status !== 200) throw statusError(url, answer.status, new TextDecoder().decode(bytes.subarray(0, TEXT)));
  if (bytes.length === 0)
    throw answerError(url, 'the answer is empty', 'something else answers there, or it ended meanwhile: try again');
  const kind = kindOf(bytes);
  if (kind === 'unknown' && /^text\//.test(answer.headers['content-type'] ?? ''))
    throw answerError(
      url,
      'the answer is text, not a profile',
      'name a profile: /debug/pprof/heap, /debug/pprof/profile',
    );
  if (kind === 'html')
    throw answerError(
      url,
      'the server answered with an HTML page',
      'name a profile: /debug/pprof/heap, /debug/pprof/profile; or a proxy asks for a login',
    );
  onFetch?.({ kind: 'end', url, bytes, date: answer.headers.date });
  return bytes;
}
