// speedscope's file format (https://www.speedscope.app/file-format-schema.json): one profile for each sample type, a
// sample for each distinct stack, root first. Integers are written digit by digit.

import type { FlameReport, FlameTree } from '../report/flame.js';
import { scale } from '../units/scale.js';
import { jsonText } from './json.js';

/** Units that the format knows, by pprof's short names. */
const UNITS = new Map([
  ['ns', 'nanoseconds'],
  ['us', 'microseconds'],
  ['ms', 'milliseconds'],
  ['s', 'seconds'],
  ['B', 'bytes'],
]);

export function* renderSpeedscope(report: FlameReport): Generator<string> {
  const { frames, types, tree, header } = report;
  yield '{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"tspprof",';
  yield `"name":${jsonText(header.file === '' ? 'pprof profile' : header.file)},"activeProfileIndex":${report.shownType},`;
  yield '"shared":{"frames":[';
  for (let i = 0; i < frames.length; i++) {
    const { name, file, line, column } = frames[i];
    const place = [
      file === '' ? '' : `,"file":${jsonText(file)}`,
      line === 0n ? '' : `,"line":${line}`,
      column === 0n ? '' : `,"col":${column}`,
    ];
    yield `${i === 0 ? '' : ','}\n{"name":${jsonText(name)}${place.join('')}}`;
  }
  yield '\n]},"profiles":[';
  for (let type = 0; type < types.length; type++) {
    const { unit, type: name } = types[type];
    const values = tree.self[type];
    const end = values.reduce((sum, value) => sum + value, 0n);
    yield `${type === 0 ? '' : ','}\n{"type":"sampled","name":${jsonText(name)},"unit":"${knownUnit(unit)}","startValue":0,"endValue":${end},"samples":[`;
    yield* perStack(tree, values, (row) => `[${pathOf(tree, row).join(',')}]`);
    yield '],"weights":[';
    yield* perStack(tree, values, (row) => values[row].toString());
    yield ']}';
  }
  yield '\n]}\n';
}

function knownUnit(unit: string): string {
  const one = scale(1n, unit, unit);
  return (one.value === 1 ? UNITS.get(one.unit) : undefined) ?? 'none';
}

function* perStack({ count }: FlameTree, values: BigInt64Array, text: (row: number) => string): Generator<string> {
  let first = true;
  for (let row = 0; row < count; row++) {
    if (values[row] === 0n) continue;
    yield `${first ? '' : ','}\n${text(row)}`;
    first = false;
  }
}

function pathOf({ parent, frame }: FlameTree, row: number): number[] {
  const path: number[] = [];
  for (let at = row; at >= 0; at = parent[at]) path.push(frame[at]);
  return path.reverse();
}
