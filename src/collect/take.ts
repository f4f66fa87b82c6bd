// One item: asked for, checked, asked for again where that helps. What the server sent instead is kept.
//
//   500 … already in use        one CPU profile or trace at a time: again, for up to twice its seconds
//   400 … WriteTimeout          again with fewer seconds; so when an old Go just closes the connection
//   429, 503                    again, twice
//   text, a page, nothing       not what was asked for: an error with what came

import { KIND_BYTES, kindOf } from '../decode/kind.js';
import { ProfileError } from '../errors.js';
import type { MemberKind } from '../model/bundle.js';
import { joined } from '../model/bytes.js';
import type { ItemStatus } from '../model/manifest.js';
import { Decompressor, isGzip } from '../source/gzip.js';
import type { Client } from '../source/http.js';
import { answerError, firstLine, statusError } from '../source/httpErrors.js';
import { nameOf } from '../source/target.js';
import type { ItemRow, Timing } from './items.js';

export interface Taken {
  readonly status: ItemStatus;
  readonly request: string;
  readonly http: number | undefined;
  readonly attempts: number;
  readonly kind: MemberKind | undefined;
  /** What came, if it is what was asked for. */
  readonly bytes: Uint8Array | undefined;
  /** What came instead. */
  readonly instead: Uint8Array | undefined;
  readonly error: ProfileError | undefined;
  readonly notes: readonly string[];
  /** The server's clock minus ours, in seconds. */
  readonly clockOffset: number | undefined;
}

export interface TakeOptions {
  /** For an answer that takes no seconds of its own. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
  /** It is asked for again: why, and after which time. */
  readonly onRetry?: (reason: string, waitMs: number) => void;
  /** Resolves after this time, or at once when the signal says so. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Seconds to try when the server cannot give what is wanted. */
const FEWER = [20, 10, 5, 2, 1];
/** What is kept of an answer that is not what was asked for. */
const KEPT = 1 << 20;
/** The runtime's buffer for debug=2 ends here. */
export const DUMP_LIMIT = 1 << 26;

/** path: of the item, from the root of the server, for so many seconds. Never throws a ProfileError. */
export async function take(
  client: Client,
  row: ItemRow,
  path: (timing: Timing) => string,
  timing: Timing,
  options: TakeOptions,
): Promise<Taken> {
  const started = Date.now();
  const wanted = row.duration?.(timing) ?? 0;
  const patience = wanted * 2000;
  const notes: string[] = [];
  let seconds = wanted;
  let busy = 0;
  for (let attempts = 1; ; attempts++) {
    const now: Timing = { seconds, traceSeconds: seconds };
    const began = Date.now();
    const taken = await ask(client, row, path(row.duration === undefined ? timing : now), seconds, options);
    const done = { ...taken, attempts, notes: [...notes, ...taken.notes] };
    if (taken.status !== 'failed' || options.signal?.aborted) return done;
    const fact = taken.error?.fact ?? '';
    let waitMs = 0;
    if (/already (in use|enabled)/.test(fact) && Date.now() - started < patience) {
      waitMs = 500 + Math.random() * 1000;
    } else if (seconds > 1 && (/WriteTimeout/.test(fact) || wasClosed(taken.error, Date.now() - began))) {
      // What it gave before it closed is the time that it grants.
      const granted = /WriteTimeout/.test(fact) ? seconds : (Date.now() - began) / 1000;
      seconds = FEWER.find((fewer) => fewer < granted && fewer < seconds) ?? 1;
      notes.push(`${seconds} s instead of ${wanted}: ${fact}`);
    } else if ((taken.http === 429 || taken.http === 503) && busy++ < 2) {
      waitMs = 1000 * busy;
    } else {
      return done;
    }
    options.onRetry?.(waitMs > 0 ? fact : (notes[notes.length - 1] ?? fact), waitMs);
    await options.sleep(waitMs);
    if (options.signal?.aborted) return done;
  }
}

/** Go before 1.26 ends the connection of what takes longer than WriteTimeout. */
const wasClosed = (error: ProfileError | undefined, ms: number) => ms > 1000 && error?.code === 'cut';

async function ask(
  client: Client,
  row: ItemRow,
  path: string,
  seconds: number,
  { timeoutMs, maxBytes, signal, onBytes }: TakeOptions,
): Promise<Omit<Taken, 'attempts'>> {
  const method = row.method ?? 'GET';
  const url = nameOf(client.target, path);
  const taken = {
    ...{ request: `${method} ${path}`, notes: [], http: undefined, kind: undefined, clockOffset: undefined },
    ...{ bytes: undefined, instead: undefined, error: undefined },
  };
  const chunks: Uint8Array[] = [];
  let length = 0;
  let cut: ProfileError | undefined;
  let http: number | undefined;
  let clockOffset: number | undefined;
  try {
    const wait = seconds * 1500 + (seconds > 0 ? Math.max(timeoutMs, 5000) : timeoutMs);
    const answer = await client.request(path, { method, timeoutMs: wait, maxBytes, signal });
    http = answer.status;
    const date = Date.parse(answer.headers.date ?? '');
    if (!Number.isNaN(date)) clockOffset = (date - Date.now()) / 1000;
    for await (const chunk of answer.chunks) {
      chunks.push(chunk);
      length += chunk.length;
      onBytes?.(length);
      if (http !== 200 && length > KEPT) break;
    }
    const told = answer.trailers()['x-stream-error'];
    if (told !== undefined)
      cut = answerError(url, `the server stopped in the middle: ${told}`, 'look at its log; try again');
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    cut = error;
    if (length === 0) return { ...taken, http, clockOffset, status: endOf(signal), error };
  }
  const bytes = joined(chunks);
  const answer = { ...taken, http, clockOffset };
  if (http !== 200) {
    const text = new TextDecoder('utf-8').decode(bytes.subarray(0, 4096));
    const error = statusError(url, http ?? 0, text);
    const isMissing = http === 404 || http === 405 || /Unknown profile/.test(text);
    if (row.isOptional && isMissing) return { ...answer, status: 'unsupported', error };
    return { ...answer, status: 'failed', error, instead: length > 0 ? bytes.subarray(0, KEPT) : undefined };
  }
  const kind = kindOf(bytes.subarray(0, KIND_BYTES));
  if (!row.kinds.includes(kind)) {
    const error = answerError(
      url,
      wrongKind(kind, row, bytes),
      'something else answers there, or a proxy: look at it in a browser',
    );
    return { ...answer, status: 'failed', error, instead: bytes.subarray(0, KEPT) };
  }
  cut ??= kind === 'profile' ? damage(bytes, url) : undefined;
  if (cut !== undefined)
    return { ...answer, kind, bytes, status: signal?.aborted ? 'interrupted' : 'partial', error: cut };
  return { ...answer, kind, bytes, status: 'ok' };
}

const endOf = (signal: AbortSignal | undefined): ItemStatus => (signal?.aborted ? 'interrupted' : 'failed');

function wrongKind(kind: MemberKind, { kinds }: ItemRow, bytes: Uint8Array): string {
  if (kind === 'empty') return 'the answer is empty';
  const text = kind === 'html' || kind === 'text' ? firstLine(new TextDecoder().decode(bytes.subarray(0, 4096))) : '';
  return `the server sent ${WORDS[kind]} instead of ${WORDS[kinds[0]]}${text.replace(/^ with an HTML page/, '')}`;
}

const WORDS: Readonly<Record<MemberKind, string>> = {
  dump: 'a dump of goroutines',
  profile: 'a profile',
  'text-profile': 'a profile as text',
  vars: 'the variables of a program',
  sysinfo: 'system information',
  version: 'a version',
  manifest: 'a manifest',
  metrics: 'metrics',
  trace: 'a trace',
  binary: 'a program',
  archive: 'an archive',
  json: 'JSON',
  html: 'a page',
  text: 'text',
  empty: 'nothing',
  unknown: 'something unknown',
};

/** Whether the gzip data of a profile is whole: a server that dies while it writes without a length is not seen otherwise. */
function damage(bytes: Uint8Array, url: string): ProfileError | undefined {
  if (!isGzip(bytes)) return undefined;
  try {
    const inflated = new Decompressor(() => {});
    inflated.write(bytes);
    inflated.finish();
    return undefined;
  } catch (error) {
    if (error instanceof ProfileError) return error.in(url);
    throw error;
  }
}
