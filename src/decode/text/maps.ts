// The memory map behind the records, as /proc/PID/maps or shorter:
//
//   MAPPED_LIBRARIES:
//   00400000-00fcb000 r-xp 00000000 fd:01 1234  /srv/app
//   0x7f1852fcf000-0x7f1852fd1000 /lib/libc.so (@1000) abc123
//   build=/srv/app                                                      later $build is /srv/app
//
// Only what can be executed is kept, and a line that is none of it is passed over, as in pprof.
// Source of the grammar: pprof legacy_profile.go.

import type { Mapping } from '../../model/profile.js';
import type { LineCursor } from './cursor.js';

const SENTINELS = ['--- Memory map: ---', 'MAPPED_LIBRARIES:'];
/** Addresses have 16 digits at most, so that no pattern looks at a digit often. */
const RANGE = '^ ?(?:0x)?([0-9a-f]{1,16})(?: - | -|- |[ -]|)(?:0x)?([0-9a-f]{1,16})(?![0-9a-f]):?';
const PERMISSIONS = '(?: ([-rwxp]+))?';
const PROC = new RegExp(`${RANGE}${PERMISSIONS}(?: ([0-9a-f]+))? [0-9a-f]+:[0-9a-f]+ [0-9]+(?: (\\S+))?`, 'i');
const BRIEF = new RegExp(`${RANGE}${PERMISSIONS}(?: (\\S+))?(?: \\(@([0-9a-f]+)\\))?(?: ([0-9a-f]+))?`, 'i');
const LOGGED = /^[^[\]]+:[0-9]+\]\s/;
/** Of values that stand in each other a line could be made to have gigabytes. */
const MOST_VARIABLES = 64;
const LONGEST = 4096;

export function isMapSentinel(line: string): boolean {
  return SENTINELS.some((sentinel) => line.includes(sentinel));
}

/** Passes over what comes before the memory map, and reads it to the end. isAt: the line that it is at may be the sentinel. */
export function readMaps(lines: LineCursor, isAt: boolean): Mapping[] {
  let isFound = isAt && isMapSentinel(lines.content);
  while (!isFound && lines.next()) {
    const first = lines.text[lines.from];
    // M or -: no other line needs to be looked at.
    if (first === 77 || first === 45) isFound = isMapSentinel(lines.content);
  }
  const mappings: Mapping[] = [];
  const variables = new Map<string, string>();
  while (isFound && lines.next()) {
    const line = replaced(lines.content.replace(LOGGED, ''), variables);
    const mapping = readMapping(line.replace(/\s+/g, ' '));
    if (typeof mapping === 'object') mappings.push(mapping);
    else if (mapping === 'other') {
      const at = line.indexOf('=');
      if (at > 0 && variables.size < MOST_VARIABLES)
        variables.set(`$${line.slice(0, at).trim()}`, line.slice(at + 1).trim());
    }
  }
  return mappings;
}

function replaced(line: string, variables: ReadonlyMap<string, string>): string {
  let result = line;
  if (line.includes('$'))
    for (const [name, value] of variables) result = result.replaceAll(name, () => value).slice(0, LONGEST);
  return result;
}

function readMapping(line: string): Mapping | 'no code' | 'other' {
  const proc = PROC.exec(line);
  const brief = proc === null ? BRIEF.exec(line) : null;
  if (proc === null && brief === null) return 'other';
  const [, start, limit, permissions = ''] = proc ?? brief ?? [];
  if (permissions !== '' && !permissions.includes('x')) return 'no code';
  const [file = '', offset = '0', buildId = ''] =
    proc !== null ? [proc[5], proc[4]] : [brief?.[4], brief?.[5], brief?.[6]];
  if (/[0-9a-f]{17}/i.test(offset)) return 'other';
  return {
    ...{ id: 0n, start: BigInt(`0x${start}`), limit: BigInt(`0x${limit}`), offset: BigInt(`0x${offset}`) },
    ...{ file, buildId, hasFunctions: false, hasFilenames: false, hasLineNumbers: false, hasInlineFrames: false },
  };
}
