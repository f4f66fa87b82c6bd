// The tables of a merge: strings, functions, mappings and locations of all sources, each once, numbered in the order of
// use. What makes two rows one, by pprof's profile/merge.go:
//
//   mapping    size in whole pages, offset, build id (or else the file)
//   function   name, system name, file, start line
//   location   address within its mapping, mapping, folded, lines. Of the columns only the last line's counts: pprof's key
//              overwrites the others, and what it takes for one is one here, too.

import type { SourceRows } from '../core/merge.js';
import type { StackStore } from '../core/store.js';
import { grown, halves, InternedStrings, mix, RowIndex } from '../decode/interned.js';
import { decodeLabelSet, encodeLabelSet } from '../decode/labels.js';
import type { LabelSet } from '../model/labels.js';
import type { Mapping, Profile } from '../model/profile.js';
import { stringTable, toBytes } from '../model/strings.js';

type Tables = Pick<Profile, 'strings' | 'functions' | 'locations' | 'lines' | 'mappings'>;

/** A source on its way in: its columns, and where its rows went (row + 1, 0 while nowhere). */
class Source {
  readonly profile: Profile<StackStore>;
  readonly stringRow: Int32Array;
  readonly functionRow: Int32Array;
  readonly mappingRow: Int32Array;
  readonly address: Uint32Array;
  readonly startLine: Uint32Array;
  readonly line: Uint32Array;
  readonly column: Uint32Array;
  /** Of the mappings, and of none at the end. */
  readonly mappingStart: Uint32Array;

  constructor(profile: Profile<StackStore>) {
    const { strings, functions, mappings, locations, lines } = profile;
    this.profile = profile;
    this.stringRow = new Int32Array(strings.count);
    this.functionRow = new Int32Array(functions.count);
    this.mappingRow = new Int32Array(mappings.length);
    this.address = halves(locations.address);
    this.startLine = halves(functions.startLine);
    this.line = halves(lines.line);
    this.column = halves(lines.column);
    this.mappingStart = halves(BigUint64Array.from([...mappings.map(({ start }) => start), 0n]));
  }
}

export class MergedTables {
  readonly #strings = new InternedStrings();
  readonly #mappings: Mapping[] = [];
  readonly #mappingRows = new Map<string, number>();

  readonly #functions = new RowIndex();
  #name = new Uint32Array(1024);
  #systemName = new Uint32Array(1024);
  #filename = new Uint32Array(1024);
  #startLine = new Uint32Array(2048);

  readonly #locations = new RowIndex();
  /** Address less the start of the mapping. */
  #place = new Uint32Array(2048);
  #mapping = new Int32Array(1024);
  #folded = new Uint8Array(1024);
  #lineStart = new Uint32Array(1024);
  #lineFunction = new Int32Array(1024);
  #line = new Uint32Array(2048);
  #column = new Uint32Array(2048);

  /** Begins on a source. relabel: what becomes of each label set. */
  source(profile: Profile<StackStore>, relabel: (labels: LabelSet) => LabelSet): SourceRows {
    const source = new Source(profile);
    // The first mapping is the main binary, used or not.
    if (this.#mappings.length === 0 && profile.mappings.length > 0) this.#mappingOf(source, 0);
    const { stacks, strings } = profile;
    return {
      locations: (rows) => rows.map((row) => this.#locationOf(source, row)),
      labelSet: (set) =>
        encodeLabelSet(
          relabel(decodeLabelSet(stacks.labelSet(set), strings)),
          (text) => {
            const bytes = toBytes(text);
            return this.#strings.intern(bytes, 0, bytes.length);
          },
          () => this.#strings.emptyRow(),
        ),
    };
  }

  get locationCount(): number {
    return this.#locations.count;
  }

  #stringOf({ profile, stringRow }: Source, row: number): number {
    const known = stringRow[row];
    if (known !== 0) return known - 1;
    const { bytes, start } = profile.strings;
    const found = this.#strings.intern(bytes, start[row], start[row + 1]);
    stringRow[row] = found + 1;
    return found;
  }

  #mappingOf({ profile, mappingRow }: Source, row: number): number {
    if (row < 0) return -1;
    const known = mappingRow[row];
    if (known !== 0) return known - 1;
    const mapping = profile.mappings[row];
    const size = BigInt.asUintN(64, mapping.limit - mapping.start + PAGE - 1n);
    const key = `${size - (size % PAGE)} ${mapping.offset} ${mapping.buildId || mapping.file}`;
    let found = this.#mappingRows.get(key);
    if (found === undefined) {
      found = this.#mappings.length;
      this.#mappings.push({ ...mapping, id: BigInt(found + 1) });
      this.#mappingRows.set(key, found);
    }
    mappingRow[row] = found + 1;
    return found;
  }

  // The function that is looked up, for the comparison; likewise the location below.
  readonly #wantedFunction = { name: 0, systemName: 0, filename: 0, low: 0, high: 0 };
  readonly #isSameFunction = (row: number): boolean => {
    const wanted = this.#wantedFunction;
    return (
      this.#name[row] === wanted.name &&
      this.#systemName[row] === wanted.systemName &&
      this.#filename[row] === wanted.filename &&
      this.#startLine[row * 2] === wanted.low &&
      this.#startLine[row * 2 + 1] === wanted.high
    );
  };

  #functionOf(source: Source, row: number): number {
    const known = source.functionRow[row];
    if (known !== 0) return known - 1;
    const { functions } = source.profile;
    const wanted = this.#wantedFunction;
    wanted.name = this.#stringOf(source, functions.name[row]);
    wanted.systemName = this.#stringOf(source, functions.systemName[row]);
    wanted.filename = this.#stringOf(source, functions.filename[row]);
    wanted.low = source.startLine[row * 2];
    wanted.high = source.startLine[row * 2 + 1];
    const hash = mix(mix(mix(mix(wanted.high, wanted.name), wanted.systemName), wanted.filename), wanted.low);
    let found = this.#functions.find(hash, this.#isSameFunction);
    if (found < 0) {
      found = this.#functions.add(hash);
      this.#name = grown(this.#name, found + 1);
      this.#systemName = grown(this.#systemName, found + 1);
      this.#filename = grown(this.#filename, found + 1);
      this.#startLine = grown(this.#startLine, found * 2 + 2);
      this.#name[found] = wanted.name;
      this.#systemName[found] = wanted.systemName;
      this.#filename[found] = wanted.filename;
      this.#startLine[found * 2] = wanted.low;
      this.#startLine[found * 2 + 1] = wanted.high;
    }
    source.functionRow[row] = found + 1;
    return found;
  }

  #wantedSource: Source | undefined;
  readonly #wantedLocation = { low: 0, high: 0, mapping: 0, folded: 0, first: 0, lines: 0 };
  /** Functions of its lines. */
  #wantedFunctions = new Int32Array(16);
  readonly #isSameLocation = (row: number): boolean => {
    const wanted = this.#wantedLocation;
    const source = this.#wantedSource;
    const start = this.#lineStart[row];
    const count = wanted.lines;
    if (
      source === undefined ||
      this.#place[row * 2] !== wanted.low ||
      this.#place[row * 2 + 1] !== wanted.high ||
      this.#mapping[row] !== wanted.mapping ||
      this.#folded[row] !== wanted.folded ||
      this.#lineStart[row + 1] - start !== count
    )
      return false;
    const first = wanted.first;
    for (let i = 0; i < count; i++) {
      if (
        this.#lineFunction[start + i] !== this.#wantedFunctions[i] ||
        this.#line[(start + i) * 2] !== source.line[(first + i) * 2] ||
        this.#line[(start + i) * 2 + 1] !== source.line[(first + i) * 2 + 1]
      )
        return false;
    }
    const mine = (start + count) * 2;
    const other = (first + count) * 2;
    return (
      count === 0 ||
      (this.#column[mine - 2] === source.column[other - 2] && this.#column[mine - 1] === source.column[other - 1])
    );
  };

  #locationOf(source: Source, row: number): number {
    const { locations, lines, mappings } = source.profile;
    const own = locations.mapping[row];
    const start = (own < 0 ? mappings.length : own) * 2;
    const low = source.address[row * 2];
    const startLow = source.mappingStart[start];
    const wanted = this.#wantedLocation;
    wanted.mapping = this.#mappingOf(source, own);
    wanted.low = (low - startLow) >>> 0;
    wanted.high = (source.address[row * 2 + 1] - source.mappingStart[start + 1] - (low < startLow ? 1 : 0)) >>> 0;
    wanted.folded = locations.isFolded[row];
    wanted.first = locations.lineStart[row];
    wanted.lines = locations.lineStart[row + 1] - wanted.first;
    this.#wantedSource = source;
    let hash = mix(mix(mix(wanted.low, wanted.high), wanted.mapping), wanted.lines * 2 + wanted.folded);
    const end = wanted.first + wanted.lines;
    this.#wantedFunctions = grown(this.#wantedFunctions, wanted.lines);
    for (let line = wanted.first, i = 0; line < end; line++, i++) {
      const known = source.functionRow[lines.function[line]];
      const row = known === 0 ? this.#functionOf(source, lines.function[line]) : known - 1;
      this.#wantedFunctions[i] = row;
      hash = mix(mix(hash, row), source.line[line * 2]);
    }
    const known = this.#locations.find(hash, this.#isSameLocation);
    if (known >= 0) return known;

    const found = this.#locations.add(hash);
    this.#place = grown(this.#place, found * 2 + 2);
    this.#mapping = grown(this.#mapping, found + 1);
    this.#folded = grown(this.#folded, found + 1);
    this.#lineStart = grown(this.#lineStart, found + 2);
    this.#place[found * 2] = wanted.low;
    this.#place[found * 2 + 1] = wanted.high;
    this.#mapping[found] = wanted.mapping;
    this.#folded[found] = wanted.folded;
    let out = this.#lineStart[found];
    this.#lineFunction = grown(this.#lineFunction, out + wanted.lines);
    this.#line = grown(this.#line, (out + wanted.lines) * 2);
    this.#column = grown(this.#column, (out + wanted.lines) * 2);
    for (let line = wanted.first, i = 0; line < end; line++, i++, out++) {
      this.#lineFunction[out] = this.#wantedFunctions[i];
      this.#line.set(source.line.subarray(line * 2, line * 2 + 2), out * 2);
      this.#column.set(source.column.subarray(line * 2, line * 2 + 2), out * 2);
    }
    this.#lineStart[found + 1] = out;
    return found;
  }

  tables(): Tables {
    const functions = this.#functions.count;
    const locations = this.#locations.count;
    const lines = this.#lineStart[locations];
    const { bytes, start, same } = this.#strings.columns();
    const ids = (count: number) => BigUint64Array.from({ length: count }, (_, row) => BigInt(row + 1));
    const signed = (column: Uint32Array, count: number) => new BigInt64Array(column.slice(0, count * 2).buffer);
    const mapping = this.#mapping.slice(0, locations);
    return {
      strings: stringTable(bytes, start, same),
      functions: {
        count: functions,
        id: ids(functions),
        name: this.#name.slice(0, functions),
        systemName: this.#systemName.slice(0, functions),
        filename: this.#filename.slice(0, functions),
        startLine: signed(this.#startLine, functions),
      },
      locations: {
        count: locations,
        id: ids(locations),
        address: new BigUint64Array(this.#place.slice(0, locations * 2).buffer).map((place, row) =>
          mapping[row] < 0 ? place : place + this.#mappings[mapping[row]].start,
        ),
        mapping,
        isFolded: this.#folded.slice(0, locations),
        lineStart: this.#lineStart.slice(0, locations + 1),
      },
      lines: {
        count: lines,
        function: this.#lineFunction.slice(0, lines),
        line: signed(this.#line, lines),
        column: signed(this.#column, lines),
      },
      mappings: this.#mappings,
    };
  }
}

const PAGE = 0x1000n;
