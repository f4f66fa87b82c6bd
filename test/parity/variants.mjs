// One dump as people paste it: each file of a folder gives the goroutines of its base.txt, but for what it has lost.
//
//   node test/parity/variants.mjs FOLDER

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDumps } from '../../dist/node.js';

const folder = process.argv[2];
const flat = (dump) => {
  const { goroutines, frames, functions, files, stack, args, states, text } = dump;
  const frame = (row) =>
    `${functions.get(frames.func[row])} ${files.get(frames.file[row])}:${frames.line[row]}+${frames.offset[row]}`;
  return Array.from({ length: goroutines.count }, (_, g) => {
    const lines = [];
    for (let e = goroutines.stackStart[g]; e < goroutines.stackStart[g + 1]; e++) {
      const end = text.indexOf(41, args[e]);
      lines.push(`${frame(stack[e])} ${args[e] === 0 ? '' : Buffer.from(text.subarray(args[e], end))}`);
    }
    const created = goroutines.createdBy[g];
    const head = `${goroutines.id[g]} ${states[goroutines.state[g]]} ${goroutines.waitMinutes[g]}`;
    return [head, ...lines, created < 0 ? '' : `${frame(created)} in ${goroutines.creator[g]}`].join('\n');
  });
};
const [base] = await openDumps(join(folder, 'base.txt'));
const wanted = flat(base);
// What is lost: all places; places of the standard library's functions; the end.
const equal = { all_file_lines_lost: 0, file_lines_only_lost_std_functions: 63, truncated_mid_line: 80 };
const counts = { truncated_mid_line: 81 };
let failed = 0;
for (const name of readdirSync(folder)) {
  const key = name.replace(/\..*$/, '');
  const dumps = await openDumps(join(folder, name));
  const got = flat(dumps[0]);
  const same = got.filter((text, i) => text === wanted[i]).length;
  const isRight =
    got.length === (counts[key] ?? wanted.length) &&
    same === (equal[key] ?? wanted.length) &&
    dumps.length === (key === 'two_dumps' ? 2 : 1) &&
    got.every((text, i) => text.split('\n', 1)[0] === wanted[i].split('\n', 1)[0]);
  if (!isRight) failed++;
  console.log(
    `${isRight ? 'ok' : 'not ok'} ${name}: ${got.length} goroutines, ${same} equal; ${dumps[0].undone.join(', ')}`,
  );
}
process.exit(failed > 0 ? 1 : 0);
