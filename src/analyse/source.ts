// What the source says of a lock: whether it is held at a line. A function is read from its start to that line, without
// running it: Lock and Unlock of the same field count, deferred ones do not, and neither does an Unlock on a path that leaves.
//
//   s.mu.Lock()                  held from here
//   if s.closed {
//   	s.mu.Unlock()             leaves: still held below
//   	return
//   }
//   conn.Write(buffer)           a goroutine that stands here holds s.mu
//   s.mu.Unlock()

import type { SourceReader } from '../model/source.js';

/** Functions that lock for their callers, and functions that unlock for them, by name. */
interface Wrappers {
  readonly lock: ReadonlySet<string>;
  readonly unlock: ReadonlySet<string>;
}

export interface LockField {
  /** Last name of the expression: `mu` of s.mu.Lock(), `s` where the lock is embedded. */
  readonly field: string;
  /** It is the receiver's: s.mu.Lock() in a method of s. */
  readonly isReceivers: boolean;
  readonly wrappers: Wrappers;
}

/** held-by-receiver: through the receiver of the method that stands there. */
export type HeldState = 'held' | 'held-by-receiver' | 'free' | 'unknown';

export class SourceLocks {
  readonly #read: SourceReader;
  readonly #held = new Map<string, HeldState>();
  readonly #fields = new Map<string, LockField | undefined>();

  constructor(read: SourceReader) {
    this.#read = read;
  }

  /** The lock that is taken at this line, the call site of waiters. */
  fieldAt(file: string, line: number): LockField | undefined {
    const key = `${file}:${line}`;
    if (!this.#fields.has(key)) this.#fields.set(key, this.#findField(file, line));
    return this.#fields.get(key);
  }

  #findField(file: string, line: number): LockField | undefined {
    const lines = this.#lines(file);
    const call = /([\w.[\]()]*?)\.?\b(?:R?Lock|TryR?Lock)\(\)/.exec(code(lines?.[line - 1] ?? ''));
    if (lines === undefined || call === null) return undefined;
    const field = call[1].slice(call[1].lastIndexOf('.') + 1);
    const receiver = receiverName(lines, line);
    const isReceivers = receiver !== '' && call[1].split('.')[0] === receiver;
    return { field, isReceivers, wrappers: findWrappers(lines, field) };
  }

  /** Whether the lock is held where a goroutine stands at this line. */
  heldAt(file: string, line: number, { field, wrappers }: LockField): HeldState {
    const key = `${file}:${line} ${field}`;
    let state = this.#held.get(key);
    if (state === undefined) {
      const lines = this.#lines(file);
      state = lines === undefined || line > lines.length ? 'unknown' : heldIn(lines, line, field, wrappers);
      this.#held.set(key, state);
    }
    return state;
  }

  #lines(file: string): readonly string[] | undefined {
    const source = this.#read(file);
    return 'lines' in source && source.lines.length > 0 ? source.lines : undefined;
  }
}

/** A line without comment and texts. */
const code = (line: string) => line.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""').replace(/\/\/.*$/, '');

const literal = (name: string) => name.replace(/[^\w]/g, '\\$&');

const lockCall = (field: string) => new RegExp(`(?<!\\w)${literal(field)}\\.R?Lock\\(\\)`);
const unlockCall = (field: string) => new RegExp(`(?<!\\w)${literal(field)}\\.R?Unlock\\(\\)`);

/** The line of `func` around this one, from 0: of a closure its own. */
function functionStart(lines: readonly string[], line: number): number {
  let depth = 0;
  for (let i = line - 2; i >= 0; i--) {
    const text = code(lines[i]);
    for (let c = text.length - 1; c >= 0; c--) {
      if (text[c] === '}') depth++;
      else if (text[c] === '{' && --depth < 0) {
        if (/\bfunc\b[^{]*$/.test(text.slice(0, c))) return i;
        depth = 0;
      }
    }
    if (/^func\b/.test(text)) return i;
  }
  return 0;
}

function heldIn(lines: readonly string[], line: number, field: string, { lock, unlock }: Wrappers): HeldState {
  const locks = lockCall(field);
  const unlocks = unlockCall(field);
  const calls = (text: string, names: ReadonlySet<string>) =>
    [...text.matchAll(/\.(\w+)\(/g)].some(([, name]) => names.has(name));
  const receiver = receiverName(lines, line);
  const start = functionStart(lines, line);
  const literals = new Literals();
  let isHeld = false;
  let isReceivers = false;
  let wasLocked = false;
  for (let i = start; i < line - 1; i++) {
    const text = code(lines[i]);
    // What another function literal does, it does when it is called.
    const isElsewhere = literals.isInside;
    literals.read(i === start ? text.slice(text.lastIndexOf('func') + 4) : text);
    if (isElsewhere || literals.isInside) continue;
    if (locks.test(text) || calls(text, lock)) {
      isHeld = true;
      wasLocked = true;
      isReceivers = receiver !== '' && new RegExp(`(?<![\\w.])${receiver}\\b`).test(text);
    } else if ((unlocks.test(text) || calls(text, unlock)) && !/\bdefer\b/.test(text) && !leaves(lines, i, line))
      isHeld = false;
  }
  // The line may be a function literal of its own, all in one.
  if (/\bfunc\(/.test(code(lines[line - 1]))) return 'unknown';
  return isHeld ? (isReceivers ? 'held-by-receiver' : 'held') : wasLocked ? 'free' : 'unknown';
}

/** Follows the braces of function literals inside a function. */
class Literals {
  #depth = 0;
  readonly #open: number[] = [];

  get isInside(): boolean {
    return this.#open.length > 0;
  }

  read(text: string): void {
    for (let c = 0; c < text.length; c++) {
      if (text[c] === '{') {
        if (/\bfunc\([^{]*$/.test(text.slice(0, c))) this.#open.push(this.#depth);
        this.#depth++;
      } else if (text[c] === '}') {
        this.#depth--;
        if (this.#open[this.#open.length - 1] === this.#depth) this.#open.pop();
      }
    }
  }
}

/** Name of the receiver of the method around a line; '' for a function. */
function receiverName(lines: readonly string[], line: number): string {
  for (let i = line - 1; i >= 0; i--) {
    if (!/^func\b/.test(lines[i])) continue;
    return /^func \((\w+) /.exec(lines[i])?.[1] ?? '';
  }
  return '';
}

const indentOf = (line: string) => /^\s*/.exec(line)?.[0].length ?? 0;

/** Whether the block around line i (from 0) leaves the function or loop behind it, before the line that is looked at. */
function leaves(lines: readonly string[], i: number, before: number): boolean {
  const indent = indentOf(lines[i]);
  for (let j = i + 1; j < lines.length && j < before - 1; j++) {
    if (lines[j].trim() === '') continue;
    if (indentOf(lines[j]) < indent) return false;
    if (/^\s*(return|continue|break|goto|panic\()/.test(lines[j])) return true;
  }
  return false;
}

/** Functions of the file that end with the lock held, and those that unlock what they have not locked. */
function findWrappers(lines: readonly string[], field: string): Wrappers {
  const lock = new Set<string>();
  const unlock = new Set<string>();
  const locks = lockCall(field);
  const unlocks = unlockCall(field);
  let name = '';
  let locked = false;
  let unlocked = false;
  for (const line of lines) {
    const text = code(line);
    const start = /^func (?:\([^)]*\) )?(\w+)/.exec(text);
    if (start !== null) {
      name = start[1];
      locked = false;
      unlocked = false;
    }
    if (locks.test(text)) locked = true;
    if (unlocks.test(text)) {
      if (!locked && name !== '') unlock.add(name);
      unlocked = true;
    }
    if (/^}/.test(text) && name !== '') {
      if (locked && !unlocked) lock.add(name);
      name = '';
    }
  }
  return { lock, unlock };
}
