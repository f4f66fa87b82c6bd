// Files that say the same thing, checked against each other: whether they are of one process, one moment.

import { count, type Said, said, seconds } from '../../model/finding.js';
import { rule } from '../rule.js';
import type { Facts, IdentityFacts } from './facts.js';
import { put } from './groupBy.js';

const diagnose = rule<Facts>();

export const mixedProcesses = diagnose({
  name: 'mixed-processes',
  looksAt: 'build ids of profiles, process ids, command lines, versions and times, in all files',
  says: 'the files are not all of one process and moment: they differ in {what}',
  limits: { apart: seconds(900) },
  why: 'a build id, a process id, a version, a command line or counters that begin anew; or files that were taken more than {apart} apart (own threshold), which is a note',
  means:
    'What follows compares only files that belong together, but findings may be of different processes. Collect all files of one process at one time.',
  next: ['tspprof collect {target}'],
  *find({ identities, mismatches }, limits) {
    const evidence: Said[] = mismatches.map(({ says }) => says);
    const what: string[] = mismatches.map((one) => one.what);
    for (const [key, words] of KEYS) {
      const groups = new Map<string, string[]>();
      for (const identity of identities) {
        const value = identity[key];
        if (value === undefined) continue;
        put(groups, String(value), identity.file);
      }
      if (groups.size < 2) continue;
      what.push(words);
      for (const [value, files] of groups)
        evidence.push(said('{words} {value}: {files}', { words, value, files: listed(files) }));
    }
    const times = identities.filter((one): one is IdentityFacts & { time: number } => one.time !== undefined);
    const first = times.reduce((a, b) => (b.time < a.time ? b : a), times[0]);
    const last = times.reduce((a, b) => (b.time > a.time ? b : a), times[0]);
    const apart = first === undefined ? 0 : (last.time - first.time) / 1000;
    if (apart > limits.apart) {
      what.push('time');
      evidence.push(
        said('{first} is of {begin}, {last} of {end}', {
          ...{ first: first.file, begin: isoOf(first.time), last: last.file, end: isoOf(last.time) },
        }),
      );
    }
    if (what.length === 0) return;
    yield {
      severity: what.some((word) => word !== 'time') ? 'warning' : 'note',
      weight: 1000,
      values: { what: [...new Set(what)].join(', ') },
      evidence,
    };
  },
});

const KEYS = [
  ['buildId', 'build id'],
  ['pid', 'process id'],
  ['version', 'version'],
  ['commandLine', 'command line'],
] as const;

const isoOf = (time: number) => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const listed = (files: readonly string[]) =>
  files.slice(0, 4).join(', ') + (files.length > 4 ? ` and ${files.length - 4} more` : '');

export const countsDisagree = diagnose({
  name: 'counts-disagree',
  looksAt: 'a dump and a profile of the goroutines',
  says: 'the dump has {dumped} goroutines, the profile {profiled}: they are of different moments or programs',
  limits: { factor: count(2), least: count(50) },
  why: 'taken within seconds, the two have nearly as many; {factor} times as many, and {least} more, is another moment or program (own thresholds)',
  means: 'One may be cut, or of another time: compare nothing between the two.',
  next: ['tspprof stacks {dump}'],
  *find({ dump, profiledGoroutines: profiled }, limits) {
    if (dump === undefined || profiled === undefined || dump.isCounted) return;
    // The last dump; the profile is from before the CPU profile.
    const dumped = dump.before ?? dump.goroutines;
    const [less, more] = dumped < profiled ? [dumped, profiled] : [profiled, dumped];
    if (more < less * limits.factor || more - less < limits.least) return;
    yield { severity: 'note', weight: 0, values: { dumped: count(dumped), profiled: count(profiled) } };
  },
});
