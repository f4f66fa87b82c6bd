// A rule in words: what it looks at, its limits and where they come from, what it means, what to do next.

import { ALL_RULES, type RuleRow } from '../analyse/allRules.js';
import { said } from '../model/finding.js';
import { sayText } from './said.js';
import { wrapped } from './wrap.js';

/** By its name; undefined: there is no such rule. */
export function renderRule(name: string, { columns = 80 }: { readonly columns?: number } = {}): string | undefined {
  const row = ALL_RULES.find((rule) => rule.name === name);
  return row && ruleText(row, columns);
}

function ruleText({ name, looksAt, says, limits, why, means, next }: RuleRow, columns: number): string {
  const paragraph = (title: string, words: string) => [
    ...wrapped(words, title.padEnd(TITLE), ' '.repeat(TITLE), columns),
  ];
  return [
    `${name}\n`,
    ...paragraph('looks at', looksAt),
    ...paragraph('when', sayText(said(why, limits))),
    ...paragraph('says', placeholders(says)),
    ...paragraph('means', placeholders(means)),
    ...next.map((command) => `  $ ${placeholders(command)}\n`),
  ].join('');
}

const TITLE = 11;

/** `{n|goroutine|goroutines}` → N goroutines, `{cpu}` → CPU */
const placeholders = (template: string) =>
  template.replace(/\{(\w+)(?:\|[^|{}]*\|([^|{}]*))?\}/g, (_, name: string, many?: string) =>
    many === undefined ? name.toUpperCase() : `${name.toUpperCase()} ${many}`,
  );

/** All of them, a line each. */
export const renderRuleList = ({ columns = 80 }: { readonly columns?: number } = {}): string =>
  ALL_RULES.map(({ name, looksAt }) => [...wrapped(looksAt, name.padEnd(20), ' '.repeat(20), columns)].join('')).join(
    '',
  );
