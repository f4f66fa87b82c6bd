// tspprof diagnose: all files of a program at once, and what is wrong with it. A live program is collected from first.

import {
  collect,
  type DiagnoseReport,
  diagnose,
  isLive,
  type NamedBytes,
  ProfileError,
  renderDiagnose,
  SEVERITIES,
  type Severity,
  toBytes,
} from '../../node.js';
import { CLIENT_FLAGS, clientOptions } from './client.js';
import { explainRule } from './explainRule.js';
import { readFlags } from './flags.js';
import { progressOf } from './progress.js';
import { print, say, standardError, writeFile, writeOut } from './say.js';
import { isPiped, readStdin } from './stdin.js';
import { flagRows, kindsOf, numberOf, textOf, UsageError, type Value } from './usage.js';
import { windowColumns } from './window.js';

const FLAGS = [
  { name: 'json', kind: 'bool', help: 'Print the report as JSON' },
  { name: 'markdown', kind: 'bool', help: 'Print it as Markdown, for an issue or a chat' },
  { name: 'output', kind: 'string', help: 'Write the report to FILE' },
  {
    name: 'fail_on',
    kind: 'string',
    help: 'Exit with 4, 5 or 6 if there is a critical finding, a warning, a note: critical, warning or note',
  },
  {
    name: 'explain',
    kind: 'string',
    help: 'What RULE looks at, and where its limits come from; "all" lists the rules',
  },
  { name: 'seconds', kind: 'int', help: 'Of the CPU profile of a live program (default 5)' },
  {
    name: 'bundle',
    kind: 'string',
    help: 'Where to write what was collected of it (default tspprof-HOST-PORT-TIME.zip)',
  },
  { name: 'timeout', kind: 'int', help: 'Seconds for an answer that takes none of its own (default 30)' },
  { name: 'max_bytes', kind: 'int', help: 'Stop reading a file beyond N bytes (default 2147483648)' },
  ...CLIENT_FLAGS,
  { name: 'quiet', kind: 'bool', help: 'Say nothing but the report and errors' },
  { name: 'help', kind: 'bool', help: 'Print this' },
] as const;

const kinds = kindsOf(FLAGS);

const LEAST_WIDTH = 40;
const MOST_WIDTH = 120;

const OK = 0;
const PARTLY = 3;
const FOUND: Readonly<Record<Severity, number>> = { critical: 4, warning: 5, note: 6 };

/** Runs it. Throws UsageError, ProfileError. */
export async function runDiagnose(argv: readonly string[]): Promise<number> {
  const notices: string[] = [];
  const { values, words } = readFlags(argv, notices, kinds, 'diagnose');
  words.shift();
  for (const notice of notices) say(notice);
  if (values.get('help') === true) {
    await print(diagnoseHelp());
    return OK;
  }
  const rule = textOf(values, 'explain');
  if (rule !== undefined) {
    await print(explainRule(rule, windowColumns()));
    return OK;
  }
  const failOn = severityOf(textOf(values, 'fail_on'));
  const report = await reportOf(words, values);
  const format = values.get('json') === true ? 'json' : values.get('markdown') === true ? 'markdown' : 'text';
  const output = textOf(values, 'output');
  const isTerminal = output === undefined && process.stdout.isTTY === true;
  const width = Math.max(LEAST_WIDTH, Math.min(windowColumns(100), MOST_WIDTH));
  const isColoured = isTerminal && (process.env.NO_COLOR ?? '') === '';
  const code = exitOf(report, failOn);
  // Also for who stops reading early (| head).
  process.exitCode = code;
  const text = bytesOf(renderDiagnose(report, format, { width, isColoured }));
  if (output === undefined) await writeOut(text);
  else await writeFile(text, output);
  return code;
}

async function reportOf(words: readonly string[], values: ReadonlyMap<string, Value>): Promise<DiagnoseReport> {
  const collecting = new AbortController();
  const reading = new AbortController();
  const quiet = values.get('quiet') === true;
  let stop = collecting;
  let times = 0;
  const onSignal = () => {
    // A second Ctrl-C ends the program at once.
    if (++times > 1) process.exit(130);
    if (!quiet) say('stopping: what is there is looked at; Ctrl-C again gives it up');
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const sources = await sourcesOf(words, values, collecting.signal);
    // What was collected until then is read, all of it.
    stop = reading;
    return await diagnose(sources, { maxBytes: numberOf(values, 'max_bytes'), signal: reading.signal });
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function sourcesOf(
  words: readonly string[],
  values: ReadonlyMap<string, Value>,
  signal: AbortSignal,
): Promise<(string | NamedBytes)[]> {
  const all = words.length > 0 ? words : isPiped() ? ['-'] : [];
  if (all.length === 0) return [await collectedHere(values, signal)];
  if (all.filter((word) => word === '-').length > 1)
    throw new UsageError('standard input can be read once', 'write one of them to a file first');
  if (all.filter(isLive).length > 1)
    throw new UsageError(
      'one live program at a time',
      'tspprof collect ADDRESS, once for each, then diagnose the bundles',
    );
  const sources: (string | NamedBytes)[] = [];
  for (const word of all) {
    if (word === '-') sources.push({ name: 'standard input', bytes: await readStdin(numberOf(values, 'max_bytes')) });
    else sources.push(isLive(word) ? await collected(word, values, signal) : word);
  }
  return sources;
}

/** Of the kubo node of this user, as collect does it. */
async function collectedHere(values: ReadonlyMap<string, Value>, signal: AbortSignal): Promise<string> {
  try {
    return await collected(undefined, values, signal);
  } catch (error) {
    if (!(error instanceof ProfileError && error.code === 'unreachable')) throw error;
    const hint = 'name what to diagnose: an address such as localhost:6060, a bundle, a folder, files';
    throw new ProfileError(error.code, error.fact, error.place, hint);
  }
}

/** A short, gentle collection: its bundle. */
async function collected(
  target: string | undefined,
  values: ReadonlyMap<string, Value>,
  signal: AbortSignal,
): Promise<string> {
  const quiet = values.get('quiet') === true;
  const progress = quiet ? undefined : progressOf(standardError());
  try {
    const { path, manifest } = await collect({
      ...{ target, output: textOf(values, 'bundle'), timeout: numberOf(values, 'timeout') },
      ...{ seconds: numberOf(values, 'seconds') ?? 5, maxBytes: numberOf(values, 'max_bytes') },
      ...clientOptions(values),
      ...{ onEvent: progress?.event, signal },
    });
    progress?.end();
    if (!quiet) {
      for (const { name, status, error } of manifest.items)
        if (status === 'failed' || status === 'partial') say(`${name}: ${error ?? status}`);
      say(`Written to ${path}`);
      say('');
    }
    return path;
  } finally {
    progress?.end();
  }
}

function severityOf(word: string | undefined): Severity | undefined {
  if (word === undefined) return undefined;
  const found = SEVERITIES.find((severity) => severity === word);
  if (found === undefined)
    throw new UsageError(`invalid value "${word}" for flag -fail_on`, `give one of ${SEVERITIES.join(', ')}`);
  return found;
}

function exitOf({ counts, files, notCollected }: DiagnoseReport, failOn: Severity | undefined): number {
  if (failOn !== undefined)
    for (const severity of SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1))
      if (counts[severity] > 0) return FOUND[severity];
  const isPartly =
    notCollected.length > 0 || files.some(({ status }) => status === 'unreadable' || status === 'damaged');
  return isPartly ? PARTLY : OK;
}

function* bytesOf(chunks: Iterable<string>): Generator<Uint8Array> {
  for (const chunk of chunks) yield toBytes(chunk);
}

export function diagnoseHelp(): string {
  return `tspprof diagnose [ADDRESS|BUNDLE|FOLDER|FILE …]: all that was collected of a Go program, and what is wrong with it

Dumps of goroutines, CPU, heap, mutex and block profiles, memory statistics, system information, in any form that tspprof reads: what a file
is, its content tells. Several looks at one process are compared; files of different processes are told. Of a live program a bundle is made
first, in some seconds; without a word, of the node at $IPFS_PATH or localhost:5001.

${flagRows(FLAGS)}

  tspprof diagnose localhost:5001
  tspprof diagnose tspprof-localhost-5001-20261201-101500.zip
  tspprof diagnose before.zip after.zip
  tspprof diagnose ipfs.stacks ipfs.cpuprof ipfs.heap ipfs.vars ipfs.sysinfo
  tspprof diagnose -fail_on=warning bundle.zip
  tspprof diagnose -explain=heap-growth

Exit status: 0 done, 1 nothing could be diagnosed, 2 wrong command line, 3 some of the files could not be read; with -fail_on 4, 5, 6.
`;
}
