// A TextProfile → profile.proto, as runtime/pprof writes the same profile with debug=0, so that every report works on it.

import { halves, InternedStrings } from '../decode/interned.js';
import { toBytes } from '../model/strings.js';
import type { TextProfile } from '../model/textProfile.js';
import {
  beginMessage,
  sliced,
  writeBigint,
  writeMapping,
  writeOptional,
  writePairs,
  writeStrings,
  writeTrailer,
  writeValueType,
  written,
} from './messages.js';

/** The chunks of the file, uncompressed. */
export function* encodeTextProfile(profile: TextProfile): Generator<Uint8Array> {
  const { sampleTypes, samples, locations, functions, names, mappings } = profile;
  const strings = new InternedStrings();
  const text = (value: string) => {
    const bytes = toBytes(value);
    return strings.intern(bytes, 0, bytes.length);
  };
  const pair = ({ type, unit }: { type: string; unit: string }) => [text(type), text(unit)] as const;
  const types = sampleTypes.map(pair);
  const labelRows = profile.labelSets.map((set) => [...set].map(([key, value]) => [text(key), text(value)] as const));
  const bytesKey = samples.blockSize === undefined ? 0 : text('bytes');
  // Without a unit a number of 0 is no label, unless its '' is another row.
  const noUnit = samples.blockSize === undefined ? 0 : strings.emptyRow();
  const files = mappings.map(({ file, buildId }) => [text(file), text(buildId)]);
  yield written((writer) => {
    for (const [type, unit] of types) writeValueType(writer, 1, type, unit);
  });
  const values = halves(samples.values);
  yield* sliced(samples.count, (writer, row) => {
    beginMessage(writer, 2);
    beginMessage(writer, 1);
    const end = samples.stackStart[row + 1];
    for (let i = samples.stackStart[row]; i < end; i++) writer.uint32(samples.stack[i] + 1);
    writer.ldelim();
    writePairs(writer, 2, values, row * sampleTypes.length, sampleTypes.length);
    for (const [key, value] of labelRows[samples.labelSet[row]]) {
      beginMessage(writer, 3);
      writeOptional(writer, 1, key);
      writeOptional(writer, 2, value);
      writer.ldelim();
    }
    if (samples.blockSize !== undefined) {
      const size = samples.blockSize[row];
      beginMessage(writer, 3);
      writeOptional(writer, 1, bytesKey);
      writeBigint(writer, 3, size);
      if (size === 0n) writeOptional(writer, 4, noUnit);
      writer.ldelim();
    }
    writer.ldelim();
  });
  yield written((writer) => {
    mappings.forEach((mapping, i) => {
      writeMapping(writer, mapping, files[i][0], files[i][1]);
    });
  });
  const address = halves(locations.address);
  yield* sliced(locations.count, (writer, row) => {
    beginMessage(writer, 4);
    writeOptional(writer, 1, row + 1);
    writeOptional(writer, 2, locations.mapping[row] + 1);
    writeOptional(writer, 3, address[row * 2], address[row * 2 + 1]);
    for (let i = locations.lineStart[row]; i < locations.lineStart[row + 1]; i++) {
      beginMessage(writer, 4);
      writeOptional(writer, 1, locations.lineFunction[i] + 1);
      writeOptional(writer, 2, locations.line[i]);
      writer.ldelim();
    }
    writer.ldelim();
  });
  const name = (row: number) => strings.intern(names.bytes, names.start[row], names.start[row + 1]);
  yield* sliced(functions.count, (writer, row) => {
    const [own, file] = [name(functions.name[row]), name(functions.file[row])];
    beginMessage(writer, 5);
    writeOptional(writer, 1, row + 1);
    writeOptional(writer, 2, own);
    writeOptional(writer, 3, own);
    writeOptional(writer, 4, file);
    writer.ldelim();
  });
  const { dropFrames, keepFrames, durationNanos, period } = profile;
  const trailer = {
    ...{ dropFrames: text(dropFrames), keepFrames: text(keepFrames), timeNanos: 0n, durationNanos, period },
    ...{ periodType: pair(profile.periodType), comments: [], defaultSampleType: 0, docUrl: 0 },
  };
  const { bytes, start } = strings.columns();
  yield written((writer) => {
    writeStrings(writer, bytes, start);
    writeTrailer(writer, trailer);
  });
}
