// Profiles that come as text: bytes → TextProfile. The head says the format; it may stand behind blank lines, comments and
// what a transfer adds (the headers of `curl -i`). Not here: profiles of goroutines, which are dumps; gperftools' binary
// format, and Java's text.

import { ProfileError } from '../../errors.js';
import type { TextProfile } from '../../model/textProfile.js';
import { decodeText } from '../dump/unwrap/utf16.js';
import { isContentionHead, readContention } from './contention.js';
import { isCountHead, readCount } from './count.js';
import { LineCursor } from './cursor.js';
import { isHeapHead, readHeap } from './heap.js';
import { isThreadsHead, readThreads } from './threads.js';

const formats: readonly { is: (line: string) => boolean; read: (lines: LineCursor) => TextProfile }[] = [
  { is: isHeapHead, read: readHeap },
  { is: isContentionHead, read: readContention },
  { is: isCountHead, read: readCount },
  { is: isThreadsHead, read: readThreads },
];
/** A dump begins here, in which anything may be. */
const OTHER = /^(goroutine \d|SIG[A-Z]{2,6}: |panic: |fatal error: )|goroutine(leak)? profile: total/;
const MOST_LINES = 40;

/**
 * The profile in a text; undefined: it begins with none.
 *
 * Throws ProfileError 'malformed' for a line that is none of its format. Where the text ends early, what is whole is read and an issue
 * says so. Linear in the size of the text.
 */
export function decodeTextProfile(bytes: Uint8Array): TextProfile | undefined {
  const lines = new LineCursor(decodeText(bytes)?.bytes ?? bytes);
  while (lines.line < MOST_LINES && lines.next()) {
    const { content } = lines;
    if (OTHER.test(content)) return undefined;
    const format = formats.find(({ is }) => is(content));
    if (format === undefined) continue;
    refuseJava(lines.text.subarray(lines.to, lines.to + 200));
    return format.read(lines);
  }
  return undefined;
}

function refuseJava(head: Uint8Array): void {
  if (
    !/^\s*format *= *java/m.test(
      String.fromCharCode(...head)
        .split('\n', 3)
        .join('\n'),
    )
  )
    return;
  throw new ProfileError(
    'not-a-profile',
    'this is a text profile of a Java program',
    {},
    'this version reads profile.proto and the text profiles of Go and C++: convert it with pprof -proto',
  );
}
