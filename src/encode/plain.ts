// Small tables made in memory → profile.proto, as pprof writes what it made itself (topproto). Ids are row + 1.

import { InternedStrings } from '../decode/interned.js';
import type { ValueType } from '../model/profile.js';
import { toBytes } from '../model/strings.js';
import {
  beginMessage,
  writeBigint,
  writeList,
  writeOptional,
  writeStrings,
  writeTrailer,
  writeValueType,
  written,
} from './messages.js';

export interface PlainProfile {
  readonly sampleTypes: readonly ValueType[];
  readonly samples: readonly {
    /** Rows of locations, leaf first. */
    readonly locations: readonly number[];
    readonly values: readonly bigint[];
  }[];
  readonly locations: readonly {
    readonly address: bigint;
    /** Innermost first; function: a row of functions. */
    readonly lines: readonly { readonly function: number; readonly line: bigint; readonly column: bigint }[];
  }[];
  readonly functions: readonly {
    readonly name: string;
    readonly systemName: string;
    readonly filename: string;
    readonly startLine: bigint;
  }[];
  readonly timeNanos: bigint;
  readonly durationNanos: bigint;
  readonly periodType: ValueType;
  readonly period: bigint;
}

/** The whole file, uncompressed. */
export function encodePlain(profile: PlainProfile): Uint8Array {
  const strings = new InternedStrings();
  const row = (text: string) => {
    const bytes = toBytes(text);
    return strings.intern(bytes, 0, bytes.length);
  };
  return written((writer) => {
    for (const { type, unit } of profile.sampleTypes) writeValueType(writer, 1, row(type), row(unit));
    for (const { locations, values } of profile.samples) {
      const ids = locations.map((location) => BigInt(location + 1));
      beginMessage(writer, 2);
      writeList(writer, 1, ids);
      writeList(writer, 2, values);
      writer.ldelim();
    }
    profile.locations.forEach(({ address, lines }, i) => {
      beginMessage(writer, 4);
      writeOptional(writer, 1, i + 1);
      writeBigint(writer, 3, address);
      for (const { function: f, line, column } of lines) {
        beginMessage(writer, 4);
        writeOptional(writer, 1, f + 1);
        writeBigint(writer, 2, line);
        writeBigint(writer, 3, column);
        writer.ldelim();
      }
      writer.ldelim();
    });
    profile.functions.forEach(({ name, systemName, filename, startLine }, i) => {
      const texts = [row(name), row(systemName), row(filename)];
      beginMessage(writer, 5);
      writeOptional(writer, 1, i + 1);
      texts.forEach((text, field) => {
        writeOptional(writer, field + 2, text);
      });
      writeBigint(writer, 5, startLine);
      writer.ldelim();
    });
    const { timeNanos, durationNanos, period } = profile;
    const periodType = [row(profile.periodType.type), row(profile.periodType.unit)] as const;
    const { bytes, start } = strings.columns();
    writeStrings(writer, bytes, start);
    writeTrailer(writer, {
      ...{ dropFrames: 0, keepFrames: 0, timeNanos, durationNanos, periodType, period },
      ...{ comments: [], defaultSampleType: 0, docUrl: 0 },
    });
  });
}
