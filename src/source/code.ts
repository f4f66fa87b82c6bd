// Source files on disk, for list: where pprof looks for them (internal/report openSourceFile).
//
//   /abs/file.go        as it is
//   dir/file.go         in each folder of -source_path (the working folder unless given) and in all its parents
//
// What is found but is no file (a folder, a device, a pipe) has no lines. A line may be of any length: pprof leaves out all
// from the first one of 64 KiB on.

import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { trimFileName } from '../model/path.js';
import type { SourceReader } from '../model/source.js';
import { fromBytes, toBytes } from '../model/strings.js';

/** A reader for list on Node; each file is read once. Takes the two options of a query that say where sources are. */
export function sourceReader({
  source_path = '',
  trim_path = '',
}: {
  readonly source_path?: string;
  readonly trim_path?: string;
} = {}): SourceReader {
  const search = source_path === '' ? process.cwd() : source_path;
  const known = new Map<string, ReturnType<SourceReader>>();
  return (file) => {
    let source = known.get(file);
    if (source === undefined) {
      source = readSource(trimFileName(file, trim_path, search), search);
      known.set(file, source);
    }
    return source;
  };
}

function readSource(path: string, search: string): ReturnType<SourceReader> {
  if (isAbsolute(path)) {
    try {
      return { lines: linesOf(path) };
    } catch (error) {
      return { error: `open ${path}: ${reason(error)}` };
    }
  }
  for (const folder of search.split(process.platform === 'win32' ? ';' : ':')) {
    for (let at = folder; ; at = dirname(at)) {
      try {
        return { lines: linesOf(join(at, path)) };
      } catch {
        if (dirname(at) === at) break;
      }
    }
  }
  return { error: `could not find file ${path} on path ${search}` };
}

/** In Go's words. */
function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    ENOTDIR: 'not a directory',
    ENAMETOOLONG: 'file name too long',
    ELOOP: 'too many levels of symbolic links',
    ERR_INVALID_ARG_VALUE: 'invalid argument',
  };
  return words[String(code)] ?? (error instanceof Error ? error.message : String(error));
}

/** As Go's bufio.ScanLines: the last line end makes no line, a carriage return before one goes. */
function linesOf(path: string): string[] {
  const name = Buffer.from(toBytes(path));
  // A pipe would be waited for, a device may never end.
  if (!statSync(name).isFile()) return [];
  const lines = fromBytes(readFileSync(name)).split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
