// The commands: each is a word (tspprof top FILE) and a flag (tspprof -top FILE), as pprof has it.

import type { Format, ReportName } from '../../index.js';

export interface Command {
  readonly name: string;
  readonly help: string;
  readonly report: ReportName;
  /** Needs a regexp: tspprof peek REGEXP FILE, -peek=REGEXP FILE. */
  readonly takesRegexp?: true;
  /** Text of the report unless given; profile: profile.proto, gzipped; svg: the graph, drawn. */
  readonly format?: Format | 'profile' | 'svg';
  /** Not for a terminal: goes to a file with this ending unless told where. */
  readonly extension?: string;
  /** Shown by this program unless told where to go; `browser` is whichever there is. */
  readonly opens?: string;
}

export const commands: readonly Command[] = [
  { name: 'top', report: 'top', help: 'The functions that cost most' },
  { name: 'text', report: 'top', help: 'The same as top' },
  { name: 'tree', report: 'tree', help: 'Every function between its callers and callees' },
  { name: 'peek', report: 'peek', takesRegexp: true, help: 'Callers and callees of functions that match REGEXP' },
  { name: 'list', report: 'list', takesRegexp: true, help: 'Source lines of functions that match REGEXP' },
  { name: 'traces', report: 'traces', help: 'Every sample with its stack and labels' },
  { name: 'tags', report: 'tags', help: 'What each label accounts for' },
  { name: 'comments', report: 'comments', help: 'Comments of the profile' },
  { name: 'raw', report: 'raw', help: 'The profile itself, as text' },
  { name: 'proto', report: 'raw', format: 'profile', extension: 'pb.gz', help: 'The profile itself, as a new file' },
  { name: 'topproto', report: 'topproto', format: 'profile', extension: 'pb.gz', help: 'The rows of top as a profile' },
  { name: 'dot', report: 'dot', help: "The call graph in Graphviz's language" },
  { name: 'svg', report: 'dot', format: 'svg', extension: 'svg', help: 'The call graph, drawn; no Graphviz needed' },
  { name: 'web', report: 'dot', format: 'svg', extension: 'svg', opens: 'browser', help: 'The same, in a browser' },
  { name: 'callgrind', report: 'callgrind', extension: 'callgraph.out', help: 'For KCachegrind and its kin' },
  {
    name: 'kcachegrind',
    report: 'callgrind',
    extension: 'grind',
    opens: 'kcachegrind',
    help: 'The same, in KCachegrind',
  },
  { name: 'flame', report: 'flame', help: 'All stacks as one tree, with every sample type' },
  { name: 'folded', report: 'flame', format: 'folded', help: 'Folded stacks, for flame graph tools' },
  { name: 'speedscope', report: 'flame', format: 'speedscope', help: 'For speedscope, every sample type' },
];

export const commandOf = (name: string): Command | undefined => commands.find((command) => command.name === name);
