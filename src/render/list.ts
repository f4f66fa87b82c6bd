// list as pprof's text (internal/report printSource).

import type { ListReport } from '../report/list.js';
import { padLeft, percentage } from '../units/format.js';
import { formatValue } from './text.js';

export function* renderList(report: ListReport): Generator<string> {
  const value = (n: bigint) => padLeft(formatValue(report, n), 10);
  const orDot = (n: bigint) => (n === 0n ? '         .' : value(n));
  yield `Total: ${formatValue(report, report.total)}\n`;
  for (const { function: name, files } of report.rows) {
    if (files.length === 0) yield `No source information for ${name}\n`;
    for (const { file, flat, cum, error, lines } of files) {
      yield `ROUTINE ======================== ${name} in ${file}\n`;
      yield `${value(flat)} ${value(cum)} (flat, cum) ${percentage(cum, report.total)} of Total\n`;
      if (error !== undefined) yield ` Error: ${error}\n`;
      for (const line of lines) {
        yield `${orDot(line.flat)} ${orDot(line.cum)} ${padLeft(String(line.line), 6)}:${line.text}\n`;
      }
    }
  }
}
