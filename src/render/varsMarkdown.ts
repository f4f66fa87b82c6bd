// The report of `vars` as Markdown, for an issue or a chat. Names of a file are escaped.

import type { VarsReport } from '../report/vars.js';
import { spark } from './charts.js';
import { findingMarkdown } from './findings.js';
import { block, safe } from './markdown.js';
import {
  badgerWords,
  cell,
  gcWords,
  headline,
  memoryWords,
  nextWords,
  objectWords,
  oddWords,
  partsOf,
  pauseWords,
  processWords,
  residentWords,
  systemWords,
  text,
  verdict,
} from './varsWords.js';

export function* renderVarsMarkdown(report: VarsReport): Generator<string> {
  const { findings, memory, gc, objects, series, badger, notices } = report;
  yield `## ${safe(headline(report))}\n\n`;
  const lines = [...notices, processWords(report), verdict(report)].filter((line) => line !== '');
  for (const line of lines) yield `${safe(line)}\n\n`;
  for (const finding of findings) yield* findingMarkdown(finding);
  if (memory !== null && memory.held !== null) {
    yield `### Memory\n\n${safe(memoryWords(memory))}\n\n`;
    yield '| part | size | share | |\n| --- | ---: | ---: | --- |\n';
    for (const { name, size, share, says } of partsOf(memory))
      yield `| ${name} | ${text(size)} | ${text(share)} | ${says} |\n`;
    yield '\n';
    for (const words of residentWords(memory)) yield `${safe(words)}\n\n`;
  }
  if (gc !== null && gc.count !== null) {
    yield '### Garbage collection\n\n';
    for (const line of [gcWords(gc), nextWords(gc)].filter((words) => words !== '')) yield `- ${safe(line)}\n`;
    const { pauses } = gc;
    if (pauses !== null) yield `- ${safe(pauseWords(pauses))}\n`;
    yield '\n';
    if (pauses !== null && pauses.nanos.length > 2) yield block([spark(pauses.nanos, 64)]);
  }
  const list = objects === null ? [] : objectWords(objects);
  if (list.length > 0) yield `\n### Objects\n\n${list.map((line) => `- ${safe(line)}\n`).join('')}`;
  if (series.length > 1) {
    yield `\n### ${series.length} samples\n\n`;
    yield '| time | live | heap | Go holds | allocated | GCs | GC CPU | longest pause |\n';
    yield `|${' ---: |'.repeat(8)}\n`;
    for (const { at, live, heap, held, allocated, gcRate, gcShare, longestPause } of series) {
      const cells = [at, live, heap, held, allocated, gcRate, gcShare, longestPause].map(cell);
      yield `| ${cells.join(' | ')} |\n`;
    }
  }
  const around = systemWords(report.system);
  if (badger !== null)
    yield `\n### badger\n\n${badgerWords(badger)
      .map((line) => `- ${safe(line)}\n`)
      .join('')}`;
  if (around.length > 0) yield `\n### Around it\n\n${safe(around.join(', '))}\n`;
  const odd = oddWords(report);
  if (odd.length > 0) yield `\n### Odd about the file\n\n${odd.map((line) => `- ${safe(line)}\n`).join('')}`;
}
