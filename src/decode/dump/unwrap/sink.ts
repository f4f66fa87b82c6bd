// Where unwrapped text is written: a growing buffer that remembers for each of its lines which line of the input it
// came from, and one such buffer a source (a pod, a process) where a log mixes several.

import { nextLine } from './sample.js';

/** What a layer gives: the text below it, and for each line of that (i) the line of the layer's input, 1-based. */
export interface Peeled {
  readonly undone: string;
  readonly bytes: Uint8Array;
  /** Undefined when lines are the same. */
  readonly origins?: Int32Array;
}

const NEWLINE = 10;

export class LineSink {
  private buffer: Uint8Array;
  private length = 0;
  private origins = new Int32Array(256);
  private lines = 0;
  private atStart = true;
  /** The line of the input (1-based) that is being written. */
  origin = 1;

  constructor(size = 4096) {
    this.buffer = new Uint8Array(Math.max(size, 64));
  }

  /** Whether the next byte begins a line. */
  get startsLine(): boolean {
    return this.atStart;
  }

  private reserve(size: number): void {
    if (this.length + size > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + size));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    if (!this.atStart) return;
    if (this.lines === this.origins.length) {
      const larger = new Int32Array(this.lines * 2);
      larger.set(this.origins);
      this.origins = larger;
    }
    this.origins[this.lines++] = this.origin;
    this.atStart = false;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
    this.atStart = value === NEWLINE;
  }

  /** Begins a line, if none is begun, whose first bytes come later. */
  begin(): void {
    this.reserve(0);
  }

  /** A character as UTF-8. */
  character(code: number): void {
    if (code < 0x80) this.byte(code);
    else if (code < 0x800) {
      this.byte(0xc0 | (code >> 6));
      this.byte(0x80 | (code & 0x3f));
    } else {
      if (code < 0x10000) this.byte(0xe0 | (code >> 12));
      else {
        this.byte(0xf0 | (code >> 18));
        this.byte(0x80 | ((code >> 12) & 0x3f));
      }
      this.byte(0x80 | ((code >> 6) & 0x3f));
      this.byte(0x80 | (code & 0x3f));
    }
  }

  /** Bytes of one line, with or without the newline that ends it. */
  copy(from: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size <= 0) return;
    this.reserve(size);
    if (size < 64) for (let i = start; i < end; i++) this.buffer[this.length++] = from[i];
    else {
      this.buffer.set(from.subarray(start, end), this.length);
      this.length += size;
    }
    this.atStart = from[end - 1] === NEWLINE;
  }

  /** Bytes of any number of whole lines; `origin` counts on. */
  copyLines(from: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const next = Math.min(nextLine(from, at), end);
      this.copy(from, at, next);
      if (this.atStart) this.origin++;
      at = next;
    }
  }

  endLine(): void {
    if (!this.atStart) this.byte(NEWLINE);
  }

  peel(undone: string): Peeled {
    return {
      undone,
      bytes: this.buffer.subarray(0, this.length),
      origins: this.origins.subarray(0, this.lines),
    };
  }

  append(other: LineSink): void {
    this.endLine();
    for (let at = 0, line = 0; at < other.length; line++) {
      const next = Math.min(nextLine(other.buffer, at), other.length);
      this.origin = other.origins[line];
      this.copy(other.buffer, at, next);
      at = next;
    }
  }
}

/** More sources than this share the last sink: so many are no sources but a number that changes with each line. */
const MOST_SOURCES = 256;

/** One sink a source. A log of several pods is put in order source by source, so that no stack is cut by another. */
export class Sources {
  private readonly sinks = new Map<string, LineSink>();
  private readonly size: number;
  private lastName: string | undefined;
  private last: LineSink;

  /** size: bytes to start with. */
  constructor(size: number) {
    this.size = size;
    this.last = new LineSink(size);
  }

  /** The sink of a source, to write what came from line `origin` (1-based). */
  of(name: string, origin: number): LineSink {
    if (name !== this.lastName) {
      const key = this.sinks.has(name) || this.sinks.size < MOST_SOURCES ? name : '';
      let sink = this.sinks.get(key);
      if (sink === undefined) {
        sink = this.sinks.size === 0 ? this.last : new LineSink();
        this.sinks.set(key, sink);
      }
      this.last = sink;
      this.lastName = name;
    }
    this.last.origin = origin;
    return this.last;
  }

  /** The sink of the line before: for a line that says no source. */
  same(origin: number): LineSink {
    this.last.origin = origin;
    return this.last;
  }

  peel(undone: string): Peeled {
    const sinks = new Set(this.sinks.values());
    if (sinks.size <= 1) return this.last.peel(undone);
    const all = new LineSink(this.size);
    for (const sink of sinks) all.append(sink);
    return all.peel(`${undone}, ${sinks.size} sources`);
  }
}
