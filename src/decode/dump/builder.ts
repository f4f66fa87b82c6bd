// Collects what the lines of a dump say, and makes the Dumps: one for each time that the stacks were written. A second
// dump in the same file is seen when a goroutine's id comes again, unless the program crashed: with GOTRACEBACK=crash each
// thread prints its own goroutines, with `-----` between.

import {
  type Ancestor,
  type Dump,
  type DumpForm,
  type DumpReason,
  type Elision,
  MAYBE_CUT,
  TRUNCATED,
} from '../../model/dump.js';
import { Column, FrameTable, IdSet, IssueList, Names } from './columns.js';
import type { Status } from './header.js';
import type { RaceLine } from './race.js';

/** Go before 1.21 stopped at 100 frames, with the hidden ones of the runtime counted. */
const SILENT_LIMIT = 90;

interface OpenAncestor {
  readonly id: number;
  readonly frames: number[];
  createdBy: number;
}

/** Where a snapshot begins. */
interface Snapshot {
  readonly from: number;
  readonly form: DumpForm;
  readonly counts?: string;
  readonly reasons: DumpReason[];
}

export class DumpBuilder {
  readonly functions = new Names();
  readonly files = new Names();
  readonly frames = new FrameTable();
  readonly #states = new Map<string, number>();
  readonly #stack: Column<Int32Array>;
  readonly #args: Column<Uint32Array>;
  readonly #id = new Column(Float64Array);
  readonly #state = new Column(Int32Array);
  readonly #waitMinutes = new Column(Int32Array);
  readonly #flags = new Column(Uint16Array);
  readonly #stackStart = new Column(Uint32Array);
  readonly #createdBy = new Column(Int32Array);
  readonly #creator = new Column(Float64Array);
  readonly #at = new Column(Float64Array);
  readonly #line = new Column(Uint32Array);
  readonly #weight = new Column(Uint32Array);
  readonly #labels = new Map<number, ReadonlyMap<string, string>>();
  readonly #bubbles = new Map<number, number>();
  readonly #elisions = new Map<number, Elision>();
  readonly #ancestors = new Map<number, OpenAncestor[]>();
  readonly #issues = new IssueList();
  readonly #snapshots: Snapshot[] = [{ from: 0, form: 'debug=2', reasons: [] }];
  readonly #seen = new IdSet();
  #lastStatus: Status | undefined;
  #lastState = 0;
  #lastRunning = -1;
  #hasSeparators = false;
  #ancestor: OpenAncestor | undefined;
  /** Accesses of the race that is being read: rows by id. */
  #racers: number[] = [];
  #hasCreators = false;
  /** Between beginCounted and endCounted. */
  #isCounting = false;

  readonly #lineOf: (line: number) => number;

  /** lineOf: the line of the file for a line of the text; size: bytes of the text. Room that is not written to costs no memory. */
  constructor(lineOf: (line: number) => number = (line) => line, size = 0) {
    const entries = 1024 + Math.ceil(size / 100);
    this.#stack = new Column(Int32Array, entries);
    this.#args = new Column(Uint32Array, entries);
    this.#lineOf = lineOf;
  }

  get count(): number {
    return this.#id.length;
  }

  /** A goroutine begins; what comes next is its. */
  begin(
    id: number,
    status: Status,
    flags: number,
    labels: ReadonlyMap<string, string> | undefined,
    at: number,
    line: number,
    weight = 1,
  ): void {
    const row = this.count;
    if (!this.#isCounting && this.#snapshots[this.#snapshots.length - 1].counts !== undefined) this.#split();
    if (id > 0 && !this.#hasSeparators && !this.#isCounting) {
      if (this.#seen.add(id)) this.#repeated(id, status.state === 'running', line);
      if (status.state === 'running') this.#lastRunning = row;
    }
    let state = status === this.#lastStatus ? this.#lastState : this.#states.get(status.state);
    if (state === undefined) {
      state = this.#states.size;
      this.#states.set(status.state, state);
    }
    this.#lastStatus = status;
    this.#lastState = state;
    this.#id.push(id);
    this.#state.push(state);
    this.#waitMinutes.push(status.waitMinutes);
    this.#flags.push(flags);
    this.#stackStart.push(this.#stack.length);
    this.#createdBy.push(-1);
    this.#creator.push(-1);
    this.#at.push(at);
    this.#line.push(this.#lineOf(line));
    this.#weight.push(weight);
    if (labels !== undefined) this.#labels.set(row, labels);
    if (status.bubble >= 0) this.#bubbles.set(row, status.bubble);
    this.#ancestor = undefined;
  }

  #split(from = this.count): void {
    this.#seen.clear();
    this.#snapshots.push({ from, form: 'debug=2', reasons: [] });
    for (let row = from; row < this.count; row++) this.#seen.add(this.#id.get(row));
  }

  /**
   * An id comes again. A dump begins with the goroutine that writes it, which is running: another dump begins there. Without one it is told
   * by its first goroutine; any other repetition is damage, and no reason to set goroutines apart.
   */
  #repeated(id: number, isRunning: boolean, line: number): void {
    const { from } = this.#snapshots[this.#snapshots.length - 1];
    if (isRunning) this.#split();
    else if (this.#lastRunning > from) this.#split(this.#lastRunning);
    else if (id === this.#id.get(from)) this.#split();
    else this.issue('a goroutine id comes again: both are kept', line);
    this.#seen.add(id);
  }

  /** The records of a profile begin: a dump of its own. */
  beginCounted(form: DumpForm, counts: string): void {
    const last = this.#snapshots[this.#snapshots.length - 1];
    if (last.from === this.count && last.reasons.length === 0) this.#snapshots.pop();
    this.#snapshots.push({ from: this.count, form, counts, reasons: [] });
    this.#isCounting = true;
    this.#seen.clear();
  }

  endCounted(): void {
    this.#isCounting = false;
  }

  /** A frame of the goroutine, or of its ancestor. args: where its arguments stand, 0 for none. */
  push(frame: number, args: number): void {
    if (this.#ancestor !== undefined) {
      this.#ancestor.frames.push(frame);
      return;
    }
    this.#stack.push(frame);
    this.#args.push(args);
  }

  /** The `created by` line; createdAt follows, unless its file line is lost. */
  created(frame: number, creator: number): void {
    if (this.#ancestor !== undefined) {
      this.#ancestor.createdBy = frame;
      return;
    }
    const row = this.count - 1;
    this.#createdBy.set(row, frame);
    this.#creator.set(row, creator);
    if (creator >= 0) this.#hasCreators = true;
  }

  createdAt(frame: number): void {
    if (this.#ancestor !== undefined) this.#ancestor.createdBy = frame;
    else this.#createdBy.set(this.count - 1, frame);
  }

  ancestor(id: number): void {
    this.#ancestor = { id, frames: [], createdBy: -1 };
    const row = this.count - 1;
    const known = this.#ancestors.get(row);
    if (known === undefined) this.#ancestors.set(row, [this.#ancestor]);
    else known.push(this.#ancestor);
  }

  elide(count: number): void {
    const row = this.count - 1;
    if (this.#ancestor === undefined)
      this.#elisions.set(row, { after: this.#stack.length - this.#stackStart.get(row), count });
  }

  flag(flag: number): void {
    const row = this.count - 1;
    if (row >= 0) this.#flags.set(row, this.#flags.get(row) | flag);
  }

  separator(): void {
    this.#hasSeparators = true;
  }

  /** A line of a race report; whether frames are to follow. */
  race(line: RaceLine, at: number, lineNumber: number): boolean {
    const last = this.#snapshots[this.#snapshots.length - 1];
    if (line.kind === 'start') {
      this.#racers = [];
      if (last.form !== 'race report')
        this.#snapshots.splice(
          last.from === this.count ? -1 : this.#snapshots.length,
          last.from === this.count ? 1 : 0,
          {
            from: this.count,
            form: 'race report',
            reasons: [],
          },
        );
      return false;
    }
    if (line.kind === 'access') {
      this.#hasSeparators = true;
      this.#racers.push(this.count);
      const status = { state: line.state, waitMinutes: 0, flags: 0, bubble: -1, labels: undefined };
      this.begin(line.id, status, 0, undefined, at, lineNumber);
      return true;
    }
    if (line.kind === 'other') return false;
    const row = this.#racers.find((racer) => this.#id.get(racer) === line.id);
    if (row === undefined) return false;
    this.#ancestor = { id: -1, frames: [], createdBy: -1 };
    this.#ancestors.set(row, [this.#ancestor]);
    return true;
  }

  reason(kind: DumpReason['kind'], message: string, line: number): void {
    this.#snapshots[this.#snapshots.length - 1].reasons.push({ kind, message, line: this.#lineOf(line) });
  }

  issue(fact: string, line: number): void {
    this.#issues.add(fact, line === 0 ? 0 : this.#lineOf(line));
  }

  /** A line that is of no dump: odd inside a stack, to be expected elsewhere. */
  stray(isInside: boolean, line: string, lineNumber: number): void {
    if (isInside && !/^(exit status \d+|FAIL\b|ok\s|---)/.test(line))
      this.issue('a line inside a stack is none of a dump: it was left out', lineNumber);
  }

  /**
   * The text ends with the last goroutine. isOpen: between two lines that belong together; inLine: without a newline, as cut texts do,
   * and pasted ones. `created by` ends every goroutine but main and the runtime's.
   */
  end(isOpen: boolean, inLine: boolean): void {
    const row = this.count - 1;
    const { length } = this.#stack;
    const created = this.#createdBy.get(row);
    const isEmpty = length === this.#stackStart.get(row);
    const root = isEmpty ? '' : this.functions.get(this.frames.func.get(this.#stack.get(length - 1)));
    const isWhole =
      created >= 0
        ? this.frames.offset.get(created) >= 0
        : isEmpty
          ? false
          : /^(main\.main|runtime\.|testing\.)/.test(root);
    // Where all file lines are lost, none is missing here.
    const hasFiles = this.files.count > 1;
    if ((isOpen && hasFiles) || (inLine && !isWhole && (hasFiles || isEmpty))) {
      this.flag(TRUNCATED);
      this.#issues.add('the text ends inside this goroutine', this.#line.get(row));
    }
  }

  /** The dumps, in the order of the text. */
  finish(text: Uint8Array, undone: readonly string[], bytes: number): Dump[] {
    const { count } = this;
    this.#stackStart.push(this.#stack.length);
    this.#finishRaces();
    this.#flagSilentCuts();
    if (bytes === 64 * 1024 ** 2)
      this.issue(
        'the file has exactly 64 MiB: net/http/pprof stops there without a word, so that goroutines are missing',
        0,
      );
    const frames = this.frames.columns();
    const states = [...this.#states.keys()];
    const stack = this.#stack.view();
    const args = this.#args.view();
    const issues = this.#issues.list();
    return this.#snapshots.map(({ from, form, counts, reasons }, i): Dump => {
      const to = this.#snapshots[i + 1]?.from ?? count;
      return {
        form,
        ...(counts === undefined ? {} : { counts }),
        functions: this.functions,
        files: this.files,
        states,
        frames,
        goroutines: {
          count: to - from,
          id: this.#id.view(from, to),
          state: this.#state.view(from, to),
          waitMinutes: this.#waitMinutes.view(from, to),
          flags: this.#flags.view(from, to),
          stackStart: this.#stackStart.view(from, to + 1),
          createdBy: this.#createdBy.view(from, to),
          creator: this.#creator.view(from, to),
          at: this.#at.view(from, to),
          line: this.#line.view(from, to),
          weight: this.#weight.view(from, to),
        },
        stack,
        args,
        text,
        labels: shifted(this.#labels, from, to),
        bubbles: shifted(this.#bubbles, from, to),
        elisions: shifted(this.#elisions, from, to),
        ancestors: shifted<readonly Ancestor[]>(this.#ancestors, from, to),
        reasons,
        undone,
        bytes,
        issues,
      };
    });
  }

  /** In a race report the creation stack's first frame is the go statement. */
  #finishRaces(): void {
    for (const [row, [first]] of this.#ancestors)
      if (first.id < 0 && first.frames.length > 0 && this.#createdBy.get(row) < 0)
        this.#createdBy.set(row, first.frames[0]);
  }

  #flagSilentCuts(): void {
    if (this.#hasCreators) return;
    this.#snapshots.forEach(({ from, counts }, i) => {
      if (counts === undefined) this.#flagCutsOf(from, this.#snapshots[i + 1]?.from ?? this.count);
    });
  }

  #flagCutsOf(from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const depth = this.#stackStart.get(row + 1) - this.#stackStart.get(row);
      if (depth >= SILENT_LIMIT && depth < 100 && !this.#elisions.has(row))
        this.#flags.set(row, this.#flags.get(row) | MAYBE_CUT);
    }
  }
}

function shifted<T>(map: ReadonlyMap<number, T>, from: number, to: number): ReadonlyMap<number, T> {
  const result = new Map<number, T>();
  for (const [row, value] of map) if (row >= from && row < to) result.set(row - from, value);
  return result;
}
