// tree and peek: each node between those that call it and those that it calls.

import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import type { Options } from '../query/options.js';
import { type Selection, select } from '../query/selection.js';
import { symbolMatcher } from '../query/symbol.js';
import type { Graph } from './graph.js';
import { type Head, head, outputUnit } from './head.js';
import { type Shown, shown } from './top.js';
import { maskOf } from './trim.js';
import { trimmedGraph } from './trimmedGraph.js';

export interface TreeCall {
  /** The other end. */
  readonly name: string;
  readonly weight: bigint;
  readonly inline: boolean;
}

/** One node; values are in the report's unit, exact. */
export interface TreeRow {
  readonly name: string;
  readonly flat: bigint;
  readonly cum: bigint;
  /** Heaviest first. */
  readonly callers: readonly TreeCall[];
  readonly callees: readonly TreeCall[];
}

export interface TreeReport extends Head, Shown {
  readonly kind: 'tree';
  /** Nodes left, also those that peek does not match. */
  readonly count: number;
  readonly rows: readonly TreeRow[];
}

/** tree: every node left. peek: those alone whose name matches options.symbol; throws ProfileError where none does. */
export function treeReport(profile: Profile<StackStore>, options: Options): TreeReport {
  const matches = symbolMatcher(options);
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options);
    if (matches === undefined) return tree(selection, trimmedGraph(scope, selection, options), options);
    // peek cuts nothing, so that the calls of a few nodes are enough; they take a fraction of the time of all.
    let found = new Set<number>();
    const graph = trimmedGraph(scope, selection, options, {
      touching: (nodes) => {
        found = new Set(nodes.filter((node) => matches.test(selection.nodeName(node))));
        return maskOf(Uint32Array.from(found), selection.nodeCount);
      },
    });
    if (found.size === 0) throw matches.notFound();
    return tree(selection, graph, options, found);
  });
}

function tree(selection: Selection, graph: Graph, options: Options, found?: ReadonlySet<number>): TreeReport {
  const { rows, means, calls, name } = graph;
  const call =
    (end: (edge: number) => number) =>
    (edge: number): TreeCall => ({
      name: name(end(edge)),
      weight: calls.weight(edge),
      inline: calls.isInline(edge),
    });
  const shownRows: TreeRow[] = [];
  for (let i = 0; i < rows.node.length; i++) {
    const node = rows.node[i];
    if (found !== undefined && !found.has(node)) continue;
    shownRows.push({
      name: name(node),
      flat: means.flat[i],
      cum: means.cum[i],
      callers: calls.into(node).map(call(calls.from)),
      callees: calls.out(node).map(call(calls.to)),
    });
  }
  return {
    kind: 'tree',
    ...head(selection, options, outputUnit(means, selection, options)),
    ...shown(means, graph.nodeCount, graph.droppedNodes, selection, options),
    count: rows.node.length,
    rows: shownRows,
  };
}
