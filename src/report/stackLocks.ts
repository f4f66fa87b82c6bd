// What hangs, as plain data: locks with waiters and holders, cycles, roots, leaks, in goroutine ids and places.

import type { Blocked, Lock } from '../analyse/blocked.js';
import { shortName } from '../analyse/names.js';
import type { Stacks } from '../analyse/stacks.js';
import { STUCK_RULES, STUCK_WORDS } from '../analyse/stuck.js';
import type { BlockedRows, LockRow, Place, StandingGoroutine, WaitKind } from '../model/blocked.js';
import { stackOf } from '../model/dump.js';

/** Candidates named of one lock, at most. */
const MOST_HOLDERS = 20;

export function blockedRows(stacks: Stacks, blocked: Blocked): BlockedRows {
  const id = (g: number) => stacks.dump.goroutines.id[g];
  const module = moduleOf(stacks);
  return {
    stuck: blocked.stuck.map(({ g }) => id(g)),
    stuckGoroutines: blocked.stuck.map(({ g, why }) => ({
      ...standing(stacks, g),
      why,
      says: STUCK_WORDS[why] ?? STUCK_RULES.find(({ name }) => name === why)?.says ?? '',
      program: programPlace(stacks, g, module),
    })),
    locks: blocked.locks.map((lock) => lockRow(stacks, lock)),
    cycles: blocked.cycles.map((cycle) => cycle.map(id)),
    roots: blocked.roots.map(({ g, waiting }) => ({ ...standing(stacks, g), waiting })),
    leaks: blocked.leaks.map(({ goroutines, kind, creatorGone }) => {
      const { function: func, file, line } = standing(stacks, goroutines[0]);
      const created = stacks.dump.goroutines.createdBy[goroutines[0]];
      const createdBy = created < 0 ? '' : stacks.nameOf(created).name;
      return { kind, goroutines: goroutines.map(id), creatorGone, function: func, file, line, createdBy };
    }),
  };
}

/** A profile names no goroutine: none can be told from another. */
export const nothingBlocked: BlockedRows = {
  stuck: [],
  stuckGoroutines: [],
  locks: [],
  cycles: [],
  roots: [],
  leaks: [],
};

/** `github.com/ipfs/kubo`: the module of what main calls; '' where main calls libraries only, or goroutine 1 is gone. */
function moduleOf({ dump, rowOf, nameOf }: Stacks): string {
  const main = rowOf(1);
  if (main < 0) return '';
  const [from, to] = stackOf(dump, main);
  for (let e = to - 1; e >= from; e--) {
    const { package: name, isStandard } = nameOf(dump.stack[e]);
    const path = /^[^/]+\.[^/]+\/[^/]+\/[^/]+/.exec(name);
    if (!isStandard && path !== null) return path[0];
  }
  return '';
}

function programPlace(stacks: Stacks, g: number, module: string): Place | null {
  const { dump, nameOf } = stacks;
  if (module === '') return null;
  const hangs = stacks.hangsIn(g);
  const [from, to] = stackOf(dump, g);
  for (let e = from; e < to; e++) {
    const { name, package: path } = nameOf(dump.stack[e]);
    if (path !== module && !path.startsWith(`${module}/`)) continue;
    if (e === hangs) return null;
    const frame = dump.stack[e];
    return { function: name, file: dump.files.get(dump.frames.file[frame]), line: dump.frames.line[frame] };
  }
  return null;
}

export function standing(stacks: Stacks, g: number): StandingGoroutine {
  const { dump } = stacks;
  const { goroutines, frames } = dump;
  const e = stacks.hangsIn(g);
  const frame = e < 0 ? -1 : dump.stack[e];
  return {
    goroutine: goroutines.id[g],
    state: dump.states[goroutines.state[g]],
    waitMinutes: goroutines.waitMinutes[g],
    function: frame < 0 ? '' : stacks.nameOf(frame).name,
    file: frame < 0 ? '' : dump.files.get(frames.file[frame]),
    line: frame < 0 ? 0 : frames.line[frame],
  };
}

function lockRow(stacks: Stacks, { resource, waiters, holders, longestMinutes, isYoung }: Lock): LockRow {
  const { dump } = stacks;
  const places = new Map<number, Place>();
  for (const { site } of resource.waits) {
    if (site < 0 || places.size > 9) continue;
    const frame = dump.stack[site];
    places.set(frame, {
      function: stacks.nameOf(frame).name,
      file: dump.files.get(dump.frames.file[frame]),
      line: dump.frames.line[frame],
    });
  }
  return {
    name: nameOf(resource),
    kind: resource.kind,
    address: resource.base < 0 ? '' : hex(resource.base),
    waiters: waiters.map((g) => dump.goroutines.id[g]),
    longestMinutes,
    isYoung,
    waitsAt: [...places.values()],
    holders: holders
      .slice(0, MOST_HOLDERS)
      .map(({ g, certainty, reasons }) => ({ ...standing(stacks, g), certainty, reasons })),
    moreHolders: Math.max(0, holders.length - MOST_HOLDERS),
  };
}

const hex = (value: number) => `0x${value.toString(16)}`;

const kinds: Readonly<Record<WaitKind, string>> = {
  mutex: 'Mutex',
  rwmutex: 'RWMutex',
  once: 'Once',
  waitgroup: 'WaitGroup',
  cond: 'Cond',
  fd: 'file descriptor',
  semaphore: 'semaphore',
  channel: 'channel',
  select: 'select',
};

function nameOf({ kind, type, pointer, base: address, offset }: Lock['resource']): string {
  const word = kinds[kind];
  if (pointer >= 0) {
    const where = offset >= 0 ? 'in' : 'in or reachable from';
    return `${word} ${where} ${shortName(type)} ${hex(pointer)}`;
  }
  if (address >= 0) return type === '' ? `${word} ${hex(address)}` : `${word} ${hex(address)} of a ${shortName(type)}`;
  return type === ''
    ? `${word} without a readable address`
    : `${word} of a ${shortName(type)}, which one cannot be read`;
}
