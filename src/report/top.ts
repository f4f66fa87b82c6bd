// top: the nodes that cost most, by own (flat) or cumulative (cum) value.

import { EDGE_CALL, EDGE_INLINE } from '../core/abi.js';
import type { Rows, Scope } from '../core/scope.js';
import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import type { Options } from '../query/options.js';
import { type Filtered, select } from '../query/selection.js';
import { divided } from './graph.js';
import { type Head, head, outputUnit, type Sums } from './head.js';
import { cutoff, limits, trimmedNodes } from './trim.js';

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

/** Which nodes a report shows, and how many it left out. */
export interface Shown {
  /** Σ flat of the nodes shown. */
  readonly shown: bigint;
  readonly nodes: {
    /** Nodes before nodecount cut them. */
    readonly count: number;
    /** Nodes whose cum is below the cutoff. */
    readonly dropped: number;
    /** The cutoff as the header says it: nodefraction of the total. */
    readonly cutoff: bigint;
  };
}

/** What `tspprof top` shows, as data. */
export interface TopReport extends Head, Shown {
  readonly kind: 'top';
  readonly rows: readonly TopRow[];
}

export function topReport(profile: Profile<StackStore>, options: Options): TopReport {
  return profile.stacks.scope((scope) => top(scope, profile, options));
}

function top(scope: Scope, profile: Profile<StackStore>, options: Options): TopReport {
  const selection = select(scope, profile, options);
  const { nodeInfo, nodeName } = selection;
  const trimmed = trimmedNodes(scope, selection, options);
  const sums = means(scope, selection.divisor, trimmed.rows);
  return {
    kind: 'top',
    ...head(selection, options, outputUnit(sums, selection, options)),
    ...shown(sums, trimmed.count, trimmed.dropped, selection, options),
    rows: Array.from(trimmed.rows.node, (node, i): TopRow => {
      const info = nodeInfo(node);
      return {
        name: nodeName(node),
        flat: sums.flat[i],
        cum: sums.cum[i],
        inline: inlineOf(trimmed.calls?.[node] ?? 0),
        function: info.name,
        file: info.file,
        line: info.line,
        column: info.column,
        address: info.address,
      };
    }),
  };
}

export function shown(sums: Sums, count: number, dropped: number, { total }: Filtered, options: Options): Shown {
  return {
    shown: sums.flat.reduce((sum, flat) => BigInt.asIntN(64, sum + flat), 0n),
    nodes: { count, dropped, cutoff: cutoff(total, limits(options).nodefraction) },
  };
}

/** flat and cum of the rows, divided by the same sums of the divisor where there is one. */
export function means(scope: Scope, divisor: number | undefined, rows: Rows): Sums {
  if (divisor === undefined) return rows;
  const by = scope.columns(scope.weigh(divisor), rows.node);
  return {
    flat: rows.flat.map((value, i) => divided(value, by.flat[i])),
    cum: rows.cum.map((value, i) => divided(value, by.cum[i])),
  };
}

function inlineOf(calls: number): TopRow['inline'] {
  if ((calls & EDGE_INLINE) === 0) return 'none';
  return calls & EDGE_CALL ? 'some' : 'all';
}
