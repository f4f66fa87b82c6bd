// Words of the stacks report that text and Markdown share. Names come from a dump, which nobody has checked: control
// characters are shown, not passed on.

import { shortName } from '../analyse/names.js';
import type { Place, StandingGoroutine } from '../model/blocked.js';
import type { StackGroup } from '../report/stackGroups.js';
import type { StacksReport } from '../report/stacks.js';
import { visible } from './visible.js';

export const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

export function minutes(count: number): string {
  if (count === 0) return 'less than a minute';
  if (count < 120) return plural(count, 'minute');
  const [days, hours, rest] = [Math.floor(count / 1440), Math.floor((count % 1440) / 60), count % 60];
  const parts = [days > 0 ? `${days}d` : '', hours > 0 ? `${hours}h` : '', rest > 0 ? `${rest}m` : ''];
  return `${count} minutes (${parts.filter((part) => part !== '').join(' ')})`;
}

/** `[2~6 minutes]` */
export function waitRange({ minMinutes, maxMinutes }: StackGroup): string {
  if (maxMinutes === 0) return '';
  return minMinutes === maxMinutes ? minutes(maxMinutes) : `${minMinutes}~${maxMinutes} minutes`;
}

export const baseName = (path: string) => path.replace(/^.*[/\\]/, '');

/** `bank.(*Account).Deposit bank.go:25` */
export const place = ({ function: func, file, line }: Place) =>
  visible(func === '' ? 'no frames' : `${shortName(func)} ${baseName(file)}${line > 0 ? `:${line}` : ''}`);

export const standingWords = (row: StandingGoroutine) =>
  `${visible(row.state)}${row.waitMinutes > 0 ? `, ${minutes(row.waitMinutes)}` : ''}, in ${place(row)}`;

/** Ids with the rest counted. */
export function ids(list: readonly number[], most = 8, total = list.length): string {
  const few = list.slice(0, most).join(', ');
  return total > most ? `${few} and ${total - most} more` : few;
}

/** The first sentences: what hangs, or that nothing does. */
export function verdict(report: StacksReport): string[] {
  const { stuck, cycles, roots, leaks, locks, goroutines } = report;
  const said: string[] = [];
  if (report.form === 'race report')
    return [`A data race: ${plural(goroutines, 'access')}.`.replace('accesss', 'accesses')];
  if (report.shown === 0 && report.filters.length > 0) said.push('No goroutine fits the filters. Of all of them:');
  if (stuck.length === 0) {
    said.push(
      report.isCounted
        ? 'A counted profile has no waiting times and no arguments: what hangs cannot be told. Take the dump with ?debug=2.'
        : 'Nothing hangs.',
    );
  } else {
    const longest = report.stuckGoroutines.reduce((most, row) => Math.max(most, row.waitMinutes), 0);
    said.push(
      `${plural(stuck.length, 'goroutine')} of ${goroutines} hang${stuck.length === 1 ? 's' : ''}${longest > 0 ? `, the longest for ${minutes(longest)}` : ''}.`,
    );
  }
  if (cycles.length > 0) said.push(`${plural(cycles.length, 'deadlock')}: goroutines wait for each other's locks.`);
  const [root] = roots;
  if (root !== undefined && root.waiting > 1)
    said.push(`${root.waiting} goroutines finally wait for goroutine ${root.goroutine}: ${standingWords(root)}.`);
  const hanging = new Set(stuck);
  const young = locks.filter(
    ({ isYoung, kind, waiters }) =>
      isYoung && kind !== 'cond' && kind !== 'waitgroup' && !waiters.some((id) => hanging.has(id)),
  );
  if (young.length > 0)
    said.push(
      `${plural(young.length, 'lock')} waited for since less than a minute: contended perhaps, which a second dump would show.`,
    );
  const leaked = leaks.reduce((sum, leak) => sum + leak.goroutines.length, 0);
  if (leaked > 0) said.push(`${plural(leaked, 'goroutine')} ${leaked === 1 ? 'looks' : 'look'} leaked.`);
  return said;
}

/** Where no holder is seen, and what would show more. */
export const NO_HOLDER =
  'no stack in this dump shows who holds it: the holder may have returned without Unlock, or its arguments cannot be read';
export const MORE_EVIDENCE =
  'What would show more: a SIGQUIT dump has more addresses, -source_path reads where locks are held, a second dump tells waiting from hanging.';
