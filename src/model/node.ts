// What a node of a report stands for, and what it is called (pprof internal/graph NodeInfo).

import { basePath } from './path.js';

/** What is known of a node at the granularity at hand; what the granularity leaves out is empty or 0. */
export interface NodeInfo {
  readonly name: string;
  readonly file: string;
  /** First line of the function; 0 unless it makes the node. */
  readonly startLine: bigint;
  readonly line: bigint;
  readonly column: bigint;
  readonly address: bigint;
  /** File of the mapping, for nodes without a name and those of NodeDetails. */
  readonly object: string;
}

/** What a report calls a node:   address name file:line:column, what there is of it. */
export const printableName = (info: NodeInfo): string => printableParts(info).join(' ');

export function printableParts({ address, name, file, line, column, object }: NodeInfo): string[] {
  const words: string[] = [];
  if (address !== 0n) words.push(address.toString(16).padStart(16, '0'));
  if (name !== '') words.push(name);
  if (line !== 0n) words.push(`${file}:${line}${column === 0n ? '' : `:${column}`}`);
  else if (file !== '') words.push(file);
  else if (name === '') words.push(object === '' ? '<unknown>' : `[${basePath(object)}]`);
  return words;
}
