// Help, made of the tables of commands and options.

import { OPTIONS, SAMPLE_INDEX_FLAGS } from '../../index.js';
import { commands } from './commands.js';
import { CLI_FLAGS, UsageError } from './flags.js';
import { nearest } from './nearest.js';

const GROUPS = {
  filter: 'Which samples and frames',
  tags: 'By labels',
  values: 'Which value, in which unit',
  shape: 'Rows',
  display: 'Header and file names',
} as const;

interface FlagHelp {
  readonly flag: string;
  readonly help: string;
}

function flagsOf(group: keyof typeof GROUPS): FlagHelp[] {
  return OPTIONS.filter((row) => row.group === group).flatMap((row): FlagHelp[] => {
    if (row.kind === 'choice') return [{ flag: row.choices.map((choice) => `-${choice}`).join(' '), help: row.help }];
    if (row.kind === 'bool') return [{ flag: `-${row.name}`, help: row.help }];
    const value = row.kind === 'string' ? 'TEXT' : 'N';
    const known = row.default === '' || row.default === -1 ? '' : ` (default ${row.default})`;
    return [{ flag: `-${row.name}=${value}`, help: row.help + known }];
  });
}

function table(rows: readonly FlagHelp[]): string {
  return rows
    .map(({ flag, help }) => (flag.length > 24 ? `  ${flag}\n${' '.repeat(28)}${help}` : `  ${flag.padEnd(26)}${help}`))
    .join('\n');
}

/** `tspprof help`: the short one. */
export function usage(): string {
  return `tspprof: go tool pprof for everybody without Go

  tspprof FILE              a short top, and what to try next
  tspprof COMMAND FILE …    a report; -COMMAND FILE is the same; several files are merged
  tspprof diagnose FILES    all that was collected of a program, or a live one: what is wrong with it
  tspprof stacks FILE       a dump of goroutines: what hangs, on what, who holds it
  tspprof vars FILE         memory statistics (/debug/vars): what costs memory, what GC costs, what is wrong
  tspprof collect [ADDRESS] everything of a live program, into one zip
  tspprof BUNDLE            what is in a zip, a tar or a folder; BUNDLE:MEMBER is a FILE
  tspprof inspect FILE      what a file gives away, before you send it; -redact takes it out
  tspprof top               the profiles in this folder
  tspprof top - < FILE      from standard input
  tspprof help COMMAND      all flags
  tspprof help FLAG         one flag

Commands:
${table(commands.map(({ name, takesRegexp, help }) => ({ flag: takesRegexp ? `${name} REGEXP` : name, help })))}

FILE is a dump of goroutines, or a pprof profile (profile.proto, gzipped or not): go test -cpuprofile, /debug/pprof/profile, tsc --pprofDir, esbuild --cpuprofile.

  tspprof top -cum -focus='json' cpu.pb.gz
  tspprof top -inuse_objects -lines heap.pb.gz
  tspprof web cpu.pb.gz
  tspprof peek 'json\\.' cpu.pb.gz
  tspprof top -diff_base=before.pb.gz after.pb.gz
`;
}

/** `tspprof help WORD`: a command with all its flags, or one flag. Throws UsageError. */
export function helpOn(word: string | undefined): string {
  if (word === undefined) return usage();
  const name = word.replace(/^--?/, '');
  const command = commands.find((row) => row.name === name);
  if (command !== undefined) {
    const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map(
      (group) => `${GROUPS[group]}:\n${table(flagsOf(group))}`,
    );
    const cli = CLI_FLAGS.map(({ name: n, kind, help }) => ({
      flag: kind === 'bool' ? `-${n}` : `-${n}=${kind === 'int' ? 'N' : 'TEXT'}`,
      help,
    }));
    return `${command.help}.

  tspprof ${command.name}${command.takesRegexp ? ' REGEXP' : ''} [flags] FILE

${groups.join('\n\n')}

Sample types, for short:
${table(SAMPLE_INDEX_FLAGS.map((row) => ({ flag: `-${row.name}`, help: row.help })))}

This command:
${table(cli)}

Regexps have RE2's syntax and match anywhere in a function's name or file. Flags may stand before or after FILE.
`;
  }
  const rows = [
    ...(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap(flagsOf),
    ...SAMPLE_INDEX_FLAGS.map((row) => ({ flag: `-${row.name}`, help: row.help })),
    ...CLI_FLAGS.map((row) => ({ flag: `-${row.name}`, help: row.help })),
  ];
  const isFor = ({ flag }: FlagHelp) => flag.split(' ').some((one) => one.slice(1).split('=')[0] === name);
  const found = rows.filter(isFor);
  if (found.length > 0) return `${table(found)}\n`;
  const all = rows.flatMap(({ flag }) => flag.split(' ').map((one) => one.slice(1).split('=')[0]));
  const near = nearest(name, [...commands.map((row) => row.name), ...all]);
  throw new UsageError(
    `there is no command or flag ${word}`,
    near === undefined ? 'tspprof help lists the commands' : `did you mean ${near}?`,
  );
}
