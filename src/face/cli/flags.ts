// The command line as Go's flag package and pprof read it: -x, --x, -x=v, -x v; booleans take only =v; -- ends flags.
// Beyond Go's: flags may follow the file, and a wrong one names the nearest right one.

import { OPTIONS, type Query, SAMPLE_INDEX_FLAGS } from '../../index.js';
import { type Command, commandOf, commands } from './commands.js';

/** Options of the command line itself: in no URL and no header of a report. */
export const CLI_FLAGS = [
  { name: 'output', kind: 'string', help: 'Write the report to FILE' },
  { name: 'json', kind: 'bool', help: 'Print the report as JSON, integers exact' },
  { name: 'max_bytes', kind: 'int', help: 'Stop reading a profile beyond N decompressed bytes (default 2147483648)' },
  { name: 'base', kind: 'string', help: 'A profile to subtract' },
  { name: 'diff_base', kind: 'string', help: 'A profile to compare with: percentages are of it' },
  { name: 'normalize', kind: 'bool', help: 'Scale the profile to the sum of the base first' },
  { name: 'add_comment', kind: 'string', help: 'A comment to add to the profile' },
  { name: 'buildid', kind: 'string', help: 'Build id of the main binary, if the profile has none' },
  { name: 'symbolize', kind: 'string', help: 'none: names are those of the profile, as they are in this version' },
  { name: 'seconds', kind: 'int', help: 'How long a live source is to be profiled; files take no time' },
  { name: 'timeout', kind: 'int', help: 'How long to wait for a live source, in seconds' },
  { name: 'tools', kind: 'string', help: 'Where binutils are; this version runs no other program' },
  { name: 'tls_cert', kind: 'string', help: 'Client certificate for a live source' },
  { name: 'tls_key', kind: 'string', help: 'Its key' },
  { name: 'tls_ca', kind: 'string', help: 'Certificate authority of a live source' },
  { name: 'help', kind: 'bool', help: 'Print this' },
  { name: 'version', kind: 'bool', help: 'Print the version' },
] as const;

/** Flags of go tool pprof that this version has not; named so that the answer is better than "unknown". */
const LATER = new Set('disasm http no_browser weblist'.split(' '));

export interface CommandLine {
  readonly command: Command | undefined;
  /** `tspprof help …` */
  readonly isHelp: boolean;
  /** Words after the command (and its regexp) that are no flags. */
  readonly words: readonly string[];
  readonly query: Query;
  readonly output: string | undefined;
  readonly json: boolean;
  readonly maxBytes: number | undefined;
  readonly symbolize: string | undefined;
  /** What the sources are combined with. */
  readonly base: string | undefined;
  readonly diffBase: string | undefined;
  readonly normalize: boolean;
  readonly addComment: string | undefined;
  readonly buildId: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
  /** For stderr. */
  readonly notices: readonly string[];
}

/** A command line that cannot be followed: exit 2. */
export class UsageError extends Error {
  readonly hint: string;
  constructor(fact: string, hint: string) {
    super(fact);
    this.hint = hint;
  }
}

type Kind = 'bool' | 'int' | 'float' | 'string';
type Value = boolean | number | string;

const kinds = new Map<string, Kind>();
const choiceOf = new Map<string, string>();
for (const row of OPTIONS) {
  if (row.kind !== 'choice') kinds.set(row.name, row.kind);
  else {
    for (const choice of row.choices) {
      kinds.set(choice, 'bool');
      choiceOf.set(choice, row.name);
    }
  }
}
for (const { name } of SAMPLE_INDEX_FLAGS) kinds.set(name, 'bool');
for (const { name, takesRegexp } of commands) kinds.set(name, takesRegexp ? 'string' : 'bool');
for (const { name, kind } of CLI_FLAGS) kinds.set(name, kind);
const synonyms = new Map([
  ['h', 'help'],
  ['o', 'output'],
]);

export const flagNames = (): readonly string[] => [...kinds.keys()];

/** Reads argv without node and script. Throws UsageError. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const notices: string[] = [];
  const { values, words } = readFlags(argv, notices);
  // As in pprof, an empty regexp is as good as no flag.
  const named = commands.filter(
    ({ name }) => values.get(name) === true || ((values.get(name) ?? '') !== '' && values.get(name) !== false),
  );
  const distinct = new Set(named.map(({ name }) => (name === 'text' ? 'top' : name)));
  if (distinct.size > 1)
    throw new UsageError(
      'must set at most one output format',
      `choose one of ${named.map(({ name }) => `-${name}`).join(', ')}`,
    );
  let command = named[0];
  const isHelp = command === undefined && words[0] === 'help';
  if (isHelp) words.shift();
  let symbol = command?.takesRegexp ? values.get(command.name) : undefined;
  if (command === undefined && !isHelp && words.length > 0) {
    const word = commandOf(words[0]);
    if (word !== undefined) {
      command = word;
      words.shift();
      if (command.takesRegexp && values.get('help') !== true && values.get('symbol') === undefined) {
        symbol = words.shift();
        if (symbol === undefined)
          throw new UsageError(`command ${command.name} requires an argument`, `tspprof ${command.name} REGEXP FILE`);
      }
    }
  }
  if (typeof symbol === 'string') values.set('symbol', symbol);
  const text = (name: string) => {
    const value = values.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const maxBytes = values.get('max_bytes');
  if (typeof maxBytes === 'number' && maxBytes <= 0) {
    throw new UsageError(`invalid value "${maxBytes}" for flag -max_bytes`, 'give a number of bytes above 0');
  }
  return {
    command,
    isHelp,
    words,
    query: queryOf(values, notices),
    output: text('output'),
    json: values.get('json') === true,
    maxBytes: typeof maxBytes === 'number' ? maxBytes : undefined,
    symbolize: text('symbolize'),
    base: text('base'),
    diffBase: text('diff_base'),
    normalize: values.get('normalize') === true,
    addComment: text('add_comment'),
    buildId: text('buildid'),
    help: values.get('help') === true,
    version: values.get('version') === true,
    notices,
  };
}

function readFlags(argv: readonly string[], notices: string[]): { values: Map<string, Value>; words: string[] } {
  const values = new Map<string, Value>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i];
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const body = word.slice(word.startsWith('--') ? 2 : 1);
    if (body === '' || body.startsWith('-') || body.startsWith('='))
      throw new UsageError(`bad flag syntax: ${word}`, 'flags are -name or -name=value');
    const equals = body.indexOf('=');
    const given = equals === -1 ? body : body.slice(0, equals);
    const name = synonyms.get(given) ?? given;
    const kind = kinds.get(name);
    if (kind === undefined) throw unknownFlag(name);
    let value: string | undefined = equals === -1 ? undefined : body.slice(equals + 1);
    if (value === undefined && kind === 'bool') value = 'true';
    if (value === undefined) {
      i++;
      if (i === argv.length) throw new UsageError(`flag needs an argument: -${name}`, `give it as -${name}=VALUE`);
      value = argv[i];
    }
    if (/^(diff_)?base$/.test(name) && values.has(name)) notices.push(`-${name} is given again: the last one counts`);
    values.set(name, parseValue(name, kind, value));
  }
  return { values, words };
}

const PICTURES = new Set(['eog', 'evince', 'gif', 'gv', 'pdf', 'png', 'ps']);

function unknownFlag(name: string): UsageError {
  const fact = `flag provided but not defined: -${name}`;
  if (PICTURES.has(name))
    return new UsageError(fact, 'tspprof draws SVG, which scales and prints as well: -svg writes it, -web opens it');
  if (LATER.has(name))
    return new UsageError(
      fact,
      `go tool pprof has -${name}, this version of tspprof not yet; tspprof help lists what it has`,
    );
  const near = nearest(name, [...kinds.keys()]);
  return new UsageError(
    fact,
    near === undefined ? 'tspprof help top lists the flags' : `did you mean -${near}? tspprof help top lists the flags`,
  );
}

/** The candidate with the fewest edits, if it is near at all. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const scored = candidates.map((candidate) => ({
    candidate,
    edits: candidate.startsWith(lower) ? 0.5 : edits(lower, candidate),
  }));
  scored.sort((a, b) => a.edits - b.edits);
  return scored[0] !== undefined && scored[0].edits <= Math.max(1, word.length / 3) ? scored[0].candidate : undefined;
}

/** Edits between two words, swapped neighbours counting one. */
function edits(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}

const booleans = new Map<string, boolean>([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((w) => [w, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((w) => [w, false] as const),
]);

/** Values as strconv reads them. */
function parseValue(name: string, kind: Kind, text: string): Value {
  switch (kind) {
    case 'string':
      return text;
    case 'bool': {
      const value = booleans.get(text);
      if (value === undefined)
        throw new UsageError(
          `invalid boolean value "${text}" for -${name}: parse error`,
          `give -${name} or -${name}=false`,
        );
      return value;
    }
    case 'int': {
      const value = parseInteger(text);
      if (value === undefined)
        throw new UsageError(`invalid value "${text}" for flag -${name}: parse error`, 'give a whole number');
      return value;
    }
    case 'float': {
      const value = parseFloat64(text);
      if (value === undefined)
        throw new UsageError(`invalid value "${text}" for flag -${name}: parse error`, 'give a number');
      return value;
    }
  }
}

/** Digits that Go lets underscores separate; the prefix counts as one. */
const plain = (text: string) => (/^_|__|_$/.test(text) ? '?' : text.replaceAll('_', ''));

/** Go's strconv.ParseInt(text, 0, 64): 10, 0x1f, 0o17, 017, 0b11, 1_000. */
function parseInteger(text: string): number | undefined {
  const [, sign, prefix, rest] = /^([+-]?)(0[xX]_?|0[oO]_?|0[bB]_?|0_?(?=[0-9]))?(.*)$/s.exec(text) ?? [];
  const base = { x: 16, o: 8, b: 2 }[prefix?.[1]?.toLowerCase() ?? ''] ?? (prefix === undefined ? 10 : 8);
  const digits = plain(rest ?? '');
  const valid = { 16: /^[0-9a-fA-F]+$/, 10: /^[0-9]+$/, 8: /^[0-7]+$/, 2: /^[01]+$/ }[base];
  if (valid === undefined || !valid.test(digits)) return undefined;
  const size = BigInt(base === 10 ? digits : `0${{ 16: 'x', 8: 'o', 2: 'b' }[base]}${digits}`);
  const value = sign === '-' ? -size : size;
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : undefined;
}

/** Go's strconv.ParseFloat(text, 64): decimal, hexadecimal with an exponent, inf, nan. */
function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null)
    return special[2].toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  const hex = /^([+-]?)0x([0-9a-f_]*)\.?([0-9a-f_]*)p([+-]?[0-9]+)$/i.exec(text);
  let value: number;
  if (hex !== null) {
    const digits = plain(hex[2].replace(/^_/, '')) + plain(hex[3] === '' ? '0' : hex[3]);
    if (!/^[0-9a-f]+$/i.test(digits)) return undefined;
    const places = hex[3] === '' ? 1 : hex[3].replaceAll('_', '').length;
    value = Number(`0x${digits}`) * 2 ** (Number(hex[4]) - 4 * places) * (hex[1] === '-' ? -1 : 1);
  } else {
    if (!/^[+-]?([0-9](_?[0-9])*\.?([0-9](_?[0-9])*)?|\.[0-9](_?[0-9])*)([eE][+-]?[0-9]+)?$/.test(text))
      return undefined;
    value = Number(text.replaceAll('_', ''));
  }
  return Number.isFinite(value) ? value : undefined;
}

function queryOf(values: ReadonlyMap<string, Value>, notices: string[]): Query {
  const query: Record<string, Value> = {};
  for (const row of OPTIONS) {
    if (row.kind !== 'choice') {
      const value = values.get(row.name);
      if (value !== undefined) query[row.name] = value;
      continue;
    }
    const set = row.choices.filter((choice) => values.get(choice) === true);
    if (set.length > 1)
      throw new UsageError(
        `conflicting options set: [${set.join(' ')}]`,
        `choose one of ${set.map((s) => `-${s}`).join(', ')}`,
      );
    if (set.length === 1) query[row.name] = set[0];
  }
  for (const flag of SAMPLE_INDEX_FLAGS) {
    if (values.get(flag.name) !== true) continue;
    if ('mean' in flag) query.mean = true;
    if (query.sample_index === undefined || query.sample_index === '') query.sample_index = flag.sampleIndex;
    else notices.push(`Multiple value selections, ignoring -${flag.name}`);
  }
  return query;
}
