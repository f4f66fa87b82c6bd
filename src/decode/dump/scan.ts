// The text of a dump → columns, in one pass over the bytes. Goroutines repeat each other: behind a frame comes mostly the
// frame that came there last time, so that a line is compared with that one first and read only if it differs (93 MB
// hold some 40 functions). What is read is told by the line itself, never by what should come next.

import { HEADLESS, UNAVAILABLE } from '../../model/dump.js';
import type { DumpBuilder } from './builder.js';
import { isCounted, readCounted } from './counted.js';
import { type Header, HeaderReader } from './header.js';
import { KnownFunctions } from './known.js';
import { type FileLine, functionEnd, isBlank, lastIndex, latin, numberAt, readFileLine, startsAt } from './lines.js';
import { readRaceLine } from './race.js';
import { isRegister, readReason } from './reason.js';

const NEWLINE = 10;

/** What the last line left open. */
type Open = 'nothing' | 'function' | 'created';

/** Reads text into the builder; lines are counted from 1. */
export function scan(text: Uint8Array, builder: DumpBuilder): void {
  new Scanner(text, builder).run();
}

class Scanner {
  readonly #text: Uint8Array;
  readonly #out: DumpBuilder;
  readonly #headers = new HeaderReader();
  readonly #header: Header = { id: 0, status: 0, flags: 0, labels: undefined, end: 0 };
  readonly #fileLine: FileLine = { pathEnd: 0, line: 0, offset: 0, end: 0 };
  readonly #known: KnownFunctions;

  #line = 0;
  /** Whether a goroutine is being read, and the function of its last frame; -1: it has none yet. */
  #inside = false;
  #last = -1;
  #open: Open = 'nothing';
  /** The open function line. */
  #func = -1;
  #funcFrom = 0;
  #funcTo = 0;
  #args = 0;
  /** The last line was blank, or this is the first. */
  #afterBlank = true;

  constructor(text: Uint8Array, out: DumpBuilder) {
    this.#text = text;
    this.#out = out;
    this.#known = new KnownFunctions(text);
  }

  run(): void {
    const text = this.#text;
    const { length } = text;
    let p = 0;
    while (p < length) {
      if (text[p] === NEWLINE) {
        this.#line++;
        this.#afterBlank = true;
        p++;
        continue;
      }
      const after =
        this.#open !== 'nothing'
          ? -1
          : text[p] === 103 && text[p + 9] === 32
            ? this.#wholeHeader(p)
            : this.#inside
              ? this.#repeat(p)
              : -1;
      if (after > 0) {
        p = after;
        continue;
      }
      let end = text.indexOf(NEWLINE, p);
      if (end < 0) end = length;
      this.#line++;
      p = this.#read(p, end);
    }
    this.#finish();
  }

  /** Takes a header at p that is all of its line; returns where the next line begins, -1 if it is none. */
  #wholeHeader(p: number): number {
    const text = this.#text;
    if (!this.#headers.read(text, p, text.length, this.#header)) return -1;
    const { end } = this.#header;
    if (text[end] !== NEWLINE) return -1;
    this.#line++;
    this.#begin(p);
    this.#afterBlank = false;
    return end + 1;
  }

  /** Takes two lines at p that are a known function's, or the go statement in one; returns where the next line begins, -1 if they are not. */
  #repeat(p: number): number {
    const known = this.#known;
    const text = this.#text;
    const isCreated = text[p] === 99 && startsAt(text, p, 'created by ');
    const after = isCreated ? known.match(p + 11, -2) : known.match(p, this.#last);
    if (after < 0) return -1;
    const row = this.#out.frames.intern(known.func, known.file, known.line, known.offset);
    if (isCreated) this.#out.created(row, known.creator);
    else {
      this.#out.push(row, known.args);
      this.#last = known.func;
    }
    this.#line += 2;
    this.#afterBlank = false;
    return after;
  }

  /** Reads the line text[p … end - 1]; returns where the next one begins. */
  #read(p: number, end: number): number {
    const text = this.#text;
    const next = end + 1;
    let from = p;
    while (from < end && isBlank(text[from])) from++;
    let to = end;
    while (to > from && isBlank(text[to - 1])) to--;
    if (from === to) {
      this.#afterBlank = true;
      return next;
    }
    const behind = this.#kind(p, from, to, end);
    this.#afterBlank = false;
    return behind;
  }

  #kind(p: number, from: number, to: number, end: number): number {
    const text = this.#text;
    const next = end + 1;
    const first = text[from];
    if (first === 103 && this.#headers.read(text, from, to, this.#header)) {
      this.#begin(from);
      return next;
    }
    if (first === 103 && /^goroutine (?!running on)\S+ .*\[/.test(latin(text, from, Math.min(to, from + 200)))) {
      this.#flush();
      this.#out.begin(-1, noStatus, HEADLESS, undefined, from, this.#line);
      this.#out.issue('a goroutine header cannot be read: its frames are kept as a goroutine without id', this.#line);
      this.#inside = true;
      this.#last = -1;
      return next;
    }
    if (first === 99 && startsAt(text, from, 'created by ')) {
      this.#created(from + 11, to);
      return next;
    }
    if (first === 46 && this.#elided(from, to)) return next;
    if (first === 91 && startsAt(text, from, '[originating from goroutine ')) {
      this.#flush();
      if (!this.#inside) this.#headless(p);
      this.#out.ancestor(numberAt(text, from + 28)[0]);
      this.#last = -1;
      return next;
    }
    if (this.#inside || this.#open !== 'nothing' || first !== 35) {
      const indented = from > p;
      if (text[to - 1] !== 41 && readFileLine(text, from, to, indented, this.#fileLine)) {
        this.#file(p, from);
        return next;
      }
      const paren = functionEnd(text, from, to);
      if (paren > 0) {
        this.#function(from, paren, text[paren + 1] === 41 ? 0 : paren + 1);
        return next;
      }
    }
    return this.#other(from, to, end);
  }

  /** A header was read. */
  #begin(at: number): void {
    this.#flush();
    const { id, status, flags, labels } = this.#header;
    this.#out.begin(id, this.#headers.status(status), flags, labels, at, this.#line);
    this.#inside = true;
    this.#last = -1;
  }

  /** Frames without a header: the beginning is cut off, or its line is lost. */
  #headless(at: number): void {
    this.#out.begin(-1, noStatus, HEADLESS, undefined, at, this.#line);
    this.#out.issue('frames without a goroutine header: they are kept as a goroutine without id', this.#line);
    this.#inside = true;
    this.#last = -1;
  }

  #function(from: number, paren: number, args: number): void {
    this.#flush();
    if (!this.#inside) this.#headless(from);
    this.#func = this.#out.functions.intern(this.#text, from, paren);
    this.#funcFrom = from;
    this.#funcTo = paren;
    this.#args = args;
    this.#open = 'function';
  }

  /** A file line, read into #fileLine; it completes what is open. */
  #file(lineStart: number, from: number): void {
    const text = this.#text;
    const { pathEnd, line, offset } = this.#fileLine;
    const file = this.#out.files.intern(text, from, pathEnd);
    const pathSize = pathEnd - lineStart;
    if (this.#open === 'created') {
      this.#out.createdAt(this.#out.frames.intern(this.#func, file, line, offset));
      this.#known.learn(this.#func, -2, this.#funcFrom, this.#funcTo - this.#funcFrom, lineStart, pathSize, file);
      this.#open = 'nothing';
      return;
    }
    if (!this.#inside) this.#headless(from);
    if (this.#open === 'nothing') {
      this.#out.issue('a function line is missing: the frame is known by its file only', this.#line);
      this.#out.push(this.#out.frames.intern(-1, file, line, offset), 0);
      this.#last = -1;
      return;
    }
    this.#out.push(this.#out.frames.intern(this.#func, file, line, offset), this.#args);
    this.#known.learn(this.#func, this.#last, this.#funcFrom, this.#funcTo - this.#funcFrom, lineStart, pathSize, file);
    this.#last = this.#func;
    this.#open = 'nothing';
  }

  #created(from: number, to: number): void {
    this.#flush();
    if (!this.#inside) this.#headless(from);
    const text = this.#text;
    let end = to;
    let creator = -1;
    const inGoroutine = lastIndex(text, Math.max(from, to - 31), to, ' in goroutine ');
    if (inGoroutine > 0) {
      const [id, behind] = numberAt(text, inGoroutine + 14);
      if (behind === to && id >= 0) {
        creator = id;
        end = inGoroutine;
      }
    }
    this.#func = this.#out.functions.intern(text, from, end);
    this.#funcFrom = from;
    this.#funcTo = end;
    this.#out.created(this.#out.frames.intern(this.#func, -1, 0, -1), creator);
    this.#open = 'created';
  }

  /** `...additional frames elided...`, `...151 frames elided...` */
  #elided(from: number, to: number): boolean {
    const text = this.#text;
    if (!startsAt(text, from, '...') || lastIndex(text, from, to, ' frames elided...') < 0) return false;
    this.#flush();
    if (this.#inside) this.#out.elide(numberAt(text, from + 3)[0]);
    return true;
  }

  /** What else a dump holds, and what is none of it. */
  #other(from: number, to: number, end: number): number {
    const text = this.#text;
    const next = end + 1;
    if (startsAt(text, from, 'goroutine running on other thread')) {
      this.#out.flag(UNAVAILABLE);
      return next;
    }
    if (startsAt(text, from, 'non-Go function')) {
      const pc = startsAt(text, from + 15, ' at pc=');
      this.#function(from, from + 15, 0);
      if (pc) this.#flush();
      return next;
    }
    if (startsAt(text, from, 'pc=0x') || startsAt(text, from, 'PC=0x')) return next;
    if (startsAt(text, from, 'runtime stack:')) {
      this.#flush();
      this.#out.begin(-1, { ...noStatus, state: 'runtime stack' }, 0, undefined, from, this.#line);
      this.#inside = true;
      this.#last = -1;
      return next;
    }
    if (startsAt(text, from, '-----')) {
      this.#flush();
      this.#out.separator();
      return next;
    }
    const line = latin(text, from, to);
    if (isCounted(line)) return this.#counted(from);
    if (isRegister(line)) return next;
    const race = readRaceLine(line);
    if (race !== undefined) {
      this.#flush();
      this.#inside = this.#out.race(race, from, this.#line);
      this.#last = -1;
      return next;
    }
    const reason = readReason(text, from, line);
    if (reason !== undefined) {
      this.#flush();
      this.#inside = false;
      this.#out.reason(reason.kind, reason.message, this.#line);
      this.#line += reason.more;
      return reason.end < 0 ? next : reason.end;
    }
    // Logs put text before the header: "stack dump: goroutine 1 [running]:".
    const header = / goroutine \d{1,15} \[/.exec(line);
    if (header !== null && this.#headers.read(text, from + header.index + 1, to, this.#header)) {
      this.#begin(from + header.index + 1);
      return next;
    }
    this.#out.stray(this.#inside && !this.#afterBlank, line, this.#line);
    return next;
  }

  /** The records of a profile begin at from; returns where they end. */
  #counted(from: number): number {
    this.#flush();
    this.#inside = false;
    this.#last = 0;
    const [next, lines] = readCounted(this.#text, from, this.#line, this.#out);
    this.#line += Math.max(lines, 1) - 1;
    return next;
  }

  /** Completes what is open without its second line. */
  #flush(): void {
    if (this.#open === 'function') {
      this.#out.push(this.#out.frames.intern(this.#func, -1, 0, -1), this.#args);
      this.#last = this.#func;
      this.#out.issue('a file line is missing: the frame is known by its function only', this.#line);
    }
    this.#open = 'nothing';
  }

  #finish(): void {
    const text = this.#text;
    const { length } = text;
    const isOpen = this.#open !== 'nothing';
    const inLine = length > 0 && text[length - 1] !== NEWLINE;
    this.#flush();
    if (this.#inside) this.#out.end(isOpen, inLine);
  }
}

const noStatus = { state: '', waitMinutes: 0, flags: 0, bubble: -1, labels: undefined };
