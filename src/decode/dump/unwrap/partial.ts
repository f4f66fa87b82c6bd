// Container logs that cut long lines: the Container Runtime Interface of Kubernetes marks each record P (partial) or F
// (full), GitLab's runner marks a continuation with +. The prefixes are fixed, and they must go before anything else
// looks at the pieces of a line.
//
//   2026-11-22T21:30:00.000000000Z stderr P goroutine 1 [run        2026-11-22T21:30:00.000000Z 01O goroutine 1 [run
//   2026-11-22T21:30:00.000000001Z stderr F ning]:                  2026-11-22T21:30:00.000000Z 01O+ning]:

import { LONGEST_LINE, latin1, type Sample } from './sample.js';
import { LineScanner } from './scanner.js';
import { type Peeled, Sources } from './sink.js';

const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:?\\d\\d)';
const CRI = new RegExp(`${TIME} (stdout|stderr) ([PF])(?::[^ \\n]{0,64})?(?: |\\r?(?=\\n|$))`, 'y');
const GITLAB = new RegExp(`${TIME} ([0-9a-f]{2}[OE])([ +]|\\r?(?=\\n|$))`, 'y');
/** Where one of them begins behind another prefix. */
export const PARTIAL = new RegExp(`${TIME} (?:(?:stdout|stderr) [PF](?: |$)|[0-9a-f]{2}[OE][ +])`);

export function joinPartial(bytes: Uint8Array, sample: Sample): Peeled | undefined {
  const head = latin1(bytes, sample.lineStart, Math.min(sample.lineStart + 128, bytes.length));
  const matches = (pattern: RegExp) => {
    pattern.lastIndex = 0;
    return pattern.test(head);
  };
  if (matches(CRI)) return join(bytes, CRI, 'container log lines (CRI)');
  if (matches(GITLAB)) return join(bytes, GITLAB, 'GitLab job log lines');
  return undefined;
}

function join(bytes: Uint8Array, pattern: RegExp, undone: string): Peeled {
  const sources = new Sources(bytes.length);
  const scanner = new LineScanner(bytes, LONGEST_LINE);
  while (scanner.next()) {
    const found = scanner.match(pattern);
    if (found === null) {
      const sink = sources.same(scanner.line);
      sink.endLine();
      sink.copy(bytes, scanner.start, scanner.end);
      continue;
    }
    const sink = sources.of(found[1], scanner.line);
    const body = scanner.start + found[0].length;
    const partial = found[2] === 'P';
    // GitLab says at the start of the next record that this one went on: ends are written late.
    if (pattern === GITLAB && found[2] !== '+') sink.endLine();
    const content = scanner.contentEnd;
    sink.begin();
    sink.copy(bytes, body, content);
    if (pattern === CRI && !partial) sink.byte(10);
    else if (pattern === GITLAB && body >= content && found[2] !== '+') sink.byte(10);
  }
  return sources.peel(undone);
}
