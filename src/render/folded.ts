// Folded stacks, which most flame graph tools read: a line for each distinct stack, root first.
//
//   main;work;io 3
//
// Names have their `;` and line ends replaced, since the format has no quoting.

import { Joiner } from '../core/joiner.js';
import type { FlameReport } from '../report/flame.js';

const clean = (name: string) => name.replace(/[;\n\r]/g, (c) => (c === ';' ? ':' : ' '));

/** Pieces joined at once. */
const MANY = 50_000;

export function* renderFolded({ frames, tree, shownType }: FlameReport): Generator<Uint8Array> {
  const joiner = new Joiner();
  const names = frames.map(({ name }) => clean(name));
  const callers = names.map((name) => joiner.add(`${name};`));
  const leaves = names.map((name) => joiner.add(`${name} `));
  joiner.keepPieces();
  const values = tree.self[shownType];
  const path: number[] = [];
  for (let row = 0; row < tree.count; row++) {
    if (values[row] === 0n) continue;
    path.length = 0;
    for (let at = tree.parent[row]; at >= 0; at = tree.parent[at]) path.push(tree.frame[at]);
    for (let at = path.length - 1; at >= 0; at--) joiner.put(callers[path[at]]);
    joiner.put(leaves[tree.frame[row]]);
    joiner.put(joiner.add(`${values[row]}\n`));
    if (joiner.length > MANY) yield joiner.take();
  }
  yield joiner.take();
}
