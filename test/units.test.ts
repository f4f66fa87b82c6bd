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

t.test('each function answers 600 calls as Go does', (t) => {
  // Seeded calls, [function, …arguments, answer], also of odd units, ties, the int64 extremes and what does not parse.
  const rows: [string, ...string[]][] = JSON.parse(
    readFileSync(new URL('fixtures/units.json', import.meta.url), 'utf8'),
    (_, value) => (typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : value),
  );
  const float = (text: string) => Number(text.replace('Inf', 'Infinity'));
  const calls = new Map<string, (a: string, b: string, c: string) => string>([
    ['compatible', (a, b) => String(unitsCompatible(a, b))],
    ['fixed', (x) => formatFixed2(float(x))],
    ['g2', (x) => formatG2(float(x))],
    ['scaled', (value, from, to) => scaledLabel(BigInt(value), from, to)],
    ['label', (value, unit) => label(BigInt(value), unit)],
    ['percent', (value, total) => percentage(BigInt(value), BigInt(total))],
    ['parse', (text) => String(parseInt64(text) ?? null)],
    ['trunc', (x) => String(truncToInt64(float(x)))],
    ['pad', (text, width) => padLeft(text, Number(width))],
  ]);
  t.equal(rows.length, 600);
  for (const [name, a, b, c, ...rest] of rows) {
    if (name === 'scale') {
      t.same(scale(BigInt(a), b, c), { value: float(rest[0]), unit: rest[1] }, `scale ${a} ${b} in ${c}`);
      continue;
    }
    const answer = [a, b, c, ...rest].filter((field) => field !== undefined).at(-1);
    t.equal(calls.get(name)?.(a, b, c), answer, `${name} ${[a, b, c].join(' ')}`);
  }
  t.end();
});

t.test('a whole number is scaled like an int64', (t) => {
  t.same(scale(1_500_000, 'nanoseconds', 'auto'), { value: 1.5, unit: 'ms' });
  t.same(scale(-2048, 'bytes', 'auto'), { value: -2, unit: 'kB' });
  t.equal(scaledLabel(1500, 'ms', 's'), '1.50s');
  t.equal(label(-(2 ** 63), 'bytes'), label(-(2n ** 63n), 'bytes'));
  t.end();
});

t.test('the lowest int64 has no positive mirror, so it stays in the default unit', (t) => {
  t.same(scale(-(2n ** 63n), 'bytes', 'auto'), { value: -(2 ** 63), unit: 'B' });
  t.same(scale(-(2n ** 63n) + 1n, 'bytes', 'auto'), { value: -(2 ** 13), unit: 'PB' });
  t.end();
});

t.test('unit names are compared in the lower case of Go and shortened by bytes', (t) => {
  t.same(scale(3n, 'mİcroseconds', 'ns'), { value: 3000, unit: 'ns' });
  t.same(scale(3n, 'μs', 'ns'), { value: 3, unit: 'ns' }, 'three bytes: the s goes, and μ is no unit');
  t.same(scale(3n, 'μss', 'ns'), { value: 3000, unit: 'ns' });
  t.same(scale(3n, '__proto__', 'ns'), { value: 3, unit: 'ns' });
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
  t.equal(padLeft('\ud83d', 3), '  \ud83d', 'a lone surrogate is one');
  t.equal(padLeft('abcd', 3), 'abcd');
  t.end();
});
