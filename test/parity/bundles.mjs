// What people send, as it was recorded: kubo's zips (whole, of a busy CPU profiler, cut), the debugging guide's five files in a folder, the
// text profiles of a Go server beside its binary ones.
//   node test/parity/bundles.mjs DATA     DATA has kubo/ and goserver/
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [, , data] = process.argv;
const cli = new URL('../../dist/cli.cjs', import.meta.url).pathname;
let checks = 0;
const failed = [];
const run = (...args) =>
  spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
const expect = (what, isTrue) => {
  checks++;
  if (!isTrue) failed.push(what);
};
const says = (pattern, code, ...args) => {
  const { status, stdout, stderr } = run(...args);
  expect(
    `${args.join(' ')}: ${status} ${stdout.slice(0, 200)} ${stderr.slice(0, 300)}`,
    status === code && pattern.test(stdout + stderr),
  );
};
const kubo = (name) => join(data, 'kubo', name);

const whole = kubo('ipfs-profile.zip');
for (const name of [
  'ipfs-profile.zip',
  'ipfs-profile-cpu-busy.zip',
  'ipfs-profile-truncated.zip',
  'guide',
  'guide-cpu-busy',
])
  says(/^\d+ goroutines.*\n\nNothing hangs/, 0, 'stacks', kubo(name));
says(/Type: cpu/, 0, 'top', whole);
says(/Type: cpu/, 0, 'top', kubo('guide'));
for (const member of ['heap.pprof', 'allocs.pprof', 'mutex.pprof', 'block.pprof', 'goroutines.pprof', 'cpu.pprof'])
  says(/^File: ipfs|Type: delay/m, 0, 'top', `${whole}:${member}`);
says(/github\.com\/ipfs\/kubo/, 0, 'top', '-trim=false', `${whole}:mutex.pprof`);
says(/Not in it: cpu\.pprof, mutex\.pprof, block\.pprof/, 0, kubo('ipfs-profile-cpu-busy.zip'));
says(/allocs\.pprof +\? +allocations, as a profile \(cut/, 3, kubo('ipfs-profile-truncated.zip'));
says(/Type: inuse_space/, 0, 'top', `${kubo('ipfs-profile-truncated.zip')}:heap.pprof`);
says(/already in use/, 1, 'top', `${kubo('guide-cpu-busy')}:ipfs.cpuprof`);

/** Every function of a profile. */
const functions = (file, ...flags) =>
  new Set(
    execFileSync(process.execPath, [cli, 'top', '-trim=false', '-json', ...flags, file], {
      encoding: 'utf8',
      maxBuffer: 1e9,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .match(/"function":"(?:[^"\\]|\\.)*"/g)
      ?.map((text) => text.replace(/\[\.\.\.\]|\[.*\]/, '[…]')),
  );
for (const name of ['heap', 'allocs', 'mutex', 'block', 'custom']) {
  // The text says nothing of which value is shown.
  const flags = /heap|allocs/.test(name) ? ['-alloc_space'] : [];
  const binary = functions(join(data, 'goserver', `${name}.debug0.pb.gz`), ...flags);
  const text = functions(join(data, 'goserver', `${name}.debug1.txt`), ...flags);
  const missing = [...binary].filter((one) => !text.has(one));
  const more = [...text].filter((one) => !binary.has(one));
  expect(
    `${name}: text has not ${missing}; has besides ${more}`,
    binary.size > 0 && missing.length === 0 && more.length === 0,
  );
}

for (const what of failed) console.log(`FAIL ${what}`);
console.log(`${checks - failed.length} of ${checks} as expected`);
process.exit(failed.length === 0 ? 0 : 1);
