// Goroutines with equal stacks and equal labels are one sample: 100,000 of them have a few hundred.

import { Column } from '../decode/dump/columns.js';
import { mix, RowIndex } from '../decode/interned.js';
import { type Dump, LEAKED, LOCKED } from '../model/dump.js';
import type { DumpLocations } from './dumpLocations.js';

type Labels = readonly (readonly [key: string, value: string])[];

export class DumpSamples {
  /** By sample: goroutines, and the seconds that they have waited, together. */
  readonly counts: number[] = [];
  readonly seconds: bigint[] = [];
  readonly labelSets: Labels[] = [];
  readonly #index = new RowIndex();
  readonly #start = new Column(Uint32Array);
  readonly #stack = new Column(Int32Array, 1 << 14);
  readonly #labelSet = new Column(Int32Array);

  /** ids: whether a goroutine's id is a label, too. */
  constructor(dump: Dump, locations: DumpLocations, ids: boolean) {
    const { count, waitMinutes, weight } = dump.goroutines;
    const setOf = this.#labelSets(dump, ids);
    const stack: number[] = [];
    this.#start.push(0);
    for (let g = 0; g < count; g++) {
      locations.read(g, stack);
      const row = this.#row(stack, setOf(g));
      this.counts[row] += weight[g];
      if (waitMinutes[g] > 0) this.seconds[row] += BigInt(waitMinutes[g]) * 60n * BigInt(weight[g]);
    }
  }

  get count(): number {
    return this.#index.count;
  }

  /** Location rows, leaf first. */
  stackOf(row: number): Int32Array {
    return this.#stack.view(this.#start.get(row), this.#start.get(row + 1));
  }

  labelSetOf(row: number): number {
    return this.#labelSet.get(row);
  }

  #row(stack: readonly number[], labelSet: number): number {
    let hash = mix(labelSet, stack.length);
    for (const location of stack) hash = mix(hash, location);
    const known = this.#index.find(hash, (row) => {
      const from = this.#start.get(row);
      if (this.#labelSet.get(row) !== labelSet || this.#start.get(row + 1) - from !== stack.length) return false;
      for (let i = 0; i < stack.length; i++) if (this.#stack.get(from + i) !== stack[i]) return false;
      return true;
    });
    if (known >= 0) return known;
    for (const location of stack) this.#stack.push(location);
    this.#start.push(this.#stack.length);
    this.#labelSet.push(labelSet);
    this.counts.push(0);
    this.seconds.push(0n);
    return this.#index.add(hash);
  }

  /** The label set of a goroutine; made once for all with the same state and labels. */
  #labelSets(dump: Dump, ids: boolean): (g: number) => number {
    const { goroutines, labels } = dump;
    const none: ReadonlyMap<string, string> = new Map();
    const byLabels = new Map<ReadonlyMap<string, string>, Map<number, number>>();
    const byText = new Map<string, number>();
    return (g) => {
      const own = labels.get(g) ?? none;
      const key = goroutines.state[g] * 256 + (goroutines.flags[g] & (LOCKED | LEAKED));
      let byState = byLabels.get(own);
      if (byState === undefined) {
        byState = new Map();
        byLabels.set(own, byState);
      }
      const known = ids ? undefined : byState.get(key);
      if (known !== undefined) return known;
      const made = labelsOf(dump, g, ids);
      const text = JSON.stringify(made);
      const row = byText.get(text) ?? this.labelSets.push(made) - 1;
      byText.set(text, row);
      byState.set(key, row);
      return row;
    };
  }
}

/** Sorted, since pprof knows no order. */
function labelsOf({ goroutines, states, labels }: Dump, g: number, ids: boolean): Labels {
  const flags = goroutines.flags[g];
  const made: [string, string][] = [...(labels.get(g) ?? [])];
  made.push(['state', states[goroutines.state[g]]]);
  if (flags & LOCKED) made.push(['locked to thread', 'yes']);
  if (flags & LEAKED) made.push(['leaked', 'yes']);
  if (ids && goroutines.id[g] >= 0) made.push(['id', String(goroutines.id[g])]);
  return made.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
