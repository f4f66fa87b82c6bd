// Where things are said: the report on stdout or in a file, all else on stderr.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { ProfileError, toBytes, visible } from '../../index.js';

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

let isGuarded = false;

/** stderr, which Node sets up at first use . Where nobody reads it what is under way goes on. */
export function standardError(): NodeJS.WriteStream {
  if (!isGuarded) process.stderr.on('error', () => {});
  isGuarded = true;
  return process.stderr;
}

/** Lines for stderr. Names of files, labels and sample types may be in them, so that control characters are made visible. */
export const say = (text: string) => standardError().write(`${visibleText(text)}\n`);

export const visibleText = (text: string) =>
  text
    .split('\n')
    .map((line) => visible(line, '\t'))
    .join('\n');

export const print = (text: string) => writeOut([toBytes(text)]);

export async function writeFile(chunks: Chunks, path: string): Promise<void> {
  say(`Generating report in ${path}`);
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
    for await (const chunk of chunks) {
      if (!file.write(chunk)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
  } catch (error) {
    if (error instanceof ProfileError) throw error;
    throw unwritable(path, error);
  }
}

export function unwritable(path: string, error: unknown): ProfileError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reasons = new Map<unknown, string>([
    ['EISDIR', 'it is a folder'],
    ['ENOENT', 'there is no such folder'],
    ['EACCES', 'permission denied'],
    ['ENOSPC', 'no space left on the device'],
  ]);
  return new ProfileError(
    'unreadable',
    `it cannot be written: ${reasons.get(code) ?? (error instanceof Error ? error.message : String(error))}`,
    { source: path },
    'choose another -output',
  );
}

export async function writeOut(chunks: Chunks): Promise<void> {
  const { stdout } = process;
  for await (const chunk of chunks) {
    if (!stdout.write(chunk)) await once(stdout, 'drain');
  }
}
