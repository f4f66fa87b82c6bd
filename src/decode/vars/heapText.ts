// The end of /debug/pprof/heap?debug=1 and allocs?debug=1, which every program with pprof has: MemStats as comments, without sizes by class;
// on Unix also the most that the process ever had in memory. Source: Go's runtime/pprof writeHeapInternal.
//
//   # runtime.MemStats
//   # Alloc = 126815904
//   # Stack = 983040 / 983040
//   # PauseNs = [90555 22604 …]
//   # MaxRSS = 139706368

import { MEM_FIELDS, type MemField, type MemStats, RING, type VarsSample } from '../../model/vars.js';
import { missingOf } from './expvar.js';
import { Problems } from './numbers.js';

const MARK = '# runtime.MemStats';

export const hasHeapText = (text: string) => /^# runtime\.MemStats\r?$/m.test(text);

/** In use / from the system. */
const PAIRS: ReadonlyMap<string, readonly [MemField, MemField]> = new Map([
  ['Stack', ['StackInuse', 'StackSys']],
  ['MSpan', ['MSpanInuse', 'MSpanSys']],
  ['MCache', ['MCacheInuse', 'MCacheSys']],
]);

const isField = (name: string): name is MemField => MEM_FIELDS.some((field) => field === name);

/** Several heap profiles behind each other are several samples. */
export function heapTextSamples(text: string): VarsSample[] {
  return text.split(MARK).slice(1).map(sampleOfTail);
}

function sampleOfTail(tail: string): VarsSample {
  const problems = new Problems();
  const fields = new Map<MemField, bigint>();
  const rings = new Map<string, bigint[]>();
  let share: number | undefined;
  let peak: bigint | undefined;
  for (const [, name, value] of tail.matchAll(/^# (\w{1,40}) = ([^\r\n]{1,16384})\r?$/gm)) {
    const pair = PAIRS.get(name);
    if (pair !== undefined) {
      const [inUse, fromSystem] = value.split(' / ').map(wholeText);
      set(fields, pair[0], inUse, problems);
      set(fields, pair[1], fromSystem, problems);
    } else if (name === 'PauseNs' || name === 'PauseEnd') {
      const ring = value.replace(/^\[|\]$/g, '').split(' ');
      const values = ring.flatMap((digits) => wholeText(digits) ?? []);
      if (ring.length === RING && values.length === RING) rings.set(name, values);
      else problems.tell(`it is no list of ${RING} whole numbers`, name);
    } else if (name === 'GCCPUFraction') {
      const number = Number(value);
      if (number >= 0 && number <= 1) share = number;
      else problems.tell('it is no share from 0 to 1', name);
    } else if (name === 'MaxRSS') peak = wholeText(value);
    else if (isField(name)) set(fields, name, wholeText(value), problems);
  }
  const [pauseNs, pauseEnd] = [rings.get('PauseNs'), rings.get('PauseEnd')];
  const memStats: MemStats = {
    ...Object.fromEntries(fields),
    GCCPUFraction: share,
    ...(pauseNs !== undefined && pauseEnd !== undefined ? { PauseNs: pauseNs, PauseEnd: pauseEnd } : {}),
  };
  return {
    source: 'heap text',
    memStats,
    missing: missingOf(memStats),
    badger: new Map(),
    otherVars: [],
    peakResidentBytes: peak,
    issues: problems.issues,
  };
}

function set(fields: Map<MemField, bigint>, name: MemField, value: bigint | undefined, problems: Problems): void {
  if (value === undefined) problems.tell('it is no whole number from 0 to 2^64 - 1', name);
  else fields.set(name, value);
}

function wholeText(digits: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const value = BigInt(digits);
  return value < 2n ** 64n ? value : undefined;
}
