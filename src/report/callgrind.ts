// callgrind: cost by instruction and call, for KCachegrind and its kin.

import type { StackStore } from '../core/store.js';
import type { NodeInfo } from '../model/node.js';
import type { Profile } from '../model/profile.js';
import type { Options } from '../query/options.js';
import { select } from '../query/selection.js';
import { callTree } from './callTree.js';
import type { Graph } from './graph.js';
import { type Head, head, outputUnit } from './head.js';
import { trimmedGraph } from './trimmedGraph.js';

/** Row i is nodes[node[i]], with calls callStart[i] … callStart[i + 1] - 1, heaviest first. */
export interface CallgrindRows {
  readonly count: number;
  /** Element of the report's nodes. */
  readonly node: Uint32Array;
  readonly flat: BigInt64Array;
  readonly callStart: Uint32Array;
  /** Element of nodes. */
  readonly callee: Uint32Array;
  readonly weight: BigInt64Array;
}

export interface CallgrindReport extends Head {
  readonly kind: 'callgrind';
  /** Places that cost something. */
  readonly nodes: readonly NodeInfo[];
  /** What a call names each of them: with [i/n] where several functions of a file have the name. */
  readonly callees: readonly string[];
  readonly costs: CallgrindRows;
}

export function callgrindReport(profile: Profile<StackStore>, options: Options): CallgrindReport {
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options, { objects: true });
    const { graph, parent } = options.call_tree
      ? callTree(scope, selection, options, false)
      : { graph: trimmedGraph(scope, selection, options, { onlyOut: true }), parent: undefined };
    const names = calleeNames(graph, parent);
    const nodes = Array.from({ length: parent?.length ?? selection.nodeCount }, (_, row) => graph.info(row));
    const { start: callStart, callee, weight } = graph.calls.columns(graph.rows.node);
    return {
      kind: 'callgrind',
      ...head(selection, options, outputUnit(graph.means, selection, options, true)),
      nodes,
      callees: nodes.map((_, row) => names.get(row) ?? ''),
      costs: {
        count: graph.rows.node.length,
        node: graph.rows.node,
        flat: graph.means.flat,
        callStart,
        callee,
        weight,
      },
    };
  });
}

/** KCachegrind takes functions of one file and name for one; a number tells them apart. Source: pprof getDisambiguatedNames. */
function calleeNames({ rows: { node }, info }: Graph, parent: Int32Array | undefined): Map<number, string> {
  const byName = new Map<string, Map<string, Map<string, number>>>();
  const known = Array.from(node, (row) => {
    const one = info(row);
    const functions = within(within(byName, one.name), one.file);
    const id = wholeFunction(one, parent?.[row]);
    const number = functions.get(id) ?? functions.size + 1;
    functions.set(id, number);
    return { functions, number };
  });
  return new Map(
    known.map(({ functions, number }, i) => {
      const { name } = info(node[i]);
      return [node[i], functions.size > 1 ? `${name} [${number}/${functions.size}]` : name];
    }),
  );
}

/** What tells functions of one name and file apart: pprof's Node.Function. */
function wholeFunction({ startLine, object, address, line, column }: NodeInfo, parent: number | undefined): string {
  const text = `${startLine} ${object}`;
  const place = address === 0n && line === 0n ? column : 0n;
  return parent === undefined && place === 0n ? text : `${text} ${place} ${parent}`;
}

function within<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}
