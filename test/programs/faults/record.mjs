// Records each scenario of the program: node record.mjs TSPPROF OUT [NAME …]. TSPPROF is dist/cli.cjs.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** wait: seconds before collecting; slow ones wait side by side. */
const SCENARIOS = [
  ['deadlock-old', ['-fault=deadlock'], 135],
  ['heldlock', ['-fault=heldlock'], 135],
  ['chanleak', ['-fault=chanleak'], 135],
  ['all', ['-fault=deadlock,memleak,hot,contended,chanleak'], 135],
  ['deadlock', ['-fault=deadlock'], 5],
  ['nilchannel', ['-fault=nilchannel'], 5],
  ['growing', ['-fault=growing'], 4],
  ['memleak', ['-fault=memleak'], 4],
  ['hot', ['-fault=hot'], 4],
  ['regexp', ['-fault=regexp'], 4],
  ['contended', ['-fault=contended'], 4],
  ['gc', ['-fault=gc'], 4],
  ['threads', ['-fault=threads'], 4],
  ['files', ['-fault=files'], 4],
  ['starved', ['-fault=starved'], 4],
  ['healthy-idle', ['-load=none'], 5],
  ['healthy-light', ['-load=light'], 5],
  ['healthy-heavy', ['-load=heavy'], 5],
];

const [tool, out, ...names] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'faults-'));
const source = new URL('.', import.meta.url).pathname;
execFileSync('go', ['build', '-trimpath', '-buildvcs=false', '-o', join(folder, 'faults'), '.'], { cwd: source });
const chosen = SCENARIOS.filter(([name]) => names.length === 0 || names.includes(name));
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
let port = 6071;
let queue = Promise.resolve();

/** One collection at a time: they share the processors. */
const collect = (name, address) => {
  const zip = join(folder, `${name}.zip`);
  queue = queue.then(
    () =>
      new Promise((done) => {
        const args = [resolve(tool), 'collect', '-quiet', '-seconds=4', `-output=${zip}`, address];
        spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }).on('close', (code) => {
          console.log(name, code);
          copyFileSync(zip, join(out, `${name}.zip`));
          done();
        });
      }),
  );
  return queue;
};

async function record([name, args, wait]) {
  const address = `127.0.0.1:${port++}`;
  const program = spawn('./faults', [...args, `-listen=${address}`], { cwd: folder, stdio: 'inherit', env: {} });
  await sleep(wait);
  await collect(name, address);
  program.kill('SIGKILL');
}

try {
  // What burns CPU while others wait would disturb them: the quick ones come after.
  await Promise.all(chosen.filter(([, , wait]) => wait > 60).map(record));
  for (const scenario of chosen.filter(([, , wait]) => wait <= 60)) await record(scenario);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
