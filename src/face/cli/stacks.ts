// tspprof stacks: dumps of goroutines. It has its own table of options; several dumps are compared.

import {
  type Dump,
  type NodeOpenOptions,
  openDumps,
  ProfileError,
  renderStacks,
  STACK_OPTIONS,
  type StackQuery,
  sourceReader,
  stacksReport,
  toBytes,
} from '../../node.js';
import { CLIENT_FLAGS } from './client.js';
import { fetchProgress } from './fetching.js';
import { type Kind, liveOptions, readFlags, UsageError, type Value } from './flags.js';
import { saveDump } from './saved.js';
import { print, say, writeFile, writeOut } from './say.js';
import { isPiped } from './stdin.js';
import { flagRows } from './usage.js';

const OWN_FLAGS = [
  { name: 'stacks', kind: 'bool', help: 'This command' },
  { name: 'json', kind: 'bool', help: 'Print the report as JSON' },
  { name: 'markdown', kind: 'bool', help: 'Print it as Markdown, for an issue or a chat' },
  { name: 'output', kind: 'string', help: 'Write the report to FILE' },
  { name: 'timeout', kind: 'int', help: 'How long to wait for a live program, in seconds' },
  ...CLIENT_FLAGS,
  { name: 'max_bytes', kind: 'int', help: 'Stop reading a dump beyond N bytes (default 2147483648)' },
  { name: 'help', kind: 'bool', help: 'Print this' },
] as const;

const kinds = new Map<string, Kind>([...STACK_OPTIONS, ...OWN_FLAGS].map(({ name, kind }) => [name, kind]));

/** Runs it; argv with or without the word itself. Throws UsageError, ProfileError. */
export async function runStacks(argv: readonly string[]): Promise<number> {
  const notices: string[] = [];
  const { values, words } = readFlags(argv, notices, kinds, 'stacks');
  if (words[0] === 'stacks') words.shift();
  for (const notice of notices) say(notice);
  if (values.get('help') === true) {
    await print(stacksHelp());
    return 0;
  }
  const files = words.length > 0 ? words : isPiped() ? ['-'] : [];
  if (files.length === 0)
    throw new UsageError(
      'no dump of goroutines specified',
      "tspprof stacks FILE; curl -s 'http://localhost:6060/debug/pprof/goroutine?debug=2' | tspprof stacks",
    );
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read once', 'write one of the dumps to a file first');
  const maxBytes = values.get('max_bytes');
  const dumps: Dump[] = [];
  const fetching = fetchProgress();
  const options: NodeOpenOptions = {
    ...{ ...liveOptions(values), maxBytes: typeof maxBytes === 'number' ? maxBytes : undefined },
    onFetch: fetching.event,
  };
  await fetching.around(async () => {
    for (const file of files) dumps.push(...(await openOne(file, options)));
  });
  for (const bytes of fetching.bytes) saveDump(bytes);
  const query = queryOf(values);
  const report = stacksReport(dumps, query, { sources: sourceReader(query) });
  const format = values.get('json') === true ? 'json' : values.get('markdown') === true ? 'markdown' : 'text';
  const output = values.get('output');
  if (typeof output === 'string' && output !== '') {
    await writeFile(bytesOf(renderStacks(report, format)), output);
    return 0;
  }
  await writeOut(bytesOf(renderStacks(report, format)));
  return 0;
}

async function openOne(file: string, options: NodeOpenOptions): Promise<Dump[]> {
  if (file !== '-') return openDumps(file, options);
  try {
    return await openDumps(process.stdin, options);
  } catch (error) {
    throw error instanceof ProfileError ? error.in('standard input') : error;
  }
}

function queryOf(values: ReadonlyMap<string, Value>): StackQuery {
  const query: Record<string, Value> = {};
  for (const { name } of STACK_OPTIONS) {
    const value = values.get(name) ?? values.get(name.replaceAll('_', '-'));
    if (value !== undefined) query[name] = value;
  }
  return query;
}

function* bytesOf(chunks: Iterable<string>): Generator<Uint8Array> {
  for (const chunk of chunks) yield toBytes(chunk);
}

export function stacksHelp(): string {
  return `tspprof stacks FILE …: which goroutines hang, on what, and who holds it

FILE is a dump of goroutines: /debug/pprof/goroutine?debug=2 (or 1, or without), what SIGQUIT, a panic or the race detector prints,
gzipped, pasted, or inside of a log; or the address of a live program. Several are compared. Without FILE, standard input.

${flagRows([...STACK_OPTIONS, ...OWN_FLAGS.slice(1)])}

  tspprof stacks -blocked ipfs.stacks
  tspprof stacks -longer=5m -function=yamux ipfs.stacks
  tspprof stacks localhost:5001
  tspprof stacks before.txt after.txt
  tspprof top ipfs.stacks       the same as a profile
`;
}
