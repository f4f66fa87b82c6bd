// What in the stacks speaks for a goroutine holding a lock: it is past the place where others wait, it is in a method of the
// same object, it was given the lock or its object. All stacks are walked once for all locks.

import { LockIndex, NEAR, SITE, TYPE } from './lockIndex.js';
import type { Resource } from './resources.js';
import type { SourceLocks } from './source.js';
import { isMachinery, type Stacks } from './stacks.js';
import { hasReceiver, isAddress, receiverOf, type Word, wordsOf } from './words.js';

/** For one goroutine and one lock: the strongest of each kind. Entries are places in dump.stack; -1: none. */
export interface Evidence {
  readonly g: number;
  /** Past a call site of the lock, in the same function. */
  past: number;
  /** The line of that site. */
  pastLine: number;
  /** In a method of an object through which others lock it, as the method's own argument says, or another method's of the same stack. */
  object: number;
  isOwnReceiver: boolean;
  /** The lock lies in that object, not behind a pointer of it. */
  isInside: boolean;
  /** With the lock itself, or an object around it, among its exact arguments. */
  argument: number;
  isLockItself: boolean;
  /** In a method of the type, with a receiver that cannot be read, or is the same but for `?`. */
  maybe: number;
  isMaybeSame: boolean;
  /** In the same file as a call site; outside of where the goroutine waits itself, if it waits for a lock. */
  near: number;
  isNearOuter: boolean;
  /** At a line where the source has the lock held; -1 also without sources. */
  held: number;
  /** The source says that it was unlocked before the entry of `past`. */
  isFreed: boolean;
}

const noEvidence = (g: number): Evidence => ({
  g,
  past: -1,
  pastLine: 0,
  object: -1,
  isOwnReceiver: false,
  isInside: false,
  argument: -1,
  isLockItself: false,
  maybe: -1,
  isMaybeSame: false,
  near: -1,
  isNearOuter: false,
  held: -1,
  isFreed: false,
});

/** Where a goroutine waits itself: of its stack only what is beyond can hold the lock that it waits for. */
export interface OwnSites {
  /** The stack entry at which g waits for this lock; -1: it does not. */
  of(g: number, resource: Resource): number;
  /** For any lock. */
  any(g: number): number;
}

/** Evidence by resource, then by goroutine row. */
export function collectEvidence(
  stacks: Stacks,
  resources: readonly Resource[],
  own: OwnSites,
  sources: SourceLocks | undefined,
): Map<Resource, Map<number, Evidence>> {
  const { dump } = stacks;
  const { goroutines, stack } = dump;
  const index = new LockIndex(stacks, resources);
  const all = new Map<Resource, Map<number, Evidence>>(resources.map((resource) => [resource, new Map()]));
  const interest = index.interestingFrames();
  for (let g = 0; g < goroutines.count; g++) {
    const collector = new Collector(stacks, index, own, sources, g, (resource) => {
      const byRow = all.get(resource)!;
      let evidence = byRow.get(g);
      if (evidence === undefined) {
        evidence = noEvidence(g);
        byRow.set(g, evidence);
      }
      return evidence;
    });
    for (let e = goroutines.stackStart[g]; e < goroutines.stackStart[g + 1]; e++) {
      const kind = interest[stack[e]];
      if (kind !== 0 || index.hasBases || sources !== undefined) collector.look(e, kind);
    }
  }
  return all;
}

/** One goroutine's frames. */
class Collector {
  readonly #stacks: Stacks;
  readonly #index: LockIndex;
  readonly #own: OwnSites;
  readonly #sources: SourceLocks | undefined;
  readonly #g: number;
  readonly #of: (resource: Resource) => Evidence;
  #shared: Map<string, number> | undefined;

  constructor(
    stacks: Stacks,
    index: LockIndex,
    own: OwnSites,
    sources: SourceLocks | undefined,
    g: number,
    of: (resource: Resource) => Evidence,
  ) {
    this.#stacks = stacks;
    this.#index = index;
    this.#own = own;
    this.#sources = sources;
    this.#g = g;
    this.#of = of;
  }

  look(e: number, kind: number): void {
    const { dump } = this.#stacks;
    const name = this.#stacks.nameOf(dump.stack[e]);
    if (isMachinery(name.package)) return;
    const words = wordsOf(dump, e);
    if (this.#index.hasBases) this.#arguments(e, words);
    if (kind === 0 && this.#sources === undefined) return;
    this.#shared ??= sharedReceivers(this.#stacks, this.#g);
    const word = hasReceiver(name) ? receiverOf(words) : undefined;
    const receiver = word?.isExact ? word.value : name.isClosure ? -1 : (this.#shared.get(name.type) ?? -1);
    if (kind & SITE) this.#past(e, name.type, receiver);
    if (kind & TYPE) {
      if (receiver >= 0) this.#object(e, name.type, receiver, word?.isExact === true);
      else this.#maybe(e, this.#index.ofType(name.type), word?.value ?? -1);
    }
    if (kind & NEAR) this.#near(e);
    if (this.#sources !== undefined) this.#source(e, name.type, receiver, this.#sources);
  }

  #isOwn = (e: number, resource: Resource) => e <= this.#own.of(this.#g, resource);

  #arguments(e: number, words: readonly Word[]): void {
    for (const { value, isExact, inner } of words) {
      // The first word of an interface is its type's.
      if (!isExact || inner === 0 || !isAddress(value)) continue;
      this.#index.around(value, (resource) => {
        // Where the object is known, another pointer near it is another object's.
        if (resource.offset >= 0 && value !== resource.pointer && value !== resource.base) return;
        if (this.#isOwn(e, resource)) return;
        const evidence = this.#of(resource);
        const isLockItself = value === resource.base;
        if (evidence.argument >= 0 && (!isLockItself || evidence.isLockItself)) return;
        evidence.argument = e;
        evidence.isLockItself = isLockItself;
      });
    }
  }

  #past(e: number, type: string, receiver: number): void {
    const { frames, stack } = this.#stacks.dump;
    const func = frames.func[stack[e]];
    const line = frames.line[stack[e]];
    for (const resource of this.#index.sitesOf(func, type, receiver)) {
      if (this.#isOwn(e, resource)) continue;
      const owners = resource.owners.get(type);
      if (receiver >= 0 && owners !== undefined && owners.size > 0 && !owners.has(receiver)) continue;
      let before = 0;
      for (const site of resource.sites.get(func) ?? []) if (site < line && site > before) before = site;
      if (before === 0) continue;
      const evidence = this.#of(resource);
      if (evidence.past >= 0) continue;
      evidence.past = e;
      evidence.pastLine = before;
    }
  }

  #object(e: number, type: string, receiver: number, isOwnReceiver: boolean): void {
    for (const resource of this.#index.objects(type, receiver)) {
      if (this.#isOwn(e, resource)) continue;
      const evidence = this.#of(resource);
      if (evidence.object >= 0 && (evidence.isOwnReceiver || !isOwnReceiver)) continue;
      evidence.object = e;
      evidence.isOwnReceiver = isOwnReceiver;
      evidence.isInside = resource.offset < 0 ? resource.base < 0 : receiver === resource.pointer;
    }
    // A lock of which no object is known may be any object's, and one behind a pointer another object's, too.
    this.#maybe(
      e,
      this.#index.looseOf(type).filter(({ owners }) => !owners.get(type)?.has(receiver)),
      -1,
    );
  }

  #maybe(e: number, resources: readonly Resource[], value: number): void {
    for (const resource of resources) {
      if (this.#isOwn(e, resource)) continue;
      const evidence = this.#of(resource);
      const isSame = value >= 0 && value === resource.pointer;
      if (evidence.maybe >= 0 && (!isSame || evidence.isMaybeSame)) continue;
      evidence.maybe = e;
      evidence.isMaybeSame = isSame;
    }
  }

  /** Reads the function at entry e for the locks that are taken in its package. */
  #source(e: number, type: string, receiver: number, sources: SourceLocks): void {
    const { dump } = this.#stacks;
    const frame = dump.stack[e];
    const file = dump.files.get(dump.frames.file[frame]);
    for (const { resource, field } of this.#index.inPackage(this.#stacks.nameOf(frame).package, sources)) {
      if (this.#isOwn(e, resource)) continue;
      const owners = resource.owners.get(type);
      if (resource.offset >= 0 && receiver >= 0 && owners !== undefined && owners.size > 0 && !owners.has(receiver))
        continue;
      const state = sources.heldAt(file, dump.frames.line[frame], field);
      if (state === 'unknown') continue;
      // The same field of another type is another lock.
      if (state === 'held-by-receiver' && field.isReceivers && owners === undefined && resource.owners.size > 0)
        continue;
      const evidence = this.#of(resource);
      if (state === 'free') evidence.isFreed ||= evidence.past === e;
      else if (evidence.held < 0) evidence.held = e;
    }
  }

  #near(e: number): void {
    const { frames, stack } = this.#stacks.dump;
    for (const resource of this.#index.near(frames.file[stack[e]])) {
      if (this.#isOwn(e, resource)) continue;
      const isOuter = e > this.#own.any(this.#g);
      // Where it waits for another lock, it is near only as the others there are.
      if (!isOuter && e < this.#own.any(this.#g)) continue;
      const evidence = this.#of(resource);
      if (evidence.near >= 0 && (!isOuter || evidence.isNearOuter)) continue;
      evidence.near = e;
      evidence.isNearOuter = isOuter;
    }
  }
}

/** By type: the exact receiver of a goroutine's methods of it, where all that can be read are one. */
function sharedReceivers(stacks: Stacks, g: number): Map<string, number> {
  const { dump } = stacks;
  const { stackStart } = dump.goroutines;
  const found = new Map<string, number>();
  for (let e = stackStart[g]; e < stackStart[g + 1]; e++) {
    const name = stacks.nameOf(dump.stack[e]);
    if (!hasReceiver(name)) continue;
    const word = receiverOf(wordsOf(dump, e));
    if (!word?.isExact) continue;
    const known = found.get(name.type);
    found.set(name.type, known === undefined || known === word.value ? word.value : -1);
  }
  return found;
}
