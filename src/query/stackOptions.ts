// The options of `stacks`: which goroutines, how they are grouped, what is shown. A StackQuery is plain JSON with these
// names; flags and help are derived from the table.

import { badOption } from '../errors.js';
import { SIMILARITIES } from '../model/dump.js';

export const STACK_OPTIONS = [
  { name: 'all', kind: 'bool', default: false, help: 'Show idle goroutines and all groups, too' },
  { name: 'blocked', kind: 'bool', default: false, help: 'Only what hangs, on what, and who holds it' },
  { name: 'state', kind: 'string', default: '', help: 'Keep goroutines whose state matches REGEXP, e.g. "chan send"' },
  { name: 'longer', kind: 'string', default: '', help: 'Keep goroutines that wait at least so long: 5, 5m, 2h' },
  { name: 'function', kind: 'string', default: '', help: 'Keep goroutines with a function that matches REGEXP' },
  { name: 'package', kind: 'string', default: '', help: 'Keep goroutines with a package that matches REGEXP' },
  { name: 'file', kind: 'string', default: '', help: 'Keep goroutines with a file that matches REGEXP' },
  {
    name: 'created_by',
    kind: 'string',
    default: '',
    help: 'Keep goroutines started by a function that matches REGEXP',
  },
  { name: 'ignore', kind: 'string', default: '', help: 'Leave out goroutines with a function that matches REGEXP' },
  { name: 'id', kind: 'string', default: '', help: 'Keep these goroutines: 12,34' },
  { name: 'label', kind: 'string', default: '', help: 'Keep goroutines with this label: key, or key=value' },
  {
    name: 'similarity',
    kind: 'string',
    default: 'lines',
    help: 'What makes one group: exact, lines, functions or place',
  },
  { name: 'sort', kind: 'string', default: 'weight', help: 'Order of groups: weight, count, wait, name or id' },
  { name: 'groups', kind: 'int', default: 20, help: 'Show so many groups at most' },
  { name: 'source_path', kind: 'string', default: '', help: 'Where sources are: they show where a lock is held' },
  { name: 'trim_path', kind: 'string', default: '', help: 'Cut this from file names before looking for sources' },
] as const;

type Row = (typeof STACK_OPTIONS)[number];
type Value<R extends Row> = R['kind'] extends 'bool' ? boolean : R['kind'] extends 'int' ? number : string;
/** All options, with their values. */
export type StackOptions = { readonly [R in Row as R['name']]: Value<R> };
/** Those given. */
export type StackQuery = Partial<StackOptions>;

export const STACK_SORTS = ['weight', 'count', 'wait', 'name', 'id'] as const;

/** With the defaults. Throws ProfileError 'bad-option'. */
export function resolveStacks(query: StackQuery = {}): StackOptions {
  const options: Record<string, boolean | number | string> = {};
  for (const { name, default: fallback } of STACK_OPTIONS) options[name] = fallback;
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const row = STACK_OPTIONS.find((known) => known.name === name);
    if (row === undefined)
      throw badOption(`unknown option: ${name}`, `options are ${STACK_OPTIONS.map((r) => r.name).join(', ')}`);
    if (typeof value !== typeof row.default) throw badOption(`${name} is no ${row.kind}: ${String(value)}`, row.help);
    options[name] = value;
  }
  checkChoice('similarity', options.similarity, SIMILARITIES);
  checkChoice('sort', options.sort, STACK_SORTS);
  if (!(Number.isInteger(options.groups) && Number(options.groups) >= 0))
    throw badOption(`groups must not be negative: ${options.groups}`, 'give a whole number; 0 shows all');
  // Every key of StackOptions has been given a value of its type above.
  return options as unknown as StackOptions;
}

function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(String(value)))
    throw badOption(`unknown value "${value}" for -${name}`, `choose one of ${choices.join(', ')}`);
}

/** Minutes in `5`, `5m`, `2h`, `1d`. Throws ProfileError 'bad-option'. */
export function parseMinutes(text: string): number {
  const match = /^(\d{1,9})(m|min|minutes?|h|d)?$/.exec(text.trim());
  if (match === null) throw badOption(`invalid wait: ${text}`, 'give minutes or hours: 5, 5m, 2h');
  const unit = match[2] ?? 'm';
  return Number(match[1]) * (unit === 'h' ? 60 : unit === 'd' ? 1440 : 1);
}

/** Ids in `12,34`. Throws ProfileError 'bad-option'. */
export function parseIds(text: string): ReadonlySet<number> {
  const ids = text.split(/[\s,]+/).filter((part) => part !== '');
  for (const id of ids)
    if (!/^\d{1,15}$/.test(id)) throw badOption(`invalid goroutine id: ${id}`, 'give ids with commas: 12,34');
  return new Set(ids.map(Number));
}
