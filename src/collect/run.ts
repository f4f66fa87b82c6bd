// A live Go program → a bundle, in one run that keeps what it got, whatever happens to the server, the network, the disk or the user's
// patience. Order: the stacks at once, then what costs little, then what takes its seconds, then what is worth a second look.
//
//   goroutines → index, vars, system, profiles → rates set → CPU ∥ vars every few seconds → mutex, block, heap again → rates put back
//
// What was taken goes into the bundle at once; the manifest, at the end, says what is missing and why.

import { ProfileError } from '../errors.js';
import type { Manifest, ManifestItem, Rate } from '../model/manifest.js';
import type { Disk } from '../source/disk.js';
import type { Client } from '../source/http.js';
import { nameOf } from '../source/target.js';
import type { CollectEvent } from './events.js';
import { customItem, ITEMS, type ItemRow, METRICS, MOST_CUSTOM, readIndex, type Timing } from './items.js';
import { prefixesOf } from './prefixes.js';
import { type SetRates, setRates, textOf, type WantedRates } from './rates.js';
import { type Earlier, type Facts, type Redactor, RunRecord } from './record.js';
import { DUMP_LIMIT, type Taken, take } from './take.js';

export interface CollectPlan {
  /** Of the CPU profile; 0 leaves it out. */
  readonly seconds: number;
  /** 0 leaves the trace out. */
  readonly traceSeconds: number;
  readonly binary: boolean;
  /** Names of items: only these; without these. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly rates: WantedRates;
  /** For an answer that takes no seconds of its own. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Runs a GC before the heap profile, which otherwise is that of the last one. */
  readonly gc: boolean;
  readonly redact: Redactor | undefined;
  readonly earlier: Earlier | undefined;
  readonly tool: string;
}

/** What only the machine of the program knows, when that is this one. */
export interface Host {
  process?(port: number): Promise<Uint8Array | undefined>;
  /** The running executable. */
  binary?(port: number): AsyncIterable<Uint8Array> | undefined;
  /** The executable in the zip of kubo's collector `bin`. */
  unpackBinary(zip: Uint8Array): AsyncIterable<Uint8Array> | undefined;
}

const BINARY_PATH = '/api/v0/diag/profile?collectors=bin&profile-time=0';
/** Between two looks at /debug/vars, which stops the world. */
const VARS_SECONDS = 5;
/** So many answers in a row that did not come are enough to ask whether there is anybody. */
const SILENT = 2;

/**
 * Collects into a file. Throws ProfileError when the server cannot be reached at all or nothing could be had: then there is no file.
 */
export async function collectInto(
  disk: Disk,
  client: Client,
  plan: CollectPlan,
  host: Host,
  tell: (event: CollectEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<Manifest> {
  const record = new RunRecord(disk, plan.redact, tell);
  try {
    return await new Collection(record, client, plan, host, tell, signal).run();
  } catch (error) {
    disk.discard();
    throw error;
  }
}

class Collection {
  readonly #record: RunRecord;
  readonly #client: Client;
  readonly #plan: CollectPlan;
  readonly #host: Host;
  readonly #tell: (event: CollectEvent) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #timing: Timing;
  readonly #versions: { version?: string; goVersion?: string } = {};
  #rates: readonly Rate[] = [];
  #listed: Map<string, number> | undefined;
  #prefix = '';
  #isKubo = false;
  #clockOffset: number | undefined;
  /** Answers in a row that did not come. */
  #silent = 0;
  #isGone = false;

  constructor(
    record: RunRecord,
    client: Client,
    plan: CollectPlan,
    host: Host,
    tell: (event: CollectEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#record = record;
    this.#client = client;
    this.#plan = plan;
    this.#host = host;
    this.#tell = tell;
    this.#signal = signal;
    this.#timing = { seconds: plan.seconds, traceSeconds: plan.traceSeconds };
  }

  async run(): Promise<Manifest> {
    if (this.#plan.earlier !== undefined) await this.#record.copy(this.#plan.earlier);
    this.#announce();
    await this.#first();
    await this.#index();
    const rows = this.#rows();
    for (const row of rows) if (row.phase === 'state') await this.#collect(row);
    const rates = await this.#setRates(rows);
    try {
      for (const row of rows) if (row.phase === 'timed') await this.#timed(row);
      for (const row of rows) if (row.phase === 'after') await this.#collect(row);
    } finally {
      if (rates !== undefined) await this.#restore(rates);
    }
    for (const row of rows) if (row.phase === 'request') await this.#collect(row);
    return this.#record.finish(this.#facts(), [...ITEMS, ...[...(this.#listed?.keys() ?? [])].map(customItem)]);
  }

  /** The rows that are wanted, and make sense here. */
  #rows(): ItemRow[] {
    const listed = this.#listed;
    const known = new Set(ITEMS.flatMap((row) => row.listed ?? []));
    const custom = [...(listed?.keys() ?? [])].filter((name) => !known.has(name) && !OTHER_PAGES.has(name));
    if (custom.length > MOST_CUSTOM)
      this.#record.note(`${custom.length - MOST_CUSTOM} of the program's own profiles are left out`);
    const all = [...ITEMS, ...custom.slice(0, MOST_CUSTOM).map(customItem)];
    return all.filter(
      (row) =>
        row.phase !== 'first' &&
        this.#isWanted(row) &&
        (this.#isKubo || !row.onlyKubo) &&
        (row.listed === undefined || listed === undefined || listed.has(row.listed)),
    );
  }

  #announce(): void {
    const open = ITEMS.filter((row) => this.#isWanted(row) && !this.#record.has(row.name));
    this.#tell({
      kind: 'plan',
      target: nameOf(this.#client.target),
      seconds: open.reduce((sum, row) => sum + (row.duration?.(this.#timing) ?? 0), 0),
      items: open.map(({ name }) => name),
    });
  }

  /** By what the user said. */
  #isWanted({ name }: ItemRow): boolean {
    const { seconds, traceSeconds, binary, only, skip } = this.#plan;
    if (skip.includes(name)) return false;
    if (only.length > 0) return only.includes(name);
    if (name === 'cpu' || name === 'heap-2') return seconds > 0;
    return name === 'trace' ? traceSeconds > 0 : name !== 'binary' || binary;
  }

  /** The dump, and with it where pprof is. */
  async #first(): Promise<void> {
    const row = ITEMS[0];
    const isWanted = !this.#record.has(row.name) && this.#isWanted(row);
    const prefixes = prefixesOf(this.#client.target);
    if (isWanted) this.#tell({ kind: 'start', item: row.name, seconds: 0 });
    let first: Taken | undefined;
    for (const prefix of prefixes) {
      // A page is enough to find pprof where no dump is wanted.
      const probe: ItemRow = isWanted ? row : { ...row, kinds: ['html'], path: () => '' };
      const started = new Date();
      const taken = await this.#take(probe, () => prefix + (probe.path?.(this.#timing) ?? ''));
      first ??= taken;
      if (taken.http === undefined && taken.status === 'failed' && !isSilence(taken.error))
        throw taken.error ?? new Error('no answer');
      if (taken.http === 404 || taken.http === 405) continue;
      this.#prefix = prefix;
      if (isWanted)
        await this.#keep(row, taken.bytes?.length === DUMP_LIMIT ? await this.#longDump(taken) : taken, started);
      return;
    }
    this.#prefix = prefixes[0];
    if (isWanted && first !== undefined) await this.#keep(row, first, new Date());
    this.#record.note(`no pprof at ${prefixes.map((prefix) => nameOf(this.#client.target, prefix)).join(', ')}`);
  }

  /** debug=2 ends at 64 MiB, kubo's /debug/stack does not. */
  async #longDump(cut: Taken): Promise<Taken> {
    const taken = await this.#take(ITEMS[0], () => '/debug/stack');
    if (taken.status === 'ok' && (taken.bytes?.length ?? 0) > DUMP_LIMIT) return taken;
    return {
      ...cut,
      status: 'partial',
      notes: [...cut.notes, 'the runtime cut it at 64 MiB: goroutines.pprof counts all goroutines'],
    };
  }

  /** Which profiles there are, and whether it is kubo. */
  async #index(): Promise<void> {
    if (this.#isOver()) return;
    const html = await textOf(this.#client, this.#prefix, this.#plan.timeoutMs);
    const listed = html === undefined ? undefined : readIndex(html);
    this.#listed = listed?.size === 0 ? undefined : listed;
    const version = ITEMS.find(({ name }) => name === 'version');
    if (version === undefined) return;
    if (this.#record.has('version')) {
      this.#isKubo = true;
      return;
    }
    const started = new Date();
    const taken = await this.#take(version, () => version.path?.(this.#timing) ?? '');
    this.#isKubo = taken.kind === 'version' || /Kubo RPC|api version/i.test(taken.error?.fact ?? '');
    if (taken.bytes !== undefined && taken.kind === 'version') this.#readVersion(taken.bytes);
    if (this.#isKubo && this.#isWanted(version)) await this.#keep(version, taken, started);
  }

  #readVersion(bytes: Uint8Array): void {
    try {
      const { Version, Golang } = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof Version === 'string') this.#versions.version = Version;
      if (typeof Golang === 'string') this.#versions.goVersion = Golang;
    } catch {
      // The item says what came.
    }
  }

  async #setRates(rows: readonly ItemRow[]): Promise<SetRates | undefined> {
    const { rates, seconds } = this.#plan;
    const open = rows.some(({ name }) => (name === 'mutex' || name === 'block') && !this.#record.has(name));
    if (!this.#isKubo || seconds === 0 || !open || this.#isOver()) return undefined;
    const firstBlock = await textOf(this.#client, `${this.#prefix}block?debug=1`);
    await this.#sleep(1000);
    if (this.#isOver()) return undefined;
    const set = await setRates(this.#client, this.#prefix, rates, firstBlock);
    for (const note of set.notes) this.#record.note(note);
    return set;
  }

  async #restore(set: SetRates): Promise<void> {
    const { rates, notes } = await set.restore();
    this.#rates = rates;
    for (const note of notes) this.#record.note(note);
  }

  /** What takes its seconds, and the variables meanwhile. */
  async #timed(row: ItemRow): Promise<void> {
    const vars = ITEMS.find(({ name }) => name === 'vars');
    const hasVars = this.#record.hasOk('vars');
    let isDone = false;
    const work = this.#collect(row).finally(() => {
      isDone = true;
    });
    const step = Math.max(1, Math.min(VARS_SECONDS, this.#plan.seconds / 4));
    for (let i = 1; hasVars && vars !== undefined && !isDone; i++) {
      await Promise.race([work.catch(() => {}), this.#sleep(step * 1000)]);
      if (this.#isOver()) break;
      const number = String(i).padStart(4, '0');
      await this.#collect({ ...vars, name: `vars-${number}`, member: `vars/${number}.json` });
    }
    await work;
  }

  #isOver(): boolean {
    return this.#isGone || this.#signal?.aborted === true;
  }

  /** One item, into the bundle and the list. */
  async #collect(row: ItemRow): Promise<void> {
    if (this.#record.has(row.name)) return;
    if (this.#signal?.aborted)
      return this.#record.end({ name: row.name, status: 'interrupted', error: 'stopped by the user before it' });
    if (this.#isGone)
      return this.#record.end({
        name: row.name,
        status: 'skipped',
        error: 'not asked for: the server had stopped answering',
      });
    this.#tell({ kind: 'start', item: row.name, seconds: row.duration?.(this.#timing) ?? 0 });
    const started = new Date();
    if (row.name === 'process') return this.#collectProcess(row);
    if (row.name === 'binary') return this.#collectBinary(row);
    if (row.name === 'metrics') return this.#collectMetrics(row);
    const gc = this.#plan.gc && row.name === 'heap' ? '?gc=1' : '';
    await this.#keep(row, await this.#take(row, (timing) => this.#place(row, timing) + gc), started);
    await this.#probe();
  }

  #place(row: ItemRow, timing: Timing): string {
    const path = row.path?.(timing) ?? '';
    return path.startsWith('/') ? path : this.#prefix + path;
  }

  #take(row: ItemRow, path: (timing: Timing) => string): Promise<Taken> {
    const { timeoutMs, maxBytes } = this.#plan;
    return take(this.#client, row, path, this.#timing, {
      timeoutMs,
      maxBytes,
      signal: this.#signal,
      sleep: (ms) => this.#sleep(ms),
      onBytes: (bytes) => this.#tell({ kind: 'bytes', item: row.name, bytes }),
      onRetry: (reason, waitMs) => this.#tell({ kind: 'retry', item: row.name, reason, waitMs }),
    });
  }

  /** After answers that did not come: is there anybody? */
  async #probe(): Promise<void> {
    if (this.#silent < SILENT || this.#isGone || this.#signal?.aborted) return;
    try {
      const answer = await this.#client.request(`${this.#prefix}cmdline`, {
        timeoutMs: Math.min(5000, this.#plan.timeoutMs),
        maxBytes: 1 << 20,
      });
      for await (const _ of answer.chunks);
      this.#silent = 0;
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      // Another item may have asked meanwhile.
      if (this.#isGone) return;
      this.#isGone = true;
      this.#record.note(`the server had stopped answering at ${new Date().toISOString()}: ${error.fact}`);
    }
  }

  async #collectMetrics(row: ItemRow): Promise<void> {
    const started = new Date();
    let taken: Taken | undefined;
    for (const path of METRICS) {
      taken = await this.#take(row, () => path);
      if (taken.status !== 'unsupported' && !(taken.status === 'failed' && taken.http === 200)) break;
    }
    // A server of its own often answers every path with its page.
    if (taken?.http === 200 && taken.status === 'failed')
      taken = { ...taken, status: 'unsupported', instead: undefined };
    if (taken !== undefined) await this.#keep(row, taken, started);
  }

  async #collectProcess(row: ItemRow): Promise<void> {
    const started = new Date();
    const bytes = await this.#host.process?.(this.#client.target.port);
    if (bytes === undefined)
      return this.#record.end({ name: row.name, status: 'unsupported', error: 'the program runs on another machine' });
    await this.#record.write(row, bytes, 'json', { name: row.name, status: 'ok', started: started.toISOString() });
  }

  async #collectBinary(row: ItemRow): Promise<void> {
    const started = new Date();
    const own = this.#host.binary?.(this.#client.target.port);
    const item: ManifestItem = { name: row.name, status: 'ok', started: started.toISOString() };
    if (own !== undefined) return this.#record.stream(this.#isKubo ? kuboBinary(row) : row, own, 'binary', item);
    if (!this.#isKubo)
      return this.#record.end({
        ...{
          name: row.name,
          status: 'failed',
          error: 'only kubo hands out its program; this one runs on another machine',
        },
        hint: 'copy it from there',
      });
    const zip: ItemRow = { ...row, method: 'POST', kinds: ['archive'] };
    const taken = await this.#take(zip, () => BINARY_PATH);
    const binary = taken.bytes === undefined ? undefined : this.#host.unpackBinary(taken.bytes);
    if (binary === undefined) return this.#keep(row, { ...taken, bytes: undefined }, started);
    await this.#record.stream(kuboBinary(row), binary, 'binary', { ...item, request: taken.request, http: taken.http });
  }

  /** What was taken, into the bundle; and whether anybody is there still. */
  async #keep(row: ItemRow, taken: Taken, started: Date): Promise<void> {
    const { status, http, bytes, error, clockOffset } = taken;
    this.#clockOffset ??= clockOffset;
    this.#silent = isSilence(error) || (status === 'failed' && http === undefined) ? this.#silent + 1 : 0;
    if (row.name === 'cmdline' && bytes !== undefined)
      return this.#record.keep(row, { ...taken, bytes: argumentsOf(bytes), kind: 'json' }, started);
    await this.#record.keep(row, taken, started);
  }

  #sleep(ms: number): Promise<void> {
    const signal = this.#signal;
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

  #facts(): Facts {
    return {
      ...{ tool: this.#plan.tool, target: nameOf(this.#client.target), interrupted: this.#signal?.aborted === true },
      ...(this.#clockOffset === undefined ? {} : { clockOffsetSeconds: Math.round(this.#clockOffset) }),
      server: { program: this.#isKubo ? 'kubo' : 'go', ...this.#versions },
      profiles: Object.fromEntries(this.#listed ?? []),
      rates: this.#rates,
    };
  }
}

/** As `ipfs diag profile` calls it. */
const kuboBinary = (row: ItemRow): ItemRow => ({ ...row, member: 'ipfs' });

/** On the index page, but no profiles. */
const OTHER_PAGES = new Set(['cmdline', 'profile', 'trace', 'symbol', 'goroutine']);

/** The server is there and says nothing. */
const isSilence = (error: ProfileError | undefined) =>
  error !== undefined && /no answer within|did not end within|no connection within/.test(error.fact);

/** /debug/pprof/cmdline: arguments with NULs between. */
const argumentsOf = (bytes: Uint8Array) =>
  new TextEncoder().encode(`${JSON.stringify(new TextDecoder().decode(bytes).replace(/\0$/, '').split('\0'))}\n`);
