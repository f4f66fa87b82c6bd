// What every command line is made of.

/** A command line that cannot be followed: exit 2. */
export class UsageError extends Error {
  readonly hint: string;
  constructor(fact: string, hint: string) {
    super(fact);
    this.hint = hint;
  }
}

/** list: may be given several times; the values are lines. */
export type Kind = 'bool' | 'int' | 'float' | 'string' | 'list';
export type Value = boolean | number | string;
