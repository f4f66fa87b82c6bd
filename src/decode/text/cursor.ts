// The lines of a text, one after the other, without the blanks around them.

import { ProfileError } from '../../errors.js';
import { isBlank, latin } from '../dump/lines.js';

export class LineCursor {
  readonly text: Uint8Array;
  /** From 1, once there was a next(). */
  line = 0;
  from = 0;
  to = 0;
  #next = 0;

  constructor(text: Uint8Array) {
    this.text = text;
  }

  /** Goes to the next line, if there is one. */
  next(): boolean {
    const { text } = this;
    let p = this.#next;
    if (p >= text.length) return false;
    let end = text.indexOf(10, p);
    if (end < 0) end = text.length;
    this.#next = end + 1;
    while (p < end && isBlank(text[p])) p++;
    while (end > p && isBlank(text[end - 1])) end--;
    this.from = p;
    this.to = end;
    this.line++;
    return true;
  }

  /** No newline ends this line: the text may be cut in it. */
  get isOpen(): boolean {
    return this.#next > this.text.length;
  }

  get isEmpty(): boolean {
    return this.from === this.to;
  }

  get isComment(): boolean {
    return this.text[this.from] === 35 && this.to > this.from;
  }

  /** As Latin-1, 4 KiB at most. */
  get content(): string {
    return latin(this.text, this.from, this.to);
  }

  /** The error for this line. */
  broken(what: string): ProfileError {
    const line = this.content.replace(/[^\x20-\x7e]/g, '?');
    return new ProfileError(
      'malformed',
      `this is no ${what}: ${line.length > 120 ? `${line.slice(0, 120)}…` : line}`,
      { line: this.line },
      'pprof refuses it, too: take the profile again, best without ?debug=1, or look what was mixed into the file',
    );
  }
}
