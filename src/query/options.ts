// THE option table. A Query is plain JSON with these names: the command line, the URL and the header of --json at once.
// Flags, their help, URL keys and types are all derived from here. Names, defaults and choices are pprof's
// (internal/driver/config.go); the words are ours. Options of commands and sources (-output, -max_bytes) are the
// command line's own and not here.

import { badOption } from '../errors.js';

export type OptionKind = 'bool' | 'int' | 'float' | 'string' | 'choice';

export interface OptionRow {
  readonly name: string;
  readonly kind: OptionKind;
  readonly default: boolean | number | string;
  /** Of a choice; on the command line each is a flag of its own. */
  readonly choices?: readonly string[];
  /** Parameter in a URL; '' is not in any. */
  readonly url: string;
  readonly group: 'filter' | 'values' | 'shape' | 'tags' | 'display';
  readonly help: string;
}

export const OPTIONS = [
  {
    name: 'symbol',
    kind: 'string',
    default: '',
    url: '',
    group: 'filter',
    help: 'What peek and list show: functions whose name matches REGEXP',
  },
  {
    name: 'focus',
    kind: 'string',
    default: '',
    url: 'f',
    group: 'filter',
    help: 'Keep samples with a frame that matches REGEXP',
  },
  {
    name: 'ignore',
    kind: 'string',
    default: '',
    url: 'i',
    group: 'filter',
    help: 'Drop samples with a frame that matches REGEXP',
  },
  {
    name: 'hide',
    kind: 'string',
    default: '',
    url: 'h',
    group: 'filter',
    help: 'Remove frames that match REGEXP from every stack',
  },
  {
    name: 'show',
    kind: 'string',
    default: '',
    url: 's',
    group: 'filter',
    help: 'Remove all other frames from every stack',
  },
  {
    name: 'show_from',
    kind: 'string',
    default: '',
    url: 'sf',
    group: 'filter',
    help: 'Start every stack at its outermost frame that matches REGEXP',
  },
  {
    name: 'prune_from',
    kind: 'string',
    default: '',
    url: 'prunefrom',
    group: 'filter',
    help: 'End every stack at its innermost frame that matches REGEXP',
  },
  {
    name: 'all_frames',
    kind: 'bool',
    default: false,
    url: '',
    group: 'filter',
    help: "Show what the profile's drop_frames would hide",
  },
  {
    name: 'sample_index',
    kind: 'string',
    default: '',
    url: 'si',
    group: 'values',
    help: 'Which value to show: the name of a sample type or its number',
  },
  {
    name: 'mean',
    kind: 'bool',
    default: false,
    url: 'mean',
    group: 'values',
    help: 'Divide by the first sample type (usually a count)',
  },
  {
    name: 'divide_by',
    kind: 'float',
    default: 1,
    url: '',
    group: 'values',
    help: 'Divide every value by N before it is printed',
  },
  {
    name: 'unit',
    kind: 'string',
    default: 'minimum',
    url: 'unit',
    group: 'values',
    help: 'Unit to print in: ms, MB …; auto picks one for each value',
  },
  {
    name: 'relative_percentages',
    kind: 'bool',
    default: false,
    url: 'rel',
    group: 'values',
    help: 'Percentages of what the filters left, not of everything',
  },
  {
    name: 'granularity',
    kind: 'choice',
    default: '',
    choices: ['functions', 'filefunctions', 'files', 'lines', 'addresses'],
    url: 'g',
    group: 'shape',
    help: 'What one row stands for',
  },
  {
    name: 'noinlines',
    kind: 'bool',
    default: false,
    url: 'noinlines',
    group: 'shape',
    help: 'Count inlined functions as the function that they were inlined into',
  },
  {
    name: 'showcolumns',
    kind: 'bool',
    default: false,
    url: 'showcolumns',
    group: 'shape',
    help: 'Tell columns of a line apart, where the profile knows them',
  },
  {
    name: 'sort',
    kind: 'choice',
    default: 'flat',
    choices: ['flat', 'cum'],
    url: 'sort',
    group: 'shape',
    help: 'Order by own (flat) or cumulative (cum) value',
  },
  { name: 'nodecount', kind: 'int', default: -1, url: 'n', group: 'shape', help: 'Show at most N rows' },
  {
    name: 'nodefraction',
    kind: 'float',
    default: 0.005,
    url: 'nf',
    group: 'shape',
    help: 'Drop nodes whose cum is below this part of the total',
  },
  {
    name: 'edgefraction',
    kind: 'float',
    default: 0.001,
    url: 'ef',
    group: 'shape',
    help: 'Drop calls whose weight is below this part of the total',
  },
  {
    name: 'trim',
    kind: 'bool',
    default: true,
    url: 'trim',
    group: 'shape',
    help: 'Honour nodecount, nodefraction and edgefraction; -trim=false shows everything',
  },
  {
    name: 'drop_negative',
    kind: 'bool',
    default: false,
    url: 'dropneg',
    group: 'shape',
    help: 'Leave out nodes with negative values',
  },
  {
    name: 'call_tree',
    kind: 'bool',
    default: false,
    url: 'calltree',
    group: 'shape',
    help: 'One node for each way a function is reached (graphs only)',
  },
  {
    name: 'tagfocus',
    kind: 'string',
    default: '',
    url: 'tf',
    group: 'tags',
    help: 'Keep samples with a matching label: REGEXP, KEY=REGEXP, 1kb:10kb, KEY=32mb:',
  },
  {
    name: 'tagignore',
    kind: 'string',
    default: '',
    url: 'ti',
    group: 'tags',
    help: 'Drop samples with a matching label',
  },
  {
    name: 'tagshow',
    kind: 'string',
    default: '',
    url: 'ts',
    group: 'tags',
    help: 'Consider only labels whose key matches REGEXP',
  },
  {
    name: 'taghide',
    kind: 'string',
    default: '',
    url: 'th',
    group: 'tags',
    help: 'Forget labels whose key matches REGEXP',
  },
  {
    name: 'tagroot',
    kind: 'string',
    default: '',
    url: '',
    group: 'tags',
    help: 'Label keys (KEY,KEY) whose values become frames at the root',
  },
  {
    name: 'tagleaf',
    kind: 'string',
    default: '',
    url: '',
    group: 'tags',
    help: 'Label keys (KEY,KEY) whose values become frames at the leaf',
  },
  {
    name: 'compact_labels',
    kind: 'bool',
    default: false,
    url: 'compact',
    group: 'display',
    help: 'Leave File, Type, Time and Duration out of the header',
  },
  {
    name: 'source_path',
    kind: 'string',
    default: '',
    url: '',
    group: 'display',
    help: 'Folders of the sources; their names shorten file names',
  },
  { name: 'trim_path', kind: 'string', default: '', url: '', group: 'display', help: 'Prefixes to cut off file names' },
  {
    name: 'intel_syntax',
    kind: 'bool',
    default: false,
    url: 'intel',
    group: 'display',
    help: 'Disassemble in Intel syntax (no report of this version disassembles)',
  },
] as const satisfies readonly OptionRow[];

type Row = (typeof OPTIONS)[number];
type ValueOf<R extends Row> = R extends { choices: readonly (infer C)[] }
  ? C | R['default']
  : R extends { kind: 'bool' }
    ? boolean
    : R extends { kind: 'int' | 'float' }
      ? number
      : string;

/** Every option with its value. */
export type Options = { readonly [R in Row as R['name']]: ValueOf<R> };

/** What to show: any of the options, the others have their defaults. `{ focus: 'json', sort: 'cum', nodecount: 20 }` */
export type Query = { readonly [K in keyof Options]?: Options[K] };

/** Flags that pick a sample type, in the order in which pprof looks at them; the first one given wins. */
export const SAMPLE_INDEX_FLAGS = [
  { name: 'total_delay', sampleIndex: 'delay', help: 'Time spent waiting' },
  { name: 'mean_delay', sampleIndex: 'delay', mean: true, help: 'Mean time of a wait' },
  { name: 'contentions', sampleIndex: 'contentions', help: 'Number of waits' },
  { name: 'inuse_space', sampleIndex: 'inuse_space', help: 'Bytes in use' },
  { name: 'inuse_objects', sampleIndex: 'inuse_objects', help: 'Objects in use' },
  { name: 'alloc_space', sampleIndex: 'alloc_space', help: 'Bytes allocated since the start' },
  { name: 'alloc_objects', sampleIndex: 'alloc_objects', help: 'Objects allocated since the start' },
] as const satisfies readonly { name: string; sampleIndex: string; mean?: boolean; help: string }[];

const rows = new Map<string, OptionRow>(OPTIONS.map((row) => [row.name, row]));

/** The options of a query, checked. Throws ProfileError 'bad-option' for a name, type or choice that does not exist. */
export function resolve(query: Query): Options {
  if (typeof query !== 'object' || query === null)
    throw badOption('a query is an object', "give { focus: 'json' }, or nothing");
  const values: Record<string, boolean | number | string> = {};
  for (const row of OPTIONS) values[row.name] = row.default;
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const row = rows.get(name);
    if (row === undefined) {
      throw badOption(`there is no option ${name}`, `the options are ${OPTIONS.map((o) => o.name).join(', ')}`);
    }
    values[name] = checkedValue(row, value);
  }
  if (!isOptions(values)) throw badOption('the options are incomplete', 'report this as an error of tspprof');
  return values;
}

function checkedValue(row: OptionRow, value: unknown): boolean | number | string {
  if (typeof value === 'boolean' && row.kind === 'bool') return value;
  if (typeof value === 'number' && (row.kind === 'float' || (row.kind === 'int' && Number.isInteger(value))))
    return value;
  if (typeof value === 'string' && row.kind === 'string') return value;
  if (typeof value === 'string' && row.kind === 'choice' && (value === row.default || row.choices?.includes(value))) {
    return value;
  }
  const wanted = row.choices
    ? `one of ${row.choices.join(', ')}`
    : { bool: 'true or false', int: 'a whole number', float: 'a number', string: 'text', choice: '' }[row.kind];
  throw badOption(
    `invalid value ${typeof value === 'bigint' ? value : JSON.stringify(value)} for ${row.name}`,
    `give ${wanted}`,
  );
}

function isOptions(values: object): values is Options {
  return OPTIONS.every((row) => row.name in values);
}

/** The options that differ from their defaults: the shortest query that says the same. */
export function shortened(options: Options): Query {
  const values = new Map<string, boolean | number | string>(Object.entries(options));
  const changed = OPTIONS.filter((row) => values.get(row.name) !== row.default);
  return Object.fromEntries(changed.map((row) => [row.name, values.get(row.name)]));
}
