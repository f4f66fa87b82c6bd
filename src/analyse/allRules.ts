// Every rule of diagnose and vars by its name, for whoever asks what it looks at.

import { DIAGNOSE_RULES } from './diagnose/rules.js';
import { MEMORY_RULES } from './memoryRules.js';
import type { Limits } from './rule.js';
import { SYSTEM_RULES } from './systemRules.js';

/** A row without its function. Values in the templates are those of a program, in `why` those of its limits. */
export interface RuleRow {
  readonly name: string;
  readonly looksAt: string;
  readonly says: string;
  readonly limits: Limits;
  readonly why: string;
  readonly means: string;
  readonly next: readonly string[];
}

const rows: readonly RuleRow[] = [...DIAGNOSE_RULES, ...MEMORY_RULES, ...SYSTEM_RULES];

/** Where two look for the same in other files, the first counts. */
export const ALL_RULES: readonly RuleRow[] = rows.filter(
  ({ name }, i) => rows.findIndex((row) => row.name === name) === i,
);
