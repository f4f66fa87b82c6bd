// Graphviz's SVG → the same picture, made of known elements and attributes only, so that no name, colour or link of a
// profile can become markup: what is not in the table below is left out, what is no tag ends the work.
//
//   <g id="a_node1"><a xlink:title="main (3s)">   →   <g><title>main (3s)</title>
//
// The tooltips of Graphviz are attributes of links without a target, which SVG 2 gave up; a <title> is a tooltip
// everywhere. Its own titles (N1, N1->N2) say nothing. Comments, the DTD and what is said once for all texts go, too.

import { ProfileError } from '../../errors.js';

export interface Drawing {
  /** As Graphviz gives them: `2137pt`. */
  readonly width: string;
  readonly height: string;
  readonly viewBox: string;
  /** The name of the digraph. */
  readonly title: string;
  /** `<g …>…</g>` */
  readonly body: string;
}

const shape = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'fill-opacity', 'stroke-opacity'];
const ATTRIBUTES = new Map<string, readonly string[]>(
  Object.entries({
    g: ['id', 'class', 'transform'],
    a: [],
    polygon: [...shape, 'points'],
    polyline: [...shape, 'points'],
    path: [...shape, 'd'],
    ellipse: [...shape, 'cx', 'cy', 'rx', 'ry'],
    text: [
      ...['text-anchor', 'x', 'y', 'font-family', 'font-size', 'font-weight', 'font-style', 'text-decoration'],
      ...['fill', 'fill-opacity', 'baseline-shift'],
    ],
  }),
);
const FONT = 'Times,serif';

const TOKEN =
  /<!--[\s\S]*?-->|<\?[^>]*>|<!DOCTYPE[^>]*>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;

export function redraw(svg: string): Drawing {
  const parts: string[] = [];
  /** For each open element what closes it. */
  const closing: string[] = [];
  const ids = lastIds(svg);
  let head: Attributes = {};
  let title = '';
  /** The depth of an element that is left out with all that is in it. */
  let skipped: number | undefined;
  let inTitle = false;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < svg.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(svg);
    if (token === null) throw unreadable(at);
    const [, closes, opens, list, isEmpty, text] = token;
    if (closes !== undefined) {
      const close = closing.pop();
      if (close === undefined) throw unreadable(at);
      if (skipped === undefined) parts.push(close);
      else if (closing.length === skipped) skipped = undefined;
      inTitle = false;
    } else if (opens !== undefined) {
      const attributes = parseAttributes(list);
      let drawn = '';
      let close = '';
      if (skipped !== undefined) {
        // Inside of what is left out.
      } else if (opens === 'svg') head = attributes;
      else if (opens === 'title') {
        inTitle = true;
        skipped = closing.length;
      } else if (opens === 'a') [drawn, close] = drawTooltip(attributes);
      else if (ATTRIBUTES.has(opens)) {
        const { id } = attributes;
        if (id !== undefined && ids.get(id) !== at + 1 + opens.length + list.indexOf(' id="')) delete attributes.id;
        const { lastIndex } = TOKEN;
        const content = opens === 'text' ? svg.slice(lastIndex, svg.indexOf('<', lastIndex)) : '';
        drawn = drawElement(opens, attributes, content) + (isEmpty === '' ? '>' : '/>');
        close = `</${opens}>`;
      } else if (isEmpty === '') skipped = closing.length;
      parts.push(drawn);
      if (isEmpty === '') closing.push(close);
    } else if (text !== undefined) {
      if (inTitle && title === '') title = decode(text);
      if (skipped === undefined) parts.push(text.trim() === '' ? '\n' : escapeXml(decode(text)));
    }
  }
  const { width, height, viewBox } = head;
  if (closing.length > 0 || width === undefined || height === undefined || viewBox === undefined)
    throw unreadable(svg.length);
  return { width, height, viewBox, title, body: parts.join('').replace(/\n\n+/g, '\n').trim() };
}

/** A link without a target carries a tooltip only: what it opens and what closes it. */
function drawTooltip(attributes: Attributes): [string, string] {
  const { 'xlink:href': href = '', 'xlink:title': tip = '' } = attributes;
  const title = tip === '' ? '' : `<title>${escapeXml(tip)}</title>`;
  if (!/^https?:\/\//i.test(href)) return [title, ''];
  return [`${title}<a href="${escapeXml(href)}" target="_blank" rel="noopener noreferrer">`, '</a>'];
}

/** The tag without its end: `<g id="node1" class="node"`. */
function drawElement(name: string, attributes: Attributes, content: string): string {
  let drawn = `<${name}`;
  for (const key of ATTRIBUTES.get(name) ?? []) {
    const value = attributes[key];
    if (value === undefined || value.includes('url(') || (key === 'font-family' && value === FONT)) continue;
    if (key === 'id' && (!/^[A-Za-z][\w-]*$/.test(value) || value.startsWith('a_'))) continue;
    drawn += ` ${key}="${escapeXml(value)}"`;
  }
  if (attributes.class === 'graph') drawn += ` font-family="${FONT}"`;
  // The labels of edges begin with a space, which keeps them off the line.
  return /^\s|\s\s|\s&#160;|\s$/.test(content) ? `${drawn} xml:space="preserve"` : drawn;
}

/** Where each id stands last: the legend has the id that pprof gives to the first node, and comes before it. */
function lastIds(svg: string): Map<string, number> {
  const ids = new Map<string, number>();
  for (const { 1: id, index } of svg.matchAll(/ id="([^"]*)"/g)) ids.set(decode(id), index);
  return ids;
}

type Attributes = Record<string, string>;

function parseAttributes(list: string): Attributes {
  const attributes: Attributes = {};
  for (const [, name, value] of list.matchAll(/([\w:-]+)="([^"]*)"/g)) attributes[name] = decode(value);
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (_, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()];
    // Graphviz writes the second of two spaces so; one in a name stays the character that it is.
    if (decimal === '160') return ' ';
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return isXml(code) ? String.fromCodePoint(code) : '\ufffd';
  });
}

/** XML 1.0, Char: https://www.w3.org/TR/xml/#charsets */
function isXml(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code < 0xd800 || (code >= 0xe000 && code < 0xfffe) || (code >= 0x10000 && code <= 0x10ffff);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** For texts and attributes. What XML forbids becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\n\r\t]|[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
    (c) => ESCAPES[c] ?? '\ufffd',
  );
}

function unreadable(offset: number): ProfileError {
  return new ProfileError(
    'internal',
    'Graphviz drew something that is no SVG',
    { field: 'svg', offset },
    'a colour, font or other attribute in the DOT text has a quote in it; with DOT made by tspprof this is an error of tspprof: please report it with the DOT text',
  );
}
