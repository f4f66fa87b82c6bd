// The command: reads the command line, opens the profile, prints the report. stdout is the report and nothing else.

import { existsSync } from 'node:fs';
import {
  type NodeOpenOptions,
  open,
  openAll,
  openBundle,
  type Profile,
  ProfileError,
  report,
  sourceReader,
  VERSION,
  visible,
} from '../../node.js';
import { isBundle, list, looksLikeBundle, runBundle } from './bundle.js';
import { isCollect, runCollect } from './collect.js';
import { commandOf, commands } from './commands.js';
import { fetchProgress } from './fetching.js';
import { findProfiles, isProgram } from './find.js';
import { type CommandLine, notHere, parseCommandLine, UsageError } from './flags.js';
import { helpOn, usage } from './help.js';
import { isInspect, runInspect } from './inspect.js';
import { nearest } from './nearest.js';
import { print, say, show, showProfile } from './output.js';
import { saveProfile } from './saved.js';
import { byteSize } from './sizes.js';
import { isStacks, looksLikeDump, runStacks } from './stacks.js';
import { isPiped } from './stdin.js';
import { sampleTypesLine } from './terminal.js';

const OK = 0;
const FAILED = 1;
const USAGE = 2;

async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough (| head): end quietly.
    if (error.code === 'EPIPE') process.exit(OK);
    say(`tspprof: writing the report: ${error.message}`);
    say('hint: make room, or choose another place with -output');
    process.exit(FAILED);
  });
  // Nobody reads what is said beside the report: what is under way goes on.
  process.stderr.on('error', () => {});
  try {
    if (isCollect(argv)) return await runCollect(argv);
    if (isBundle(argv)) return await runBundle(argv);
    if (isInspect(argv)) return await runInspect(argv);
    return isStacks(argv) ? await runStacks(argv) : await run(parseCommandLine(argv));
  } catch (error) {
    return explain(error);
  }
}

async function run(line: CommandLine): Promise<number> {
  const text = helpText(line);
  if (text !== undefined) {
    await print(text);
    return OK;
  }
  for (const notice of line.notices) say(notice);
  if (line.symbolize !== undefined && !/^no(ne)?$/i.test(line.symbolize)) {
    say(`-symbolize=${line.symbolize}: this version does not symbolize; names are those of the profile`);
  }
  const sources = pickSources(line);
  const [source] = sources.files;
  const regexp = line.command?.takesRegexp ? line.query.symbol : undefined;
  if (source === undefined && regexp !== undefined && existsSync(regexp))
    throw new UsageError(
      `${line.command?.name} takes a regexp before the file`,
      `tspprof ${line.command?.name} REGEXP ${quoted(regexp)}`,
    );
  if (source === undefined) return listProfiles(line);
  if (line.command === undefined && sources.files.length === 1 && looksLikeBundle(source))
    return list(source, await openBundle(source, { maxBytes: line.maxBytes }), line.json);
  if (line.command === undefined && sources.files.every(looksLikeDump)) return stacksLook(line, sources.files);
  const fetching = fetchProgress();
  const options: NodeOpenOptions = {
    ...{ ...line.live, maxBytes: line.maxBytes, oneQuery: true, notice: say, onFetch: fetching.event },
  };
  const profile = await fetching.around(() =>
    isPlain(sources, line) ? openSource(source, options) : openSources(sources, line, options),
  );
  if (fetching.count > 0) await saveProfile(profile);
  if (line.command === undefined) return quickLook(profile, line, sources.files);
  if (line.command.format === 'profile' && !line.json) {
    await showProfile(profile, line);
    return OK;
  }
  await show(report(profile, line.command.report, line.query, { sources: sourceReader(line.query) }), line);
  return OK;
}

/** What the command line asks for instead of a report. */
function helpText(line: CommandLine): string | undefined {
  if (line.version) return `tspprof ${VERSION}\n`;
  if (line.isHelp) return helpOn(line.words[0]);
  if (line.help) return line.command === undefined ? usage() : helpOn(line.command.name);
  return undefined;
}

async function openSource(source: string, options: NodeOpenOptions): Promise<Profile> {
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

async function openSources(
  { files, binary }: SourceFiles,
  line: CommandLine,
  options: NodeOpenOptions,
): Promise<Profile> {
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
  checkWords(line);
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

/** Words that are no files, and what they were meant to be. Throws UsageError. */
function checkWords({ words, command, base, diffBase }: CommandLine): void {
  const [first = ''] = words;
  const elsewhere = command === undefined && !existsSync(first) ? notHere(first) : undefined;
  if (elsewhere !== undefined) throw new UsageError(`there is no command ${first}`, elsewhere);
  if (command !== undefined && commandOf(first) !== undefined && !existsSync(first))
    throw new UsageError('must set at most one output format', `choose one of -${command.name}, -${first}`);
  if ([...words, base, diffBase].filter((word) => word === '-').length > 1)
    throw new UsageError('standard input can be read once', 'write one of the profiles to a file first');
}

/** `tspprof FILE`: ten rows and what to try next. */
async function quickLook(profile: Profile, line: CommandLine, sources: readonly string[]): Promise<number> {
  const rows = line.query.nodecount ?? 10;
  const top = report(profile, 'top', { ...line.query, nodecount: rows });
  await show(top, line);
  if (!line.json && line.output === undefined) {
    const file = sources.map((source) => (source === '-' ? '-' : quoted(source))).join(' ');
    const name = top.rows.find((row) => row.flat !== 0n)?.function ?? '';
    say('');
    say('Try next:');
    say(`  tspprof top ${file}            all functions above 0.5 %`);
    say(`  tspprof top -cum ${file}       by what they call, too`);
    if (name !== '') say(`  tspprof top -focus=${quoted(literal(name))} ${file}`);
    for (const other of sampleTypesLine(top)) say(`  ${other}`);
    say('  tspprof help top               all flags');
  }
  return OK;
}

/** `tspprof FILE` of a dump of goroutines. */
async function stacksLook({ json, output }: CommandLine, files: readonly string[]): Promise<number> {
  const code = await runStacks([
    ...(json ? ['-json'] : []),
    ...(output === undefined ? [] : [`-output=${output}`]),
    ...files,
  ]);
  if (json || output !== undefined) return code;
  const list = files.map(quoted).join(' ');
  say('');
  say('Try next:');
  say(`  tspprof stacks -blocked ${list}      only what hangs, and who holds it`);
  say(`  tspprof stacks -longer=5m ${list}    what waits for long`);
  say(`  tspprof top ${list}                  the same as a profile`);
  say('  tspprof help stacks                 all flags');
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

/** `tspprof top` alone. */
function listProfiles(line: CommandLine): number {
  const found = findProfiles('.').filter(({ kind }) => line.command === undefined || kind === 'profile');
  if (found.length === 0) {
    say(line.command === undefined ? usage() : 'no profile source specified, and there is no profile in this folder');
    if (line.command !== undefined)
      say('hint: name a file: tspprof top FILE; go test -cpuprofile cpu.pb.gz writes one');
    return USAGE;
  }
  say(
    `no profile source specified; ${line.command === undefined ? 'profiles, dumps and bundles' : 'profiles'} in this folder, newest first:`,
  );
  const most = 20;
  for (const { path, bytes, modified } of found.slice(0, most)) {
    say(`  ${modified.toISOString().slice(0, 16).replace('T', ' ')} ${byteSize(bytes).padStart(8)}  ${visible(path)}`);
  }
  if (found.length > most) say(`  … and ${found.length - most} more`);
  say(`hint: tspprof ${line.command === undefined ? '' : `${line.command.name} `}${quoted(found[0].path)}`);
  return USAGE;
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
