// The public API on Node: all of index.ts, and profiles from files and Node's streams, gunzipped by zlib.

import type { Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bundleOf } from './bundle/bundle.js';
import type { NamedBundle } from './bundle/choose.js';
import { type Verified, verifyMembers } from './bundle/verify.js';
import type { Collected, CollectOptions } from './collect/collect.js';
import { ITEMS } from './collect/items.js';
import { diagnoseParts } from './diagnosis/diagnose.js';
import type { Part } from './diagnosis/part.js';
import { ProfileError } from './errors.js';
import {
  type DecodedVars,
  type DiagnoseOptions,
  type DiagnoseReport,
  type Dump,
  encode,
  type InspectOptions,
  type InspectReport,
  inspect as inspectAnywhere,
  type NamedBytes,
  type OpenAllOptions,
  type Profile,
  type Query,
  type ReadVarsOptions,
  type Redacted,
  type RedactOptions,
  readVars as readVarsAnywhere,
  redact as redactAnywhere,
} from './index.js';
import { Input, noticeOf } from './input.js';
import type { LiveOptions } from './live.js';
import type { Bundle } from './model/bundle.js';
import { isLive, lateBundle, placeOf } from './place.js';
import type { Codec } from './redact/gzip.js';
import { collected, tooLarge } from './source/collector.js';
import { ReadAhead, writeGzip } from './source/file.js';
import { allBytes, inflater } from './source/folder.js';
import { gzipError } from './source/gzip.js';
import { sha256 } from './source/hash.js';
import {
  fetched,
  inputs,
  isPath,
  type NodeOpenOptions,
  type NodeSource,
  nameOf,
  partOf,
  placed,
  profileOf,
  read,
  readMember,
  streamOf,
} from './sources.js';
import { fetchProfiles } from './transform/fetch.js';
import type { ProfileSource } from './transform/mergeSources.js';
import { standardize } from './transform/standard.js';
import { type OpenedVars, type OpenVarsOptions, openAllVars } from './varsSources.js';

export type { Verified } from './bundle/verify.js';
export type { Collected, CollectOptions } from './collect/collect.js';
export type { CollectEvent } from './collect/events.js';
export * from './index.js';
export type { FetchEvent, LiveOptions } from './live.js';
export type { ItemStatus, Manifest, ManifestItem, Rate, RedactionCount } from './model/manifest.js';
export { isLive } from './place.js';
export { sourceReader } from './source/code.js';
export { writeGzip } from './source/file.js';
export { authorizationOf } from './source/target.js';
export type { NodeOpenOptions, NodeSource } from './sources.js';
export type { OpenedVars, OpenVarsOptions } from './varsSources.js';

/**
 * Opens a profile: profile.proto, a text profile (?debug=1), or text with a dump of goroutines in it (of several the last), gzipped or not. The
 * path of a file, bytes, or a stream.
 *
 *   const profile = await open('cpu.pb.gz');
 *   const report_ = report(profile, 'top', { sort: 'cum' });
 *
 * notice is told what is odd about a text, such as an early end. Throws ProfileError with code, place and hint when
 * it cannot be read, is empty, cut, damaged, invalid, or something else.
 * 1M samples of depth 40 (152 MB) take 0.4 s and 280 MB.
 */
export async function open(source: NodeSource, options: NodeOpenOptions = {}): Promise<Profile> {
  const named = { ...options, notice: noticeOf(nameOf(source), options) };
  return placed(source, async () => standardize(await profileOf(source, named)));
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
  return placed(source, async () => (await inputs(source, options, 'dump')).flatMap((input) => input.dumps()));
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
    const live = isPath(source) && isLive(source) ? fetched(source, options, 'profile') : undefined;
    live?.catch(() => {});
    return {
      name,
      open: async (reused) => {
        if (live !== undefined) return (await read(await live, own, reused)).profile();
        const ready = await ahead.take(i);
        if (ready !== undefined) {
          const input = new Input(own, { reused, isOurs: true });
          input.write(ready);
          return input.profile();
        }
        if (isPath(source)) return profileOf(source, own, reused);
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

/**
 * Opens a bundle: a zip, a tar or a tar.gz (the path of one, its bytes, a stream), a folder, or an archive in one of them. Members are
 * named and told by their content; they are read when you ask for them.
 *
 *   const { members, issues } = await openBundle('ipfs-profile.zip');
 *   const cpu = members.find(({ name }) => name === 'cpu.pprof');
 *   const profile = await open(cpu.chunks());
 *
 * An archive without its end gives what it has; members with names that lead out of it, links, bombs and second ones of a name are left
 * out; issues tell. Throws ProfileError: not-a-bundle, unreadable, empty, too-large.
 */
export async function openBundle(source: NodeSource, options: { readonly maxBytes?: number } = {}): Promise<Bundle> {
  if (isPath(source)) {
    const place = await placeOf(source, options.maxBytes);
    if (place.kind === 'bundle') return place.named.bundle;
    const late = place.kind === 'file' ? await lateBundle(source, options.maxBytes) : undefined;
    if (late?.kind === 'bundle') return late.named.bundle;
  }
  return placed(source, async () => {
    const bytes = isPath(source)
      ? allBytes(source)
      : source instanceof Uint8Array
        ? source
        : await collected(streamOf(source), options.maxBytes);
    return bundleOf(bytes, inflater, options);
  });
}

/**
 * Opens memory statistics: /debug/vars, the end of heap?debug=1, metrics, kubo's diag/sys; the path of a file, bytes, a stream, a bundle
 * with its series, or the address of a live program. Several are one series; samples of several processes are kept apart.
 *
 *   const { facts } = await openVars('bundle.zip');
 *   const report = varsReport(facts);
 *
 * A live program is asked for /debug/vars, or else for what has the same numbers; with `seconds` twice. Secrets on command lines are
 * redacted. Throws ProfileError: empty, not-vars when it is something else, and what reading and fetching throw.
 */
export function openVars(
  sources: NodeSource | readonly NodeSource[],
  options: OpenVarsOptions = {},
): Promise<OpenedVars> {
  return openAllVars(isList(sources) ? sources : [sources], { codec, ...options });
}

const isList = (sources: NodeSource | readonly NodeSource[]): sources is readonly NodeSource[] =>
  Array.isArray(sources);

/** readVars() of the browser's API, with zlib. */
export function readVars(bytes: Uint8Array, options: ReadVarsOptions = {}): DecodedVars {
  return readVarsAnywhere(bytes, { codec, ...options });
}

/**
 * The bytes of what a word means: a file, a member, all members of a bundle, the answer of a live program. For inspect().
 *
 *   inspect(await readNamed('bundle.zip'));
 *
 * Throws ProfileError as open() does; a cut member gives what it has.
 */
export async function readNamed(source: string, options: NodeOpenOptions = {}): Promise<NamedBytes[]> {
  const { maxBytes } = options;
  const place = await placeOf(source, maxBytes);
  switch (place.kind) {
    case 'live':
      return [{ name: nameOf(source) ?? source, bytes: await fetched(source, options, 'profile') }];
    case 'member':
      return [{ name: place.name, bytes: await partOf(place.member, options) }];
    case 'file': {
      const late = await lateBundle(source, maxBytes);
      if (late?.kind === 'bundle') return membersOf(late.named, options);
      return [{ name: source, bytes: allBytes(source, maxBytes) }];
    }
    case 'bundle':
      return membersOf(place.named, options);
    default:
      return place satisfies never;
  }
}

async function membersOf({ name, bundle }: NamedBundle, options: NodeOpenOptions): Promise<NamedBytes[]> {
  for (const { fact } of bundle.issues) options.notice?.(`${name}: ${fact}`);
  const all: NamedBytes[] = [];
  for (const member of bundle.members)
    all.push({ name: `${name}:${member.name}`, bytes: await partOf(member, options) });
  return all;
}

/**
 * Compares a bundle with its manifest: checksums, members that are missing or were added, profiles of another program.
 *
 *   const { problems } = await verifyBundle(await openBundle('bundle.zip'));
 *
 * Never throws for what is in the bundle.
 */
export function verifyBundle(bundle: Bundle): Promise<Verified> {
  return verifyMembers(bundle, sha256, async (member) => {
    try {
      const profile = (await readMember(member, member.name, {})).profile();
      return profile.mappings.map(({ buildId }) => buildId);
    } catch (error) {
      if (error instanceof ProfileError) return [];
      throw error;
    }
  });
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
 * What it gives away is redacted unless redact is false; `(kind, name, bytes) => redact(bytes, { kind, name, net: true })` redacts more.
 * Takes seconds + traceSeconds and little more. Throws ProfileError: bad-option; unreachable, cut, no-answer when nothing could be had, and
 * then there is no file; unreadable when it cannot be written.
 */
export async function collect(options: CollectOptions = {}): Promise<Collected> {
  // HTTP takes longer to load than a small profile to read.
  const { collect: run } = await import('./collect/collect.js');
  return run({ redact: (kind, name, bytes) => redact(bytes, { kind, name }), ...options });
}

/**
 * Reads all that was collected of a program, and says what is wrong with it: findings with evidence, the worst first. sources: bundles,
 * folders, files, members (`bundle.zip:heap.pprof`), bytes; collect() makes a bundle of a live program.
 *
 *   const report = await diagnose(['bundle.zip']);
 *   for (const { severity, rule, place } of report.findings) console.log(severity, rule, place?.function);
 *   process.stdout.write([...renderDiagnose(report)].join(''));
 *
 * A file that cannot be read is in report.files; what could not be looked at is in report.notLookedAt; ALL_RULES has the rules. Throws
 * ProfileError: unreadable when there is nothing that can be diagnosed, not-a-bundle, too-large. A bundle of 2 MB takes 0.3 s.
 */
export async function diagnose(
  sources: readonly (string | NamedBytes)[],
  options: DiagnoseOptions = {},
): Promise<DiagnoseReport> {
  const { partsOf, partsOfBytes } = await import('./parts.js');
  const parts: Part[] = [];
  for (const source of sources) {
    if (typeof source === 'string') parts.push(...(await partsOf(source, options)));
    else parts.push(...partsOfBytes(source.name, source.bytes, options));
  }
  const [first] = sources;
  const only = sources.length === 1 ? (typeof first === 'string' ? first : first.name) : undefined;
  return diagnoseParts(options.name ?? only ?? `${sources.length} sources`, parts, options.signal);
}

/** zlib, which is five times as fast. */
const codec: Codec = {
  gunzip(bytes, maxBytes) {
    try {
      return gunzipSync(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      throw error instanceof RangeError ? tooLarge(maxBytes) : gzipError(String(error));
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
