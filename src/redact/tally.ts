// What was found, counted by rule and place, with an example of each rule.

import type { Disclosure, Redaction } from '../model/redaction.js';
import { latin, runEnd, runStart, setOf } from './bytes.js';
import type { RedactRule } from './scan.js';

type About = Pick<RedactRule, 'name' | 'finds' | 'why' | 'option' | 'isSecret'>;

interface Row {
  readonly about: About;
  readonly places: Map<string, number>;
  readonly distinct: Set<string>;
  readonly example: string;
}

const MOST_DISTINCT = 1000;
/** What is around a finding without a blank between. */
const NEAR = setOf('^\\0-\\x20"\'<>');

export class Tally {
  readonly #rows = new Map<string, Row>();

  /**
   * One finding of a rule: text[from … to - 1]; free: what lies before may have another one. where is asked for the first of a rule, or
   * always if it tells places apart.
   */
  add(about: About, text: Uint8Array, from: number, to: number, free: number, where: string | (() => string)): void {
    let row = this.#rows.get(about.name);
    if (row === undefined) {
      row = { about, places: new Map(), distinct: new Set(), example: exampleOf(about, text, from, to, free) };
      this.#rows.set(about.name, row);
    }
    const { places, distinct } = row;
    const place = typeof where === 'string' ? where : (places.keys().next().value ?? where());
    places.set(place, (places.get(place) ?? 0) + 1);
    if (distinct.size < MOST_DISTINCT) distinct.add(latin(text, from, Math.min(to, from + 64)));
  }

  redactions(): Redaction[] {
    return [...this.#rows].flatMap(([rule, { places }]) =>
      [...places].map(([where, count]): Redaction => ({ rule, where, count })),
    );
  }

  findings(): Disclosure[] {
    return [...this.#rows].map(([rule, { about, places, distinct, example }]): Disclosure => {
      const { finds, why, option } = about;
      const count = [...places.values()].reduce((sum, n) => sum + n, 0);
      return { rule, finds, why, count, distinct: distinct.size, example, where: [...places.keys()], option };
    });
  }
}

/** What may stand before a secret and say what it is of: the same line. */
const LINE = setOf('\\0\\x20-\\xff');

/** token=se… (11 characters); /home/alice/go/pkg */
function exampleOf({ isSecret }: About, text: Uint8Array, from: number, to: number, free: number): string {
  if (isSecret) {
    const start = runStart(text, from, free, LINE, 24);
    // What is short is not shown at all.
    const shown = to - from >= 8 ? latin(text, from, from + 2) : '';
    return `${latin(text, start, from).replaceAll('\0', ' ').trimStart()}${shown}… (${to - from} characters)`;
  }
  const end = Math.max(to, runEnd(text, to, Math.min(text.length, to + 24), NEAR));
  return latin(text, from, Math.min(end, from + 64));
}
