// The functions that peek and list are asked for.

import { badOption, ProfileError } from '../errors.js';
import type { Options } from './options.js';
import { compile, type Matcher } from './regexp.js';

export interface SymbolMatcher {
  readonly test: Matcher;
  readonly notFound: () => ProfileError;
}

/** undefined: none is asked for. Throws ProfileError 'bad-option' in pprof's words. */
export function symbolMatcher({ symbol }: Options): SymbolMatcher | undefined {
  if (symbol === '') return undefined;
  let test: Matcher;
  try {
    test = compile(symbol);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badOption(
      `parsing argument regexp ${symbol}: ${reason}`,
      "the syntax is RE2's; a backslash makes a character literal",
    );
  }
  return {
    test,
    notFound: () =>
      new ProfileError(
        'no-match',
        `no matches found for regexp: ${symbol}`,
        {},
        'the names are those that tspprof top prints; filters and another sample type may hide them',
      ),
  };
}
