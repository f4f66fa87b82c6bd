// Which goroutines hang. A lock is held for moments, so that who waits a minute for one hangs; who waits for a channel, a
// peer or a disk does so only where a rule says it. Waits below a minute are normal: the guide says so.

import { LEAKED } from '../model/dump.js';
import type { Lock } from './blocked.js';
import type { Stacks } from './stacks.js';
import type { Wait } from './waits.js';

export type StuckReason =
  | 'lock'
  | 'cycle'
  | 'holder'
  | 'nil-channel'
  | 'leaked'
  | 'sender'
  | 'peer'
  | 'disk'
  | 'connection-pool';

export interface Stuck {
  /** Row of the goroutine. */
  readonly g: number;
  readonly why: StuckReason;
}

export interface StuckRule {
  readonly name: StuckReason;
  /** What such a goroutine waits for. */
  readonly says: string;
  readonly state: RegExp;
  /** Fits some function of the stack. */
  readonly has: RegExp;
}

/** Waits of a minute and more that are no locks, and hang nevertheless. */
export const STUCK_RULES: readonly StuckRule[] = [
  {
    name: 'peer',
    says: 'the other side of a connection does not read, or does not answer to a connect',
    state: /^IO wait/,
    has: /^internal\/poll\.\(\*FD\)\.(Write\w*|SendFile|WaitWrite)$|^net\.\(\*netFD\)\.connect$/,
  },
  {
    name: 'disk',
    says: 'a disk or file system does not answer, or a file lock is held by another program',
    state: /^syscall/,
    has: /^syscall\.(Flock|Fsync|Fdatasync|Open|Openat|Stat|Lstat|Unlink|Rename|Mkdir|FcntlFlock)$|^internal\/poll\.\(\*FD\)\.Fsync$|^os\.\(\*File\)\.Sync$/,
  },
  {
    name: 'connection-pool',
    says: 'all connections of a pool are in use',
    state: /^(select|chan receive)/,
    has: /^database\/sql\.\(\*DB\)\.conn$|^github\.com\/jackc\/(pgx|puddle)\S*\.\(\*Pool(\[\.\.\.\])?\)\.Acquire$/,
  },
];

/** What the words of StuckReason mean that are no rules. */
export const STUCK_WORDS: Readonly<Record<string, string>> = {
  lock: 'waits for a lock: locks are held for moments, so that minutes mean that it hangs',
  cycle: 'waits for a lock whose holder waits for it',
  holder: 'holds a lock that others wait for, and does not go on',
  'nil-channel': 'waits for a nil channel, which never wakes it',
  leaked: 'is leaked: the garbage collector has proved that nothing can wake it',
  sender: 'sends to a channel that nobody receives from',
};

/** idle: row of IDLE_RULES by goroutine, -1 none. */
export function findStuck(
  stacks: Stacks,
  locks: readonly Lock[],
  cycles: readonly (readonly number[])[],
  waits: ReadonlyMap<number, Wait>,
  idle: Int16Array,
): Stuck[] {
  const { dump } = stacks;
  const { goroutines, states } = dump;
  const { waitMinutes, flags } = goroutines;
  const why = new Map<number, StuckReason>();
  const put = (g: number, reason: StuckReason) => {
    if (!why.has(g)) why.set(g, reason);
  };
  for (const cycle of cycles) for (const g of cycle) put(g, 'cycle');
  for (const lock of locks) if (isHeldBriefly(lock)) addLock(lock, waitMinutes, idle, put);
  const senders = sendersByStack(stacks, waits);
  for (let g = 0; g < goroutines.count; g++) {
    if (why.has(g)) continue;
    const state = states[goroutines.state[g]];
    if (flags[g] & LEAKED) put(g, 'leaked');
    else if (state.includes('(nil chan)')) put(g, 'nil-channel');
    else if (waitMinutes[g] === 0) continue;
    else if (idle[g] < 0 && senders.has(g)) put(g, 'sender');
    else {
      // What keeps a connection open is idle, but not in the middle of a write.
      const rules = idle[g] < 0 ? STUCK_RULES : STUCK_RULES.filter(({ name }) => name === 'peer');
      const rule = rules.find((row) => row.state.test(state) && hasFunction(stacks, g, row.has));
      if (rule !== undefined) put(g, rule.name);
    }
  }
  addWaitGroups(locks, waitMinutes, why);
  return [...why].map(([g, reason]) => ({ g, why: reason })).sort((a, b) => a.g - b.g);
}

/** Whether nobody holds it for a minute: a WaitGroup is waited for as long as the work takes, but for the one inside of singleflight. */
function isHeldBriefly({ resource, holders }: Lock): boolean {
  if (resource.kind === 'waitgroup') return resource.type.endsWith('singleflight.Group') && holders.length > 0;
  return resource.kind !== 'cond' && resource.kind !== 'channel';
}

function addLock(
  { waiters, holders, isYoung }: Lock,
  waitMinutes: Int32Array,
  idle: Int16Array,
  put: (g: number, reason: StuckReason) => void,
): void {
  for (const g of waiters) if (waitMinutes[g] > 0) put(g, 'lock');
  if (isYoung) return;
  for (const [i, { g, certainty, score }] of holders.entries()) {
    // A possible one hangs, too, where it is the only one, is in the object, and waits as long.
    const isOnly = i === 0 && score >= 3 && (holders[1]?.score ?? 0) < score && idle[g] < 0;
    if ((certainty !== 'possible' || isOnly) && waitMinutes[g] > 0) put(g, 'holder');
  }
}

/** A WaitGroup hangs when one that it waits for hangs, or when nobody is left who could end it. */
function addWaitGroups(locks: readonly Lock[], waitMinutes: Int32Array, why: Map<number, StuckReason>): void {
  const groups = locks.filter(({ resource }) => resource.kind === 'waitgroup');
  for (let more = true; more; ) {
    more = false;
    for (const { waiters, holders } of groups) {
      const hangs = holders.length === 0 || holders.some(({ g, certainty }) => certainty !== 'possible' && why.has(g));
      if (!hangs) continue;
      for (const g of waiters) {
        if (waitMinutes[g] === 0 || why.has(g)) continue;
        why.set(g, 'lock');
        more = true;
      }
    }
  }
}

/** Senders that nobody receives from, as far as a dump can show: whoever started them is gone, or many hang in the same place. */
function sendersByStack(stacks: Stacks, waits: ReadonlyMap<number, Wait>): Set<number> {
  const { goroutines, stack, frames } = stacks.dump;
  const byPlace = new Map<string, number[]>();
  const found = new Set<number>();
  for (const { g, mode, site } of waits.values()) {
    if (mode !== 'send' || goroutines.waitMinutes[g] === 0 || site < 0) continue;
    const creator = goroutines.creator[g];
    if (creator >= 0 && stacks.rowOf(creator) < 0) found.add(g);
    const place = `${frames.func[stack[site]]} ${frames.line[stack[site]]}`;
    const known = byPlace.get(place);
    if (known === undefined) byPlace.set(place, [g]);
    else known.push(g);
  }
  for (const rows of byPlace.values()) if (rows.length > 1) for (const g of rows) found.add(g);
  return found;
}

function hasFunction({ dump, nameOf }: Stacks, g: number, pattern: RegExp): boolean {
  const { stackStart } = dump.goroutines;
  for (let e = stackStart[g]; e < stackStart[g + 1]; e++) if (pattern.test(nameOf(dump.stack[e]).name)) return true;
  return false;
}
