// The command: reads the command line, opens the profile, prints the report. stdout is the report and nothing else.

import { once } from 'node:events';
import { createWriteStream, existsSync, fstatSync } from 'node:fs';
import {
  type OpenOptions,
  open,
  openAll,
  type Profile,
  ProfileError,
  render,
  report,
  type TopReport,
  toBytes,
  write,
} from '../../node.js';
import { commands } from './commands.js';
import { findProfiles, isProgram } from './find.js';
import { type CommandLine, nearest, parseCommandLine, UsageError } from './flags.js';
import { helpOn, usage } from './help.js';
import { sampleTypesLine, terminalTop, visible } from './terminal.js';

declare const __VERSION__: string;

const OK = 0;
const FAILED = 1;
const USAGE = 2;

/** Lines for stderr. Names of files, labels and sample types may be in them, so that control characters are made visible. */
const say = (text: string) => process.stderr.write(`${text.split('\n').map(visible).join('\n')}\n`);

async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough (| head): end quietly.
    if (error.code === 'EPIPE') process.exit(OK);
    say(`tspprof: writing the report: ${error.message}`);
    say('hint: make room, or choose another place with -output');
    process.exit(FAILED);
  });
  try {
    return await run(parseCommandLine(argv));
  } catch (error) {
    return explain(error);
  }
}

async function run(line: CommandLine): Promise<number> {
  if (line.version) return print(`tspprof ${__VERSION__}\n`);
  if (line.command === 'help') return print(helpOn(line.words[0]));
  if (line.help) return print(line.command === undefined ? usage() : helpOn(line.command));
  for (const notice of line.notices) say(notice);
  if (line.symbolize !== undefined && !/^no(ne)?$/i.test(line.symbolize)) {
    say(`-symbolize=${line.symbolize}: this version does not symbolize; names are those of the profile`);
  }
  const sources = pickSources(line);
  const [source] = sources.files;
  if (source === undefined) return listProfiles(line);
  const options: OpenOptions = { maxBytes: line.maxBytes, oneQuery: true };
  const profile = isPlain(sources, line)
    ? await openSource(source, options)
    : await openSources(sources, line, options);
  if (line.command === 'proto') return writeProto(profile, line);
  return line.command === undefined
    ? quickLook(profile, line, sources.files)
    : await show(report(profile, 'top', line.query), line);
}

async function openSource(source: string, options: OpenOptions): Promise<Profile> {
  if (source !== '-') return open(source, options);
  try {
    return await open(process.stdin, options);
  } catch (error) {
    throw error instanceof ProfileError ? error.in('standard input') : error;
  }
}

/** Whether one profile is to be shown as it is. */
function isPlain({ files, binary }: SourceFiles, line: CommandLine): boolean {
  const { base, diffBase, normalize, addComment, buildId } = line;
  return (
    files.length === 1 && !normalize && [binary, base, diffBase, addComment, buildId].every((v) => v === undefined)
  );
}

async function openSources({ files, binary }: SourceFiles, line: CommandLine, options: OpenOptions): Promise<Profile> {
  const { base, diffBase, normalize, addComment, buildId } = line;
  const source = (file: string) => (file === '-' ? process.stdin : file);
  const list = (file: string | undefined) => (file === undefined ? [] : [source(file)]);
  return openAll(files.map(source), {
    ...options,
    ...{ base: list(base), diffBase: list(diffBase), normalize, addComment, buildId, binary, notice: say },
  });
}

interface SourceFiles {
  /** What to read; `-` is standard input. */
  readonly files: readonly string[];
  readonly binary: string | undefined;
}

/** The files given, or what is piped in; none when there is nothing. With several words the first may be the program. */
function pickSources(line: CommandLine): SourceFiles {
  const [first, ...others] = line.words;
  if (first === undefined) return { files: isPiped() ? ['-'] : [], binary: undefined };
  if (others.length === 0) return { files: [first], binary: undefined };
  if (isProgram(first)) return { files: others, binary: first };
  const near = existsSync(first)
    ? undefined
    : nearest(
        first,
        commands.map(({ name }) => name),
      );
  if (near !== undefined) throw new UsageError(`there is no command ${first}`, `did you mean tspprof ${near}?`);
  return { files: line.words, binary: undefined };
}

/** Whether somebody sends something: a pipe, a file or a socket, not a terminal or /dev/null. */
function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

/** `tspprof FILE`: ten rows and what to try next. */
async function quickLook(profile: Profile, line: CommandLine, sources: readonly string[]): Promise<number> {
  const rows = line.query.nodecount ?? 10;
  const top = report(profile, 'top', { ...line.query, nodecount: rows });
  const code = await show(top, line);
  if (!line.json && line.output === undefined) {
    const file = sources.map((source) => (source === '-' ? '-' : quoted(source))).join(' ');
    const name = top.rows.find((row) => row.flat !== 0n)?.function ?? '';
    say('');
    say('Try next:');
    say(`  tspprof top ${file}            all functions`);
    say(`  tspprof top -cum ${file}       by what they call, too`);
    if (name !== '') say(`  tspprof top -focus=${quoted(literal(name))} ${file}`);
    for (const other of sampleTypesLine(top)) say(`  ${other}`);
    say('  tspprof help top               all flags');
  }
  return code;
}

/** A regexp for the name: its last part, without type arguments, which is what a person would type. */
const literal = (name: string) =>
  name
    .replace(/\[.*$/, '')
    .replace(/^.*\//, '')
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const quoted = (name: string) => {
  const text = name.startsWith('-') && name.length > 1 ? `./${name}` : name;
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${visible(text).replaceAll("'", "'\\''")}'`;
};

async function show(top: TopReport, line: CommandLine): Promise<number> {
  for (const notice of top.notices) say(notice);
  if (line.output !== undefined) return writeFile(top, line);
  const { stdout } = process;
  if (!stdout.isTTY || line.json) return printAll(render(top, line.json ? 'json' : 'text'));
  const colour = (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  const window = { columns: stdout.columns || 80, rows: stdout.rows || 24, colour };
  return print(terminalTop(top, window, line.query.nodecount === undefined));
}

async function writeFile(top: TopReport, line: CommandLine): Promise<number> {
  const path = line.output ?? '';
  say(`Generating report in ${path}`);
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
    for (const chunk of pieces(render(top, line.json ? 'json' : 'text'))) {
      if (!file.write(chunk)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
  } catch (error) {
    throw unwritable(path, error);
  }
  return OK;
}

/** On a terminal binary data would only do harm: there it goes into a file of a new name, as pprof does. */
async function writeProto(profile: Profile, line: CommandLine): Promise<number> {
  const path = line.output ?? (process.stdout.isTTY ? newFile('profile', '.pb.gz') : undefined);
  if (path !== undefined) say(`Generating report in ${path}`);
  try {
    await write(profile, path === undefined ? process.stdout : createWriteStream(path), line.query, say);
  } catch (error) {
    if (path === undefined || error instanceof ProfileError) throw error;
    throw unwritable(path, error);
  }
  return OK;
}

/** The first of profile001.pb.gz, profile002.pb.gz … that does not exist. */
function newFile(prefix: string, suffix: string): string {
  for (let i = 1; ; i++) {
    const path = `${prefix}${String(i).padStart(3, '0')}${suffix}`;
    if (!existsSync(path)) return path;
  }
}

function unwritable(path: string, error: unknown): ProfileError {
  return new ProfileError(
    'unreadable',
    `it cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    { source: path },
    'choose another -output',
  );
}

const PIECE = 65536;

/** Chunks of text as bytes, joined to pieces worth a write. */
function* pieces(chunks: Iterable<string>): Generator<Uint8Array> {
  let text = '';
  for (const chunk of chunks) {
    text += chunk;
    if (text.length >= PIECE) {
      yield toBytes(text);
      text = '';
    }
  }
  if (text !== '') yield toBytes(text);
}

async function printAll(chunks: Iterable<string>): Promise<number> {
  for (const piece of pieces(chunks)) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
  return OK;
}

const print = (text: string) => printAll([text]);

/** `tspprof top` alone. */
function listProfiles(line: CommandLine): number {
  const found = findProfiles('.');
  if (found.length === 0) {
    say(line.command === undefined ? usage() : 'no profile source specified, and there is no profile in this folder');
    if (line.command !== undefined)
      say('hint: name a file: tspprof top FILE; go test -cpuprofile cpu.pb.gz writes one');
    return USAGE;
  }
  say('no profile source specified; profiles in this folder, newest first:');
  const most = 20;
  for (const { path, bytes, modified } of found.slice(0, most)) {
    say(`  ${modified.toISOString().slice(0, 16).replace('T', ' ')} ${size(bytes).padStart(8)}  ${visible(path)}`);
  }
  if (found.length > most) say(`  … and ${found.length - most} more`);
  say(`hint: tspprof ${line.command ?? 'top'} ${quoted(found[0].path)}`);
  return USAGE;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

/** What is wrong with the choice of options and files, not with a file: exit 2, as pprof. */
const likePprof = new Set(['bad-option', 'incompatible', 'no-profile']);

/** An error as fact, place and next action. */
function explain(error: unknown): number {
  if (error instanceof UsageError || error instanceof ProfileError) {
    say(`tspprof: ${visible(error.message)}`);
    say(`hint: ${visible(error.hint)}`);
    return error instanceof UsageError || likePprof.has(error.code) ? USAGE : FAILED;
  }
  say(`tspprof: ${error instanceof Error ? error.stack : String(error)}`);
  say('hint: this is an error of tspprof itself; please report it with the profile');
  return FAILED;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // Taking Node down piece by piece costs 15 ms; with everything written there is nothing to wait for.
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit(code);
});
