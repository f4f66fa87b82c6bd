// What each state of a goroutine means, in a sentence, as the debugging guide explains them. First fit counts.

export interface Meaning {
  readonly state: RegExp;
  readonly says: string;
}

export const MEANINGS: readonly Meaning[] = [
  { state: /^semacquire/, says: 'waits to take a lock or semaphore' },
  { state: /^sync\.Mutex/, says: 'waits to take a lock (sync.Mutex)' },
  { state: /^sync\.RWMutex\.RLock/, says: 'waits to read under a lock (sync.RWMutex) that a writer has, or waits for' },
  { state: /^sync\.RWMutex\.Lock/, says: 'waits to write under a lock (sync.RWMutex) that others have' },
  { state: /^sync\.WaitGroup/, says: 'waits for other goroutines to call Done (sync.WaitGroup)' },
  { state: /^sync\.Cond/, says: 'waits to be woken by Signal or Broadcast (sync.Cond)' },
  { state: /\(nil chan\)/, says: 'waits for a nil channel: nothing can ever wake it' },
  { state: /^select \(no cases\)/, says: 'an empty select: it stays for ever, on purpose' },
  { state: /^select/, says: 'hangs in a select statement, none of whose cases yields anything' },
  { state: /^chan receive/, says: 'waits for somebody to send on a channel, or to close it' },
  { state: /^chan send/, says: 'waits for somebody to receive from a channel' },
  { state: /^IO wait/, says: 'waits for a socket or pipe to be readable or writable, or for a very slow file system' },
  { state: /^syscall/, says: 'is in a system call: a file, a disk, another process, or C code' },
  { state: /^sleep/, says: 'sleeps for a set time' },
  { state: /^running/, says: 'is running' },
  { state: /^runnable/, says: 'could run and waits for a processor: many of these mean that CPUs are short' },
  { state: /^GC assist/, says: 'helps the garbage collector before it may allocate: memory is under pressure' },
  {
    state: /^(GC |force gc|garbage|finalizer|cleanup|GOMAXPROCS|trace|timer|wait for GC|stopping|dumping|flushing)/,
    says: 'belongs to the Go runtime',
  },
  { state: /^preempted/, says: 'was stopped by the scheduler for a moment' },
  { state: /^coroutine/, says: 'an iterator that waits to be asked for the next value (iter.Pull)' },
  { state: /^panicwait/, says: 'has panicked, and waits for the program to end' },
  { state: /^data race/, says: 'took part in a data race' },
  { state: /^(idle|dead|waiting)/, says: 'is parked; the dump does not say why' },
];

/** The sentence for a state; '' for one that is not known. */
export const meaningOf = (state: string): string => MEANINGS.find((meaning) => meaning.state.test(state))?.says ?? '';

/** The guide's rule about waits. */
export const SHORT_WAIT = 'no minutes are stated: a short wait, which is normal';
export const LONG_WAIT = 'for minutes: it does not do much, or something is wrong';
