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

export interface Flag {
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
}

export const kindsOf = (flags: readonly Flag[]): Map<string, Kind> =>
  new Map(flags.map(({ name, kind }) => [name, kind]));

/** A flag's text; undefined if it is not given or empty. */
export function textOf(values: ReadonlyMap<string, Value>, name: string): string | undefined {
  const value = values.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A flag's number; undefined if it is not given. */
export function numberOf(values: ReadonlyMap<string, Value>, name: string): number | undefined {
  const value = values.get(name);
  return typeof value === 'number' ? value : undefined;
}

/** Rows of help. */
export const helpRow = (name: string, help: string) => `  ${name.padEnd(26)}${help}`;

export function flagRows(flags: readonly Flag[]): string {
  return flags
    .map(({ name, kind, help }) =>
      helpRow(kind === 'bool' ? `-${name}` : `-${name}=${kind === 'int' || kind === 'float' ? 'N' : 'TEXT'}`, help),
    )
    .join('\n');
}
