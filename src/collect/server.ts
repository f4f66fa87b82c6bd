// The program as a run sees it: where its pprof is, which profiles it lists, whether it is kubo, whether it still answers.

import { ProfileError } from '../errors.js';
import type { Client } from '../source/http.js';
import { nameOf } from '../source/target.js';
import type { CollectEvent } from './events.js';
import { ITEMS, type ItemRow, readIndex, type Timing } from './items.js';
import { prefixesOf } from './prefixes.js';
import { textOf } from './rates.js';
import { DUMP_LIMIT, type Taken, take } from './take.js';

export interface ServerOptions {
  readonly timing: Timing;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly tell: (event: CollectEvent) => void;
  readonly note: (text: string) => void;
}

/** So many answers in a row that did not come are enough to ask whether there is anybody. */
const SILENT = 2;
const PROBE_MS = 5000;

export class Server {
  readonly client: Client;
  readonly versions: { version?: string; goVersion?: string } = {};
  /** Where pprof is; begins and ends with /. */
  prefix = '';
  /** Names of profiles with their counts; undefined: there is no index. */
  listed: ReadonlyMap<string, number> | undefined;
  isKubo = false;
  /** It answers no more. */
  isGone = false;
  /** Its clock minus ours, in seconds. */
  clockOffset: number | undefined;
  readonly #options: ServerOptions;
  /** Answers in a row that did not come. */
  #silent = 0;

  constructor(client: Client, options: ServerOptions) {
    this.client = client;
    this.#options = options;
  }

  get name(): string {
    return nameOf(this.client.target);
  }

  /** Nothing more is to be asked. */
  get isOver(): boolean {
    return this.isGone || this.#options.signal?.aborted === true;
  }

  /** One item, at its place or another path. */
  async take(row: ItemRow, path = (timing: Timing) => this.#place(row, timing)): Promise<Taken> {
    const { timing, timeoutMs, maxBytes, signal, tell } = this.#options;
    const taken = await take(this.client, row, path, timing, {
      ...{ timeoutMs, maxBytes, signal },
      sleep: (ms) => this.sleep(ms),
      onBytes: (bytes) => tell({ kind: 'bytes', item: row.name, bytes }),
      onRetry: (reason, waitMs) => tell({ kind: 'retry', item: row.name, reason, waitMs }),
    });
    this.clockOffset ??= taken.clockOffset;
    this.#silent = isSilence(taken) ? this.#silent + 1 : 0;
    return taken;
  }

  #place(row: ItemRow, timing: Timing): string {
    const path = row.path?.(timing) ?? '';
    return path.startsWith('/') ? path : this.prefix + path;
  }

  /**
   * Finds pprof by its first item, the dump, which is taken by that; isWanted: else by its page. Throws ProfileError when nobody can be
   * reached.
   */
  async locate(isWanted: boolean): Promise<Taken> {
    const [row] = ITEMS;
    const prefixes = prefixesOf(this.client.target);
    let first: Taken | undefined;
    for (const prefix of prefixes) {
      const probe: ItemRow = isWanted ? row : { ...row, kinds: ['html'], path: () => '' };
      const taken = await this.take(probe, (timing) => prefix + (probe.path?.(timing) ?? ''));
      first ??= taken;
      // Whoever is silent may answer the next one.
      if (taken.http === undefined && taken.status === 'failed' && taken.error?.code !== 'no-answer')
        throw taken.error ?? new Error('no answer');
      if (taken.http === 404 || taken.http === 405) continue;
      this.prefix = prefix;
      return taken.bytes?.length === DUMP_LIMIT ? this.#longDump(taken) : taken;
    }
    this.prefix = prefixes[0];
    this.#options.note(`no pprof at ${prefixes.map((prefix) => nameOf(this.client.target, prefix)).join(', ')}`);
    return first ?? this.take(row);
  }

  /** debug=2 ends at 64 MiB, kubo's /debug/stack does not. */
  async #longDump(cut: Taken): Promise<Taken> {
    const taken = await this.take(ITEMS[0], () => '/debug/stack');
    if (taken.status === 'ok' && (taken.bytes?.length ?? 0) > DUMP_LIMIT) return taken;
    const note = 'the runtime cut it at 64 MiB: goroutines.pprof counts all goroutines';
    return { ...cut, status: 'partial', notes: [...cut.notes, note] };
  }

  async readIndex(): Promise<void> {
    const html = await textOf(this.client, this.prefix, this.#options.timeoutMs, this.#options.signal);
    const listed = html === undefined ? undefined : readIndex(html);
    this.listed = listed?.size === 0 ? undefined : listed;
  }

  /** The version of kubo, and whether it is kubo. */
  async askVersion(row: ItemRow): Promise<Taken> {
    const taken = await this.take(row);
    this.isKubo = taken.kind === 'version' || /Kubo RPC|api version/i.test(taken.error?.fact ?? '');
    if (taken.bytes === undefined || taken.kind !== 'version') return taken;
    try {
      const { Version, Golang } = JSON.parse(new TextDecoder().decode(taken.bytes));
      if (typeof Version === 'string') this.versions.version = Version;
      if (typeof Golang === 'string') this.versions.goVersion = Golang;
    } catch {
      // The item says what came.
    }
    return taken;
  }

  /** After answers that did not come: is there anybody? */
  async probe(): Promise<void> {
    if (this.#silent < SILENT || this.isOver) return;
    const timeoutMs = Math.min(PROBE_MS, this.#options.timeoutMs);
    try {
      const answer = await this.client.request(`${this.prefix}cmdline`, { timeoutMs, maxBytes: 1 << 20 });
      for await (const _ of answer.chunks);
      this.#silent = 0;
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      // Another item may have asked meanwhile.
      if (this.isGone) return;
      this.isGone = true;
      this.#options.note(`the server had stopped answering at ${new Date().toISOString()}: ${error.fact}`);
    }
  }

  /** Ends early when the user does. */
  sleep(ms: number): Promise<void> {
    const { signal } = this.#options;
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

/** Nothing came, or too late. */
const isSilence = ({ error, http }: Taken) =>
  error?.code === 'no-answer' || (http === undefined && (error?.code === 'unreachable' || error?.code === 'cut'));
