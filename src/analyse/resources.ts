// Waits → the things waited for. Two goroutines wait for the same lock when its address is the same, or the object that it
// lies in; a call site alone proves no identity, and is used only where the dump shows neither. What is learned on the way:
// at which offset a type has its lock, so that an address names the object and an object the address.

import type { Stacks } from './stacks.js';
import type { Wait, WaitKind } from './waits.js';
import { hasReceiver, receiverOf, wordsOf } from './words.js';

export interface Resource {
  readonly kind: WaitKind;
  /** -1: not shown. */
  base: number;
  /** The object that it lies in; '' and -1: not known. */
  type: string;
  pointer: number;
  /** Receiver types of all call sites. */
  readonly types: Set<string>;
  /** How far from the object; -1: not known. */
  offset: number;
  readonly waits: Wait[];
  /** By function row of the call sites: lines. */
  readonly sites: Map<number, Set<number>>;
  /** Goroutines were put together by their call site only. */
  readonly bySite: boolean;
}

/** A lock is not further from the start of its object. */
const OBJECT = 4096;

export function resourcesOf(stacks: Stacks, waits: readonly Wait[]): Resource[] {
  const { dump } = stacks;
  const offsets = learnOffsets(stacks, waits);
  const resources = new Map<string, Resource>();
  for (const wait of waits) {
    const { kind, site, type } = wait;
    let { base, pointer } = wait;
    const known = offsets.of(type, kind, siteName(stacks, wait));
    if (base >= 0 && pointer >= 0 && (base < pointer || base - pointer >= OBJECT)) pointer = -1;
    if (base >= 0 && pointer < 0 && known >= 0) pointer = base - known;
    if (base < 0 && pointer >= 0 && known >= 0) base = pointer + known;
    if (base < 0 && pointer < 0 && type !== '' && !type.endsWith('[...]')) {
      // A `?` receiver counts where it is a known owner's.
      const word = receiverOf(wordsOf(dump, site));
      if (word !== undefined && offsets.owners.has(`${type} ${word.value}`)) {
        pointer = word.value;
        if (known >= 0) base = pointer + known;
      }
    }
    const key = keyOf(stacks, wait, base, pointer);
    let resource = resources.get(key);
    if (resource === undefined) {
      resource = {
        kind,
        base,
        type: pointer >= 0 || base < 0 ? type : '',
        pointer,
        offset: -1,
        types: new Set(),
        waits: [],
        sites: new Map(),
        bySite: base < 0 && pointer < 0,
      };
      resources.set(key, resource);
    }
    if (resource.base < 0) resource.base = base;
    if (resource.pointer < 0 && pointer >= 0) {
      resource.pointer = pointer;
      resource.type = type;
    }
    if (resource.type === '') resource.type = type;
    if (resource.base >= 0 && resource.pointer >= 0) resource.offset = resource.base - resource.pointer;
    resource.waits.push(wait);
    if (type !== '') resource.types.add(type);
    if (site >= 0) {
      const frame = dump.stack[site];
      const func = dump.frames.func[frame];
      const lines = resource.sites.get(func);
      if (lines === undefined) resource.sites.set(func, new Set([dump.frames.line[frame]]));
      else lines.add(dump.frames.line[frame]);
    }
  }
  return joined([...resources.values()]);
}

const siteName = (stacks: Stacks, { site }: Wait) => (site < 0 ? '' : stacks.nameOf(stacks.dump.stack[site]).name);

/** Kinds that share a lock word: a Once is a Mutex inside. */
function keyOf(stacks: Stacks, wait: Wait, base: number, pointer: number): string {
  const { kind, type, site } = wait;
  if (base >= 0) return `${kind} ${base}`;
  if (pointer >= 0) return `${kind} ${type} ${pointer}`;
  if (type !== '') return `${kind} type ${type} ${kind === 'rwmutex' ? '' : siteName(stacks, wait)}`;
  // Functions without a receiver: an RWMutex of their file is mostly one, locked in several of them.
  const { dump } = stacks;
  const frame = site < 0 ? -1 : dump.stack[site];
  if (frame >= 0 && kind === 'rwmutex' && !stacks.nameOf(frame).isClosure)
    return `${kind} file ${dump.frames.file[frame]}`;
  if (frame >= 0) return `${kind} site ${dump.frames.func[frame]}:${dump.frames.line[frame]}`;
  return `${kind} ${wait.g}`;
}

interface Offsets {
  /** Offset of this kind of lock in a type, by call site or for all of the type when there is only one; -1. */
  of(type: string, kind: WaitKind, site: string): number;
  /** `type pointer` of the objects seen. */
  readonly owners: ReadonlySet<string>;
}

function learnOffsets(stacks: Stacks, waits: readonly Wait[]): Offsets {
  const bySite = new Map<string, number>();
  const byType = new Map<string, number>();
  const owners = new Set<string>();
  const learn = (map: Map<string, number>, key: string, offset: number) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, offset);
    else if (known !== offset) map.set(key, -1);
  };
  for (const wait of waits) {
    const { type, pointer, base, kind } = wait;
    if (type === '' || pointer < 0) continue;
    owners.add(`${type} ${pointer}`);
    if (base < pointer || base - pointer >= OBJECT) continue;
    learn(byType, `${kind} ${type}`, base - pointer);
    learn(bySite, `${kind} ${siteName(stacks, wait)}`, base - pointer);
  }
  for (const [key, offset] of voteOffsets(stacks, waits, byType)) byType.set(key, offset);
  return {
    of(type, kind, site) {
      if (type === '') return -1;
      return bySite.get(`${kind} ${site}`) ?? byType.get(`${kind} ${type}`) ?? -1;
    },
    owners,
  };
}

/**
 * Offsets of types whose waiters have no readable receiver: other methods of the type have, and the distance from an object to a lock that
 * fits most locks is it.
 */
function voteOffsets(stacks: Stacks, waits: readonly Wait[], known: ReadonlyMap<string, number>): Map<string, number> {
  const { dump } = stacks;
  const { goroutines, stack } = dump;
  const bases = new Map<string, Map<WaitKind, Set<number>>>();
  for (const { type, base, kind } of waits) {
    if (type === '' || base < 0 || known.has(`${kind} ${type}`)) continue;
    const byKind = bases.get(type) ?? new Map<WaitKind, Set<number>>();
    bases.set(type, byKind);
    byKind.set(kind, (byKind.get(kind) ?? new Set()).add(base));
  }
  const result = new Map<string, number>();
  if (bases.size === 0) return result;
  const pointers = new Map<string, Set<number>>();
  for (let e = goroutines.stackStart[0]; e < goroutines.stackStart[goroutines.count]; e++) {
    const name = stacks.nameOf(stack[e]);
    if (!hasReceiver(name) || !bases.has(name.type)) continue;
    const word = receiverOf(wordsOf(dump, e));
    if (word?.isExact) pointers.set(name.type, (pointers.get(name.type) ?? new Set()).add(word.value));
  }
  for (const [type, byKind] of bases)
    for (const [kind, locks] of byKind) {
      const votes = new Map<number, number>();
      if (locks.size * (pointers.get(type)?.size ?? 0) > 1e6) continue;
      for (const pointer of pointers.get(type) ?? [])
        for (const base of locks) {
          const offset = base - pointer;
          if (offset >= 0 && offset < OBJECT) votes.set(offset, (votes.get(offset) ?? 0) + 1);
        }
      const [best, second] = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      if (best !== undefined && (best[1] > (second?.[1] ?? 0) || best[0] < 256)) result.set(`${kind} ${type}`, best[0]);
    }
  return result;
}

/**
 * Waiters whose object is known but not the address, and waiters of whom only the type is known, go to the lock of that object or type,
 * where there is only one.
 */
function joined(resources: readonly Resource[]): Resource[] {
  const byObject = new Map<string, Resource[]>();
  const byType = new Map<string, Resource[]>();
  const put = (map: Map<string, Resource[]>, key: string, resource: Resource) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [resource]);
    else known.push(resource);
  };
  for (const resource of resources) {
    const { kind, type, pointer, base } = resource;
    if (pointer >= 0 || base >= 0) put(byType, `${kind} ${type}`, resource);
    if (pointer >= 0 && base >= 0) put(byObject, `${kind} ${type} ${pointer}`, resource);
  }
  return resources.filter((resource) => {
    const { kind, type, pointer, base } = resource;
    if (base >= 0 || type === '') return true;
    const others = pointer >= 0 ? byObject.get(`${kind} ${type} ${pointer}`) : byType.get(`${kind} ${type}`);
    if (others?.length !== 1) return true;
    const [other] = others;
    other.waits.push(...resource.waits);
    for (const [func, lines] of resource.sites) {
      const known = other.sites.get(func);
      if (known === undefined) other.sites.set(func, new Set(lines));
      else for (const line of lines) known.add(line);
    }
    return false;
  });
}
