// Reports by name. A Report is plain data: a union with `kind`; `rows` of long ones are read as they are asked for.

import type { StackStore } from '../core/store.js';
import { badOption } from '../errors.js';
import type { Profile } from '../model/profile.js';
import type { SourceReader } from '../model/source.js';
import { type Options, type Query, resolve } from '../query/options.js';
import { type CallgrindReport, callgrindReport } from './callgrind.js';
import { type CommentsReport, commentsReport } from './comments.js';
import { type DotReport, dotReport } from './dot.js';
import { type FlameReport, flameReport } from './flame.js';
import { type ListReport, listReport, noSources } from './list.js';
import { type RawReport, rawReport } from './raw.js';
import { type TagsReport, tagsReport } from './tags.js';
import { type TopReport, topReport } from './top.js';
import { type TopProtoReport, topProtoReport } from './topproto.js';
import { type TracesReport, tracesReport } from './traces.js';
import { type TreeReport, treeReport } from './tree.js';

export interface Reports {
  top: TopReport;
  tree: TreeReport;
  peek: TreeReport;
  list: ListReport;
  traces: TracesReport;
  raw: RawReport;
  tags: TagsReport;
  comments: CommentsReport;
  dot: DotReport;
  callgrind: CallgrindReport;
  topproto: TopProtoReport;
  flame: FlameReport;
}

export type ReportName = keyof Reports;
export type Report = Reports[ReportName];

/** What a report needs besides profile and query. */
export interface ReportHost {
  /** Where list finds sources; nowhere unless given. */
  readonly sources?: SourceReader;
}

interface Maker<R> {
  /** What the report changes about the options. Source: pprof applyCommandOverrides. */
  readonly options: (query: Query) => Query;
  readonly make: (profile: Profile<StackStore>, options: Options, host: ReportHost) => R;
}

const same = (query: Query) => query;
/** Drawn and printed graphs show 80 nodes unless told otherwise. */
const fewNodes = (query: Query): Query => ((query.nodecount ?? -1) === -1 ? { ...query, nodecount: 80 } : query);
const whole = (query: Query): Query => ({ ...query, trim: false });
const wholeAddresses = (query: Query): Query => ({ ...query, trim: false, granularity: 'addresses' });

const makers: { readonly [K in ReportName]: Maker<Reports[K]> } = {
  top: { options: same, make: topReport },
  tree: { options: fewNodes, make: (profile, options) => treeReport(profile, { ...options, symbol: '' }) },
  peek: { options: whole, make: treeReport },
  list: {
    options: (query) => ({ ...query, trim: false, granularity: 'lines' }),
    make: (profile, options, { sources = noSources }) => listReport(profile, options, sources),
  },
  traces: { options: same, make: tracesReport },
  raw: { options: wholeAddresses, make: rawReport },
  tags: { options: same, make: tagsReport },
  comments: { options: same, make: commentsReport },
  dot: { options: fewNodes, make: dotReport },
  callgrind: { options: wholeAddresses, make: callgrindReport },
  topproto: { options: same, make: topProtoReport },
  flame: { options: same, make: flameReport },
};

/** The options of a report: the query's, with what the report changes about them. Throws ProfileError 'bad-option'. */
export function reportOptions(name: ReportName, query: Query): Options {
  if (!Object.hasOwn(makers, name))
    throw badOption(`there is no report ${name}`, `the reports are ${Object.keys(makers).join(', ')}`);
  return resolve(makers[name].options(query));
}

/**
 * Makes a report.
 *
 *   report(profile, 'top', { sort: 'cum', focus: 'json', nodecount: 10 })
 *   report(profile, 'peek', { symbol: 'json' })
 *
 * Throws ProfileError 'bad-option' for an option, regexp or sample type that does not exist, 'no-match' when peek or list
 * find no function. The first report of a profile of 1M samples takes 0.2 s, later ones of the same granularity less
 * than half.
 */
export function report<K extends ReportName>(
  profile: Profile<StackStore>,
  name: K,
  query: Query = {},
  host: ReportHost = {},
): Reports[K] {
  const options = reportOptions(name, query);
  return makers[name].make(profile, options, host);
}
