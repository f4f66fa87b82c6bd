// What comes from a file, in Markdown: nothing in it becomes a table cell, a tag, a link or the end of a code block.

import { visible } from './visible.js';

/** Text that stays text. */
export const safe = (text: string) =>
  visible(text).replace(/[\\`*_{}[\]<>()#+\-!|&~@]/g, (c) =>
    c === '<' ? '&lt;' : c === '>' ? '&gt;' : c === '&' ? '&amp;' : `\\${c}`,
  );

const longestRun = (text: string) => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** A block that no run of backticks in it can end. */
export function block(lines: readonly string[]): string {
  const text = lines.map((line) => visible(line)).join('\n');
  const fence = '`'.repeat(Math.max(2, longestRun(text)) + 1);
  return `${fence}\n${text}\n${fence}\n`;
}

/** A span of code, likewise. */
export function code(text: string): string {
  const longest = longestRun(text);
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${visible(text)}${fence}` : `${fence} ${visible(text)} ${fence}`;
}
