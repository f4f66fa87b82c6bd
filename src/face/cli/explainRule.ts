// Rules in words: what one looks at, its limits and where they come from.

import { ALL_RULES, quantityText, visible, wrapped } from '../../index.js';
import { nearest } from './nearest.js';
import { UsageError } from './usage.js';

/** Throws UsageError. */
export function explainRule(name: string): string {
  const row = ALL_RULES.find((rule) => rule.name === name);
  if (row === undefined) {
    const near = nearest(
      name,
      ALL_RULES.map((rule) => rule.name),
    );
    throw new UsageError(
      `there is no rule ${visible(name)}`,
      near === undefined ? 'tspprof diagnose -explain=all lists them' : `did you mean ${near}?`,
    );
  }
  const { looksAt, says, limits, why, means, next } = row;
  const rows: readonly (readonly [string, string])[] = [
    ['looks at', looksAt],
    ['says', placeholders(says)],
    ['when', withLimits(why, limits)],
    ['means', placeholders(means)],
    ...next.map((command) => ['next', placeholders(command)] as const),
  ];
  return [
    `${name}\n`,
    ...rows.flatMap(([title, text]) => [...wrapped(text, `  ${title.padEnd(10)}`, ' '.repeat(12), 100)]),
  ].join('');
}

export const ruleList = () =>
  ALL_RULES.map(({ name, looksAt }) => [...wrapped(looksAt, name.padEnd(20), ' '.repeat(20), 100)].join('')).join('');

/** `{n|goroutine|goroutines}` → N goroutines, `{cpu}` → CPU */
const placeholders = (template: string) =>
  template.replace(/\{(\w+)(?:\|[^|{}]*\|([^|{}]*))?\}/g, (_, name: string, many?: string) =>
    many === undefined ? name.toUpperCase() : `${name.toUpperCase()} ${many}`,
  );

function withLimits(why: string, limits: (typeof ALL_RULES)[number]['limits']): string {
  return why.replace(/\{(\w+)\}/g, (all, name: string) => (name in limits ? quantityText(limits[name]) : all));
}
