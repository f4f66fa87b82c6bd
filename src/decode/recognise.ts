// What a file is that is no profile.proto: by its first bytes, for an error that helps. One row a format; the formats
// that tspprof will read have their row replaced by a decoder.

import { ProfileError } from '../errors.js';
import { fromBytes } from '../model/strings.js';

interface Known {
  readonly is: (head: string) => boolean;
  readonly fact: (head: string) => string;
  readonly hint: string;
}

const firstLine = (head: string) => {
  const line = head
    .trimStart()
    .split('\n', 1)[0]
    .replace(/[^\x20-\x7e]/g, '?');
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
};
const starts = (pattern: RegExp) => (head: string) => pattern.test(head);
const says = (text: string) => () => text;

const known: readonly Known[] = [
  {
    is: (head) => /^\s*\{/.test(head) && /"(nodes|startTime|timeDeltas)"/.test(head),
    fact: says('this is a V8 CPU profile (.cpuprofile) of a JavaScript program, not a pprof profile'),
    hint: 'open it in Chrome DevTools or speedscope; for Go programs take /debug/pprof/profile',
  },
  {
    is: starts(/^\s*[[{]/),
    fact: says('this is JSON, not a pprof profile'),
    hint: 'pprof endpoints give binary data: take /debug/pprof/profile or /debug/pprof/heap; /debug/vars is JSON',
  },
  {
    is: starts(/^\s*<(!doctype|html|\?xml|head|body|svg)/i),
    fact: says('this is an HTML page, not a pprof profile'),
    hint: 'it is the page of a proxy, a login or the index /debug/pprof/: take one of the profiles it links to, e.g. /debug/pprof/heap',
  },
  {
    is: starts(/^Could not enable CPU profiling/i),
    fact: (head) => `the server answered with an error that was saved as the profile: ${firstLine(head)}`,
    hint: 'only one CPU profile can run at a time: wait until the other ends and take it again',
  },
  {
    is: starts(
      /^(heap profile: |goroutine profile: |threadcreate profile: |--- (mutex|contention|threadz|heapz|contentionz)|\w+ profile: total )/,
    ),
    fact: (head) => `this is a text profile (debug=1): ${firstLine(head)}`,
    hint: 'this version reads the binary form: take it again without ?debug=1',
  },
  {
    is: starts(/^(goroutine \d+ |SIGQUIT|panic: |fatal error: |runtime: )/),
    fact: says('this is a dump of goroutine stacks, not a profile'),
    hint: 'for a profile of the same take /debug/pprof/goroutine without ?debug=2',
  },
  {
    is: starts(/^go 1\.\d+ trace/),
    fact: says('this is an execution trace, not a profile'),
    hint: 'take /debug/pprof/profile, or look at it with go tool trace',
  },
  {
    is: starts(/^PK\x03\x04/),
    fact: says('this is a zip archive, not a profile'),
    hint: 'unpack it and give the profile inside',
  },
  {
    is: starts(/^(\x7fELF|MZ|\xcf\xfa\xed\xfe|\xfe\xed\xfa)/),
    fact: says('this is an executable, not a profile'),
    hint: 'give the profile; the binary is not needed for a report',
  },
  {
    is: starts(/^(\0{8}|\0{4})(\x03\0|\0{3}\x03|\0{7}\x03)/),
    fact: says('this is a CPU profile in the old binary format of gperftools'),
    hint: 'this version reads profile.proto: convert it with pprof -proto',
  },
  {
    is: starts(/^PERFILE2/),
    fact: says('this is a file of Linux perf, not a profile'),
    hint: 'convert it with perf_to_profile first',
  },
  {
    is: starts(/^\x28\xb5\x2f\xfd|^BZh|^\xfd7zXZ/),
    fact: says('this is compressed with zstd, bzip2 or xz'),
    hint: 'profiles are gzipped or raw: decompress it first',
  },
  {
    is: (head) => head.length >= 4 && /^[\t\n\r\x20-\x7e]+$/.test(head.slice(0, 200)),
    fact: (head) => `this is text, not a profile: ${firstLine(head)}`,
    hint: 'a server may have answered with an error that was saved as the profile: look at it, and take it again',
  },
];

/** The error for bytes that are no profile, if they are something known. head: the first 512 bytes or fewer. */
export function explainHead(head: Uint8Array): ProfileError | undefined {
  let latin = '';
  for (const byte of head) latin += String.fromCharCode(byte);
  const row = known.find(({ is }) => is(latin) || is(fromBytes(head)));
  return row && new ProfileError('not-a-profile', row.fact(latin), { offset: 0 }, row.hint);
}
