// Two cores: the plain TypeScript reference and WASM agree on random profiles, on the release and the debug build.

import { readFileSync } from 'node:fs';
import t from 'tap';
import { setCore } from '../src/core/instance.js';
import { openBytes, report } from '../src/index.js';
import { encode, randomDrawing } from './draw.js';
import { byFunction, edges, ordered, weights } from './reference.js';

const debug = new Uint8Array(readFileSync(new URL('../build/tspprof.debug.wasm', import.meta.url)));
const ROUNDS = 150;

for (const [build, core] of [
  ['release', undefined],
  ['debug', debug],
] as const) {
  t.test(`${build}: flat, cum, order and inline marks are those of the reference`, (t) => {
    setCore(core);
    t.teardown(() => setCore(undefined));
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const drawing = randomDrawing(seed);
      const profile = openBytes(encode(drawing));
      for (const [type, name] of [
        [0, 'n'],
        [1, 'cpu'],
      ] as const) {
        for (const sort of ['flat', 'cum'] as const) {
          const top = report(profile, 'top', { trim: false, sample_index: name, sort });
          const sums = weights(drawing, type, byFunction);
          for (const [key, { flat, cum }] of sums) if (flat === 0n && cum === 0n) sums.delete(key);
          const rename = (n: string) => (n.startsWith('[m') ? '<none>' : n);
          const rows = top.rows.filter((row) => rename(row.name) !== '<none>');
          const expected = ordered(sums, sort).filter((n) => n !== '<none>');
          t.same(
            rows.map((row) => row.name),
            expected,
            `seed ${seed} ${name} ${sort}`,
          );
          t.same(
            rows.map((row) => [row.flat, row.cum]),
            expected.map((n) => [sums.get(n)?.flat, sums.get(n)?.cum]),
            `sums, seed ${seed}`,
          );
          // Nothing is trimmed here, so every node is a caller, and all edges count.
          const calls = edges(drawing, type, byFunction, () => true);
          for (const row of rows) {
            const into = [...calls].filter(([key]) => key.endsWith(` ${row.name}`)).map(([, edge]) => edge.inline);
            const mark = !into.includes(true) ? 'none' : into.includes(false) ? 'some' : 'all';
            if (!hasAddressOnly(drawing)) t.equal(row.inline, mark, `inline mark of ${row.name}, seed ${seed}`);
          }
        }
      }
    }
    t.end();
  });

  t.test(`${build}: trimming by nodecount makes the edges residual, and the marks follow`, (t) => {
    setCore(core);
    t.teardown(() => setCore(undefined));
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const drawing = randomDrawing(seed);
      if (hasAddressOnly(drawing)) continue;
      const profile = openBytes(encode(drawing));
      const sums = weights(drawing, 0, byFunction);
      const flat = [...sums.values()].reduce((sum, { flat }) => BigInt.asIntN(64, sum + flat), 0n);
      for (const edgefraction of [0, 0.02, 0.2]) {
        for (const nodecount of [3, 6]) {
          const top = report(profile, 'top', { nodecount, nodefraction: 0, edgefraction, sample_index: 'n' });
          const kept = new Set(top.rows.map((row) => row.name));
          const all = top.nodes.count === top.rows.length;
          const calls = edges(drawing, 0, byFunction, (name) => all || kept.has(name));
          const cutoff = BigInt(Math.trunc(Math.abs(Number(flat) * edgefraction)));
          const heavy = (weight: bigint) => (weight < 0n ? -weight : weight) >= cutoff;
          for (const row of top.rows) {
            const into = [...calls]
              .filter(([key, edge]) => key.endsWith(` ${row.name}`) && heavy(edge.weight))
              .map(([, edge]) => edge.inline);
            const mark = !into.includes(true) ? 'none' : into.includes(false) ? 'some' : 'all';
            t.equal(row.inline, mark, `${row.name}, seed ${seed}, ${nodecount} nodes, edges from ${edgefraction}`);
          }
        }
      }
    }
    t.end();
  });
}

function hasAddressOnly({ samples }: ReturnType<typeof randomDrawing>): boolean {
  return samples.some(({ locations }) => locations.some(({ lines }) => lines.length === 0));
}

t.test('a repeated query, which goes by the repeat marks, answers as the first did', (t) => {
  for (let seed = 500; seed < 560; seed++) {
    const bytes = encode(randomDrawing(seed));
    const once = openBytes(bytes, { oneQuery: true });
    const profile = openBytes(bytes);
    const query = { trim: false, focus: 'f1|f2|f3' };
    report(profile, 'top', { trim: false });
    const second = report(profile, 'top', query);
    t.same(second, report(once, 'top', query), `seed ${seed}`);
    // Another granularity does not go by marks that were made for this one.
    t.same(
      report(profile, 'top', { ...query, granularity: 'lines' }),
      report(once, 'top', { ...query, granularity: 'lines' }),
    );
    t.same(report(profile, 'top', query), second);
  }
  t.end();
});
