// tspprof collect: a live program into a bundle. The name of the bundle is all that goes to stdout; progress goes to stderr.

import { COLLECT_ITEMS, type Collected, type CollectOptions, collect, type ManifestItem, redact } from '../../node.js';
import { CLIENT_FLAGS, clientOptions } from './client.js';
import { readFlags } from './flags.js';
import { progressOf } from './progress.js';
import { print, say, standardError } from './say.js';
import { flagRows, helpRow, kindsOf, numberOf, textOf, UsageError, type Value } from './usage.js';

const FLAGS = [
  { name: 'seconds', kind: 'int', help: 'Of the CPU profile (default 30; 0 leaves it out)' },
  { name: 'trace', kind: 'int', help: 'Take an execution trace of N seconds, too' },
  { name: 'binary', kind: 'bool', help: 'Take the program itself, too' },
  { name: 'output', kind: 'string', help: 'The file to write (default tspprof-HOST-PORT-TIME.zip)' },
  { name: 'only', kind: 'string', help: 'Only these items, with commas between' },
  { name: 'skip', kind: 'string', help: 'Without these items' },
  { name: 'gc', kind: 'bool', help: 'Run a GC before the heap profile' },
  {
    name: 'mutex_fraction',
    kind: 'int',
    help: 'kubo: record 1 of N contended locks meanwhile (default 4; 0 leaves it alone)',
  },
  {
    name: 'block_rate',
    kind: 'string',
    help: 'kubo: record waits of this length, e.g. 1ms (default; 0 leaves it alone)',
  },
  { name: 'resume', kind: 'string', help: 'A bundle of an earlier run: take over what it has, collect the rest' },
  { name: 'timeout', kind: 'int', help: 'Seconds for an answer that takes none of its own (default 30)' },
  { name: 'max_bytes', kind: 'int', help: 'Stop reading an answer beyond N bytes (default 1073741824)' },
  { name: 'no_redact', kind: 'bool', help: 'Write everything as it came' },
  { name: 'net', kind: 'bool', help: 'Redact IP addresses and peer ids, too' },
  { name: 'hosts', kind: 'string', help: 'Redact these host names, too, with commas between' },
  { name: 'pattern', kind: 'list', help: 'Redact what this regexp matches, too (RE2); may be repeated' },
  ...CLIENT_FLAGS,
  { name: 'json', kind: 'bool', help: 'Print the manifest as JSON' },
  { name: 'quiet', kind: 'bool', help: 'Say nothing but errors' },
  { name: 'help', kind: 'bool', help: 'Print this' },
] as const;

const kinds = kindsOf(FLAGS);

const COMPLETE = 0;
const PARTLY = 3;

/** Runs it. Throws UsageError, ProfileError. */
export async function runCollect(argv: readonly string[]): Promise<number> {
  const { values, words } = readFlags(argv, [], kinds, 'collect');
  words.shift();
  if (values.get('help') === true) {
    await print(collectHelp());
    return COMPLETE;
  }
  if (words.length > 1) throw new UsageError('one program at a time', 'tspprof collect ADDRESS, once for each');
  const stop = new AbortController();
  const progress = values.get('quiet') === true ? undefined : progressOf(standardError());
  const onSignal = () => {
    // A second Ctrl-C ends the program at once.
    if (stop.signal.aborted) process.exit(130);
    progress?.note('stopping: what is there is written; Ctrl-C again gives it up');
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const collected = await collect({ ...optionsOf(values, words[0]), onEvent: progress?.event, signal: stop.signal });
    progress?.end();
    await print(
      values.get('json') === true ? `${JSON.stringify(collected.manifest, null, 2)}\n` : `${collected.path}\n`,
    );
    if (progress !== undefined) summary(collected);
    return collected.isComplete ? COMPLETE : PARTLY;
  } finally {
    progress?.end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(signal, onSignal);
  }
}

function optionsOf(values: ReadonlyMap<string, Value>, target: string | undefined): CollectOptions {
  const number = (name: string) => numberOf(values, name);
  const list = (name: string) =>
    textOf(values, name)
      ?.split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  return {
    ...{
      target,
      output: textOf(values, 'output'),
      resume: textOf(values, 'resume'),
      only: list('only'),
      skip: list('skip'),
    },
    ...{
      seconds: number('seconds'),
      traceSeconds: number('trace'),
      timeout: number('timeout'),
      maxBytes: number('max_bytes'),
    },
    ...{
      binary: values.get('binary') === true,
      gc: values.get('gc') === true,
      mutexFraction: number('mutex_fraction'),
    },
    redact: redactorOf(values, list('hosts')),
    blockRate: nanosOf(textOf(values, 'block_rate')),
    ...clientOptions(values),
  };
}

/** undefined: by the rules that are on by default. */
function redactorOf(values: ReadonlyMap<string, Value>, hosts: readonly string[] = []): CollectOptions['redact'] {
  if (values.get('no_redact') === true) return false;
  const patterns = textOf(values, 'pattern')?.split('\n') ?? [];
  const net = values.get('net') === true;
  // A pattern that is none is told before anything is collected.
  redact(new Uint8Array(), { patterns });
  return (kind, name, bytes) => redact(bytes, { kind, name, net, hosts, patterns });
}

const NANOS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, '': 1 };

/** A Go duration of one unit, or nanoseconds. */
function nanosOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|)$/.exec(text) ?? [];
  if (digits === undefined)
    throw new UsageError(`invalid value "${text}" for flag -block_rate`, 'give a time such as 1ms or 100us');
  return Math.round(Number(digits) * NANOS[unit]);
}

function summary({ path, manifest }: Collected): void {
  const { items, interrupted } = manifest;
  const there = items.filter(({ member }) => member !== undefined);
  const missing = items.filter((item) => !/^(ok|unsupported)$/.test(item.status));
  say(
    `${there.length} member${there.length === 1 ? '' : 's'}${interrupted ? ', stopped early' : ''}; ${redactedOf(manifest)}`,
  );
  if (missing.length > 0) {
    say('What is missing or cut:');
    for (const item of missing) say(`  ${item.name}: ${reasonOf(item)}`);
  }
  say('');
  say('Try next:');
  say(`  tspprof diagnose ${path}     what is wrong with it`);
  if (items.some(({ name, member }) => name === 'goroutines' && member !== undefined)) say(`  tspprof stacks ${path}`);
  if (items.some(({ name, member }) => name === 'cpu' && member !== undefined)) say(`  tspprof top ${path}:cpu.pprof`);
  if (items.some(({ name, member }) => name === 'heap' && member !== undefined))
    say(`  tspprof web ${path}:heap.pprof`);
  say(`  tspprof inspect ${path}      what it gives away, before you send it`);
}

const reasonOf = ({ error = '', hint, status }: ManifestItem) =>
  `${status === 'partial' ? 'cut: ' : ''}${error}${hint === undefined ? '' : ` (${hint})`}`;

const redactedOf = ({ redactions }: Collected['manifest']) =>
  redactions === undefined
    ? 'nothing is redacted'
    : `${redactions.reduce((sum, { count }) => sum + count, 0)} places redacted`;

export function collectHelp(): string {
  const items = COLLECT_ITEMS.map(({ name, help }) => helpRow(name, help));
  return `tspprof collect [ADDRESS]: what a live Go program is doing, into one zip

ADDRESS is host:port, a URL, unix:/path.sock, a multiaddr, or a kubo repository; without one, the node at $IPFS_PATH or localhost:5001.
What fails is left out, and the zip says why. Ctrl-C writes what is there.

${flagRows(FLAGS)}

Items:
${items.join('\n')}

  tspprof collect
  tspprof collect -seconds=10 localhost:6060
  TSPPROF_AUTH=bearer:… tspprof collect https://example.com/debug/pprof/
  tspprof stacks tspprof-….zip

Exit status: 0 everything, 3 some of it, 1 nothing.
`;
}
