// The state of a goroutine whose record says none (debug=1, goroutine profiles), read from its leaf frames, in the words
// of debug=2. The text form leaves the runtime's own leaves out, so that what is left must do: sync.runtime_Semacquire…,
// internal/poll.runtime_pollWait, time.Sleep. Source of the words: waitReasonStrings in runtime/runtime2.go.

import type { NameTable } from '../../model/dump.js';

/** What a function on the leaf side says. */
export interface StateRule {
  readonly functions: RegExp;
  /** '' only says that the goroutine is parked. */
  readonly state: string;
  /** Its caller knows better, if the table has it: a semaphore is that of a WaitGroup. */
  readonly asksCaller?: true;
}

export const STATE_RULES: readonly StateRule[] = [
  { functions: /^runtime\.(gopark|goparkunlock|park_m|mcall)$/, state: '', asksCaller: true },
  { functions: /^runtime\.chanrecv[12]?$/, state: 'chan receive' },
  { functions: /^runtime\.chansend1?$/, state: 'chan send' },
  { functions: /^runtime\.selectgo$|^reflect\.rselect$/, state: 'select' },
  { functions: /^reflect\.chanrecv$/, state: 'chan receive' },
  { functions: /^reflect\.chansend0?$/, state: 'chan send' },
  { functions: /^runtime\.block$/, state: 'select (no cases)' },
  {
    functions: /^runtime\.(semacquire1?|semacquireMutex)$|^sync\.runtime_Semacquire$/,
    state: 'semacquire',
    asksCaller: true,
  },
  // Up to Go 1.19 an RWMutex waits in runtime_SemacquireMutex, too.
  { functions: /^(internal\/)?sync\.runtime_SemacquireMutex$/, state: 'sync.Mutex.Lock', asksCaller: true },
  { functions: /^sync\.runtime_SemacquireRWMutexR$|^sync\.\(\*RWMutex\)\.RLock$/, state: 'sync.RWMutex.RLock' },
  { functions: /^sync\.runtime_SemacquireRWMutex$|^sync\.\(\*RWMutex\)\.Lock$/, state: 'sync.RWMutex.Lock' },
  { functions: /^(internal\/)?sync\.\(\*Mutex\)\.(lockSlow|Lock)$/, state: 'sync.Mutex.Lock' },
  { functions: /^sync\.runtime_SemacquireWaitGroup$|^sync\.\(\*WaitGroup\)\.Wait$/, state: 'sync.WaitGroup.Wait' },
  {
    functions: /^sync\.runtime_(notifyListWait|Syncsemacquire)$|^sync\.\(\*Cond\)\.Wait$/,
    state: 'sync.Cond.Wait',
  },
  { functions: /^internal\/poll\.runtime_Semacquire$/, state: 'semacquire' },
  { functions: /^runtime\.netpollblock$|^(internal\/poll|net)\.runtime_pollWait$/, state: 'IO wait' },
  { functions: /^runtime\.timeSleep$|^time\.Sleep$/, state: 'sleep' },
  { functions: /^os\/signal\.signal_recv$|^runtime\.notetsleepg$/, state: 'syscall' },
  {
    functions:
      /^((internal\/runtime|runtime\/internal)\/)?syscall\.(Raw)?[Ss]yscall\w*$|^golang\.org\/x\/sys\/(unix|windows)\.(Raw)?[Ss]yscall\w*$|^runtime\.(cgocall|asmcgocall|entersyscall\w*)$/,
    state: 'syscall',
  },
  { functions: /^runtime\.coroswitch\w*$/, state: 'coroutine' },
  { functions: /^runtime\.gcAssistAlloc\w*$|^runtime\.gcParkAssist$/, state: 'GC assist wait' },
  { functions: /^runtime\.(runfinq|runFinalizers)$/, state: 'finalizer wait' },
  { functions: /^runtime\.runCleanups$/, state: 'cleanup wait' },
  { functions: /^runtime\.bgsweep$/, state: 'GC sweep wait' },
  { functions: /^runtime\.(bgscavenge|\(\*scavengerState\)\.\w+)$/, state: 'GC scavenge wait' },
  { functions: /^runtime\.forcegchelper$/, state: 'force gc (idle)' },
  { functions: /^runtime\.gcBgMarkWorker$/, state: 'GC worker (idle)' },
  { functions: /^runtime\.(asyncPreempt2?|Gosched|goschedImpl|gopreempt_m)$/, state: 'runnable' },
  // Who takes the profile is the only one that runs.
  {
    functions:
      /^(runtime\.)?pprof_goroutine\w*$|^runtime\.(pprof_)?goroutine(Leak)?Profile\w*$|^runtime\.(GoroutineProfile|Stack)$|^runtime\/pprof\.(write(RuntimeProfile|Goroutine\w*)|\w*goroutine\w*ProfileWithLabels)$|^runtime\/debug\.(Stack|PrintStack)$/,
    state: 'running',
  },
];

/** Frames that are looked at from the leaf on. */
const DEPTH = 12;
const UNKNOWN = -1;

/** Reads states by function rows; each function is matched once. */
export class StateReader {
  readonly #functions: NameTable;
  /** Rule + 2 by function row; 0: not yet asked. */
  #rules = new Int16Array(256);

  constructor(functions: NameTable) {
    this.#functions = functions;
  }

  /**
   * The state of a stack: count functions, leaf first. hidden: whether frames of the runtime before them are left out. `waiting`: it is
   * parked, and nothing says why; `runnable`: it stands in code of its own, as all do when the profile stops the world.
   */
  read(func: (i: number) => number, count: number, hidden: boolean): string {
    let state = '';
    let isParked = hidden;
    for (let i = 0; i < Math.min(count, DEPTH); i++) {
      const rule = this.#rule(func(i));
      if (rule === UNKNOWN) {
        if (state !== '' || !this.#isRuntime(func(i))) return state || (isParked || i > 0 ? 'waiting' : 'runnable');
        continue;
      }
      const { state: word, asksCaller } = STATE_RULES[rule];
      if (word === '') isParked = true;
      else state = word;
      if (asksCaller !== true) return state;
    }
    return state || (isParked || count > 0 ? 'waiting' : '');
  }

  #isRuntime(row: number): boolean {
    return this.#functions.get(row).startsWith('runtime.');
  }

  #rule(row: number): number {
    if (row < 0) return UNKNOWN;
    if (row >= this.#rules.length) {
      const more = new Int16Array(Math.max(row + 1, this.#rules.length * 2));
      more.set(this.#rules);
      this.#rules = more;
    }
    const known = this.#rules[row];
    if (known !== 0) return known - 2;
    const name = this.#functions.get(row);
    const rule = STATE_RULES.findIndex(({ functions }) => functions.test(name));
    this.#rules[row] = rule + 2;
    return rule;
  }
}
