// Collects the records of a text profile and the lines behind each, and makes the TextProfile. What a record looks like and
// what its values mean is each format's own.

import type { Mapping, ValueType } from '../../model/profile.js';
import { fromBytes } from '../../model/strings.js';
import type { TextProfile } from '../../model/textProfile.js';
import { Column, IssueList } from '../dump/columns.js';
import { readLabels } from '../dump/header.js';
import { isBlank, startsAt } from '../dump/lines.js';
import { type CountedFrame, isAddressOf } from '../dump/record.js';
import { newSymbolLine, readSymbolLine } from '../dump/symbolLine.js';
import type { LineCursor } from './cursor.js';
import { assignMappings } from './mappings.js';
import { type Address, hexAt } from './numbers.js';
import { AddressList, Symbolizer } from './symbols.js';
import { FunctionTable, Int64Column, LabelSets, LocationTable } from './tables.js';
import { framesToDrop } from './uninteresting.js';

/** What the head of a format says. */
export interface RecordOptions {
  readonly sampleTypes: readonly ValueType[];
  readonly periodType: ValueType;
  readonly hasBlockSize?: boolean;
  /** The first address of a stack is where it stands, not of return. */
  readonly isLeafExact?: boolean;
  /** Stacks are padded with zeros. */
  readonly isPadded?: boolean;
}

export class Records {
  readonly #lines: LineCursor;
  readonly #options: RecordOptions;
  readonly #functions = new FunctionTable();
  readonly #locations = new LocationTable();
  readonly #symbolizer = new Symbolizer(this.#locations);
  readonly #labels = new LabelSets();
  readonly #issues = new IssueList();
  readonly #values = new Int64Column();
  readonly #blockSize = new Int64Column();
  readonly #stackStart = new Column(Uint32Array);
  readonly #stack = new Column(Int32Array);
  readonly #labelSet = new Column(Int32Array);
  readonly #symbol = newSymbolLine();
  readonly #address: Address = { high: 0, low: 0 };
  readonly #rows: number[] = [];
  // The open record.
  #isOpen = false;
  #line = 0;
  #list = new AddressList();
  #frames: CountedFrame[] = [];
  #ofRecord: ReadonlyMap<string, string> | undefined;
  /** A line of it could not be read. */
  #isDamaged = false;
  /** Some record had lines. */
  #isNamed = false;

  constructor(lines: LineCursor, options: RecordOptions) {
    this.#lines = lines;
    this.#options = options;
    this.#stackStart.push(0);
  }

  get count(): number {
    return this.#labelSet.length;
  }

  issue(fact: string, line = this.#lines.line): void {
    this.#issues.add(fact, line);
  }

  /** A record begins; what comes next is its. Values: as many as there are sample types. */
  begin(values: readonly bigint[], blockSize = 0n): void {
    this.close();
    this.#isOpen = true;
    this.#line = this.#lines.line;
    for (const value of values) this.#values.push(value);
    if (this.#options.hasBlockSize) this.#blockSize.push(blockSize);
  }

  /** Adds to a value of the last record. */
  add(value: bigint): void {
    const last = this.#values.length - 1;
    if (last >= 0) this.#values.set(last, this.#values.get(last) + value);
  }

  /** The addresses in text[from … to - 1], up to what is none unless they may stand anywhere; false: one has more than 64 bits. */
  addresses(from: number, to: number, isAnywhere = false): boolean {
    const { text } = this.#lines;
    for (let p = from; p < to; ) {
      const end = hexAt(text, p, to, this.#address);
      if (end < 0) return false;
      if (end > p) {
        this.#list.push(this.#address);
        p = end;
      } else if (isAnywhere || isBlank(text[p]) || text[p] === 120 || isHex(text[p])) p++;
      else {
        this.issue('something behind the addresses of a record was left out');
        break;
      }
    }
    return true;
  }

  /** A line that begins with `#`: symbols, labels, or what pprof passes over, too. */
  comment(): void {
    const { text, from, to } = this.#lines;
    let p = from + 1;
    while (p < to && isBlank(text[p])) p++;
    if (!this.#isOpen) return;
    if (startsAt(text, p, '0x')) this.#frame(p, to);
    else if (startsAt(text, p, 'runtime.MemStats')) this.close();
    else if (startsAt(text, p, 'labels:')) this.#ofRecord = readLabels(fromBytes(text.subarray(p + 7, to)));
  }

  #frame(from: number, to: number): void {
    const { text } = this.#lines;
    const symbol = this.#symbol;
    const found = readSymbolLine(text, from, to, symbol);
    const { pc, nameFrom, nameTo, offset, fileFrom, file } = symbol;
    this.#isDamaged ||= found === 'broken' || found === 'function';
    if (found === 'broken') {
      this.issue('the function in a line cannot be read: it was left out');
      return;
    }
    if (found === 'address') {
      // Go pads the stacks of threads with zeros.
      if (pc !== 0) this.#frames.push({ func: -1, file: -1, line: 0, pc, offset: -1 });
      return;
    }
    if (found === 'function') this.issue('the place in a line cannot be read: the frame is known by its function only');
    const { names } = this.#functions;
    const path = found === 'whole' ? names.intern(text, fileFrom, file.pathEnd) : 0;
    const func = this.#functions.intern(names.intern(text, nameFrom, nameTo), path);
    this.#frames.push({ func, file: path, line: found === 'whole' ? file.line : 0, pc, offset });
  }

  /** The record is complete. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const rows = this.#rows;
    if (this.#frames.length > 0) {
      this.#isNamed = true;
      if (!this.#symbolizer.named(this.#list, this.#frames, rows))
        this.issue('a function in the lines of a record is at none of its addresses', this.#line);
    } else {
      if (this.#options.isPadded) this.#list.dropZeros();
      this.#symbolizer.bare(this.#list, this.#options.isLeafExact ?? false, rows);
    }
    for (const row of rows) this.#stack.push(row);
    this.#stackStart.push(this.#stack.length);
    this.#labelSet.push(this.#labels.intern(this.#ofRecord));
    this.#list.length = 0;
    this.#frames = [];
    this.#isDamaged = false;
    this.#ofRecord = undefined;
  }

  /** The text ends in the midst of a line that would begin a record. */
  leaveOut(): void {
    this.close();
    this.issue('the text ends inside a record: it was left out');
  }

  /** The text ends here. */
  end(): void {
    if (!this.#isOpen) return;
    const isCut = this.#lines.isOpen && !this.#lines.isEmpty;
    const list = this.#list;
    const last = this.#frames[this.#frames.length - 1];
    if (last !== undefined || this.#options.isPadded) list.dropZeros();
    const rest = list.length;
    // runtime.goexit, the root, has no line.
    const isAt = (i: number) => i >= 0 && last !== undefined && isAddressOf(last, list.get(i));
    const isWhole = this.#isNamed || last !== undefined ? rest === 0 || isAt(rest - 1) || isAt(rest - 2) : !isCut;
    if (!isWhole || (isCut && this.#isDamaged)) this.issue('the text ends inside this record', this.#line);
  }

  finish(period: bigint, durationNanos: bigint, mappings: readonly Mapping[]): TextProfile {
    this.close();
    const { sampleTypes, periodType, hasBlockSize } = this.#options;
    const { bytes, start } = this.#functions.names.columns();
    const locations = this.#locations.columns();
    const assigned = assignMappings(locations, mappings);
    return {
      ...{ sampleTypes, periodType, period, durationNanos, ...framesToDrop(sampleTypes) },
      names: { bytes, start },
      functions: this.#functions.columns(),
      locations: { ...locations, mapping: assigned.mapping },
      samples: {
        count: this.count,
        values: this.#values.view(),
        stackStart: this.#stackStart.view(),
        stack: this.#stack.view(),
        blockSize: hasBlockSize ? this.#blockSize.view() : undefined,
        labelSet: this.#labelSet.view(),
      },
      labelSets: this.#labels.sets,
      mappings: assigned.mappings,
      issues: this.#issues.list(),
    };
  }
}

/** pprof takes what comes before an address for part of none. */
const isHex = (byte: number) => (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102);
