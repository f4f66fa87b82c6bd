// What was waited for locks: Go's mutex?debug=1 and block?debug=1, and contentionz of C++.
//
//   --- mutex:
//   cycles/second=2596062218
//   sampling period=4
//   16824500566 847 @ 0x696367 0x696366      how long: how often @ stack
//
// Cycles become nanoseconds, and one in so many becomes all, though Go's mutex profiles say all already. Java's, which begin alike, are not read.
// Source of the rules: pprof legacy_profile.go parseContention.

import type { TextProfile } from '../../model/textProfile.js';
import { isBlank } from '../dump/lines.js';
import type { LineCursor } from './cursor.js';
import { isMapSentinel, readMaps } from './maps.js';
import { digitsEnd, integer, integerOf, truncated } from './numbers.js';
import { Records } from './records.js';

export const isContentionHead = (line: string) => /^--- (contentionz |mutex:|contention:)/.test(line);

/** Throws ProfileError 'malformed'. The cursor is at the head. */
export function readContention(lines: LineCursor): TextProfile {
  const periodType = { type: 'contentions', unit: 'count' };
  const records = new Records(lines, { sampleTypes: [periodType, { type: 'delay', unit: 'nanoseconds' }], periodType });
  const isGoMutex = lines.content.startsWith('--- mutex:');
  let period = 1n;
  let hertz = 0n;
  let durationNanos = 0n;
  let isHead = true;
  let isMore = false;
  while (!isMore && lines.next()) {
    if (lines.isEmpty) continue;
    if (lines.isComment) {
      records.comment();
      continue;
    }
    const { text, from } = lines;
    if (text[from] === 45 || text[from] === 77) {
      const { content } = lines;
      isMore = content.startsWith('---') || isMapSentinel(content);
      if (isMore) continue;
    }
    const equals = isHead ? text.subarray(from, lines.to).indexOf(61) : -1;
    if (equals < 0) {
      isHead = false;
      readRecord(lines, records, period, hertz);
      continue;
    }
    const { content } = lines;
    const name = content.slice(0, equals).trim();
    if (name === 'discarded samples') continue;
    const value = integerOf(content.slice(equals + 1).trim());
    if (!KNOWN.includes(name) || value === undefined) {
      if (lines.isOpen) records.issue('the text ends inside the head');
      else throw lines.broken('line of the head of a contention profile');
    } else if (name === 'cycles/second') hertz = value;
    else if (name === 'sampling period') period = value;
    else durationNanos = BigInt.asIntN(64, value * 1_000_000n);
  }
  if (!isMore) records.end();
  if (isGoMutex && period > 1n)
    records.issue(
      `values are multiplied by the sampling period ${period}, as pprof does; Go has done so before (seen in 1.22 to 1.27): without ?debug=1 they are a ${period}th`,
      0,
    );
  return records.finish(period, durationNanos, isMore ? readMaps(lines, true) : []);
}

const KNOWN = ['cycles/second', 'sampling period', 'ms since reset'];

/** `16824500566 847 @ 0x696367` */
function readRecord(lines: LineCursor, records: Records, period: bigint, hertz: bigint): void {
  const { text, from, to } = lines;
  const first = digitsEnd(text, from);
  let p = first;
  while (p < to && isBlank(text[p])) p++;
  const second = digitsEnd(text, p);
  let at = second;
  while (at < to && isBlank(text[at])) at++;
  const delay = first === from ? undefined : integer(text, from, first);
  const count = second === p ? undefined : integer(text, p, second);
  if (delay === undefined || count === undefined || text[at] !== 64 || at >= to) {
    if (lines.isOpen) records.leaveOut();
    else throw lines.broken('record of a contention profile');
    return;
  }
  records.begin([period > 0n ? count * period : count, scaled(delay, period, hertz)]);
  if (!records.addresses(at + 1, to)) throw lines.broken('record of a contention profile: an address is too long');
}

/** Cycles of one in `period` waits → nanoseconds of all. */
function scaled(delay: bigint, period: bigint, hertz: bigint): bigint {
  if (period <= 0n || hertz <= 0n) return delay;
  return truncated((Number(delay) * Number(period)) / (Number(hertz) / 1e9));
}
