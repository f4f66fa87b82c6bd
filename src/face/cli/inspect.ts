// tspprof inspect: what a file holds and gives away, before it is sent; with -redact a copy without it.

import {
  type InspectReport,
  inspect,
  type NamedBytes,
  ProfileError,
  type Redacted,
  readNamed,
  redact,
  renderInspect,
  toBytes,
} from '../../node.js';
import { looksLikeBundle } from './find.js';
import { readFlags } from './flags.js';
import { print, say, writeFile, writeOut } from './say.js';
import { isPiped } from './stdin.js';
import { flagRows, kindsOf, textOf, UsageError } from './usage.js';

const FLAGS = [
  { name: 'all', kind: 'bool', help: 'All rows of long lists' },
  { name: 'json', kind: 'bool', help: 'Print the report as JSON' },
  { name: 'redact', kind: 'bool', help: 'Write a copy without what it gives away to -output' },
  { name: 'net', kind: 'bool', help: 'Redact also IP addresses, peer ids, names in multiaddrs' },
  { name: 'hosts', kind: 'string', help: 'Host names to look for and redact, with commas between' },
  { name: 'pattern', kind: 'string', help: 'Regexp of more to look for and redact (RE2)' },
  { name: 'output', kind: 'string', help: 'Write the copy, or else the report, to FILE' },
  { name: 'max_bytes', kind: 'int', help: 'Stop at files of more than N bytes (default 2147483648)' },
  { name: 'help', kind: 'bool', help: 'Print this' },
] as const;

const kinds = kindsOf(FLAGS);
const MAX_BYTES = 2 ** 31;
/** More files than these get a line each. */
const FEW = 3;

/** Runs it; argv with the word itself. Throws UsageError, ProfileError. */
export async function runInspect(argv: readonly string[]): Promise<number> {
  const notices: string[] = [];
  const { values, words } = readFlags(argv, notices, kinds, 'inspect');
  words.shift();
  for (const notice of notices) say(notice);
  if (values.get('help') === true) {
    await print(inspectHelp());
    return 0;
  }
  const names = words.length > 0 ? words : isPiped() ? ['-'] : [];
  if (names.length === 0)
    throw new UsageError('no file specified', 'tspprof inspect FILE; curl -s URL | tspprof inspect');
  if (names.filter((name) => name === '-').length > 1)
    throw new UsageError('standard input can be read once', 'write it to a file first');
  const given = values.get('max_bytes');
  const maxBytes = typeof given === 'number' ? given : MAX_BYTES;
  if (maxBytes <= 0)
    throw new UsageError(`invalid value "${maxBytes}" for flag -max_bytes`, 'give a number of bytes above 0');
  const options = {
    maxBytes,
    hosts: textOf(values, 'hosts')?.split(',').filter(Boolean),
    patterns: textOf(values, 'pattern')?.split('\n'),
  };
  const output = textOf(values, 'output') ?? '';
  const isRedacting = values.get('redact') === true;
  if (isRedacting && (output === '' || names.length > 1))
    throw new UsageError(
      names.length > 1 ? '-redact takes one file' : '-redact needs -output=FILE',
      `tspprof inspect -redact -output=redacted-copy ${names[0]}`,
    );
  let isWhole = true;
  const notice = (text: string) => {
    isWhole = false;
    say(`! ${text}`);
  };
  const files: NamedBytes[] = [];
  for (const name of names)
    if (name === '-') files.push({ name: 'standard input', bytes: await readInput(maxBytes) });
    else files.push(...(await readNamed(name, { maxBytes, notice })));
  if (isRedacting && (files.length > 1 || looksLikeBundle(names[0])))
    throw new UsageError(
      `-redact takes one file, and ${names[0]} has ${files.length}`,
      `tspprof inspect -redact -output=redacted-copy ${files[0].name}; tspprof collect redacts all that it writes`,
    );
  if (isRedacting)
    return writeCopy(files[0], redactOne(files[0], { ...options, net: values.get('net') === true }), output);
  const report = inspect(files, { ...options, all: values.get('all') === true });
  const isBrief = files.length > FEW && values.get('all') !== true;
  const format = values.get('json') === true ? 'json' : isBrief ? 'brief' : 'text';
  const chunks = bytesOf(renderInspect(report, format));
  if (output !== '') await writeFile(chunks, output);
  else await writeOut(chunks);
  if (output === '' && values.get('json') !== true) {
    if (isBrief) say(`What each holds: tspprof inspect ${files[0].name}, or -all`);
    hint(report);
  }
  return isWhole ? 0 : 3;
}

const redactOne = ({ name, bytes }: NamedBytes, options: object) => redact(bytes, { ...options, name });

async function writeCopy({ name, bytes }: NamedBytes, made: Redacted, output: string): Promise<number> {
  if (made.issue !== undefined)
    throw new ProfileError('unreadable', made.issue.fact, { source: name }, 'nothing was written; leave this file out');
  await writeFile([made.bytes], output);
  if (made.bytes === bytes) say('Nothing was found to replace: the copy is the same');
  for (const { rule, where, count } of made.redactions)
    say(`  ${rule}: ${count} replaced, ${where.startsWith('line ') ? `from ${where} on` : `in ${where}`}`);
  return 0;
}

/** Where there is something to take out, how. */
function hint({ files }: InspectReport): void {
  const file = files.find(({ givesAway }) => givesAway.length > 0);
  if (file === undefined) return;
  const net = file.givesAway.some(({ option }) => option === 'net') ? ' -net' : '';
  say(
    `A copy without it: tspprof inspect -redact${net} -output=COPY ${file.name === 'standard input' ? '-' : file.name}`,
  );
}

async function readInput(maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes)
      throw new ProfileError(
        'too-large',
        `it has more than ${maxBytes} bytes`,
        { source: 'standard input' },
        'if it is no mistake, raise the limit with -max_bytes',
      );
  }
  return Buffer.concat(chunks);
}

function* bytesOf(chunks: Iterable<string>): Generator<Uint8Array> {
  for (const chunk of chunks) yield toBytes(chunk);
}

export function inspectHelp(): string {
  return `tspprof inspect FILE …: what a file holds and gives away, before you send it

FILE is a profile, a dump of goroutines, /debug/vars, or any other file that was taken of a program; a bundle, a folder, a member of
one (bundle.zip:cpu.pprof), or an address. Without FILE, standard input.
Nothing leaves this machine. Secrets are masked.

${flagRows(FLAGS)}

  tspprof inspect cpu.pb.gz
  tspprof inspect tspprof-….zip
  tspprof inspect -redact -output=cpu.redacted.pb.gz cpu.pb.gz
  tspprof inspect -redact -net -hosts=db.corp.example -output=stacks.txt ipfs.stacks
`;
}
