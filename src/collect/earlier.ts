// What an earlier run left, to go on from: by its manifest, or where that is missing (the program was killed, the disk was full) by the
// members that are whole.

import { bundleOf } from '../bundle/bundle.js';
import { readManifest } from '../bundle/verify.js';
import { named } from '../errors.js';
import type { Member } from '../model/bundle.js';
import type { ManifestItem } from '../model/manifest.js';
import { allBytes, inflater } from '../source/folder.js';
import { ITEMS } from './items.js';
import type { Earlier } from './record.js';

/** Throws ProfileError: unreadable, not-a-bundle, malformed. */
export async function earlierRun(path: string): Promise<Earlier & { readonly target: string | undefined }> {
  const { members } = named(path, () => bundleOf(allBytes(path), inflater));
  const whole = new Map(members.filter(({ issue }) => issue === undefined).map((member) => [member.name, member]));
  const written = whole.get('manifest.json');
  const manifest = written === undefined ? undefined : await readManifest(written);
  const items = manifest === undefined ? itemsOf(members) : manifest.items;
  return {
    target: manifest?.target,
    items: items.filter(
      (item, i) =>
        isOurs(item) && whole.has(item.member ?? '') && items.findIndex(({ member }) => member === item.member) === i,
    ),
    chunks: (member) => whole.get(member)?.chunks() ?? nothing(),
  };
}

function itemsOf(members: readonly Member[]): ManifestItem[] {
  return ITEMS.flatMap(({ name, member, kinds }): ManifestItem[] => {
    const found = members.find((one) => one.name === member);
    return found === undefined || !(kinds.includes(found.kind) || found.kind === 'json')
      ? []
      : [{ name, member, status: 'ok', kind: found.kind }];
  });
}

/** A manifest of a stranger may name anything. */
function isOurs({ name, member = '' }: ManifestItem): boolean {
  if (/^vars-\d{4}$/.test(name)) return member === `vars/${name.slice(5)}.json`;
  if (name.startsWith('custom-')) return /^custom\/[\w.-]+\.pprof$/.test(member);
  return ITEMS.some((row) => row.name === name && (row.member === member || (name === 'binary' && member === 'ipfs')));
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
