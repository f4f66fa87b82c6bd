// topproto: the nodes of top as a profile of its own, one sample each.

import type { StackStore } from '../core/store.js';
import type { Profile, ValueType } from '../model/profile.js';
import type { Options } from '../query/options.js';
import { select } from '../query/selection.js';
import { truncToInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';
import { type Head, head, outputUnit } from './head.js';
import { means } from './top.js';
import { trimmedNodes } from './trim.js';

export interface TopProtoRow {
  readonly function: string;
  readonly file: string;
  readonly startLine: bigint;
  readonly line: bigint;
  readonly column: bigint;
  readonly address: bigint;
  /** Whole numbers of outputUnit. */
  readonly cum: bigint;
  readonly flat: bigint;
}

export interface TopProtoReport extends Head {
  readonly kind: 'topproto';
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly periodType: ValueType;
  readonly period: bigint;
  readonly rows: readonly TopProtoRow[];
}

export function topProtoReport(profile: Profile<StackStore>, options: Options): TopProtoReport {
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options);
    const { rows } = trimmedNodes(scope, selection, options);
    const sums = means(scope, selection.divisor, rows);
    const unit = outputUnit(sums, selection, options);
    const inUnit = (value: bigint) => truncToInt64(scale(value, selection.sampleType.unit, unit).value);
    const { timeNanos, durationNanos, periodType, period } = profile;
    return {
      kind: 'topproto',
      ...head(selection, options, unit),
      timeNanos,
      durationNanos,
      periodType,
      period,
      rows: Array.from(rows.node, (node, i): TopProtoRow => {
        const { name, file, startLine, line, column, address } = selection.nodeInfo(node);
        return {
          function: name,
          file,
          startLine,
          line,
          column,
          address,
          cum: inUnit(sums.cum[i]),
          flat: inUnit(sums.flat[i]),
        };
      }),
    };
  });
}
