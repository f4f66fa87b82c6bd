// What in the stacks speaks for a goroutine holding a lock: it is past the place where others wait, it is in a method of the
// same object, it was given the lock or its object. Stacks are walked once for all locks; each piece of evidence has points,
// which were chosen on recorded programs whose holders are known (test/fixtures/dumps).

import type { Resource } from './resources.js';
import { isMachinery, type Stacks } from './stacks.js';
import { hasReceiver, isAddress, receiverOf, type Word, wordsOf } from './words.js';

/** For one goroutine and one lock: the strongest of each kind. */
export interface Evidence {
  readonly g: number;
  /** Entry past a call site of the lock, in the same function; -1. */
  past: number;
  /** The site's line. */
  pastLine: number;
  /** Entry in a method of the lock's object; -1. Its own argument says so, or only that of another method on the same stack. */
  object: number;
  isOwnReceiver: boolean;
  /** Entry with the lock itself, or an object around it, among its exact arguments; -1. */
  argument: number;
  isLockItself: boolean;
  /** Entry in a method of the type, with a receiver that cannot be read, or equal but for `?`; -1. */
  maybe: number;
  isMaybeSame: boolean;
  /** Entry in the same file as the call site; -1. Outside of where the goroutine waits itself, if it waits for a lock. */
  near: number;
  isNearOuter: boolean;
  /** Inside sync.(*Once).doSlow or the file descriptor's own code for this very lock. */
  byConstruction: number;
}

export const noEvidence = (g: number): Evidence => ({
  g,
  past: -1,
  pastLine: 0,
  object: -1,
  isOwnReceiver: false,
  argument: -1,
  isLockItself: false,
  maybe: -1,
  isMaybeSame: false,
  near: -1,
  isNearOuter: false,
  byConstruction: -1,
});

/** Types of which a dump shows more locks than this are matched by exact receivers only. */
const MANY = 64;
/** An argument this far before a lock may be the object that holds it. */
const AROUND = 1024;

/**
 * Evidence by resource, then by goroutine row. ownSite: the stack entry at which a goroutine itself waits, or -1; of its stack only what is
 * beyond can hold the lock that it waits for. siteOf: the entry at which it waits for any lock, -1.
 */
export function collectEvidence(
  stacks: Stacks,
  resources: readonly Resource[],
  ownSite: (g: number, resource: Resource) => number,
  siteOf: (g: number) => number,
): Map<Resource, Map<number, Evidence>> {
  const { dump } = stacks;
  const { goroutines, stack, frames } = dump;
  const index = new Index(stacks, resources);
  const all = new Map<Resource, Map<number, Evidence>>(resources.map((resource) => [resource, new Map()]));
  const of = (resource: Resource, g: number): Evidence => {
    const byRow = all.get(resource)!;
    let evidence = byRow.get(g);
    if (evidence === undefined) {
      evidence = noEvidence(g);
      byRow.set(g, evidence);
    }
    return evidence;
  };
  const interest = index.interestingFrames();
  for (let g = 0; g < goroutines.count; g++) {
    const from = goroutines.stackStart[g];
    const to = goroutines.stackStart[g + 1];
    let shared: Map<string, number> | undefined;
    for (let e = from; e < to; e++) {
      const frame = stack[e];
      const kind = interest[frame];
      if (kind === 0 && !index.hasBases) continue;
      const name = stacks.nameOf(frame);
      if (isMachinery(name.package)) continue;
      const words = wordsOf(dump, e);
      if (index.hasBases)
        for (const word of words) {
          if (!word.isExact || !isAddress(word.value) || word.inner === 0) continue;
          index.around(word.value, (resource) => {
            // Where the object is known, a pointer near it is another one's.
            if (resource.pointer >= 0 && word.value !== resource.pointer && word.value !== resource.base) return;
            if (e <= ownSite(g, resource)) return;
            const evidence = of(resource, g);
            const itself = word.value === resource.base;
            if (evidence.argument < 0 || (itself && !evidence.isLockItself)) {
              evidence.argument = e;
              evidence.isLockItself = itself;
            }
          });
        }
      if (kind === 0) continue;
      shared ??= receivers(stacks, g);
      const word = hasReceiver(name) ? receiverOf(words) : undefined;
      const receiver = word?.isExact ? word.value : name.isClosure ? -1 : (shared.get(name.type) ?? -1);
      const line = frames.line[frame];
      if (kind & SITE)
        for (const resource of index.sitesOf(frames.func[frame])) {
          if (e <= ownSite(g, resource)) continue;
          if (receiver >= 0 && resource.pointer >= 0 && resource.type === name.type && receiver !== resource.pointer)
            continue;
          let before = 0;
          for (const site of resource.sites.get(frames.func[frame]) ?? [])
            if (site < line && site > before) before = site;
          if (before === 0) continue;
          const evidence = of(resource, g);
          if (evidence.past < 0) {
            evidence.past = e;
            evidence.pastLine = before;
          }
          if (receiver < 0 && resource.type === name.type && evidence.maybe < 0) evidence.maybe = e;
        }
      if (kind & TYPE) {
        if (receiver >= 0) {
          for (const resource of index.objects(name.type, receiver)) {
            if (e <= ownSite(g, resource)) continue;
            const evidence = of(resource, g);
            const isOwn = word?.isExact === true;
            if (evidence.object < 0 || (isOwn && !evidence.isOwnReceiver)) {
              evidence.object = e;
              evidence.isOwnReceiver = isOwn;
            }
          }
          // Of locks whose object is unknown it may be any.
          for (const resource of index.unknown(name.type)) {
            if (e <= ownSite(g, resource)) continue;
            const evidence = of(resource, g);
            if (evidence.maybe < 0) evidence.maybe = e;
          }
        } else {
          const list = index.ofType(name.type);
          if (list.length <= MANY)
            for (const resource of list) {
              if (e <= ownSite(g, resource)) continue;
              const evidence = of(resource, g);
              const isSame = word !== undefined && word.value === resource.pointer;
              if (evidence.maybe < 0 || (isSame && !evidence.isMaybeSame)) {
                evidence.maybe = e;
                evidence.isMaybeSame = isSame;
              }
            }
        }
      }
      if (kind & NEAR)
        for (const resource of index.near(frames.file[frame])) {
          if (e <= ownSite(g, resource)) continue;
          const evidence = of(resource, g);
          const isOuter = e > siteOf(g);
          if (evidence.near < 0 || (isOuter && !evidence.isNearOuter)) {
            evidence.near = e;
            evidence.isNearOuter = isOuter;
          }
        }
    }
  }
  return all;
}

/** By type: the exact receiver of a goroutine's methods of it, where all that can be read are one. */
function receivers(stacks: Stacks, g: number): Map<string, number> {
  const { dump } = stacks;
  const { stackStart } = dump.goroutines;
  const found = new Map<string, number>();
  for (let e = stackStart[g]; e < stackStart[g + 1]; e++) {
    const name = stacks.nameOf(dump.stack[e]);
    if (!hasReceiver(name)) continue;
    const word: Word | undefined = receiverOf(wordsOf(dump, e));
    if (word?.isExact) {
      const known = found.get(name.type);
      found.set(name.type, known === undefined || known === word.value ? word.value : -1);
    }
  }
  return found;
}

const SITE = 1;
const TYPE = 2;
const NEAR = 4;

class Index {
  readonly #stacks: Stacks;
  readonly #resources: readonly Resource[];
  readonly #sites = new Map<number, Resource[]>();
  readonly #types = new Map<string, Resource[]>();
  readonly #objects = new Map<string, Resource[]>();
  readonly #unknown = new Map<string, Resource[]>();
  readonly #near = new Map<number, Resource[]>();
  readonly #bases: Float64Array;
  readonly #byBase: Resource[];

  constructor(stacks: Stacks, resources: readonly Resource[]) {
    this.#stacks = stacks;
    this.#resources = resources;
    const { frames, stack } = stacks.dump;
    for (const resource of resources) {
      for (const func of resource.sites.keys()) if (func >= 0) put(this.#sites, func, resource);
      for (const type of resource.types) {
        put(this.#types, type, resource);
        if (resource.pointer < 0 || type !== resource.type) put(this.#unknown, type, resource);
        else put(this.#objects, `${type} ${resource.pointer}`, resource);
      }
      const files = new Set<number>();
      for (const { site } of resource.waits)
        if (site >= 0 && !stacks.nameOf(stack[site]).isStandard) files.add(frames.file[stack[site]]);
      for (const file of files) if (file >= 0) put(this.#near, file, resource);
    }
    this.#byBase = resources.filter(({ base }) => base >= 0).sort((a, b) => a.base - b.base);
    this.#bases = Float64Array.from(this.#byBase, ({ base }) => base);
  }

  get hasBases(): boolean {
    return this.#bases.length > 0;
  }

  /** By frame row: SITE | TYPE | NEAR. */
  interestingFrames(): Uint8Array {
    const { frames } = this.#stacks.dump;
    const result = new Uint8Array(frames.count);
    if (this.#resources.length === 0) return result;
    for (let frame = 0; frame < frames.count; frame++) {
      const func = frames.func[frame];
      if (this.#sites.has(func)) result[frame] |= SITE;
      const { type } = this.#stacks.nameOf(frame);
      if (type !== '' && this.#types.has(type)) result[frame] |= TYPE;
      if (this.#near.has(frames.file[frame])) result[frame] |= NEAR;
    }
    return result;
  }

  sitesOf = (func: number): readonly Resource[] => this.#sites.get(func) ?? none;
  ofType = (type: string): readonly Resource[] => this.#types.get(type) ?? none;
  objects = (type: string, pointer: number): readonly Resource[] => this.#objects.get(`${type} ${pointer}`) ?? none;
  unknown = (type: string): readonly Resource[] => this.#unknown.get(type) ?? none;
  near = (file: number): readonly Resource[] => this.#near.get(file) ?? none;

  /** The locks at an address, or not far behind it. */
  around(address: number, use: (resource: Resource) => void): void {
    let from = 0;
    let to = this.#bases.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#bases[middle] < address) from = middle + 1;
      else to = middle;
    }
    for (; from < this.#bases.length && this.#bases[from] - address < AROUND; from++) use(this.#byBase[from]);
  }
}

const none: readonly Resource[] = [];

function put<K>(map: Map<K, Resource[]>, key: K, resource: Resource): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [resource]);
  else known.push(resource);
}
