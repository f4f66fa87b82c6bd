// What stands before the stacks: panics, fatal errors, signals. A panic's message may have several lines and even look
// like a goroutine (before Go 1.23 it is printed raw): it ends where a blank line and a goroutine follow.

import type { DumpReason } from '../../model/dump.js';
import { fromBytes } from '../../model/strings.js';
import { latin } from './lines.js';

/** A message longer than this is cut at its first line. */
const WINDOW = 1 << 16;

export interface ReasonLines {
  readonly kind: DumpReason['kind'];
  readonly message: string;
  /** Where the line behind it begins, and how many lines it has beyond the first; end -1: it has one line. */
  readonly end: number;
  readonly more: number;
}

const firstLines: readonly (readonly [pattern: RegExp, kind: DumpReason['kind']])[] = [
  [/^panic: test timed out after /, 'test timeout'],
  [/^panic: /, 'panic'],
  [/^fatal error: /, 'fatal error'],
  [/^(SIG[A-Z]{2,6}): /, 'signal'],
  [/^\[signal (SIG[A-Z]{2,6}|0x)/, 'signal'],
  [/^(unexpected fault address |runtime: |signal arrived during )/, 'runtime'],
  [/\bpanic serving \S+: /, 'panic'],
];

/** The reason that begins with this line, which begins at `from` of text; undefined: it is none. */
export function readReason(text: Uint8Array, from: number, line: string): ReasonLines | undefined {
  const known = firstLines.find(([pattern]) => pattern.test(line));
  if (known === undefined) return undefined;
  const [pattern, kind] = known;
  const isPanic = kind === 'panic' && /^panic: /.test(line);
  const bytes = Uint8Array.from(line, (character) => character.charCodeAt(0));
  const message = fromBytes(bytes).replace(kind === 'panic' ? pattern : /^(panic|fatal error): /, '');
  if (!isPanic && kind !== 'test timeout') return { kind, message, end: -1, more: 0 };
  const window = latin64(text, from);
  const end = /\n\r?\n(?=(\[signal |goroutine \d|runtime stack:))/.exec(window);
  const signal = /\n(?=\[signal )/.exec(window);
  const size = Math.min(
    end === null ? Infinity : end.index + end[0].length,
    signal === null ? Infinity : signal.index + 1,
  );
  if (size === Infinity) return { kind, message, end: -1, more: 0 };
  const whole = fromBytes(text.subarray(from, from + size));
  return {
    kind,
    message: whole
      .replace(/^panic: /, '')
      .replace(/\s+$/, '')
      .replaceAll('\r', ''),
    end: from + size,
    more: whole.split('\n').length - 2,
  };
}

function latin64(text: Uint8Array, from: number): string {
  const parts: string[] = [];
  for (let p = from; p < text.length && p < from + WINDOW; p += 4096) parts.push(latin(text, p, text.length));
  return parts.join('');
}

/** `rax    0x0`, as a signal's dump ends. */
export const isRegister = (line: string) => /^[a-z]{1,6}\d{0,2} +0x[0-9a-f]{1,16}$/.test(line);
