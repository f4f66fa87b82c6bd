// Report → chunks of text. All escaping lives in this folder; no arithmetic but unit scaling.

import { badOption } from '../errors.js';
import { fromBytes, toBytes } from '../model/strings.js';
import type { Report } from '../report/report.js';
import { renderCallgrind } from './callgrind.js';
import { renderDot } from './dot.js';
import { renderFlame } from './flame.js';
import { renderFolded } from './folded.js';
import { renderFlameJson, renderJson } from './json.js';
import { renderList } from './list.js';
import { renderRaw } from './raw.js';
import { renderSpeedscope } from './speedscope.js';
import { renderTags } from './tags.js';
import { renderTopText } from './text.js';
import { renderTraces } from './traces.js';
import { renderTree } from './tree.js';

/** folded and speedscope are of flame alone. */
export type Format = 'text' | 'json' | 'folded' | 'speedscope';

/** Characters that are encoded at once. */
const PIECE = 65536;

/**
 * Renders a report as bytes, piece by piece: what render() gives, for a file or a pipe. The quicker of the two where a
 * report is long.
 */
export function* renderBytes(report: Report, format: Format): Generator<Uint8Array> {
  if (format === 'text' && report.kind === 'traces') return yield* renderTraces(report);
  if (format === 'text' && report.kind === 'raw') return yield* renderRaw(report);
  if (format === 'text' && report.kind === 'callgrind') return yield* renderCallgrind(report);
  if (format === 'json' && report.kind === 'flame') return yield* renderFlameJson(report);
  if (format === 'folded' && report.kind === 'flame') return yield* renderFolded(report);
  if (format === 'speedscope' && report.kind === 'flame') return yield* renderSpeedscope(report);
  let text = '';
  for (const chunk of render(report, format)) {
    text += chunk;
    if (text.length < PIECE) continue;
    yield toBytes(text);
    text = '';
  }
  if (text !== '') yield toBytes(text);
}

/**
 * Renders a report, piece by piece, since a long one fits in no string: `[...render(r, 'text')].join('')` where it does.
 * text: what pprof prints, byte for byte, once toBytes() has turned it into bytes. json: the report itself, integers exact.
 */
export function render(report: Report, format: Format): Iterable<string> {
  switch (format) {
    case 'json':
      return report.kind === 'flame' ? texts(renderFlameJson(report)) : renderJson(report);
    case 'text':
      return renderText(report);
    case 'folded':
    case 'speedscope':
      if (report.kind !== 'flame')
        throw badOption(`there is no ${report.kind} as ${format}`, 'make a flame report of it');
      return texts(format === 'folded' ? renderFolded(report) : renderSpeedscope(report));
    default: {
      const never: never = format;
      throw new TypeError(`there is no format ${never}`);
    }
  }
}

function renderText(report: Report): Iterable<string> {
  switch (report.kind) {
    case 'top':
      return renderTopText(report);
    case 'tree':
      return renderTree(report);
    case 'list':
      return renderList(report);
    case 'traces':
      return texts(renderTraces(report));
    case 'raw':
      return texts(renderRaw(report));
    case 'tags':
      return renderTags(report);
    case 'comments':
      return report.rows.map((comment) => `${comment}\n`);
    case 'dot':
      return renderDot(report);
    case 'callgrind':
      return texts(renderCallgrind(report));
    case 'flame':
      return renderFlame(report);
    case 'topproto':
      throw badOption('topproto is no text', 'encodeTopProto() gives its bytes, render(…, "json") its rows');
    default: {
      const never: never = report;
      throw new TypeError(`there is no report ${never}`);
    }
  }
}

function* texts(chunks: Iterable<Uint8Array>): Generator<string> {
  for (const chunk of chunks) yield fromBytes(chunk);
}
