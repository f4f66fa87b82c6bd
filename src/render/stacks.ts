// The stacks report as text, for whoever reads it at three in the morning: what hangs first, all goroutines last.

import { LONG_WAIT, SHORT_WAIT } from '../analyse/meanings.js';
import type { LockRow, StuckRow } from '../model/blocked.js';
import type { StackGroup } from '../report/stackGroups.js';
import type { StacksReport } from '../report/stacks.js';
import { renderPlainJson } from './json.js';
import { renderChanges } from './stackChanges.js';
import { renderStacksMarkdown } from './stacksMarkdown.js';
import {
  ids,
  MORE_EVIDENCE,
  minutes,
  NO_HOLDER,
  place,
  plural,
  standingWords,
  verdict,
  waitRange,
} from './stackWords.js';
import { visible } from './visible.js';

export type StacksFormat = 'text' | 'json' | 'markdown';

/** Locks told, at most, unless only they were asked for. */
const MOST_LOCKS = 10;
const MOST_HOLDERS = 3;
const MOST_STUCK = 12;

/** Renders a stacks report, piece by piece. */
export function renderStacks(report: StacksReport, format: StacksFormat = 'text'): Iterable<string> {
  if (format === 'json') return renderPlainJson(report);
  return format === 'markdown' ? renderStacksMarkdown(report) : renderText(report);
}

function* renderText(report: StacksReport): Generator<string> {
  yield* head(report);
  yield* stuck(report);
  yield* locks(report);
  yield* leaks(report);
  if (report.changes !== null) yield* renderChanges(report.changes);
  if (report.isBlockedOnly) return;
  yield* states(report);
  for (const group of report.groups) yield* groupText(group);
  if (report.more.groups > 0)
    yield `\n${plural(report.more.groups, 'more group')} with ${plural(report.more.goroutines, 'goroutine')}: -groups=0 or -all shows them\n`;
  if (report.idle.length > 0 && !report.showsIdle) yield* idle(report);
}

function* head(report: StacksReport): Generator<string> {
  const { goroutines, shown: kept, form, filters, undone, reasons, issues } = report;
  yield `${plural(goroutines, form === 'race report' ? 'stack' : 'goroutine')} (${form})`;
  if (filters.length > 0) yield `, ${kept} kept by ${visible(filters.join(' '))}`;
  yield '\n';
  if (undone.length > 0) yield `Read through: ${undone.join(', ')}\n`;
  for (const { kind, message } of reasons.slice(0, 5)) {
    const [first, ...more] = message.split('\n');
    yield `${kind}: ${visible(first)}${more.length > 0 ? ` … (${plural(more.length, 'more line')})` : ''}\n`;
  }
  for (const { fact, line, times } of issues)
    yield `${line > 0 ? `line ${line}: ` : ''}${fact}${times > 1 ? ` (${times} times)` : ''}\n`;
  yield '\n';
  for (const sentence of verdict(report)) yield `${sentence}\n`;
}

function* stuck({ stuckGoroutines, roots, cycles }: StacksReport): Generator<string> {
  for (const cycle of cycles.slice(0, MOST_LOCKS)) {
    const few = cycle.slice(0, 12);
    yield `\nDeadlock: goroutine ${few.join(' → ')}${cycle.length > 12 ? ` → … (${cycle.length})` : ` → ${cycle[0]}`}\n`;
  }
  const byWhy = new Map<string, StuckRow[]>();
  for (const row of stuckGoroutines) {
    const known = byWhy.get(`${row.why} ${place(row)}`);
    if (known === undefined) byWhy.set(`${row.why} ${place(row)}`, [row]);
    else known.push(row);
  }
  if (byWhy.size > 0) yield '\nWhat hangs\n';
  const lists = [...byWhy.values()].sort((a, b) => b.length - a.length);
  for (const rows of lists.slice(0, MOST_STUCK)) {
    const [first] = rows;
    yield `  ${rows.length === 1 ? `goroutine ${first.goroutine}` : `${rows.length} goroutines (${ids(rows.map((r) => r.goroutine))})`}: ${standingWords(first)}\n`;
    yield `      ${first.says}\n`;
  }
  if (lists.length > MOST_STUCK) yield `  … and ${plural(lists.length - MOST_STUCK, 'more place')}; --json has all\n`;
  if (roots.length > 0) yield '\nWhere it begins\n';
  for (const root of roots.slice(0, 5))
    yield `  ${plural(root.waiting, 'goroutine')} finally wait${root.waiting === 1 ? 's' : ''} for goroutine ${root.goroutine}: ${standingWords(root)}\n`;
}

function* locks(report: StacksReport): Generator<string> {
  // A WaitGroup or Cond is waited for as long as the work takes: told where it hangs.
  const stuckIds = new Set(report.stuck);
  const list = report.locks.filter(
    ({ kind, waiters }) =>
      report.isBlockedOnly || !(kind === 'cond' || kind === 'waitgroup') || waiters.some((id) => stuckIds.has(id)),
  );
  if (list.length > 0) yield '\nLocks\n';
  const most = report.isBlockedOnly ? list.length : MOST_LOCKS;
  const told = list.slice(0, most);
  for (const lock of told) yield* lockText(lock);
  const isUnseen = ({ holders, isYoung, kind }: LockRow) =>
    holders.length === 0 && !isYoung && kind !== 'cond' && kind !== 'waitgroup';
  if (told.some(isUnseen)) yield `  ${MORE_EVIDENCE}\n`;
  if (list.length > most) yield `  … and ${plural(list.length - most, 'more lock')}: -blocked shows them\n`;
}

function* lockText({
  name,
  kind,
  waiters,
  longestMinutes,
  waitsAt,
  holders,
  moreHolders,
  isYoung,
}: LockRow): Generator<string> {
  yield `  ${visible(name)}: ${waiters.length === 1 ? `goroutine ${waiters[0]} waits` : `${waiters.length} goroutines wait (${ids(waiters)})`}, ${isYoung ? 'less than a minute' : `up to ${minutes(longestMinutes)}`}\n`;
  if (waitsAt.length > 0)
    yield `      at ${waitsAt.slice(0, 3).map(place).join(', ')}${waitsAt.length > 3 ? ', …' : ''}\n`;
  if (kind === 'cond') return;
  if (holders.length === 0) {
    if (!isYoung) yield kind === 'waitgroup' ? '      nobody is left who could call Done\n' : `      ${NO_HOLDER}\n`;
    return;
  }
  const verb = kind === 'waitgroup' ? 'has to end' : kind === 'channel' ? 'is past it' : 'holds it';
  for (const holder of holders.slice(0, MOST_HOLDERS)) {
    const sure =
      holder.certainty === 'certain' ? verb : holder.certainty === 'likely' ? `likely ${verb}` : `possibly ${verb}`;
    yield `    goroutine ${holder.goroutine} ${sure}: ${standingWords(holder)}\n`;
    for (const reason of holder.reasons) yield `        ${visible(reason)}\n`;
  }
  const more = holders.length - MOST_HOLDERS + moreHolders;
  if (more > 0) yield `    and ${plural(more, 'more candidate')}, not better\n`;
}

function* leaks({ leaks: list }: StacksReport): Generator<string> {
  if (list.length > 0) yield '\nLeaks\n';
  for (const leak of list.slice(0, MOST_LOCKS)) {
    const says =
      leak.kind === 'proved'
        ? 'nothing can wake them: the garbage collector has proved it'
        : leak.kind === 'sender'
          ? 'send to a channel, and whoever started them is gone'
          : 'receive from a channel, and whoever started them is gone';
    yield `  ${plural(leak.goroutines.length, 'goroutine')} (${ids(leak.goroutines)}) in ${place(leak)}\n      ${says}${leak.createdBy === '' ? '' : `; started by ${visible(leak.createdBy)}`}\n`;
  }
}

function* states({ states: list, waits, shown: total, form }: StacksReport): Generator<string> {
  if (list.length === 0) return;
  yield `\nStates\n`;
  const width = String(total).length;
  for (const { state, count, longestMinutes, says } of list) {
    const longest = longestMinutes > 0 ? `, up to ${minutes(longestMinutes)}` : '';
    yield `  ${String(count).padStart(width)} ${visible(state === '' ? 'unknown' : state)}${longest}${says === '' ? '' : `: ${says}`}\n`;
  }
  if (form !== 'debug=2') return;
  yield `Waits: ${waits
    .filter(({ count }) => count > 0)
    .map(({ range, count }) => `${count} ${range}`)
    .join(', ')}\n`;
  yield `  below a minute ${SHORT_WAIT}; above, ${LONG_WAIT}\n`;
}

function* groupText(group: StackGroup): Generator<string> {
  const { count, state, ids: list, frames, createdBy, createdAt, creators, marks, labels } = group;
  const wait = waitRange(group);
  const notes = [...marks, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)];
  const who =
    list.length === 0
      ? plural(count, 'goroutine')
      : list.length === 1 && count === 1
        ? `goroutine ${list[0]}`
        : `${plural(count, 'goroutine')} (${ids(list, 6, count)})`;
  yield `\n${who} [${visible(state === '' ? 'unknown' : state)}${wait === '' ? '' : `, ${wait}`}]${notes.length > 0 ? ` ${visible(notes.join(', '))}` : ''}${group.stuck > 0 ? '  ← hangs' : ''}\n`;
  for (const frame of frames) {
    const args = frame.isLost ? '  (this line is missing in the dump)' : `(${frame.arguments})`;
    yield `${frame.hangsHere ? ' →' : '  '} ${visible(frame.function)}${visible(args)}\n       ${visible(frame.file)}${frame.line > 0 ? `:${frame.line}` : ''}\n`;
  }
  if (createdBy === '') return;
  const by = creators.length === 0 ? '' : ` in goroutine ${ids(creators, 4)}`;
  yield `   created by ${visible(createdBy)}${by}\n       ${visible(createdAt)}\n`;
}

function* idle({ idle: list }: StacksReport): Generator<string> {
  const total = list.reduce((sum, { count }) => sum + count, 0);
  yield `\n${plural(total, 'idle goroutine')}, folded (-all shows them)\n`;
  const width = String(total).length;
  for (const { rule, says, count } of list) yield `  ${String(count).padStart(width)} ${rule}: ${says}\n`;
}
