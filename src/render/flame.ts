// flame as text: the tree of all stacks, heaviest calls first, those below nodefraction left out.
//
//       cum   cum%       flat  flat%
//     1.20s 80.00%          0     0%  main.main
//     1.10s 73.33%      200ms 13.33%    main.work (inline)

import { compareText } from '../model/strings.js';
import type { FlameReport } from '../report/flame.js';
import { padLeft, percentage } from '../units/format.js';
import { filterLines, formatValue, profileLines } from './text.js';

export function* renderFlame(report: FlameReport): Generator<string> {
  const { tree, frames, shownType, cutoff } = report;
  const [self, sums] = [tree.self[shownType], tree.total[shownType]];
  const size = (row: number) => (sums[row] < 0n ? -sums[row] : sums[row]);
  const name = (row: number) => frames[tree.frame[row]].name;
  const isShown = (row: number) => size(row) >= cutoff && (size(row) !== 0n || self[row] !== 0n);

  const children = childrenOf(tree.parent, tree.count, isShown);
  const heaviestFirst = (rows: number[]) =>
    rows.sort((a, b) => {
      const [x, y] = [size(a), size(b)];
      return x === y ? compareText(name(a), name(b)) : x < y ? 1 : -1;
    });
  const head = report.compactLabels ? [] : profileLines(report);
  yield [...head, ...filterLines(report), `Total: ${formatValue(report, report.total)}`, ''].join('\n');
  yield '       cum   cum%       flat  flat%\n';
  let shown = 0;
  const open = heaviestFirst(children.get(-1) ?? []).map((row) => ({ row, depth: 0 }));
  open.reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { row, depth } = next;
    shown++;
    const numbers = `${column(report, sums[row])} ${column(report, self[row])}`;
    yield `${numbers}  ${'  '.repeat(Math.min(depth, 200))}${name(row)}${tree.calls[row] === 1 ? ' (inline)' : ''}\n`;
    const below = heaviestFirst(children.get(row) ?? []);
    for (let i = below.length - 1; i >= 0; i--) open.push({ row: below[i], depth: depth + 1 });
  }
  const left = tree.count - shown;
  if (left > 0) yield `${left} rows below ${formatValue(report, cutoff)} are left out: -nodefraction=0 shows them\n`;
}

const column = (report: FlameReport, value: bigint) =>
  `${padLeft(formatValue(report, value), 10)} ${percentage(value, report.total)}`;

function childrenOf(parent: Int32Array, count: number, isShown: (row: number) => boolean): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    if (!isShown(row)) continue;
    const list = children.get(parent[row]);
    if (list === undefined) children.set(parent[row], [row]);
    else list.push(row);
  }
  return children;
}
