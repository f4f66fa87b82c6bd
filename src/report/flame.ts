// flame: all stacks merged into one tree, with every sample type: what flame graphs, folded stacks and speedscope files
// are drawn from.
//
//   main;work 5      row  parent  frame  self  total
//   main;work;io 3   0    -1      main   0     8
//                    1    0       work   5     8
//                    2    1       io     3     3
//
// Inlined frames are rows like others, and marked. Frames without a symbol are kept, too: `[libc.so]` (pprof's own flame
// graph drops them). A function that calls itself has a row for each depth, so that nothing is counted twice.

import type { StackStore } from '../core/store.js';
import type { NodeInfo } from '../model/node.js';
import type { Profile, ValueType } from '../model/profile.js';
import type { Options } from '../query/options.js';
import { select } from '../query/selection.js';
import { type Head, head } from './head.js';
import { cutoff, limits } from './trim.js';

export interface FlameFrame {
  /** What top calls it. */
  readonly name: string;
  readonly function: string;
  readonly file: string;
  readonly line: bigint;
  readonly column: bigint;
  readonly address: bigint;
}

/** Columns; parents come before their children. */
export interface FlameTree {
  readonly count: number;
  /** Row of the caller, -1 is none. */
  readonly parent: Int32Array;
  /** Element of the report's frames. */
  readonly frame: Uint32Array;
  /** How it is called: EDGE_INLINE 1, EDGE_CALL 2, both 3. */
  readonly calls: Uint8Array;
  /** By sample type: its value alone, and with all that it called. */
  readonly self: readonly BigInt64Array[];
  readonly total: readonly BigInt64Array[];
}

export interface FlameReport extends Head {
  readonly kind: 'flame';
  /** Every sample type. Head speaks of the one that the query chose. */
  readonly types: readonly ValueType[];
  /** Which of them. */
  readonly shownType: number;
  /** Rows whose |total| is below it are left out in text: nodefraction of the total. */
  readonly cutoff: bigint;
  readonly frames: readonly FlameFrame[];
  readonly tree: FlameTree;
}

export function flameReport(profile: Profile<StackStore>, options: Options): FlameReport {
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options);
    const { count, parent, node, bits, self, total } = scope.tree(profile.valueColumns, false);
    const frames: FlameFrame[] = [];
    const rowOf = new Int32Array(selection.nodeCount).fill(-1);
    const frame = new Uint32Array(count);
    for (let row = 0; row < count; row++) {
      if (rowOf[node[row]] === -1) {
        rowOf[node[row]] = frames.length;
        frames.push(frameOf(selection.nodeInfo(node[row]), selection.nodeName(node[row])));
      }
      frame[row] = rowOf[node[row]];
    }
    return {
      kind: 'flame',
      ...head(selection, options),
      types: profile.sampleTypes,
      shownType: profile.valueColumns.indexOf(selection.type),
      cutoff: cutoff(selection.total, limits(options).nodefraction),
      frames,
      tree: { count, parent, frame, calls: bits, self, total },
    };
  });
}

function frameOf({ name, file, line, column, address }: NodeInfo, printable: string): FlameFrame {
  return { name: printable, function: name, file, line, column, address };
}
