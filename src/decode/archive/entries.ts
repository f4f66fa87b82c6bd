// What the readers of archives give: where the data of each member lies. Nothing is unpacked to a disk, ever; names are still checked
// as if it were, because they become names of outputs, and because an archive with such names is not what it seems.

import type { Issue } from '../../errors.js';

export interface Entry {
  readonly name: string;
  /** Of its data in the archive, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly isDeflated: boolean;
  /** Uncompressed; undefined: the archive does not say. */
  readonly size: number | undefined;
  /** CRC-32, as a signed number. */
  readonly crc: number | undefined;
  /** What is wrong with it, though it can be read as far as it goes. */
  readonly issue: string | undefined;
}

export interface Archive {
  readonly entries: readonly Entry[];
  readonly issues: readonly Issue[];
}

/** More are not a bundle. */
export const MOST_ENTRIES = 10_000;
/** Deflate can do 1032:1; text of real dumps some hundred. */
const BOMB_RATIO = 600;
const BOMB_BYTES = 1 << 28;

/** Takes the members that may be there, and tells why others may not. */
export class EntryList {
  readonly entries: Entry[] = [];
  readonly issues: Issue[] = [];
  readonly #names = new Set<string>();
  #refused = 0;

  get isFull(): boolean {
    return this.entries.length >= MOST_ENTRIES;
  }

  add(entry: Entry): void {
    const name = cleanName(entry.name);
    const why = name === undefined ? 'its name leads out of the archive' : this.#objection(name, entry);
    if (why !== undefined || name === undefined) {
      this.refuse(entry.name, why ?? '', entry.start);
      return;
    }
    this.#names.add(name.normalize('NFC').toLowerCase());
    this.entries.push({ ...entry, name });
  }

  /** The first few are named, the others counted. */
  refuse(name: string, why: string, offset: number): void {
    this.#refused++;
    if (this.#refused <= 20) this.issue(`${shown(name)} is refused: ${why}`, offset);
    else if (this.#refused === 21) this.issue('more members are refused', offset);
  }

  issue(fact: string, offset?: number): void {
    this.issues.push({ fact, place: offset === undefined ? {} : { offset } });
  }

  #objection(name: string, { start, end, size }: Entry): string | undefined {
    if (this.#names.has(name.normalize('NFC').toLowerCase())) return 'there is one of this name already';
    if (size !== undefined && size > BOMB_BYTES && size > (end - start) * BOMB_RATIO)
      return `${end - start} bytes say that they become ${size}`;
    return undefined;
  }

  /** Members whose data overlap unpack to more than the archive can hold: the later one is refused. */
  archive(): Archive {
    const byPlace = this.entries.toSorted((a, b) => a.start - b.start || a.end - b.end);
    const overlapping = new Set<Entry>();
    let reached = 0;
    for (const entry of byPlace) {
      if (entry.start < reached && entry.end > entry.start) overlapping.add(entry);
      else reached = Math.max(reached, entry.end);
    }
    for (const { name, start } of overlapping) this.refuse(name, 'its data are those of another member, too', start);
    return { entries: this.entries.filter((entry) => !overlapping.has(entry)), issues: this.issues };
  }
}

/** With / between and without ./; undefined: it is no name inside of the archive. */
export function cleanName(name: string): string | undefined {
  const parts = name.replaceAll('\\', '/').split('/');
  if (/[\0-\x1f\x7f]/.test(name) || /^[a-z]:/i.test(name) || parts[0] === '') return undefined;
  const kept = parts.filter((part) => part !== '' && part !== '.');
  return kept.length === 0 || kept.includes('..') ? undefined : kept.join('/');
}

const shown = (name: string) => JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name).slice(1, -1);
