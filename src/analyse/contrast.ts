// What many goroutines do alike is normal: contrast clears a suspect whose stack stands on other objects as well.

import type { Groups } from './groups.js';
import type { Resource } from './resources.js';
import type { Stacks } from './stacks.js';
import { receiverOf, wordsOf } from './words.js';

/** Looked at of a group, at most. */
const SAMPLE = 200;
/** So many other objects make it normal. */
const OTHERS = 3;

/** By row: how many goroutines with the same stack wait for the same lock. */
export function crowdSizes(resources: readonly Resource[], groups: Groups): (g: number) => number {
  const sizes = new Map<number, number>();
  for (const { waits } of resources) {
    const byGroup = new Map<number, number>();
    for (const { g } of waits) byGroup.set(groups.of[g], (byGroup.get(groups.of[g]) ?? 0) + 1);
    for (const { g } of waits) sizes.set(g, byGroup.get(groups.of[g]) ?? 1);
  }
  return (g) => sizes.get(g) ?? 0;
}

/** Whether goroutines with g's stack are in the same method of other objects, whose locks nobody waits for. */
export function everywhere(
  stacks: Stacks,
  resources: readonly Resource[],
  groups: Groups,
): (g: number, resource: Resource) => boolean {
  if (resources.length === 0) return () => false;
  const { dump } = stacks;
  const { stackStart } = dump.goroutines;
  const waitedFor = new Set<string>();
  for (const { owners } of resources)
    for (const [type, pointers] of owners) for (const pointer of pointers) waitedFor.add(`${type} ${pointer}`);
  const members: number[][] = Array.from({ length: groups.count }, () => []);
  for (let g = 0; g < groups.of.length; g++) if (members[groups.of[g]].length < SAMPLE) members[groups.of[g]].push(g);
  /** Objects whose locks nobody waits for, at a place of the stacks of a group: the same for each of its goroutines. */
  const free = new Map<string, number>();
  const freeObjects = (group: number, depth: number, type: string): number => {
    const key = `${group} ${depth} ${type}`;
    let count = free.get(key);
    if (count === undefined) {
      const found = new Set<number>();
      for (const other of members[group]) {
        const word = receiverOf(wordsOf(dump, stackStart[other] + depth));
        if (word?.isExact && !waitedFor.has(`${type} ${word.value}`)) found.add(word.value);
      }
      count = found.size;
      free.set(key, count);
    }
    return count;
  };
  return (g, { type, pointer }) => {
    const group = groups.of[g];
    if (members[group].length <= OTHERS || pointer < 0) return false;
    for (let e = stackStart[g]; e < stackStart[g + 1]; e++) {
      const name = stacks.nameOf(dump.stack[e]);
      if (name.type === type && !name.isClosure) return freeObjects(group, e - stackStart[g], type) >= OTHERS;
    }
    return false;
  };
}
