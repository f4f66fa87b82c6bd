// Regexps with RE2's syntax, errors and linear time. re2js is the maintained JavaScript port of RE2 (its own DFA: 50k
// names in 10-30 ms); JavaScript's RegExp has another syntax and takes exponential time on (a+)+$.

import { ProfileError } from '../errors.js';
import { re2 } from './re2.js';

/** Whether a text has a match anywhere. */
export type Matcher = (text: string) => boolean;

const loneBytes = /[\udc80-\udcff]/gu;

/** Compiles the value of an option; '' is none. Throws ProfileError with pprof's words: `parsing focus regexp: error parsing regexp: …`. */
export function compileOption(name: string, pattern: string): Matcher | undefined {
  if (pattern === '') return undefined;
  try {
    return compile(pattern);
  } catch (error) {
    throw new ProfileError(
      'bad-option',
      `parsing ${name} regexp: ${error instanceof Error ? error.message : String(error)}`,
      {},
      `the syntax is RE2's; a backslash makes a character literal: -${name}='\\(\\*T\\)'`,
    );
  }
}

/** Throws the engine's error for a pattern that is none. Bytes that are no UTF-8 match as U+FFFD, as in Go. */
export function compile(pattern: string): Matcher {
  const regexp = re2().compile(pattern);
  return (text) => regexp.test(loneBytes.test(text) ? text.replace(loneBytes, '\ufffd') : text);
}

/** Where a text has matches, in its order; for patterns of the user. Throws the engine's error for a pattern that is none. */
export function finder(pattern: string): (text: string) => Iterable<readonly [from: number, to: number]> {
  const regexp = re2().compile(pattern);
  return function* (text) {
    // One code unit for another, so that places stay.
    const matcher = regexp.matcher(text.replace(loneBytes, '\ufffd'));
    while (matcher.find()) yield [matcher.start(), matcher.end()];
  };
}
