// Collecting from a live program: the public function, from options to a run.

import { bundleOf } from '../bundle/bundle.js';
import { badOption } from '../errors.js';
import type { ItemStatus, Manifest } from '../model/manifest.js';
import { isFree, newFile } from '../source/disk.js';
import { inflater } from '../source/folder.js';
import { type ClientOptions, newClient } from '../source/http.js';
import { describeProcess, executableOf, isLocal } from '../source/localProcess.js';
import { nameOf, type Target } from '../source/target.js';
import { findTarget } from '../source/targets.js';
import { VERSION } from '../version.js';
import { earlierRun } from './earlier.js';
import type { CollectEvent } from './events.js';
import { ITEMS } from './items.js';
import type { Redactor } from './record.js';
import { collectInto } from './run.js';

export interface CollectOptions extends ClientOptions {
  /** `localhost:5001`, a URL, `unix:/path.sock`, a multiaddr, `$IPFS_PATH`; unless given the kubo node of this user, or localhost:5001. */
  readonly target?: string;
  /** The file to write; `tspprof-HOST-PORT-TIME.zip` in the working folder unless given. */
  readonly output?: string;
  /** Of the CPU profile, 30 unless given; 0 leaves it out. */
  readonly seconds?: number;
  /** Of an execution trace; none unless given. */
  readonly traceSeconds?: number;
  /** The program itself: from kubo, or from the disk of this machine. */
  readonly binary?: boolean;
  /** Names of COLLECT_ITEMS: only these, or without these. */
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** kubo only: see COLLECT_ITEMS; 0 leaves the rate of the process alone. Set for the run, put back after it. */
  readonly mutexFraction?: number;
  /** In nanoseconds. */
  readonly blockRate?: number;
  /** Seconds for an answer that takes none of its own; 30 unless given. */
  readonly timeout?: number;
  /** Bytes of one answer at which to stop; 1 GiB unless given. */
  readonly maxBytes?: number;
  /** Runs a GC before the heap profile. */
  readonly gc?: boolean;
  /** What each member becomes before it is written; unless given, it is redacted by the rules that are on by default. */
  readonly redact?: Redactor | false;
  readonly onEvent?: (event: CollectEvent) => void;
  /** A bundle of an earlier run (also one that was cut off, NAME.partial): what it has is taken over, the rest collected. */
  readonly resume?: string;
  /** Ends it early: what is there is written. */
  readonly signal?: AbortSignal;
}

export interface Collected {
  readonly path: string;
  readonly manifest: Manifest;
  /** Whether everything that this program has is there. */
  readonly isComplete: boolean;
}

/** See node.ts. */
export async function collect(options: CollectOptions = {}): Promise<Collected> {
  const {
    seconds = 30,
    traceSeconds = 0,
    timeout = 30,
    maxBytes = 2 ** 30,
    only = [],
    skip = [],
    onEvent,
    signal,
  } = options;
  const { mutexFraction, blockRate } = options;
  const redact = options.redact === false ? undefined : options.redact;
  for (const [name, value] of Object.entries({ seconds, traceSeconds, timeout, mutexFraction, blockRate }))
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      throw badOption(`invalid ${name}: ${String(value)}`, 'give a number, 0 or more');
  if (timeout === 0 || !(maxBytes > 0)) throw badOption('timeout and maxBytes are above 0', 'leave them out');
  if (!Number.isInteger(seconds)) throw badOption(`invalid seconds: ${seconds}`, 'Go takes whole seconds');
  for (const name of [...only, ...skip])
    if (!ITEMS.some((row) => row.name === name) && !name.startsWith('custom-'))
      throw badOption(`there is no item ${name}`, `the items are ${ITEMS.map((row) => row.name).join(', ')}`);
  const earlier = options.resume === undefined ? undefined : await earlierRun(options.resume);
  const hasSecrets =
    options.authorization !== undefined ||
    Object.keys(options.headers ?? {}).length > 0 ||
    options.tls?.key !== undefined;
  if (options.target === undefined && earlier?.target !== undefined && hasSecrets)
    throw badOption(
      `${options.resume} is of ${earlier.target}: no secret is sent to an address that only a file names`,
      'name the address yourself',
    );
  const target = findTarget(options.target ?? earlier?.target);
  if (target.search !== '')
    throw badOption('an address to collect from has no query', 'secrets are given with -auth or -header');
  if (earlier?.target !== undefined && earlier.target !== nameOf(target))
    throw badOption(
      `${options.resume} is of ${earlier.target}, not of ${nameOf(target)}`,
      'name the same program, or none',
    );
  const path = options.output ?? defaultName(target, new Date());
  const client = newClient(target, options);
  const here = target.socketPath === undefined && isLocal(target.host);
  const disk = newFile(path);
  const manifest = await collectInto(
    disk,
    client,
    {
      ...{ seconds, traceSeconds, binary: options.binary ?? false, only, skip, rates: { mutexFraction, blockRate } },
      ...{
        timeoutMs: timeout * 1000,
        maxBytes,
        gc: options.gc ?? false,
        redact,
        earlier,
        tool: `tspprof ${VERSION}`,
      },
    },
    {
      process: async (port) => (here ? describeProcess(port) : undefined),
      binary: (port) => (here ? executableOf(port) : undefined),
      unpackBinary: (zip) =>
        bundleOf(zip, inflater)
          .members.find(({ kind }) => kind === 'binary')
          ?.chunks(),
    },
    onEvent,
    signal,
  );
  const isComplete =
    manifest.items.every(({ status }) => FINE.has(status)) && manifest.rates.every(({ after }) => after !== undefined);
  return { path: disk.path, manifest, isComplete };
}

const FINE: ReadonlySet<ItemStatus> = new Set(['ok', 'unsupported']);

/** tspprof-localhost-5001-20261127-160203.zip, in UTC, or with a number when there is such a file. */
function defaultName(target: Target, now: Date): string {
  const place = (target.socketPath ?? nameOf(target, '')).replace(/^\w+:\/\//, '').replace(/^.*\//, '');
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const name = `tspprof-${place.replace(/[^\w.]+/g, '-')}-${time}`;
  for (let i = 1; ; i++) {
    const path = `${name}${i === 1 ? '' : `-${i}`}.zip`;
    if (isFree(path)) return path;
  }
}
