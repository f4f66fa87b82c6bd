// callgrind's format as pprof writes it (internal/report printCallgrind): names in full once, then by number, and
// addresses relative where that is shorter.

import type { CallgrindReport, CallgrindRow } from '../report/callgrind.js';
import { truncToInt64 } from '../units/format.js';
import { scale } from '../units/scale.js';

export function* renderCallgrind(report: CallgrindReport): Generator<string> {
  const { sampleType, outputUnit, unit } = report;
  yield `positions: instr line\nevents: ${sampleType}(${outputUnit})\n`;
  const [objects, files, functions] = [new Names(), new Names(), new Names()];
  const known = new Map<bigint, bigint>();
  const cost = (value: bigint) => {
    let scaled = known.get(value);
    if (scaled === undefined) {
      scaled = truncToInt64(scale(value, unit, outputUnit).value);
      known.set(value, scaled);
    }
    return scaled;
  };
  let previous: CallgrindRow | undefined;
  for (const row of report.rows) {
    const { object, file, function: name, line, calls } = row;
    let text = '';
    if (previous === undefined || object !== previous.object || file !== previous.file || name !== previous.function) {
      text += `\nob=${objects.of(object)}\nfl=${files.of(file)}\nfn=${functions.of(name)}\n`;
    }
    text += `${place(previous, row.address)} ${line} ${cost(row.flat)}\n`;
    for (const call of calls) {
      text += `cfl=${files.of(call.file)}\ncfn=${functions.of(call.function)}\n`;
      text += `calls=0 ${place(previous, call.address)} ${call.line}\n* * ${cost(call.weight)}\n`;
    }
    yield text;
    previous = row;
  }
}

class Names {
  readonly #known = new Map<string, string>();

  of(name: string): string {
    if (name === '') return '';
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const number = `(${this.#known.size + 1})`;
    this.#known.set(name, number);
    return `${number} ${clean(name)}`;
  }
}

/** A name is a line. */
const clean = (name: string) => (/[\n\r]/.test(name) ? name.replace(/[\n\r]/g, ' ') : name);

/** Absolute, or relative to the row before where that takes fewer characters. */
function place(previous: CallgrindRow | undefined, address: bigint): string {
  const absolute = `0x${address.toString(16)}`;
  if (previous === undefined) return absolute;
  if (previous.address === address) return '*';
  const difference = BigInt.asIntN(64, address - previous.address);
  const relative = difference < 0n ? difference.toString() : `+${difference}`;
  return relative.length < absolute.length ? relative : absolute;
}
