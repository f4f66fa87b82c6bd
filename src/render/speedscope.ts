// speedscope's file format (https://www.speedscope.app/file-format-schema.json): one profile for each sample type, a
// sample for each distinct stack, root first. Integers are written digit by digit.
//
// speedscope refuses files with weights below 0, so that these come without their sign, as a profile `TYPE (negative)`.

import type { ValueType } from '../model/profile.js';
import type { FlameReport } from '../report/flame.js';
import { scale } from '../units/scale.js';
import { ByteWriter } from './bytes.js';
import { jsonText } from './json.js';

/** Units that the format knows, by pprof's short names. */
const UNITS = new Map([
  ['ns', 'nanoseconds'],
  ['us', 'microseconds'],
  ['ms', 'milliseconds'],
  ['s', 'seconds'],
  ['B', 'bytes'],
]);

export function* renderSpeedscope(report: FlameReport): Generator<Uint8Array> {
  const { frames, types, tree, header } = report;
  const out = new ByteWriter();
  out.text('{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"tspprof",');
  out.text(`"name":${jsonText(header.file === '' ? 'pprof profile' : header.file)},`);
  out.text(`"activeProfileIndex":${report.shownType},"shared":{"frames":[`);
  for (let i = 0; i < frames.length; i++) {
    const { name, file, line, column } = frames[i];
    out.text(`${i === 0 ? '' : ','}\n{"name":${jsonText(name)}`);
    if (file !== '') out.text(`,"file":${jsonText(file)}`);
    if (line !== 0n) out.text(`,"line":${line}`);
    if (column !== 0n) out.text(`,"col":${column}`);
    out.text('}');
    if (out.isFull) yield out.take();
  }
  out.text('\n]},"profiles":[');
  for (let type = 0; type < types.length; type++) {
    if (type > 0) out.text(',');
    yield* profile(out, report, types[type], tree.self[type]);
  }
  for (let type = 0; type < types.length; type++) {
    if (!tree.self[type].some((value) => value < 0n)) continue;
    out.text(',');
    const { type: name, unit } = types[type];
    yield* profile(out, report, { type: `${name} (negative)`, unit }, tree.self[type], true);
  }
  out.text('\n]}\n');
  yield out.take();
}

function* profile(
  out: ByteWriter,
  { tree: { parent, frame } }: FlameReport,
  { type, unit }: ValueType,
  values: BigInt64Array,
  negative = false,
): Generator<Uint8Array> {
  const rows: number[] = [];
  let end = 0n;
  for (let row = 0; row < values.length; row++) {
    const value = negative ? -values[row] : values[row];
    if (value <= 0n) continue;
    rows.push(row);
    end += value;
  }
  out.text(`\n{"type":"sampled","name":${jsonText(type)},"unit":"${knownUnit(unit)}"`);
  out.text(`,"startValue":0,"endValue":${end},"samples":[`);
  const path: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    if (i > 0) out.byte(COMMA);
    path.length = 0;
    for (let at = rows[i]; at >= 0; at = parent[at]) path.push(frame[at]);
    out.text('\n[');
    for (let at = path.length - 1; at >= 0; at--) {
      out.integer(path[at]);
      if (at > 0) out.byte(COMMA);
    }
    out.text(']');
    if (out.isFull) yield out.take();
  }
  out.text('],"weights":[');
  for (let i = 0; i < rows.length; i++) {
    out.text(i > 0 ? ',\n' : '\n');
    if (negative) out.integer(-values[rows[i]]);
    else out.int64(values, rows[i]);
    if (out.isFull) yield out.take();
  }
  out.text(']}');
}

const COMMA = 0x2c;

function knownUnit(unit: string): string {
  const one = scale(1n, unit, unit);
  return (one.value === 1 ? UNITS.get(one.unit) : undefined) ?? 'none';
}
