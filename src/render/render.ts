// Report → chunks of text. All escaping lives in this folder; no arithmetic but unit scaling.

import type { Report } from '../report/report.js';
import { renderJson } from './json.js';
import { renderTopText } from './text.js';

export type Format = 'text' | 'json';

/**
 * Renders a report, piece by piece, since a long one fits in no string: `[...render(r, 'text')].join('')` where it does.
 * text: what pprof prints, byte for byte, once toBytes() has turned it into bytes. json: the report itself, integers exact.
 */
export function render(report: Report, format: Format): Iterable<string> {
  switch (format) {
    case 'json':
      return renderJson(report);
    case 'text':
      return renderTopText(report);
    default: {
      const never: never = format;
      throw new TypeError(`there is no format ${never}`);
    }
  }
}
