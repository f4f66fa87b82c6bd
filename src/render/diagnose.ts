// The report of `diagnose` as text for a terminal, as Markdown for an issue, as JSON for a program.

import type { Finding, Severity } from '../model/finding.js';
import type { DiagnosedProgram, DiagnoseReport, NotLookedAt } from '../report/diagnose.js';
import { findingData, findingLines, findingMarkdown } from './findings.js';
import { renderPlainJson } from './json.js';
import { code, safe } from './markdown.js';
import { paint } from './paint.js';
import { quantityText } from './said.js';
import { wrapped } from './wrap.js';

export type DiagnoseFormat = 'text' | 'json' | 'markdown';

export interface DiagnoseTextOptions {
  /** Columns; 100 unless given. */
  readonly width?: number;
  readonly isColoured?: boolean;
}

/** Renders a diagnosis, piece by piece. */
export function renderDiagnose(
  report: DiagnoseReport,
  format: DiagnoseFormat = 'text',
  options: DiagnoseTextOptions = {},
): Iterable<string> {
  switch (format) {
    case 'text':
      return renderText(report, options);
    case 'json':
      return renderPlainJson({ ...report, findings: report.findings.map(findingData) });
    case 'markdown':
      return renderMarkdown(report);
    default:
      return format satisfies never;
  }
}

const COLOURS: Readonly<Record<Severity, 'red' | 'yellow' | 'cyan'>> = {
  critical: 'red',
  warning: 'yellow',
  note: 'cyan',
};

function* renderText(
  report: DiagnoseReport,
  { width = 100, isColoured = false }: DiagnoseTextOptions,
): Generator<string> {
  const { findings, files, notCollected, notLookedAt } = report;
  for (const line of headLines(report)) yield* wrapped(line, '', '  ', width);
  yield* wrapped(verdict(report), '', '', width);
  for (const finding of findings) {
    yield '\n';
    yield* isColoured ? coloured(finding, width) : findingLines(finding, width);
  }
  if (notCollected.length > 0) yield '\nCould not be collected, or not whole:\n';
  for (const { item, why } of notCollected) yield* wrapped(`${item}: ${why}`, '  ', '    ', width);
  const broken = files.filter(({ status }) => status === 'damaged' || status === 'unreadable');
  if (broken.length > 0) yield '\nCould not be read, or not whole:\n';
  for (const { file, words } of broken) yield* wrapped(`${file}: ${words}`, '  ', '    ', width);
  if (notLookedAt.length > 0) yield '\nNot looked at, for want of a file:\n';
  for (const row of notLookedAt) yield* wrapped(missingWords(row), '  ', '    ', width);
  if (findings.length === 0) return;
  yield '\n';
  yield* wrapped(
    'tspprof diagnose -explain=RULE says what a rule looks at, and where its limits come from.',
    '',
    '',
    width,
  );
}

const missingWords = ({ what, without, why, how }: NotLookedAt) =>
  `${what}: ${without} is missing${why === '' ? '' : ` (${why})`}; ${how}`;

function* coloured(finding: Finding, width: number): Generator<string> {
  let isFirst = true;
  for (const line of findingLines(finding, width)) {
    if (isFirst) yield line.replace(/^\S+/, (word) => paint(word, COLOURS[finding.severity]));
    else yield /^ {2}\$ /.test(line) ? `${paint(line.trimEnd(), 'bold')}\n` : line;
    isFirst = false;
  }
}

/** What was looked at. */
function headLines({ source, program }: DiagnoseReport): string[] {
  const words = programWords(program);
  return words === '' ? [source] : [`${source}: ${words}`];
}

function programWords({
  target,
  version,
  goVersion,
  commandLine,
  pid,
  uptimeSeconds,
  isUptimeExact,
  time,
}: DiagnosedProgram): string {
  const name = commandLine === '' ? '' : commandLine.split(' ')[0].replace(/^.*[/\\]/, '');
  return [
    [name, version].filter((word) => word !== '').join(' '),
    goVersion,
    pid === null ? '' : `pid ${pid}`,
    target === '' ? '' : `at ${target}`,
    uptimeSeconds === null || uptimeSeconds <= 0
      ? ''
      : `up ${isUptimeExact ? '' : 'at least '}${quantityText({ value: uptimeSeconds, unit: 'seconds' })}`,
    time === null ? '' : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
  ]
    .filter((word) => word !== '')
    .join(', ');
}

function verdict({ counts, isInterrupted, notCollected }: DiagnoseReport): string {
  const { critical, warning, note } = counts;
  const words = [
    critical > 0 ? `${critical} critical` : '',
    warning > 0 ? `${warning} warning${warning === 1 ? '' : 's'}` : '',
    note > 0 ? `${note} note${note === 1 ? '' : 's'}` : '',
  ].filter((word) => word !== '');
  const end = isInterrupted
    ? ' It was stopped early: this is of what was there by then.'
    : notCollected.length > 0
      ? ' Not all could be collected: see below.'
      : '';
  if (critical + warning > 0) return `Found: ${words.join(', ')}.${end}`;
  const isPartly = isInterrupted || notCollected.length > 0;
  return `${isPartly ? 'Nothing stands out in what is there.' : 'Nothing stands out.'}${note > 0 ? ` To be known: ${words.join(', ')}.` : ''}${end}`;
}

function* renderMarkdown(report: DiagnoseReport): Generator<string> {
  const { findings, files, notCollected, notLookedAt } = report;
  yield `## Diagnosis of ${code(report.source)}\n\n`;
  const words = programWords(report.program);
  if (words !== '') yield `${safe(words)}\n\n`;
  yield `**${safe(verdict(report))}**\n\n`;
  for (const finding of findings) yield* findingMarkdown(finding);
  const broken = files.filter(({ status }) => status === 'damaged' || status === 'unreadable');
  if (notCollected.length > 0) yield '### Could not be collected, or not whole\n\n';
  for (const { item, why } of notCollected) yield `- ${safe(item)}: ${safe(why)}\n`;
  if (notCollected.length > 0) yield '\n';
  if (broken.length > 0) yield '### Could not be read, or not whole\n\n';
  for (const { file, words: fact } of broken) yield `- ${code(file)}: ${safe(fact)}\n`;
  if (broken.length > 0) yield '\n';
  if (notLookedAt.length > 0) yield '### Not looked at, for want of a file\n\n';
  for (const row of notLookedAt) yield `- ${safe(missingWords(row))}\n`;
}
