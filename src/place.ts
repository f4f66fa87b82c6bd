// What a word means as a source, on Node: decided in one place for every command.
//
//   a file                       itself; a zip, tar or tar.gz is a bundle, by its content
//   a folder                     a bundle
//   bundle.zip:member            a member; again for an archive in it, bundle.zip:inner.zip:member
//   localhost:6060, http://…     a live program
//
// What exists comes first, so that a file may be called anything.

import { bundleOf } from './bundle/bundle.js';
import { memberNamed, type NamedBundle } from './bundle/choose.js';
import { KIND_BYTES, kindOf } from './decode/kind.js';
import { named, ProfileError } from './errors.js';
import type { Bundle, Member } from './model/bundle.js';
import { isAddress } from './source/address.js';
import { collected } from './source/collector.js';
import { allBytes, chunksOf, filesOf, firstBytes, inflater, placeKind } from './source/folder.js';

export type Place =
  /** A file that is no archive, or nothing that exists. */
  | { readonly kind: 'file' }
  | { readonly kind: 'live' }
  | { readonly kind: 'bundle'; readonly named: NamedBundle }
  | { readonly kind: 'member'; readonly name: string; readonly member: Member };

/** Archives in archives. */
const DEPTH = 3;

/** maxBytes: of one member, decompressed. Throws ProfileError: unreadable, not-a-bundle, too-large. */
export async function placeOf(word: string | URL, maxBytes?: number): Promise<Place> {
  if (word instanceof URL && word.protocol !== 'file:') return { kind: 'live' };
  const found = placeKind(word);
  if (found === 'folder') return { kind: 'bundle', named: { name: String(word), bundle: folderBundle(String(word)) } };
  if (found === 'file') {
    // The magic of a zip; what else may be an archive is seen when it is no profile.
    const [p, k] = firstBytes(word, 2);
    return p === 0x50 && k === 0x4b ? asBundle(word, maxBytes) : { kind: 'file' };
  }
  const text = String(word);
  const archive = archiveIn(text);
  if (archive !== undefined) return memberOf(archive, text.slice(archive.length + 1), maxBytes);
  return { kind: isAddress(text) ? 'live' : 'file' };
}

/** Whether a word is the address of a live program. */
export const isLive = (word: unknown): boolean =>
  word instanceof URL
    ? /^https?:$/.test(word.protocol)
    : typeof word === 'string' && isAddress(word) && placeKind(word) === undefined && archiveIn(word) === undefined;

/** The archive, of what is no profile. undefined: it is none. */
export async function lateBundle(path: string | URL, maxBytes?: number): Promise<Place | undefined> {
  return kindOf(firstBytes(path, KIND_BYTES)) === 'archive' ? asBundle(path, maxBytes) : undefined;
}

function asBundle(path: string | URL, maxBytes: number | undefined): Place {
  const name = String(path);
  return {
    kind: 'bundle',
    named: { name, bundle: named(name, () => bundleOf(allBytes(path), inflater, { maxBytes })) },
  };
}

/** What stands before a colon and exists. */
function archiveIn(text: string): string | undefined {
  for (let at = text.indexOf(':'); at > 0; at = text.indexOf(':', at + 1))
    if (placeKind(text.slice(0, at)) !== undefined) return text.slice(0, at);
  return undefined;
}

async function memberOf(archive: string, path: string, maxBytes: number | undefined): Promise<Place> {
  const bundle =
    placeKind(archive) === 'folder'
      ? folderBundle(archive)
      : named(archive, () => bundleOf(allBytes(archive), inflater, { maxBytes }));
  return inBundle({ name: archive, bundle }, path, DEPTH, maxBytes);
}

/** path: of a member, or of one in an archive in the bundle. */
async function inBundle(outer: NamedBundle, path: string, depth: number, maxBytes: number | undefined): Promise<Place> {
  const { name, bundle } = outer;
  const inner = bundle.members.find((member) => member.kind === 'archive' && `${path}:`.startsWith(`${member.name}:`));
  if (inner === undefined) {
    const member = memberNamed(outer, path);
    return { kind: 'member', name: `${name}:${member.name}`, member };
  }
  const innerName = `${name}:${inner.name}`;
  if (depth === 1)
    throw new ProfileError(
      'not-a-bundle',
      `an archive in ${DEPTH} archives`,
      { source: innerName },
      'unpack it and give what is inside',
    );
  const bytes = await collected(inner.chunks(), maxBytes);
  const found: NamedBundle = {
    name: innerName,
    bundle: named(innerName, () => bundleOf(bytes, inflater, { maxBytes })),
  };
  if (path === inner.name) return { kind: 'bundle', named: found };
  return inBundle(found, path.slice(inner.name.length + 1), depth - 1, maxBytes);
}

function folderBundle(folder: string): Bundle {
  const { files, isWhole, links } = filesOf(folder);
  return {
    members: files.map(({ name, path, bytes }) => ({
      ...{ name, size: bytes, issue: undefined, kind: kindOf(firstBytes(path, KIND_BYTES)) },
      chunks: () => chunksOf(path),
    })),
    issues: [
      ...links.slice(0, 20).map((name) => ({ fact: `${name} is left out: it is a symbolic link`, place: {} })),
      ...(isWhole ? [] : [{ fact: `only the first ${files.length} files are read`, place: {} }]),
    ],
  };
}
