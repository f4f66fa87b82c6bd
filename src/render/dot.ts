// The graph in Graphviz's language, as pprof writes it (internal/graph ComposeDot), but for names that would break the
// syntax: those are quoted here.

import { printableParts } from '../model/node.js';
import { basePath } from '../model/path.js';
import type { DotEdge, DotNode, DotReport } from '../report/dot.js';
import { divided } from '../report/graph.js';
import type { Nodelet } from '../report/nodelets.js';
import { magnitude } from '../report/trim.js';
import { percentage, scaledLabel } from '../units/format.js';
import { dotColor } from './colour.js';
import { shortenName } from './shorten.js';
import { filterLines, formatValue, profileLines, shownLines } from './text.js';

/** Text within quotes; a new line is one that starts at the left. */
export const quoted = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\l');

/** Quoted only where it must be: pprof leaves these as they are, which ends the string at the first quote. */
const safe = (text: string) => (/["\n]|\\$/.test(text) ? quoted(text) : text);

/** A value with its unit, which the profile names. */
const valueText = (report: DotReport, value: bigint) => safe(formatValue(report, value));

export function* renderDot(report: DotReport): Generator<string> {
  const { title, rows, edges } = report;
  yield `digraph "${title === '' ? 'unnamed' : safe(title)}" {\nnode [style=filled fillcolor="#f8f8f8"]\n`;
  yield legend(report);
  let maxFlat = -Infinity;
  for (const { flat } of rows) maxFlat = Math.max(maxFlat, Number(magnitude(flat)));
  const hasNodelets = rows.map(() => false);
  for (let i = 0; i < rows.length; i++) {
    yield node(report, rows[i], i + 1, maxFlat);
    const boxes = nodelets(report, rows[i], i + 1);
    hasNodelets[i] = boxes !== '';
    yield boxes;
  }
  for (const edge of edges) yield call(report, edge, hasNodelets[edge.from] ?? false);
  yield '}\n';
}

function legend(report: DotReport): string {
  const lines = [
    ...profileLines(report),
    ...filterLines(report),
    ...shownLines(report, report.rows.length, report.droppedEdges),
    '\nSee https://git.io/JfYMW for how to read the graph',
  ].map(quoted);
  const tooltip = report.title === '' ? '' : ` tooltip="${safe(report.title)}"`;
  return `subgraph cluster_L { "${lines[0]}" [shape=box fontsize=16 label="${lines.join('\\l')}\\l"${tooltip}] }\n`;
}

function node(report: DotReport, { flat, cum, ...info }: DotNode, id: number, maxFlat: number): string {
  const { total } = report;
  const share = (value: bigint) => `${valueText(report, value)} (${percentage(value, total).trim()})`;
  let label = flat === 0n ? '0' : share(flat);
  if (cum !== flat) label += `${flat === 0n ? ' ' : '\\n'}of ${share(cum)}`;
  // The magnitude of the smallest int64 is below 0: beside other nodes its part has no root.
  const part = flat === 0n ? 0 : Math.max(0, Number(magnitude(flat)) / maxFlat);
  const size = 8 + Math.ceil(16 * Math.sqrt(part));
  const tooltip = `${quoted(info.printable)} (${valueText(report, cum)})`;
  const score = Number(cum) / Number(magnitude(total));
  return `N${id} [label="${multiline(info)}${label}" id="node${id}" fontsize=${size} shape=box tooltip="${tooltip}" color="${dotColor(score, false)}" fillcolor="${dotColor(score, true)}"]\n`;
}

/** The name over several lines. */
function multiline(info: Omit<DotNode, 'flat' | 'cum'>): string {
  const name = quoted(shortenName(info.name)).replaceAll('::', '\\n').replaceAll('[...]', '[…]').replaceAll('.', '\\n');
  const file = info.file === '' ? '' : basePath(info.file);
  const [written, ...rest] = printableParts({ ...info, name: name === '' ? '' : '\0', file });
  return `${[written, ...rest].map((part) => (part === '\0' ? name : safe(part))).join('\\n')}\\n`;
}

/** The boxes that hang on a node. */
function nodelets(report: DotReport, { labels, numbers }: DotNode, id: number): string {
  let out = '';
  labels.forEach((one, i) => {
    if (one.value === 0n) return;
    const weight = valueText(report, one.value);
    const name = one.labels.map(safe).join('\\n');
    out += `N${id}_${i} [label = "${name}" id="N${id}_${i}" fontsize=8 shape=box3d tooltip="${weight}"]\n`;
    out += `N${id} -> N${id}_${i} [label=" ${weight}" weight=100 tooltip="${weight}" labeltooltip="${weight}"]\n`;
    out += numeric(report, one.numbers, `N${id}_${i}`);
  });
  return out + numeric(report, numbers, `N${id}`);
}

function numeric(report: DotReport, boxes: readonly Nodelet[], source: string): string {
  let out = '';
  boxes.forEach((box, j) => {
    if (box.value === 0n) return;
    const weight = valueText(report, box.value);
    const style = box.isCumulative ? ' style="dotted"' : '';
    out += `N${source}_${j} [label = "${safe(range(box))}" id="N${source}_${j}" fontsize=8 shape=box3d tooltip="${weight}"]\n`;
    out += `${source} -> N${source}_${j} [label=" ${weight}" weight=100 tooltip="${weight}" labeltooltip="${weight}"${style}]\n`;
  });
  return out;
}

function range({ from, to, outputUnit = 'auto', isRange }: Nodelet): string {
  if (from === undefined || to === undefined) return '';
  const low = scaledLabel(from.value, from.unit, outputUnit);
  return isRange ? `${low}..${scaledLabel(to.value, to.unit, outputUnit)}` : low;
}

function call(report: DotReport, edge: DotEdge, hasNodelets: boolean): string {
  const { total } = report;
  const weight = valueText(report, edge.weight);
  let attributes = `label=" ${weight}${edge.inline ? '\\n (inline)' : ''}"`;
  if (total !== 0n) {
    const part = (of: bigint) => {
      const share = magnitude(divided(BigInt.asIntN(64, edge.weight * of), total));
      return 1n + (share < of ? share : of);
    };
    if (part(100n) > 1n) attributes += ` weight=${part(100n)}`;
    if (part(5n) > 1n) attributes += ` penwidth=${part(5n)}`;
    attributes += ` color="${dotColor(Number(edge.weight) / Number(magnitude(total)), false)}"`;
  }
  const tooltip = `"${quoted(edge.caller)} ${edge.residual ? '...' : '->'} ${quoted(edge.callee)} (${weight})"`;
  attributes += ` tooltip=${tooltip} labeltooltip=${tooltip}`;
  if (edge.residual) attributes += ' style="dotted"';
  if (hasNodelets) attributes += ' minlen=2';
  return `N${edge.from + 1} -> N${edge.to + 1} [${attributes}]\n`;
}
