// Reports as JSON. Integers are written digit by digit, whatever their size, so that no int64 is rounded: a reader that
// needs more than 2^53 parses them as big numbers. Bytes of names that are no UTF-8 come as \udcXX.
//
// Rows (and other long lists) take a line each and are read as they are written, so that a million of them need no memory.

import type { CallgrindReport } from '../report/callgrind.js';
import type { FlameReport } from '../report/flame.js';
import type { Report } from '../report/report.js';

/** Long lists; `nodes` of the legend is none. */
const LINES = new Set(['rows', 'edges', 'locations', 'labels', 'frames', 'nodes']);

export function* renderJson(report: Report): Generator<string> {
  const entries = Object.entries(inRows(report));
  for (let i = 0; i < entries.length; i++) {
    const [key, value]: [string, unknown] = entries[i];
    yield `${i === 0 ? '{' : ','}\n  ${JSON.stringify(key)}: `;
    if (LINES.has(key) && isIterable(value)) yield* lines(value);
    else yield stringify(value, 2);
  }
  yield '\n}\n';
}

function* lines(values: Iterable<unknown>): Generator<string> {
  let count = 0;
  for (const value of values) yield `${count++ === 0 ? '[' : ','}\n    ${compact(value)}`;
  yield count === 0 ? '[]' : '\n  ]';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && !(value instanceof Map);
}

/** Reports that are columns, as rows. */
function inRows(report: Report): object {
  if (report.kind === 'flame') return flameRows(report);
  return report.kind === 'callgrind' ? callgrindRows(report) : report;
}

function callgrindRows({ costs, ...rest }: CallgrindReport): object {
  const { count, node, flat, callStart, callee, weight } = costs;
  function* rows() {
    for (let i = 0; i < count; i++) {
      const [from, to] = [callStart[i], callStart[i + 1]];
      yield { node: node[i], flat: flat[i], callees: callee.subarray(from, to), weights: weight.subarray(from, to) };
    }
  }
  return { ...rest, rows: { [Symbol.iterator]: rows } };
}

function flameRows({ tree, ...rest }: FlameReport): object {
  const { parent, frame, calls, self, total } = tree;
  function* rows() {
    for (let row = 0; row < tree.count; row++) {
      yield {
        parent: parent[row],
        frame: frame[row],
        inline: calls[row] === 1 ? 'all' : calls[row] === 2 ? 'none' : 'some',
        self: self.map((column) => column[row]),
        total: total.map((column) => column[row]),
      };
    }
  }
  return { ...rest, rows: { [Symbol.iterator]: rows } };
}

/** A string of JSON. */
export const jsonText = (text: string): string => JSON.stringify(text);

function compact(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`;
  if (value instanceof Uint32Array || value instanceof BigInt64Array) return `[${value.join(',')}]`;
  if (value instanceof Map) return object([...value], compact);
  if (typeof value === 'object' && value !== null) return object(Object.entries(value), compact);
  return JSON.stringify(value);
}

function object(entries: readonly (readonly [unknown, unknown])[], text: (value: unknown) => string): string {
  const shown = entries.filter(([, value]) => value !== undefined);
  return `{${shown.map(([key, value]) => `${JSON.stringify(String(key))}:${text(value)}`).join(',')}}`;
}

function stringify(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || value instanceof Map) return compact(value);
  const pad = '  '.repeat(depth);
  const end = '  '.repeat(depth - 1);
  const items = Array.isArray(value)
    ? value.map((v) => stringify(v, depth + 1))
    : Object.entries(value)
        .filter(([, v]) => v !== undefined)
        .map(([key, v]) => `${JSON.stringify(key)}: ${stringify(v, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return items.length === 0 ? open + close : `${open}\n${items.map((item) => pad + item).join(',\n')}\n${end}${close}`;
}
