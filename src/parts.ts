// What is to be diagnosed, on Node: words of a command line and bytes → parts.

import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { bundleOf } from './bundle/bundle.js';
import { KIND_BYTES, kindOf } from './decode/kind.js';
import { Part, type PartOptions } from './diagnosis/part.js';
import { ProfileError } from './errors.js';
import type { Bundle } from './model/bundle.js';
import { lateBundle, placeOf } from './place.js';
import { collected } from './source/collector.js';
import { readBytes, readFile, readStream } from './source/file.js';
import { firstBytes, inflater, placeKind } from './source/folder.js';

/** Throws ProfileError: unreadable, not-a-bundle, too-large; bad-option for a live program, which is collected from first. */
export async function partsOf(word: string, options: PartOptions): Promise<Part[]> {
  const place = await placeOf(word, options.maxBytes);
  switch (place.kind) {
    case 'live':
      throw new ProfileError('bad-option', 'this is a live program', { source: word }, 'collect from it first');
    case 'bundle':
      return membersOf(place.named.name, place.named.bundle, options);
    case 'member': {
      const { name, member } = place;
      const pour = (sink: Parameters<typeof readFile>[1]) =>
        readStream(Readable.from(member.chunks(), { objectMode: false }), sink);
      return [new Part({ name, member: member.name, bundle: '', kind: member.kind, pour }, options)];
    }
    case 'file': {
      if (isPipe(word)) return partsOfBytes(word, await wholeOf(word, options), options);
      if (placeKind(word) === undefined)
        throw new ProfileError('unreadable', 'there is no such file or folder', { source: word }, 'check the name');
      const late = await lateBundle(word, options.maxBytes);
      if (late?.kind === 'bundle') return membersOf(late.named.name, late.named.bundle, options);
      const kind = kindOf(firstBytes(word, KIND_BYTES));
      return [new Part({ name: word, member: word, bundle: '', kind, pour: (sink) => readFile(word, sink) }, options)];
    }
    default:
      return place satisfies never;
  }
}

/** What can be read once: /dev/stdin, <(…). */
const isPipe = (path: string) => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
};

const wholeOf = (path: string, { maxBytes }: PartOptions) => collected(createReadStream(path), maxBytes);

/** Of bytes at hand, such as standard input. */
export function partsOfBytes(name: string, bytes: Uint8Array, options: PartOptions): Part[] {
  const kind = kindOf(bytes.subarray(0, KIND_BYTES));
  if (kind === 'archive') return membersOf(name, bundleOf(bytes, inflater, options), options);
  return [new Part({ name, member: name, bundle: '', kind, pour: (sink) => readBytes(bytes, sink) }, options)];
}

function membersOf(bundle: string, { members }: Bundle, options: PartOptions): Part[] {
  const isFolder = placeKind(bundle) === 'folder';
  return members.map((member) => {
    const name = isFolder ? `${bundle.replace(/\/+$/, '')}/${member.name}` : `${bundle}:${member.name}`;
    return new Part(
      {
        ...{ name, member: member.name, bundle, kind: member.kind },
        pour: (sink) => readStream(Readable.from(member.chunks(), { objectMode: false }), sink),
      },
      options,
    );
  });
}
