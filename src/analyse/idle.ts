// Goroutines that wait because nothing is to be done: named rules, as data. A rule holds for a stack when the state fits and
// each pattern fits some function of it; `leaf` must fit the first one past the runtime's and poller's own.

import type { Stacks } from './stacks.js';

export interface IdleRule {
  readonly name: string;
  /** What such a goroutine does. */
  readonly says: string;
  readonly state?: RegExp;
  readonly has?: readonly RegExp[];
  /** The first function that is not of runtime, sync, syscall, internal/. */
  readonly leaf?: RegExp;
}

export const IDLE_RULES: readonly IdleRule[] = [
  {
    name: 'runtime',
    says: 'work of the Go runtime itself',
    state:
      /^(GC |force gc|finalizer wait|cleanup wait|GOMAXPROCS updater|timer goroutine|trace reader|runtime stack|system goroutine|debug call|flushing proc)/,
  },
  {
    name: 'this-dump',
    says: 'the goroutine that wrote this dump',
    has: [
      /^(runtime\/pprof\.(writeGoroutineStacks|runtime_goroutineProfileWithLabels|writeRuntimeProfile|writeGoroutine\w*)|runtime\.Stack|runtime\/debug\.Stack|runtime\/debug\.PrintStack)$/,
    ],
    state: /^(running|$)/,
  },
  {
    name: 'runtime',
    says: 'work of the Go runtime itself',
    has: [
      /^runtime\.(bgsweep|bgscavenge|forcegchelper|runfinq|runFinalizers|runCleanups|gcBgMarkWorker|ensureSigM\.func1|\(\*traceAdvancer\w*|\(\*scavengerState\)\.\w+|updateMaxProcsGoroutine|\(\*cleanupQueue\)\.\w+)/,
    ],
  },
  {
    name: 'scheduler',
    says: 'a thread of the scheduler without work',
    state: /^(idle|running|runnable|)$/,
    has: [/^runtime\.(mstart\w*|mcall|systemstack_switch|findRunnable|stopm|schedule|park_m|sysmon|notesleep)$/],
    leaf: /^$/,
  },
  { name: 'signals', says: 'waits for signals', has: [/^os\/signal\.(signal_recv|loop|NotifyContext\.func1)$/] },
  {
    name: 'accept',
    says: 'waits for connections',
    has: [/^internal\/poll\.\(\*FD\)\.Accept$|^net\.\(\*\w*Listener\)\.Accept|^syscall\.accept4?$/],
  },
  {
    name: 'http-keep-alive',
    says: 'HTTP server: a connection without a request',
    has: [
      /^net\/http\.\(\*conn\)\.(serve|readRequest)$/,
      // A handler that reads the body comes to the connection another way.
      /^net\/http\.\(\*conn\)\.readRequest$|^bufio\.\(\*Reader\)\.Peek$/,
    ],
    state: /^IO wait/,
  },
  {
    name: 'http-background',
    says: 'HTTP server: watches for the client to close',
    has: [/^net\/http\.\(\*connReader\)\.(backgroundRead|startBackgroundRead)/],
  },
  {
    name: 'http-server-h2',
    says: 'HTTP/2 server: reads or serves a connection',
    has: [/\.\(\*(http2)?serverConn\)\.(readFrames|serve)$/],
    state: /^(IO wait|select)/,
  },
  {
    name: 'http-client',
    says: 'HTTP client: an open connection',
    has: [
      /^net\/http\.\(\*persistConn\)\.(readLoop|writeLoop)$|\.\(\*(http2)?(ClientConn|clientConnReadLoop)\)\.(readLoop|run)$/,
    ],
  },
  {
    name: 'grpc',
    says: 'gRPC: an open connection',
    has: [
      /^google\.golang\.org\/grpc\/internal\/transport\.(\(\*(http2Client|http2Server)\)\.(reader|HandleStreams|keepalive|controlBuffer)|\(\*loopyWriter\)\.run|\(\*controlBuffer\)\.get)|grpcsync\.\(\*CallbackSerializer\)\.run$/,
    ],
    state: /^(IO wait|select|chan receive)/,
  },
  { name: 'sleep', says: 'sleeps for a set time', state: /^sleep/ },
  {
    name: 'main-forever',
    says: 'main stays alive with select {}',
    state: /^select \(no cases\)/,
    has: [/^main\.main$/],
  },
  {
    name: 'udp',
    says: 'waits for datagrams',
    has: [
      /^net\.\(\*netFD\)\.(readFrom|readMsg)\w*$|^internal\/poll\.\(\*FD\)\.(ReadFrom|ReadMsg)\w*$|^golang\.org\/x\/net\/ipv[46]\.\(\*\w+\)\.ReadBatch/,
    ],
    state: /^IO wait/,
  },
  {
    name: 'sql-pool',
    says: 'database/sql: opens connections when they are needed',
    has: [/^database\/sql\.\(\*DB\)\.connection(Opener|Resetter|Cleaner)$|^database\/sql\.\(\*Tx\)\.awaitDone$/],
  },
  {
    name: 'child-process',
    says: 'waits for a program that it started',
    has: [
      /^os\.\(\*Process\)\.(Wait|wait|blockUntilWaitable|pidfdWait)$|^os\/exec\.\(\*Cmd\)\.(Wait|watchCtx|awaitGoroutines)/,
    ],
  },
  {
    name: 'child-output',
    says: 'reads what a program that it started prints',
    has: [/^os\/exec\.\(\*Cmd\)\.(Start\.func\d|writerDescriptor\.func1|stdout\.func1|watchCtx\.func\d)/],
    state: /^(IO wait|syscall|select|chan receive)/,
  },
  {
    name: 'context',
    says: 'waits for a context to end',
    has: [/^context\.(\(\*cancelCtx\)\.propagateCancel\.func\d|propagateCancel\.func\d|AfterFunc)/],
  },
  {
    name: 'logs',
    says: 'writes logs out from time to time',
    has: [
      /(glog|klog)\S*\.\(\*(flushDaemon|fileSink|loggingT)\)\.(run|flushDaemon)|\.\(\*flushDaemon\)\.run\.func1|lumberjack\.\(\*Logger\)\.millRun$|zapcore\.\(\*BufferedWriteSyncer\)\.flushLoop$/,
    ],
  },
  {
    name: 'opencensus',
    says: 'collects statistics',
    has: [
      /^go\.opencensus\.io\/stats\/view\.\(\*worker\)\.start$|^go\.opentelemetry\.io\/\S*\.\(\*(periodicReader|PeriodicReader|batchSpanProcessor|BatchProcessor)\)\.\w+/,
    ],
  },
  {
    name: 'leveldb',
    says: 'LevelDB: background work',
    has: [
      /\/leveldb\.\(\*(DB|session)\)\.(mpoolDrain|[tm]Compaction|compactionError|jWriter|refLoop)$|\/leveldb\/util\.\(\*BufferPool\)\.drain$/,
    ],
    state: /^(select|chan receive)/,
  },
  {
    name: 'badger',
    says: 'Badger: background work',
    has: [
      /dgraph-io\/(badger|ristretto)\S*\.\(\*(DB|levelsController|valueLog|vlogThreshold|WaterMark|publisher|Cache\[?\S*|defaultPolicy\S*|Throttle|KeyRegistry|DiscardStats)\)?\.?\(?\S*(flushMemtable|updateSize|runCompactor|doWrites|waitOnGC|listenForValueThresholdUpdate|process|processItems|listenForUpdates|monitorCache|handleFlushTasks)|badger\S*\/y\.\(\*WaterMark\)\.process/,
    ],
    state: /^(select|chan receive)/,
  },
  {
    name: 'yamux',
    says: 'yamux: an open session',
    has: [
      /yamux\.\(\*Session\)\.(recv|recvLoop|send|sendLoop|keepalive|startKeepalive|AcceptStream|startMeasureRTT|measureRTT)$/,
    ],
    state: /^(IO wait|select|sleep|chan receive)/,
  },
  {
    name: 'quic',
    says: 'QUIC: an open connection or its transport',
    has: [
      /quic-go\S*\.\(\*(connection|Conn|Transport|baseServer|sendQueue|closedLocalConn|incomingStreamsMap\S*|datagramQueue)\)\.(run|listen|Run|runSendQueue|Accept|AcceptStream|AcceptUniStream|accept|Receive)$|quic-go\S*\.\(\*Transport\)\.runSendQueue$/,
    ],
    state: /^(IO wait|select|chan receive)/,
  },
  {
    name: 'libp2p',
    says: 'libp2p: a background loop',
    has: [
      /go-libp2p\S*\.\(\*\w+\)\.(background|run\w*|loop|start\w*|gc|Listen\w*|AddListenAddr\S*|handleIncoming|worker|dispatch\w*|emit\w*|decay|processLoop|announce\w*|\w*Loop)(\.func\d+)*$/,
    ],
    state: /^(IO wait|select|chan receive|sleep)/,
  },
  {
    name: 'inotify',
    says: 'watches files',
    has: [/^github\.com\/(fsnotify|howeyc)\/fsnotify\.\(\*\w+\)\.(readEvents|readInotify)/],
  },
  {
    name: 'profiler',
    says: 'writes a running profile',
    has: [
      /^runtime\/pprof\.profileWriter$|^runtime\/pprof\.\(\*profileBuilder\)|^runtime\/trace\.Start\.func1$|^net\/http\/pprof\.(Profile|sleep|Trace|handler\.serveDeltaProfile)$/,
    ],
  },
  {
    name: 'tests',
    says: 'go test: waits for a test',
    has: [
      /^testing\.(\(\*T\)\.(Run|Parallel)|\(\*M\)\.(Run|startAlarm)\S*|\(\*testState\)\.waitParallel|\(\*testContext\)\.waitParallel|runTests\S*|tRunner\.func\d)$/,
    ],
    state: /^(chan receive|sync\.|semacquire)/,
    leaf: /^testing\./,
  },
  { name: 'iterator', says: 'an iterator that is not asked (iter.Pull)', state: /^coroutine/ },
];

const patterns = IDLE_RULES.flatMap(({ has = [] }) => has);
/** Where a rule's patterns begin. */
const starts = IDLE_RULES.map((_, i) => IDLE_RULES.slice(0, i).reduce((sum, { has = [] }) => sum + has.length, 0));

/** Row of IDLE_RULES that holds for a goroutine; -1: none. Each function is tried once. */
export function idleRules(stacks: Stacks): (g: number) => number {
  const { dump } = stacks;
  const { goroutines, stack, states, frames } = dump;
  const byFunction: Uint8Array[] = [];
  const hits = new Uint8Array(patterns.length);
  const none = new Uint8Array(patterns.length);
  const hitsOf = (frame: number): Uint8Array => {
    const func = frames.func[frame];
    if (func < 0) return none;
    byFunction[func] ??= Uint8Array.from(patterns, (pattern) => (pattern.test(stacks.nameOf(frame).name) ? 1 : 0));
    return byFunction[func];
  };
  return (g) => {
    hits.fill(0);
    let leaf: string | undefined;
    for (let e = goroutines.stackStart[g]; e < goroutines.stackStart[g + 1]; e++) {
      const found = hitsOf(stack[e]);
      for (let i = 0; i < hits.length; i++) hits[i] |= found[i];
      if (leaf !== undefined) continue;
      const { name } = stacks.nameOf(stack[e]);
      if (!/^(runtime|sync|syscall|internal)[./]/.test(name)) leaf = name;
    }
    const state = states[goroutines.state[g]];
    return IDLE_RULES.findIndex(
      (rule, row) =>
        (rule.state === undefined || rule.state.test(state)) &&
        (rule.leaf === undefined || rule.leaf.test(leaf ?? '')) &&
        (rule.has ?? []).every((_, i) => hits[starts[row] + i] === 1),
    );
  };
}
