// What every report with values says first: of what, of how much, in which unit, by which query.

import type { Options, Query } from '../query/options.js';
import { shortened } from '../query/options.js';
import type { Filtered } from '../query/selection.js';
import { truncToInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';
import { activeFilters, type Header, header } from './header.js';
import { magnitude } from './trim.js';

export interface Head {
  readonly header: Header;
  /** The query, without what it leaves at its default. */
  readonly query: Query;
  /** `cpu`; with -mean `mean_cpu`. */
  readonly sampleType: string;
  /** Unit of every value here. */
  readonly unit: string;
  /** Unit to print in; `minimum` and `auto` choose one for each value. */
  readonly outputUnit: string;
  /** Factor to print values by (1 / divide_by). */
  readonly ratio: number;
  /** What percentages are of. */
  readonly total: bigint;
  readonly activeFilters: readonly string[];
  readonly compactLabels: boolean;
  /** Expressions that matched nothing, and the like: for stderr. */
  readonly notices: readonly string[];
}

/** outputUnit: the one chosen for the report's values; what the query asks for unless given. */
export function head({ profile, sampleType, total, notices }: Filtered, options: Options, outputUnit?: string): Head {
  return {
    header: header(profile),
    query: shortened(options),
    sampleType: options.mean ? `mean_${sampleType.type}` : sampleType.type,
    unit: sampleType.unit,
    outputUnit: outputUnit ?? options.unit,
    ratio: 1 / options.divide_by,
    total,
    activeFilters: activeFilters(options),
    compactLabels: options.compact_labels,
    notices,
  };
}

export interface Sums {
  readonly flat: BigInt64Array;
  readonly cum: BigInt64Array;
}

/**
 * The unit for `minimum`: that of the smallest value shown, or a larger one if that is far below the total (unless values
 * are printed as whole numbers). Source: pprof selectOutputUnit.
 */
export function outputUnit(
  { flat, cum }: Sums,
  { sampleType, total }: Filtered,
  options: Options,
  whole = false,
): string {
  const { unit } = sampleType;
  if (options.unit !== 'minimum' || flat.length === 0) return options.unit;
  let smallest = 0n;
  for (let i = 0; i < flat.length; i++) {
    const value = magnitude(flat[i] === 0n ? cum[i] : flat[i]);
    if (value > 0n && (smallest === 0n || value < smallest)) smallest = value;
  }
  let largest = total;
  if (smallest === 0n) smallest = largest;
  const ratio = 1 / options.divide_by;
  if (ratio > 0 && ratio !== 1) {
    smallest = truncToInt64(Number(smallest) * ratio);
    largest = truncToInt64(Number(largest) * ratio);
  }
  const small = scale(smallest, unit, 'minimum').unit;
  const large = scale(largest, unit, 'minimum').unit;
  const hundred = BigInt.asIntN(64, smallest * 100n);
  const chosen = small !== large && hundred < largest && !whole ? scale(hundred, unit, 'minimum').unit : small;
  return chosen === '' ? unit : chosen;
}
