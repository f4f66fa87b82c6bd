// Reports as JSON. Integers are written digit by digit, whatever their size, so that no int64 is rounded: a reader that
// needs more than 2^53 parses them as big numbers. Bytes of names that are no UTF-8 come as \udcXX.

import type { Report } from '../report/report.js';

export function* renderJson(report: Report): Generator<string> {
  const { rows, ...head } = report;
  const text = stringify(head, 1);
  yield `${text.slice(0, text.lastIndexOf('\n'))},\n  "rows": [`;
  for (let i = 0; i < rows.length; i++) yield `${i === 0 ? '' : ','}\n    ${compact(rows[i])}`;
  yield `${rows.length === 0 ? '' : '\n  '}]\n}\n`;
}

function compact(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, v]) => `${JSON.stringify(key)}:${compact(v)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

function stringify(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return compact(value);
  const pad = '  '.repeat(depth);
  const end = '  '.repeat(depth - 1);
  const items = Array.isArray(value)
    ? value.map((v) => stringify(v, depth + 1))
    : Object.entries(value).map(([key, v]) => `${JSON.stringify(key)}: ${stringify(v, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return items.length === 0 ? open + close : `${open}\n${items.map((item) => pad + item).join(',\n')}\n${end}${close}`;
}
