// tspprof vars: memory statistics. Several files, or a bundle with a series, are one series; a live program is looked at once or twice.

import { openVars, renderVars, toBytes, type VarsFormat, varsReport } from '../../node.js';
import { CLIENT_FLAGS } from './client.js';
import { explainRule } from './explainRule.js';
import { fetchProgress } from './fetching.js';
import { liveOptions, readFlags } from './flags.js';
import { print, say, writeFile, writeOut } from './say.js';
import { isPiped } from './stdin.js';
import { flagRows, kindsOf, numberOf, textOf, UsageError } from './usage.js';
import { windowColumns } from './window.js';

const FLAGS = [
  { name: 'json', kind: 'bool', help: 'Print the report as JSON, integers exact' },
  { name: 'markdown', kind: 'bool', help: 'Print it as Markdown, for an issue or a chat' },
  { name: 'output', kind: 'string', help: 'Write the report to FILE' },
  { name: 'seconds', kind: 'int', help: 'Of a live program: a second sample so many seconds later, and rates' },
  { name: 'explain', kind: 'string', help: 'What a rule looks at, its limits, and where they come from' },
  { name: 'timeout', kind: 'int', help: 'How long to wait for a live program, in seconds' },
  ...CLIENT_FLAGS,
  { name: 'max_bytes', kind: 'int', help: 'Stop reading a file beyond N bytes (default 2147483648)' },
  { name: 'help', kind: 'bool', help: 'Print this' },
] as const;

const kinds = kindsOf(FLAGS);
const PARTLY = 3;

/** Runs it; argv with the word itself. Throws UsageError, ProfileError. */
export async function runVars(argv: readonly string[]): Promise<number> {
  const notices: string[] = [];
  const { values, words } = readFlags(argv, notices, kinds, 'vars');
  words.shift();
  for (const notice of notices) say(notice);
  if (values.get('help') === true) {
    await print(varsHelp());
    return 0;
  }
  const rule = textOf(values, 'explain');
  if (rule !== undefined) {
    await print(explainRule(rule, windowColumns()));
    return 0;
  }
  const files = words.length > 0 ? words : isPiped() ? ['-'] : [];
  if (files.length === 0)
    throw new UsageError(
      'no memory statistics specified',
      'tspprof vars FILE, or the address of a program: tspprof vars localhost:6060',
    );
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read once', 'write one of the samples to a file first');
  const maxBytes = numberOf(values, 'max_bytes');
  if (maxBytes !== undefined && maxBytes <= 0)
    throw new UsageError(`invalid value "${maxBytes}" for flag -max_bytes`, 'give a number of bytes above 0');
  const fetching = fetchProgress('memory statistics');
  const { seconds, ...live } = liveOptions(values);
  const opened = await fetching.around(() => {
    if (seconds !== undefined) say(`A second sample follows in ${seconds} s`);
    const sources = files.map((file) => (file === '-' ? process.stdin : file));
    return openVars(sources, { ...live, seconds, maxBytes, onFetch: fetching.event });
  });
  const report = varsReport(opened.facts, opened);
  const format: VarsFormat =
    values.get('json') === true ? 'json' : values.get('markdown') === true ? 'markdown' : 'text';
  const output = textOf(values, 'output');
  const chunks = bytesOf(renderVars(report, format, { columns: windowColumns() }));
  if (output === undefined) await writeOut(chunks);
  else await writeFile(chunks, output);
  return opened.isPartly ? PARTLY : 0;
}

function* bytesOf(chunks: Iterable<string>): Generator<Uint8Array> {
  for (const chunk of chunks) yield toBytes(chunk);
}

export function varsHelp(): string {
  return `tspprof vars FILE …: what a Go program's memory statistics say

FILE is /debug/vars, the answer of /debug/pprof/heap?debug=1, Prometheus' metrics, or what ipfs diag sys prints; one sample or a
series, gzipped or not; a bundle or a folder with them; or the address of a live program. Several are compared: samples of one
process are a series. Without FILE, standard input.

${flagRows(FLAGS)}

  tspprof vars ipfs.vars ipfs.sysinfo
  tspprof vars localhost:5001
  tspprof vars -seconds=10 localhost:6060
  tspprof vars tspprof-….zip
  tspprof vars -explain=gc-pause

-explain=all lists the rules.
`;
}
