// callgrind's format as pprof writes it (internal/report printCallgrind): names in full once, then by number, and
// addresses relative where that is shorter.

import { numberReader } from '../model/int64.js';
import { toBytes } from '../model/strings.js';
import type { CallgrindNode, CallgrindReport, CallgrindRows } from '../report/callgrind.js';
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

/** Writes row after row; V8 optimizes its loops, which it does not do inside a generator. */
class Rows {
  readonly #nodes: readonly CallgrindNode[];
  readonly #costs: CallgrindRows;
  readonly #out: ByteWriter;
  readonly #scale: (value: number) => number;
  readonly #objects = new Names();
  readonly #files = new Names();
  readonly #functions = new Names();
  readonly #places: Places;
  readonly #weight: (i: number) => number;
  /** (was called, file, callee, line) of each node, side by side: a million calls find them in one line of the cache. */
  readonly #called: Float64Array;
  #previous = -1;

  constructor({ nodes, costs, unit, outputUnit }: CallgrindReport, out: ByteWriter) {
    this.#nodes = nodes;
    this.#costs = costs;
    this.#out = out;
    this.#scale = scaler(unit, outputUnit);
    this.#places = new Places(nodes, out);
    this.#weight = numberReader(costs.weight);
    this.#called = new Float64Array(nodes.length * 4);
  }

  write(row: number): void {
    const { callStart, callee, flat } = this.#costs;
    const node = this.#costs.node[row];
    const here = this.#nodes[node];
    const out = this.#out;
    if (this.#previous === -1 || !isSameFunction(here, this.#nodes[this.#previous])) {
      const { object, file, function: name } = here;
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
    const called = this.#called;
    if (called[row * 4] === 1) {
      out.bytes(CFL);
      this.#name(called[row * 4 + 1]);
      out.bytes(CFN);
      this.#name(called[row * 4 + 2]);
    } else this.#firstCall(row);
    out.bytes(CALLS);
    this.#places.write(row, this.#previous);
    out.byte(BLANK);
    const line = called[row * 4 + 3];
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
    const { file, callee, line } = this.#nodes[row];
    this.#out.text(`cfl=${this.#files.of(file)}\ncfn=${this.#functions.of(callee)}`);
    this.#called.set([1, this.#files.number(file), this.#functions.number(callee), Number(line)], row * 4);
  }

  #cost(value: number): void {
    const scaled = this.#scale(value);
    this.#out.integer(Math.abs(scaled) < 2 ** 53 ? Math.trunc(scaled) : truncToInt64(scaled));
    this.#out.byte(LINE_END);
  }
}

function isSameFunction(a: CallgrindNode, b: CallgrindNode): boolean {
  return a.object === b.object && a.file === b.file && a.function === b.function;
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
  readonly #nodes: readonly CallgrindNode[];
  readonly #out: ByteWriter;
  /** Of addresses that a number holds exactly; NaN of others. */
  readonly #numbers: Float64Array;
  /** Characters of the address: 0x…. */
  readonly #length: Uint8Array;

  constructor(nodes: readonly CallgrindNode[], out: ByteWriter) {
    this.#nodes = nodes;
    this.#out = out;
    this.#numbers = Float64Array.from(nodes, ({ address }) => (address < 2n ** 53n ? Number(address) : Number.NaN));
    this.#length = Uint8Array.from(nodes, ({ address }) => address.toString(16).length + 2);
  }

  /** previous: -1 is none. */
  write(row: number, previous: number): void {
    const out = this.#out;
    if (previous === -1) {
      this.#absolute(row);
      return;
    }
    const difference = this.#numbers[row] - this.#numbers[previous];
    if (difference === 0) out.byte(STAR);
    else if (!Number.isFinite(difference)) this.#relative(row, previous);
    else if (1 + digitsOf(Math.abs(difference)) >= this.#length[row]) this.#absolute(row);
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
    else if (relative.length < this.#length[row]) this.#out.text(relative);
    else this.#absolute(row);
  }
}
