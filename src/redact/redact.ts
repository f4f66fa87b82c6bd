// Bytes of a known kind → the same without what is nobody's business: secrets, names of people, and addresses when asked for.
//
//   text, JSON, dumps   replaced in place
//   profile.proto       strings of its table replaced, all else byte for byte; gzipped again if it was, and something changed
//   trace, binary       unchanged, and the issue says so: the caller decides
//
// Does not hide what a profile is for: names of functions and packages, lines, numbers.

import { MalformedError } from '../decode/wire.js';
import { type Issue, ProfileError } from '../errors.js';
import type { MemberKind } from '../model/bundle.js';
import type { Disclosure, Redaction } from '../model/redaction.js';
import { type Codec, plainCodec } from './gzip.js';
import { redactProfile } from './profile.js';
import { hostRule, REDACT_RULES } from './rules.js';
import { anchorTable, type RedactRule } from './scan.js';
import { Tally } from './tally.js';
import { type OwnPattern, type RuleSet, redactText, utf16Of } from './text.js';

export type { OwnPattern };

export interface RedactBytesOptions {
  /** Also IP addresses, peer ids and the names in multiaddrs. */
  readonly net?: boolean;
  /** Secrets alone, not names of people and machines. */
  readonly secretsOnly?: boolean;
  /** Host names to be replaced. */
  readonly hosts?: readonly string[];
  readonly patterns?: readonly OwnPattern[];
  /** Decompressed bytes at which to stop; 2 GiB unless given. */
  readonly maxBytes?: number;
  readonly codec?: Codec;
}

export interface Redacted {
  /** The very bytes that were given, if nothing was to be replaced. */
  readonly bytes: Uint8Array;
  readonly redactions: readonly Redaction[];
  readonly findings: readonly Disclosure[];
  /** Set if it could not be redacted; bytes are then as they were. */
  readonly issue: Issue | undefined;
}

const MAX_BYTES = 2 * 1024 ** 3;

const opaque: Partial<Readonly<Record<MemberKind, string>>> = {
  trace: 'an execution trace cannot be redacted: its stacks and messages are written as they are',
  binary: 'an executable cannot be redacted: it is written as it is',
  archive: 'an archive is looked into and redacted member by member: unpack it',
  unknown: 'it is neither text nor a profile, so that it cannot be looked into',
};

/**
 * Replaces in bytes what the rules find (REDACT_RULES). kind: what they are, as kindOf() says; name: for the issue.
 *
 * Does not throw for what is in the bytes: what cannot be read comes back unchanged with an issue. 93 MB of a dump take 0.5 s.
 */
export function redactBytes(
  kind: MemberKind,
  name: string,
  bytes: Uint8Array,
  options: RedactBytesOptions = {},
): Redacted {
  const { codec = plainCodec, maxBytes = MAX_BYTES } = options;
  const unchanged = (fact: string): Redacted => ({
    bytes,
    redactions: [],
    findings: [],
    issue: { fact, place: { source: name } },
  });
  const isGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    const inflated = isGzipped && kind !== 'archive' ? codec.gunzip(bytes, maxBytes) : bytes;
    // No Buffer: its subarray() takes ten times as long.
    const raw = new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.length);
    const fact = kind === 'unknown' && isArguments(raw) ? undefined : opaque[kind];
    if (fact !== undefined) return unchanged(fact);
    const tally = new Tally();
    const rules = ruleSet(options);
    const changed = kind === 'profile' ? withoutStrings(raw, rules, tally) : withoutText(raw, rules, tally);
    return {
      bytes: changed === raw ? bytes : isGzipped ? codec.gzip(changed) : changed,
      redactions: tally.redactions(),
      findings: tally.findings(),
      issue: undefined,
    };
  } catch (error) {
    if (error instanceof MalformedError)
      return unchanged(`it could not be redacted: it is no profile, ${error.message}`);
    if (error instanceof ProfileError) return unchanged(`it could not be redacted: ${error.fact}`);
    throw error;
  }
}

function withoutText(raw: Uint8Array, rules: RuleSet, tally: Tally): Uint8Array {
  const wide = utf16Of(raw);
  if (wide === undefined) return redactText(raw, rules, tally) ?? raw;
  const changed = redactText(wide.text, rules, tally);
  return changed === undefined ? raw : wide.back(changed);
}

const secretRule = REDACT_RULES.find(({ name }) => name === 'secret');

function withoutStrings(raw: Uint8Array, rules: RuleSet, tally: Tally): Uint8Array {
  const names: RuleSet = { ...rules, table: rules.names };
  return redactProfile(
    raw,
    (text, isName, where) => redactText(text, isName ? names : rules, tally, where),
    (value) => {
      if (secretRule !== undefined) tally.add(secretRule, value, 0, value.length, 0, 'label values');
    },
  );
}

function ruleSet({ net = false, secretsOnly = false, hosts = [], patterns = [] }: RedactBytesOptions): RuleSet {
  const rules: RedactRule[] = REDACT_RULES.filter(
    ({ option, isSecret }) => (option === 'default' || (option === 'net' && net)) && (isSecret || !secretsOnly),
  );
  rules.push(...hosts.filter((host) => host !== '').map(hostRule));
  return { table: anchorTable(rules), names: anchorTable(rules.filter(({ inNames }) => inNames)), own: patterns };
}

/** Words with a NUL behind each, as /debug/pprof/cmdline gives them: text in all else. */
export function isArguments(raw: Uint8Array): boolean {
  for (const byte of raw) if (byte < 32 && byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13) return false;
  return raw.length > 0;
}
