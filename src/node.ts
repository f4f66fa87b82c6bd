// The public API on Node: all of index.ts, and profiles from files and Node's streams, gunzipped by zlib.

import { existsSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import type { Collected, CollectOptions } from './collect/collect.js';
import { ITEMS } from './collect/items.js';
import type { ReusedInstance } from './core/instance.js';
import { ProfileError } from './errors.js';
import {
  type Dump,
  encode,
  type OpenAllOptions,
  type OpenOptions,
  type Profile,
  type Query,
  type Source,
} from './index.js';
import { Input, noticeOf } from './input.js';
import type { LiveOptions } from './live.js';
import { isAddress, type Wanted } from './source/address.js';
import { ReadAhead, readBytes, readFile, readStream, writeGzip } from './source/file.js';
import { nameOf as nameOfTarget, parseTarget } from './source/target.js';
import { fetchProfiles } from './transform/fetch.js';
import type { ProfileSource } from './transform/mergeSources.js';
import { standardize } from './transform/standard.js';

export type { Collected, CollectOptions } from './collect/collect.js';
export type { CollectEvent } from './collect/events.js';
export * from './index.js';
export type { FetchEvent, LiveOptions } from './live.js';
export type { ItemStatus, Manifest, ManifestItem, Rate, Redaction } from './model/manifest.js';
export { sourceReader } from './source/code.js';
export { writeGzip } from './source/file.js';
export { authorizationOf } from './source/target.js';

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
export async function open(source: NodeSource, options: NodeOpenOptions = {}): Promise<Profile> {
  const named = { ...options, notice: noticeOf(nameOf(source), options) };
  return placed(source, async () => standardize((await read(source, named, 'profile')).profile()));
}

/**
 * Opens the dumps of goroutines in a source, in its order: text of every form (debug=1, debug=2, SIGQUIT, panics, race reports, logs with
 * one in them), or a goroutine profile, gzipped or not. Bytes at hand are kept: do not change them.
 *
 *   const [dump] = await openDumps('goroutines.txt');
 *
 * Throws ProfileError: empty, not-a-dump when it is something else, and what open() throws. 93 MB take 0.7 s and 190 MB.
 */
export async function openDumps(source: NodeSource, options: NodeOpenOptions = {}): Promise<Dump[]> {
  return placed(source, async () => (await read(source, options, 'dump')).dumps());
}

/** Errors of a file have its name. */
async function placed<T>(source: NodeSource, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const name = isPath(source) && error instanceof ProfileError ? nameOf(source) : undefined;
    throw error instanceof ProfileError && error.place.source === undefined && name !== undefined
      ? error.in(name)
      : error;
  }
}

/**
 * The path of a file, bytes, or a stream; or the address of a live program, when there is no such file: `http://host/debug/pprof/heap`,
 * `localhost:6060` (its CPU profile, or its goroutines), `unix:/path.sock`, a multiaddr.
 */
export type NodeSource = string | URL | Source;

export interface NodeOpenOptions extends OpenOptions, LiveOptions {}

/** Without user and password. */
function nameOf(source: NodeSource): string | undefined {
  if (isLive(source)) return nameOfTarget(parseTarget(String(source)));
  return isPath(source) ? String(source) : source === process.stdin ? 'standard input' : undefined;
}

const isPath = (source: NodeSource): source is string | URL => typeof source === 'string' || source instanceof URL;

/** Whether a source is the address of a live program. */
export const isLive = (source: NodeSource): source is string | URL =>
  source instanceof URL
    ? /^https?:$/.test(source.protocol)
    : typeof source === 'string' && isAddress(source) && !existsSync(source);

/** What a live program answers. */
async function fetched(source: string | URL, options: NodeOpenOptions, wanted: Wanted): Promise<Uint8Array> {
  // HTTP takes longer to load than a small profile to read.
  return (await import('./live.js')).fetchLive(String(source), wanted, options);
}

async function read(
  source: NodeSource,
  options: NodeOpenOptions,
  wanted: Wanted,
  reused?: ReusedInstance,
  inflated?: Promise<Uint8Array | undefined>,
): Promise<Input> {
  if (isLive(source)) return read(await fetched(source, options, wanted), options, wanted, reused);
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
export function openAll(
  sources: readonly NodeSource[],
  options: OpenAllOptions<NodeSource> & LiveOptions = {},
): Promise<Profile> {
  const { base = [], diffBase = [] } = options;
  return fetchProfiles(
    { sources: prepared(sources, options), base: prepared(base, options), diffBase: prepared(diffBase, options) },
    options,
    options.oneQuery ?? false,
  );
}

function prepared(sources: readonly NodeSource[], options: NodeOpenOptions): ProfileSource[] {
  const ahead = new ReadAhead(sources.map((source) => (isPath(source) && !isLive(source) ? source : undefined)));
  return sources.map((source, i) => {
    let kept: Promise<Profile> | undefined;
    const name = nameOf(source) ?? `source ${i + 1}`;
    const own = { ...options, notice: noticeOf(name, options) };
    // All programs at the same time; once each, though a profile may be read twice.
    const live = isLive(source) ? fetched(source, options, 'profile') : undefined;
    live?.catch(() => {});
    return {
      name,
      open: async (reused) => {
        if (live !== undefined) return (await read(await live, own, 'profile', reused)).profile();
        if (isPath(source)) return (await read(source, own, 'profile', reused, ahead.take(i))).profile();
        if (source instanceof Uint8Array) return (await read(source, own, 'profile', reused)).profile();
        kept ??= read(source, own, 'profile').then((input) => input.profile());
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

/** What can be collected, by name. */
export const COLLECT_ITEMS: readonly { readonly name: string; readonly member: string; readonly help: string }[] =
  ITEMS;

/**
 * Collects from a live Go program into a zip: stacks, profiles, variables, metrics, system information; what fails is left out and told
 * in the manifest.
 *
 *   const { path, manifest } = await collect({ target: 'localhost:6060', seconds: 10 });
 *   manifest.items.filter(({ status }) => status !== 'ok');
 *
 * Takes seconds + traceSeconds and little more. Throws ProfileError: bad-option; no-answer when nothing could be had, and then there is no
 * file; unreadable when it cannot be written.
 */
export async function collect(options: CollectOptions = {}): Promise<Collected> {
  // HTTP takes longer to load than a small profile to read.
  return (await import('./collect/collect.js')).collect(options);
}
