// Two cores: the plain TypeScript reference and WASM agree on random profiles, on the release and the debug build.

import { readFileSync } from 'node:fs';
import t from 'tap';
import { setCore } from '../src/core/instance.js';
import { openBytes, render, report } from '../src/index.js';
import { draw, encode, parse, randomDrawing, seeded } from './draw.js';
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

t.test('stacks too long to look back over have the same marks', (t) => {
  for (let seed = 2; seed <= 24; seed += 2) {
    const drawing = randomDrawing(seed);
    if (hasAddressOnly(drawing)) continue;
    const random = seeded(seed);
    const locations = drawing.samples.flatMap((sample) => sample.locations);
    if (locations.length === 0) continue;
    const long = Array.from({ length: 4 }, (_, i) => ({
      locations: Array.from({ length: 4200 + i }, () => locations[Math.floor(random() * locations.length)]),
      values: [BigInt(1 + i), 1n],
      labels: [],
    }));
    const both = { ...drawing, samples: [...drawing.samples, ...long, ...drawing.samples] };
    const profile = openBytes(encode(both));
    for (const edgefraction of [0, 0.01, 0.3]) {
      const query = { nodefraction: 0, edgefraction, sample_index: 'n' };
      const top = report(profile, 'top', query);
      const flat = [...weights(both, 0, byFunction).values()].reduce((sum, w) => BigInt.asIntN(64, sum + w.flat), 0n);
      const cutoff = BigInt(Math.trunc(Math.abs(Number(flat) * edgefraction)));
      const calls = edges(both, 0, byFunction, () => true);
      for (const row of top.rows) {
        const into = [...calls].filter(([key, edge]) => key.endsWith(` ${row.name}`) && edge.weight >= cutoff);
        const inline = into.map(([, edge]) => edge.inline);
        const mark = !inline.includes(true) ? 'none' : inline.includes(false) ? 'some' : 'all';
        t.equal(row.inline, mark, `${row.name}, seed ${seed}, edges from ${edgefraction}`);
      }
    }
  }
  t.end();
});

t.test('sums that wrap without any negative value go by weighed edges', (t) => {
  const half = 2n ** 62n;
  const drawing = parse(`m;f>g ${half}\nm;f>g ${half}\nm;f>g ${half}\nm;g 1`);
  const calls = edges(drawing, 0, byFunction, () => true);
  t.equal(calls.get('f g')?.weight, BigInt.asIntN(64, half * 3n));
  const g = report(openBytes(encode(drawing)), 'top', { trim: false }).rows.find((row) => row.name === 'g');
  t.equal(g?.inline, 'some');
  t.end();
});

t.test('hundreds of thousands of labels, comments or lines take neither the stack nor quadratic time', (t) => {
  const labels = Array.from({ length: 150_000 }, (_, i) => `main 1 {id=r${i}}`).join('\n');
  const profile = openBytes(draw(labels, { comments: Array.from({ length: 150_000 }, (_, i) => `c${i}`) }));
  t.equal(report(profile, 'top', { tagroot: 'id', nodefraction: 0 }).rows.length, 150_001);
  t.equal([...render(report(profile, 'top'), 'text')].join('').split('\n').length > 150_000, true);
  const inlined = Array.from({ length: 60_000 }, (_, i) => `f${i}`).join('>');
  t.equal(report(openBytes(draw(`${inlined} 1`)), 'top', { trim: false }).rows.length, 60_000);
  t.end();
});
