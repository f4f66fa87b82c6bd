// A Dump → profile.proto, as runtime/pprof writes goroutine profiles, so that every report works on it.
//
//   goroutine/count   how many goroutines stand there; what is shown unless asked for otherwise
//   wait/seconds      how long they have waited, together: the minutes of the headers; pprof has no unit for minutes
//
// The go statement is no frame. Labels: state, locked to thread, leaked, those of the goroutine, its id if asked for.

import { InternedStrings } from '../decode/interned.js';
import type { Dump } from '../model/dump.js';
import { toBytes } from '../model/strings.js';
import { DumpLocations } from './dumpLocations.js';
import { DumpSamples } from './dumpSamples.js';
import {
  beginMessage,
  sliced,
  writeList,
  writeOptional,
  writeStrings,
  writeTrailer,
  writeValueType,
  written,
} from './messages.js';

export interface DumpProfileOptions {
  /** A label `id` too, so that no two goroutines are one sample. */
  readonly ids?: boolean;
}

/** The chunks of the file, uncompressed. */
export function* encodeDump(dump: Dump, { ids = false }: DumpProfileOptions = {}): Generator<Uint8Array> {
  const strings = new InternedStrings();
  const text = (value: string) => {
    const bytes = toBytes(value);
    return strings.intern(bytes, 0, bytes.length);
  };
  const [type, count, wait, seconds] = [dump.counts ?? 'goroutine', 'count', 'wait', 'seconds'].map(text);
  const locations = new DumpLocations(dump);
  const samples = new DumpSamples(dump, locations, ids);
  yield written((writer) => {
    writeValueType(writer, 1, type, count);
    writeValueType(writer, 1, wait, seconds);
  });
  const labelRows = samples.labelSets.map((set) => set.map(([key, value]) => [text(key), text(value)] as const));
  yield* sliced(samples.count, (writer, row) => {
    beginMessage(writer, 2);
    beginMessage(writer, 1);
    for (const location of samples.stackOf(row)) writer.uint32(location + 1);
    writer.ldelim();
    writeList(writer, 2, [BigInt(samples.counts[row]), samples.seconds[row]]);
    for (const [key, value] of labelRows[samples.labelSetOf(row)]) {
      beginMessage(writer, 3);
      writeOptional(writer, 1, key);
      writeOptional(writer, 2, value);
      writer.ldelim();
    }
    writer.ldelim();
  });
  yield* sliced(locations.count, (writer, row) => {
    beginMessage(writer, 4);
    writeOptional(writer, 1, row + 1);
    for (const frame of locations.framesOf(row)) {
      beginMessage(writer, 4);
      writeOptional(writer, 1, locations.functionOf(frame) + 1);
      writeOptional(writer, 2, Math.max(dump.frames.line[frame], 0));
      writer.ldelim();
    }
    writer.ldelim();
  });
  yield* sliced(locations.functions.length, (writer, row) => {
    const { name, file } = locations.functions[row];
    const [nameRow, fileRow] = [text(name), text(file)];
    beginMessage(writer, 5);
    writeOptional(writer, 1, row + 1);
    writeOptional(writer, 2, nameRow);
    writeOptional(writer, 3, nameRow);
    writeOptional(writer, 4, fileRow);
    writer.ldelim();
  });
  const { bytes, start } = strings.columns();
  yield written((writer) => {
    writeStrings(writer, bytes, start);
    writeTrailer(writer, {
      ...{ dropFrames: 0, keepFrames: 0, timeNanos: 0n, durationNanos: 0n, docUrl: 0, comments: [] },
      ...{ periodType: [type, count], period: 1n, defaultSampleType: type },
    });
  });
}
