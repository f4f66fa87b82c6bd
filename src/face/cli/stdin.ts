// Standard input.

import { fstatSync } from 'node:fs';
import { ProfileError } from '../../node.js';

/** Whether somebody sends something: a pipe, a file or a socket, not a terminal or /dev/null. */
export function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

/** All of it. Throws ProfileError 'too-large'. */
export async function readStdin(maxBytes = 2 ** 31): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += chunk.length;
    if (size > maxBytes)
      throw new ProfileError(
        'too-large',
        `more than ${maxBytes} bytes`,
        { source: 'standard input' },
        'allow more with -max_bytes',
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
