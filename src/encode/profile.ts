// A profile as the filters of a query leave it → profile.proto, byte for byte what pprof's -proto gives once it is
// decompressed: its order of fields, messages and strings. Samples are written by the core (assembly/encode.ts), the
// tables here. Does not compress: that is src/source. Source of the rules: pprof profile/encode.go and report printProto.

import { halves, InternedStrings } from '../decode/interned.js';
import { encodeLabelSet } from '../decode/labels.js';
import type { Profile } from '../model/profile.js';
import { toBytes } from '../model/strings.js';
import type { Options } from '../query/options.js';
import type { View } from '../query/view.js';
import {
  beginMessage,
  sliced,
  writeMapping,
  writeOptional,
  writeStrings,
  writeTrailer,
  writeValueType,
  written,
} from './messages.js';

/** The options that -proto heeds beside the filters. */
export type EncodeOptions = Pick<Options, 'divide_by' | 'noinlines' | 'showcolumns' | 'all_frames'>;

/**
 * The chunks of the file, uncompressed. divide_by multiplies values by its inverse and cuts off, if it is above 0; noinlines also drops
 * columns unless showcolumns keeps them; all_frames drops the expressions of frames to drop.
 */
export function* encodeProfile(view: View, options: EncodeOptions): Generator<Uint8Array> {
  const { profile, frames } = view;
  const strings = new StringRows(profile.strings);
  const pair = ({ type, unit }: { type: string; unit: string }) => [strings.of(type), strings.of(unit)] as const;
  // The string table is in the order of first use: types, labels of the samples, mappings, functions, the rest.
  const types = profile.sampleTypes.map(pair);
  const { labels, labelStart } = encodeLabels(view, strings);
  const mappings = profile.mappings.map((mapping) => ({
    mapping: options.noinlines ? { ...mapping, hasInlineFrames: false } : mapping,
    file: strings.of(mapping.file),
    buildId: strings.of(mapping.buildId),
  }));
  const functions = functionStrings(view, strings);
  const { timeNanos, durationNanos, period } = profile;
  const trailer = {
    ...{ timeNanos, durationNanos, period },
    dropFrames: strings.of(options.all_frames ? '' : profile.dropFrames),
    keepFrames: strings.of(options.all_frames ? '' : profile.keepFrames),
    periodType: pair(profile.periodType),
    comments: profile.comments.map((comment) => strings.of(comment)),
    defaultSampleType: strings.of(profile.defaultSampleType),
    docUrl: strings.of(profile.docUrl),
  };

  yield written((writer) => {
    for (const [type, unit] of types) writeValueType(writer, 1, type, unit);
  });
  const ids = withFrames(profile.locations.id, frames.labelFrames.length);
  const ratio = 1 / options.divide_by;
  yield* profile.stacks.encoded(view.choose, {
    ids: ids.map((id, row) => (frames.hidden[row] ? 0n : id)),
    columns: profile.valueColumns,
    ratio: ratio > 0 ? ratio : 1,
    labels,
    labelStart,
  });
  yield written((writer) => {
    for (const { mapping, file, buildId } of mappings) writeMapping(writer, mapping, file, buildId);
  });
  const functionIds = withFrames(profile.functions.id, frames.labelFrames.length);
  yield* encodeLocations(view, halves(ids), halves(functionIds), options.noinlines && !options.showcolumns);
  yield* encodeFunctions(profile, halves(functionIds), functions);
  yield strings.encoded();
  yield written((writer) => writeTrailer(writer, trailer));
}

/** The string table that is written. */
class StringRows {
  readonly #interned = new InternedStrings();
  readonly #strings: Profile['strings'];
  /** Row + 1 by row of the profile's own table, 0 is not yet. */
  readonly #rows: Int32Array;

  constructor(strings: Profile['strings']) {
    this.#strings = strings;
    this.#rows = new Int32Array(strings.count);
  }

  of(text: string): number {
    const bytes = toBytes(text);
    return this.#interned.intern(bytes, 0, bytes.length);
  }

  /** Of a row of the profile's own table. */
  ofRow(row: number): number {
    const known = this.#rows[row];
    if (known !== 0) return known - 1;
    const { bytes, start } = this.#strings;
    const found = this.#interned.intern(bytes, start[row], start[row + 1]);
    this.#rows[row] = found + 1;
    return found;
  }

  encoded(): Uint8Array {
    const { bytes, start } = this.#interned.columns();
    return written((writer) => writeStrings(writer, bytes, start));
  }
}

/** The label fields of every set that a sample has, in one piece. */
function encodeLabels(view: View, strings: StringRows): { labels: Uint8Array; labelStart: Uint32Array } {
  const order = view.profile.stacks.scope((scope) => {
    view.choose(scope);
    return scope.labelSetOrder();
  });
  const count = view.labels.length;
  const sets = new Map<number, Uint8Array>();
  for (const set of order) {
    const labels = view.labels[set];
    sets.set(
      set,
      encodeLabelSet(labels, (text) => strings.of(text)),
    );
  }
  const labelStart = new Uint32Array(count + 1);
  for (let set = 0; set < count; set++) labelStart[set + 1] = labelStart[set] + (sets.get(set)?.length ?? 0);
  const labels = new Uint8Array(labelStart[count]);
  for (const [set, bytes] of sets) labels.set(bytes, labelStart[set]);
  return { labels, labelStart };
}

/** Name, system name and file of every function, label frames at the end: rows of the string table. */
function functionStrings({ profile: { functions }, frames }: View, strings: StringRows): Uint32Array {
  const rows = new Uint32Array(frames.functionCount * 3);
  for (let f = 0; f < functions.count; f++) {
    rows[f * 3] = strings.ofRow(functions.name[f]);
    rows[f * 3 + 1] = strings.ofRow(functions.systemName[f]);
    rows[f * 3 + 2] = strings.ofRow(functions.filename[f]);
  }
  frames.labelFrames.forEach(({ name, file }, i) => {
    rows.set([strings.of(name), 0, strings.of(file)], (functions.count + i) * 3);
  });
  return rows;
}

/** The ids, and behind them those of label frames: the numbers after the largest. */
function withFrames(ids: BigUint64Array, frames: number): BigUint64Array {
  if (frames === 0) return ids;
  const all = new BigUint64Array(ids.length + frames);
  all.set(ids);
  let last = 0n;
  for (const id of ids) if (id > last) last = id;
  for (let row = ids.length; row < all.length; row++) all[row] = ++last;
  return all;
}

function* encodeLocations(
  { profile, frames }: View,
  ids: Uint32Array,
  functionIds: Uint32Array,
  dropColumns: boolean,
): Generator<Uint8Array> {
  const { locations, lines } = profile;
  const mappingIds = halves(BigUint64Array.from(profile.mappings, ({ id }) => id));
  const [address, line, column] = [halves(locations.address), halves(lines.line), halves(lines.column)];
  yield* sliced(frames.locationCount, (writer, row) => {
    beginMessage(writer, 4);
    writeOptional(writer, 1, ids[row * 2], ids[row * 2 + 1]);
    const mapping = frames.mapping(row) * 2;
    if (mapping >= 0) writeOptional(writer, 2, mappingIds[mapping], mappingIds[mapping + 1]);
    const isOwn = row < locations.count;
    if (isOwn) writeOptional(writer, 3, address[row * 2], address[row * 2 + 1]);
    const end = frames.lineStart(row + 1);
    for (let l = frames.lineStart(row); l < end; l++) {
      if (!frames.lineKept[l]) continue;
      const f = frames.lineFunction(l) * 2;
      beginMessage(writer, 4);
      writeOptional(writer, 1, functionIds[f], functionIds[f + 1]);
      if (l < lines.count) {
        writeOptional(writer, 2, line[l * 2], line[l * 2 + 1]);
        if (!dropColumns) writeOptional(writer, 3, column[l * 2], column[l * 2 + 1]);
      }
      writer.ldelim();
    }
    if (isOwn) writeOptional(writer, 5, locations.isFolded[row]);
    writer.ldelim();
  });
}

function* encodeFunctions({ functions }: Profile, ids: Uint32Array, strings: Uint32Array): Generator<Uint8Array> {
  const startLine = halves(functions.startLine);
  yield* sliced(ids.length / 2, (writer, row) => {
    beginMessage(writer, 5);
    writeOptional(writer, 1, ids[row * 2], ids[row * 2 + 1]);
    for (let i = 0; i < 3; i++) writeOptional(writer, 2 + i, strings[row * 3 + i]);
    if (row < functions.count) writeOptional(writer, 5, startLine[row * 2], startLine[row * 2 + 1]);
    writer.ldelim();
  });
}
