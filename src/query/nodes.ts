// Granularity: which columns make two lines one node, and what a node is called.
// Source of the rules: pprof driver aggregate(), profile.Aggregate, internal/graph nodeInfo and PrintableName.

import type { Scope } from '../core/scope.js';
import { type NodeInfo, printableName } from '../model/node.js';
import { cleanPath, trimFileName } from '../model/path.js';
import { compareText } from '../model/strings.js';
import type { Frames } from './frames.js';
import type { Options } from './options.js';

/** What else tells nodes apart, beyond the granularity: functions of one name in several files of the mapping, or at several start lines. */
export interface NodeDetails {
  readonly objects?: boolean;
  /** File names are not trimmed. */
  readonly wholeFiles?: boolean;
}

/** The nodes of a query; what is asked for once is remembered. */
export interface Nodes {
  readonly nodeCount: number;
  readonly nodeInfo: (node: number) => NodeInfo;
  /** printableName of it. */
  readonly nodeName: (node: number) => string;
  /** The order of two nodes by name. */
  readonly compareNodes: (a: number, b: number) => number;
}

function remembered<T>(known: (T | undefined)[], node: number, make: (node: number) => T): T {
  known[node] ??= make(node);
  return known[node];
}

interface Parts {
  readonly name: boolean;
  readonly file: boolean;
  readonly line: boolean;
  readonly column: boolean;
  readonly address: boolean;
}

function parts({ granularity, noinlines, showcolumns }: Options): Parts {
  const address = granularity === 'addresses';
  const line = address || granularity === 'lines';
  return {
    name: granularity !== 'files',
    file: line || granularity === 'files' || granularity === 'filefunctions',
    line,
    // With addresses and inlines pprof aggregates nothing, so columns stay whatever showcolumns says.
    column: line && (showcolumns || (address && !noinlines)),
    address,
  };
}

/** Maps the frames to nodes in the scope; the result tells what node n is. */
export function makeNodes(
  scope: Scope,
  frames: Frames,
  options: Options,
  { objects = false, wholeFiles = false }: NodeDetails = {},
): Nodes {
  const { profile, labelFrames } = frames;
  const { functions, locations, lines, mappings } = profile;
  const part = parts(options);
  if (options.noinlines) frames.dropInlines();
  const fileName = wholeFiles ? (file: string) => (file === '' ? '' : cleanPath(file)) : fileNamer(options);

  const objectIds = idsOf(mappings.map((mapping) => mapping.file));
  const extra = labelFrames.length;
  const count = scope.nodes({
    locations: frames.locationCount,
    lines: frames.lineCount,
    lineStart: extended(locations.lineStart, extra, (i) => lines.count + i + 1),
    lineFunction: extended(lines.function, extra, (i) => functions.count + i),
    lineKept: frames.lineKept,
    flags: frames.hidden,
    name: part.name ? nameColumn(frames) : undefined,
    file: part.file
      ? idsOf(Array.from({ length: frames.functionCount }, (_, f) => fileName(frames.functionFile(f))))
      : undefined,
    startLine: extended(functions.startLine, extra, () => 0n),
    line: part.line ? extended(lines.line, extra, () => 0n) : undefined,
    column: part.column ? extended(lines.column, extra, () => 0n) : undefined,
    address: part.address ? extended(locations.address, extra, () => 0n) : undefined,
    object: Uint32Array.from({ length: frames.locationCount }, (_, l) => {
      const mapping = frames.mapping(l);
      return mapping < 0 ? 0 : objectIds[mapping];
    }),
    objects,
    signature: JSON.stringify([
      objects,
      wholeFiles,
      options.granularity,
      options.noinlines,
      options.showcolumns,
      options.hide,
      options.show,
      options.source_path,
      options.trim_path,
    ]),
  });

  const seen = scope.nodeLines();
  const info = (node: number): NodeInfo => {
    const line = seen.line[node];
    const location = seen.location[node];
    const address = part.address && location < locations.count ? locations.address[location] : 0n;
    const mapping = frames.mapping(location);
    const object = mapping < 0 ? '' : mappings[mapping].file;
    if (line < 0) return { name: '', file: '', startLine: 0n, line: 0n, column: 0n, address, object };
    const f = frames.lineFunction(line);
    const name = part.name ? frames.functionName(f) : '';
    const real = line < lines.count;
    return {
      name,
      file: part.file ? fileName(frames.functionFile(f)) : '',
      startLine: (objects || name === '') && f < functions.count ? functions.startLine[f] : 0n,
      line: part.line && real ? lines.line[line] : 0n,
      column: part.column && real ? lines.column[line] : 0n,
      address,
      object: objects || name === '' ? object : '',
    };
  };
  // Made for all nodes: an array that is filled from its end on is a hash table.
  const infos: (NodeInfo | undefined)[] = new Array(count);
  const names: (string | undefined)[] = new Array(count);
  const nodeInfo = (node: number) => remembered(infos, node, info);
  const nodeName = (node: number) => remembered(names, node, (n) => printableName(nodeInfo(n)));
  const compareNodes = (a: number, b: number) => {
    if (a === b) return 0;
    // Names start with the address, in hexadecimal of one length.
    const [x, y] = part.address ? [nodeInfo(a).address, nodeInfo(b).address] : [0n, 0n];
    return x !== 0n && y !== 0n && x !== y ? (x < y ? -1 : 1) : compareText(nodeName(a), nodeName(b));
  };
  return { nodeCount: count, nodeInfo, nodeName, compareNodes };
}

/** Names as ids: equal names have equal ones, no name is 0. */
function nameColumn(frames: Frames): Uint32Array {
  const { functions, strings } = frames.profile;
  const column = extended(
    functions.name.map((row) => strings.same[row]),
    frames.labelFrames.length,
    () => 0,
  );
  if (frames.labelFrames.length === 0) return column;
  const rows = new Map<string, number>([['', 0]]);
  for (let f = 0; f < functions.count; f++) rows.set(strings.get(functions.name[f]), column[f]);
  frames.labelFrames.forEach(({ name }, i) => {
    let id = rows.get(name);
    if (id === undefined) {
      id = strings.count + i;
      rows.set(name, id);
    }
    column[functions.count + i] = id;
  });
  return column;
}

function fileNamer({ trim_path, source_path }: Options): (file: string) => string {
  const known = new Map<string, string>();
  return (file) => {
    let name = known.get(file);
    if (name === undefined) {
      const trimmed = trimFileName(file, trim_path, source_path);
      name = trimmed === '' ? '' : cleanPath(trimmed);
      known.set(file, name);
    }
    return name;
  };
}

function idsOf(texts: readonly string[]): Uint32Array {
  const ids = new Map<string, number>([['', 0]]);
  return Uint32Array.from(texts, (text) => {
    let id = ids.get(text);
    if (id === undefined) {
      id = ids.size;
      ids.set(text, id);
    }
    return id;
  });
}

type NumberColumn = Uint32Array | Int32Array;
type BigColumn = BigInt64Array | BigUint64Array;

/** The column with `extra` elements more; itself when there are none. */
function extended<C extends NumberColumn | BigColumn>(column: C, extra: number, value: (i: number) => C[number]): C;
function extended(column: NumberColumn | BigColumn, extra: number, value: (i: number) => number | bigint) {
  if (extra === 0) return column;
  const out =
    column instanceof BigInt64Array
      ? new BigInt64Array(column.length + extra)
      : column instanceof BigUint64Array
        ? new BigUint64Array(column.length + extra)
        : column instanceof Int32Array
          ? new Int32Array(column.length + extra)
          : new Uint32Array(column.length + extra);
  for (let i = 0; i < column.length; i++) out[i] = column[i];
  for (let i = 0; i < extra; i++) out[column.length + i] = value(i);
  return out;
}
