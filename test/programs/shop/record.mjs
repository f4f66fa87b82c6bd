// Records the shop, one bundle per scenario: node record.mjs [--tool=dist/cli.cjs] [--output=DIR] [--only=NAME,NAME]
// expected.json says what each has; it was written before the first recording. About seven minutes in all.
// The programs that hang start together, at the beginning, and are recorded when they have for more than a minute.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

// Of a wait of 75 s the dump says "1 minutes": GCs in the first five seconds see it begin.
const HANGS = 75;

/** hold: what needs CPU time or memory starts only shortly before the recording, so that it does not disturb the others. */
const SCENARIOS = {
  deadlock: { waitSeconds: HANGS },
  'deadlock-readers': { waitSeconds: HANGS },
  'deadlock-self': { waitSeconds: HANGS },
  'lost-unlock': { waitSeconds: HANGS },
  'silent-bank': { waitSeconds: HANGS },
  'hung-disk': { waitSeconds: HANGS },
  'leak-senders': { waitSeconds: HANGS },
  'bank-and-json': { fault: 'silent-bank,hot-json', waitSeconds: HANGS, hold: true },
  'unlock-and-files': { fault: 'lost-unlock,files', waitSeconds: HANGS, hold: true },
  all: { fault: 'deadlock,memory-map,hot,contended', waitSeconds: HANGS, hold: true },
  'healthy-waiting': { load: 'waiting', waitSeconds: HANGS },
  'deadlock-fresh': { fault: 'deadlock' },
  'slow-bank': { waitSeconds: 12 },
  'leak-timeout': {},
  'leak-receivers': {},
  'nil-channel': {},
  'growth-watch': {},
  'growth-retry': {},
  'memory-map': {},
  'memory-log': {},
  garbage: {},
  hot: {},
  'hot-regexp': {},
  'hot-json': {},
  starved: {},
  contended: {},
  'contended-cpu': {},
  'contended-writer': {},
  'threads-read': {},
  'threads-sleep': {},
  files: {},
  sockets: {},
  'memory-and-goroutines': { fault: 'memory-map,growth-watch' },
  'healthy-idle': { load: 'idle' },
  'healthy-http': { load: 'http' },
  'healthy-rush': { load: 'rush' },
  'healthy-busy': { load: 'busy' },
  'healthy-cache': { load: 'cache' },
  'healthy-connections': { load: 'connections' },
  'healthy-warm': { load: 'warm', waitSeconds: 10 },
  'healthy-bursts': { load: 'bursts' },
  'healthy-locks': { load: 'locks' },
  'healthy-sawtooth': { load: 'sawtooth' },
  'healthy-spool': { load: 'spool' },
};
const WAIT = 6;

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    tool: { type: 'string', default: join(here, '../../../dist/cli.cjs') },
    output: { type: 'string', default: join(here, '../../fixtures/faults/shop') },
    only: { type: 'string', default: Object.keys(SCENARIOS).join() },
  },
});
const tool = resolve(values.tool);
const output = resolve(values.output);
const names = values.only.split(',');
for (const name of names) if (!SCENARIOS[name]) throw new Error(`no scenario ${name}`);

// A folder of its own: the paths of this machine are in no bundle.
const folder = mkdtempSync(join(tmpdir(), 'shop-'));
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

build();
mkdirSync(output, { recursive: true });
let failed = 0;
const hanging = new Map();
for (const name of names) {
  if (SCENARIOS[name].waitSeconds !== HANGS) continue;
  await attempt(name, async () => hanging.set(name, await start(name)));
}

const waiting = [...hanging.keys()];
const others = names.filter((name) => SCENARIOS[name].waitSeconds !== HANGS);
while (waiting.length + others.length > 0) {
  const name = others.length === 0 || isDue(waiting[0]) ? waiting.shift() : others.shift();
  await attempt(name, async () => {
    const program = hanging.get(name) ?? (await start(name));
    await record(name, program).finally(() => program.child.kill('SIGKILL'));
    console.log(name);
  });
}
process.exit(failed === 0 ? 0 : 1);

/** One that fails leaves the others their turn. */
async function attempt(name, action) {
  try {
    await action();
  } catch (error) {
    failed++;
    console.error(`${name}: ${error.message}`);
  }
}

function build() {
  const args = ['build', '-trimpath', '-buildvcs=false', '-o', join(folder, 'shopd'), './cmd/shopd'];
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' };
  const { status } = spawnSync('go', args, { cwd: here, env, stdio: 'inherit' });
  if (status !== 0) throw new Error('go build failed');
}

function isDue(name) {
  return name !== undefined && Date.now() - hanging.get(name).since > HANGS * 1000;
}

async function start(name) {
  const { fault = name, load, hold } = SCENARIOS[name];
  const cwd = join(folder, name);
  mkdirSync(cwd);
  const args = ['-listen=127.0.0.1:0', load ? `-load=${load}` : `-fault=${fault}`, ...(hold ? ['-hold'] : [])];
  const child = spawn(join(folder, 'shopd'), args, {
    cwd,
    argv0: 'shopd',
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const [line] = await within(10, once(createInterface(child.stdout), 'line'), 'it does not listen');
  return { child, address: line.split(' ').at(-1), since: Date.now() };
}

async function record(name, { child, address, since }) {
  const { waitSeconds = WAIT, hold } = SCENARIOS[name];
  await sleep(Math.max(0, since + (waitSeconds - (hold ? WAIT : 0)) * 1000 - Date.now()));
  if (hold) {
    child.kill('SIGUSR1');
    await sleep(WAIT * 1000);
  }
  if (!running.has(child)) throw new Error('it ended by itself');
  const bundle = join(folder, `${name}.zip`);
  const collect = spawn(process.execPath, [tool, 'collect', '-quiet', '-seconds=4', `-output=${bundle}`, address], {
    cwd: folder,
    stdio: 'inherit',
  });
  running.add(collect);
  const [status] = await within(90, once(collect, 'exit'), 'collect does not end');
  running.delete(collect);
  // 3: some items are not there; a program that is no kubo has not all of them.
  if (status !== 0 && status !== 3) throw new Error(`collect: exit status ${status}`);
  copyFileSync(bundle, join(output, `${name}.zip`));
}

function within(seconds, promise, otherwise) {
  const timer = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(otherwise)),
    () => new Promise(() => {}),
  );
  return Promise.race([promise, late]).finally(() => timer.abort());
}
