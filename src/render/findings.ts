// Findings as text and as Markdown, for every report that has some. Nothing here decides anything.

import type { Finding, SaidValues } from '../model/finding.js';
import { code, safe } from './markdown.js';
import { sayText } from './said.js';
import { wrapped } from './wrap.js';

/** Of a note no more than this: -explain and JSON have the rest. */
const NOTE_EVIDENCE = 2;

/** A finding as a block of lines, its rule named so that -explain can be asked about it. A note is short. */
export function* findingLines(finding: Finding, width: number): Generator<string> {
  const { rule, severity, evidence, means, next } = finding;
  const isNote = severity === 'note';
  yield* wrapped(`${severity.toUpperCase()} ${sayText(finding.says)} [${rule}]`, '', '  ', width);
  for (const one of evidence.slice(0, isNote ? NOTE_EVIDENCE : evidence.length))
    yield* wrapped(sayText(one), '  - ', '    ', width);
  if (!isNote) yield* wrapped(sayText(means), '  ', '  ', width);
  for (const one of next.slice(0, isNote ? 1 : next.length)) yield `  $ ${sayText(one)}\n`;
}

export function* findingMarkdown(finding: Finding): Generator<string> {
  const { rule, severity, evidence, means, next } = finding;
  yield `### ${severity}: ${safe(sayText(finding.says))}\n\n`;
  for (const one of evidence) yield `- ${safe(sayText(one))}\n`;
  if (evidence.length > 0) yield '\n';
  yield `${safe(sayText(means))} (rule ${code(rule)})\n\n`;
  for (const one of next) yield `- ${code(sayText(one))}\n`;
  if (next.length > 0) yield '\n';
}

/** Findings as data that needs no template: the sentences as text, the quantities of the first one beside them. */
export function findingData(finding: Finding): object {
  const { rule, severity, weight, says, place, evidence, means, next } = finding;
  return {
    ...{ rule, severity, weight, says: sayText(says), values: plainValues(says.values), place: place ?? null },
    ...{ evidence: evidence.map(sayText), means: sayText(means), next: next.map(sayText) },
  };
}

const plainValues = (values: SaidValues): object =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' && 'argument' in value ? value.argument : (value ?? null),
    ]),
  );
