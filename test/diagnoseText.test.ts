// The report of diagnose as text, Markdown and JSON: whatever files and functions are called.

import t from 'tap';
import { type DiagnoseReport, diagnose, renderDiagnose } from '../src/node.js';
import { bundleBytes, membersOf, only, zipped } from './diagnosing.js';
import { draw } from './draw.js';

const textOf = (report: DiagnoseReport, width = 100) => [...renderDiagnose(report, 'text', { width })].join('');
const markdownOf = (report: DiagnoseReport) => [...renderDiagnose(report, 'markdown')].join('');
const named = (name: string) => diagnose([{ name, bytes: bundleBytes('own/all') }]);

t.test('a line is as wide as the window, unless it is a command or one long word', async (t) => {
  const all = membersOf('own/all');
  const reports = [
    await named('all.zip'),
    await diagnose([{ name: 'some.zip', bytes: zipped(only(all, 'goroutines.stacks', 'cpu.pprof')) }]),
    await diagnose([
      { name: 'all.zip', bytes: bundleBytes('own/all') },
      { name: 'idle.zip', bytes: bundleBytes('shop/healthy-idle') },
    ]),
  ];
  for (const report of reports)
    for (const width of [40, 72, 100])
      for (const line of textOf(report, width).split('\n')) {
        if (/^ {2}\$ /.test(line) || !line.trim().replace(/^- /, '').includes(' ')) continue;
        if (line === 'tspprof diagnose -explain=RULE says what a rule looks at, and where its limits come from.')
          continue;
        t.ok(line.length <= width, `${width}: ${line}`);
      }
});

t.test(
  'the text has a block for each finding, the worst first, what is missing, and how to ask about a rule',
  async (t) => {
    const report = await diagnose([
      {
        name: 'b.zip',
        bytes: zipped({
          ...only(membersOf('own/all'), 'goroutines.stacks', 'cpu.pprof'),
          'heap.pprof': draw('a 1').subarray(0, 9),
        }),
      },
    ]);
    const blocks = textOf(report).split('\n\n');
    t.match(blocks[0], /^b\.zip: .*\nFound: 1 critical, 2 warnings, 2 notes\.$/);
    t.match(
      blocks[1],
      /^CRITICAL 2 goroutines wait for each other in a deadlock: [\s\S]* \[deadlock\]\n {2}- goroutine 20 /,
    );
    t.match(blocks[1], /\n {2}\$ tspprof stacks -blocked b\.zip:goroutines\.stacks$/);
    t.same(
      blocks.slice(1, 6).map((block) => block.split(' ')[0]),
      ['CRITICAL', 'WARNING', 'WARNING', 'NOTE', 'NOTE'],
    );
    t.match(blocks[6], /^Could not be read, or not whole:\n {2}b\.zip:heap\.pprof: \w/);
    t.match(blocks[7], /^Not looked at, for want of a file:\n {2}whether goroutines grow: a second dump of the same/);
    t.match(blocks.at(-1), /^tspprof diagnose -explain=RULE says/);
    const idle = textOf(await diagnose([{ name: 'idle.zip', bytes: bundleBytes('own/healthy-idle') }]));
    t.match(idle, /\nNothing stands out\. To be known: 2 notes\.\n/);
  },
);

t.test('a note is short: one command, two facts', async (t) => {
  const blocks = textOf(await named('all.zip')).split('\n\n');
  const notes = blocks.filter((block) => block.startsWith('NOTE'));
  t.equal(notes.length, 4);
  for (const note of notes) {
    t.ok((note.match(/^ {2}\$ /gm) ?? []).length <= 1, note);
    t.ok((note.match(/^ {2}- /gm) ?? []).length <= 2, note);
  }
});

t.test('colours are those of the severities, and the words are the same', async (t) => {
  const report = await named('all.zip');
  const coloured = [...renderDiagnose(report, 'text', { isColoured: true })].join('');
  t.match(coloured, /\u001b\[\d*;?31mCRITICAL\u001b\[/);
  t.match(coloured, /\u001b\[\d*;?33mWARNING\u001b\[/);
  t.equal(coloured.replace(/\u001b\[[\d;]*m/g, ''), textOf(report));
});

const HOSTILE = "a b;rm -rf $HOME'.zip";

t.test('a shell takes the name of a file in a command as one word', async (t) => {
  const report = await named(HOSTILE);
  const commands = textOf(report).match(/^ {2}\$ .*$/gm) ?? [];
  const withFile = commands.filter((command) => command.includes('rm -rf'));
  t.ok(withFile.length >= 5);
  for (const command of withFile) t.match(command, / (-diff_base=)?'a b;rm -rf \$HOME'\\''\.zip:[\w.]+'$/, command);
  const flag = textOf(await named('-output=x.zip'));
  t.match(flag, / \.\/-output=x\.zip:goroutines\.2\.stacks\n/);
  t.notMatch(flag.match(/^ {2}\$ .*$/gm)?.join('\n') ?? '', / -output/);
});

const evil = 'main.\u001b[31mred\u202e<b`|*_[l](x)';

t.test('control characters are shown, and Markdown stays text, in names of files and functions', async (t) => {
  const bytes = draw(`runtime.main;${evil} 1 9000000000`, {
    types: [
      ['samples', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    durationNanos: 10n ** 10n,
  });
  const report = await diagnose([{ name: 'a\u001b]0;x\u0007\n.pprof', bytes }]);
  t.equal(report.findings[0].rule, 'hot-function');
  t.equal(report.findings[0].place?.function, evil, 'data is as it is');
  for (const text of [textOf(report), markdownOf(report)]) {
    t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    t.match(text, /\\x1b/);
    t.match(text, /\\u202e/);
    t.match(text, /a\\x1b\]0;x\\x07\\x0a\.pprof/);
  }
  const heading = /^### .*$/m.exec(markdownOf(report))?.[0] ?? '';
  t.match(heading, /main\.\\\\x1b\\\[31mred\\\\u202e&lt;b\\`\\\|\\\*\\_\\\[l\\\]\\\(x\\\) takes/);
});

t.test('Markdown has a heading for each finding, and commands as code', async (t) => {
  const report = await named('all.zip');
  const markdown = markdownOf(report);
  t.match(markdown, /^## Diagnosis of `all\.zip`\n\nfaults, pid 17560, /);
  t.match(markdown, /\n\*\*Found: 1 critical, 4 warnings, 4 notes\\?\.\*\*\n/);
  t.same(
    markdown.match(/^### \w+/gm),
    report.findings.map(({ severity }) => `### ${severity}`),
  );
  t.match(markdown, /^- `tspprof stacks -blocked all\.zip:goroutines\.2\.stacks`$/m);
  t.match(markdown, /\(rule `heap-kept`\)/);
});

t.test('JSON has all that was found, with exact values', async (t) => {
  const report = await named(HOSTILE);
  const data = JSON.parse([...renderDiagnose(report, 'json')].join(''));
  t.equal(data.kind, 'diagnose');
  t.equal(data.source, HOSTILE);
  t.same(data.counts, { critical: 1, warning: 4, note: 4 });
  t.same(
    data.findings.map(({ rule }: { rule: string }) => rule),
    report.findings.map(({ rule }) => rule),
  );
  const kept = data.findings.find(({ rule }: { rule: string }) => rule === 'heap-kept');
  t.match(kept, {
    severity: 'warning',
    place: { function: 'main.Remember', file: /memory\.go$/, line: 18 },
    values: { function: 'main.Remember', size: { unit: 'bytes' } },
  });
  t.match(kept.says, /^main\.Remember keeps 100 % of all that it has ever allocated: 429 MiB, and the program/);
  const size = report.findings.find(({ rule }) => rule === 'heap-kept')?.says.values.size;
  const value = typeof size === 'object' && 'value' in size ? size.value : undefined;
  t.ok(typeof value === 'bigint' && value > 400n * 2n ** 20n);
  t.equal(String(kept.values.size.value), String(value));
  t.match(data.program, { commandLine: /^\.\/faults /, pid: 17560, target: 'http://127.0.0.1:6074' });
  t.same(data.notLookedAt, []);
  t.equal(data.files.length, 22);
});
