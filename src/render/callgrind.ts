// callgrind's format as pprof writes it (internal/report printCallgrind): names in full once, then by number, and
// addresses relative where that is shorter.

import { numberReader } from '../model/int64.js';
import type { NodeInfo } from '../model/node.js';
import { toBytes } from '../model/strings.js';
import type { CallgrindReport, CallgrindRows } from '../report/callgrind.js';
import { truncToInt64 } from '../units/format.js';
import { scaler } from '../units/scale.js';
import { ByteWriter, digitsOf } from './bytes.js';

const LINE_END = 0x0a;
const BLANK = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;
const STAR = 0x2a;
const PLUS = 0x2b;

export function* renderCallgrind(report: CallgrindReport): Generator<Uint8Array> {
  const out = new ByteWriter();
  out.text(`positions: instr line\nevents: ${clean(`${report.sampleType}(${report.outputUnit})`)}\n`);
  const rows = new Rows(report, out);
  for (let i = 0; i < report.costs.count; i++) {
    rows.write(i);
    if (out.isFull) yield out.take();
  }
  yield out.take();
}

const CFL = toBytes('cfl=');
const CFN = toBytes('\ncfn=');
const CALLS = toBytes('\ncalls=0 ');
const COST = toBytes('\n* * ');

// What calls of a node are written from, side by side: a million calls find all of it in one line of the cache.
const WIDTH = 8;
/** The address; NaN where no number holds it exactly. */
const PLACE = 0;
/** Characters of it: 0x… */
const LENGTH = 1;
const LINE = 2;
/** 1 once its names have been written; their numbers. */
const CALLED = 3;
const FILE = 4;
const CALLEE = 5;

function tableOf(nodes: readonly NodeInfo[]): Float64Array {
  const table = new Float64Array(nodes.length * WIDTH);
  nodes.forEach(({ address, line }, row) => {
    const number = Number(address);
    const isExact = Number.isSafeInteger(number);
    table[row * WIDTH + PLACE] = isExact ? number : Number.NaN;
    table[row * WIDTH + LENGTH] = 2 + (isExact ? hexDigitsOf(number) : address.toString(16).length);
    table[row * WIDTH + LINE] = Number(line);
  });
  return table;
}

function hexDigitsOf(value: number): number {
  let length = 1;
  for (let limit = 16; value >= limit; limit *= 16) length++;
  return length;
}

/** Writes row after row; V8 optimizes its loops, which it does not do inside a generator. */
class Rows {
  readonly #nodes: readonly NodeInfo[];
  readonly #costs: CallgrindRows;
  readonly #out: ByteWriter;
  readonly #scale: (value: number) => number;
  readonly #objects = new Names();
  readonly #files = new Names();
  readonly #functions = new Names();
  readonly #places: Places;
  readonly #weight: (i: number) => number;
  readonly #callees: readonly string[];
  /** See PLACE and what follows it. */
  readonly #table: Float64Array;
  #previous = -1;

  constructor({ nodes, callees, costs, unit, outputUnit }: CallgrindReport, out: ByteWriter) {
    this.#nodes = nodes;
    this.#costs = costs;
    this.#out = out;
    this.#scale = scaler(unit, outputUnit);
    this.#table = tableOf(nodes);
    this.#places = new Places(nodes, this.#table, out);
    this.#weight = numberReader(costs.weight);
    this.#callees = callees;
  }

  write(row: number): void {
    const { callStart, callee, flat } = this.#costs;
    const node = this.#costs.node[row];
    const here = this.#nodes[node];
    const out = this.#out;
    if (this.#previous === -1 || !isSameFunction(here, this.#nodes[this.#previous])) {
      const { object, file, name } = here;
      out.text(`\nob=${this.#objects.of(object)}\nfl=${this.#files.of(file)}\nfn=${this.#functions.of(name)}\n`);
    }
    this.#places.write(node, this.#previous);
    out.text(` ${here.line} `);
    this.#cost(Number(flat[row]));
    for (let i = callStart[row]; i < callStart[row + 1]; i++) this.#call(callee[i], this.#weight(i));
    this.#previous = node;
  }

  #call(row: number, weight: number): void {
    const out = this.#out;
    const table = this.#table;
    const at = row * WIDTH;
    if (table[at + CALLED] === 1) {
      out.bytes(CFL);
      this.#name(table[at + FILE]);
      out.bytes(CFN);
      this.#name(table[at + CALLEE]);
    } else this.#firstCall(row);
    out.bytes(CALLS);
    this.#places.write(row, this.#previous);
    out.byte(BLANK);
    const line = table[at + LINE];
    out.integer(Number.isSafeInteger(line) ? line : this.#nodes[row].line);
    out.bytes(COST);
    this.#cost(weight);
  }

  #name(number: number): void {
    if (number === 0) return;
    this.#out.byte(OPEN);
    this.#out.integer(number);
    this.#out.byte(CLOSE);
  }

  #firstCall(row: number): void {
    const { file } = this.#nodes[row];
    const callee = this.#callees[row];
    this.#out.text(`cfl=${this.#files.of(file)}\ncfn=${this.#functions.of(callee)}`);
    const at = row * WIDTH;
    this.#table[at + CALLED] = 1;
    this.#table[at + FILE] = this.#files.number(file);
    this.#table[at + CALLEE] = this.#functions.number(callee);
  }

  #cost(value: number): void {
    const scaled = this.#scale(value);
    this.#out.integer(Math.abs(scaled) < 2 ** 53 ? Math.trunc(scaled) : truncToInt64(scaled));
    this.#out.byte(LINE_END);
  }
}

function isSameFunction(a: NodeInfo, b: NodeInfo): boolean {
  return a.object === b.object && a.file === b.file && a.name === b.name;
}

class Names {
  readonly #known = new Map<string, number>();

  /** The name and its number, later the number alone. */
  of(name: string): string {
    const known = this.number(name);
    if (known !== 0 || name === '') return name === '' ? '' : `(${known})`;
    this.#known.set(name, this.#known.size + 1);
    return `(${this.#known.size}) ${clean(name)}`;
  }

  /** 0 is none yet. */
  number(name: string): number {
    return this.#known.get(name) ?? 0;
  }
}

/** A name is a line. */
const clean = (name: string) => (/[\n\r]/.test(name) ? name.replace(/[\n\r]/g, ' ') : name);

/** Addresses as they are, or relative to the row before where that takes fewer characters. */
class Places {
  readonly #nodes: readonly NodeInfo[];
  readonly #out: ByteWriter;
  readonly #table: Float64Array;

  constructor(nodes: readonly NodeInfo[], table: Float64Array, out: ByteWriter) {
    this.#nodes = nodes;
    this.#table = table;
    this.#out = out;
  }

  /** previous: -1 is none. */
  write(row: number, previous: number): void {
    const out = this.#out;
    if (previous === -1) {
      this.#absolute(row);
      return;
    }
    const difference = this.#table[row * WIDTH + PLACE] - this.#table[previous * WIDTH + PLACE];
    if (difference === 0) out.byte(STAR);
    else if (!Number.isFinite(difference)) this.#relative(row, previous);
    else if (1 + digitsOf(Math.abs(difference)) >= this.#table[row * WIDTH + LENGTH]) this.#absolute(row);
    else {
      if (difference > 0) out.byte(PLUS);
      out.integer(difference);
    }
  }

  #absolute(row: number): void {
    this.#out.text(`0x${this.#nodes[row].address.toString(16)}`);
  }

  /** Large addresses. */
  #relative(row: number, previous: number): void {
    const difference = BigInt.asIntN(64, this.#nodes[row].address - this.#nodes[previous].address);
    const relative = difference < 0n ? difference.toString() : `+${difference}`;
    if (difference === 0n) this.#out.byte(STAR);
    else if (relative.length < this.#table[row * WIDTH + LENGTH]) this.#out.text(relative);
    else this.#absolute(row);
  }
}
