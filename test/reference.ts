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

/** The same as top prints them. */
export const byPrintedName: Namer = ({ lines, mapping }) =>
  lines.length === 0 ? [`[${mapping.split('/').at(-1)}]`] : lines.map((line) => line.name);

export interface EdgeSum {
  weight: bigint;
  /** Σ of the divisor's column. */
  divisor: bigint;
  inline: boolean;
  residual: boolean;
}

/** Calls between kept names, each pair once a sample; inline while every call is from within one location. */
export function edges(
  drawing: Drawing,
  type: number,
  names: Namer,
  kept: (name: string) => boolean,
  divisor?: number,
): Map<string, EdgeSum> {
  const sums = new Map<string, EdgeSum>();
  for (const { locations, values } of drawing.samples) {
    const by = divisor === undefined ? 0n : values[divisor];
    if (values[type] === 0n && by === 0n) continue;
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
          const edge = sums.get(key) ?? { weight: 0n, divisor: 0n, inline: true, residual: false };
          edge.weight = wrap(edge.weight + values[type]);
          edge.divisor = wrap(edge.divisor + by);
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

export interface TreeNode {
  /** Row of the caller, -1 is none. */
  readonly parent: number;
  readonly name: string;
  inline: boolean;
  called: boolean;
  /** By type asked for. */
  readonly self: bigint[];
  readonly total: bigint[];
}

export interface CallTree {
  readonly rows: readonly TreeNode[];
  /** Row of each sample's leaf, -1 is none. */
  readonly leaves: readonly number[];
}

/** The call tree, rows in order of first use; only: without samples that are 0 in all types. */
export function callTree(drawing: Drawing, types: readonly number[], names: Namer, only: boolean): CallTree {
  const rows: TreeNode[] = [];
  const known = new Map<string, number>();
  const leaves = drawing.samples.map(({ locations, values }) => {
    let row = -1;
    if (only && types.every((type) => values[type] === 0n)) return row;
    for (const location of locations.toReversed()) {
      for (const [i, name] of names(location).toReversed().entries()) {
        const key = `${row} ${name}`;
        const found = known.get(key) ?? rows.length;
        if (found === rows.length) {
          const zeros = () => types.map(() => 0n);
          rows.push({ parent: row, name, inline: false, called: false, self: zeros(), total: zeros() });
          known.set(key, found);
        }
        if (i === 0) rows[found].called = true;
        else rows[found].inline = true;
        row = found;
      }
    }
    for (const [i, type] of types.entries()) {
      if (row >= 0) rows[row].self[i] = wrap(rows[row].self[i] + values[type]);
      for (let at = row; at >= 0; at = rows[at].parent) rows[at].total[i] = wrap(rows[at].total[i] + values[type]);
    }
    return row;
  });
  return { rows, leaves };
}

export interface TagSum {
  flat: bigint;
  flatDivisor: bigint;
  cum: bigint;
  cumDivisor: bigint;
}

/** What kept names have of each class of samples, by `name class`; class 0 is none. */
export function nodeTags(
  drawing: Drawing,
  type: number,
  divisor: number | undefined,
  names: Namer,
  classOf: (sample: Drawing['samples'][number]) => number,
  kept: (name: string) => boolean,
): Map<string, TagSum> {
  const tags = new Map<string, TagSum>();
  for (const sample of drawing.samples) {
    const value = sample.values[type];
    const by = divisor === undefined ? 0n : sample.values[divisor];
    const one = classOf(sample);
    if (one === 0 || (value === 0n && by === 0n)) continue;
    const stack = sample.locations.flatMap(names).reverse();
    for (const name of new Set(stack)) {
      if (!kept(name)) continue;
      const key = `${name} ${one}`;
      const tag = tags.get(key) ?? { flat: 0n, flatDivisor: 0n, cum: 0n, cumDivisor: 0n };
      tags.set(key, tag);
      tag.cum = wrap(tag.cum + value);
      tag.cumDivisor = wrap(tag.cumDivisor + by);
      if (name !== stack.at(-1)) continue;
      tag.flat = wrap(tag.flat + value);
      tag.flatDivisor = wrap(tag.flatDivisor + by);
    }
  }
  return tags;
}

export interface WorkSums {
  /** By owner. */
  readonly charged: Map<string, bigint>;
  readonly cum: Map<string, bigint>;
  /** `owner/kind` */
  readonly through: Map<string, bigint>;
  readonly within: Map<string, bigint>;
  readonly kinds: Map<number, bigint>;
}

/** Whose work samples are; role: 0 or a kind for a library's function, -1 for an own one. The owner of what nobody stands behind is ''. */
export function work(drawing: Drawing, type: number, role: (name: string) => number): WorkSums {
  const [charged, cum, through, within] = Array.from({ length: 4 }, () => new Map<string, bigint>());
  const kinds = new Map<number, bigint>();
  const add = <K>(sums: Map<K, bigint>, key: K, value: bigint) => sums.set(key, wrap((sums.get(key) ?? 0n) + value));
  for (const { locations, values } of drawing.samples) {
    const value = values[type];
    if (value === 0n) continue;
    const names = locations.flatMap(({ lines }) => lines.map(({ name }) => name));
    const own = names.findIndex((name) => role(name) < 0);
    const below = names.slice(0, own < 0 ? names.length : own).filter((name) => role(name) > 0);
    const owner = own < 0 ? '' : names[own];
    add(charged, owner, value);
    add(through, `${owner}/${below.length === 0 ? 0 : role(below[below.length - 1])}`, value);
    for (const kind of new Set(below.map(role))) {
      add(kinds, kind, value);
      add(within, `${owner}/${kind}`, value);
    }
    for (const name of new Set(names.filter((name) => role(name) < 0))) add(cum, name, value);
  }
  return { charged, cum, through, within, kinds };
}
