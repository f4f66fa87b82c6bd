// What a run has so far: members in the bundle, the story of each item, notes, what was redacted; at the end the manifest.

import { ProfileError } from '../errors.js';
import type { MemberKind } from '../model/bundle.js';
import { MANIFEST_SCHEMA, type Manifest, type ManifestItem, type RedactionCount } from '../model/manifest.js';
import { collected } from '../source/collector.js';
import type { Disk } from '../source/disk.js';
import { isGzip } from '../source/gzip.js';
import { sha256 } from '../source/hash.js';
import { BundleWriter } from './bundleWriter.js';
import type { CollectEvent } from './events.js';
import type { ItemRow } from './items.js';
import { readmeOf } from './readme.js';
import type { Taken } from './take.js';

/** What a member becomes before it is written. */
export type Redactor = (
  kind: MemberKind,
  name: string,
  bytes: Uint8Array,
) => {
  readonly bytes: Uint8Array;
  readonly redactions: readonly { readonly rule: string; readonly count: number }[];
  /** Why it could not be looked into. */
  readonly issue?: { readonly fact: string } | undefined;
};

/** What an earlier run left: its items, and their bytes. */
export interface Earlier {
  readonly items: readonly ManifestItem[];
  chunks(member: string): AsyncIterable<Uint8Array>;
}

/** What only the run knows of itself. */
export type Facts = Omit<Manifest, 'schema' | 'started' | 'ended' | 'items' | 'redactions' | 'notes'>;

export class RunRecord {
  readonly #writer: BundleWriter;
  readonly #redact: Redactor | undefined;
  readonly #tell: (event: CollectEvent) => void;
  readonly #started = new Date();
  readonly #items: ManifestItem[] = [];
  readonly #notes: string[] = [];
  readonly #redactions: RedactionCount[] = [];

  constructor(disk: Disk, redact: Redactor | undefined, tell: (event: CollectEvent) => void) {
    this.#writer = new BundleWriter(disk);
    this.#redact = redact;
    this.#tell = tell;
  }

  has(name: string): boolean {
    return this.#items.some((item) => item.name === name);
  }

  hasOk(name: string): boolean {
    return this.#items.some((item) => item.name === name && item.status === 'ok');
  }

  /** Of an item's member; 0: there is none. */
  bytesOf(name: string): number {
    return this.#items.find((item) => item.name === name)?.bytes ?? 0;
  }

  note(text: string): void {
    this.#notes.push(text);
    this.#tell({ kind: 'note', text });
  }

  end(item: ManifestItem): void {
    this.#items.push(item);
    this.#tell({ kind: 'end', item });
  }

  /** Takes over what an earlier run has whole. */
  async copy({ items, chunks }: Earlier): Promise<void> {
    for (const item of items) {
      if (item.status !== 'ok' || item.member === undefined) continue;
      try {
        const { member, kind = 'unknown' } = item;
        if (kind === 'binary')
          this.end({ ...item, ...(await this.#writer.add(member, chunks(member))), resumed: true });
        else {
          // Who made the earlier one may have wanted it as it came; whoever sends this one does not.
          const content = this.#redacted(kind, member, await wholeOf(chunks(member), item.sha256));
          this.end({ ...item, ...(await this.#writer.add(member, [content], isGzip(content))), resumed: true });
        }
      } catch (error) {
        if (!(error instanceof ProfileError)) throw error;
        this.note(`${item.name} of the earlier run is taken again: ${error.fact}`);
      }
    }
  }

  /** What was taken, and what came instead. */
  async keep(row: ItemRow, taken: Taken, started: Date): Promise<void> {
    const { status, request, http, attempts, kind, bytes, instead, error, notes } = taken;
    let item: ManifestItem = {
      ...{ name: row.name, status, request, http, attempts, kind },
      ...{ started: started.toISOString(), seconds: secondsSince(started) },
      ...(error === undefined ? {} : { error: this.#clean(error.fact), hint: error.hint }),
      ...(notes.length === 0 ? {} : { notes: notes.map((note) => this.#clean(note)) }),
    };
    if (instead !== undefined && instead.length > 0) {
      const kept = `errors/${row.name.replace(/[^\w.-]+/g, '_')}.txt`;
      try {
        await this.#writer.add(kept, [this.#redacted('text', kept, instead)]);
        item = { ...item, kept };
      } catch (problem) {
        if (!(problem instanceof ProfileError)) throw problem;
      }
    }
    if (bytes === undefined) this.end(item);
    else await this.write(row, bytes, kind ?? 'unknown', item);
  }

  /** A member, redacted; item: its story so far. */
  async write(row: ItemRow, bytes: Uint8Array, kind: MemberKind, item: ManifestItem): Promise<void> {
    const content = this.#redacted(kind, row.member, bytes);
    await this.#add(row, [content], { ...item, kind }, isGzip(content));
  }

  /** A member that is too large to be looked at, or be held. */
  async stream(row: ItemRow, chunks: AsyncIterable<Uint8Array>, kind: MemberKind, item: ManifestItem): Promise<void> {
    if (this.#redact !== undefined) this.note(`${row.member} is not redacted: nobody looked into it`);
    await this.#add(row, chunks, { ...item, kind }, false);
  }

  async #add(
    row: ItemRow,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    item: ManifestItem,
    isPacked: boolean,
  ): Promise<void> {
    const began = Date.now();
    try {
      const written = await this.#writer.add(row.member, chunks, isPacked);
      const seconds = item.seconds ?? Math.round(Date.now() - began) / 1000;
      this.end({ ...item, seconds, member: row.member, ...written });
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      this.end({ ...item, status: 'failed', error: error.fact, hint: error.hint });
    }
  }

  #redacted(kind: MemberKind, member: string, bytes: Uint8Array): Uint8Array {
    const redacted = this.#redact?.(kind, member, bytes);
    if (redacted === undefined) return bytes;
    const counts = new Map<string, number>();
    for (const { rule, count } of redacted.redactions) counts.set(rule, (counts.get(rule) ?? 0) + count);
    for (const [rule, count] of counts) this.#redactions.push({ member, rule, count });
    if (redacted.issue !== undefined) this.note(`${member} is not redacted: ${redacted.issue.fact}`);
    return redacted.bytes;
  }

  /** What a server says may have anything in it. */
  #clean(text: string): string {
    const redacted = this.#redact?.('text', 'a message', new TextEncoder().encode(text));
    return redacted === undefined ? text : new TextDecoder().decode(redacted.bytes);
  }

  /** Ends the bundle. Throws ProfileError when nothing of the program is in it, or it cannot be written. */
  async finish(facts: Facts, rows: readonly ItemRow[]): Promise<Manifest> {
    if (
      !this.#items.some(({ member, request, resumed }) => member !== undefined && request !== undefined && !resumed)
    ) {
      const failed = this.#items.find(({ status }) => status === 'failed' || status === 'interrupted');
      throw new ProfileError(
        'no-answer',
        `nothing could be collected${failed?.error === undefined ? '' : `: ${failed.name}: ${failed.error}`}`,
        { source: facts.target },
        failed?.hint ?? 'check the address, and what the server says',
      );
    }
    let manifest = this.#manifest(facts, []);
    await this.#writer.finish((lost) => {
      manifest = this.#manifest(facts, lost);
      return [
        ['README.txt', readmeOf(manifest, rows)],
        ['manifest.json', `${JSON.stringify(manifest, null, 2)}\n`],
      ];
    });
    return manifest;
  }

  #manifest(facts: Facts, lost: readonly string[]): Manifest {
    const items = this.#items.map((item): ManifestItem => {
      if (item.member === undefined || !lost.includes(item.member)) return item;
      const { member: _, bytes: __, sha256: ___, ...rest } = item;
      const hint = 'make room, or choose another place with -output';
      return { ...rest, status: 'failed', error: 'no space left on the device', hint };
    });
    const { tool, target, interrupted, ...others } = facts;
    return {
      ...{ schema: MANIFEST_SCHEMA, tool, target, interrupted },
      ...{ started: this.#started.toISOString(), ended: new Date().toISOString() },
      ...others,
      items,
      ...(this.#redact === undefined ? {} : { redactions: this.#redactions }),
      notes: this.#notes,
    };
  }
}

/** All of a member. Throws ProfileError: not what its manifest says, and what the archive throws. */
async function wholeOf(chunks: AsyncIterable<Uint8Array>, sum: string | undefined): Promise<Uint8Array> {
  const all = await collected(chunks);
  const hash = sha256();
  hash.update(all);
  if (sum !== undefined && hash.digest() !== sum)
    throw new ProfileError('malformed', 'it is not what was collected then', {}, 'collect it again');
  return all;
}

const secondsSince = (started: Date) => Math.round(Date.now() - started.getTime()) / 1000;
