// Dumps come as they travelled: through PowerShell (UTF-16), container logs (JSON, CRI), journald, e-mail, Markdown.
// One file a way to travel; each looks at a sample of the text, and takes one layer off if it finds its own. They are
// asked again and again until none does, so that layers come off in whatever order they were put on.
//
// What the parser copes with by itself is left alone: CRLF, spaces for tabs, blank lines lost or doubled.

import { cleanCharacters, lineEnds } from './characters.js';
import { octalEscapes, unescapeLines } from './escaped.js';
import { breakHeaders } from './header.js';
import { htmlPage, htmlText } from './html.js';
import { jsonLines } from './json.js';
import { joinPartial } from './partial.js';
import { type Sample, takeSample } from './sample.js';
import type { Peeled } from './sink.js';
import { stripPrefix } from './strip.js';
import { decodeText } from './utf16.js';

export interface Unwrapped {
  readonly bytes: Uint8Array;
  /** What was undone, the outermost first, for a notice: `UTF-16 little endian`, `JSON log lines`. */
  readonly undone: readonly string[];
  /** 1-based line of the original input for a 1-based line of `bytes`; undefined when they are the same. */
  readonly lineOf?: (line: number) => number;
}

type Layer = (bytes: Uint8Array, sample: Sample) => Peeled | undefined;

/**
 * Whole records before parts of lines: a JSON line has escapes in it, and a prefix of each line would swallow the
 * `{"log":"` that follows it.
 */
const layers: readonly Layer[] = [
  lineEnds,
  htmlPage,
  jsonLines,
  joinPartial,
  cleanCharacters,
  htmlText,
  unescapeLines,
  octalEscapes,
  stripPrefix,
  breakHeaders,
];

const MOST_LAYERS = 10;

/**
 * The plain text of a dump.
 *
 *   2026-11-22T21:30:00Z stderr F goroutine 1 [running]:      goroutine 1 [running]:
 *   2026-11-22T21:30:00Z stderr F main.main()            →    main.main()
 *
 * A clean dump, or what is none, is returned as it is: the same object. Never throws. Costs milliseconds when clean,
 * and 3-9 s for 100 MB a layer otherwise.
 */
export function unwrap(bytes: Uint8Array): Unwrapped {
  let now = bytes;
  let origins: Int32Array | undefined;
  const undone: string[] = [];
  const take = (peeled: Peeled | undefined): boolean => {
    if (peeled === undefined) return false;
    now = peeled.bytes;
    origins = compose(origins, peeled.origins);
    undone.push(peeled.undone);
    return true;
  };
  // A buffer may be too large for the machine; what was undone so far is good, and the parser says what it is not.
  try {
    take(decodeText(now));
    for (let i = 0; i < MOST_LAYERS; i++) {
      const sample = takeSample(now);
      if (sample.anchor < 0 || !layers.some((layer) => take(layer(now, sample)))) break;
    }
  } catch {}
  if (undone.length === 0) return { bytes, undone };
  if (origins === undefined) return { bytes: now, undone };
  const map = origins;
  return { bytes: now, undone, lineOf: (line) => map[Math.min(Math.max(Math.trunc(line), 1), map.length) - 1] ?? 1 };
}

function compose(outer: Int32Array | undefined, inner: Int32Array | undefined): Int32Array | undefined {
  if (inner === undefined || inner.every((line, i) => line === i + 1)) return outer;
  return outer === undefined ? inner : inner.map((line) => outer[line - 1] ?? line);
}
