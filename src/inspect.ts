// Named bytes → what they hold and give away. A bundle is a list of named bytes.

import { decodeDumps } from './decode/dump/dump.js';
import { KIND_BYTES, kindOf } from './decode/kind.js';
import { ProfileDecoder } from './decode/profile.js';
import { readProfileWire } from './decode/profileWire.js';
import { MalformedError } from './decode/wire.js';
import { ProfileError } from './errors.js';
import type { MemberKind } from './model/bundle.js';
import { fromBytes } from './model/strings.js';
import { type Codec, plainCodec } from './redact/gzip.js';
import { isSecretKey } from './redact/profile.js';
import { isArguments, type OwnPattern, type RedactBytesOptions, redactBytes } from './redact/redact.js';
import type { InspectedFile, InspectReport } from './report/inspect.js';
import { type Contents, inspectDumps, inspectProfile } from './report/inspectProfile.js';
import { inspectArguments, inspectJson, inspectText } from './report/inspectText.js';
import { KIND_WORDS, profileWords } from './report/inspectWords.js';

/** A file, or a member of a bundle. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface InspectBytesOptions {
  /** All rows of long lists. */
  readonly all?: boolean;
  readonly hosts?: readonly string[];
  readonly patterns?: readonly OwnPattern[];
  readonly maxBytes?: number;
  readonly codec?: Codec;
}

/** What each holds and gives away, by all rules. Does not throw for what is in the bytes. */
export function inspectBytes(files: readonly NamedBytes[], options: InspectBytesOptions = {}): InspectReport {
  return { kind: 'inspect', files: files.map((file) => inspectOne(file, options)) };
}

const nothing: Contents = { facts: [], lists: [] };

function inspectOne({ name, bytes }: NamedBytes, options: InspectBytesOptions): InspectedFile {
  const { codec = plainCodec, maxBytes = 2 * 1024 ** 3, all = false } = options;
  const kind = kindOf(bytes.subarray(0, KIND_BYTES));
  const issues: string[] = [];
  let raw = bytes;
  let contents = nothing;
  let words = KIND_WORDS[kind];
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b && kind !== 'archive') raw = codec.gunzip(bytes, maxBytes);
    // Nothing that is shown has a secret.
    const shown = redactBytes(kind, name, raw, { secretsOnly: true }).bytes;
    if (kind === 'profile') {
      const profile = decoded(shown, maxBytes);
      words = profileWords(profile.sampleTypes.map(({ type }) => type));
      contents = inspectProfile(profile, restOf(shown), all);
    } else if (kind === 'dump') contents = inspectDumps(decodeDumps(shown), all);
    else contents = textContents(kind, shown, all);
  } catch (error) {
    if (!(error instanceof ProfileError) && !(error instanceof MalformedError)) throw error;
    issues.push(error instanceof ProfileError ? error.bare : error.message);
  }
  const rules: RedactBytesOptions = { ...options, net: true };
  const { findings, issue } = redactBytes(kind, name, raw, rules);
  const isCommandLine = kind === 'unknown' && contents !== nothing;
  if (isCommandLine)
    words = {
      what: 'a command line (/debug/pprof/cmdline)',
      verdict: 'It is what the program was started with: read it before you send it.',
    };
  if (issue !== undefined && issues.length === 0) issues.push(issue.fact);
  return {
    name,
    kind,
    what: words.what,
    bytes: bytes.length,
    rawBytes: raw.length,
    ...contents,
    givesAway: findings,
    issues,
    verdict:
      issues.length > 0 && kind === 'profile'
        ? 'It cannot be read, so nothing can be said of what it gives away.'
        : words.verdict,
  };
}

function decoded(raw: Uint8Array, maxBytes: number) {
  const decoder = new ProfileDecoder({ maxBytes, oneQuery: true });
  decoder.write(raw);
  return decoder.finish();
}

function restOf(raw: Uint8Array) {
  const { stringFrom, stringTo, uses, unknown } = readProfileWire(raw, isSecretKey);
  const unreferenced: string[] = [];
  for (let row = 1; row < uses.length; row++)
    if (uses[row] === 0 && stringTo[row] > stringFrom[row])
      unreferenced.push(fromBytes(raw.subarray(stringFrom[row], stringTo[row])));
  return { unreferenced, unknown };
}

function textContents(kind: MemberKind, raw: Uint8Array, all: boolean): Contents {
  if (kind === 'trace' || kind === 'binary' || kind === 'archive' || kind === 'empty') return nothing;
  if (kind === 'unknown') return isArguments(raw) ? inspectArguments(fromBytes(raw), all) : nothing;
  const text = fromBytes(raw);
  if (!['vars', 'sysinfo', 'version', 'manifest', 'json'].includes(kind)) return inspectText(text, all);
  try {
    return inspectJson(JSON.parse(text), all);
  } catch {
    return inspectText(text, all);
  }
}
