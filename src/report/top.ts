// top: the nodes that cost most, by own (flat) or cumulative (cum) value.

import { EDGE_CALL, EDGE_INLINE } from '../core/abi.js';
import type { Scope, StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import { type Options, type Query, shortened } from '../query/options.js';
import { select } from '../query/selection.js';
import { truncToInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';
import { activeFilters, type Header, header } from './header.js';
import { cutoff, magnitude, trimmedNodes } from './trim.js';

/** One row of top. Values are in the report's unit, exact. */
export interface TopRow {
  /** What is printed: address, function, file:line, as the granularity says. */
  readonly name: string;
  /** Its value alone. */
  readonly flat: bigint;
  /** Its value and that of all it called; a recursive function counts once. */
  readonly cum: bigint;
  /** Whether all calls of it, or some, were inlined into their caller. */
  readonly inline: 'all' | 'some' | 'none';
  /** The parts of the name, where the granularity has them: '' and 0 are none. */
  readonly function: string;
  readonly file: string;
  readonly line: bigint;
  readonly column: bigint;
  readonly address: bigint;
}

/** What `tspprof top` shows, as data. */
export interface TopReport {
  readonly kind: 'top';
  readonly header: Header;
  /** The query, without what it leaves at its default. */
  readonly query: Query;
  /** `cpu`; with -mean `mean_cpu`. */
  readonly sampleType: string;
  /** Unit of every value here. */
  readonly unit: string;
  /** Unit to print in, chosen for the smallest value shown. */
  readonly outputUnit: string;
  /** Factor to print values by (1 / divide_by). */
  readonly ratio: number;
  /** What percentages are of. */
  readonly total: bigint;
  /** Σ flat of the rows. */
  readonly shown: bigint;
  readonly nodes: {
    /** Nodes before nodecount cut them. */
    readonly count: number;
    /** Nodes whose cum is below the cutoff. */
    readonly dropped: number;
    /** The cutoff as the header says it: nodefraction of the total. */
    readonly cutoff: bigint;
  };
  readonly activeFilters: readonly string[];
  readonly compactLabels: boolean;
  readonly rows: readonly TopRow[];
  /** Expressions that matched nothing, and the like: for stderr. */
  readonly notices: readonly string[];
}

export function topReport(profile: Profile<StackStore>, options: Options): TopReport {
  return profile.stacks.scope((scope) => top(scope, profile, options));
}

function top(scope: Scope, profile: Profile<StackStore>, options: Options): TopReport {
  const selection = select(scope, profile, options);
  const { nodeInfo, nodeName, sampleType, total } = selection;
  const trimmed = trimmedNodes(scope, selection, options);
  const { flat, cum } = means(scope, selection.divisor, trimmed.rows);
  const ratio = 1 / options.divide_by;
  const rows = Array.from(trimmed.rows.node, (node, i): TopRow => {
    const info = nodeInfo(node);
    return {
      name: nodeName(node),
      flat: flat[i],
      cum: cum[i],
      inline: inlineOf(trimmed.calls?.[node] ?? 0),
      function: info.name,
      file: info.file,
      line: info.line,
      column: info.column,
      address: info.address,
    };
  });
  return {
    kind: 'top',
    header: header(profile),
    query: shortened(options),
    sampleType: options.mean ? `mean_${sampleType.type}` : sampleType.type,
    unit: sampleType.unit,
    outputUnit: outputUnit(rows, total, ratio, sampleType.unit, options.unit),
    ratio,
    total,
    shown: rows.reduce((sum, row) => BigInt.asIntN(64, sum + row.flat), 0n),
    nodes: {
      count: trimmed.count,
      dropped: trimmed.dropped,
      cutoff: cutoff(total, options.trim ? options.nodefraction : 0),
    },
    activeFilters: activeFilters(options),
    compactLabels: options.compact_labels,
    rows,
    notices: selection.notices,
  };
}

/** flat and cum of the rows, divided by the same sums of the divisor where there is one. */
function means(
  scope: Scope,
  divisor: number | undefined,
  rows: { node: Uint32Array; flat: BigInt64Array; cum: BigInt64Array },
): { flat: BigInt64Array; cum: BigInt64Array } {
  if (divisor === undefined) return rows;
  const by = scope.columns(scope.weigh(divisor), rows.node);
  const divided = (value: bigint, n: bigint) => (n === 0n ? value : BigInt.asIntN(64, value / n));
  return {
    flat: rows.flat.map((value, i) => divided(value, by.flat[i])),
    cum: rows.cum.map((value, i) => divided(value, by.cum[i])),
  };
}

function inlineOf(calls: number): TopRow['inline'] {
  if ((calls & EDGE_INLINE) === 0) return 'none';
  return calls & EDGE_CALL ? 'some' : 'all';
}

/** The unit for `minimum`: that of the smallest value shown, or a larger one if that is far below the total. Source: pprof selectOutputUnit. */
function outputUnit(rows: readonly TopRow[], total: bigint, ratio: number, unit: string, asked: string): string {
  if (asked !== 'minimum' || rows.length === 0) return asked;
  let smallest = 0n;
  for (const row of rows) {
    const value = magnitude(row.flat === 0n ? row.cum : row.flat);
    if (value > 0n && (smallest === 0n || value < smallest)) smallest = value;
  }
  let largest = total;
  if (smallest === 0n) smallest = largest;
  if (ratio > 0 && ratio !== 1) {
    smallest = truncToInt64(Number(smallest) * ratio);
    largest = truncToInt64(Number(largest) * ratio);
  }
  const small = scale(smallest, unit, 'minimum').unit;
  const large = scale(largest, unit, 'minimum').unit;
  const hundred = BigInt.asIntN(64, smallest * 100n);
  const chosen = small !== large && hundred < largest ? scale(hundred, unit, 'minimum').unit : small;
  return chosen === '' ? unit : chosen;
}
