// -explain=RULE of diagnose and vars.

import { ALL_RULES, renderRule, renderRuleList, visible } from '../../index.js';
import { nearest } from './nearest.js';
import { UsageError } from './usage.js';

/** The rule in words; `all` lists them. Throws UsageError. */
export function explainRule(name: string, columns: number): string {
  if (name === 'all') return renderRuleList({ columns });
  const text = renderRule(name, { columns });
  if (text !== undefined) return text;
  const near = nearest(
    name,
    ALL_RULES.map((rule) => rule.name),
  );
  throw new UsageError(
    `there is no rule ${visible(name)}`,
    near === undefined ? '-explain=all lists them' : `did you mean ${near}?`,
  );
}
