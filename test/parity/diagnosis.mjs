// What diagnose says of recorded programs that it was not made for: a Go server with a leak, a hot function, a contended lock, leaked senders, a
// deadlock and a nil channel; a healthy kubo under load, whose guide files and zips raise no alarm.
//   node test/parity/diagnosis.mjs DATA     DATA has kubo/ and goserver/
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [, , data] = process.argv;
const cli = new URL('../../dist/cli.cjs', import.meta.url).pathname;
const failed = [];
let checks = 0;
const expect = (what, isTrue) => {
  checks++;
  if (!isTrue) failed.push(what);
};
function findingsOf(path, code) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'diagnose', '-json', join(data, path)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(`${path}: exit ${status}, not ${code}: ${stderr.slice(0, 300)}`, status === code);
  return stdout === '' ? [] : JSON.parse(stdout).findings;
}

const server = findingsOf('goserver', 0);
expect(`goserver: ${server[0]?.rule} is first`, server[0]?.rule === 'deadlock');
for (const [rule, place, alarms] of [
  ['deadlock', /work\.Transfer$/, true],
  ['heap-growth', /LeakNode$/, true],
  ['hot-function', /work\.Fib$/, true],
  ['contended-lock', /HoldLock$/, true],
  ['nil-channel', /NilChanReceiver$/, true],
  ['goroutine-leak', /LeakedSender$/, false],
])
  expect(
    `goserver: no ${rule} at ${place}`,
    server.some(
      (one) => one.rule === rule && place.test(one.place?.function ?? '') && (!alarms || one.severity !== 'note'),
    ),
  );

for (const [path, code] of [
  ['kubo/guide', 0],
  ['kubo/guide-cpu-busy', 3],
  ['kubo/ipfs-profile.zip', 0],
  ['kubo/ipfs-profile-cpu-busy.zip', 0],
  ['kubo/ipfs-profile-truncated.zip', 3],
])
  for (const { rule, severity, says } of findingsOf(path, code))
    expect(`${path}: ${severity} ${rule}: ${says}`, severity === 'note');

for (const what of failed) console.log(`FAIL ${what}`);
console.log(`${checks - failed.length} of ${checks} as expected`);
process.exitCode = failed.length > 0 ? 1 : 0;
