// Seeded profiles for the benchmarks, like those of a real server: a call graph in which few functions are hot (Zipf),
// stacks that share their outer frames, one location in seven with an inlined call, a handful of label sets.
//
//   size     samples   functions   depth
//   small     20,000       5,000      25
//   medium   200,000      20,000      30
//   large  1,000,000      50,000      40
//   recursive  1,000,000     300      40

import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unzipSync, zipSync } from 'fflate';
import protobuf from 'protobufjs/minimal.js';

export const SIZES = {
  small: { samples: 20_000, functions: 5_000, depth: 25 },
  medium: { samples: 200_000, functions: 20_000, depth: 30 },
  large: { samples: 1_000_000, functions: 50_000, depth: 40 },
  recursive: { samples: 1_000_000, functions: 300, depth: 40 },
};

/** Paths of the profile of a size, raw and gzipped, made when they are not there yet. */
export function profileFile(size) {
  const folder = join(tmpdir(), 'tspprof-bench-1');
  const path = join(folder, `${size}.pb`);
  if (!existsSync(`${path}.gz`)) {
    mkdirSync(folder, { recursive: true });
    const bytes = makeProfile(SIZES[size]);
    writeFileSync(path, bytes);
    writeFileSync(`${path}.gz`, gzipSync(bytes));
  }
  return { raw: path, gz: `${path}.gz` };
}

/** A dump of so many goroutines: nine real ones again and again, with ids and pointers of their own; distinct: with so many line numbers. */
export function dumpFile(count, distinct) {
  const folder = join(tmpdir(), 'tspprof-bench-1');
  const path = join(folder, `goroutines-${count}-${distinct}.txt`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const source = new URL('../test/fixtures/dumps/gostackparse/waitsince.txt', import.meta.url);
  const goroutines = readFileSync(source, 'utf8').trim().split('\n\n');
  const random = seeded(7);
  const pointer = () =>
    `0xc000${Math.floor(random() * 0x1000000)
      .toString(16)
      .padStart(6, '0')}`;
  const file = openSync(path, 'w');
  for (let from = 0; from < count; from += 1000) {
    const chunk = [];
    for (let i = from; i < Math.min(count, from + 1000); i++) {
      const k = distinct === 0 ? 0 : i % distinct;
      const text = goroutines[i % goroutines.length]
        .replace(/^goroutine \d+/, `goroutine ${i + 1}`)
        .replace(/0xc[0-9a-f]{9}/g, pointer);
      chunk.push(
        k === 0
          ? text
          : text.replace(
              /:(\d+) \+0x([0-9a-f]{2})/g,
              (_, line, offset) =>
                `:${Number(line) + (k % 233) + (offset < 'a' ? Math.floor(k / 233) : 0)} +0x${offset}`,
            ),
      );
    }
    writeSync(file, `${chunk.join('\n\n')}\n\n`);
  }
  closeSync(file);
  return path;
}

/**
 * A bundle of one process: ordinary (2 MB: the recorded members of a busy server, a dump of 1,000 goroutines, 20,000 samples) or large (a folder with a
 * dump of 100,000 goroutines, 93 MB, and 1M samples).
 */
export function bundleFile(kind) {
  const folder = join(tmpdir(), 'tspprof-bench-1');
  const path = join(folder, kind === 'large' ? 'large-bundle' : `${kind}.zip`);
  if (existsSync(path)) return path;
  if (kind === 'large') {
    mkdirSync(path, { recursive: true });
    copyFileSync(dumpFile(100_000, 0), join(path, 'goroutines.stacks'));
    copyFileSync(profileFile('large').raw, join(path, 'cpu.pprof'));
    return path;
  }
  const recorded = new URL('../test/fixtures/faults/shop/healthy-rush.zip', import.meta.url);
  const members = unzipSync(readFileSync(recorded));
  members['goroutines.stacks'] = readFileSync(dumpFile(1000, 100));
  members['cpu.pprof'] = readFileSync(profileFile('small').gz);
  delete members['goroutines.2.stacks'];
  writeFileSync(path, zipSync(members));
  return path;
}

export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const LOCATIONS = 4; // call sites a function

export function makeProfile({ samples, functions, depth }, seed = 1) {
  const random = seeded(seed);
  const below = (n) => Math.floor(random() * n);
  const zipf = (n) => Math.floor(n * random() ** 3);
  const strings = new Map([['', 0]]);
  const text = (value) => {
    if (!strings.has(value)) strings.set(value, strings.size);
    return strings.get(value);
  };
  const parts = [];
  const message = (field, write) => {
    const writer = protobuf.Writer.create()
      .uint32((field << 3) | 2)
      .fork();
    write(writer);
    parts.push(writer.ldelim().finish());
  };
  const pair = (field, a, b) => message(field, (w) => w.uint32(8).uint32(a).uint32(16).uint32(b));
  pair(1, text('samples'), text('count'));
  pair(1, text('cpu'), text('nanoseconds'));
  message(3, (w) =>
    w
      .uint32(8)
      .uint32(1)
      .uint32(16)
      .uint32(0x400000)
      .uint32(24)
      .uint32(0x4000000)
      .uint32(40)
      .uint32(text('/usr/bin/server'))
      .uint32(56)
      .uint32(1),
  );
  for (let l = 0; l < functions * LOCATIONS; l++) {
    const own = Math.floor(l / LOCATIONS) + 1;
    const lines =
      random() < 1 / 7
        ? [
            [zipf(functions) + 1, 1 + below(400)],
            [own, 1 + below(900)],
          ]
        : [[own, 1 + below(900)]];
    message(4, (w) => {
      w.uint32(8)
        .uint32(l + 1)
        .uint32(16)
        .uint32(1)
        .uint32(24)
        .uint32(0x400000 + l * 41);
      for (const [id, line] of lines) w.uint32(34).fork().uint32(8).uint32(id).uint32(16).uint32(line).ldelim();
    });
  }
  for (let f = 0; f < functions; f++) {
    const pkg = `github.com/team${f % 89}/service${f % 23}/internal/pkg${Math.floor(f / 40)}`;
    const name = text(`${pkg}.(*Worker${f % 13}).Step${f}`);
    const file = text(`/src/${pkg}/step${f % 9}.go`);
    message(5, (w) =>
      w
        .uint32(8)
        .uint32(f + 1)
        .uint32(16)
        .uint32(name)
        .uint32(24)
        .uint32(name)
        .uint32(32)
        .uint32(file)
        .uint32(40)
        .uint32(1 + below(500)),
    );
  }
  const labelKey = text('request');
  const numberKey = text('bytes');
  const routes = Array.from({ length: 8 }, (_, i) => text(`/route/${i}`));
  // Every function calls a few others; hot ones are called more often.
  const callees = new Uint32Array(functions * 6);
  for (let i = 0; i < callees.length; i++) callees[i] = zipf(functions);
  const stack = [];
  for (let s = 0; s < samples; s++) {
    stack.length = Math.min(stack.length, below(depth));
    const wanted = Math.max(3, Math.floor(depth * (0.5 + random())));
    let f = stack.length > 0 ? Math.floor(stack[stack.length - 1] / LOCATIONS) : below(8);
    while (stack.length < wanted) {
      f = callees[f * 6 + Math.floor(6 * random() ** 2)];
      stack.push(f * LOCATIONS + below(LOCATIONS));
    }
    const count = 1 + below(20);
    message(2, (w) => {
      w.uint32(10).fork();
      for (let i = stack.length - 1; i >= 0; i--) w.uint32(stack[i] + 1);
      w.ldelim()
        .uint32(18)
        .fork()
        .uint32(count)
        .uint32(count * 10_000_000)
        .ldelim();
      w.uint32(26).fork().uint32(8).uint32(labelKey).uint32(16).uint32(routes[below(8)]).ldelim();
      w.uint32(26)
        .fork()
        .uint32(8)
        .uint32(numberKey)
        .uint32(24)
        .uint32(1 + below(64))
        .ldelim();
    });
  }
  for (const value of strings.keys()) {
    const bytes = Buffer.from(value);
    parts.push(protobuf.Writer.create().uint32(50).bytes(bytes).finish());
  }
  return Buffer.concat(parts);
}
