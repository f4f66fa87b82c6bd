// What library and runtime do for a program, by the names of their functions: rows of data, the first that fits. What fits none is just
// library. At most 31 (assembly/work.ts has a bit for each).

export interface WorkKind {
  readonly name: string;
  /** Ends the sentence "spends its time on …". */
  readonly says: string;
  readonly functions: RegExp;
  /** What can be done about it; '' for what is work that somebody wanted. */
  readonly advice: string;
  /** Where much of it is done, most of that is done again and again for nothing. */
  readonly isWaste?: true;
}

export const WORK_KINDS: readonly WorkKind[] = [
  {
    name: 'gc',
    says: 'garbage collection',
    functions:
      /^runtime\.(gc[A-Z(]|\(\*gc|bgsweep|bgscavenge|scan([oO]bject\w*|block|stack|Span|frame)|greyobject|markroot|mark(Bits|Span|ing)|sweepone|deductSweep|\(\*sweep|\(\*mspan\)\.(sweep|markBits)|\(\*scavenge|\(\*pageAlloc\)\.scavenge|wbBuf|wbMove|wbZero|bulkBarrier|tryDeferToSpanScan|spanQueue|\(\*spanQueue|\(\*spanInlineMark|\(\*localSpan|\(\*workbuf|getempty|putfull|trygetfull|stealSpan)|^gcWriteBarrier$/,
    advice: 'less garbage costs less collection: see who allocates, reuse buffers, raise GOGC or set GOMEMLIMIT',
  },
  {
    name: 'allocation',
    says: 'allocating memory',
    functions:
      /^runtime\.(mallocgc\w*|newobject|makeslice\w*|growslice\w*|newarray|makemap\w*|makechan\w*|\(\*mcache|\(\*mcentral|\(\*mheap|\(\*fixalloc|\(\*pageAlloc|persistentalloc|profilealloc|mProf_\w+|convT\w*|nextFreeFast|heapSetType\w*|publicationBarrier|memclrNoHeapPointersChunked|deductAssistCredit|postMallocgc\w*)/,
    advice: 'allocate less: reuse buffers (sync.Pool), size slices and maps beforehand, avoid conversions in loops',
  },
  {
    name: 'strings',
    says: 'building and converting strings',
    functions:
      /^runtime\.(rawstring\w*|rawbyteslice|concatstring\w*|concatbyte\w*|slicebytetostring|stringtoslice\w+|intstring)/,
    advice: 'append to one strings.Builder or []byte instead of adding strings, and convert once',
  },
  {
    name: 'stack-growth',
    says: 'growing goroutine stacks',
    functions:
      /^runtime\.(newstack|copystack|morestack\w*|adjustframe\w*|adjustpointers?|stackalloc|stackfree|stackcache\w*)/,
    advice: 'many short goroutines with deep stacks: keep workers, or call less deep',
  },
  {
    name: 'map',
    says: 'maps',
    functions:
      /^(runtime\.(map(access|assign|delete|iter|clear)\w*|evacuate\w*|hashGrow|growWork\w*|aeshash\w*|strhash\w*|memhash\w*|typehash|nilinterhash|interhash)|internal\/runtime\/maps\.)|^aeshash\w*$|^memhash\w*$/,
    advice: 'size maps beforehand, look a key up once, use slices where keys are small numbers',
  },
  {
    name: 'channel',
    says: 'channels and select',
    functions:
      /^runtime\.(chansend\w*|chanrecv\w*|selectgo|selectnb\w*|sellock|selunlock|closechan|send|recv|sendDirect|recvDirect)$/,
    advice: 'hand over larger pieces, or share memory under a lock',
  },
  {
    name: 'locks',
    says: 'taking and releasing locks',
    functions:
      /^(internal\/)?sync\.\(\*(Mutex|RWMutex|Map|HashTrieMap|Pool|poolDequeue|poolChain|Once)|^runtime\.(lock2?|unlock2?|lockWithRank\w*|unlockWithRank|sem(acquire|release)\w*|sem(root|a)\w*|\(\*semaRoot|sync_runtime_\w+)$|^internal\/sync\.runtime_/,
    advice: 'hold locks for less, or give each worker its own data',
  },
  {
    name: 'waits',
    says: 'waiting for others (sync.WaitGroup, sync.Cond)',
    functions: /^sync\.\(\*(WaitGroup|Cond)\)|^sync\.runtime_notifyList/,
    advice: '',
  },
  {
    name: 'goroutines',
    says: 'starting goroutines',
    functions: /^runtime\.(newproc\w*|malg|gfget|gfput|goexit0|gdestroy)/,
    advice: 'keep workers instead of starting a goroutine for each small thing',
  },
  {
    name: 'scheduler',
    says: 'the scheduler: finding work, waking and parking threads',
    functions:
      /^runtime\.(schedule|find[rR]unnable|park_m|mcall|gopark\w*|goready|ready|gosched\w*|goschedImpl|stealWork|runq\w+|globrunq\w*|startm|stopm|handoffp|wakep|resetspinning|note(sleep|wakeup|tsleep)\w*|futex\w*|usleep|osyield|procyield|mPark|netpoll\w*|checkTimers|\(\*timers?\)\.\w+|runtimer|execute|acquirep|releasep|sysmon|retake|preempt\w*|\(\*randomEnum|mstart\w*|epollwait|pidleget\w*|pidleput|injectglist|casgstatus|suspendG|stopTheWorld\w*|startTheWorld\w*|forEachP\w*)$/,
    advice: 'many short waits: hand over larger pieces of work, use fewer goroutines or timers',
  },
  {
    name: 'profiler',
    says: 'being profiled',
    functions:
      /^(runtime\.(sigprof\w*|\(\*cpuProfile|profileWriter|profileLoop|sighandler|sigtramp\w*|\(\*profBuf|tracebackPCs|\(\*unwinder|callers|Callers|saveblockevent\w*)|runtime\/pprof\.|runtime\/trace\.|net\/http\/pprof\.)/,
    advice: '',
  },
  {
    name: 'copy',
    says: 'copying and clearing memory',
    functions:
      /^runtime\.(memmove\w*|memclr\w*|typedmemmove\w*|typedslicecopy|duffcopy|duffzero|slicecopy)$|^(memmove|memclr)\w*$/,
    advice: 'pass pointers or slices of what is large, and clear less',
  },
  {
    name: 'syscall',
    says: 'system calls',
    functions:
      /^(syscall\.|internal\/runtime\/syscall\.|runtime\/internal\/syscall\.|internal\/syscall\/|runtime\.(entersyscall\w*|exitsyscall\w*|reentersyscall|\w*vgetrandom\w*))/,
    advice: 'read and write larger pieces: buffer',
  },
  {
    name: 'cgo',
    says: 'C code and the way there',
    functions: /^runtime\.(cgocall\w*|asmcgocall\w*|cgocallback\w*)$|^_cgo|^_Cfunc_/,
    advice: 'each call costs: do more in one',
  },
  {
    name: 'json',
    says: 'JSON',
    functions: /^encoding\/json[./]/,
    advice: 'decode into structs, encode less often, or keep what was encoded',
  },
  {
    name: 'regexp-compile',
    says: 'compiling regular expressions',
    functions: /^regexp\.(MustCompile\w*|Compile\w*|compile\w*)$|^regexp\/syntax\./,
    advice: 'compile them once, outside of the function',
    isWaste: true,
  },
  {
    name: 'regexp',
    says: 'regular expressions',
    functions: /^regexp\./,
    advice: 'use strings functions where they do, or a simpler expression',
  },
  {
    name: 'fmt',
    says: 'formatting text (fmt)',
    functions: /^fmt\./,
    advice: 'use strconv and append, and format only what is printed',
  },
  { name: 'log', says: 'logging', functions: /^log[./]/, advice: 'log less, or behind a level that is off' },
  {
    name: 'template',
    says: 'templates',
    functions: /^(text|html)\/template[./]/,
    advice: 'parse them once',
    isWaste: true,
  },
  { name: 'crypto', says: 'cryptography', functions: /^(crypto[./]|vendor\/golang\.org\/x\/crypto)/, advice: '' },
  { name: 'compress', says: 'compression', functions: /^compress\//, advice: 'a lower level is often enough' },
  { name: 'hash', says: 'checksums and hashes', functions: /^hash[./]/, advice: '' },
  { name: 'encoding', says: 'encoding (base64, binary, gob, xml …)', functions: /^encoding\//, advice: '' },
  { name: 'reflect', says: 'reflection', functions: /^(reflect|internal\/reflectlite)\./, advice: 'avoid it in loops' },
  { name: 'sort', says: 'sorting', functions: /^(sort|slices)\./, advice: 'sort less often, or keep it sorted' },
  { name: 'sql', says: 'database/sql', functions: /^database\/sql/, advice: '' },
  { name: 'http', says: 'HTTP', functions: /^(net\/http|net\/textproto|mime)[./]/, advice: '' },
  {
    name: 'io',
    says: 'reading and writing',
    functions: /^(net|internal\/poll|os|io|bufio|path\/filepath)[./]/,
    advice: '',
  },
  {
    name: 'text',
    says: 'text',
    functions:
      /^(strings|bytes|strconv|unicode[./]?\w*|text\/\w+|internal\/bytealg)\.|^(cmp|memeq|indexbyte|count|index)body$/,
    advice: '',
  },
  {
    name: 'time',
    says: 'clocks and timers',
    functions: /^(time\.|runtime\.(nanotime\w*|walltime\w*|time_now|cputicks|newTimer|stopTimer|resetTimer))/,
    advice: '',
  },
];

/** Row of WORK_KINDS + 1 by the name of a library's function; 0: of no kind. */
export const workKindOf = (name: string): number => WORK_KINDS.findIndex(({ functions }) => functions.test(name)) + 1;
