// Units of measurement and the scaling between them. Three families; anything else passes as it is.
// Source of the units and rules: pprof internal/measurement Scale. Does not format: that is format.ts.

interface Unit {
  readonly name: string;
  readonly factor: number;
}

interface Family {
  readonly units: readonly Unit[];
  /** Where a value is below every unit, or the target is of another family. */
  readonly fallback: Unit;
}

const aliases = new Map<string, { family: Family; unit: Unit }>();

function family(fallback: string, rows: readonly (readonly [name: string, factor: number, aliases: string])[]): void {
  const units = rows.map(([name, factor]): Unit => ({ name, factor }));
  const self: Family = { units, fallback: units.find((unit) => unit.name === fallback) ?? units[0] };
  rows.forEach(([, , names], i) => {
    for (const alias of names.split(' ')) aliases.set(alias, { family: self, unit: units[i] });
  });
}

family('B', [
  ['B', 1, 'b byte'],
  ['kB', 2 ** 10, 'kb kbyte kilobyte'],
  ['MB', 2 ** 20, 'mb mbyte megabyte'],
  ['GB', 2 ** 30, 'gb gbyte gigabyte'],
  ['TB', 2 ** 40, 'tb tbyte terabyte'],
  ['PB', 2 ** 50, 'pb pbyte petabyte'],
]);
family('s', [
  ['ns', 1, 'ns nanosecond'],
  ['us', 1e3, 'μs us microsecond'],
  ['ms', 1e6, 'ms millisecond'],
  ['s', 1e9, 's sec second'],
  ['hrs', 3600e9, 'hour hr'],
]);
family('GCU', [
  ['n*GCU', 1e-9, 'nanogcu'],
  ['u*GCU', 1e-6, 'microgcu'],
  ['m*GCU', 1e-3, 'milligcu'],
  ['GCU', 1, 'gcu'],
  ['k*GCU', 1e3, 'kilogcu'],
  ['M*GCU', 1e6, 'megagcu'],
  ['G*GCU', 1e9, 'gigagcu'],
  ['T*GCU', 1e12, 'teragcu'],
  ['P*GCU', 1e15, 'petagcu'],
]);

/** The unit that a name stands for: any case, and a plural s that leaves more than one byte. */
function find(name: string): { family: Family; unit: Unit } | undefined {
  // Go's lower case of İ is i alone, JavaScript's is i and a combining dot.
  const lower = name.replaceAll('İ', 'i').toLowerCase();
  // Go counts bytes: μs has three, so it loses its s and is no unit; μss is.
  const isLong = lower.length > 2 || lower.charCodeAt(0) > 0x7f;
  return aliases.get(isLong && lower.endsWith('s') ? lower.slice(0, -1) : lower);
}

export interface Scaled {
  readonly value: number;
  /** '' where the unit says nothing. */
  readonly unit: string;
}

const LOWEST = -(2n ** 63n);

/**
 * An int64 (a bigint, or a whole number) in another unit; `minimum` and `auto` pick the largest unit in which it is at
 * least 1.
 *
 *   scale(1500000n, 'nanoseconds', 'auto') → { value: 1.5, unit: 'ms' }
 *   scale(7n, 'objects', 'count')          → { value: 7, unit: '' }
 *
 * Source: pprof internal/measurement Scale.
 */
export function scale(value: bigint | number, fromUnit: string, toUnit: string): Scaled {
  // In Go the lowest int64 is its own negative, so it has no mirror.
  if (value < 0 && value > LOWEST) {
    const mirrored = scale(-value, fromUnit, toUnit);
    return { value: -mirrored.value, unit: mirrored.unit };
  }
  const from = find(fromUnit);
  if (from === undefined) {
    const isPlain = ['count', 'sample', 'unit', 'minimum', 'auto'].includes(toUnit);
    return { value: Number(value), unit: isPlain ? '' : toUnit };
  }
  const { units, fallback } = from.family;
  const base = Number(value) * from.unit.factor;
  let to = fallback;
  if (toUnit === 'minimum' || toUnit === 'auto') {
    let largest = 0;
    for (const unit of units) {
      if (unit.factor >= largest && base / unit.factor >= 1) {
        largest = unit.factor;
        to = unit;
      }
    }
  } else {
    const wanted = find(toUnit);
    if (wanted?.family === from.family) to = wanted.unit;
  }
  return { value: base / to.factor, unit: to.name };
}

/** scale() to one unit for many values: numbers in, numbers out. */
export function scaler(fromUnit: string, toUnit: string): (value: number) => number {
  const from = find(fromUnit);
  if (from === undefined) return (value) => value;
  if (toUnit === 'auto' || toUnit === 'minimum') return (value) => scale(value, fromUnit, toUnit).value;
  const wanted = find(toUnit);
  const to = wanted?.family === from.family ? wanted.unit : from.family.fallback;
  return (value) => (value * from.unit.factor) / to.factor;
}

/**
 * Whether values of the one unit can be told in the other: equal names, or units of one family.
 *
 *   unitsCompatible('ms', 'seconds') → true
 *   unitsCompatible('ms', 'bytes')   → false
 *
 * Source: pprof internal/measurement CommonValueType.
 */
export function unitsCompatible(a: string, b: string): boolean {
  if (a === b) return true;
  const family = find(a)?.family;
  return family !== undefined && family === find(b)?.family;
}
