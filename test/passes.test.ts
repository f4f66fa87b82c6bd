// Two cores, the passes of the graph reports: calls, the call tree, values by label, samples one by one, joined text. The
// plain reference and WASM agree on random profiles, on the release and the debug build.

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import t, { type Test } from 'tap';
import { EDGE_CALL, EDGE_INLINE, EDGE_RESIDUAL } from '../src/core/abi.js';
import { setCore } from '../src/core/instance.js';
import { Joiner } from '../src/core/joiner.js';
import type { EdgeColumns, EdgeEnds, Scope } from '../src/core/scope.js';
import { openBytes, type Profile, type Query, report, resolve, toBytes } from '../src/index.js';
import { labelSets } from '../src/query/labels.js';
import { type Selection, select } from '../src/query/selection.js';
import { type Drawing, type DrawnLocation, type DrawnSample, encode, parse, randomDrawing, seeded } from './draw.js';
import { byPrintedName, callTree, edges, type Namer, nodeTags } from './reference.js';

const debug = new Uint8Array(readFileSync(new URL('../build/tspprof.debug.wasm', import.meta.url)));
const ROUNDS = 14;

/** Titles begin with the name of the build; the core is that build while it runs. */
function bothCores(title: string, test: (t: Test) => void): void {
  for (const [build, core] of [
    ['release', undefined],
    ['debug', debug],
  ] as const) {
    t.test(`${build}: ${title}`, (t) => {
      setCore(core);
      t.teardown(() => setCore(undefined));
      test(t);
      t.end();
    });
  }
}

/** t.strictSame, which prepares its difference first and takes a hundred times as long. */
function same(t: Test, found: unknown, expected: unknown, title: string): void {
  if (isDeepStrictEqual(found, expected)) t.pass(title);
  else t.strictSame(found, expected, title);
}

/** What a query in a scope says. */
function inScope<T>(profile: Profile, query: Query, act: (scope: Scope, selection: Selection) => T): T {
  return profile.stacks.scope((scope) => act(scope, select(scope, profile, resolve(query))));
}

/** More functions than the tables have room for at first: 90 of them, 1,200 samples, labels of 30 values. */
function wideDrawing(seed: number): Drawing {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(random() * n);
  const line = () => ({ name: `f${below(90)}`, file: '', line: 0, column: 0 });
  const locations = Array.from(
    { length: 150 },
    (_, i): DrawnLocation => ({
      lines: Array.from({ length: i % 4 === 0 ? 3 : 1 }, line),
      address: BigInt(i + 1),
      mapping: '/bin/m',
    }),
  );
  return {
    types: [
      ['n', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    samples: Array.from({ length: 1200 }, () => ({
      locations: Array.from({ length: 1 + below(9) }, () => locations[below(150)]),
      values: [BigInt(below(6)) - 2n, below(30) === 0 ? -(2n ** 63n) : BigInt(below(9) - 3)],
      labels: below(5) === 0 ? [] : [{ key: 'k', text: `v${below(30)}` }],
    })),
  };
}

/** Stacks deeper than the part of a stack that the call tree remembers, which have their root in common. */
function deepDrawing(): Drawing {
  const stack = (at: number, name: string) =>
    Array.from({ length: 1500 }, (_, i) => (i === at ? name : `f${i % 7}`)).join(';');
  const rows = [
    [1499, 'x'],
    [1499, 'y'],
    [1100, 'z'],
    [3, 'w'],
    [1499, 'x'],
  ] as const;
  return parse(rows.map(([at, name], i) => `${stack(at, name)} ${i + 1} 1`).join('\n'), {
    types: [
      ['n', 'count'],
      ['cpu', 'nanoseconds'],
    ],
  });
}

const drawings = [...Array.from({ length: ROUNDS }, (_, i) => randomDrawing(i + 1)), wideDrawing(3), wideDrawing(4)];

/** With -hide: locations lose lines, or all of them; samples that lose every frame go. */
const hiding: readonly (readonly [query: Query, names: Namer])[] = [
  [{}, byPrintedName],
  [{ hide: '^f[135]$' }, (location) => byPrintedName(location).filter((name) => !/^f[135]$/.test(name))],
];

const size = (value: bigint) => (value < 0n ? BigInt.asIntN(64, -value) : value);

/** The edges of each node, heaviest first; those of one weight in the order of the rows. */
function grouped({ count, weight }: EdgeColumns, ends: Uint32Array, nodes: number): EdgeEnds {
  const lists = Array.from({ length: nodes }, (): number[] => []);
  for (let i = 0; i < count; i++) lists[ends[i]].push(i);
  for (const list of lists)
    list.sort((a, b) => {
      const [x, y] = [size(weight[a]), size(weight[b])];
      return x === y ? a - b : x < y ? 1 : -1;
    });
  const start = new Uint32Array(nodes + 1);
  for (const [n, list] of lists.entries()) start[n + 1] = start[n] + list.length;
  return { start, edge: Uint32Array.from(lists.flat()) };
}

bothCores('calls between all or some nodes have the weights, divisors and bits of the reference', (t) => {
  let [residual, inline] = [0, 0];
  for (const [seed, drawing] of drawings.entries()) {
    const profile = openBytes(encode(drawing));
    for (const [query, names] of hiding) {
      for (const [type, divisor] of [
        [0, undefined],
        [1, undefined],
        [1, 0],
      ] as const) {
        for (const some of [false, true]) {
          const title = `drawing ${seed} ${JSON.stringify(query)} type ${type} by ${divisor}, ${some ? 'some' : 'all'}`;
          const isKept = (name: string) => !some || (name.charCodeAt(name.length - 1) + seed) % 3 !== 0;
          inScope(profile, query, (scope, { nodeCount, nodeName, profile: { valueColumns } }) => {
            const kept = Uint8Array.from({ length: nodeCount }, (_, n) => (isKept(nodeName(n)) ? 1 : 0));
            const by = divisor === undefined ? undefined : valueColumns[divisor];
            const made = scope.edges(valueColumns[type], by, some ? kept : undefined);
            const expected = edges(drawing, type, names, isKept, divisor);
            const found = new Map(
              Array.from({ length: made.count }, (_, i) => [
                `${nodeName(made.from[i])} ${nodeName(made.to[i])}`,
                {
                  weight: made.weight[i],
                  divisor: made.divisor[i],
                  inline: (made.bits[i] & EDGE_CALL) === 0,
                  residual: (made.bits[i] & EDGE_RESIDUAL) !== 0,
                },
              ]),
            );
            t.equal(found.size, made.count, `no edge twice, ${title}`);
            same(t, found, expected, title);
            for (const edge of expected.values()) {
              if (edge.residual) residual++;
              if (edge.inline) inline++;
            }
            same(t, made.out, grouped(made, made.from, nodeCount), `by caller, ${title}`);
            same(t, made.into, grouped(made, made.to, nodeCount), `by callee, ${title}`);
            const half = scope.edges(valueColumns[type], by, some ? kept : undefined, { onlyOut: true });
            same(t, { ...half, into: made.into }, made, `without into, ${title}`);
            t.equal(half.into.start.length, 0);
          });
        }
      }
    }
  }
  t.ok(residual > 500 && inline > 500, 'both kinds occur');
});

bothCores('the call tree has the rows, sums and bits of the reference, parents first', (t) => {
  for (const [seed, drawing] of [...drawings, deepDrawing()].entries()) {
    const profile = openBytes(encode(drawing));
    for (const [query, names] of hiding) {
      for (const [types, only] of [
        [[0], false],
        [[1], true],
        [[1, 0], true],
        [[0, 1], false],
      ] as const) {
        const title = `drawing ${seed} ${JSON.stringify(query)} types ${types}${only ? ' only' : ''}`;
        const { rows } = callTree(drawing, types, names, only);
        inScope(profile, query, (scope, { nodeName, profile: { valueColumns } }) => {
          const columns = types.map((type) => valueColumns[type]);
          const tree = scope.tree(columns, only);
          t.ok(
            tree.parent.every((parent, row) => parent < row),
            `parents first, ${title}`,
          );
          same(
            t,
            Array.from({ length: tree.count }, (_, row) => ({
              parent: tree.parent[row],
              name: nodeName(tree.node[row]),
              inline: (tree.bits[row] & EDGE_INLINE) !== 0,
              called: (tree.bits[row] & EDGE_CALL) !== 0,
              self: tree.self.map((column) => column[row]),
              total: tree.total.map((column) => column[row]),
            })),
            rows,
            title,
          );
        });
      }
    }
  }
});

/** v1 → 1, v2 → 2 …; v0 and no label have no class. */
const classOfLabel = ({ labels }: DrawnSample) => Number(labels[0]?.text?.slice(1) ?? 0);

function classesOf(profile: Profile): Uint32Array {
  return Uint32Array.from(labelSets(profile), ({ strings }) => Number(strings.get('k')?.[0].slice(1) ?? 0));
}

bothCores('values by label are those of the reference: of nodes, of leaves of the call tree, of label sets', (t) => {
  for (const [seed, drawing] of drawings.entries()) {
    const profile = openBytes(encode(drawing));
    const classes = classesOf(profile);
    for (const [query, names] of hiding) {
      for (const divisor of [undefined, 0] as const) {
        const title = `drawing ${seed} ${JSON.stringify(query)} by ${divisor}`;
        const isKept = (name: string) => (name.charCodeAt(name.length - 1) + seed) % 4 !== 0;
        inScope(profile, query, (scope, { nodeCount, nodeName, profile: { valueColumns } }) => {
          const kept = Uint8Array.from({ length: nodeCount }, (_, n) => (isKept(nodeName(n)) ? 1 : 0));
          const by = divisor === undefined ? undefined : valueColumns[divisor];
          const tags = scope.nodeTags(valueColumns[1], by, classes, kept);
          const expected = nodeTags(drawing, 1, divisor, names, classOfLabel, isKept);
          t.equal(tags.count, expected.size, title);
          same(
            t,
            Array.from({ length: tags.count }, (_, i) => [
              `${nodeName(tags.node[i])} ${tags.class[i]}`,
              {
                flat: tags.flat[i],
                flatDivisor: tags.flatDivisor[i],
                cum: tags.cum[i],
                cumDivisor: tags.cumDivisor[i],
              },
            ]),
            [...expected],
            title,
          );

          scope.tree(by === undefined ? [valueColumns[1]] : [valueColumns[1], by], true);
          const leaves = scope.leafTags(valueColumns[1], by, classes);
          const tree = callTree(drawing, divisor === undefined ? [1] : [1, divisor], names, true);
          const sums = new Map<string, [bigint, bigint]>();
          for (const [i, row] of tree.leaves.entries()) {
            const one = classOfLabel(drawing.samples[i]);
            if (row < 0 || one === 0) continue;
            const [value, divided] = sums.get(`${row} ${one}`) ?? [0n, 0n];
            const { values } = drawing.samples[i];
            sums.set(`${row} ${one}`, [
              BigInt.asIntN(64, value + values[1]),
              BigInt.asIntN(64, divided + (divisor === undefined ? 0n : values[divisor])),
            ]);
          }
          same(
            t,
            Array.from({ length: leaves.count }, (_, i) => [
              `${leaves.node[i]} ${leaves.class[i]}`,
              [leaves.flat[i], leaves.flatDivisor[i]],
            ]),
            [...sums],
            `leaves, ${title}`,
          );

          const bySet = scope.labelSetSums(valueColumns[1]);
          const byLabel = new Map<string | undefined, bigint>();
          for (const { locations, labels, values } of drawing.samples) {
            if ('hide' in query && locations.flatMap(names).length === 0) continue;
            const key = labels[0]?.text;
            byLabel.set(key, BigInt.asIntN(64, (byLabel.get(key) ?? 0n) + values[1]));
          }
          for (const [set, { strings }] of labelSets(profile).entries()) {
            const key = strings.get('k')?.[0];
            t.equal(bySet[set], byLabel.get(key) ?? 0n, `${key}, ${title}`);
          }
        });
      }
    }
  }
});

/** Samples as a reader gives them, in terms of the drawing. */
function* read(profile: Profile, drawing: Drawing, query: Query) {
  const order = new Map<string, DrawnLocation>();
  for (const { locations } of drawing.samples)
    for (const one of locations) order.set(JSON.stringify([one.lines, String(one.address), one.mapping]), one);
  const rows = [...order.values()];
  const choose = (scope: Scope) => void select(scope, profile, resolve(query));
  const sets = labelSets(profile);
  for (const { count, values, labelSet, length, locations } of profile.stacks.samples(choose)) {
    let at = 0;
    for (let i = 0; i < count; i++) {
      yield {
        locations: Array.from(locations.subarray(at, at + length[i]), (row) => rows[row] ?? row - rows.length),
        values: profile.valueColumns.map((column) => values[column][i]),
        label: sets[labelSet[i]].strings.get('k')?.[0],
      };
      at += length[i];
    }
  }
}

const plain = ({ locations, values, labels }: DrawnSample) => ({ locations, values, label: labels[0]?.text });
const has = (location: DrawnLocation, name: string) => location.lines.some((line) => line.name === name);

/** Queries, and what they do to a sample: undefined drops it. */
const cuts: readonly (readonly [Query, (sample: DrawnSample) => readonly DrawnLocation[] | undefined])[] = [
  [{}, ({ locations }) => locations],
  [{ focus: '^f1$' }, ({ locations }) => (locations.some((l) => has(l, 'f1')) ? locations : undefined)],
  [
    { ignore: '^f1$' },
    ({ locations }) => (locations.length === 0 || locations.some((l) => has(l, 'f1')) ? undefined : locations),
  ],
  [{ tagfocus: 'k=^v1$' }, ({ locations, labels }) => (labels[0]?.text === 'v1' ? locations : undefined)],
  [
    { show_from: '^f1$' },
    ({ locations }) => {
      const outermost = locations.findLastIndex((l) => has(l, 'f1'));
      return outermost === -1 ? undefined : locations.slice(0, outermost + 1);
    },
  ],
  [
    { prune_from: '^f1$' },
    ({ locations }) =>
      locations.slice(
        Math.max(
          0,
          locations.findIndex((l) => has(l, 'f1')),
        ),
      ),
  ],
];

bothCores('samples come one by one as the filters leave them, in their order', (t) => {
  for (const [seed, drawing] of drawings.entries()) {
    const profile = openBytes(encode(drawing));
    for (const [query, cut] of cuts) {
      const expected = drawing.samples.flatMap((sample) => {
        const locations = cut(sample);
        return locations === undefined ? [] : [plain({ ...sample, locations })];
      });
      same(t, [...read(profile, drawing, query)], expected, `drawing ${seed} ${JSON.stringify(query)}`);
    }
    // Frames of labels come behind the locations of the profile: numbered in the order of the samples.
    const frames = [...new Set(drawing.samples.map(({ labels }) => labels[0]?.text))];
    same(
      t,
      [...read(profile, drawing, { tagroot: 'k' })].map(({ locations }) => locations.at(-1)),
      drawing.samples.map(({ labels }) => frames.indexOf(labels[0]?.text)),
      `drawing ${seed} tagroot`,
    );
  }
});

bothCores('other queries may run between two slices of 66,000 samples, and two readers at once', (t) => {
  const [a, b, c] = parse('f1;f2 1 1\nf2;f3>f1 1 1\nf3;f4 1 1').samples;
  const drawing: Drawing = {
    types: [
      ['n', 'count'],
      ['cpu', 'nanoseconds'],
    ],
    samples: Array.from({ length: 66_000 }, (_, i) => ({
      locations: [a, b, c][i % 3].locations,
      values: [BigInt(i), BigInt(-i)],
      labels: i % 5 === 0 ? [{ key: 'k', text: 'v1' }] : [],
    })),
  };
  const profile = openBytes(encode(drawing));
  const { top } = profile.stacks;
  const ends = (sample: { locations: readonly unknown[]; values: readonly bigint[] }) =>
    `${sample.values} ${sample.locations.length}`;
  const expected = (query: Query) => {
    const [, cut] = cuts.find(([one]) => JSON.stringify(one) === JSON.stringify(query)) ?? cuts[0];
    return drawing.samples.flatMap((sample) => {
      const locations = cut(sample);
      return locations === undefined ? [] : [ends({ ...sample, locations })];
    });
  };
  const queries: Query[] = [{ focus: '^f1$' }, { show_from: '^f1$' }];
  const readers = queries.map((query) => read(profile, drawing, query));
  const got: string[][] = [[], []];
  for (let round = 0, open = 2; open > 0; round++) {
    open = 0;
    for (const [i, reader] of readers.entries()) {
      // Not in step, so that either meets the end of a slice while the other is within one.
      for (let n = 0; n < 3000 + i * 2500; n++) {
        const { done, value } = reader.next();
        if (done || value === undefined) break;
        if (n === 0) open++;
        got[i].push(ends(value));
      }
    }
    if (round % 4 === 0) {
      const { total } = report(profile, 'top', { ignore: 'f1', sample_index: 'n' });
      t.equal(total, (65_999n * 66_000n) / 2n);
    }
  }
  same(
    t,
    got.map((list) => list.length),
    queries.map((query) => expected(query).length),
    'each reads as many as alone',
  );
  t.ok(
    got.every((list, i) => list.join() === expected(queries[i]).join()),
    'both read what each reads alone',
  );
  const early = read(profile, drawing, {});
  early.next();
  early.return(undefined);
  t.equal(profile.stacks.top, top, 'a reader that stops early, too, leaves the memory as it was');
});

bothCores('joined text is the pieces one after the other: any bytes, any length, tails, many batches', (t) => {
  const random = seeded(11);
  const below = (n: number) => Math.floor(random() * n);
  const characters = ['a', 'bc', 'é', '日', '🙂', '\udcff', '\udc80', '\n', ' '];
  const text = () => {
    const most = [0, 1, 9, 40, 129, 400][below(6)];
    return Array.from({ length: below(most + 1) }, () => characters[below(characters.length)]).join('');
  };
  for (const keeps of [false, true]) {
    const joiner = new Joiner();
    const pieces: Buffer[] = [];
    const add = () => {
      const piece = text();
      if (joiner.add(piece) !== pieces.length) t.fail(`piece ${pieces.length} has another row`);
      pieces.push(Buffer.from(toBytes(piece)));
    };
    const addTail = () => {
      const [row, skip] = [below(pieces.length), below(12)];
      if (joiner.addTail(row, skip) !== pieces.length) t.fail(`tail ${pieces.length} has another row`);
      pieces.push(pieces[row].subarray(skip));
    };
    for (let i = 0; i < 3000; i++)
      if (i % 7 === 6) addTail();
      else add();
    if (keeps) joiner.keepPieces();
    const kept = pieces.length;
    for (let batch = 0; batch < 12; batch++) {
      for (let i = 0; i < (batch === 5 ? 6000 : 50); i++) add();
      const rows = Array.from({ length: batch === 7 ? 0 : below(9000) }, () => below(pieces.length));
      for (const row of rows) joiner.put(row);
      t.equal(joiner.length, rows.length);
      const expected = Buffer.concat(rows.map((row) => pieces[row]));
      t.ok(expected.equals(joiner.take()), `batch ${batch}${keeps ? ', pieces kept' : ''}`);
      t.equal(joiner.length, 0);
      if (keeps) pieces.length = kept;
    }
  }
});
