// Runs the tests and ends with one line that says how many passed: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const tap = join(dirname(require.resolve('tap/package.json')), 'dist/esm/run.mjs');
const child = spawn(process.execPath, [tap, '--reporter=tap', ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, TZ: 'UTC', NO_COLOR: '1' },
});
let output = '';
child.stdout.on('data', (chunk) => {
  output += chunk;
});
child.on('close', (code) => {
  const count = (name) => Number(new RegExp(`^# \\{.*\\b${name}: (\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [passed, failed] = [count('pass'), count('fail')];
  for (const line of output.split('\n')) if (/^(not )?ok /.test(line)) console.log(line);
  if (code !== 0)
    console.log(
      output
        .split('\n')
        .filter((line) => !/^\s*ok /.test(line))
        .join('\n')
        .slice(-20000),
    );
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(code !== 0 || failed > 0 || passed === 0 ? 1 : 0);
});
