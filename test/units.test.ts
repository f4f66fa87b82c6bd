import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  formatFixed2,
  formatG2,
  label,
  padLeft,
  parseInt64,
  percentage,
  scaledLabel,
  truncToInt64,
} from '../src/units/format.js';
import { scale, unitsCompatible } from '../src/units/scale.js';

t.test('numbers and units are what Go and pprof print, on 400 cases that they printed', (t) => {
  // Made by pprof's internal/measurement and Go's fmt from a seeded generator: value, total, from, to, scaled, unit, label, percentage, x, %.2f, %5.2g, int64(x·1e15).
  const rows: string[][] = readFileSync(new URL('fixtures/units.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.equal(rows.length, 400);
  for (const [value, total, from, to, scaled, unit, text, share, x, fixed, general, whole] of rows) {
    t.same(scale(BigInt(value), from, to), { value: Number(scaled), unit }, `${value} ${from} in ${to}`);
    t.equal(scaledLabel(BigInt(value), from, to), text);
    t.equal(percentage(BigInt(value), BigInt(total)), share);
    t.equal(formatFixed2(Number(x)), fixed);
    t.equal(formatG2(Number(x)), general);
    t.equal(truncToInt64(Number(x) * 1e15), BigInt(whole));
  }
  t.end();
});

t.test('decimal ties round to even', (t) => {
  t.equal(formatFixed2(0.125), '0.12');
  t.equal(formatFixed2(0.375), '0.38');
  t.equal(formatG2(0.125), ' 0.12');
  t.equal(formatG2(0.996), '    1');
  t.equal(formatG2(0), '    0');
  t.end();
});

t.test('a value is told in the unit that suits it', (t) => {
  t.equal(label(1_500_000n, 'nanoseconds'), '1.50ms');
  t.equal(label(3_600_000_000_000n, 'nanoseconds'), '1hrs');
  t.equal(label(0n, 'bytes'), '0');
  t.equal(label(-2048n, 'bytes'), '-2kB');
  t.equal(label(7n, 'objects'), '7');
  t.ok(unitsCompatible('ms', 'seconds'));
  t.notOk(unitsCompatible('ms', 'bytes'));
  t.ok(unitsCompatible('x', 'x'));
  t.end();
});

t.test('int64 is read as strconv reads it', (t) => {
  t.equal(parseInt64('+9223372036854775807'), 9223372036854775807n);
  t.equal(parseInt64('9223372036854775808'), undefined);
  t.equal(parseInt64('-9223372036854775808'), -(2n ** 63n));
  t.equal(parseInt64('1_000'), undefined);
  t.equal(parseInt64(''), undefined);
  t.end();
});

t.test('padding counts characters, not UTF-16 units', (t) => {
  t.equal(padLeft('😀', 3), '  😀');
  t.equal(padLeft('abcd', 3), 'abcd');
  t.end();
});
