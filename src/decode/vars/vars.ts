// Bytes → what a program says of its memory: decided by content, in one place. One file may hold a series.
//
//   {"memstats": …}           /debug/vars; several behind each other, in lines or in a list
//   # runtime.MemStats        the end of heap?debug=1
//   go_memstats_…             Prometheus' text
//   {"diskinfo": …}           kubo's diag/sys          {"machine": …}   process.json of tspprof collect

import { ProfileError } from '../../errors.js';
import type { MemberKind } from '../../model/bundle.js';
import { fromBytes } from '../../model/strings.js';
import type { ProcessInfo, SysInfo, VarsIssue, VarsSample } from '../../model/vars.js';
import { decodeText } from '../dump/unwrap/utf16.js';
import { KIND_BYTES, kindOf } from '../kind.js';
import { explainHead } from '../recognise.js';
import { sampleOf } from './expvar.js';
import { hasHeapText, heapTextSamples } from './heapText.js';
import { type JsonObject, readDocuments } from './json.js';
import { metricsSample } from './metrics.js';
import { findObject, processInfoOf, sysInfoOf } from './system.js';

/** What a file holds of a program and its machine: at least one of them. */
export interface DecodedVars {
  readonly samples: readonly VarsSample[];
  readonly sys?: SysInfo;
  readonly process?: ProcessInfo;
  /** Of the file; those of a sample are in it. */
  readonly issues: readonly VarsIssue[];
}

/** bytes: decompressed. Throws ProfileError: empty, not-vars. */
export function decodeVars(bytes: Uint8Array): DecodedVars {
  if (bytes.length === 0)
    throw new ProfileError('empty', 'the file is empty', {}, 'take it again: curl -s http://HOST:PORT/debug/vars');
  const text = fromBytes(decodeText(bytes)?.bytes ?? bytes);
  if (hasHeapText(text)) return { samples: heapTextSamples(text), issues: [] };
  const { objects, issues } = /^[\s[,\x1e]*\{/.test(text) ? readDocuments(text) : { objects: [], issues: [] };
  const samples = objects.flatMap((object) => sampleOf(object) ?? []);
  const [sys] = objects.flatMap((object) => sysInfoOf(object) ?? []);
  const [process] = objects.flatMap((object) => processInfoOf(object) ?? []);
  if (samples.length > 0 || sys !== undefined || process !== undefined)
    return { samples, sys, process, issues: [...issues, ...leftOut(objects.length, samples.length)] };
  const metrics = objects.length === 0 ? metricsSample(text) : undefined;
  if (metrics !== undefined) return { samples: [metrics], issues: [] };
  throw explainNoVars(bytes, objects);
}

/** Both at once are no series of samples with gaps. */
const leftOut = (all: number, samples: number): VarsIssue[] =>
  samples > 1 && all > samples ? [{ fact: `${all - samples} of ${all} have no memstats and are left out` }] : [];

const HEAD = 512;
const TAKE = 'take it from /debug/vars; without that, /debug/pprof/heap?debug=1 has the same numbers';

const OTHERS: Partial<Readonly<Record<MemberKind, readonly [fact: string, hint: string]>>> = {
  profile: ['this is a profile', `tspprof top shows it; memory statistics are something else: ${TAKE}`],
  'text-profile': ['this is a text profile without memory statistics', TAKE],
  dump: ['this is a dump of goroutines', `tspprof stacks shows it; for memory statistics, ${TAKE}`],
  metrics: ['these are metrics without those of a Go program (go_memstats_…)', TAKE],
  archive: ['this is an archive', 'give its name, so that it is read as a bundle: tspprof vars BUNDLE'],
  version: ['this is a version of kubo, without memory statistics', TAKE],
  manifest: ['this is the manifest of a bundle', 'give the bundle: tspprof vars BUNDLE'],
};

function explainNoVars(bytes: Uint8Array, objects: readonly JsonObject[]): ProfileError {
  const known = OTHERS[kindOf(bytes.subarray(0, KIND_BYTES))];
  if (known !== undefined) return new ProfileError('not-vars', known[0], {}, known[1]);
  if (objects.length > 0) {
    const keys = [...objects[0].keys()].slice(0, 5).join(', ');
    const fact = `this is JSON without memstats${keys === '' ? '' : `: it has ${keys}`}`;
    return new ProfileError('not-vars', fact, {}, `${TAKE}; or import _ "expvar" in the program`);
  }
  const head = explainHead(bytes.subarray(0, HEAD))?.fact.replace(/, not an? (pprof )?profile/, '');
  return new ProfileError('not-vars', head ?? 'there are no memory statistics in it', {}, TAKE);
}

/** kubo's diag/sys, and nothing else. Undefined: it is something else. */
export const decodeSysInfo = (bytes: Uint8Array): SysInfo | undefined =>
  findObject(fromBytes(decodeText(bytes)?.bytes ?? bytes), sysInfoOf);

/** process.json of a bundle. Undefined: it is something else. */
export const decodeProcessInfo = (bytes: Uint8Array): ProcessInfo | undefined =>
  findObject(fromBytes(decodeText(bytes)?.bytes ?? bytes), processInfoOf);
