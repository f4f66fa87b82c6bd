// What the labels of the samples say of a node: boxes that hang on it in a drawn graph.
//
//   node ── k:x ── 4kB..8kB        string labels, together, and the numbers seen with them
//        └─ 64kB                   numbers without any string label
//
// Of numeric labels graphs show `bytes` alone, and never pprof::base. Source: pprof internal/graph addSample,
// trimLowFreqTags, collapsedTags; internal/report newGraph.

import type { Scope, TagColumns } from '../core/scope.js';
import { compareText } from '../model/strings.js';
import { labelSets, labelUnits } from '../query/labels.js';
import type { Options } from '../query/options.js';
import type { Filtered, Selection } from '../query/selection.js';
import { shownLabels } from '../query/view.js';
import { scaledLabel, truncToInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';
import { divided } from './graph.js';
import { magnitude, maskOf } from './trim.js';

/** Boxes beneath a node or beneath another box at most. */
const MOST = 4;

/** A value of a label, or several numbers between two. */
export interface Nodelet {
  /** `key:value`, sorted; of a box of numbers none. */
  readonly labels: readonly string[];
  /** The least and the largest number; equal for one alone. */
  readonly from?: { readonly value: bigint; readonly unit: string };
  readonly to?: { readonly value: bigint; readonly unit: string };
  /** Stands for several numbers. */
  readonly isRange?: boolean;
  /** Unit to print the numbers in. */
  readonly outputUnit?: string;
  readonly value: bigint;
  /** The value is cumulative: some of it is of nodes beneath. */
  readonly isCumulative: boolean;
  readonly numbers: readonly Nodelet[];
}

interface Tag {
  readonly name: string;
  readonly unit: string;
  readonly value: bigint;
  flat: bigint;
  flatDivisor: bigint;
  cum: bigint;
  cumDivisor: bigint;
}

type Tags = Map<string, Tag>;

interface OfNode {
  readonly labels: Tags;
  /** By the name of the label tag; '' is none. */
  readonly numbers: Map<string, Tags>;
}

/** By node. outputUnit: what numbers are printed in. */
export interface NodeTags {
  readonly of: ReadonlyMap<number, OfNode>;
  readonly outputUnit: string;
}

const NONE: NodeTags = { of: new Map(), outputUnit: '' };

interface Class {
  readonly labels: string;
  readonly bytes: readonly bigint[];
}

/** Label sets that look alike in a graph have one class. */
function classesOf(filtered: Filtered): { of: Uint32Array; classes: Class[] } | undefined {
  const sets = shownLabels(filtered);
  const known = new Map<string, number>();
  const classes: Class[] = [{ labels: '', bytes: [] }];
  const of = Uint32Array.from(sets, ({ strings, numbers }) => {
    const labels = [...strings]
      .filter(([key]) => key !== 'pprof::base')
      .flatMap(([key, values]) => values.map((value) => `${key}:${value}`))
      .sort(compareText)
      .join('\\n');
    const bytes = (numbers.get('bytes') ?? []).map(({ value }) => value);
    if (labels === '' && bytes.length === 0) return 0;
    const key = JSON.stringify([labels, bytes.map(String)]);
    const row = known.get(key);
    if (row !== undefined) return row;
    known.set(key, classes.length);
    return classes.push({ labels, bytes }) - 1;
  });
  return classes.length > 1 ? { of, classes } : undefined;
}

/** Tags of the given nodes. */
export function nodeTags(scope: Scope, selection: Selection, options: Options, nodes: Uint32Array): NodeTags {
  const known = classesOf(selection);
  if (known === undefined) return NONE;
  const { type, divisor, nodeCount } = selection;
  const columns = scope.nodeTags(type, divisor, known.of, maskOf(nodes, nodeCount));
  const tags = new TagMaps(known.classes, selection, options);
  for (let i = 0; i < columns.count; i++) tags.add(columns.node[i], columns, i, true, true);
  return { of: tags.byNode, outputUnit: options.unit };
}

/** The same for rows of the call tree: what a leaf has counts for every row above it that is kept. */
export function treeTags(
  scope: Scope,
  selection: Selection,
  options: Options,
  parent: Int32Array,
  isKept: Uint8Array,
): NodeTags {
  const known = classesOf(selection);
  if (known === undefined) return NONE;
  const columns = scope.leafTags(selection.type, selection.divisor, known.of);
  const tags = new TagMaps(known.classes, selection, options);
  for (let i = 0; i < columns.count; i++) {
    const leaf = columns.node[i];
    for (let row = leaf; row >= 0; row = parent[row]) {
      if (isKept[row])
        tags.add(row, { ...columns, cum: columns.flat, cumDivisor: columns.flatDivisor }, i, row === leaf, true);
    }
  }
  return { of: tags.byNode, outputUnit: options.unit };
}

class TagMaps {
  readonly byNode = new Map<number, OfNode>();
  readonly #classes: readonly Class[];
  readonly #unit: string;
  readonly #outputUnit: string;

  constructor(classes: readonly Class[], { profile }: Filtered, options: Options) {
    this.#classes = classes;
    this.#unit = labelUnits(labelSets(profile), []).get('bytes') ?? 'bytes';
    this.#outputUnit = options.unit;
  }

  add(node: number, columns: TagColumns, row: number, flat: boolean, cum: boolean): void {
    const { labels, bytes } = this.#classes[columns.class[row]];
    let of = this.byNode.get(node);
    if (of === undefined) {
      of = { labels: new Map(), numbers: new Map() };
      this.byNode.set(node, of);
    }
    const add = (tag: Tag) => {
      if (flat) {
        tag.flat = BigInt.asIntN(64, tag.flat + columns.flat[row]);
        tag.flatDivisor = BigInt.asIntN(64, tag.flatDivisor + columns.flatDivisor[row]);
      }
      if (cum) {
        tag.cum = BigInt.asIntN(64, tag.cum + columns.cum[row]);
        tag.cumDivisor = BigInt.asIntN(64, tag.cumDivisor + columns.cumDivisor[row]);
      }
    };
    if (labels !== '') add(found(of.labels, labels, '', 0n));
    if (bytes.length === 0) return;
    let numbers = of.numbers.get(labels);
    if (numbers === undefined) {
      numbers = new Map();
      of.numbers.set(labels, numbers);
    }
    for (const value of bytes) add(found(numbers, scaledLabel(value, this.#unit, this.#outputUnit), this.#unit, value));
  }
}

function found(tags: Tags, name: string, unit: string, value: bigint): Tag {
  let tag = tags.get(name);
  if (tag === undefined) {
    tag = { name, unit, value, flat: 0n, flatDivisor: 0n, cum: 0n, cumDivisor: 0n };
    tags.set(name, tag);
  }
  return tag;
}

const isShown = (cutoff: bigint) => (tag: Tag) => magnitude(tag.flat) >= cutoff || magnitude(tag.cum) >= cutoff;

/** How many nodes to draw when their boxes count as nodes, too. Source: pprof selectTopNodes. */
export function topByTags(tags: NodeTags, nodes: Uint32Array, nodecount: number, cutoff: bigint): number {
  let count = 0;
  for (let i = 0; i < nodes.length; i++) {
    const of = tags.of.get(nodes[i]);
    const boxes = of === undefined ? [] : [of.labels, ...of.numbers.values()].flatMap((map) => [...map.values()]);
    const flat = boxes.filter((tag) => isShown(cutoff)(tag) && tag.flat !== 0n).length;
    count += Math.min(flat, MOST) + 1;
    if (count >= nodecount) return i + 1;
  }
  return Math.min(nodecount, nodes.length);
}

/** The boxes of a node. isLeaf: it calls nobody, so that its cumulative values are shown. */
export function nodeletsOf(
  tags: NodeTags,
  node: number,
  cutoff: bigint,
  isLeaf: boolean,
): { labels: Nodelet[]; numbers: Nodelet[] } {
  const of = tags.of.get(node);
  if (of === undefined) return { labels: [], numbers: [] };
  const shown = (map: Tags | undefined) => sorted([...(map?.values() ?? [])].filter(isShown(cutoff)), isLeaf);
  const numbers = (name: string) => collapsed(shown(of.numbers.get(name)), isLeaf, tags.outputUnit);
  const labels = shown(of.labels)
    .slice(0, MOST)
    .map(
      (tag): Nodelet => ({
        labels: tag.name.split('\\n'),
        value: isLeaf ? divided(tag.cum, tag.cumDivisor) : divided(tag.flat, tag.flatDivisor),
        isCumulative: isLeaf,
        numbers: numbers(tag.name),
      }),
    );
  return { labels, numbers: numbers('') };
}

/** By |cum| of a leaf, then |flat|, then name. */
function sorted<T extends Pick<Tag, 'name' | 'flat' | 'cum'>>(tags: T[], isLeaf: boolean): T[] {
  const descending = (a: bigint, b: bigint) => (a === b ? 0 : a < b ? 1 : -1);
  return tags.sort(
    (a, b) =>
      (isLeaf ? descending(magnitude(a.cum), magnitude(b.cum)) : 0) ||
      descending(magnitude(a.flat), magnitude(b.flat)) ||
      compareText(a.name, b.name),
  );
}

/** Numbers as boxes: beyond four, each joins the nearest of the four heaviest. */
function collapsed(tags: readonly Tag[], isLeaf: boolean, unit: string): Nodelet[] {
  const groups = tags.slice(0, MOST).map((tag) => [tag]);
  for (const tag of tags.slice(MOST)) {
    let nearest = 0;
    let least = distance(tag, groups[0][0]);
    for (let i = 1; i < MOST; i++) {
      const far = distance(tag, groups[i][0]);
      if (far < least) [nearest, least] = [i, far];
    }
    groups[nearest].push(tag);
  }
  const boxes = groups.map(boxOf);
  return (tags.length > MOST ? sorted(boxes, isLeaf) : boxes).map(({ from, to, isRange, flat, cum }): Nodelet => {
    const isFlat = !isLeaf || flat === cum;
    const outputUnit = tags.length > MOST ? 'auto' : unit;
    return {
      labels: [],
      from,
      to,
      isRange,
      outputUnit,
      value: isFlat ? flat : cum,
      isCumulative: !isFlat,
      numbers: [],
    };
  });
}

function distance(tag: Tag, from: Tag): number {
  return Math.abs(scale(from.value, from.unit, tag.unit).value - Number(tag.value));
}

function boxOf(tags: readonly Tag[]) {
  let [min, max] = [tags[0], tags[0]];
  for (const tag of tags.slice(1)) {
    if (truncToInt64(scale(tag.value, tag.unit, min.unit).value) < min.value) min = tag;
    if (truncToInt64(scale(tag.value, tag.unit, max.unit).value) > max.value) max = tag;
  }
  const sum = (key: 'flat' | 'flatDivisor' | 'cum' | 'cumDivisor') =>
    tags.reduce((total, tag) => BigInt.asIntN(64, total + tag[key]), 0n);
  const name = (tag: Tag) => scaledLabel(tag.value, tag.unit, 'auto');
  return {
    name: tags.length === 1 ? name(min) : `${name(min)}..${name(max)}`,
    from: { value: min.value, unit: min.unit },
    to: { value: max.value, unit: max.unit },
    isRange: tags.length > 1,
    flat: divided(sum('flat'), sum('flatDivisor')),
    cum: divided(sum('cum'), sum('cumDivisor')),
  };
}
