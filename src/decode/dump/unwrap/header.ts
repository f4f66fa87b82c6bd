// A header that does not begin its line: `http: panic serving 10.0.0.1:80: boom goroutine 7 [running]:` from a logger
// that wrote a stack behind its message, ```goroutine 1 [running]: in a comment. The text in front gets its own line.

import { findAnchor, HEADER, latin1, nextLine, type Sample } from './sample.js';
import { LineSink, type Peeled } from './sink.js';

/** A header that goes to the end of its line, with text in front. */
function hasText(line: string): boolean {
  const at = line.search(HEADER);
  return at > 0 && line.slice(0, at).trim() !== '' && /\]:?$/.test(line.slice(at).trimEnd());
}
/** A frame's first line, perhaps indented as a whole as the testing package does. */
const FUNCTION = /^([ \t]*)(?:[^\s()][^\n]*\)|created by .*)\s*$/;
const FENCE = /^ {0,3}(?:```|~~~)[\w -]*\r?$/;

export function breakHeaders(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  const isFenced = sample.windows.some(({ lines }) =>
    lines.some((line) => FENCE.test(line) || /^```\S*goroutine \d/.test(line)),
  );
  const isBroken = sample.windows.some(({ lines }) =>
    lines.some((line, i) => hasText(line) && FUNCTION.test(lines[i + 1] ?? '')),
  );
  if (isBroken) return breakAll(bytes);
  return isFenced ? dropFences(bytes) : undefined;
}

function breakAll(bytes: Uint8Array): Peeled | undefined {
  const sink = new LineSink(bytes.length);
  let changed = false;
  let done = 0;
  for (let at = findAnchor(bytes); at >= 0; ) {
    const lineStart = Math.max(bytes.lastIndexOf(10, at) + 1, done);
    const end = nextLine(bytes, at);
    const next = nextLine(bytes, end);
    const indent = FUNCTION.exec(line(bytes, end, next))?.[1];
    if (lineStart < at && at - lineStart < 4096 && indent !== undefined && hasText(line(bytes, lineStart, end))) {
      const header = at + latin1(bytes, at, Math.min(at + 16, end)).search(/goroutine/);
      sink.copyLines(bytes, done, lineStart);
      sink.copy(bytes, lineStart, header);
      sink.endLine();
      sink.copyLines(bytes, header, end);
      done = indent === '' ? end : outdent(sink, bytes, end, indent);
      changed = true;
    }
    at = findAnchor(bytes, Math.max(end, done));
  }
  sink.copyLines(bytes, done, bytes.length);
  return changed ? sink.peel('text before a header') : undefined;
}

/** Lines from start on without this indentation, up to the first that has it not. Returns where that begins. */
function outdent(sink: LineSink, bytes: Uint8Array, start: number, indent: string): number {
  let at = start;
  while (at < bytes.length) {
    const end = nextLine(bytes, at);
    const isEmpty = /^\s*$/.test(line(bytes, at, Math.min(end, at + 64)));
    if (!isEmpty && latin1(bytes, at, Math.min(at + indent.length, end)) !== indent) break;
    sink.copyLines(bytes, isEmpty ? Math.min(at + indent.length, end - 1) : at + indent.length, end);
    at = end;
  }
  return at;
}

const line = (bytes: Uint8Array, start: number, end: number) =>
  latin1(bytes, start, Math.min(end, start + 4096)).replace(/\n$/, '');

/** Lines of Markdown that open or close a block of code. */
function dropFences(bytes: Uint8Array): Peeled {
  const sink = new LineSink(bytes.length);
  let number = 1;
  for (let at = 0; at < bytes.length; number++) {
    const end = nextLine(bytes, at);
    sink.origin = number;
    const marks = latin1(bytes, at, Math.min(at + 8, end));
    if (!(/^ {0,3}(?:```|~~~)/.test(marks) && FENCE.test(line(bytes, at, end)))) {
      const inline = marks.startsWith('```') ? 3 : 0;
      sink.copy(bytes, at + inline, end);
    }
    at = end;
  }
  return sink.peel('Markdown fences');
}
