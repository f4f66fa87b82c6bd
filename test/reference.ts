// Each computation of the core once more, in plain TypeScript over objects: slow, obvious, and only for comparison.

import type { Drawing, DrawnLocation } from './draw.js';

export interface Sums {
  flat: bigint;
  cum: bigint;
}

const wrap = (value: bigint) => BigInt.asIntN(64, value);

/** The names of a location, innermost first. */
export type Namer = (location: DrawnLocation) => string[];

export const byFunction: Namer = ({ lines }) => (lines.length === 0 ? ['<none>'] : lines.map((line) => line.name));

/** flat and cum by name: the leaf gets flat, every name of a stack gets cum once. */
export function weights(drawing: Drawing, type: number, names: Namer): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  const of = (name: string) => {
    let sum = sums.get(name);
    if (sum === undefined) {
      sum = { flat: 0n, cum: 0n };
      sums.set(name, sum);
    }
    return sum;
  };
  for (const { locations, values } of drawing.samples) {
    const stack = locations.flatMap(names);
    if (stack.length === 0) continue;
    of(stack[0]).flat = wrap(of(stack[0]).flat + values[type]);
    for (const name of new Set(stack)) of(name).cum = wrap(of(name).cum + values[type]);
  }
  return sums;
}

export interface EdgeSum {
  weight: bigint;
  inline: boolean;
  residual: boolean;
}

/** Calls between kept names, each pair once a sample; inline while every call is from within one location. */
export function edges(
  drawing: Drawing,
  type: number,
  names: Namer,
  kept: (name: string) => boolean,
): Map<string, EdgeSum> {
  const sums = new Map<string, EdgeSum>();
  for (const { locations, values } of drawing.samples) {
    if (values[type] === 0n) continue;
    const seen = new Set<string>();
    let caller: string | undefined;
    let residual = false;
    for (const location of locations.toReversed()) {
      const list = names(location);
      for (let i = list.length - 1; i >= 0; i--) {
        const name = list[i];
        if (!kept(name)) {
          residual = true;
          continue;
        }
        const key = `${caller} ${name}`;
        if (caller !== undefined && caller !== name && !seen.has(key)) {
          seen.add(key);
          const edge = sums.get(key) ?? { weight: 0n, inline: true, residual: false };
          edge.weight = wrap(edge.weight + values[type]);
          edge.inline &&= i !== list.length - 1;
          edge.residual ||= residual;
          sums.set(key, edge);
        }
        caller = name;
        residual = false;
      }
    }
  }
  return sums;
}

/** Rows by |value| descending, then by name. */
export function ordered(sums: ReadonlyMap<string, Sums>, by: 'flat' | 'cum'): string[] {
  const size = (v: bigint) => (v < 0n ? -v : v);
  return [...sums.keys()].sort((a, b) => {
    const [x, y] = [size(sums.get(a)?.[by] ?? 0n), size(sums.get(b)?.[by] ?? 0n)];
    return x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1;
  });
}
