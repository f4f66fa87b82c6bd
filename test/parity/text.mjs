// Text profiles, read by a real pprof and by ours: -raw must be equal to the byte once the lines are taken out that pprof passes over.
//   node test/parity/text.mjs --pprof PATH [--record FILE] FILE_OR_FOLDER...
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { filesIn, root } from './seeded.mjs';

const { open, render, report } = await import(join(root, 'dist/node.js'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pprof: { type: 'string' }, record: { type: 'string' } },
});
if (values.pprof === undefined || positionals.length === 0) {
  console.error('usage: node test/parity/text.mjs --pprof PATH [--record FILE] FILE_OR_FOLDER...');
  process.exit(2);
}
const dir = mkdtempSync(join(tmpdir(), 'tspprof-text-'));
const rows = [];
let failed = 0;
for (const file of filesIn(positionals).filter((file) => !/\.pb\.gz$/.test(file))) {
  const bytes = readFileSync(file);
  const plain = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1').replace(/^#.*\n/gm, '');
  // Go pads the stacks of threads; pprof makes addresses of that.
  if (/@.* 0x0 0x0$/m.test(plain)) continue;
  const path = join(dir, 'profile.txt');
  writeFileSync(path, plain, 'latin1');
  const env = { ...process.env, TZ: 'UTC' };
  const theirs = execFileSync(values.pprof, ['-raw', '-symbolize=none', path], {
    env,
    encoding: 'latin1',
    stdio: 'pipe',
  });
  const ours = [...render(report(await open(path), 'raw'), 'text')].join('');
  if (ours !== theirs) failed++;
  console.log(`${ours === theirs ? 'equal' : 'DIFFERS'} ${file}`);
  rows.push({ file: basename(file), raw: theirs });
}
rmSync(dir, { recursive: true });
console.log(`${rows.length - failed} of ${rows.length} equal`);
if (values.record !== undefined)
  writeFileSync(values.record, gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { level: 9 }));
process.exitCode = failed > 0 ? 1 : 0;
