// What a profile and a dump of goroutines hold.

import type { StackStore } from '../core/store.js';
import { type Dump, LOCKED } from '../model/dump.js';
import type { Profile } from '../model/profile.js';
import { labelSets } from '../query/labels.js';
import { count, counted, type InspectFact, type InspectList, type InspectRow, listed } from './inspect.js';
import { directoryOf, moduleOf } from './inspectNames.js';

/** What the file has beside the profile that reports show. */
export interface ProfileRest {
  /** Strings that nothing refers to. */
  readonly unreferenced: readonly string[];
  /** Fields that profile.proto does not have: `Sample.900`, with their bytes. */
  readonly unknown: ReadonlyMap<string, { readonly count: number; readonly bytes: number }>;
}

export interface Contents {
  readonly facts: readonly InspectFact[];
  readonly lists: readonly InspectList[];
}

const EXAMPLES = 3;

export function inspectProfile(profile: Profile<StackStore>, rest: ProfileRest, all: boolean): Contents {
  const { functions, strings, stacks, sampleTypes, periodType, mappings } = profile;
  const modules = new Map<string, number>();
  const directories = new Map<string, number>();
  const files = new Set<string>();
  for (let f = 0; f < functions.count; f++) {
    const name = strings.get(functions.name[f]);
    count(modules, moduleOf(name === '' ? strings.get(functions.systemName[f]) : name));
    files.add(strings.get(functions.filename[f]));
  }
  files.delete('');
  for (const file of files) count(directories, directoryOf(file));
  const facts: InspectFact[] = [
    { name: 'samples', value: stacks.count },
    { name: 'functions', value: functions.count },
    { name: 'files', value: files.size },
  ];
  if (profile.timeNanos !== 0n) facts.push({ name: 'timeNanos', value: profile.timeNanos });
  if (profile.durationNanos !== 0n) facts.push({ name: 'durationNanos', value: profile.durationNanos });
  if (profile.period !== 0n)
    facts.push({ name: 'period', value: `${profile.period} ${periodType.unit} of ${periodType.type}` });
  if (profile.docUrl !== '') facts.push({ name: 'docUrl', value: profile.docUrl });
  const texts = (rows: readonly string[]) => rows.map((text): InspectRow => ({ text }));
  const lists = [
    ...listed('sampleTypes', '', texts(sampleTypes.map(({ type, unit }) => `${type} in ${unit}`)), all),
    ...listed('comments', '', texts(profile.comments), all),
    ...listed(
      'mappings',
      '',
      mappings
        .filter(({ file, buildId }) => file !== '' || buildId !== '')
        .map(({ file, buildId }) => ({ text: file, examples: buildId === '' ? [] : [`build id ${buildId}`] })),
      all,
    ),
    ...listed('labels', 'values', labelsOf(profile), all),
    ...counted('directories', 'files', directories, all),
    ...counted('modules', 'functions', modules, all),
    ...listed('unreferenced', '', texts(rest.unreferenced), all),
    ...listed(
      'unknownFields',
      'times',
      [...rest.unknown].map(([text, { count: times, bytes }]) => ({
        text,
        count: times,
        examples: [`${bytes} bytes`],
      })),
      all,
    ),
  ];
  return { facts, lists };
}

function labelsOf(profile: Profile<StackStore>): InspectRow[] {
  const values = new Map<string, Set<string>>();
  const add = (key: string, value: string) => {
    const known = values.get(key);
    if (known === undefined) values.set(key, new Set([value]));
    else known.add(value);
  };
  for (const { strings, numbers } of labelSets(profile)) {
    for (const [key, texts] of strings) for (const text of texts) add(key, text);
    for (const [key, list] of numbers) for (const { value, unit } of list) add(key, `${value}${unit && ` ${unit}`}`);
  }
  return [...values].map(([text, set]) => ({ text, count: set.size, examples: [...set].slice(0, EXAMPLES) }));
}

export function inspectDumps(dumps: readonly Dump[], all: boolean): Contents {
  const states = new Map<string, number>();
  const modules = new Map<string, number>();
  const directories = new Map<string, number>();
  const labels = new Map<string, Set<string>>();
  const messages: InspectRow[] = [];
  let goroutines = 0;
  let locked = 0;
  for (const dump of dumps) {
    const { count: rows, state, weight, flags } = dump.goroutines;
    for (let g = 0; g < rows; g++) {
      goroutines += weight[g];
      if ((flags[g] & LOCKED) !== 0) locked += weight[g];
      count(states, dump.states[state[g]] || 'not stated', weight[g]);
    }
    for (let f = 0; f < dump.functions.count; f++) count(modules, moduleOf(dump.functions.get(f)));
    for (let f = 0; f < dump.files.count; f++) {
      const file = dump.files.get(f);
      if (file !== '') count(directories, directoryOf(file));
    }
    for (const set of dump.labels.values())
      for (const [key, value] of set) labels.set(key, (labels.get(key) ?? new Set()).add(value));
    for (const { kind, message } of dump.reasons) messages.push({ text: `${kind}: ${message}` });
  }
  const facts: InspectFact[] = [
    ...(dumps.length > 1 ? [{ name: 'dumps', value: dumps.length }] : []),
    { name: 'form', value: dumps[0]?.form ?? '' },
    { name: 'goroutines', value: goroutines },
    ...(locked > 0 ? [{ name: 'lockedToThread', value: locked }] : []),
  ];
  const labelRows = [...labels].map(([text, set]) => ({
    text,
    count: set.size,
    examples: [...set].slice(0, EXAMPLES),
  }));
  const lists = [
    ...listed('messages', '', messages, all),
    ...counted('states', 'goroutines', states, all),
    ...listed('labels', 'values', labelRows, all),
    ...counted('directories', 'files', directories, all),
    ...counted('modules', 'functions', modules, all),
  ];
  return { facts, lists };
}
