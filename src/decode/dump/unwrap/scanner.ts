// Walks the lines of a text, and matches patterns at their starts on latin1 text that is decoded a piece at a time.

import { latin1, nextLine } from './sample.js';

const PIECE = 64 << 10;

export class LineScanner {
  private readonly bytes: Uint8Array;
  private readonly longest: number;
  private text = '';
  private textStart = 0;
  /** 1-based number of the line. */
  line = 0;
  start = 0;
  /** Behind the newline. */
  end = 0;

  /** longest: how much of a line a pattern may look at. */
  constructor(bytes: Uint8Array, longest: number) {
    this.bytes = bytes;
    this.longest = longest;
  }

  next(): boolean {
    if (this.end >= this.bytes.length) return false;
    this.start = this.end;
    this.end = nextLine(this.bytes, this.start);
    this.line++;
    return true;
  }

  /** Before the line's end, `\n` or `\r\n`. */
  get contentEnd(): number {
    let end = this.end;
    if (end > this.start && this.bytes[end - 1] === 10) end--;
    if (end > this.start && this.bytes[end - 1] === 13) end--;
    return end;
  }

  /** Matches a sticky pattern at the start of the line. It must not go over a newline. */
  match(pattern: RegExp): RegExpExecArray | null {
    const need = Math.min(this.end, this.start + this.longest);
    if (this.start < this.textStart || need > this.textStart + this.text.length) {
      this.textStart = this.start;
      this.text = latin1(this.bytes, this.start, Math.min(this.start + PIECE, this.bytes.length));
    }
    pattern.lastIndex = this.start - this.textStart;
    return pattern.exec(this.text);
  }
}
