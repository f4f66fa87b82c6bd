// Folded stacks, which most flame graph tools read: a line for each distinct stack, root first.
//
//   main;work;io 3
//
// Names have their `;` and line ends replaced, since the format has no quoting.

import type { FlameReport } from '../report/flame.js';

const clean = (name: string) => name.replace(/[;\n\r]/g, (c) => (c === ';' ? ':' : ' '));

export function* renderFolded({ frames, tree, shownType }: FlameReport): Generator<string> {
  const names = frames.map(({ name }) => clean(name));
  const values = tree.self[shownType];
  for (let row = 0; row < tree.count; row++) {
    if (values[row] === 0n) continue;
    let line = names[tree.frame[row]];
    for (let at = tree.parent[row]; at >= 0; at = tree.parent[at]) line = `${names[tree.frame[at]]};${line}`;
    yield `${line} ${values[row]}\n`;
  }
}
