// A live Go program → a bundle, in one run that keeps what it got, whatever happens to the server, the network, the disk or the user's
// patience. Order: the stacks at once, then what costs little, then what takes its seconds, then what is worth a second look.
//
//   goroutines → index, vars, system, profiles → rates set → CPU ∥ vars every few seconds → mutex, block, heap again → rates put back
//
// What was taken goes into the bundle at once; the manifest, at the end, says what is missing and why.

import type { Manifest, ManifestItem, Rate } from '../model/manifest.js';
import type { Disk } from '../source/disk.js';
import type { Client } from '../source/http.js';
import type { CollectEvent } from './events.js';
import { customItem, ITEMS, type ItemRow, METRICS, MOST_CUSTOM, type Timing } from './items.js';
import { type SetRates, setRates, textOf, type WantedRates } from './rates.js';
import { type Earlier, type Facts, type Redactor, RunRecord } from './record.js';
import { Server } from './server.js';
import type { Taken } from './take.js';

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
  readonly #server: Server;
  readonly #plan: CollectPlan;
  readonly #host: Host;
  readonly #tell: (event: CollectEvent) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #timing: Timing;
  #rates: readonly Rate[] = [];

  constructor(
    record: RunRecord,
    client: Client,
    plan: CollectPlan,
    host: Host,
    tell: (event: CollectEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    const { seconds, traceSeconds, timeoutMs, maxBytes } = plan;
    this.#record = record;
    this.#plan = plan;
    this.#host = host;
    this.#tell = tell;
    this.#signal = signal;
    this.#timing = { seconds, traceSeconds };
    const note = (text: string) => record.note(text);
    this.#server = new Server(client, { timing: this.#timing, timeoutMs, maxBytes, signal, tell, note });
  }

  async run(): Promise<Manifest> {
    if (this.#plan.earlier !== undefined) await this.#record.copy(this.#plan.earlier);
    this.#announce();
    await this.#first();
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
    const custom = [...(this.#server.listed?.keys() ?? [])].map(customItem);
    return this.#record.finish(this.#facts(), [...ITEMS, ...custom]);
  }

  #announce(): void {
    const open = ITEMS.filter((row) => this.#isWanted(row) && !this.#record.has(row.name));
    this.#tell({
      kind: 'plan',
      target: this.#server.name,
      seconds: open.reduce((sum, row) => sum + (row.duration?.(this.#timing) ?? 0), 0),
      items: open.map(({ name }) => name),
    });
  }

  /** By what the user said. */
  #isWanted({ name, repeats }: ItemRow): boolean {
    const { seconds, traceSeconds, binary, only, skip } = this.#plan;
    if (skip.includes(name) || (repeats !== undefined && skip.includes(repeats))) return false;
    if (only.length > 0) return only.includes(name);
    if (name === 'cpu' || repeats !== undefined) return seconds > 0;
    return name === 'trace' ? traceSeconds > 0 : name !== 'binary' || binary;
  }

  /** The dump, and with it where pprof is; then what the program has. */
  async #first(): Promise<void> {
    const [dump] = ITEMS;
    const isWanted = !this.#record.has(dump.name) && this.#isWanted(dump);
    const started = new Date();
    if (isWanted) this.#tell({ kind: 'start', item: dump.name, seconds: 0 });
    const taken = await this.#server.locate(isWanted);
    if (isWanted) await this.#record.keep(dump, taken, started);
    if (this.#server.isOver) return;
    await this.#server.readIndex();
    const version = ITEMS.find(({ name }) => name === 'version');
    if (version === undefined) return;
    if (this.#record.has(version.name)) {
      this.#server.isKubo = true;
      return;
    }
    const asked = new Date();
    const answer = await this.#server.askVersion(version);
    if (this.#server.isKubo && this.#isWanted(version)) await this.#record.keep(version, answer, asked);
  }

  /** The rows that are wanted, and make sense here. */
  #rows(): ItemRow[] {
    const { listed, isKubo } = this.#server;
    const known = new Set(ITEMS.flatMap((row) => row.listed ?? []));
    const custom = [...(listed?.keys() ?? [])].filter((name) => !known.has(name) && !OTHER_PAGES.has(name));
    if (custom.length > MOST_CUSTOM)
      this.#record.note(`${custom.length - MOST_CUSTOM} of the program's own profiles are left out`);
    const all = [...ITEMS, ...distinct(custom.slice(0, MOST_CUSTOM).map(customItem))];
    return all.filter(
      (row) =>
        row.phase !== 'first' &&
        this.#isWanted(row) &&
        (isKubo || !row.onlyKubo) &&
        (row.listed === undefined || listed === undefined || listed.has(row.listed)),
    );
  }

  async #setRates(rows: readonly ItemRow[]): Promise<SetRates | undefined> {
    const { client, prefix, isKubo } = this.#server;
    const open = rows.some(({ name }) => (name === 'mutex' || name === 'block') && !this.#record.has(name));
    if (!isKubo || this.#plan.seconds === 0 || !open || this.#server.isOver) return undefined;
    const firstBlock = await textOf(client, `${prefix}block?debug=1`);
    await this.#server.sleep(1000);
    if (this.#server.isOver) return undefined;
    const set = await setRates(client, prefix, this.#plan.rates, firstBlock);
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
      await Promise.race([work.catch(() => {}), this.#server.sleep(step * 1000)]);
      if (this.#server.isOver) break;
      const number = String(i).padStart(4, '0');
      await this.#collect({ ...vars, name: `vars-${number}`, member: `vars/${number}.json` });
    }
    await work;
  }

  /** One item, into the bundle and the list. */
  async #collect(row: ItemRow): Promise<void> {
    const { name } = row;
    if (this.#record.has(name)) return;
    if (this.#signal?.aborted)
      return this.#record.end({ name, status: 'interrupted', error: 'stopped by the user before it' });
    if (this.#server.isGone)
      return this.#record.end({ name, status: 'skipped', error: 'not asked for: the server had stopped answering' });
    this.#tell({ kind: 'start', item: name, seconds: row.duration?.(this.#timing) ?? 0 });
    const started = new Date();
    if (row.repeats === 'goroutines' && this.#record.bytesOf('goroutines') > LARGE_DUMP)
      return this.#record.end({
        name,
        status: 'unsupported',
        error: 'the first dump is large, and a dump stops the program',
      });
    if (name === 'process' || row.repeats === 'process') return this.#collectProcess(row, started);
    if (name === 'binary') return this.#collectBinary(row, started);
    if (name === 'metrics') return this.#record.keep(row, await this.#takeMetrics(row), started);
    const isHeap = this.#plan.gc && name === 'heap';
    const taken = await this.#server.take(isHeap ? { ...row, path: () => 'heap?gc=1' } : row);
    await this.#record.keep(row, name === 'cmdline' ? withArguments(taken) : taken, started);
    await this.#server.probe();
  }

  async #takeMetrics(row: ItemRow): Promise<Taken> {
    const [first, ...others] = METRICS;
    let taken = await this.#server.take(row, () => first);
    // A server of its own often answers every path with its page.
    const isOther = () => taken.status === 'unsupported' || (taken.status === 'failed' && taken.http === 200);
    for (const path of others) if (isOther()) taken = await this.#server.take(row, () => path);
    return isOther() ? { ...taken, status: 'unsupported', instead: undefined } : taken;
  }

  async #collectProcess(row: ItemRow, started: Date): Promise<void> {
    const { name } = row;
    const bytes = await this.#host.process?.(this.#server.client.target.port);
    if (bytes === undefined)
      return this.#record.end({ name, status: 'unsupported', error: 'the program runs on another machine' });
    await this.#record.write(row, bytes, 'json', { name, status: 'ok', started: started.toISOString() });
  }

  /** From the disk of this machine, or from kubo, which calls it ipfs. */
  async #collectBinary(row: ItemRow, started: Date): Promise<void> {
    const { isKubo, client } = this.#server;
    const item: ManifestItem = { name: row.name, status: 'ok', started: started.toISOString() };
    const named = isKubo ? { ...row, member: 'ipfs' } : row;
    const own = this.#host.binary?.(client.target.port);
    if (own !== undefined) return this.#record.stream(named, own, 'binary', item);
    const error = 'only kubo hands out its program, and this one runs on another machine';
    if (!isKubo) return this.#record.end({ ...item, status: 'failed', error, hint: 'copy it from there' });
    const taken = await this.#server.take({ ...row, method: 'POST', kinds: ['archive'] }, () => BINARY_PATH);
    const binary = taken.bytes === undefined ? undefined : this.#host.unpackBinary(taken.bytes);
    if (binary === undefined) return this.#record.keep(row, { ...taken, bytes: undefined }, started);
    const { request, http } = taken;
    await this.#record.stream(named, binary, 'binary', { ...item, request, http });
  }

  #facts(): Facts {
    const { name, clockOffset, isKubo, versions, listed } = this.#server;
    return {
      ...{ tool: this.#plan.tool, target: name, interrupted: this.#signal?.aborted === true },
      ...(clockOffset === undefined ? {} : { clockOffsetSeconds: wholeSeconds(clockOffset) }),
      server: { program: isKubo ? 'kubo' : 'go', ...versions },
      profiles: Object.fromEntries(listed ?? []),
      rates: this.#rates,
    };
  }
}

/** The header Date has no fractions, so that one second may be none. */
const wholeSeconds = (offset: number) => (Math.abs(offset) < 1.5 ? 0 : Math.round(offset));

/** Some 10,000 goroutines: the world stands still for tens of milliseconds. */
const LARGE_DUMP = 16 * 2 ** 20;

/** Names that differ in what no member may be called. */
function distinct(rows: readonly ItemRow[]): ItemRow[] {
  const taken = new Set<string>();
  return rows.map((row) => {
    let { member } = row;
    for (let i = 2; taken.has(member.toLowerCase()); i++) member = row.member.replace(/\.pprof$/, `-${i}.pprof`);
    taken.add(member.toLowerCase());
    return { ...row, member };
  });
}

/** On the index page, but no profiles. */
const OTHER_PAGES = new Set(['cmdline', 'profile', 'trace', 'symbol', 'goroutine']);

/** /debug/pprof/cmdline as JSON: arguments with NULs between. */
function withArguments(taken: Taken): Taken {
  if (taken.bytes === undefined) return taken;
  const words = new TextDecoder().decode(taken.bytes).replace(/\0$/, '').split('\0');
  return { ...taken, kind: 'json', bytes: new TextEncoder().encode(`${JSON.stringify(words)}\n`) };
}
