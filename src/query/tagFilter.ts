// The language of tagfocus and tagignore (pprof internal/driver/driver_focus.go):
//
//   [key=]value     value is a range of numbers: 32kb · 32kb: · :64kb · 1kb:64kb
//                   or regexps, separated by commas; without a key all of them must match some "key:value" label,
//                   with a key any of them must match a value of that label
//
// A filter is a predicate on label sets, evaluated once per distinct set.

import { badOption } from '../errors.js';
import type { LabelSet } from '../model/labels.js';
import { parseInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';
import { compileOption } from './regexp.js';

export type LabelPredicate = (labels: LabelSet) => boolean;

/** units: unit of each numeric label key. notices takes what pprof says on stderr. Throws ProfileError. */
export function compileTagFilter(
  name: string,
  value: string,
  units: ReadonlyMap<string, string>,
  notices: string[],
): LabelPredicate | undefined {
  if (value === '') return undefined;
  const split = value.indexOf('=');
  const key = split === -1 ? '' : value.slice(0, split);
  const text = split === -1 ? value : value.slice(split + 1);

  const inRange = parseRange(name, text);
  if (inRange !== undefined) {
    notices.push(`${name}:Interpreted '${text}' as range, not regexp`);
    const matches = (labels: LabelSet, k: string) =>
      labels.numbers.get(k)?.some((label) => inRange(label.value, units.get(k) ?? '')) ?? false;
    if (key !== '') return (labels) => matches(labels, key);
    return (labels) => [...labels.numbers.keys()].some((k) => matches(labels, k));
  }

  const matchers = text.split(',').map((pattern) => compileOption(name, pattern) ?? (() => true));
  if (key !== '') {
    return (labels) => labels.strings.get(key)?.some((v) => matchers.some((match) => match(v))) ?? false;
  }
  return (labels) => {
    const all = [...labels.strings].flatMap(([k, values]) => values.map((v) => `${k}:${v}`));
    return matchers.every((match) => all.some(match));
  };
}

const number = /([+-]?[0-9]+)([A-Za-z]+)?/g;

/** A test of (value, unit), or undefined when the text is no range. */
function parseRange(name: string, text: string): ((value: bigint, unit: string) => boolean) | undefined {
  const [first, second] = text.matchAll(number);
  if (first === undefined) return undefined;
  const low = bound(name, first[1], first[2] ?? '', first[2] ?? '');
  const scaled = (value: bigint, unit: string) => {
    const s = scale(value, unit, low.unit);
    return s.unit === low.unit ? s.value : Number.NaN;
  };
  if (second === undefined) {
    if (text === first[0]) return (value, unit) => scaled(value, unit) === low.value;
    if (text === `${first[0]}:`) return (value, unit) => scaled(value, unit) >= low.value;
    if (text === `:${first[0]}`) return (value, unit) => scaled(value, unit) <= low.value;
    return undefined;
  }
  if (text !== `${first[0]}:${second[0]}`) return undefined;
  const high = bound(name, second[1], second[2] ?? '', low.unit);
  if (high.unit !== low.unit) return undefined;
  return (value, unit) => {
    const v = scaled(value, unit);
    return v >= low.value && v <= high.value;
  };
}

/** pprof panics where the number does not fit. */
function bound(name: string, digits: string, unit: string, toUnit: string): { value: number; unit: string } {
  const value = parseInt64(digits);
  if (value === undefined) {
    throw badOption(
      `parsing ${name}: ${digits} does not fit into 64 bits`,
      'give a smaller number, with a unit: 32kb, 10ms',
    );
  }
  return scale(value, unit, toUnit);
}
