// tagroot and tagleaf: label values as frames at the root or the leaf of every stack.
//
//   tagroot=a,b   labels a: x, b: 1, 2     root → leaf   x ; 1,2 ; main ; …
//
// A sample without the label gets a frame without a name. Source of the rule: pprof internal/driver/tagroot.go.

import type { Scope } from '../core/scope.js';
import type { LabelSet } from '../model/labels.js';
import { scaledLabel } from '../units/format.js';
import type { Frames, LabelFrame } from './frames.js';

/** Adds the frames to frames and stacks. roots, leaves: label keys. Returns which of the two found any value. */
export function addTagFrames(
  scope: Scope,
  frames: Frames,
  sets: readonly LabelSet[],
  roots: readonly string[],
  leaves: readonly string[],
  unit: string,
): { root: boolean; leaf: boolean } {
  const known = new Map<string, number>();
  const added: LabelFrame[] = [];
  const first = frames.locationCount;
  const found = { root: false, leaf: false };
  const frameOf = (labels: LabelSet, key: string, where: 'root' | 'leaf'): number => {
    const values = labelValues(labels, key, unit);
    if (values.length > 0) found[where] = true;
    const frame = { name: values.join(','), file: key };
    const id = JSON.stringify([frame.name, frame.file]);
    let row = known.get(id);
    if (row === undefined) {
      row = first + added.length;
      known.set(id, row);
      added.push(frame);
    }
    return row;
  };
  const width = roots.length + leaves.length;
  const rows = new Uint32Array(sets.length * width);
  // Stacks are leaf first, so the last key comes first in both lists. Frames are numbered as pprof does, sample by sample, roots first.
  const [leafFirst, rootLast] = [leaves.toReversed(), roots.toReversed()];
  for (const set of scope.labelSetOrder()) {
    const above = rootLast.map((key) => frameOf(sets[set], key, 'root'));
    const beneath = leafFirst.map((key) => frameOf(sets[set], key, 'leaf'));
    rows.set([...beneath, ...above], set * width);
  }
  frames.addLabelFrames(added);
  scope.addLabelFrames(rows, leaves.length, roots.length, frames.locationCount);
  return found;
}

/** The values of a label as text: strings first, then numbers in the unit asked for. */
function labelValues(labels: LabelSet, key: string, unit: string): string[] {
  const numbers = labels.numbers.get(key) ?? [];
  const withUnits = numbers.some((label) => label.unit !== '');
  return [
    ...(labels.strings.get(key) ?? []),
    ...numbers.map((label) =>
      withUnits ? scaledLabel(label.value, label.unit, unit) : scaledLabel(label.value, '', ''),
    ),
  ];
}
