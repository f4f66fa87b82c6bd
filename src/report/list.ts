// list: the source of functions, line by line, with what each line costs.

import type { StackStore } from '../core/store.js';
import { badOption } from '../errors.js';
import type { NodeInfo } from '../model/node.js';
import type { Profile } from '../model/profile.js';
import type { SourceReader } from '../model/source.js';
import { compareText } from '../model/strings.js';
import type { Options } from '../query/options.js';
import { select } from '../query/selection.js';
import { symbolMatcher } from '../query/symbol.js';
import { type Head, head } from './head.js';
import { LOWEST } from './trim.js';

export interface ListLine {
  readonly line: number;
  readonly flat: bigint;
  readonly cum: bigint;
  readonly text: string;
}

/** A function in a file. Sums are over its lines: cum of a function that calls itself is counted on each of them. */
export interface ListFile {
  readonly file: string;
  readonly flat: bigint;
  readonly cum: bigint;
  /** Why there is no source. */
  readonly error?: string;
  readonly lines: readonly ListLine[];
}

export interface ListRow {
  readonly function: string;
  /** None where the profile knows no file. */
  readonly files: readonly ListFile[];
}

export interface ListReport extends Head {
  readonly kind: 'list';
  /** By name. */
  readonly rows: readonly ListRow[];
}

interface Line {
  readonly info: NodeInfo;
  readonly flat: bigint;
  readonly cum: bigint;
}

/** Throws ProfileError 'no-match' when no function has a name that options.symbol matches. */
export function listReport(profile: Profile<StackStore>, options: Options, read: SourceReader): ListReport {
  const matches = symbolMatcher(options);
  if (matches === undefined) throw badOption('list needs a regexp', 'give the functions to list: { symbol: "main" }');
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, options, { objects: true });
    const weights = scope.weigh(selection.type);
    scope.keep(weights, options.drop_negative, LOWEST);
    const { node, flat, cum } = scope.sorted(weights, 'flat');
    const byName = new Map<string, Line[]>();
    // In the order of the profile, on which pprof's choice of lines depends.
    for (const i of node.map((_, at) => at).sort((a, b) => node[a] - node[b])) {
      const info = selection.nodeInfo(node[i]);
      if (!matches.test(info.name)) continue;
      const lines = byName.get(info.name);
      const line = { info, flat: flat[i], cum: cum[i] };
      if (lines === undefined) byName.set(info.name, [line]);
      else lines.push(line);
    }
    if (byName.size === 0) throw matches.notFound();
    const names = [...byName.keys()].sort(compareText);
    const readOnce = lazily(read);
    return {
      kind: 'list',
      ...head(selection, options),
      rows: names.map((name) => ({ function: name, files: filesOf(byName.get(name) ?? [], readOnce) })),
    };
  });
}

type Source = ReturnType<SourceReader>;
type LazyReader = (file: string, isWanted: boolean) => Source;

/** As upstream a file from which no line is wanted is not looked for, and has no error unless it was before. */
function lazily(read: SourceReader): LazyReader {
  const tried = new Set<string>();
  return (file, isWanted) => {
    if (isWanted) tried.add(file);
    return tried.has(file) ? read(file) : { lines: [] };
  };
}

function filesOf(lines: readonly Line[], read: LazyReader): ListFile[] {
  const byFile = new Map<string, Line[]>();
  for (const line of lines) {
    if (line.info.file === '') continue;
    const known = byFile.get(line.info.file);
    if (known === undefined) byFile.set(line.info.file, [line]);
    else known.push(line);
  }
  const files = [...byFile.keys()].sort(compareText);
  return files.map((file) => listFile(file, byFile.get(file) ?? [], read));
}

const MARGIN = 5n;

function listFile(file: string, lines: readonly Line[], read: LazyReader): ListFile {
  const sums = { file, flat: sum(lines, 'flat'), cum: sum(lines, 'cum') };
  const { start, end } = range(lines);
  const source = read(file, start <= end);
  if ('error' in source) return { ...sums, error: source.error, lines: [] };
  const byLine = new Map<bigint, Line[]>();
  for (const line of lines) byLine.set(line.info.line, [...(byLine.get(line.info.line) ?? []), line]);
  const shown: ListLine[] = [];
  const last = end < BigInt(source.lines.length) ? Number(end) : source.lines.length;
  for (let line = Number(start); line <= last; line++) {
    const here = byLine.get(BigInt(line)) ?? [];
    shown.push({ line, flat: sum(here, 'flat'), cum: sum(here, 'cum'), text: source.lines[line - 1] });
  }
  return { ...sums, lines: shown };
}

const sum = (lines: readonly Line[], key: 'flat' | 'cum') =>
  lines.reduce((total, line) => BigInt.asIntN(64, total + line[key]), 0n);

/**
 * From the first line of the function, if it is known, else five before its first value, to five after its last one.
 * Lines of one name may know different starts; as upstream, one that begins earlier than those before it ends nothing.
 */
function range(lines: readonly Line[]): { start: bigint; end: bigint } {
  const startOf = ({ info }: Line) => (info.startLine === 0n ? info.line - MARGIN : info.startLine);
  const endOf = ({ info }: Line) => BigInt.asIntN(64, info.line + MARGIN);
  let start = startOf(lines[0]);
  let end = endOf(lines[0]);
  for (const line of lines) {
    const [from, to] = [startOf(line), endOf(line)];
    if (from < start) start = from;
    else if (to > end) end = to;
  }
  return { start: start < 1n ? 1n : start, end };
}

export const noSources: SourceReader = (file) => ({ error: `could not find file ${file}` });
