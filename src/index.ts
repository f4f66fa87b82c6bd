// The public API for every host: exports only, nothing of Node. What needs Node is in node.ts.

import { type BundleOptions, bundleOf } from './bundle/bundle.js';
import type { ReusedInstance } from './core/instance.js';
import { setCore } from './core/instance.js';
import type { StackStore } from './core/store.js';
import { inflateAnywhere } from './decode/archive/inflate.js';
import { KIND_BYTES, kindOf } from './decode/kind.js';
import { MAX_BYTES } from './decode/profile.js';
import type { DecodedVars } from './decode/vars/vars.js';
import { diagnoseParts } from './diagnosis/diagnose.js';
import { Part, type PartSource } from './diagnosis/part.js';
import { type DumpProfileOptions, encodeProfile } from './encode/encode.js';
import { ProfileError } from './errors.js';
import { dumpProfile, Input, type InputOptions, noticeOf } from './input.js';
import { inspectBytes, type NamedBytes } from './inspect.js';
import type { Bundle, MemberKind } from './model/bundle.js';
import type { Dump } from './model/dump.js';
import type { Profile as ProfileModel } from './model/profile.js';
import { type Query, resolve } from './query/options.js';
import { finder } from './query/regexp.js';
import { view } from './query/view.js';
import type { Codec } from './redact/gzip.js';
import { type OwnPattern, type Redacted, redactBytes } from './redact/redact.js';
import type { DiagnoseReport } from './report/diagnose.js';
import type { InspectReport } from './report/inspect.js';
import { Decompressor } from './source/gzip.js';
import { type FetchOptions, fetchProfiles } from './transform/fetch.js';
import type { ProfileSource } from './transform/mergeSources.js';
import { standardize } from './transform/standard.js';
import { type ReadVarsOptions, readVarsBytes } from './vars.js';

export { encodePlain, encodeTopProto } from './encode/encode.js';
export type { PlainProfile } from './encode/plain.js';
export type { DumpProfileOptions };

import { badOption } from './errors.js';

export { ALL_RULES, type RuleRow } from './analyse/allRules.js';
export { type Blocked, findBlocked, type Lock } from './analyse/blocked.js';
export { type Changes, compareDumps } from './analyse/changes.js';
export { DIAGNOSE_RULES } from './analyse/diagnose/rules.js';
export { type Groups, groupStacks } from './analyse/groups.js';
export type { Certainty, Holder } from './analyse/holders.js';
export { IDLE_RULES, type IdleRule } from './analyse/idle.js';
export { MEANINGS, type Meaning } from './analyse/meanings.js';
export { MEMORY_RULES } from './analyse/memoryRules.js';
export { type Hit, type Rule, runRules } from './analyse/rule.js';
export { readStacks, type Stacks } from './analyse/stacks.js';
export { STUCK_RULES, type StuckRule } from './analyse/stuck.js';
export { SYSTEM_RULES } from './analyse/systemRules.js';
export { type AroundVars, type VarsFacts, varsFacts } from './analyse/varsFacts.js';
export type { BundleOptions } from './bundle/bundle.js';
export { describeMember, missingOf } from './bundle/layouts.js';
export { KIND_BYTES, kindOf } from './decode/kind.js';
export type { DecodedVars } from './decode/vars/vars.js';
export { type ErrorCode, type Issue, type Place, ProfileError } from './errors.js';
export type { NamedBytes } from './inspect.js';
export type { BlockedRows, HolderRow, LeakRow, LockRow, StandingGoroutine, StuckRow } from './model/blocked.js';
export type { Bundle, Member, MemberKind } from './model/bundle.js';
export * from './model/dump.js';
export {
  type Finding,
  type FindingPlace,
  type Quantity,
  type Said,
  SEVERITIES,
  type Severity,
} from './model/finding.js';
export type { NodeInfo } from './model/node.js';
export type { Functions, Lines, Locations, Mapping, ValueType } from './model/profile.js';
export type { Disclosure, Redaction } from './model/redaction.js';
export type { SourceReader } from './model/source.js';
export type { StringTable } from './model/strings.js';
export { toBytes } from './model/strings.js';
export * from './model/vars.js';
export {
  OPTIONS,
  type OptionKind,
  type OptionRow,
  type Options,
  type Query,
  resolve,
  SAMPLE_INDEX_FLAGS,
} from './query/options.js';
export { sampleIndex } from './query/selection.js';
export { resolveStacks, STACK_OPTIONS, type StackOptions, type StackQuery } from './query/stackOptions.js';
export type { Redacted } from './redact/redact.js';
export { REDACT_RULES } from './redact/rules.js';
export { type DiagnoseFormat, type DiagnoseTextOptions, renderDiagnose } from './render/diagnose.js';
export { renderInspect } from './render/inspect.js';
export { type Format, render, renderBytes } from './render/render.js';
export { renderRule, renderRuleList } from './render/rule.js';
export { quantityText, sayText } from './render/said.js';
export { quoted } from './render/shell.js';
export { renderStacks, type StacksFormat } from './render/stacks.js';
export { estimateLayout, type LayoutEstimate, layoutSvg, type SvgOptions } from './render/svg/layout.js';
export { COLUMN_TITLES, columns, formatValue, inlineMark, legend } from './render/text.js';
export { renderVars, type VarsFormat, type VarsRenderOptions } from './render/vars.js';
export { visible } from './render/visible.js';
export type { CallgrindReport, CallgrindRows } from './report/callgrind.js';
export type { CommentsReport } from './report/comments.js';
export {
  type DiagnosedFile,
  type DiagnosedProgram,
  type DiagnoseReport,
  type NotLookedAt,
  worstOf,
} from './report/diagnose.js';
export type { DotEdge, DotNode, DotReport } from './report/dot.js';
export type { FlameFrame, FlameReport, FlameTree } from './report/flame.js';
export type { Head } from './report/head.js';
export type { Header } from './report/header.js';
export type { InspectedFile, InspectFact, InspectList, InspectReport, InspectRow } from './report/inspect.js';
export type { ListFile, ListLine, ListReport, ListRow } from './report/list.js';
export type { Nodelet } from './report/nodelets.js';
export type { RawLine, RawLocation, RawReport, RawSample } from './report/raw.js';
export { type Report, type ReportHost, type ReportName, type Reports, report } from './report/report.js';
export type { StackFrame, StackGroup } from './report/stackGroups.js';
export { type StackState, type StacksReport, stacksReport } from './report/stacks.js';
export type { TagRow, TagsReport, TagValue } from './report/tags.js';
export type { Shown, TopReport, TopRow } from './report/top.js';
export type { TopProtoReport, TopProtoRow } from './report/topproto.js';
export type { TraceFrame, TraceLabels, TraceRow, TracesReport } from './report/traces.js';
export type { TreeCall, TreeReport, TreeRow } from './report/tree.js';
export { type VarsQuery, type VarsReport, varsReport } from './report/vars.js';
export type { VarsGc, VarsMemory, VarsObjects, VarsPauses } from './report/varsMemory.js';
export type { VarsChurn, VarsSeriesRow } from './report/varsSeries.js';
export type { VarsBadger, VarsSystem } from './report/varsSystem.js';
export { merge, type SubtractOptions, subtract } from './transform/merge.js';
export { profileDump as dumpOfProfile } from './transform/profileDump.js';
export type { ReadVarsOptions } from './vars.js';
export { VERSION } from './version.js';
export { MAX_BYTES, setCore };

/** A decoded profile: tables as columns, stacks in the WASM core. Immutable; garbage collection frees it. */
export type Profile = ProfileModel<StackStore>;

export type OpenOptions = InputOptions;

/** Where bytes come from: all at once, or in chunks (a ReadableStream, or anything else that is iterated). */
export type Source = Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/**
 * Opens a profile: profile.proto, a text profile (?debug=1), or text with a dump of goroutines in it (of several the last), gzipped or not.
 *
 *   const profile = await open(await (await fetch('/debug/pprof/heap')).bytes());
 *
 * notice is told what is odd about a text, such as an early end. Throws ProfileError with code, place and hint when
 * it is empty, cut, damaged, invalid, or something else.
 */
export async function open(source: Source, options: OpenOptions = {}): Promise<Profile> {
  return standardize((await read(source, options)).profile());
}

/**
 * Opens the dumps of goroutines in a source, in its order: text of every form (debug=1, debug=2, SIGQUIT, panics, race reports, logs with
 * one in them), or a goroutine profile, gzipped or not. Bytes at hand are kept: do not change them.
 *
 *   const [dump] = await openDumps(await (await fetch('/debug/pprof/goroutine?debug=2')).bytes());
 *
 * Throws ProfileError: empty, not-a-dump when it is something else, and what open() throws for a damaged profile. 93 MB take 0.7 s.
 */
export async function openDumps(source: Source, options: OpenOptions = {}): Promise<Dump[]> {
  return (await read(source, options)).dumps();
}

/**
 * Memory statistics of bytes: /debug/vars (one sample or a series), the end of heap?debug=1, Prometheus' text, kubo's diag/sys, process.json
 * of a bundle, gzipped or not. Integers are exact; secrets on command lines are redacted.
 *
 *   const { samples, sys } = readVars(await (await fetch('/debug/vars')).bytes());
 *   const report = varsReport(varsFacts(samples, { sys }));
 *
 * What is odd is an issue of the file or the sample. Throws ProfileError: empty, not-vars when it is something else.
 */
export function readVars(bytes: Uint8Array, options: ReadVarsOptions = {}): DecodedVars {
  return readVarsBytes(bytes, options);
}

/**
 * A dump as a profile, for every report: goroutine/count, and wait/seconds from the minutes of the headers; a sample for each stack with
 * its labels (state, locked to thread, leaked, those of the goroutine).
 *
 *   report(profileOfDump(dump), 'top', { tagfocus: 'state=IO wait' })
 */
export function profileOfDump(dump: Dump, options: DumpProfileOptions = {}): Profile {
  return standardize(dumpProfile(dump, options));
}

async function read(source: Source, options: OpenOptions, reused?: ReusedInstance): Promise<Input> {
  const input = new Input(options, { reused, isOurs: source instanceof Uint8Array });
  const inflated = new Decompressor((chunk) => input.write(chunk));
  if (source instanceof Uint8Array) inflated.write(source);
  else for await (const chunk of chunks(source)) inflated.write(chunk);
  inflated.finish();
  return input;
}

/**
 * Opens a bundle: bytes of a zip, a tar or a tar.gz. Members are named and told by their content; they are read when you ask for them.
 *
 *   const { members } = openBundle(bytes);
 *   const profile = await open(members[0].chunks());
 *
 * An archive without its end gives what it has; members with names that lead out of it, links, bombs and second ones of a name are left
 * out; issues tell. Throws ProfileError: not-a-bundle, empty, too-large.
 */
export function openBundle(bytes: Uint8Array, options: BundleOptions = {}): Bundle {
  return bundleOf(bytes, inflateAnywhere, options);
}

export interface DiagnoseOptions {
  /** What the report calls it; `files` unless given. */
  readonly name?: string;
  /** Of one file, decompressed; 2 GiB unless given. */
  readonly maxBytes?: number;
  /** Ends it: files that were not read by then are told. */
  readonly signal?: AbortSignal;
}

/**
 * Reads all that was collected of a program (dumps, profiles, memory statistics, archives of them) and says what is wrong with it: findings
 * with evidence, the worst first. What a file is, its content tells.
 *
 *   const report = await diagnose([{ name: 'bundle.zip', bytes }]);
 *   for (const { severity, rule, place } of report.findings) console.log(severity, rule, place?.function);
 *   [...renderDiagnose(report, 'markdown')].join('')
 *
 * A file that cannot be read is in report.files; ALL_RULES has the rules. Throws ProfileError 'unreadable' when nothing can be diagnosed.
 */
export async function diagnose(files: readonly NamedBytes[], options: DiagnoseOptions = {}): Promise<DiagnoseReport> {
  const { name = files.length === 1 ? files[0].name : 'files', signal } = options;
  const parts = files.flatMap((file) => partsAnywhere(file, options));
  return diagnoseParts(name, parts, signal);
}

function partsAnywhere({ name, bytes }: NamedBytes, options: DiagnoseOptions): Part[] {
  const kind = kindOf(bytes.subarray(0, KIND_BYTES));
  const chunksOf = async function* () {
    yield bytes;
  };
  const part = (source: Omit<PartSource, 'pour'>, pieces: () => AsyncIterable<Uint8Array>) =>
    new Part(
      {
        ...source,
        async pour(sink) {
          const inflated = new Decompressor((chunk) => sink.write(chunk));
          for await (const chunk of pieces()) inflated.write(chunk);
          inflated.finish();
        },
      },
      options,
    );
  if (kind !== 'archive') return [part({ name, member: name, bundle: '', kind }, chunksOf)];
  return openBundle(bytes, options).members.map((member) =>
    part({ name: `${name}:${member.name}`, member: member.name, bundle: name, kind: member.kind }, () =>
      member.chunks(),
    ),
  );
}

/** What to make of several sources; S is what open() takes. */
export interface OpenAllOptions<S> extends OpenOptions, FetchOptions {
  /** To be subtracted from the profile: negative where it had more (-base). */
  readonly base?: readonly S[];
  /** To be compared with: as base, but its samples stay apart, and percentages are of them (-diff_base). */
  readonly diffBase?: readonly S[];
}

/**
 * Opens several profiles and merges them, as pprof does when several are given; one alone stays as it is.
 *
 *   await openAll([today], { base: [yesterday] })
 *
 * Sources are read one after the other and let go, so that memory grows with the distinct stacks. One that fails is named in a notice
 * and left out. Throws ProfileError: bad-option, incompatible, no-profile when all sources or all bases fail.
 */
export async function openAll(sources: readonly Source[], options: OpenAllOptions<Source> = {}): Promise<Profile> {
  const { base = [], diffBase = [] } = options;
  const prepare = (source: Source, i: number): ProfileSource => {
    let kept: Promise<Profile> | undefined;
    const name = `source ${i + 1}`;
    const named = { ...options, notice: noticeOf(name, options) };
    return {
      name,
      open: async (reused) => {
        if (source instanceof Uint8Array) return (await read(source, named, reused)).profile();
        kept ??= read(source, named).then((input) => input.profile());
        return kept;
      },
    };
  };
  return fetchProfiles(
    { sources: sources.map(prepare), base: base.map(prepare), diffBase: diffBase.map(prepare) },
    options,
    options.oneQuery ?? false,
  );
}

/** Like open, at once, for bytes at hand. */
export function openBytes(bytes: Uint8Array, options: OpenOptions = {}): Profile {
  const input = new Input(options, { isOurs: true });
  const inflated = new Decompressor((chunk) => input.write(chunk));
  inflated.write(bytes);
  inflated.finish();
  return standardize(input.profile());
}

/**
 * The profile as profile.proto, uncompressed, in chunks: what a query leaves of it, as -proto writes it. notice takes what pprof says on
 * stderr.
 *
 *   for (const chunk of encode(profile, { focus: 'json' })) file.write(chunk);
 *
 * Throws ProfileError 'bad-option' as report does. 200k samples of depth 30 take 0.1 s.
 */
export function encode(
  profile: Profile,
  query: Query = {},
  notice: (text: string) => void = () => {},
): Iterable<Uint8Array> {
  const options = resolve(query);
  const shown = view(profile, options);
  for (const text of shown.notices) notice(text);
  return encodeProfile(shown, options);
}

export interface RedactOptions {
  /** What the bytes are; by their content unless given. */
  readonly kind?: MemberKind;
  /** Their name, for the issue. */
  readonly name?: string;
  /** Also IP addresses, peer ids, names in multiaddrs. */
  readonly net?: boolean;
  /** Host names to be replaced, in upper or lower case. */
  readonly hosts?: readonly string[];
  /** Regexps with RE2's syntax: what they match is replaced, line by line in text, also in names of functions. */
  readonly patterns?: readonly string[];
  /** Decompressed bytes at which to stop; 2 GiB unless given. */
  readonly maxBytes?: number;
  /** gunzip and gzip of the host. */
  readonly codec?: Codec;
}

/**
 * Takes out what is nobody's business: secrets, home directories, e-mail addresses (REDACT_RULES has all rules), in profile.proto, dumps,
 * JSON and text, gzipped or not. Names of functions, numbers and stacks stay.
 *
 *   const { bytes, redactions, issue } = redact(await readFile('cpu.pb.gz'));
 *   // redactions: [{ rule: 'home', where: 'file names of functions', count: 212 }]
 *
 * bytes are the very same if nothing was found. What cannot be redacted (a trace, an executable, a damaged profile) comes back
 * unchanged with an issue that says why. Throws ProfileError 'bad-option' for a pattern that is none. 93 MB of a dump take 0.7 s,
 * 1.7 s with 300,000 findings.
 */
export function redact(bytes: Uint8Array, options: RedactOptions = {}): Redacted {
  const { kind = kindOf(bytes.subarray(0, KIND_BYTES)), name = 'the file', patterns = [] } = options;
  return redactBytes(kind, name, bytes, { ...options, patterns: patterns.map(ownPattern) });
}

export interface InspectOptions {
  /** All rows of long lists, of which the report has 12 otherwise. */
  readonly all?: boolean;
  /** Host names and regexps to look for, as redact() takes them. */
  readonly hosts?: readonly string[];
  readonly patterns?: readonly string[];
  readonly maxBytes?: number;
  readonly codec?: Codec;
}

/**
 * What files hold and what they give away, for whoever is about to send them: plain data; renderInspect() makes text of it.
 *
 *   const [file] = inspect([{ name: 'cpu.pb.gz', bytes }]).files;
 *   file.givesAway    // [{ rule: 'home', count: 212, example: '/home/alice/…', … }]
 *
 * Takes any bytes: what cannot be looked into has issues. Secrets are masked, but the texts of the file are otherwise its own. Throws
 * ProfileError 'bad-option' for a pattern that is none.
 */
export function inspect(files: readonly NamedBytes[], options: InspectOptions = {}): InspectReport {
  const { patterns = [] } = options;
  return inspectBytes(files, { ...options, patterns: patterns.map(ownPattern) });
}

function ownPattern(pattern: string): OwnPattern {
  try {
    return { name: `pattern ${pattern}`, find: finder(pattern) };
  } catch (error) {
    throw new ProfileError(
      'bad-option',
      `parsing a pattern: ${error instanceof Error ? error.message : String(error)}`,
      {},
      "the syntax is RE2's; a backslash makes a character literal",
    );
  }
}

async function* chunks(source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (typeof source !== 'object' || source === null || !('getReader' in source || Symbol.asyncIterator in source))
    throw badOption('this is no profile to read', 'give bytes (a Uint8Array) or a stream of them');
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  // Safari's streams are not iterable, so that every stream is read this way.
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
