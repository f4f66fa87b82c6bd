// The locks of a dump by what a frame can have of them: the function that locks, the type, the object, the file, an address.

import type { Resource } from './resources.js';
import type { LockField, SourceLocks } from './source.js';
import type { Stacks } from './stacks.js';

export const SITE = 1;
export const TYPE = 2;
export const NEAR = 4;

/** An argument this far before a lock may be the object that holds it. */
const AROUND = 1024;

export class LockIndex {
  readonly #stacks: Stacks;
  readonly #sites = new Map<number, Resource[]>();
  /** Of the same, those whose object the dump does not show. */
  readonly #looseSites = new Map<number, Resource[]>();
  /** By type, those that may be any object's: unknown ones, and those behind a pointer. */
  readonly #loose = new Map<string, Resource[]>();
  readonly #types = new Map<string, Resource[]>();
  readonly #objects = new Map<string, Resource[]>();
  readonly #near = new Map<number, Resource[]>();
  readonly #resources: readonly Resource[];
  #packages: Map<string, { resource: Resource; field: LockField }[]> | undefined;
  readonly #byBase: readonly Resource[];
  readonly #bases: Float64Array;

  constructor(stacks: Stacks, resources: readonly Resource[]) {
    this.#stacks = stacks;
    this.#resources = resources;
    const { frames, stack } = stacks.dump;
    for (const resource of resources) {
      const isLoose = [...resource.owners.values()].every((pointers) => pointers.size === 0);
      for (const func of resource.sites.keys()) {
        if (func < 0) continue;
        put(this.#sites, func, resource);
        if (isLoose) put(this.#looseSites, func, resource);
      }
      for (const [type, pointers] of resource.owners) {
        put(this.#types, type, resource);
        if (resource.offset < 0 || type !== resource.type) put(this.#loose, type, resource);
        for (const pointer of pointers) put(this.#objects, `${type} ${pointer}`, resource);
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
    if (this.#sites.size === 0) return result;
    for (let frame = 0; frame < frames.count; frame++) {
      if (this.#sites.has(frames.func[frame])) result[frame] |= SITE;
      if (this.#types.has(this.#stacks.nameOf(frame).type)) result[frame] |= TYPE;
      if (this.#near.has(frames.file[frame])) result[frame] |= NEAR;
    }
    return result;
  }

  /** Locks taken in this package, with what the source says of them at the place where others wait. */
  inPackage(name: string, sources: SourceLocks): readonly { resource: Resource; field: LockField }[] {
    if (this.#packages === undefined) {
      this.#packages = new Map();
      const { frames, files, stack } = this.#stacks.dump;
      for (const resource of this.#resources) {
        if (resource.kind !== 'mutex' && resource.kind !== 'rwmutex') continue;
        const seen = new Set<string>();
        for (const { site } of resource.waits) {
          if (site < 0) continue;
          const package_ = this.#stacks.nameOf(stack[site]).package;
          const field = sources.fieldAt(files.get(frames.file[stack[site]]), frames.line[stack[site]]);
          if (field === undefined || seen.has(package_)) continue;
          seen.add(package_);
          const known = this.#packages.get(package_);
          if (known === undefined) this.#packages.set(package_, [{ resource, field }]);
          else known.push({ resource, field });
        }
      }
    }
    const list = this.#packages.get(name) ?? [];
    return list.length > MANY ? [] : list;
  }

  /** Locks taken in this function, by a method of that object if it is known. */
  sitesOf(func: number, type: string, receiver: number): readonly Resource[] {
    if (receiver < 0) return few(this.#sites.get(func));
    const own = this.objects(type, receiver);
    const loose = few(this.#looseSites.get(func));
    return own.length === 0 ? loose : loose.length === 0 ? own : [...new Set([...own, ...loose])];
  }

  ofType = (type: string): readonly Resource[] => few(this.#types.get(type));
  looseOf = (type: string): readonly Resource[] => few(this.#loose.get(type));
  objects = (type: string, pointer: number): readonly Resource[] => this.#objects.get(`${type} ${pointer}`) ?? none;
  near = (file: number): readonly Resource[] => few(this.#near.get(file));

  /** The lock at an address, or the next one not far behind it: objects lie one behind the other, each with its own. */
  around(address: number, use: (resource: Resource) => void): void {
    let from = 0;
    let to = this.#bases.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#bases[middle] < address) from = middle + 1;
      else to = middle;
    }
    const next = this.#bases[from];
    for (; this.#bases[from] === next && next - address < AROUND; from++) use(this.#byBase[from]);
  }
}

const none: readonly Resource[] = [];

/** Of more locks than this, what is no object's says nothing. */
const MANY = 16;
const few = (list: readonly Resource[] | undefined) => (list === undefined || list.length > MANY ? none : list);

function put<K>(map: Map<K, Resource[]>, key: K, resource: Resource): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [resource]);
  else known.push(resource);
}
