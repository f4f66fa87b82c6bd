// The text of a profile that counts stacks, debug=1:
//
//   goroutine profile: total 114
//   31 @ 0x43b0f6 0x433c17 0x462f09
//   # labels: {"tenant":"t0"}
//   #	0x462f08	internal/poll.runtime_pollWait+0x88			/usr/lib/go/src/runtime/netpoll.go:305
//
// A record is a goroutine with a weight. The first addresses without a line are the runtime's own frames (gopark); neither
// debug=2 shows them, so that both give the same stacks. Lines are told by themselves, as in scan.ts. What counts
// something else than goroutines is src/decode/text's; its records are read here so that a dump ends where they begin.
// Grammar: runtime/pprof printCountProfile and printStackRecord.

import { LEAKED, TRUNCATED } from '../../model/dump.js';
import { fromBytes } from '../../model/strings.js';
import type { DumpBuilder } from './builder.js';
import { readLabels } from './header.js';
import { StateReader } from './inferred.js';
import { isBlank, isDigit, latin, numberAt, startsAt } from './lines.js';
import { isAddressOf, markInlined, type OpenRecord, reachesRoot } from './record.js';
import { hexNumber, newSymbolLine, readSymbolLine } from './symbolLine.js';

const HEAD = /^(\S(?:.{0,198}\S)?) profile: total (\d+)$/;
/** What follows a log's words. */
const KNOWN = /(?:^|[\s:])(goroutine|goroutineleak|threadcreate)$/;
const RECORD = /^\d+[ \t]+@(?:[ \t]+0x[0-9a-f]+|[ \t]*$)/;
/** What ends the records: a dump of another form. */
const OTHER = /^(goroutine \d|panic: |fatal error: |SIG[A-Z]{2,6}: |={18}|WARNING: DATA RACE|runtime stack:)/;

const MOST = 0xffffffff;

/** Whether records begin with this line: the head, or a record whose head is lost. */
export const isCounted = (line: string) => HEAD.test(line) || RECORD.test(line);

/**
 * Reads the head and records that begin at p, in line number `line`; returns where a line begins that is none of them, and how many
 * lines were read.
 */
export function readCounted(
  text: Uint8Array,
  p: number,
  line: number,
  out: DumpBuilder,
): [next: number, lines: number] {
  return new Counted(text, line, out).run(p);
}

class Counted {
  readonly #text: Uint8Array;
  readonly #out: DumpBuilder;
  readonly #states: StateReader;
  readonly #symbol = newSymbolLine();
  readonly #first: number;
  #line: number;
  #name = '';
  /** -1: not stated. */
  #total = -1;
  #sum = 0;
  #record: OpenRecord | undefined;

  constructor(text: Uint8Array, line: number, out: DumpBuilder) {
    this.#text = text;
    this.#out = out;
    this.#states = new StateReader(out.functions);
    this.#first = line;
    this.#line = line;
  }

  run(start: number): [next: number, lines: number] {
    const text = this.#text;
    const { length } = text;
    let p = start;
    let isBlankLine = false;
    for (; p < length; this.#line++) {
      let end = text.indexOf(10, p);
      if (end < 0) end = length;
      let from = p;
      while (from < end && isBlank(text[from])) from++;
      let to = end;
      while (to > from && isBlank(text[to - 1])) to--;
      isBlankLine = from === to;
      if (!isBlankLine && !this.#read(from, to)) break;
      p = end + 1;
    }
    const isEnd = p >= length;
    this.#close(isEnd && !isBlankLine, length > 0 && text[length - 1] !== 10);
    this.#out.endCounted();
    if (this.#total >= 0 && this.#total !== this.#sum)
      this.#out.issue(
        `the head says a total of ${this.#total}, the records have ${this.#sum}${this.#total > this.#sum ? ': some are missing' : ''}`,
        this.#first,
      );
    return [Math.min(p, length), this.#line - this.#first];
  }

  /** A line without blanks around; false: it is of something else. */
  #read(from: number, to: number): boolean {
    const text = this.#text;
    const first = text[from];
    if (first === 35) {
      let p = from + 1;
      while (p < to && isBlank(text[p])) p++;
      if (startsAt(text, p, 'labels:')) this.#labels(p + 7, to);
      else if (startsAt(text, p, '0x')) this.#frame(p, to);
      else if (p < to) this.#junk();
      return true;
    }
    if (first === 48 && text[from + 1] === 120 && this.#record !== undefined) {
      this.#frame(from, to);
      return true;
    }
    if (isDigit(first) && this.#begin(from, to)) return true;
    const line = latin(text, from, to);
    const head = HEAD.exec(line);
    if (head !== null) return this.#head(head[1], head[2]);
    if (OTHER.test(line)) return false;
    this.#junk();
    return true;
  }

  #head(name: string, total: string): boolean {
    if (this.#name !== '') return false;
    this.#name = KNOWN.exec(name)?.[1] ?? name;
    this.#total = total.length > 15 ? -1 : Number(total);
    this.#out.beginCounted('debug=1', this.#name);
    return true;
  }

  /** `31 @ 0x43b0f6 0x433c17` */
  #begin(from: number, to: number): boolean {
    const text = this.#text;
    let [weight, p] = numberAt(text, from);
    while (p < to && isBlank(text[p])) p++;
    if (weight < 0 || text[p] !== 64) return false;
    const pcs: number[] = [];
    for (p++; p < to; ) {
      while (p < to && isBlank(text[p])) p++;
      const [pc, end] = hexNumber(text, p, to);
      if (end === p || (end < to && !isBlank(text[end]))) {
        this.#out.issue('an address of a record cannot be read', this.#line);
        break;
      }
      pcs.push(pc);
      p = end;
    }
    this.#close(false, false);
    if (this.#name === '') {
      this.#name = 'goroutine';
      this.#out.beginCounted('debug=1', this.#name);
      this.#out.issue('records without a head: they are read as those of goroutines', this.#line);
    }
    if (weight > MOST) {
      this.#out.issue(`a record of more than ${MOST} goroutines: that many are counted`, this.#line);
      weight = MOST;
    }
    const line = this.#line;
    this.#record = { at: from, line, weight, pcs, frames: [], labels: undefined, isDamaged: false };
    return true;
  }

  #labels(from: number, to: number): void {
    const record = this.#record;
    if (record === undefined) {
      this.#junk();
      return;
    }
    const labels = readLabels(fromBytes(this.#text.subarray(from, to)));
    if (labels.size > 0) record.labels = labels;
    if (this.#text[to - 1] !== 125) {
      record.isDamaged = true;
      this.#out.issue('a line of labels does not end', this.#line);
    }
  }

  /** `0x462f08	internal/poll.runtime_pollWait+0x88			/usr/lib/go/src/runtime/netpoll.go:305`; the address alone where it has no name. */
  #frame(from: number, to: number): void {
    const text = this.#text;
    const record = this.#record;
    if (record === undefined) {
      this.#junk();
      return;
    }
    const symbol = this.#symbol;
    const found = readSymbolLine(text, from, to, symbol);
    const { pc, nameFrom, nameTo, offset, fileFrom, file } = symbol;
    if (found === 'address') {
      // Go pads the stacks of threads with zeros.
      if (pc !== 0)
        record.frames.push({ func: this.#out.functions.intern(text, from, to), file: -1, line: 0, pc, offset: -1 });
      return;
    }
    if (found === 'broken') {
      record.isDamaged = true;
      this.#out.issue('a line of a record cannot be read: it was left out', this.#line);
      return;
    }
    const func = this.#out.functions.intern(text, nameFrom, nameTo);
    if (found === 'function') {
      record.isDamaged = true;
      record.frames.push({ func, file: -1, line: 0, pc, offset });
      this.#out.issue('the place in a line cannot be read: the frame is known by its function only', this.#line);
      return;
    }
    const { pathEnd, line } = file;
    record.frames.push({ func, file: this.#out.files.intern(text, fileFrom, pathEnd), line, pc, offset });
  }

  /** The record is complete. isLast: the text ends behind it without a blank line; inLine: without a newline. */
  #close(isLast: boolean, inLine: boolean): void {
    const record = this.#record;
    if (record === undefined) return;
    this.#record = undefined;
    const { frames, pcs, weight, labels } = record;
    this.#sum += weight;
    const out = this.#out;
    markInlined(frames);
    // Each printed frame is an address, so that fewer of them mean that the runtime's leaves are hidden.
    const hidden = frames.length > 0 && pcs.length > 0 && !isAddressOf(frames[0], pcs[0]);
    const state = this.#states.read((i) => frames[i].func, frames.length, hidden);
    const flags = this.#name === 'goroutineleak' ? LEAKED : 0;
    const status = { state: this.#name === 'threadcreate' ? '' : state, waitMinutes: 0, flags, bubble: -1, labels };
    out.begin(-1, status, flags, labels, record.at, record.line, weight);
    for (const { func, file, line, offset } of frames) out.push(out.frames.intern(func, file, line, offset), 0);
    if (isLast && ((inLine && record.isDamaged) || !reachesRoot(record))) {
      out.flag(TRUNCATED);
      out.issue('the text ends inside this goroutine', record.line);
    }
  }

  #junk(): void {
    this.#out.issue('a line between records is none of a profile: it was left out', this.#line);
  }
}
