// Numbers as Go prints them (package fmt, strconv) and values as pprof does (internal/measurement). JavaScript rounds
// decimal ties away from zero where Go rounds to even; such ties are exact binary fractions, like 0.125, and rare, so
// the quick way comes first. Does not know the units (scale.ts), and knows no locale.

import { scale } from './scale.js';

/** Go's %.2f.   0.125 → 0.12   2.5 → 2.50   1e21 → 1000000000000000000000.00   Source: Go fmt, strconv.FormatFloat. */
export function formatFixed2(x: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? '+Inf' : '-Inf';
  if (x < 0 || Object.is(x, -0)) return `-${formatFixed2(-x)}`;
  if (x >= 1e21) return `${BigInt(x)}.00`;
  // A tie at the second decimal is an odd multiple of 1/8.
  const eighths = x * 8;
  if (eighths % 2 !== 1) return x.toFixed(2);
  const hundredths = BigInt(eighths) * 25n; // of 1/2 hundredth
  const below = hundredths / 2n;
  const even = below % 2n === 0n ? below : below + 1n;
  const digits = even.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * Go's %5.2g: two digits, no trailing zeros, at least five wide.   0.0333 → `0.033`   1e-5 → `1e-05`   0 → `    0`
 * Source: Go fmt, strconv.FormatFloat.
 */
export function formatG2(x: number): string {
  return padLeft(general2(x), 5);
}

function general2(x: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? '+Inf' : '-Inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  if (x < 0) return `-${general2(-x)}`;
  const { digits, exponent } = twoDigits(x);
  const short = digits.replace(/0+$/, '');
  if (exponent < -4 || exponent >= 2) {
    const e = String(Math.abs(exponent)).padStart(2, '0');
    return `${short[0]}${short.length > 1 ? `.${short[1]}` : ''}e${exponent < 0 ? '-' : '+'}${e}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${short}`;
  if (exponent === 0) return short.length > 1 ? `${short[0]}.${short[1]}` : short;
  return digits;
}

/** x = d.d × 10^exponent, rounded half to even on the exact value. */
function twoDigits(x: number): { digits: string; exponent: number } {
  // A tie has three digits, of which the last is a 5.
  if (Number(x.toPrecision(3)) !== x) {
    const [mantissa, e] = x.toExponential(1).split('e');
    return { digits: mantissa.replace('.', ''), exponent: Number(e) };
  }
  // toExponential rounds ties up; with 60 digits more a tie shows as a 5 and zeros alone.
  const [mantissa, e] = x.toExponential(60).split('e');
  const all = mantissa.replace('.', '');
  const exponent = Number(e);
  const head = Number(all.slice(0, 2));
  const tie = /^50*$/.test(all.slice(2));
  const up = tie ? head % 2 === 1 : all[2] >= '5';
  const rounded = head + (up ? 1 : 0);
  return rounded === 100 ? { digits: '10', exponent: exponent + 1 } : { digits: String(rounded), exponent };
}

/**
 * An int64 told in a unit, or in the one that suits it (`auto`); zero has none.
 *
 *   scaledLabel(1500n, 'ms', 's') → 1.50s      scaledLabel(12288n, 'bytes', 'auto') → 12kB
 *
 * Source: pprof internal/measurement ScaledLabel.
 */
export function scaledLabel(value: bigint | number, fromUnit: string, toUnit: string): string {
  const scaled = scale(value, fromUnit, toUnit);
  const text = formatFixed2(scaled.value);
  const short = text.endsWith('.00') ? text.slice(0, -3) : text;
  return short === '0' || short === '-0' ? '0' : short + scaled.unit;
}

/** An int64 told in the unit that suits it.   1500n of `us` → 1.50ms   Source: pprof internal/measurement Label. */
export function label(value: bigint | number, unit: string): string {
  return scaledLabel(value, unit, 'auto');
}

/**
 * |value / total| of two int64, in percent.   (1n, 8n) → `12.50%`   (1n, 300n) → ` 0.33%`   (5n, 0n) → `    0%`
 * Source: pprof internal/measurement Percentage.
 */
export function percentage(value: bigint, total: bigint): string {
  const ratio = total === 0n ? 0 : Math.abs(Number(value) / Number(total)) * 100;
  if (ratio >= 99.95 && ratio <= 100.05) return '  100%';
  return ratio >= 1 ? `${padLeft(formatFixed2(ratio), 5)}%` : `${formatG2(ratio)}%`;
}

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** A decimal int64; undefined where Go fails.   `+7` → 7n   `1_000` → undefined   Source: Go strconv.ParseInt. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value < LOWEST || value > HIGHEST ? undefined : value;
}

/** Go's int64(x): towards zero; NaN and what does not fit are -2^63.   -1.9 → -1n   Source: Go's conversion on amd64. */
export function truncToInt64(x: number): bigint {
  if (Number.isNaN(x) || x >= 2 ** 63 || x < -(2 ** 63)) return LOWEST;
  return BigInt(Math.trunc(x));
}

/** Pads on the left to `width` code points; a lone surrogate is one.   (`ab`, 4) → `  ab`   Source: Go fmt, %10s. */
export function padLeft(text: string, width: number): string {
  let length = text.length;
  if (/[\ud800-\udfff]/.test(text)) length = [...text].length;
  return length >= width ? text : ' '.repeat(width - length) + text;
}
