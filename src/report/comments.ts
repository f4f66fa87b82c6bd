// comments: what the program that made the profile had to say.

import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import { type Options, type Query, shortened } from '../query/options.js';
import { view } from '../query/view.js';

export interface CommentsReport {
  readonly kind: 'comments';
  readonly query: Query;
  readonly rows: readonly string[];
  readonly notices: readonly string[];
}

export function commentsReport(profile: Profile<StackStore>, options: Options): CommentsReport {
  const { notices } = view(profile, options);
  return { kind: 'comments', query: shortened(options), rows: profile.comments, notices };
}
