// What is said while a live program is asked: the URL as pprof says it, and a bar for what takes its seconds.

import type { FetchEvent } from '../../node.js';
import { type Progress, progressOf } from './progress.js';
import { say, standardError } from './say.js';

export interface Fetching {
  readonly event: (event: FetchEvent) => void;
  /** The answers, as they came. */
  readonly bytes: readonly Uint8Array[];
  readonly count: number;
  /** Runs something, and takes the bar away whatever happens. */
  around<T>(work: () => Promise<T>): Promise<T>;
}

/** what: of the answer, as pprof calls a profile. */
export function fetchProgress(what = 'profile'): Fetching {
  let shown: Progress | undefined;
  const progress = () => {
    shown ??= progressOf(standardError());
    return shown;
  };
  const bytes: Uint8Array[] = [];
  return {
    bytes,
    get count() {
      return bytes.length;
    },
    event: (event) => {
      const item = event.url.replace(/^\w+:\/\//, '');
      switch (event.kind) {
        case 'start':
          say(`Fetching ${what} over HTTP from ${event.url}`);
          if (event.seconds > 0 && !standardError().isTTY) say(`Please wait... (${event.seconds}s)`);
          progress().event({ kind: 'start', item, seconds: standardError().isTTY ? event.seconds : 0 });
          break;
        case 'bytes':
          progress().event({ ...event, item });
          break;
        case 'end':
          bytes.push(event.bytes);
          progress().done(item);
          break;
      }
    },
    around: async (work) => {
      try {
        return await work();
      } finally {
        shown?.end();
      }
    },
  };
}
