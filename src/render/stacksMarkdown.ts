// The stacks report as Markdown, for an issue or a chat. Names are escaped: nothing in a dump becomes a table cell, a tag
// or the end of a code block.

import type { StacksReport } from '../report/stacks.js';
import { block, safe } from './markdown.js';
import { ids, minutes, NO_HOLDER, place, plural, standingWords, verdict, waitRange } from './stackWords.js';

export function* renderStacksMarkdown(report: StacksReport): Generator<string> {
  yield `## ${plural(report.goroutines, 'goroutine')}\n\n`;
  for (const { kind, message } of report.reasons.slice(0, 5)) yield `- ${kind}: ${safe(message.split('\n')[0])}\n`;
  for (const sentence of verdict(report)) yield `- ${safe(sentence)}\n`;
  for (const cycle of report.cycles.slice(0, 10))
    yield `- **Deadlock**: goroutine ${cycle.join(' → ')} → ${cycle[0]}\n`;
  const list = report.locks.filter(({ isYoung }) => !isYoung || report.isBlockedOnly);
  if (list.length > 0)
    yield '\n### Locks\n\n| lock | waiting | since | held by | why |\n| --- | --- | --- | --- | --- |\n';
  for (const { name, waiters, longestMinutes, holders } of list) {
    const [best] = holders;
    const held =
      best === undefined ? 'not seen' : `${best.certainty}: goroutine ${best.goroutine}, ${safe(standingWords(best))}`;
    const why = best === undefined ? NO_HOLDER : best.reasons.join('; ');
    yield `| ${safe(name)} | ${ids(waiters)} | ${minutes(longestMinutes)} | ${held} | ${safe(why)} |\n`;
  }
  if (report.leaks.length > 0) yield '\n### Leaks\n\n';
  for (const leak of report.leaks)
    yield `- ${plural(leak.goroutines.length, 'goroutine')} (${ids(leak.goroutines)}) in ${safe(place(leak))}\n`;
  if (report.isBlockedOnly) return;
  yield '\n### States\n\n| count | state | longest | meaning |\n| ---: | --- | --- | --- |\n';
  for (const { count, state, longestMinutes, says } of report.states)
    yield `| ${count} | ${safe(state)} | ${minutes(longestMinutes)} | ${says} |\n`;
  yield '\n### Stacks\n\n';
  for (const group of report.groups) {
    const wait = waitRange(group);
    yield `<details><summary>${plural(group.count, 'goroutine')}: ${safe(group.state)}${wait === '' ? '' : `, ${wait}`}${group.stuck > 0 ? ', hangs' : ''}</summary>\n\n`;
    const lines = group.frames.flatMap((frame) => [
      `${frame.hangsHere ? '→ ' : '  '}${frame.function}${frame.isLost ? '  (missing in the dump)' : `(${frame.arguments})`}`,
      `      ${frame.file}:${frame.line}`,
    ]);
    if (group.createdBy !== '') lines.push(`  created by ${group.createdBy}`, `      ${group.createdAt}`);
    yield `${block(lines)}\n</details>\n\n`;
  }
  if (report.more.groups > 0) yield `${plural(report.more.groups, 'more group')} left out.\n`;
  if (report.idle.length > 0) yield `\nIdle: ${report.idle.map(({ rule, count }) => `${count} ${rule}`).join(', ')}.\n`;
}
