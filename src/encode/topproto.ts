// The rows of topproto as a profile: a location and a sample each, functions once.

import type { TopProtoReport } from '../report/topproto.js';
import { encodePlain } from './plain.js';

/** The whole file, uncompressed. */
export function encodeTopProto(report: TopProtoReport): Uint8Array {
  const { outputUnit, timeNanos, durationNanos, periodType, period, rows } = report;
  const known = new Map<string, number>();
  const functions: { name: string; systemName: string; filename: string; startLine: bigint }[] = [];
  const locations = rows.map(({ function: name, file, startLine, line, column, address }) => {
    const key = JSON.stringify([name, file, String(startLine)]);
    let row = known.get(key);
    if (row === undefined) {
      row = functions.push({ name, systemName: '', filename: file, startLine }) - 1;
      known.set(key, row);
    }
    return { address, lines: [{ function: row, line, column }] };
  });
  return encodePlain({
    sampleTypes: ['cum', 'flat'].map((type) => ({ type, unit: outputUnit })),
    samples: rows.map(({ cum, flat }, i) => ({ locations: [i], values: [cum, flat] })),
    locations,
    functions,
    timeNanos,
    durationNanos,
    periodType,
    period,
  });
}
