// What a file is, by its first bytes: text, in which a dump of goroutines may be, or binary, which may be profile.proto; and
// what it is if it is neither, for an error that helps. One row a format; the formats that tspprof will read have their row
// replaced by a decoder.

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
    hint: 'pprof endpoints give binary data: take /debug/pprof/profile or /debug/pprof/heap; tspprof vars shows /debug/vars',
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
    is: starts(/^--- heapz /),
    fact: (head) => `this is a text profile of a Java program: ${firstLine(head)}`,
    hint: 'this version reads profile.proto and the text profiles of Go and C++: convert it with pprof -proto',
  },
  // For who wants goroutines: src/decode/text reads them.
  {
    is: starts(/^\s*(heap profile:|--- (mutex:|contention:|contentionz |threadz |Thread ))/),
    fact: (head) => `this is a text profile: ${firstLine(head)}`,
    hint: 'look at it with tspprof top',
  },
  {
    is: starts(/^(SIGQUIT|panic: |fatal error: |runtime: )/),
    fact: (head) => `this is what a Go program said when it ended, without a goroutine: ${firstLine(head)}`,
    hint: 'the stacks come behind it: give all of the output, or run it again with GOTRACEBACK=all',
  },
  {
    is: starts(/^go 1\.\d+ trace/),
    fact: says('this is an execution trace, not a profile'),
    hint: 'take /debug/pprof/profile, or look at it with go tool trace',
  },
  {
    is: starts(/^PK\x03\x04/),
    fact: says('this is a zip archive, not a profile'),
    hint: 'give its name, so that it is read as a bundle: tspprof BUNDLE.zip lists it, BUNDLE.zip:MEMBER is a file',
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
  const latin = latin1(head);
  const row = known.find(({ is }) => is(latin) || is(fromBytes(head)));
  return row && new ProfileError('not-a-profile', row.fact(latin), { offset: 0 }, row.hint);
}

/** The same for bytes in which a dump of goroutines was looked for. */
export function explainNoDump(head: Uint8Array): ProfileError {
  const fact = explainHead(head)?.fact ?? 'this is neither text nor a profile';
  return new ProfileError(
    'not-a-dump',
    `no goroutine in it: ${fact.replace(/, not a (pprof )?profile/, '')}`,
    { offset: 0 },
    'take the stacks from /debug/pprof/goroutine?debug=2, or give what the program prints on SIGQUIT (kill -QUIT PID)',
  );
}

/** What text does not have; colours (ESC) and page breaks it may. */
const control = /[\0-\x07\x0e-\x1a\x1c-\x1f]/;
/** Logs with odd bytes in them, such as the frames of `docker logs`. */
const dumpInside = /goroutine \d+ \[|goroutine profile: total/;

/** Whether a dump is to be looked for in it; profile.proto has control characters from its first bytes on. head: the first 512 bytes. */
export function isText(head: Uint8Array): boolean {
  const latin = latin1(head);
  return !control.test(latin) || isUtf16(head) || dumpInside.test(latin);
}

/** With a mark, or every second byte is 0 and the others are text. */
function isUtf16(head: Uint8Array): boolean {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true;
  return [0, 1].some((zero) => {
    const zeros = head.filter((_, i) => i % 2 === zero);
    const others = head.filter((_, i) => i % 2 !== zero);
    return zeros.length > 8 && zeros.every((byte) => byte === 0) && !control.test(latin1(others));
  });
}

function latin1(head: Uint8Array): string {
  let latin = '';
  for (const byte of head) latin += String.fromCharCode(byte);
  return latin;
}
