// Text of reports of `inspect`: 80 columns, every text of a file made visible and cut.

import type { Disclosure } from '../model/redaction.js';
import { visible } from './visible.js';
import { length, wrapped } from './wrap.js';

export const WIDTH = 80;

const WHAT_TO_DO: Readonly<Record<Disclosure['option'], string>> = {
  default: '-redact takes it out',
  net: '-redact -net takes it out',
  hosts: '-redact -hosts=… takes it out',
  own: '-redact -pattern=… takes it out',
};

export function* findingText({ rule, finds, why, count, distinct, example, option }: Disclosure): Generator<string> {
  const times = count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`;
  const different = distinct > 1 && count > 1 ? `, ${distinct === 1000 ? '1,000 or more' : distinct} different` : '';
  yield* wrapped(`${rule}: ${finds}`, '  ', '    ');
  yield `    ${times}${different}, e.g. ${cut(example, WIDTH - 12 - times.length - different.length)}\n`;
  yield* wrapped(`${why}; ${WHAT_TO_DO[option]}`, '    ', '    ');
}

/** At most `width` characters, nothing that a terminal obeys. */
export function cut(text: string, width: number): string {
  const shown = visible(text.slice(0, width * 4));
  return length(shown) <= width ? shown : `${[...shown].slice(0, Math.max(1, width - 1)).join('')}…`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [unit, by] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  return `${(bytes / Number(by)).toFixed(bytes / Number(by) < 10 ? 1 : 0)} ${unit}`;
}
