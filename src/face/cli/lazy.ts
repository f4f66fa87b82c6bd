// Commands that are no reports of profiles: they are a file of their own in the built command. Compiled and set up with the rest they
// cost every `tspprof top` 30 ms.

import { existsSync } from 'node:fs';

export const MORE: ReadonlySet<string> = new Set(['stacks', 'collect', 'bundle', 'inspect', 'vars', 'diagnose']);
/** Of bundle. */
const ACTIONS = /^(list|verify|help)$/;

/** Whether the command line is for one of them, and not for a file of its name. */
export function isMore(argv: readonly string[]): boolean {
  if (argv.some((word) => /^--?stacks$/.test(word))) return true;
  const [first = '', second = ''] = argv.filter((word) => !word.startsWith('-'));
  if (first === 'bundle') return ACTIONS.test(second) || !existsSync('bundle');
  return MORE.has(first);
}

export const more = () => import('./more.js');
export const top = () => import('./top.js');
