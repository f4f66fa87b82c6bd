// The graph of a selection, trimmed: graph.ts says by which rules.

import type { Rows, Scope } from '../core/scope.js';
import type { Options } from '../query/options.js';
import type { Selection } from '../query/selection.js';
import { byEntropy } from './entropy.js';
import { Calls, type Graph } from './graph.js';
import { nodeTags, topByTags } from './nodelets.js';
import { means } from './top.js';
import { byName, cutoff, firstRows, LOWEST, limits, maskOf } from './trim.js';

interface GraphNeeds {
  readonly visual?: boolean;
  readonly onlyOut?: boolean;
  readonly touching?: (nodes: Uint32Array) => Uint8Array;
}

/**
 * visual: ordered and cut as a drawn graph is. Where nothing is cut: onlyOut: nobody will ask who calls a node; touching:
 * calls of these nodes are all that will be asked for.
 */
export function trimmedGraph(
  scope: Scope,
  selection: Selection,
  options: Options,
  { visual = false, onlyOut = false, touching }: GraphNeeds = {},
): Graph {
  const { type, divisor, nodeName, compareNodes } = selection;
  const { nodecount, nodefraction, edgefraction } = limits(options);
  const weights = scope.weigh(type);
  const all = scope.keep(weights, options.drop_negative, LOWEST);
  const nodeCutoff = cutoff(all.flat, nodefraction);
  const edgeCutoff = cutoff(all.flat, edgefraction);
  const kept = nodeCutoff > 0n ? scope.keep(weights, options.drop_negative, nodeCutoff) : all;
  let rows = scope.sorted(weights, options.sort === 'cum' ? 'cum' : 'flat');
  // While nothing was dropped, nodes of value 0 and negative ones still are callers.
  let mask = kept.count < all.count ? maskOf(rows.node, selection.nodeCount) : undefined;
  const callsOf = () =>
    new Calls(scope.edges(type, divisor, mask, { onlyOut, touching: touching?.(rows.node) }), compareNodes);
  const sorted = (calls: Calls | undefined, unsorted: Rows) =>
    calls === undefined ? byName(unsorted, compareNodes, options) : byEntropy(unsorted, calls, compareNodes);
  let calls = visual ? callsOf() : undefined;
  rows = sorted(calls, rows);
  let trimmedBefore = false;
  if (nodecount > 0) {
    const most = visual
      ? topByTags(nodeTags(scope, selection, options, rows.node), rows.node, nodecount, nodeCutoff)
      : nodecount;
    trimmedBefore = most >= kept.count;
    if (most < kept.count) {
      rows = firstRows(rows, most);
      mask = maskOf(rows.node, selection.nodeCount);
      if (visual) {
        calls = callsOf();
        rows = sorted(calls, rows);
      }
    }
  }
  calls ??= callsOf();
  const droppedEdges = calls.trim(rows.node, edgeCutoff);
  if (visual) calls.dropRedundant(rows.node);
  return {
    rows,
    means: means(scope, divisor, rows),
    info: selection.nodeInfo,
    name: nodeName,
    calls,
    nodeCount: kept.count,
    droppedNodes: all.count - kept.count,
    // pprof counts those alone that the last of its trims drops.
    droppedEdges: trimmedBefore ? 0 : droppedEdges,
    nodeCutoff,
  };
}
