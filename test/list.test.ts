// list: where sources are found, and which of their lines are shown.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { open, type Query, render, report, sourceReader } from '../src/node.js';
import { draw } from './draw.js';

async function list(drawing: string, more: Query): Promise<string> {
  // Somewhere else than here: the name of the working folder would be cut from names.
  const query = { symbol: '.', source_path: '/elsewhere', ...more };
  const made = report(await open(draw(drawing)), 'list', query, { sources: sourceReader(query) });
  return [...render(made, 'text')].join('');
}

const lines = (count: number, end = '\n') => Array.from({ length: count }, (_, i) => `line ${i + 1}${end}`).join('');

t.test('lines end as Go ends them, and a file may be shorter than its profile says', async (t) => {
  const dir = t.testdir({ 'a.go': lines(8, '\r\n') });
  const a = join(dir, 'a.go');
  t.equal(
    await list(`f@${a}:7 3\nf@${a}:40 2`, {}),
    [
      'Total: 5',
      `ROUTINE ======================== f in ${a}`,
      '         5          5 (flat, cum)   100% of Total',
      '         .          .      2:line 2',
      '         .          .      3:line 3',
      '         .          .      4:line 4',
      '         .          .      5:line 5',
      '         .          .      6:line 6',
      '         3          3      7:line 7',
      '         .          .      8:line 8',
      '',
    ].join('\n'),
  );
});

t.test('a line of more than 64 KiB hides nothing that follows', async (t) => {
  const dir = t.testdir({ 'a.go': `${'x'.repeat(70_000)}\nsecond\n` });
  t.match(await list(`f@${dir}/a.go:2 3`, {}), / 3 {10}3 {6}2:second\n$/);
});

t.test('a relative name is looked for in each folder of source_path and above', async (t) => {
  const dir = t.testdir({ 'b.go': lines(1), one: { two: {} }, other: {} });
  const found = await list('f@b.go:1 3', { source_path: `${dir}/other:${dir}/one/two` });
  t.match(found, / 1:line 1\n/);
  t.match(
    await list('f@nosuch.go:1 3', { source_path: '/nosuch:/x' }),
    / Error: could not find file nosuch\.go on path \/nosuch:\/x\n/,
  );
});

t.test('what is no file has no lines and is not waited for', async (t) => {
  const dir = t.testdir({ folder: {} });
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  for (const file of [join(dir, 'folder'), join(dir, 'pipe'), '/dev/zero'])
    t.match(await list(`f@${file}:1 3`, {}), /Total\n$/, file);
  t.match(await list(`f@${dir}/gone.go:1 3`, {}), / Error: open .*gone\.go: no such file or directory\n/);
  t.match(await list(`f@${dir}/folder/\0:1 3`, {}), / Error: open .*: invalid argument\n/);
});

t.test('names of files need not be UTF-8', async (t) => {
  const dir = t.testdir();
  const folder = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff])]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from('/a.go')]), lines(1));
  t.match(await list(`f@${dir}/\udcff/a.go:1 3`, {}), / 1:line 1\n/);
});

t.test('traces by files keeps their names whole', async (t) => {
  const profile = await open(draw('f@/proc/self/cwd/a.go:1 3'));
  const made = report(profile, 'traces', { granularity: 'files', trim_path: '/proc' });
  t.match([...render(made, 'text')].join(''), / 3 {3}\/proc\/self\/cwd\/a\.go\n/);
});

t.test('the smallest int64 weighs less than any cutoff, as its magnitude is negative', async (t) => {
  const profile = await open(draw(`main;work ${-(2n ** 63n)}\nmain;idle 5`));
  const made = report(profile, 'tree', { nodefraction: 0, edgefraction: 0, trim: false });
  t.same(
    made.rows.find(({ name }) => name === 'main')?.callees.map(({ name }) => name),
    ['idle'],
  );
});

t.test('a graph of the smallest int64 alone has a font size', async (t) => {
  const profile = await open(draw(`main ${-(2n ** 63n)}`));
  t.match([...render(report(profile, 'dot', { nodefraction: 0 }), 'text')].join(''), / fontsize=24 shape=box /);
});
