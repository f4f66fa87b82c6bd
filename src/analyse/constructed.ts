// Holders by construction: who runs the function of a sync.Once, who is inside a file descriptor. No guess is needed where
// the dump shows the address; without it the call site has to do.

import type { Holder } from './holders.js';
import type { Resource } from './resources.js';
import type { Stacks } from './stacks.js';
import { receiverOf, wordsOf } from './words.js';

/** Where goroutines are inside of a Once or a file descriptor: rows and stack entries. */
export interface Inside {
  readonly onces: readonly { readonly g: number; readonly e: number }[];
  /** By address of the descriptor. */
  readonly files: ReadonlyMap<number, readonly { readonly g: number; readonly e: number }[]>;
}

/** One walk over the stacks, if a lock of these kinds is waited for. */
export function findInside(stacks: Stacks, resources: readonly Resource[]): Inside {
  const { dump } = stacks;
  const { goroutines, stack } = dump;
  const onces: { g: number; e: number }[] = [];
  const files = new Map<number, { g: number; e: number }[]>();
  if (!resources.some(({ kind }) => kind === 'once' || kind === 'fd')) return { onces, files };
  for (let g = 0; g < goroutines.count; g++)
    for (let e = goroutines.stackStart[g]; e < goroutines.stackStart[g + 1]; e++) {
      const name = stacks.nameOf(stack[e]);
      if (name.type === 'sync.Once' && name.method === 'doSlow') onces.push({ g, e });
      if (name.type !== 'internal/poll.FD') continue;
      const word = receiverOf(wordsOf(dump, e));
      if (!word?.isExact) continue;
      const known = files.get(word.value);
      if (known === undefined) files.set(word.value, [{ g, e }]);
      else if (known[known.length - 1].g !== g) known.push({ g, e });
    }
  return { onces, files };
}

/**
 * Goroutines that run the function of the Once, not those that wait in it: by its address, by the same call, or as candidates. One that waits
 * for it inside of its own function runs it nevertheless. siteOf: the stack entry at which a goroutine waits.
 */
export function findRunners(
  stacks: Stacks,
  resource: Resource,
  { onces }: Inside,
  siteOf: (g: number) => number,
): Holder[] {
  const { dump } = stacks;
  const waiting = new Set(resource.waits.map(({ g }) => g));
  const runs: { g: number; e: number; how: 'address' | 'call' | 'other' }[] = [];
  for (const { g, e } of onces) {
    if (waiting.has(g) && e <= siteOf(g)) continue;
    const word = receiverOf(wordsOf(dump, e));
    const base = word?.isExact ? word.value : -1;
    if (base >= 0 && resource.base >= 0) {
      if (base === resource.base) runs.push({ g, e, how: 'address' });
    } else runs.push({ g, e, how: isSameCall(stacks, resource, g, e) ? 'call' : 'other' });
  }
  const byAddress = runs.filter(({ how }) => how === 'address');
  if (byAddress.length > 0)
    return byAddress.map(({ g, e }) => holder(g, e, 'certain', 20, 'runs the function of this sync.Once'));
  const byCall = runs.filter(({ how }) => how === 'call');
  if (byCall.length > 0)
    return byCall.map(({ g, e }) => holder(g, e, 'likely', 12, 'runs the function of a sync.Once, from the same call'));
  return runs.map(({ g, e }) => holder(g, e, 'possible', 6, 'runs the function of a sync.Once'));
}

const holder = (g: number, entry: number, certainty: Holder['certainty'], score: number, reason: string): Holder => ({
  g,
  certainty,
  score,
  reasons: [reason],
  entry,
});

/** Whether Do at entry e was called where the waiters call it, on an object that may be theirs. */
function isSameCall(stacks: Stacks, { sites, owners }: Resource, g: number, e: number): boolean {
  const { dump } = stacks;
  const { goroutines, stack, frames } = dump;
  let caller = e + 1;
  while (caller < goroutines.stackStart[g + 1] && stacks.nameOf(stack[caller]).package === 'sync') caller++;
  if (caller >= goroutines.stackStart[g + 1]) return false;
  if (!sites.get(frames.func[stack[caller]])?.has(frames.line[stack[caller]])) return false;
  const word = receiverOf(wordsOf(dump, caller));
  const known = owners.get(stacks.nameOf(stack[caller]).type);
  return !word?.isExact || known === undefined || known.size === 0 || known.has(word.value);
}

/** Who reads or writes the file descriptor. */
export function findUsers(stacks: Stacks, resource: Resource, { files }: Inside): Holder[] {
  const waiting = new Set(resource.waits.map(({ g }) => g));
  return (files.get(resource.base) ?? [])
    .filter(({ g }) => !waiting.has(g))
    .map(({ g, e }) => {
      const { method } = stacks.nameOf(stacks.dump.stack[e]);
      return holder(g, e, 'certain', 20, `is in ${method} of the same file descriptor`);
    });
}
