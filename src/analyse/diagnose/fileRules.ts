// Open files: what is opened and never closed.

import { count, ratio, said } from '../../model/finding.js';
import { rule } from '../rule.js';
import type { Facts } from './facts.js';

export const openFilesGrowth = rule<Facts>()({
  name: 'files-growth',
  looksAt:
    'the process, twice, some seconds apart (process.json of tspprof collect on the same machine), and its goroutines',
  says: '{growth} more files are open than some seconds before: {before}, then {after}',
  limits: { growth: count(20), share: ratio(0.02), goroutines: ratio(0.5) },
  why: 'at least {growth} and {share} more; connections come with goroutines, so that where {goroutines} as many goroutines came as well it is load, and a note (own thresholds)',
  means:
    'Files, sockets or pipes are opened and not closed: look for Open, Dial and http.Get without a Close on every way out, and for defer in a loop.',
  next: ['tspprof stacks {dumpBefore} {dump}'],
  *find({ openFiles, dump }, limits) {
    if (openFiles === undefined) return;
    const { before, after } = openFiles;
    const growth = after - before;
    if (growth < limits.growth || growth < before * limits.share) return;
    const goroutines = dump?.before === undefined ? undefined : dump.goroutines - dump.before;
    const isLoad = goroutines === undefined || goroutines >= growth * limits.goroutines;
    yield {
      severity: isLoad ? 'note' : 'warning',
      weight: growth,
      values: { growth: count(growth), before: count(before), after: count(after) },
      evidence:
        goroutines === undefined
          ? []
          : [
              said('{now} goroutines now, {earlier} then', {
                ...{ now: count(dump?.goroutines ?? 0), earlier: count(dump?.before ?? 0) },
              }),
            ],
    };
  },
});
