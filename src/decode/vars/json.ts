// JSON as it is found in /debug/vars: integers stay exact, and what is wrong with one variable does not take the others along.
//
//   "half": NaN               what is no number of JSON is null, and told
//   "mine": some text         a Var of the program's own may print anything: it is left out, told, and the next line goes on
//   {"memstats": {"Alloc":1   a file that was cut gives what it has
//   {…}\n{…}   [{…},{…}]      several documents
//
// Objects are Maps, so that no name in a file means anything to JavaScript. Depth and lengths are limited: nothing is recursive without end.
// Source of the one-variable-a-line form: expvar.Handler.

import type { VarsIssue } from '../../model/vars.js';

/** number: what is no integer, or fits; bigint: integers beyond 2^53. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

const MOST_DEPTH = 32;
/** Of a list; the rings of MemStats have 256. */
const MOST_ITEMS = 4096;
const MOST_DOCUMENTS = 10_000;
const MOST_ISSUES = 20;

/** A value cannot be read from here on. */
class Broken extends Error {}

export interface Documents {
  readonly objects: readonly JsonObject[];
  readonly issues: readonly VarsIssue[];
}

/** The objects in a text, in its order. Never throws. */
export function readDocuments(text: string): Documents {
  const reader = new Reader(text);
  reader.readAll();
  return { objects: reader.objects, issues: reader.issues };
}

const WHITE = /[ \t\r\n]*/y;
/** Between documents also what makes a list of them, and RFC 7464's separator. */
const BETWEEN = /[ \t\r\n,[\]\x1e]*/y;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
/** As Go and others print them. */
const NO_NUMBER = /[+-]?(nan|inf(inity)?)\b/iy;
const STRING = /"((?:[^"\\\n\r]|\\[^\n\r])*)"/y;

class Reader {
  readonly objects: JsonObject[] = [];
  readonly issues: VarsIssue[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): void {
    for (;;) {
      this.#skip(BETWEEN);
      if (this.#at >= this.#text.length) return;
      if (this.objects.length === MOST_DOCUMENTS) {
        this.#tell(`only the first ${MOST_DOCUMENTS} objects are read`, this.#at);
        return;
      }
      if (this.#text[this.#at] !== '{') {
        this.#tell('what follows is no JSON object', this.#at);
        const next = this.#text.indexOf('\n{', this.#at);
        if (next < 0) return;
        this.#at = next + 1;
        continue;
      }
      const found = new Map<string, JsonValue>();
      this.objects.push(found);
      this.#document(found);
    }
  }

  /** An object whose variables stand for themselves. */
  #document(found: Map<string, JsonValue>): void {
    this.#at++;
    for (let isFirst = true; ; isFirst = false) {
      this.#skip(isFirst ? WHITE : /[ \t\r\n,]*/y);
      const next = this.#text[this.#at];
      if (next === '}') {
        this.#at++;
        return;
      }
      if (next === undefined) {
        this.#tell('it ends early: the rest is missing');
        return;
      }
      const start = this.#at;
      let name = '';
      try {
        name = this.#string();
        this.#skip(WHITE);
        if (this.#text[this.#at] !== ':') throw new Broken('a colon is missing');
        this.#at++;
        this.#member(found, name, 1);
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        const isCut = this.#at >= this.#text.length;
        this.#tell(isCut ? 'it ends early: the rest is missing' : `${error.message}: left out`, this.#at, name);
        if (isCut || !this.#nextVariable(start)) return;
      }
    }
  }

  /** Goes to the next line that begins a variable or ends the document. */
  #nextVariable(start: number): boolean {
    const line = /\n(?=[ \t]*["}])/g;
    line.lastIndex = Math.max(start, this.#at - 1);
    const found = line.exec(this.#text);
    if (found === null) {
      this.#at = this.#text.length;
      return false;
    }
    this.#at = found.index + 1;
    return true;
  }

  /** What is there of a broken list or object is kept. */
  #member(into: Map<string, JsonValue>, name: string, depth: number): void {
    this.#skip(WHITE);
    const next = this.#text[this.#at];
    if (next === '{') {
      const members = new Map<string, JsonValue>();
      into.set(name, members);
      this.#object(members, depth);
    } else if (next === '[') {
      const items: JsonValue[] = [];
      into.set(name, items);
      this.#list(items, depth);
    } else into.set(name, this.#scalar(name));
  }

  #object(into: Map<string, JsonValue>, depth: number): void {
    if (depth > MOST_DEPTH) throw new Broken('too deep');
    this.#at++;
    this.#skip(WHITE);
    if (this.#takes('}')) return;
    for (;;) {
      this.#skip(WHITE);
      const name = this.#string();
      this.#skip(WHITE);
      if (!this.#takes(':')) throw new Broken('a colon is missing');
      this.#member(into, name, depth + 1);
      this.#skip(WHITE);
      if (this.#takes('}')) return;
      if (!this.#takes(',')) throw new Broken('a comma is missing');
    }
  }

  #list(items: JsonValue[], depth: number): void {
    if (depth > MOST_DEPTH) throw new Broken('too deep');
    this.#at++;
    this.#skip(WHITE);
    if (this.#takes(']')) return;
    const holder = new Map<string, JsonValue>();
    for (let count = 0; ; count++) {
      this.#member(holder, '', depth + 1);
      const item = holder.get('');
      if (item !== undefined && count < MOST_ITEMS) items.push(item);
      this.#skip(WHITE);
      if (this.#takes(']')) return;
      if (!this.#takes(',')) throw new Broken('a comma is missing');
    }
  }

  #scalar(name: string): JsonValue {
    const next = this.#text[this.#at];
    if (next === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    NO_NUMBER.lastIndex = this.#at;
    const odd = NO_NUMBER.exec(this.#text)?.[0];
    if (odd !== undefined) {
      this.#tell(`${odd} is no number of JSON`, this.#at, name);
      this.#at += odd.length;
      return null;
    }
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw new Broken('this is no value of JSON');
    this.#at += found[0].length;
    return numberOf(found[0], found[1] === undefined && found[2] === undefined);
  }

  #string(): string {
    STRING.lastIndex = this.#at;
    const found = STRING.exec(this.#text);
    if (found === null) {
      if (this.#text[this.#at] === '"' && this.#text.indexOf('\n', this.#at) < 0) this.#at = this.#text.length;
      throw new Broken('this is no text of JSON');
    }
    this.#at += found[0].length;
    if (!found[1].includes('\\')) return found[1];
    try {
      return String(JSON.parse(found[0]));
    } catch {
      return found[1];
    }
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    this.#at += pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #tell(fact: string, at = this.#text.length, field = ''): void {
    if (this.issues.length === MOST_ISSUES) return;
    let line = 1;
    for (let i = this.#text.indexOf('\n'); i >= 0 && i < at; i = this.#text.indexOf('\n', i + 1)) line++;
    this.issues.push({ fact, line, ...(field === '' ? {} : { field }) });
  }
}

const WORDS: readonly (readonly [string, JsonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

/** 1e400 is Infinity: no number of anything. */
function numberOf(digits: string, isInteger: boolean): JsonValue {
  const value = Number(digits);
  if (!isInteger || Number.isSafeInteger(value)) return Number.isFinite(value) ? value : null;
  return digits.length <= 40 ? BigInt(digits) : null;
}
