// Memory statistics of a live program: /debug/vars, or else what has the same numbers, once or twice; then what those do not say.

import { ITEMS, METRICS } from './collect/items.js';
import type { DecodedVars } from './decode/vars/vars.js';
import { ProfileError } from './errors.js';
import { fetchLive } from './live.js';
import { SAME_CLOCK } from './model/manifest.js';
import { describeProcess, isLocal } from './source/localProcess.js';
import { nameOf, parseTarget, type Target } from './source/target.js';
import { readVarsBytes } from './vars.js';
import { add, type Found, type OpenVarsOptions, readNamed } from './varsSources.js';

/** In their order, where the address names no path. */
const PATHS: readonly string[] = ['/debug/vars', '/debug/pprof/heap?debug=1', ...METRICS];

/** Throws ProfileError as fetchLive() does, and not-vars. */
export async function openLiveVars(source: string | URL, options: OpenVarsOptions, found: Found): Promise<void> {
  const target = parseTarget(String(source));
  const isServer = /^(|.*\/pprof\/?)$/.test(target.path);
  // What stands before /debug/pprof.
  const prefix = isServer ? target.path.replace(/\/debug\/pprof\/?$/, '') : '';
  const take = newTaker(target, options);
  const paths = isServer ? PATHS.map((path) => prefix + path) : [target.path + target.search];
  const { first, path } = await firstOf(paths, take, found);
  add(found, first);
  const { seconds = 0 } = options;
  if (seconds > 0) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    add(found, await take(path));
  }
  if (!isServer) return;
  if (!METRICS.some((one) => prefix + one === path)) await addMetrics(prefix, take, found);
  if (target.socketPath === undefined && isLocal(target.host)) add(found, readVarsBytes(describeProcess(target.port)));
  nameMore(target, prefix, found);
}

type Take = (path: string, isTold?: boolean) => Promise<DecodedVars>;

/** With the time of the answer, by the program's clock. */
function newTaker(target: Target, options: OpenVarsOptions): Take {
  const { authorization = target.authorization, tls } = options;
  const client = { authorization, tls: { ...tls, insecure: tls?.insecure === true || target.insecure } };
  let offset = 0;
  return async (path, isTold = true) => {
    let date: string | undefined;
    const onFetch: OpenVarsOptions['onFetch'] = (event) => {
      if (event.kind === 'end') date = event.date;
      if (isTold) options.onFetch?.(event);
    };
    const address = addressOf(target, path);
    const bytes = await fetchLive(address, 'vars', { ...options, ...client, seconds: 0, onFetch });
    const now = Date.now() / 1000;
    const ahead = (date === undefined ? Number.NaN : Date.parse(date) / 1000) - now;
    if (Math.abs(ahead) >= SAME_CLOCK) offset = ahead;
    return readNamed(bytes, nameOf(target, path), options, now + offset);
  };
}

/** nameOf() hides values of secret parameters. */
const addressOf = (target: Target, path: string) =>
  `${nameOf(target, '')}${target.socketPath === undefined ? '' : ':'}${path}`;

async function firstOf(
  paths: readonly string[],
  take: Take,
  found: Found,
): Promise<{ first: DecodedVars; path: string }> {
  let error: ProfileError | undefined;
  for (const path of paths) {
    try {
      const first = await take(path);
      if (error !== undefined) found.notices.push(`${paths[0]}: ${error.fact}; this is ${path}`);
      return { first, path };
    } catch (caught) {
      // A server without it, or with a page for every path; who is not there at all is not asked again.
      if (!(caught instanceof ProfileError) || !/^(bad-answer|not-vars|empty)$/.test(caught.code)) throw caught;
      error ??= caught;
    }
  }
  throw error ?? new Error('no path');
}

/** For what /debug/vars does not say; a server without is as good. */
async function addMetrics(prefix: string, take: Take, found: Found): Promise<void> {
  for (const path of METRICS) {
    try {
      return add(found, await take(prefix + path, false));
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
    }
  }
}

/** For the commands of findings. */
function nameMore(target: Target, prefix: string, found: Found): void {
  const at = (path: string) => addressOf(target, `${prefix}/debug/pprof/${path}`);
  found.arguments.address ??= nameOf(target, prefix === '' ? '' : `${prefix}/debug/pprof/`);
  found.arguments.dump ??= at('goroutine?debug=2');
  for (const { name, listed } of ITEMS)
    if (/^(heap|allocs|goroutines-pprof)$/.test(name))
      found.arguments[name.replace('-pprof', '')] ??= at(listed ?? name);
  found.arguments.recent_allocs ??= at('allocs?seconds=10');
  found.arguments.heap_gc ??= at('heap?gc=1');
}
