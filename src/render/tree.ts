// tree and peek as pprof's text (internal/report printTree).

import type { TreeCall, TreeReport } from '../report/tree.js';
import { padLeft, percentage } from '../units/format.js';
import { columns, formatValue, legend } from './text.js';

const SEPARATOR = '----------------------------------------------------------+-------------\n';
const TITLES = '      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n';

export function* renderTree(report: TreeReport): Generator<string> {
  yield `${legend(report, report.count).join('\n')}\n${SEPARATOR}${TITLES}`;
  let sum = 0n;
  for (const { name, flat, cum, callers, callees } of report.rows) {
    const call = ({ name, weight, inline }: TreeCall) =>
      `${padLeft(formatValue(report, weight), 50)} ${percentage(weight, cum)} |   ${name}${inline ? ' (inline)' : ''}\n`;
    sum = BigInt.asIntN(64, sum + flat);
    yield SEPARATOR;
    for (const caller of callers) yield call(caller);
    yield `${columns(report, flat, sum, cum)}                | ${name}\n`;
    for (const callee of callees) yield call(callee);
  }
  if (report.count > 0) yield SEPARATOR;
}
