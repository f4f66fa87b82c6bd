// Loading, TypeScript's side: chunks go into an area of the core's memory, the caller walks the messages there and
// hands their byte ranges over; when all is in, the tables come out as columns.
// Views are made at use: any call may grow the memory, which detaches them.

import type { Functions, Lines, Locations } from '../model/profile.js';
import { type StringTable, stringTable } from '../model/strings.js';
import { E_STRING, E_WIRE, FUNCTION, LOCATION, OK, RANGE_LIMIT, STRING } from './abi.js';
import { checked, newInstance } from './instance.js';
import { StackStore } from './store.js';
import type { CoreExports } from './wasm.js';

/** Rows a call. */
const SLICE = 4096;

/** Byte ranges in the core's memory: address, length, address, length … */
export class Ranges {
  #words = new Uint32Array(1024);
  count = 0;

  add(address: number, length: number): void {
    const at = this.count * 2;
    if (at === this.#words.length) {
      const more = new Uint32Array(at * 2);
      more.set(this.#words);
      this.#words = more;
    }
    this.#words[at] = address;
    this.#words[at + 1] = length;
    this.count++;
  }

  slice(from: number, to: number): Uint32Array {
    return this.#words.subarray(from * 2, to * 2);
  }

  address(row: number): number {
    return this.#words[row * 2];
  }
}

/** What a call could not take: E_WIRE, E_TYPES …, and the address of the message. */
export interface Refusal {
  readonly code: number;
  readonly address: number;
}

export interface Tables {
  readonly strings: StringTable;
  readonly functions: Functions;
  readonly locations: Locations;
  readonly lines: Lines;
  readonly stacks: StackStore;
}

/** Why finish() failed: an E_ code, and the table, row and id that it speaks of. */
export interface TableFailure {
  readonly code: number;
  readonly table: 'string_table' | 'function' | 'location' | 'label' | 'sample';
  readonly row: number;
  readonly id: bigint;
}

export class Loader {
  readonly #core: CoreExports;
  readonly #oneQuery: boolean;
  #area = 0;
  #size = 0;

  /** oneQuery: the profile will be asked once, so that nothing is kept for later queries. core: an empty one. */
  constructor(oneQuery: boolean, core: CoreExports = newInstance()) {
    this.#core = core;
    this.#oneQuery = oneQuery;
  }

  /** A view of `bytes` bytes at the input area, the first `kept` of which are as they were. */
  input(bytes: number, kept: number): { view: Uint8Array<ArrayBuffer>; address: number } {
    const from = this.#area;
    if (bytes > this.#size) {
      this.#size = Math.max(bytes, Math.min(this.#size * 2, 0x7fffffff));
      this.#area = this.#core.input(this.#size) >>> 0;
      if (this.#area === 0) checked(-1);
    }
    const memory = new Uint8Array(memoryBuffer(this.#core.memory));
    if (this.#area !== from && kept > 0) memory.copyWithin(this.#area, from, from + kept);
    return { view: memory.subarray(this.#area, this.#area + bytes), address: this.#area };
  }

  /** Moves the unfinished tail of the input area to its start. */
  carry(from: number, length: number): void {
    new Uint8Array(memoryBuffer(this.#core.memory)).copyWithin(
      this.#area,
      this.#area + from,
      this.#area + from + length,
    );
  }

  /** Takes the Sample messages in the ranges. */
  samples(ranges: Ranges): Refusal | undefined {
    return this.#hand(ranges, (count) => this.#core.takeSamples(count));
  }

  /** Keeps the messages of a kind (LOCATION, FUNCTION, STRING) for finish(). */
  messages(kind: number, ranges: Ranges): Refusal | undefined {
    return this.#hand(ranges, (count) => this.#core.takeMessages(kind, count));
  }

  #hand(ranges: Ranges, take: (count: number) => number): Refusal | undefined {
    for (let from = 0; from < ranges.count; from += RANGE_LIMIT) {
      const to = Math.min(from + RANGE_LIMIT, ranges.count);
      new Uint32Array(this.#core.memory.buffer, this.#core.ranges.value, RANGE_LIMIT * 2).set(ranges.slice(from, to));
      const code = checked(take(to - from));
      if (code < 0) return { code, address: ranges.address(from + this.#core.failedRange.value) };
    }
    return undefined;
  }

  /** Text of string `row` while loading: a few small messages need it before the tables are out. */
  get stringCount(): number {
    return this.#core.messageCount(STRING);
  }

  /**
   * Decodes and checks the tables, samples first as pprof's CheckValid does. typeCount: number of sample types; mappingIds: the ids
   * that locations name.
   */
  finish(typeCount: number, mappingIds: BigUint64Array): Tables | TableFailure {
    const core = this.#core;
    const mark = core.mark();
    const fail = (code: number, table: TableFailure['table']): TableFailure => ({
      code,
      table,
      row: core.failedRow.value >>> 0,
      id: BigInt.asUintN(64, core.failedId.value),
    });

    checked(core.beginStrings());
    slices(core.messageCount(STRING), (from, to) => core.decodeStrings(from, to));
    checked(core.beginFunctions());
    let code = slices(core.messageCount(FUNCTION), (from, to) => core.decodeFunctions(from, to));
    if (code !== OK) return fail(code, 'function');
    const mappings = core.alloc(mappingIds.byteLength) >>> 0;
    if (mappings === 0) checked(-1);
    new BigUint64Array(core.memory.buffer, mappings, mappingIds.length).set(mappingIds);
    core.beginLines();
    code = slices(core.messageCount(LOCATION), (from, to) => core.countLines(from, to));
    if (code !== OK) return fail(code, 'location');
    code = checked(core.beginLocations(mappings, mappingIds.length));
    if (code === OK) code = slices(core.messageCount(LOCATION), (from, to) => core.decodeLocations(from, to));
    if (code !== OK) return fail(code, 'location');
    code = checked(core.checkSamples(typeCount));
    if (code !== OK) return fail(code, code === E_STRING || code === E_WIRE ? 'label' : 'sample');
    code = checked(core.checkFunctions());
    if (code !== OK) return fail(code, 'function');
    code = checked(core.checkLocations());
    if (code !== OK) return fail(code, 'location');

    const { buffer } = core.memory;
    const u32 = (at: { value: number }, count: number) => new Uint32Array(buffer, at.value >>> 0, count).slice();
    const i32 = (at: { value: number }, count: number) => new Int32Array(buffer, at.value >>> 0, count).slice();
    const u64 = (at: { value: number }, count: number) => new BigUint64Array(buffer, at.value >>> 0, count).slice();
    const i64 = (at: { value: number }, count: number) => new BigInt64Array(buffer, at.value >>> 0, count).slice();
    const strings = core.messageCount(STRING);
    const functions = core.messageCount(FUNCTION);
    const locations = core.messageCount(LOCATION);
    const lines = core.lineCount.value;
    const stringStart = u32(core.stringStart, strings + 1);
    const tables: Tables = {
      strings: stringTable(
        new Uint8Array(buffer, core.stringBytes.value >>> 0, stringStart[strings]).slice(),
        stringStart,
        u32(core.sameString, strings),
      ),
      functions: {
        count: functions,
        id: u64(core.functionId, functions),
        name: u32(core.functionName, functions),
        systemName: u32(core.functionSystemName, functions),
        filename: u32(core.functionFilename, functions),
        startLine: i64(core.functionStartLine, functions),
      },
      locations: {
        count: locations,
        id: u64(core.locationId, locations),
        address: u64(core.locationAddress, locations),
        mapping: i32(core.locationMapping, locations),
        isFolded: new Uint8Array(buffer, core.locationFolded.value >>> 0, locations).slice(),
        lineStart: u32(core.lineStart, locations + 1),
      },
      lines: {
        count: lines,
        function: i32(core.lineFunction, lines),
        line: i64(core.lineNumber, lines),
        column: i64(core.lineColumn, lines),
      },
      stacks: new StackStore(core, locations, this.#oneQuery),
    };
    core.release(mark);
    return tables;
  }

  /** How many values the first sample that differs has, for the error's text. */
  valuesOf(sample: number): number {
    return sample === this.#core.oddSample.value ? this.#core.oddCount.value : this.#core.valueCount.value;
  }
}

/** Calls decode for rows 0 … count in slices until one fails, and gives its code. */
function slices(count: number, decode: (from: number, to: number) => number): number {
  for (let from = 0; from < count; from += SLICE) {
    const code = decode(from, Math.min(from + SLICE, count));
    if (code !== OK) return checked(code);
  }
  return OK;
}

/** The core's memory is never shared, which its type does not say. */
function memoryBuffer(memory: WebAssembly.Memory): ArrayBuffer {
  const { buffer } = memory;
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError('the memory of the WASM core is shared');
  return buffer;
}
