// All rules of a program's memory, in the order in which they are looked through. Those around it are in systemRules.ts.

import { GC_RULES } from './gcRules.js';
import { HEAP_RULES } from './heapRules.js';
import type { Rule } from './rule.js';
import type { VarsFacts } from './varsFacts.js';

/**
 * What is looked for in MemStats: a row a rule.
 *
 *   runRules(MEMORY_RULES, varsFacts(samples))
 */
export const MEMORY_RULES: readonly Rule<VarsFacts>[] = [...GC_RULES, ...HEAP_RULES];
