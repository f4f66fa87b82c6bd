// Waits → the things waited for. Two goroutines wait for the same lock when its address is the same, or the object through
// which they lock it; a type or a call site alone proves no identity, and is used only where the dump shows no more.

import type { WaitKind } from '../model/blocked.js';
import { learnOffsets, OBJECT } from './offsets.js';
import type { Stacks } from './stacks.js';
import type { Wait } from './waits.js';
import { receiverOf, wordsOf } from './words.js';

export interface Resource {
  readonly kind: WaitKind;
  /** Address; -1: not shown. */
  base: number;
  /** Receiver type of the first call site that has one, and the object, if all of that type are one; '' and -1. */
  type: string;
  pointer: number;
  /** Place of the lock in the object; -1: not known, or elsewhere, behind a pointer. */
  offset: number;
  /** Receiver types of all call sites, each with the objects that were readable. */
  readonly owners: Map<string, Set<number>>;
  readonly waits: Wait[];
  /** By function row of the call sites: lines. */
  readonly sites: Map<number, Set<number>>;
}

export function resourcesOf(stacks: Stacks, waits: readonly Wait[]): Resource[] {
  const { dump } = stacks;
  const offsets = learnOffsets(stacks, waits);
  const resources = new Map<string, Resource>();
  for (const wait of waits) {
    const { kind, site, type } = wait;
    let { base, pointer } = wait;
    const offset = offsets.of(wait);
    if (base >= 0 && pointer < 0 && offset >= 0) pointer = base - offset;
    if (base < 0 && pointer < 0 && type !== '') {
      // A `?` receiver counts where it is a known owner's.
      const word = site < 0 ? undefined : receiverOf(wordsOf(dump, site));
      if (word !== undefined && offsets.isOwner(type, word.value)) pointer = word.value;
    }
    if (base < 0 && pointer >= 0) base = offset >= 0 ? pointer + offset : offsets.baseOf(wait, pointer);
    if (base < 0 && pointer < 0) base = wait.argument;
    const key = keyOf(stacks, wait, base, pointer);
    let resource = resources.get(key);
    if (resource === undefined) {
      resource = { kind, base, type: '', pointer: -1, offset: -1, owners: new Map(), waits: [], sites: new Map() };
      resources.set(key, resource);
    }
    if (resource.base < 0) resource.base = base;
    if (type !== '') {
      const owners = resource.owners.get(type);
      if (owners === undefined) resource.owners.set(type, new Set(pointer >= 0 ? [pointer] : []));
      else if (pointer >= 0) owners.add(pointer);
    }
    resource.waits.push(wait);
    if (site >= 0) addSite(resource.sites, dump.frames.func[dump.stack[site]], [dump.frames.line[dump.stack[site]]]);
  }
  const all = joined(stacks, [...resources.values()]);
  for (const resource of all) describe(resource);
  return all;
}

function addSite(sites: Map<number, Set<number>>, func: number, lines: Iterable<number>): void {
  const known = sites.get(func);
  if (known === undefined) sites.set(func, new Set(lines));
  else for (const line of lines) known.add(line);
}

function describe(resource: Resource): void {
  for (const [type, pointers] of resource.owners) {
    if (resource.type !== '' && resource.pointer >= 0) break;
    if (resource.type !== '' && pointers.size !== 1) continue;
    resource.type = type;
    if (pointers.size === 1) [resource.pointer] = pointers;
  }
  const distance = resource.base - resource.pointer;
  if (resource.base >= 0 && resource.pointer >= 0 && distance >= 0 && distance < OBJECT) resource.offset = distance;
}

function keyOf(stacks: Stacks, { kind, type, site, g }: Wait, base: number, pointer: number): string {
  if (base >= 0) return `${kind} ${base}`;
  if (pointer >= 0) return `${kind} ${type} ${pointer}`;
  const { dump } = stacks;
  const frame = site < 0 ? -1 : dump.stack[site];
  if (type !== '')
    return kind === 'rwmutex' ? `${kind} type ${type}` : `${kind} type ${type} ${dump.frames.func[frame]}`;
  // Functions without a receiver: an RWMutex of their file is mostly one, locked in several of them.
  if (frame >= 0 && kind === 'rwmutex' && !stacks.nameOf(frame).isClosure)
    return `${kind} file ${dump.frames.file[frame]}`;
  return frame >= 0 ? `${kind} site ${dump.frames.func[frame]}:${dump.frames.line[frame]}` : `${kind} ${g}`;
}

/**
 * Waiters of whom less is known go to the lock of which more is known, where there is only one: those of an object to the address of its
 * lock, those of a type to the object, an RWMutex's in functions of a file to that of its types.
 */
function joined(stacks: Stacks, resources: readonly Resource[]): Resource[] {
  const { frames, stack } = stacks.dump;
  const index = new Map<string, Resource[]>();
  const put = (key: string, resource: Resource) => {
    const known = index.get(key);
    if (known === undefined) index.set(key, [resource]);
    else if (known[known.length - 1] !== resource) known.push(resource);
  };
  const filesOf = ({ waits }: Resource) => new Set(waits.map(({ site }) => (site < 0 ? -1 : frames.file[stack[site]])));
  for (const resource of resources) {
    const { kind, base, owners } = resource;
    for (const [type, pointers] of owners) {
      if (base >= 0 || pointers.size > 0) put(`${kind} ${type}`, resource);
      if (base >= 0) for (const pointer of pointers) put(`${kind} ${type} ${pointer}`, resource);
    }
    if (kind === 'rwmutex' && owners.size > 0)
      for (const file of filesOf(resource)) put(`${kind} file ${file}`, resource);
  }
  return resources.filter((resource) => {
    const { kind, base, owners } = resource;
    if (base >= 0) return true;
    const [[type, pointers] = ['', new Set<number>()]] = owners;
    const [pointer] = pointers;
    const [file] = filesOf(resource);
    const others =
      pointer !== undefined
        ? index.get(`${kind} ${type} ${pointer}`)
        : type !== ''
          ? index.get(`${kind} ${type}`)
          : index.get(`${kind} file ${file}`);
    if (others?.length !== 1 || others[0] === resource) return true;
    const [other] = others;
    other.waits.push(...resource.waits);
    if (type !== '' && !other.owners.has(type)) other.owners.set(type, new Set());
    for (const [func, lines] of resource.sites) addSite(other.sites, func, lines);
    return false;
  });
}
