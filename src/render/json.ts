// Reports as JSON. Integers are written digit by digit, whatever their size, so that no int64 is rounded: a reader that
// needs more than 2^53 parses them as big numbers. Bytes of names that are no UTF-8 come as \udcXX.
//
// Rows (and other long lists) take a line each and are read as they are written, so that a million of them need no memory.

import type { CallgrindReport } from '../report/callgrind.js';
import type { FlameReport } from '../report/flame.js';
import type { Report } from '../report/report.js';
import { ByteWriter } from './bytes.js';

/** Long lists; `nodes` of the legend is none. */
const LINES = new Set([
  'rows',
  'edges',
  'locations',
  'labels',
  'frames',
  'nodes',
  'locks',
  'stuckGoroutines',
  'groups',
]);

export function* renderJson(report: Report): Generator<string> {
  yield* renderEntries(inRows(report));
  yield '\n}\n';
}

/** Any other plain data, in the same way. */
export function* renderPlainJson(report: object): Generator<string> {
  yield* renderEntries(report);
  yield '\n}\n';
}

function* renderEntries(report: object): Generator<string> {
  const entries = Object.entries(report);
  for (let i = 0; i < entries.length; i++) {
    const [key, value]: [string, unknown] = entries[i];
    yield `${i === 0 ? '{' : ','}\n  ${JSON.stringify(key)}: `;
    if (LINES.has(key) && isIterable(value)) yield* lines(value);
    else yield stringify(value, 2);
  }
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

/** What renderJson would give; its rows are written as bytes, which is five times as fast. */
export function* renderFlameJson({ tree, ...rest }: FlameReport): Generator<Uint8Array> {
  const { count, parent, frame, calls, self, total } = tree;
  const out = new ByteWriter();
  for (const chunk of renderEntries(rest)) {
    out.text(chunk);
    if (out.isFull) yield out.take();
  }
  out.text(`,\n  "rows": ${count === 0 ? '[]' : '['}`);
  const column = (values: readonly BigInt64Array[], row: number) => {
    for (let i = 0; i < values.length; i++) {
      if (i > 0) out.text(',');
      out.int64(values[i], row);
    }
  };
  for (let row = 0; row < count; row++) {
    out.text(row === 0 ? '\n    {"parent":' : ',\n    {"parent":');
    out.integer(parent[row]);
    out.text(',"frame":');
    out.integer(frame[row]);
    out.text(INLINE[calls[row]]);
    column(self, row);
    out.text('],"total":[');
    column(total, row);
    out.text(']}');
    if (out.isFull) yield out.take();
  }
  out.text(`${count === 0 ? '' : '\n  ]'}\n}\n`);
  yield out.take();
}

const inlineText = (inline: string) => `,"inline":"${inline}","self":[`;
/** By EDGE_INLINE and EDGE_CALL. */
const INLINE = ['some', 'all', 'none', 'some'].map(inlineText);

/** A string of JSON. */
export const jsonText = (text: string): string =>
  JSON.stringify(text).replace(obeyed, (c) =>
    Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );

/** What a terminal obeys or shows another way round, and JSON allows: C1 controls, direction marks, line separators. */
const obeyed = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

function compact(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`;
  if (value instanceof Uint32Array || value instanceof BigInt64Array) return `[${value.join(',')}]`;
  if (value instanceof Map) return object([...value], compact);
  if (typeof value === 'object' && value !== null) return object(Object.entries(value), compact);
  return typeof value === 'string' ? jsonText(value) : JSON.stringify(value);
}

function object(entries: readonly (readonly [unknown, unknown])[], text: (value: unknown) => string): string {
  const shown = entries.filter(([, value]) => value !== undefined);
  return `{${shown.map(([key, value]) => `${jsonText(String(key))}:${text(value)}`).join(',')}}`;
}

function stringify(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || value instanceof Map) return compact(value);
  const pad = '  '.repeat(depth);
  const end = '  '.repeat(depth - 1);
  const items = Array.isArray(value)
    ? value.map((v) => stringify(v, depth + 1))
    : Object.entries(value)
        .filter(([, v]) => v !== undefined)
        .map(([key, v]) => `${jsonText(key)}: ${stringify(v, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return items.length === 0 ? open + close : `${open}\n${items.map((item) => pad + item).join(',\n')}\n${end}${close}`;
}
