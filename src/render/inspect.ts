// The report of `inspect` as text of 80 columns, or JSON. Every text of a file goes through visible(), and is cut.

import type { InspectedFile, InspectFact, InspectList, InspectReport } from '../report/inspect.js';
import { formatDuration } from './duration.js';
import { renderInspectBrief } from './inspectBrief.js';
import { cut, findingText, size, WIDTH } from './inspectText.js';
import { renderPlainJson } from './json.js';
import { formatTime } from './time.js';
import { length, wrapped } from './wrap.js';

/** Renders what inspect() found. JSON has texts whole, text cuts them to the width; brief has a line for each file. */
export function* renderInspect(report: InspectReport, format: 'text' | 'brief' | 'json' = 'text'): Generator<string> {
  if (format === 'json') {
    yield* renderPlainJson(report);
    return;
  }
  if (format === 'brief') {
    yield* renderInspectBrief(report);
    return;
  }
  for (const [i, file] of report.files.entries()) {
    if (i > 0) yield '\n';
    yield* fileText(file);
  }
}

function* fileText(file: InspectedFile): Generator<string> {
  const { name, what, bytes, rawBytes, facts, lists, givesAway, issues, verdict } = file;
  yield `${cut(name, WIDTH)}\n`;
  yield `  ${what}, ${size(bytes)}${rawBytes === bytes ? '' : ` (${size(rawBytes)} decompressed)`}\n`;
  for (const issue of issues) yield* wrapped(`! ${issue}`, '  ', '    ');
  if (facts.length + lists.length > 0) yield '\nWhat it holds\n';
  for (const fact of facts) yield factText(fact);
  for (const list of lists) yield* listText(list);
  yield '\nWhat it gives away\n';
  for (const finding of givesAway) yield* findingText(finding);
  if (givesAway.length === 0)
    yield issues.length > 0 ? '  not known: it could not be looked into\n' : '  nothing that a rule finds\n';
  yield '\n';
  yield* wrapped(verdict, '', '');
}

const TITLES: Readonly<Record<string, string>> = {
  samples: 'samples',
  functions: 'functions',
  files: 'source files',
  timeNanos: 'taken at',
  durationNanos: 'for',
  period: 'one sample for each',
  docUrl: 'documentation',
  dumps: 'dumps',
  form: 'form',
  goroutines: 'goroutines',
  lockedToThread: 'locked to a thread',
  lines: 'lines',
  entries: 'entries',
  words: 'words',
  sampleTypes: 'Sample types',
  comments: 'Comments',
  mappings: 'Programs and libraries',
  labels: 'Labels, with the number of distinct values',
  directories: 'Paths of source files, by where they are',
  modules: 'Functions, by module',
  unreferenced: 'Texts that nothing in the profile refers to',
  unknownFields: 'Fields that a profile does not have',
  messages: 'What the program said when it ended',
  states: 'States',
  keys: 'Keys',
  cmdline: 'Command line, secrets taken out',
  paths: 'Paths',
  addresses: 'Addresses',
  beginsWith: 'Begins with',
};

function factText({ name, value }: InspectFact): string {
  const text =
    typeof value === 'bigint'
      ? name === 'timeNanos'
        ? formatTime(value)
        : name === 'durationNanos'
          ? formatDuration(value)
          : String(value)
      : typeof value === 'number'
        ? value.toLocaleString('en-US')
        : cut(value, 56);
  return `  ${(TITLES[name] ?? name).padEnd(20)} ${text}\n`;
}

function* listText({ name, rows, more }: InspectList): Generator<string> {
  yield `  ${TITLES[name] ?? name}:\n`;
  const width = Math.max(...rows.map(({ count }) => (count === undefined ? 0 : String(count).length)));
  for (const { text, count, examples = [] } of rows) {
    const number = count === undefined ? '' : `${String(count).padStart(width)}  `;
    const room = WIDTH - 4 - number.length;
    const isShared = examples.length > 0;
    const shown = cut(text === '' ? '(empty)' : text, isShared ? Math.max(20, room - 40) : room);
    const rest = room - length(shown) - 2;
    const more = isShared ? `  ${cut(examples.map(inline).join(', '), Math.max(12, rest))}` : '';
    yield `    ${number}${shown}${more}\n`;
  }
  if (more > 0) yield `    … and ${more.toLocaleString('en-US')} more: -all shows them\n`;
}

const inline = (text: string) => text.replaceAll('\n', ' ');
