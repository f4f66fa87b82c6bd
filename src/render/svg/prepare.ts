// DOT as pprof writes it → DOT that draws well. The names in it come from a profile, which nobody has checked.
//
//   tooltip="a&lt;b"            Graphviz would draw a<b: an & stands for itself
//   label="a‹U+202E›b"          characters that are not seen, or that XML forbids, are spelled out: a\u202eb
//   label="ns::f<10,000 …>"     lines that are wider than a window lose their middle; the tooltip has the whole name
//   many edges                  less polish, then straight lines, so that it takes seconds and not minutes

/** A label's line and a tooltip in characters, a label in lines; Graphviz takes 19 s over a line of 5,000,000. */
const LINE = 120;
const LINES = 100;
const TOOLTIP = 10_000;

/**
 * How much work Graphviz puts into a graph. nslimit: rounds of the simplex that places nodes; mclimit: rounds of the
 * search for fewer crossings. Measured: 1,131 edges 9.3 s, 1.7 s (3% wider) and 0.2 s; 2,105 edges 92, 29 and 0.9 s, nearly
 * all of it for the way of the curves around the nodes; 3,335 edges 290 s with curves, 1.9 s with straight lines.
 */
function effort(edges: number): string {
  if (edges <= CURVES_AT_EASE) return '';
  return edges <= CURVES ? 'nslimit=1 mclimit=0.5' : 'nslimit=0.1 mclimit=0.1 splines=line';
}
export const CURVES_AT_EASE = 400;
export const CURVES = 1000;

export function prepareDot(dot: string, edges = countEdges(dot)): string {
  const safe = mapStrings(spellOut(dot).replaceAll('&', '&amp;'), (text, before) => {
    if (/tooltip\s*=\s*$/.test(before)) {
      // Graphviz reads the escapes of a tooltip twice: \\N would be the name of the node.
      return (text.length > TOOLTIP ? cutMiddle(characters(text), TOOLTIP) : text).replaceAll('\\\\', '\\\\\\\\');
    }
    return text.length > LINE && /label\s*=\s*$/.test(before) ? cutLabel(text) : text;
  });
  const end = safe.lastIndexOf('}');
  return end < 0 ? safe : `${safe.slice(0, end)}${effort(edges)}${safe.slice(end)}`;
}

/** In pprof's text an edge stands at the start of its line: `N1 -> N2 [`. */
export function countEdges(dot: string): number {
  return dot.match(/^"?\w+"? -> /gm)?.length ?? 0;
}

/**
 * Control characters and bytes that are no UTF-8 as \x1b, marks of direction and the like as \u202e: the spelling of the
 * terminal, for which every font has the characters.
 */
export function spellOut(text: string, backslash = '\\\\'): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufffe\uffff]|[\ud800-\udfff]/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.codePointAt(0) ?? 0;
    const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
    const [letter, digits] = byte < 0x100 ? ['x', 2] : ['u', 4];
    return `${backslash}${letter}${byte.toString(16).padStart(digits, '0')}`;
  });
}

/** The line of the quote that nothing closes, from 1. */
export function openQuoteLine(dot: string): number | undefined {
  for (const [open, close] of quoted(dot)) if (close >= dot.length) return dot.slice(0, open).split('\n').length;
  return undefined;
}

/** Changes the inside of quoted strings; before: up to 16 characters that stand before the quote. */
function mapStrings(dot: string, change: (text: string, before: string) => string): string {
  const parts: string[] = [];
  let done = 0;
  for (const [open, close] of quoted(dot)) {
    parts.push(dot.slice(done, open + 1), change(dot.slice(open + 1, close), dot.slice(Math.max(0, open - 16), open)));
    done = close;
  }
  parts.push(dot.slice(done));
  return parts.join('');
}

/** Where the quotes of each string are; without a second one the end of the text. */
function* quoted(dot: string): Generator<readonly [open: number, close: number]> {
  for (let open = dot.indexOf('"'); open >= 0; ) {
    let close = open + 1;
    while (close < dot.length && dot[close] !== '"') close += dot[close] === '\\' ? 2 : 1;
    yield [open, close];
    open = dot.indexOf('"', close + 1);
  }
}

/** What is drawn as one character: an escape (\n, \"), an entity (&amp;), or the character itself. */
const characters = (text: string) => text.match(/\\.|&amp;|./gsu) ?? [];

function cutLabel(label: string): string {
  const lines: string[] = [];
  let line: string[] = [];
  for (const character of characters(label)) {
    if (/^(?:\n|\\[nlr])$/.test(character)) {
      lines.push(cutMiddle(line, LINE) + character);
      line = [];
    } else line.push(character);
  }
  lines.push(cutMiddle(line, LINE));
  if (lines.length > LINES) {
    const half = LINES / 2;
    lines.splice(half, lines.length - LINES + 1, `… ${lines.length - LINES + 1} lines …\\l`);
  }
  return lines.join('');
}

/** Both ends of a name say more than its middle. */
function cutMiddle(text: readonly string[], room: number): string {
  if (text.length <= room) return text.join('');
  const head = Math.floor((room - 1) / 3);
  return `${text.slice(0, head).join('')}…${text.slice(text.length - (room - 1 - head)).join('')}`;
}
