// The report of `inspect` for many files at once, a bundle: a line for each, then what any of them gives away.

import type { Disclosure } from '../model/redaction.js';
import type { InspectedFile, InspectReport } from '../report/inspect.js';
import { cut, findingText, size, WIDTH } from './inspectText.js';
import { wrapped } from './wrap.js';

/** A file's part of what a rule found. */
interface Part {
  readonly file: InspectedFile;
  readonly finding: Disclosure;
}

export function* renderInspectBrief({ files }: InspectReport): Generator<string> {
  const common = commonPrefix(files.map(({ name }) => name));
  if (common !== '') yield `${cut(common, WIDTH)}\n`;
  const nameOf = ({ name }: InspectedFile) => name.slice(common.length);
  const width = Math.min(32, Math.max(...files.map((file) => nameOf(file).length)));
  for (const file of files) {
    const found = file.givesAway.reduce((sum, { count }) => sum + count, 0);
    const answer =
      file.issues.length > 0 ? 'not looked into' : found === 0 ? '–' : `${found.toLocaleString('en-US')} found`;
    const what = cut(`${file.what}, ${size(file.bytes)}`, WIDTH - width - 20);
    yield `  ${cut(nameOf(file), width).padEnd(width)}  ${what.padEnd(WIDTH - width - 20)} ${answer}\n`;
  }
  yield '\nWhat they give away\n';
  const rules = new Map<string, Part[]>();
  for (const file of files)
    for (const finding of file.givesAway)
      rules.set(finding.rule, [...(rules.get(finding.rule) ?? []), { file, finding }]);
  for (const parts of rules.values()) {
    const [{ finding }] = parts;
    const count = parts.reduce((sum, part) => sum + part.finding.count, 0);
    const distinct = Math.max(...parts.map((part) => part.finding.distinct));
    yield* findingText({ ...finding, count, distinct });
    yield* wrapped(`in ${parts.map(({ file }) => nameOf(file)).join(', ')}`, '    ', '      ');
  }
  const closed = files.filter(({ issues }) => issues.length > 0);
  if (rules.size === 0) yield '  nothing that a rule finds\n';
  if (closed.length > 0) {
    yield* wrapped(`Not looked into: ${closed.map(nameOf).join(', ')}`, '  ', '    ');
  }
  yield '\n';
  for (const { is, says } of SORTS) if (files.some(is)) yield* wrapped(says, '', '');
}

const TEXTS = new Set(['vars', 'sysinfo', 'version', 'metrics', 'json', 'html', 'text', 'manifest']);

/** What is in files of a sort, in one sentence. */
const SORTS: readonly { readonly is: (file: InspectedFile) => boolean; readonly says: string }[] = [
  {
    is: ({ kind }) => kind === 'profile' || kind === 'text-profile',
    says: 'Profiles have no code, no memory contents and no keys: names of functions and source files, numbers, and the labels and comments that the program chose.',
  },
  {
    is: ({ kind }) => kind === 'dump',
    says: 'Dumps have the same, addresses and lengths of arguments, and what a panic says, which can be anything.',
  },
  { is: ({ kind }) => TEXTS.has(kind), says: 'The others are text: what they have can be read.' },
  {
    is: ({ issues }) => issues.length > 0,
    says: 'A trace has whatever the program logged with trace.Log, a program all of its texts; neither is looked into here.',
  },
];

/** Up to the last colon or slash that all have. */
function commonPrefix(names: readonly string[]): string {
  let [prefix = ''] = names;
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, Math.max(prefix.lastIndexOf(':'), prefix.lastIndexOf('/')) + 1);
}
