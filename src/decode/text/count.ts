// Profiles that count stacks, other than those of goroutines: threadcreate, and what a program names itself.
//
//   example.com/app.handles profile: total 3
//   3 @ 0x675310 0x698258
//
// Source of the rules: pprof legacy_profile.go parseGoCount, which refuses records without an address; Go wrote them.

import type { TextProfile } from '../../model/textProfile.js';
import { isBlank } from '../dump/lines.js';
import type { LineCursor } from './cursor.js';
import { isMapSentinel, readMaps } from './maps.js';
import { digitsEnd, integer, integerOf } from './numbers.js';
import { Records } from './records.js';

const HEAD = /^(\S(?:.{0,198}\S)?) profile: total (\d+)$/;
/** What a log writes before it is none of the name. */
const GOROUTINES = /(?:^|[\s:])goroutine(?:leak)?$/;

/** Whether it is the head of a profile that counts something else than goroutines. */
export function isCountHead(line: string): boolean {
  const name = HEAD.exec(line)?.[1];
  return name !== undefined && !GOROUTINES.test(name);
}

/** Throws ProfileError 'malformed'. The cursor is at the head. */
export function readCount(lines: LineCursor): TextProfile {
  const [, name, stated] = HEAD.exec(lines.content) ?? [];
  if (name === undefined) throw lines.broken('head of a profile');
  const type = { type: name, unit: 'count' };
  const records = new Records(lines, { sampleTypes: [type], periodType: type, isPadded: true });
  const headLine = lines.line;
  const total = integerOf(stated);
  let sum = 0n;
  let isMore = false;
  while (!isMore && lines.next()) {
    if (lines.isEmpty) continue;
    if (lines.isComment) {
      records.comment();
      continue;
    }
    const { text, from, to } = lines;
    const end = digitsEnd(text, from);
    let p = end;
    while (p < to && isBlank(text[p])) p++;
    const count = end === from ? undefined : integer(text, from, end);
    if (count === undefined || text[p] !== 64 || p >= to) {
      isMore = lines.content.startsWith('---') || isMapSentinel(lines.content);
      if (isMore) continue;
      if (!lines.isOpen) throw lines.broken(`record of a profile of ${name}`);
      records.leaveOut();
      continue;
    }
    records.begin([count]);
    sum += count;
    if (!records.addresses(p + 1, to)) throw lines.broken('record of a profile: an address is too long');
  }
  if (!isMore) records.end();
  if (total !== undefined && total !== sum)
    records.issue(
      `the head says a total of ${total}, the records have ${sum}${total > sum ? ': some are missing' : ''}`,
      headLine,
    );
  return records.finish(1n, 0n, isMore ? readMaps(lines, true) : []);
}
