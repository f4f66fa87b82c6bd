// The public API on Node: all of index.ts, and profiles from files and Node's streams, gunzipped by zlib.

import { Readable, type Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ReusedInstance } from './core/instance.js';
import { ProfileError } from './errors.js';
import {
  type Dump,
  encode,
  type InspectOptions,
  type InspectReport,
  inspect as inspectAnywhere,
  type NamedBytes,
  type OpenAllOptions,
  type OpenOptions,
  type Profile,
  type Query,
  type Redacted,
  type RedactOptions,
  redact as redactAnywhere,
  type Source,
} from './index.js';
import { Input, noticeOf } from './input.js';
import { type Codec, damaged, tooLarge } from './redact/gzip.js';
import { ReadAhead, readBytes, readFile, readStream, writeGzip } from './source/file.js';
import { fetchProfiles } from './transform/fetch.js';
import type { ProfileSource } from './transform/mergeSources.js';
import { standardize } from './transform/standard.js';

export * from './index.js';
export { sourceReader } from './source/code.js';
export { writeGzip } from './source/file.js';

/**
 * Opens a profile: profile.proto, gzipped or not, or text with a dump of goroutines in it (of several the last; notice says so). The
 * path of a file, bytes, or a stream.
 *
 *   const profile = await open('cpu.pb.gz');
 *   const report_ = report(profile, 'top', { sort: 'cum' });
 *
 * Throws ProfileError with code, place and hint when it cannot be read, is empty, cut, damaged, invalid, or something else.
 * 1M samples of depth 40 (152 MB) take 0.4 s and 280 MB.
 */
export async function open(source: NodeSource, options: OpenOptions = {}): Promise<Profile> {
  const named = { ...options, notice: noticeOf(nameOf(source), options) };
  return placed(source, async () => standardize((await read(source, named)).profile()));
}

/**
 * Opens the dumps of goroutines in a source, in its order: text of every form (debug=1, debug=2, SIGQUIT, panics, race reports, logs with
 * one in them), or a goroutine profile, gzipped or not. Bytes at hand are kept: do not change them.
 *
 *   const [dump] = await openDumps('goroutines.txt');
 *
 * Throws ProfileError: empty, not-a-dump when it is something else, and what open() throws. 93 MB take 0.7 s and 190 MB.
 */
export async function openDumps(source: NodeSource, options: OpenOptions = {}): Promise<Dump[]> {
  return placed(source, async () => (await read(source, options)).dumps());
}

/** Errors of a file have its name. */
async function placed<T>(source: NodeSource, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw isPath(source) && error instanceof ProfileError ? error.in(String(source)) : error;
  }
}

/** The path of a file, bytes, or a stream. */
export type NodeSource = string | URL | Source;

const nameOf = (source: NodeSource) =>
  isPath(source) ? String(source) : source === process.stdin ? 'standard input' : undefined;

const isPath = (source: NodeSource): source is string | URL => typeof source === 'string' || source instanceof URL;

async function read(
  source: NodeSource,
  options: OpenOptions,
  reused?: ReusedInstance,
  inflated?: Promise<Uint8Array | undefined>,
): Promise<Input> {
  const isOurs = isPath(source) || source instanceof Uint8Array;
  const input = new Input(options, { reused, isOurs });
  const ready = await inflated;
  if (ready !== undefined) input.write(ready);
  else if (isPath(source)) await readFile(source, input);
  else if (source instanceof Uint8Array) await readBytes(source, input);
  else await readStream(source instanceof Readable ? source : Readable.from(source, { objectMode: false }), input);
  return input;
}

/**
 * Opens several profiles and merges them, as pprof does when several are given; one alone stays as it is.
 *
 *   await openAll(['a.pb.gz', 'b.pb.gz'], { base: ['before.pb.gz'] })
 *
 * Sources are read one after the other and let go, so that memory grows with the distinct stacks; the next ones are inflated meanwhile.
 * One that fails is named in a notice and left out. Throws ProfileError: bad-option, incompatible, no-profile when all sources or all
 * bases fail.
 */
export function openAll(sources: readonly NodeSource[], options: OpenAllOptions<NodeSource> = {}): Promise<Profile> {
  const { base = [], diffBase = [] } = options;
  return fetchProfiles(
    { sources: prepared(sources, options), base: prepared(base, options), diffBase: prepared(diffBase, options) },
    options,
    options.oneQuery ?? false,
  );
}

function prepared(sources: readonly NodeSource[], options: OpenOptions): ProfileSource[] {
  const ahead = new ReadAhead(sources.map((source) => (isPath(source) ? source : undefined)));
  return sources.map((source, i) => {
    let kept: Promise<Profile> | undefined;
    const name = nameOf(source) ?? `source ${i + 1}`;
    const own = { ...options, notice: noticeOf(name, options) };
    return {
      name,
      open: async (reused) => {
        if (isPath(source)) return (await read(source, own, reused, ahead.take(i))).profile();
        if (source instanceof Uint8Array) return (await read(source, own, reused)).profile();
        kept ??= read(source, own).then((input) => input.profile());
        return kept;
      },
    };
  });
}

/**
 * Writes a profile as gzipped profile.proto, what a query leaves of it, and ends the stream. notice: see encode().
 *
 *   await write(profile, createWriteStream('small.pb.gz'), { focus: 'json' });
 *
 * Throws ProfileError 'bad-option' as report does, and what the stream throws.
 */
export async function write(
  profile: Profile,
  output: Writable,
  query: Query = {},
  notice?: (text: string) => void,
): Promise<void> {
  await writeGzip(encode(profile, query, notice), output);
}

/** zlib, which is five times as fast. */
const codec: Codec = {
  gunzip(bytes, maxBytes) {
    try {
      return gunzipSync(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      throw error instanceof RangeError ? tooLarge(maxBytes) : damaged(error);
    }
  },
  gzip: (bytes) => gzipSync(bytes, { level: 4 }),
};

/** redact() of the browser's API, with zlib. */
export function redact(bytes: Uint8Array, options: RedactOptions = {}): Redacted {
  return redactAnywhere(bytes, { codec, ...options });
}

/** inspect() of the browser's API, with zlib. */
export function inspect(files: readonly NamedBytes[], options: InspectOptions = {}): InspectReport {
  return inspectAnywhere(files, { codec, ...options });
}
