// What a source is on Node, read: files, streams and bytes, members of bundles, answers of live programs → Input.

import { Readable } from 'node:stream';
import { chooseDumps, chooseProfile } from './bundle/choose.js';
import type { ReusedInstance } from './core/instance.js';
import type { StackStore } from './core/store.js';
import { ProfileError } from './errors.js';
import type { Source } from './index.js';
import { Input, type InputOptions } from './input.js';
import type { LiveOptions } from './live.js';
import type { Member } from './model/bundle.js';
import type { Profile } from './model/profile.js';
import { isLive, lateBundle, type Place, placeOf } from './place.js';
import type { Wanted } from './source/address.js';
import { Collector } from './source/collector.js';
import { readBytes, readFile, readStream } from './source/file.js';
import { nameOf as nameOfTarget, parseTarget } from './source/target.js';

/** Errors of a file have its name. */
export async function placed<T>(source: NodeSource, open: () => Promise<T>): Promise<T> {
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
 * The path of a file, bytes, or a stream. A folder and an archive are bundles, of which the CPU profile or the dump is taken;
 * `bundle.zip:heap.pprof` is a member. What is no file may be the address of a live program: `http://host/debug/pprof/heap`,
 * `localhost:6060` (its CPU profile, or its goroutines), `unix:/path.sock`, a multiaddr.
 */
export type NodeSource = string | URL | Source;

export interface NodeOpenOptions extends InputOptions, LiveOptions {}

/** Without user and password. */
export function nameOf(source: NodeSource): string | undefined {
  if (isLive(source)) return nameOfTarget(parseTarget(String(source)));
  return isPath(source) ? String(source) : source === process.stdin ? 'standard input' : undefined;
}

export const isPath = (source: NodeSource): source is string | URL =>
  typeof source === 'string' || source instanceof URL;

/** What a live program answers. */
export async function fetched(source: string | URL, options: NodeOpenOptions, wanted: Wanted): Promise<Uint8Array> {
  // HTTP takes longer to load than a small profile to read.
  return (await import('./live.js')).fetchLive(String(source), wanted, options);
}

/** What a source is; of a bundle what is wanted. */
export async function inputs(
  source: NodeSource,
  options: NodeOpenOptions,
  wanted: Wanted,
  reused?: ReusedInstance,
): Promise<Input[]> {
  if (!isPath(source)) return [await read(source, options, reused)];
  const place = await placeOf(source, options.maxBytes);
  if (place.kind !== 'file') return located(place, source, options, wanted, reused);
  try {
    return [await read(source, options, reused)];
  } catch (error) {
    const late = error instanceof ProfileError ? await lateBundle(source, options.maxBytes) : undefined;
    if (late === undefined) throw error;
    return located(late, source, options, wanted, reused);
  }
}

async function located(
  place: Place,
  source: string | URL,
  options: NodeOpenOptions,
  wanted: Wanted,
  reused: ReusedInstance | undefined,
): Promise<Input[]> {
  const { notice = () => {} } = options;
  switch (place.kind) {
    case 'file':
      return [await read(source, options, reused)];
    case 'live':
      return [await read(await fetched(source, options, wanted), options, reused)];
    case 'member':
      return [await readMember(place.member, place.name, options, reused)];
    case 'bundle': {
      const { named } = place;
      for (const { fact } of named.bundle.issues) notice(fact);
      const typesOf = async (member: Member) => {
        try {
          const profile = (await readMember(member, member.name, options)).profile();
          return profile.sampleTypes.map(({ type }) => type);
        } catch (error) {
          // A damaged one is not what is meant.
          if (error instanceof ProfileError) return [];
          throw error;
        }
      };
      const members = wanted === 'dump' ? chooseDumps(named) : [await chooseProfile(named, typesOf, notice)];
      const all: Input[] = [];
      for (const member of members) all.push(await readMember(member, `${named.name}:${member.name}`, options, reused));
      return all;
    }
    default:
      return place satisfies never;
  }
}

/** All of a member, or what a cut one has. */
export async function partOf(
  member: Member,
  { maxBytes = 2 ** 31, notice = () => {} }: NodeOpenOptions,
): Promise<Uint8Array> {
  const out = new Collector(maxBytes);
  try {
    for await (const chunk of member.chunks()) out.write(chunk, false);
  } catch (error) {
    if (!(error instanceof ProfileError) || error.code === 'too-large') throw error;
    notice(error.message);
  }
  return out.bytes();
}

/** A cut member is read as far as it goes: what is in it decides whether that is enough. */
export async function readMember(
  member: Member,
  name: string,
  options: NodeOpenOptions,
  reused?: ReusedInstance,
): Promise<Input> {
  const input = new Input(options, { reused });
  const chunks = async function* () {
    try {
      yield* member.chunks();
    } catch (error) {
      if (!(error instanceof ProfileError && error.code === 'truncated')) throw error;
      options.notice?.(`${member.name} is cut: ${error.fact}`);
    }
  };
  try {
    await readStream(Readable.from(chunks(), { objectMode: false }), input);
    return input;
  } catch (error) {
    throw error instanceof ProfileError ? error.in(name) : error;
  }
}

/** Of what is neither a place nor bytes. */
export const streamOf = (source: Exclude<NodeSource, string | URL | Uint8Array>): Readable =>
  source instanceof Readable ? source : Readable.from(source, { objectMode: false });

export async function read(source: NodeSource, options: NodeOpenOptions, reused?: ReusedInstance): Promise<Input> {
  const isOurs = isPath(source) || source instanceof Uint8Array;
  const input = new Input(options, { reused, isOurs });
  if (isPath(source)) await readFile(source, input);
  else if (source instanceof Uint8Array) await readBytes(source, input);
  else await readStream(streamOf(source), input);
  return input;
}

/** The one profile of a source. */
export async function profileOf(
  source: NodeSource,
  options: NodeOpenOptions,
  reused?: ReusedInstance,
): Promise<Profile<StackStore>> {
  const [input] = await inputs(source, options, 'profile', reused);
  return input.profile();
}
