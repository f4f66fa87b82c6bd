// What each goroutine waits for, read from its leaf frames: the kind of lock or channel, its address where an argument is
// exact, and the call site, the first frame that is not the lock's own code. Frame shapes by Go version: runtime/sema.go,
// sync/*.go, internal/sync (1.24), internal/poll.

import type { WaitKind } from '../model/blocked.js';
import { roleOfFile, sourcePath } from './lost.js';
import type { FunctionName } from './names.js';
import type { Stacks } from './stacks.js';
import { hasReceiver, isAddress, receiverOf, type Word, wordsOf } from './words.js';

export interface Wait {
  /** Row of the goroutine. */
  readonly g: number;
  readonly kind: WaitKind;
  /** What it wants: an RWMutex for reading or writing; to send or to receive. */
  readonly mode: 'lock' | 'read' | 'write' | 'wait' | 'send' | 'receive';
  /** A writer that waits for readers to end, not for another writer. */
  readonly behindReaders: boolean;
  /** Address of the lock or channel; -1: not shown. */
  readonly base: number;
  /** Stack entry of the call site; -1: the stack has none. */
  readonly site: number;
  /** Type of the site's pointer receiver, '' for none, and the pointer if it is exact, else -1. */
  readonly type: string;
  readonly pointer: number;
  /** First argument of a site without receiver, if it is exact and may be an address: the lock or what has it; -1. */
  readonly argument: number;
}

/** States in which the leaf frames can be a lock's. */
const lockState = /^(semacquire|sync\.|waiting|select|chan |sema|idle|runnable|running|coroutine|$)/;

/** The wait of goroutine g; undefined: it waits for nothing of these. */
export function waitOf(stacks: Stacks, g: number): Wait | undefined {
  const { dump } = stacks;
  const { goroutines, stack, states } = dump;
  const state = states[goroutines.state[g]];
  if (!lockState.test(state)) return undefined;
  const from = goroutines.stackStart[g];
  const to = goroutines.stackStart[g + 1];
  const found: Found = { kind: undefined, mode: 'lock', base: -1, behindReaders: false, semaphore: -1 };
  let site = -1;
  for (let e = from; e < to; e++) {
    const name = stacks.nameOf(stack[e]);
    if (!isLockCode(name, found)) {
      site = e;
      break;
    }
    look(stacks, e, name, found);
  }
  if (found.kind === undefined) fromState(state, found);
  if (found.kind === undefined) return undefined;
  if (found.base < 0 && found.semaphore >= 0) found.base = fromSemaphore(found);
  if (state === 'runnable' || state === 'running') return undefined;
  const name = site < 0 ? undefined : stacks.nameOf(stack[site]);
  return {
    g,
    kind: found.kind,
    mode: found.mode,
    behindReaders: found.behindReaders,
    base: found.base,
    site,
    type: name === undefined || name.isClosure ? '' : name.type,
    pointer: name !== undefined && hasReceiver(name) ? exactReceiver(wordsOf(dump, site)) : -1,
    argument: name !== undefined && name.type === '' && !name.isClosure ? exactReceiver(wordsOf(dump, site)) : -1,
  };
}

interface Found {
  kind: WaitKind | undefined;
  mode: Wait['mode'];
  base: number;
  behindReaders: boolean;
  /** Address of the semaphore itself (SIGQUIT); -1. */
  semaphore: number;
}

/** The lock around its semaphore: offsets of sync.Mutex, RWMutex and Once, on 32 and 64 bits; a WaitGroup's depends on the version. */
function fromSemaphore({ kind, mode, behindReaders, semaphore }: Found): number {
  if (kind === 'mutex') return semaphore - 4;
  if (kind === 'once') return semaphore - 8;
  if (kind === 'rwmutex') return semaphore - (mode === 'read' ? 12 : behindReaders ? 8 : 4);
  return -1;
}

const exactReceiver = (words: readonly Word[]) => {
  const word = receiverOf(words);
  return word?.isExact ? word.value : -1;
};

/** Packages whose functions are the wait itself. */
function isLockCode({ package: name }: FunctionName, { kind }: Found): boolean {
  return (
    name === 'runtime' ||
    name === 'sync' ||
    name === 'internal/sync' ||
    name === 'internal/synctest' ||
    name === 'golang.org/x/sync/semaphore' ||
    (name === 'internal/poll' && kind !== 'channel' && kind !== 'select')
  );
}

function look(stacks: Stacks, e: number, name: FunctionName, found: Found): void {
  const { dump } = stacks;
  const word = () => {
    const value = exactReceiver(wordsOf(dump, e));
    return isAddress(value) ? value : -1;
  };
  const { type, method } = name;
  if (method === '?') {
    lookAtFile(sourcePath(dump.files.get(dump.frames.file[dump.stack[e]])), found);
    return;
  }
  if (name.package === 'runtime') {
    const channel = /^chan(recv|send)$/.exec(method);
    if (channel !== null) {
      found.kind = 'channel';
      found.mode = channel[1] === 'send' ? 'send' : 'receive';
      found.base = word();
    } else if (method === 'semacquire1') found.semaphore = word();
    return;
  }
  if (type === 'sync.Mutex' || type === 'internal/sync.Mutex') {
    found.kind ??= 'mutex';
    if (found.base < 0) found.base = word();
  } else if (type === 'sync.RWMutex') {
    // The writers' mutex is the first field: its address is the RWMutex's.
    found.behindReaders = found.kind === undefined && method === 'Lock';
    found.kind = 'rwmutex';
    found.mode = method === 'RLock' ? 'read' : 'write';
    if (found.base < 0) found.base = word();
  } else if (type === 'sync.WaitGroup') {
    found.kind = 'waitgroup';
    found.mode = 'wait';
    found.base = word();
  } else if (type === 'sync.Cond') {
    found.kind = 'cond';
    found.mode = 'wait';
    found.base = word();
  } else if (type === 'sync.Once') {
    const base = word();
    // done is 4 bytes before the mutex.
    if (base >= 0) found.base = base;
    else if (found.kind === 'mutex' && found.base >= 0) found.base -= 4;
    found.kind = 'once';
  } else if (type === 'internal/poll.fdMutex' || type === 'internal/poll.FD') {
    if (/^(rwlock|incref|(Read|Write|Accept|Pread|Pwrite|Writev|SendFile)\w*|(read|write)Lock)$/.test(method)) {
      found.kind = 'fd';
      const base = word();
      if (base >= 0) found.base = base;
    }
  } else if (type === 'golang.org/x/sync/semaphore.Weighted') {
    found.kind = 'semaphore';
    found.base = word();
  }
}

/** The guide's case: the function lines of sync are lost. */
function lookAtFile(path: string, found: Found): void {
  const role = roleOfFile.get(path);
  if (role === undefined) return;
  if (role === 'once' || found.kind === undefined || role === 'rwmutex') found.kind = role;
}

/** What the state alone says. */
function fromState(state: string, found: Found): void {
  if (state.startsWith('sync.Mutex.Lock')) found.kind = 'mutex';
  else if (state.startsWith('sync.RWMutex.')) {
    found.kind = 'rwmutex';
    found.mode = state.includes('RLock') ? 'read' : 'write';
  } else if (state.startsWith('sync.WaitGroup.Wait')) {
    found.kind = 'waitgroup';
    found.mode = 'wait';
  } else if (state.startsWith('sync.Cond.Wait')) {
    found.kind = 'cond';
    found.mode = 'wait';
  } else if (state.startsWith('chan send')) {
    found.kind = 'channel';
    found.mode = 'send';
  } else if (state.startsWith('chan receive')) {
    found.kind = 'channel';
    found.mode = 'receive';
  } else if (state.startsWith('select')) {
    found.kind = 'select';
    found.mode = 'wait';
  }
}
