// Whether a bundle is what was collected: each member there, with its checksum; nothing else; all of one program.

import { ProfileError } from '../errors.js';
import type { Bundle, Member } from '../model/bundle.js';
import type { Manifest } from '../model/manifest.js';
import type { Sum } from '../source/hash.js';

export interface Verified {
  readonly manifest: Manifest | undefined;
  /** Members whose checksum is right. */
  readonly verified: number;
  readonly problems: readonly { readonly member: string; readonly fact: string }[];
  /** What the manifest says is not there, and why. */
  readonly notes: readonly string[];
}

/** sum: a new SHA-256. buildIdsOf: of the programs that a profile names. Never throws for what is in the bundle. */
export async function verifyMembers(
  bundle: Bundle,
  sum: () => Sum,
  buildIdsOf: (member: Member) => Promise<readonly string[]>,
): Promise<Verified> {
  const problems: { member: string; fact: string }[] = bundle.issues.map(({ fact }) => ({
    member: 'the archive',
    fact,
  }));
  const members = new Map(bundle.members.map((member) => [member.name, member]));
  const manifest = await manifestOf(bundle, problems);
  const notes: string[] = [];
  const known = new Set(['manifest.json', 'README.txt']);
  let verified = 0;
  for (const item of manifest?.items ?? []) {
    if (item.kept !== undefined) known.add(item.kept);
    if (item.member === undefined) {
      if (item.status !== 'unsupported') notes.push(`${item.name} is not in it: ${item.error ?? item.status}`);
      continue;
    }
    known.add(item.member);
    const member = members.get(item.member);
    if (member === undefined) problems.push({ member: item.member, fact: 'the manifest has it, the bundle has not' });
    else {
      const fact = await differenceOf(member, item.sha256, sum());
      if (fact === undefined) verified++;
      else problems.push({ member: item.member, fact });
    }
  }
  if (manifest !== undefined)
    for (const name of members.keys())
      if (!known.has(name)) problems.push({ member: name, fact: 'it is not in the manifest: somebody added it' });
  await comparePrograms(bundle.members, buildIdsOf, problems);
  return { manifest, verified, problems, notes };
}

async function differenceOf(member: Member, sha256: string | undefined, sum: Sum): Promise<string | undefined> {
  try {
    for await (const chunk of member.chunks()) sum.update(chunk);
  } catch (error) {
    if (error instanceof ProfileError) return error.fact;
    throw error;
  }
  return sum.digest() === sha256 ? undefined : 'it is not what was collected: its SHA-256 is another';
}

/** Profiles of two programs in one bundle were mixed up by somebody. */
async function comparePrograms(
  members: readonly Member[],
  buildIdsOf: (member: Member) => Promise<readonly string[]>,
  problems: { member: string; fact: string }[],
): Promise<void> {
  let first: { readonly member: string; readonly id: string } | undefined;
  for (const member of members) {
    if (member.kind !== 'profile') continue;
    const [id] = await buildIdsOf(member);
    if (id === undefined || id === '') continue;
    first ??= { member: member.name, id };
    if (first.id !== id)
      problems.push({
        member: member.name,
        fact: `it is of another program than ${first.member}: build id ${id}, not ${first.id}`,
      });
  }
}

const LONGEST = 1 << 26;

async function manifestOf(bundle: Bundle, problems: { member: string; fact: string }[]): Promise<Manifest | undefined> {
  const member = bundle.members.find(({ kind, name }) => kind === 'manifest' || name === 'manifest.json');
  if (member === undefined) return undefined;
  try {
    return await readManifest(member);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    problems.push({ member: member.name, fact: error.fact });
    return undefined;
  }
}

/** Throws ProfileError 'malformed'. */
export async function readManifest(member: Member): Promise<Manifest> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of member.chunks()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST) break;
  }
  return parseManifest(text, member.name);
}

/** source: for the error. Throws ProfileError 'malformed'. */
export function parseManifest(text: string, source: string): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (!isManifest(manifest))
    throw new ProfileError('malformed', 'this is no manifest of tspprof collect', { source }, 'get the bundle again');
  return manifest;
}

/** As far as anybody relies on it. */
function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const texts = (object: object, names: readonly string[]) =>
    names.every((name) => !(name in object) || typeof Reflect.get(object, name) === 'string');
  return (
    'schema' in value &&
    String(value.schema).startsWith('tspprof bundle') &&
    'items' in value &&
    Array.isArray(value.items) &&
    value.items.every(
      (item: unknown) =>
        typeof item === 'object' &&
        item !== null &&
        'name' in item &&
        typeof item.name === 'string' &&
        texts(item, ['member', 'status', 'sha256', 'error', 'kept', 'started']),
    ) &&
    texts(value, ['target', 'started', 'tool']) &&
    'server' in value &&
    typeof value.server === 'object' &&
    value.server !== null &&
    texts(value.server, ['program', 'version', 'goVersion'])
  );
}
