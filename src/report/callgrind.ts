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

export interface CallgrindCall {
  readonly file: string;
  /** With [i/n] where several functions of a file have the name. */
  readonly function: string;
  readonly address: bigint;
  readonly line: bigint;
  readonly weight: bigint;
}

export interface CallgrindRow {
  readonly object: string;
  readonly file: string;
  readonly function: string;
  readonly address: bigint;
  readonly line: bigint;
  readonly flat: bigint;
  /** Heaviest first. */
  readonly calls: readonly CallgrindCall[];
}

export interface CallgrindReport extends Head {
  readonly kind: 'callgrind';
  /** May be read more than once. */
  readonly rows: Iterable<CallgrindRow>;
}

export function callgrindReport(profile: Profile<StackStore>, options: Options): CallgrindReport {
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options, { objects: true });
    const { graph, parent } = options.call_tree
      ? callTree(scope, selection, options, false)
      : { graph: trimmedGraph(scope, selection, options, false), parent: undefined };
    const names = calleeNames(graph, parent);
    return {
      kind: 'callgrind',
      ...head(selection, options, outputUnit(graph.means, selection, options, true)),
      rows: { [Symbol.iterator]: () => rows(graph, names) },
    };
  });
}

function* rows(
  { rows: { node }, means, info, calls }: Graph,
  names: ReadonlyMap<number, string>,
): Generator<CallgrindRow> {
  for (let i = 0; i < node.length; i++) {
    const { object, file, name, address, line } = info(node[i]);
    yield {
      object,
      file,
      function: name,
      address,
      line,
      flat: means.flat[i],
      calls: calls.sorted(calls.out(node[i])).map((edge): CallgrindCall => {
        const callee = info(calls.to(edge));
        return {
          file: callee.file,
          function: names.get(calls.to(edge)) ?? '',
          address: callee.address,
          line: callee.line,
          weight: calls.weight(edge),
        };
      }),
    };
  }
}

/** KCachegrind takes functions of one file and name for one; a number tells them apart. Source: pprof getDisambiguatedNames. */
function calleeNames({ rows: { node }, info }: Graph, parent: Int32Array | undefined): Map<number, string> {
  const ids = new Ids();
  const functions = new Map<number, Map<number, number>>();
  const named = Array.from(node, (row) => {
    const one = info(row);
    const byName = ids.of(one.file, one.name);
    const id = ids.of(String(byName), wholeFunction(one), String(parent?.[row] ?? 0));
    let known = functions.get(byName);
    if (known === undefined) {
      known = new Map();
      functions.set(byName, known);
    }
    if (!known.has(id)) known.set(id, known.size + 1);
    return { row, name: one.name, known, id };
  });
  return new Map(
    named.map(({ row, name, known, id }) => [row, known.size > 1 ? `${name} [${known.get(id)}/${known.size}]` : name]),
  );
}

/** What tells functions of one name and file apart: pprof's Node.Function. */
function wholeFunction({ startLine, object, address, line, column }: NodeInfo): string {
  return `${startLine} ${address === 0n && line === 0n ? column : 0n} ${object}`;
}

class Ids {
  readonly #known = new Map<string, number>();

  of(...parts: string[]): number {
    const key = parts.join('\0');
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.#known.size;
      this.#known.set(key, id);
    }
    return id;
  }
}
