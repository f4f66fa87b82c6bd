// The command line as Go's flag package and pprof read it: -x, --x, -x=v, -x v; booleans take only =v; -- ends flags.
// Beyond Go's: flags may follow the file, and a wrong one names the nearest right one.

import { OPTIONS, type Query, SAMPLE_INDEX_FLAGS } from '../../index.js';
import { type Command, commandOf, commands } from './commands.js';
import { nearest } from './nearest.js';
import { OUT_OF_RANGE, parseFloat64, parseInteger } from './numbers.js';

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

export type Kind = 'bool' | 'int' | 'float' | 'string';
export type Value = boolean | number | string;

const kinds = new Map<string, Kind>();
for (const row of OPTIONS) {
  if (row.kind !== 'choice') kinds.set(row.name, row.kind);
  else for (const choice of row.choices) kinds.set(choice, 'bool');
}
for (const { name } of SAMPLE_INDEX_FLAGS) kinds.set(name, 'bool');
for (const { name, takesRegexp } of commands) kinds.set(name, takesRegexp ? 'string' : 'bool');
for (const { name, kind } of CLI_FLAGS) kinds.set(name, kind);
const synonyms = new Map([
  ['h', 'help'],
  ['o', 'output'],
]);

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

/** Reads flags of these names and kinds; what is no flag are words. Throws UsageError. */
export function readFlags(
  argv: readonly string[],
  notices: string[],
  known: ReadonlyMap<string, Kind> = kinds,
  command = known === kinds ? 'top' : 'stacks',
): { values: Map<string, Value>; words: string[] } {
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
    const kind = known.get(name) ?? known.get(name.replaceAll('-', '_'));
    if (kind === undefined) throw unknownFlag(name, known, command);
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

/** What to say of a word or flag that go tool pprof has and this version has not; undefined: pprof has none such. */
export function notHere(name: string): string | undefined {
  if (PICTURES.has(name)) return 'tspprof draws SVG, which scales and prints as well: -svg writes it, -web opens it';
  if (LATER.has(name))
    return `go tool pprof has -${name}, this version of tspprof not yet; tspprof help lists what it has`;
  return undefined;
}

function unknownFlag(name: string, known: ReadonlyMap<string, Kind>, command: string): UsageError {
  const fact = `flag provided but not defined: -${name}`;
  const elsewhere = notHere(name);
  if (elsewhere !== undefined) return new UsageError(fact, elsewhere);
  const near = nearest(name, [...known.keys()]);
  const help = `tspprof help ${command}`;
  return new UsageError(
    fact,
    near === undefined ? `${help} lists the flags` : `did you mean -${near}? ${help} lists the flags`,
  );
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
    case 'int':
      return parsed(name, text, parseInteger(text), 'give a whole number');
    case 'float':
      return parsed(name, text, parseFloat64(text), 'give a number');
  }
}

function parsed(name: string, text: string, value: ReturnType<typeof parseFloat64>, hint: string): number {
  if (typeof value === 'number') return value;
  const reason = value === OUT_OF_RANGE ? 'value out of range' : 'parse error';
  throw new UsageError(`invalid value "${text}" for flag -${name}: ${reason}`, hint);
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
