// dot: the graph to draw, as data. svg and web draw it.

import type { Scope } from '../core/scope.js';
import type { StackStore } from '../core/store.js';
import type { NodeInfo } from '../model/node.js';
import { basePath } from '../model/path.js';
import type { Profile } from '../model/profile.js';
import type { Options } from '../query/options.js';
import { type Selection, select } from '../query/selection.js';
import { callTree } from './callTree.js';
import type { Graph } from './graph.js';
import { type Head, head, outputUnit } from './head.js';
import { type Nodelet, type NodeTags, nodeletsOf, nodeTags } from './nodelets.js';
import { type Shown, shown } from './top.js';
import { cutoff, limits } from './trim.js';
import { trimmedGraph } from './trimmedGraph.js';

export interface DotNode extends NodeInfo {
  /** printableName of it. */
  readonly printable: string;
  readonly flat: bigint;
  readonly cum: bigint;
  /** What the samples' labels say of it. */
  readonly labels: readonly Nodelet[];
  readonly numbers: readonly Nodelet[];
}

/** from, to: elements of nodes; -1 is a node that is not shown. */
export interface DotEdge {
  readonly from: number;
  readonly to: number;
  readonly weight: bigint;
  /** What was called lay between and is not shown. */
  readonly residual: boolean;
  readonly inline: boolean;
  /** Names of the two ends. */
  readonly caller: string;
  readonly callee: string;
}

export interface DotReport extends Head, Shown {
  readonly kind: 'dot';
  /** Name of the program; '' is unknown. */
  readonly title: string;
  readonly droppedEdges: { readonly count: number; readonly cutoff: bigint };
  /** Most interesting first. */
  readonly rows: readonly DotNode[];
  /** Heaviest first. */
  readonly edges: readonly DotEdge[];
}

export function dotReport(profile: Profile<StackStore>, options: Options): DotReport {
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options);
    if (options.call_tree) {
      const { graph, tags } = callTree(scope, selection, options, true);
      return dot(selection, graph, tags, options);
    }
    return graphed(scope, selection, options);
  });
}

function graphed(scope: Scope, selection: Selection, options: Options): DotReport {
  const graph = trimmedGraph(scope, selection, options, { visual: true });
  return dot(selection, graph, nodeTags(scope, selection, options, graph.rows.node), options);
}

function dot(selection: Selection, graph: Graph, tags: NodeTags, options: Options): DotReport {
  const { rows, means, calls, name } = graph;
  const at = new Map(Array.from(rows.node, (node, i) => [node, i]));
  const nodes = Array.from(rows.node, (node, i): DotNode => {
    const isLeaf = calls.out(node).length === 0;
    return {
      ...graph.info(node),
      printable: name(node),
      flat: means.flat[i],
      cum: means.cum[i],
      ...nodeletsOf(tags, node, graph.nodeCutoff, isLeaf),
    };
  });
  const edges = calls.sorted(Array.from(rows.node).flatMap((node) => calls.out(node)));
  const main = selection.profile.mappings[0]?.file ?? '';
  return {
    kind: 'dot',
    ...head(selection, options, outputUnit(means, selection, options)),
    ...shown(means, graph.nodeCount, graph.droppedNodes, selection, options),
    title: main === '' ? '' : basePath(main),
    droppedEdges: { count: graph.droppedEdges, cutoff: cutoff(selection.total, limits(options).edgefraction) },
    rows: nodes,
    edges: edges.map((edge) => ({
      from: at.get(calls.from(edge)) ?? -1,
      to: at.get(calls.to(edge)) ?? -1,
      weight: calls.mean(edge),
      residual: calls.isResidual(edge),
      inline: calls.isInline(edge),
      caller: name(calls.from(edge)),
      callee: name(calls.to(edge)),
    })),
  };
}
