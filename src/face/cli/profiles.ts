// Commands that make a report of profiles: reads the command line, opens them, prints it.

import { existsSync } from 'node:fs';
import {
  type NodeOpenOptions,
  open,
  openAll,
  type Profile,
  ProfileError,
  quoted,
  report,
  sourceReader,
  VERSION,
  visible,
} from '../../node.js';
import { commandOf, commands } from './commands.js';
import { fetchProgress } from './fetching.js';
import { findProfiles, isProgram, looksLikeBundle, looksLikeDump } from './find.js';
import { type CommandLine, notHere, parseCommandLine, UsageError } from './flags.js';
import { helpOn, usage } from './help.js';
import { MORE, more } from './lazy.js';
import { nearest } from './nearest.js';
import { show, showProfile } from './output.js';
import { saveProfile } from './saved.js';
import { print, say } from './say.js';
import { byteSize } from './sizes.js';
import { isPiped } from './stdin.js';
import { sampleTypesLine } from './terminal.js';

const OK = 0;
const USAGE = 2;

/** Runs it. Throws UsageError, ProfileError. */
export const runProfiles = (argv: readonly string[]): Promise<number> => run(parseCommandLine(argv));

async function run(line: CommandLine): Promise<number> {
  const text = await helpText(line);
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
    return (await more()).runMore(['bundle', 'list', ...bundleFlags(line), source]);
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

const bundleFlags = ({ json, maxBytes }: CommandLine) => [
  ...(json ? ['-json'] : []),
  ...(maxBytes === undefined ? [] : [`-max_bytes=${maxBytes}`]),
];

/** What the command line asks for instead of a report. */
async function helpText(line: CommandLine): Promise<string | undefined> {
  if (line.version) return `tspprof ${VERSION}\n`;
  const [word = ''] = line.words;
  if (line.isHelp) return MORE.has(word) ? (await more()).helpMore(word) : helpOn(line.words[0]);
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
  const code = await (await more()).runMore([
    'stacks',
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
