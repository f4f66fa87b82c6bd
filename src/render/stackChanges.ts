// What changed between dumps, as text.

import type { Changes } from '../analyse/changes.js';
import { ids, plural } from './stackWords.js';
import { visible } from './visible.js';

const MOST = 10;

export function* renderChanges(changes: Changes): Generator<string> {
  const { isSameProcess, why, appeared, gone, unmoved, moved, groups, hungLocks } = changes;
  yield '\nSince the first dump\n';
  if (!isSameProcess) yield `  not compared by goroutine: ${visible(why)}\n`;
  else {
    yield `  ${appeared.length} new, ${gone.length} gone, ${moved} moved, ${unmoved.length} where they were\n`;
    const grown = unmoved.filter(({ from, to }) => to > from).sort((a, b) => b.to - a.to);
    if (grown.length > 0)
      yield `  waited on: ${grown
        .slice(0, MOST)
        .map(({ id, from, to }) => `${id} (${from} → ${to} min)`)
        .join(', ')}${grown.length > MOST ? ` and ${grown.length - MOST} more` : ''}\n`;
    for (const { waiters } of hungLocks.slice(0, MOST))
      yield `  hangs for sure: the lock of ${plural(waiters.length, 'waiter')} (${ids(waiters)}) did not move\n`;
  }
  const growing = groups.filter(({ growth }) => growth > 0);
  for (const group of growing.slice(0, MOST))
    yield `  ${group.counts.join(' → ')}${group.isSteady ? ', growing each time: a leak sign' : ''}: [${visible(group.state)}] in ${visible(group.hangsIn)}\n`;
}
