// Words that are addresses of a live program, not files, and the URL that is asked for. Rules: pprof's adjustURL (internal/driver/fetch.go)
// for URLs and host:port; sockets, multiaddrs and addresses without a path are more than it takes.
//
//   localhost:6060                          /debug/pprof/profile
//   localhost:6060/debug/pprof/heap         as it is
//   …?seconds=5, or the option seconds      waited for

import { parseTarget, type Target } from './target.js';

/** Whether a word that is no file is an address. */
export function isAddress(text: string): boolean {
  return (
    /^(https?(\+insecure)?:\/\/|(http\+)?unix:)/i.test(text) ||
    /^\/(ip4|ip6|dns|dns4|dns6|dnsaddr)\//.test(text) ||
    /^([\w.-]*|\[[0-9a-f:]+\]):\d{1,5}([/?].*)?$/i.test(text)
  );
}

/** What is asked for where the address names a server and no profile. */
export type Wanted = 'profile' | 'dump' | 'vars';

const DEFAULTS: Readonly<Record<Wanted, string>> = {
  profile: 'profile',
  dump: 'goroutine?debug=2',
  // Beside pprof.
  vars: '../vars',
};

export interface Place {
  readonly target: Target;
  /** From the root of the server, with its query. */
  readonly path: string;
  /** How long the server takes by itself; 0: not stated. */
  readonly seconds: number;
}

/** seconds: 0 leaves them to the address. Throws ProfileError 'bad-option'. */
export function placeOf(address: string, wanted: Wanted, seconds: number): Place {
  const target = parseTarget(address);
  const isIndex = /^(|.*\/pprof\/?)$/.test(target.path);
  const base = target.path === '' ? '/debug/pprof/' : `${target.path.replace(/\/$/, '')}/`;
  const url = new URL(`http://host${isIndex ? base + DEFAULTS[wanted] : target.path}`);
  for (const [name, value] of new URLSearchParams(target.search)) url.searchParams.set(name, value);
  const isTimed = /\/(profile|trace)$/.test(url.pathname);
  // A dump has no seconds: with them it would be a difference of two profiles.
  if (seconds > 0 && wanted === 'profile') url.searchParams.set('seconds', String(seconds));
  const stated = Number(url.searchParams.get('seconds') ?? Number.NaN);
  // As Go writes a query: in the order of the names.
  url.searchParams.sort();
  return {
    target,
    path: url.pathname + url.search,
    seconds: Number.isInteger(stated) && stated > 0 ? stated : isTimed ? UNSTATED : 0,
  };
}

/** What net/http/pprof takes for a CPU profile when nobody says. */
const UNSTATED = 30;
