// The threads of a C++ program, threadz:
//
//   --- threadz 1 ---
//   --- Thread 7f794ab90940 (name: main/14748) stack: ---
//     PC: 0x7f794a32cf1d 0x7f794a32c9fd
//   --- Thread 7f794a7cf940 (name: worker/14750) stack: ---
//     [same as previous thread]
//
// Source of the rules: pprof legacy_profile.go parseThread.

import type { TextProfile } from '../../model/textProfile.js';
import type { LineCursor } from './cursor.js';
import { isMapSentinel, readMaps } from './maps.js';
import { Records } from './records.js';

const START = /^--- threadz \d+ ---/;
const THREAD = /^--- Thread ([0-9a-f]+) \(name: (.*)\/(\d+)\) stack: ---/i;

export const isThreadsHead = (line: string) => START.test(line) || THREAD.test(line);

/** Throws ProfileError 'malformed'. The cursor is at the head. */
export function readThreads(lines: LineCursor): TextProfile {
  const type = { type: 'thread', unit: 'count' };
  const records = new Records(lines, { sampleTypes: [type], periodType: type, isLeafExact: true });
  let isMore = true;
  if (START.test(lines.content)) {
    isMore = false;
    while (!isMore && lines.next()) isMore = lines.text[lines.from] === 45 || isMapSentinel(lines.content);
  }
  let thread: { hasAddresses: boolean; isSame: boolean } | undefined;
  const close = () => {
    if (thread !== undefined && (thread.isSame || !thread.hasAddresses)) records.add(1n);
    thread = undefined;
  };
  while (isMore) {
    const { content } = lines;
    if (isMapSentinel(content) || content.startsWith('---- no stack trace for')) break;
    if (content.startsWith('---')) {
      close();
      if (!THREAD.test(content)) {
        if (!lines.isOpen) throw lines.broken('line of a thread');
        records.leaveOut();
      }
      thread = { hasAddresses: false, isSame: false };
    } else if (thread !== undefined && content.includes('same as previous thread')) thread.isSame = true;
    else if (thread !== undefined && !thread.isSame && content.includes('0x')) {
      if (!thread.hasAddresses) records.begin([1n]);
      thread.hasAddresses = true;
      if (!records.addresses(lines.from, lines.to, true))
        throw lines.broken('line of a thread: an address is too long');
    }
    isMore = lines.next();
  }
  close();
  if (!isMore) records.end();
  return records.finish(1n, 0n, isMore ? readMaps(lines, true) : []);
}
