// Lines that fit a window.

import { visible } from './visible.js';

/** Code points; nothing here is wider than one column but what visible() has shown. */
export const length = (text: string) => [...text].length;

/** A paragraph in lines of at most `width` columns; a longer word stays whole. */
export function* wrapped(text: string, first: string, next: string, width = 80): Generator<string> {
  let line = first;
  let isEmpty = true;
  for (const word of visible(text).split(' ')) {
    if (!isEmpty && length(line) + 1 + length(word) > width) {
      yield `${line}\n`;
      line = next;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  yield `${line}\n`;
}
