import t from 'tap';
import { terminalTop } from '../src/face/cli/terminal.js';
import { openBytes, report, visible } from '../src/index.js';
import { draw } from './draw.js';

const many = Array.from(
  { length: 60 },
  (_, i) => `main;github.com/someone/something/pkg.(*Type).Method${i} ${100 - i} 1`,
).join('\n');
const top = report(
  openBytes(
    draw(many, {
      types: [
        ['cpu', 'nanoseconds'],
        ['n', 'count'],
      ],
      defaultType: 'cpu',
    }),
  ),
  'top',
  { trim: false },
);
const plain = (text: string) => text.replace(/\x1b\[\d*m/g, '');

t.test('a report fits the window, and says what it left out and how to see it', (t) => {
  for (const [columns, rows] of [
    [80, 24],
    [60, 10],
    [200, 50],
    [40, 24],
  ] as const) {
    const lines = plain(terminalTop(top, { columns, rows, colour: true }, true))
      .trimEnd()
      .split('\n');
    t.ok(lines.length < rows, `${lines.length} lines in ${rows}`);
    t.ok(
      lines.every((line) => [...line].length <= columns),
      `${columns} columns`,
    );
    t.match(lines[lines.length - 1], /^… \d+ more rows: -nodecount=/);
  }
  const all = plain(terminalTop(top, { columns: 80, rows: 24, colour: false }, false))
    .trimEnd()
    .split('\n');
  t.equal(all.filter((line) => line.includes('Method')).length, 60);
  t.end();
});

t.test('the numbers are those of the plain text, other sample types are named', (t) => {
  const text = plain(terminalTop(top, { columns: 120, rows: 24, colour: true }, true));
  t.match(text, /^ {4}0\.10us {2}2\.36%/m);
  t.match(text, /Other values: -sample_index=n/);
  t.notMatch(terminalTop(top, { columns: 120, rows: 24, colour: false }, true), /\x1b/);
  t.end();
});

t.test('control characters of a profile never reach the terminal', (t) => {
  t.equal(visible('a\x1b[31mb\x07\u202ec\udcff'), 'a\\x1b[31mb\\x07\\u202ec\\xff');
  const evil = report(openBytes(draw('m\x1b]0;x\x07ain 1')), 'top');
  const unit = report(openBytes(draw('main 1', { types: [['x', 'u\x1b[2J']] })), 'top');
  t.notMatch(terminalTop(unit, { columns: 80, rows: 24, colour: false }, true), /\x1b/);
  t.notMatch(terminalTop(evil, { columns: 80, rows: 24, colour: false }, true), /[\x00-\x09\x0b-\x1f]/);
  t.end();
});
