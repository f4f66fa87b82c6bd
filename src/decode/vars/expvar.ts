// /debug/vars: {"cmdline": […], "memstats": {…}, …}. Source: Go's expvar and runtime.MemStats. badger's names by version: v1.6 and v2.0
// badger_*, v2.2007 badger_v2_*, v3 to v4.1 badger_v3_* (y/metrics.go of each).

import {
  type BadgerValue,
  MEM_FIELDS,
  type MemStats,
  RING,
  type SizeClass,
  type VarsSample,
} from '../../model/vars.js';
import type { JsonObject, JsonValue } from './json.js';
import { finite, isObject, objectIn, Problems, small, uint64 } from './numbers.js';

const MOST_NAMES = 1000;
/** Of classes of sizes; Go has 61 to 68. */
const MOST_CLASSES = 256;

/** Undefined: there are no memory statistics in it. */
export function sampleOf(object: JsonObject): VarsSample | undefined {
  const stats = objectIn(object, 'memstats') ?? (isMemStats(object) ? object : undefined);
  if (stats === undefined) return undefined;
  const problems = new Problems();
  const memStats = memStatsOf(stats, problems);
  if (MEM_FIELDS.every((name) => memStats[name] === undefined))
    problems.tell('none of its numbers is there', 'memstats');
  const time = timeOf(object);
  return {
    source: 'expvar',
    ...(time === undefined ? {} : { timeSeconds: time }),
    memStats,
    missing: missingOf(memStats),
    cmdline: cmdlineOf(object.get('cmdline'), problems),
    badger: badgerOf(object, problems),
    otherVars: stats === object ? [] : [...object.keys()].filter(isOther).slice(0, MOST_NAMES),
    issues: problems.issues,
  };
}

/** What encoding/json makes of a runtime.MemStats alone. */
const isMemStats = (object: JsonObject) => object.has('HeapAlloc') && object.has('NumGC');
const isOther = (name: string) => !/^(cmdline|memstats|time|timestamp|badger_.*)$/.test(name);

export function missingOf(stats: MemStats): string[] {
  const lists = ['GCCPUFraction', 'PauseNs', 'PauseEnd', 'BySize'] as const;
  return [...MEM_FIELDS, ...lists].filter((name) => stats[name] === undefined);
}

function memStatsOf(stats: JsonObject, problems: Problems): MemStats {
  const fields = MEM_FIELDS.map((name) => [name, uint64(stats.get(name), `memstats.${name}`, problems)] as const);
  const pauseNs = ringOf(stats, 'PauseNs', problems);
  const pauseEnd = ringOf(stats, 'PauseEnd', problems);
  const isWhole = pauseNs !== undefined && pauseEnd !== undefined;
  return {
    ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    GCCPUFraction: shareOf(stats.get('GCCPUFraction'), problems),
    ...(isWhole ? { PauseNs: pauseNs, PauseEnd: pauseEnd } : {}),
    BySize: classesOf(stats.get('BySize'), problems),
  };
}

function shareOf(value: JsonValue | undefined, problems: Problems): number | undefined {
  const share = finite(value, 'memstats.GCCPUFraction', problems);
  if (share === undefined || (share >= 0 && share <= 1)) return share;
  problems.tell('it is no share from 0 to 1', 'memstats.GCCPUFraction');
  return undefined;
}

function ringOf(stats: JsonObject, name: 'PauseNs' | 'PauseEnd', problems: Problems): bigint[] | undefined {
  const value = stats.get(name);
  if (value === undefined) return undefined;
  const ring = Array.isArray(value) && value.length === RING ? ringValues(value) : undefined;
  if (ring === undefined) problems.tell(`it is no list of ${RING} whole numbers`, `memstats.${name}`);
  return ring;
}

export function ringValues(values: readonly JsonValue[]): bigint[] | undefined {
  const unheard = new Problems();
  const ring = values.flatMap((item) => uint64(item, '', unheard) ?? []);
  return ring.length === values.length ? ring : undefined;
}

function classesOf(value: JsonValue | undefined, problems: Problems): SizeClass[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    problems.tell('it is no list', 'memstats.BySize');
    return undefined;
  }
  const classes: SizeClass[] = [];
  for (const row of value.slice(0, MOST_CLASSES)) {
    const [Size, Mallocs, Frees] = isObject(row) ? ['Size', 'Mallocs', 'Frees'].map((name) => row.get(name)) : [];
    const size = small(Size, 'memstats.BySize.Size', problems);
    const mallocs = uint64(Mallocs, 'memstats.BySize.Mallocs', problems);
    const frees = uint64(Frees, 'memstats.BySize.Frees', problems);
    if (size !== undefined && mallocs !== undefined && frees !== undefined)
      classes.push({ Size: size, Mallocs: mallocs, Frees: frees });
  }
  return classes;
}

function cmdlineOf(value: JsonValue | undefined, problems: Problems): string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value.slice(0, MOST_NAMES);
  problems.tell('it is no list of texts', 'cmdline');
  return undefined;
}

function badgerOf(object: JsonObject, problems: Problems): Map<string, BadgerValue> {
  const found = new Map<string, BadgerValue>();
  for (const [name, value] of object) {
    const short = /^badger_(?:v\d+_)?(\w{1,80})$/.exec(name)?.[1];
    if (short === undefined || found.size === MOST_NAMES) continue;
    if (isObject(value)) {
      const members = [...value].slice(0, MOST_NAMES);
      const counts = members.map(([key, item]) => [key, uint64(item, `${name}.${key}`, problems)] as const);
      found.set(short, new Map(counts.flatMap(([key, count]) => (count === undefined ? [] : [[key, count] as const]))));
    } else {
      const count = uint64(value, name, problems);
      if (count !== undefined) found.set(short, count);
    }
  }
  return found;
}

/** What whoever took the sample wrote beside it: ISO 8601, or a Unix time in seconds, milliseconds or nanoseconds. */
function timeOf(object: JsonObject): number | undefined {
  const value = object.get('time') ?? object.get('timestamp');
  if (typeof value === 'string') {
    const time = /^\d{4}-\d\d-\d\d[T ]/.test(value) ? Date.parse(value) / 1000 : Number.NaN;
    return Number.isFinite(time) ? time : undefined;
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return [1, 1e3, 1e6, 1e9].map((unit) => number / unit).find((time) => time > 1e9 && time < 1e10);
}
