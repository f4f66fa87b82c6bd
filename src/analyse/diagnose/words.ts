// Words that rules of diagnosis share.

import type { Argument, FindingPlace } from '../../model/finding.js';
import type { WorkFunction } from '../../model/work.js';
import { shortName } from '../names.js';

const baseName = (path: string) => path.replace(/^.*[/\\]/, '');

/** `bank.(*Account).Deposit (bank.go:25)` */
export function atPlace({ function: func, file, line }: FindingPlace): string {
  const name = func === '' ? 'a function without a name' : shortName(func);
  return file === '' ? name : `${name} (${baseName(file)}${line > 0 ? `:${line}` : ''})`;
}

/** The line of a function where most was charged. */
export const lineOf = ({ name, file, line }: WorkFunction): FindingPlace => ({ function: name, file, line });

/** What a person would type to find the function: its last part as a regexp. Type arguments have spaces and brackets. */
export const regexpOf = (name: string): Argument => ({
  argument: `${shortName(name)
    .replace(/\[.*$/, '')
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${name.includes('[') ? '' : '$'}`,
});

export const fileOf = (name: string | undefined): Argument | undefined =>
  name === undefined ? undefined : { argument: name };
