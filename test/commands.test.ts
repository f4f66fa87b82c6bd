// Every command as a user runs it: what goes wrong, where the report goes, and who reads it.

import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { commands } from '../src/face/cli/commands.js';
import { parseCommandLine } from '../src/face/cli/flags.js';
import { helpOn } from '../src/face/cli/help.js';

const cli = fileURLToPath(new URL('../dist/cli.cjs', import.meta.url));
const heap = fileURLToPath(new URL('fixtures/goserver-heap.pb.gz', import.meta.url));
const cpu = fileURLToPath(new URL('../examples/server.cpu.pb.gz', import.meta.url));

function run(args: readonly string[]): Promise<{ code: number; stdout: Buffer; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { encoding: 'buffer', env: { ...process.env, TZ: 'UTC' }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
          stdout,
          stderr: stderr.toString(),
        }),
    ).stdin?.end();
  });
}

/** Those that print something, one of a kind. */
const printing = commands.filter(({ name, opens }) => opens === undefined && name !== 'text');
/** The commands whose output goes each another way. */
const different = printing.filter(({ name }) => /^(tree|peek|list|traces|proto|topproto|svg|callgrind)$/.test(name));
const words = ({ name, takesRegexp }: (typeof commands)[number], regexp: string) =>
  takesRegexp ? [name, regexp] : [name];

t.test('every command prints, and writes the same with -output', async (t) => {
  const folder = t.testdir();
  for (const command of printing) {
    const { code, stdout } = await run([...words(command, 'main'), heap]);
    t.equal(code, 0, command.name);
    t.ok(stdout.length > 0 || command.name === 'comments', command.name);
    const file = join(folder, `${command.name}.out`);
    const written = await run([...words(command, 'main'), `-output=${file}`, heap]);
    t.same([written.code, written.stdout.length], [0, 0], command.name);
    t.match(written.stderr, `Generating report in ${file}`);
    t.ok(readFileSync(file).equals(stdout), `${command.name}: the same bytes`);
  }
});

t.test('a regexp that is none: exit 2, nothing on stdout, the place in the expression', async (t) => {
  for (const command of different) {
    const { code, stdout, stderr } = await run([...words(command, 'main'), '-focus=a(b', heap]);
    t.same([code, stdout.length], [2, 0], command.name);
    t.match(stderr, /parsing focus regexp: error parsing regexp: missing closing \)/);
    t.match(stderr, /^hint: /m);
    if (!command.takesRegexp) continue;
    const own = await run([command.name, 'a(b', heap]);
    t.same([own.code, own.stdout.length], [2, 0], command.name);
    t.match(own.stderr, /parsing argument regexp a\(b: error parsing regexp: missing closing \)/);
  }
});

t.test('peek and list that find no function: exit 1, nothing on stdout', async (t) => {
  for (const name of ['peek', 'list']) {
    const { code, stdout, stderr } = await run([name, 'nosuchname', heap]);
    t.same([code, stdout.length], [1, 0], name);
    t.match(stderr, /no matches found for regexp: nosuchname\nhint: /);
  }
  const nothing = await run(['tree', '-focus=nosuchname', heap]);
  t.equal(nothing.code, 0);
  t.match(nothing.stderr, /Focus expression matched no samples/);
});

t.test('--json is JSON of the report, also of commands that write no text, with its kind', async (t) => {
  for (const command of different) {
    const { code, stdout } = await run([...words(command, 'main'), '--json', heap]);
    t.equal(code, 0, command.name);
    t.equal(JSON.parse(stdout.toString()).kind, command.report === 'peek' ? 'tree' : command.report, command.name);
  }
});

t.test('a reader that stops early ends each kind of output quietly', async (t) => {
  for (const command of different) {
    const line = [process.execPath, cli, ...words(command, '.'), '-trim=false', cpu]
      .map((word) => `'${word}'`)
      .join(' ');
    const child = spawn('sh', ['-c', `${line} | head -c 20 >/dev/null`]);
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    await new Promise((resolve) => child.on('close', resolve));
    t.equal(stderr, '', command.name);
  }
});

t.test('pictures that tspprof does not draw are named in the error, with those that it does', (t) => {
  for (const name of ['png', 'gif', 'pdf', 'ps', 'eog', 'evince', 'gv'])
    t.throws(() => parseCommandLine([`-${name}`, heap]), {
      message: `flag provided but not defined: -${name}`,
      hint: /-svg .*-web/,
    });
  t.end();
});

t.test('help COMMAND says how each is called', (t) => {
  for (const command of commands) {
    const text = helpOn(command.name);
    t.ok(text.startsWith(`${command.help}.\n`), command.name);
    t.match(text, `tspprof ${command.name}${command.takesRegexp ? ' REGEXP' : ''} [flags] FILE`);
  }
  t.end();
});
