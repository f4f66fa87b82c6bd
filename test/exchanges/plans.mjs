// What record.mjs asks for. `beside` begins a request that is not recorded and does not wait for it.

const get = (path, headers) => ({ path, headers });
const post = (path, headers) => ({ method: 'POST', path, headers });

const SNAPSHOTS = ['goroutine', 'heap', 'allocs', 'mutex', 'block', 'threadcreate'];

/** What every collection has. */
const usual = [
  get('/debug/vars'),
  get('/debug/pprof/'),
  get('/debug/pprof/cmdline'),
  get('/debug/pprof/goroutine?debug=2'),
  get('/debug/pprof/goroutine?debug=1'),
  ...SNAPSHOTS.map((name) => get(`/debug/pprof/${name}`)),
  get('/debug/pprof/goroutineleak'),
  get('/debug/pprof/profile?seconds=2'),
  get('/debug/pprof/trace?seconds=0.03'),
  get('/debug/vars'),
];

const more = [
  get('/debug/pprof/goroutineleak?debug=1'),
  get('/debug/pprof/heap?gc=1'),
  get('/debug/pprof/heap?seconds=1'),
  get('/debug/pprof/mutex?seconds=1'),
  get('/debug/pprof/nosuch'),
  get('/debug/pprof/heap?seconds=1&debug=1'),
  get('/debug/pprof/heap?seconds=abc'),
];

const NO_BINARY = ['goroutines-stack', 'goroutines-pprof', 'version', 'heap', 'allocs', 'cpu', 'mutex', 'block'];
const collect = (names, time) =>
  post(`/api/v0/diag/profile?${names.map((name) => `collectors=${name}`).join('&')}&profile-time=${time}`);

const rpc = [
  post('/api/v0/version'),
  post('/api/v0/diag/sys'),
  post('/api/v0/diag/cmds?verbose=true'),
  post('/api/v0/repo/stat'),
  post('/debug/pprof-mutex/?fraction=4'),
  post('/debug/pprof-block/?rate=1000000'),
  get('/debug/stack'),
  get('/debug/metrics/prometheus'),
];

const refused = [
  get('/api/v0/version'),
  post('/api/v0/version', { 'User-Agent': 'Mozilla/5.0' }),
  post('/api/v0/diag/nosuch'),
  post('/api/v0/swarm/peers'),
  get('/debug/pprof-mutex/?fraction=4'),
  post('/debug/pprof-mutex/'),
  collect(['version', 'nosuch'], '0'),
  collect(['version'], '30'),
];

export const plans = {
  go: [...usual, ...more, get('/debug/pprof/example.com/server.openHandles')],
  kubo: [...rpc, ...usual, ...more, collect(NO_BINARY, '1s'), ...refused],
  /** Without what is the same in every state. */
  'kubo-small': [...rpc, ...usual],
  /** While somebody else has the CPU profiler and the tracer. */
  'kubo-busy': [
    { beside: get('/debug/pprof/profile?seconds=8') },
    { beside: get('/debug/pprof/trace?seconds=8') },
    get('/debug/pprof/profile?seconds=1'),
    get('/debug/pprof/trace?seconds=1'),
    // Which members come before the error is chance: several tries.
    ...[1, 2, 3].map(() => collect(NO_BINARY, '1s')),
    collect([...NO_BINARY, 'trace'], '1s'),
  ],
};
