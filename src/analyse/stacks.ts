// A dump made ready for questions: function names in parts, which frames are the user's, where each goroutine hangs.

import type { Dump } from '../model/dump.js';
import { packageOfFile } from './lost.js';
import { type FunctionName, readFunctionName } from './names.js';

export interface Stacks {
  readonly dump: Dump;
  /** The function of a frame row; a lost one has the package of its file and the method `?`. */
  nameOf(frame: number): FunctionName;
  /** Entry (place in dump.stack) where goroutine g hangs: the first of the user's own code, past runtime and sync. -1: no frames. */
  hangsIn(g: number): number;
  /** Rows of the goroutines with this id. */
  rowOf(id: number): number;
}

export function readStacks(dump: Dump): Stacks {
  const { frames, functions, files, goroutines, stack } = dump;
  const byFunction: (FunctionName | undefined)[] = [];
  const byFile: (FunctionName | undefined)[] = [];
  const nameOf = (frame: number): FunctionName => {
    const func = frames.func[frame];
    if (func < 0) {
      const file = frames.file[frame];
      byFile[file] ??= readFunctionName(`${packageOfFile(files.get(file))}.?`);
      return byFile[file];
    }
    byFunction[func] ??= readFunctionName(functions.get(func));
    return byFunction[func];
  };
  let rows: Map<number, number> | undefined;
  return {
    dump,
    nameOf,
    hangsIn(g) {
      const from = goroutines.stackStart[g];
      const to = goroutines.stackStart[g + 1];
      if (from === to) return -1;
      let fallback = -1;
      for (let e = from; e < to; e++) {
        const name = nameOf(stack[e]);
        if (!name.isStandard) return e;
        if (fallback < 0 && !isMachinery(name.package)) fallback = e;
      }
      return fallback < 0 ? from : fallback;
    },
    rowOf(id) {
      if (rows === undefined) {
        rows = new Map();
        for (let g = 0; g < goroutines.count; g++)
          if (goroutines.id[g] > 0 && !rows.has(goroutines.id[g])) rows.set(goroutines.id[g], g);
      }
      return rows.get(id) ?? -1;
    },
  };
}

/** What parks a goroutine, and says nothing about why. */
export const isMachinery = (package_: string) =>
  package_ === 'runtime' ||
  package_.startsWith('runtime/') ||
  package_ === 'sync' ||
  package_ === 'syscall' ||
  package_ === 'sync/atomic' ||
  package_.startsWith('internal/');
