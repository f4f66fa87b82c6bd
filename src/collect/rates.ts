// The rates of the mutex and the block profile, which are empty unless somebody sets them: kubo has requests for that. They are those
// of the whole process, so that they are left alone where somebody else set them, and put back at the end, also when the rest fails.
//
//   mutex fraction   ?debug=1 says it: sampling period=N
//   block rate       nobody says it: a profile that grows between two looks has one

import { ProfileError } from '../errors.js';
import type { Rate } from '../model/manifest.js';
import type { Client } from '../source/http.js';
import { statusError } from '../source/httpErrors.js';

export interface WantedRates {
  /** 1 of so many contended locks; 0 leaves it alone, undefined is kubo's own choice where none is set. */
  readonly mutexFraction: number | undefined;
  /** Nanoseconds of waiting for one event; 0 leaves it alone, undefined as above. */
  readonly blockRate: number | undefined;
}

/** As `ipfs diag profile` sets them. */
const MUTEX_FRACTION = 4;
const BLOCK_RATE = 1_000_000;
const TIMEOUT_MS = 5000;

export interface SetRates {
  readonly notes: readonly string[];
  /** Puts them back, whatever happened. Never throws a ProfileError. */
  restore(): Promise<{ readonly rates: readonly Rate[]; readonly notes: readonly string[] }>;
}

/** firstBlock: the text of the block profile of some time ago. Never throws a ProfileError. */
export async function setRates(
  client: Client,
  prefix: string,
  { mutexFraction, blockRate }: WantedRates,
  firstBlock: string | undefined,
): Promise<SetRates> {
  const notes: string[] = [];
  const set: Rate[] = [];
  const change = async (name: string, path: string, during: number, before: number | undefined) => {
    const error = await post(client, `${path}${during}`);
    // An answer that was lost says nothing: it may be set.
    if (error?.code !== 'bad-answer') set.push({ name, during, before });
    if (error !== undefined) notes.push(`the ${name} could not be set: ${error.fact}`);
  };
  if (mutexFraction !== 0) {
    const text = await textOf(client, `${prefix}mutex?debug=1`);
    const before = text === undefined ? undefined : Number(/^sampling period=(\d+)/m.exec(text)?.[1] ?? 0);
    if (mutexFraction === undefined && before !== 0)
      notes.push(`the mutex profile fraction is left alone: it is ${before ?? 'unknown'} already`);
    else await change(MUTEX, MUTEX_PATH, mutexFraction ?? MUTEX_FRACTION, before);
  }
  if (blockRate !== 0) {
    const text = await textOf(client, `${prefix}block?debug=1`);
    const grows = text === undefined || firstBlock === undefined || records(text) !== records(firstBlock);
    if (blockRate === undefined && grows)
      notes.push('the block profile rate is left alone: the profile grows, so that somebody has set one');
    else await change(BLOCK, BLOCK_PATH, blockRate ?? BLOCK_RATE, undefined);
  }
  return {
    notes,
    restore: async () => {
      const after: Rate[] = [];
      const problems: string[] = [];
      for (const rate of set.splice(0)) {
        const value = rate.before ?? 0;
        const error = await post(client, `${rate.name === MUTEX ? MUTEX_PATH : BLOCK_PATH}${value}`);
        after.push(error === undefined ? { ...rate, after: value } : rate);
        if (error?.code === 'unreachable') problems.push(`the ${rate.name} ended with the program`);
        else if (error !== undefined)
          problems.push(`the ${rate.name} is still ${rate.during}: it could not be put back: ${error.fact}`);
        else if (rate.before === undefined)
          problems.push(`the ${rate.name} is 0 now, as it seemed to be: the server does not say what it was`);
      }
      return { rates: after, notes: problems };
    },
  };
}

const MUTEX = 'mutex profile fraction';
const BLOCK = 'block profile rate';
const MUTEX_PATH = '/debug/pprof-mutex/?fraction=';
const BLOCK_PATH = '/debug/pprof-block/?rate=';

/** Without the lines that differ each time. */
const records = (text: string) => text.replace(/^cycles\/second=.*$/m, '');

/** The text form of a profile; undefined when there is none. */
export async function textOf(
  client: Client,
  path: string,
  timeoutMs = TIMEOUT_MS,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await client.request(path, { timeoutMs, maxBytes: 1 << 26, signal });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.chunks) chunks.push(chunk);
    return answer.status === 200 ? chunks.map((chunk) => new TextDecoder('latin1').decode(chunk)).join('') : undefined;
  } catch (error) {
    if (error instanceof ProfileError) return undefined;
    throw error;
  }
}

/** What went wrong, if anything did. */
async function post(client: Client, path: string): Promise<ProfileError | undefined> {
  try {
    const answer = await client.request(path, { method: 'POST', timeoutMs: TIMEOUT_MS, maxBytes: 1 << 16 });
    for await (const _ of answer.chunks);
    return answer.status === 200 ? undefined : statusError(answer.url, answer.status, '');
  } catch (error) {
    if (error instanceof ProfileError) return error;
    throw error;
  }
}
