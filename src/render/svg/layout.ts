// DOT → SVG: Graphviz, compiled to WASM, finds the places; the picture is drawn anew (redraw.ts) and can be moved and
// zoomed (panZoom.ts). Nothing has to be installed for it.
//
//   dot ─prepare─▶ DOT that is safe and draws well ─Graphviz─▶ SVG ─redraw─▶ body ─▶ SVG with pan and zoom
//
// Start-up of the engine 60-100 ms; 80 nodes 60 ms, 500 nodes 2-3 s, 2,000 nodes 2 s (straight lines); see prepare.ts.

import { ProfileError } from '../../errors.js';
import { loadGraphviz } from './graphviz.js';
import { PAN_ZOOM } from './panZoom.js';
import { CURVES, CURVES_AT_EASE, countEdges, openQuoteLine, prepareDot, spellOut } from './prepare.js';
import { escapeXml, redraw } from './redraw.js';

export interface SvgOptions {
  /** Of the window or tab; the name of the digraph when there is none. */
  readonly title?: string;
}

/** 3,335 edges take 2 s and that grows a little faster than their square: here it is a quarter of an hour. */
const MAX_EDGES = 50_000;

const SMALLER = 'make the graph smaller: -nodecount=80, or a larger -nodefraction or -edgefraction, or -focus';

/**
 * Lays out a digraph as pprof writes it (-dot) and gives an SVG document with tooltips, pan and zoom. Where no scripts run
 * (an img element, most viewers) it is the whole picture. An & in a name stands for itself.
 *
 *   const svg = await layoutSvg('digraph "app" {\nN1 [label="main"]\n}\n');
 *
 * Throws ProfileError: malformed (Graphviz refuses the text; where), too-large (edges, memory), internal. The thread is
 * busy until the layout is done: ask estimateLayout() first whether that deserves a word.
 */
export async function layoutSvg(dot: string, options: SvgOptions = {}): Promise<string> {
  const edges = countEdges(dot);
  if (edges > MAX_EDGES) throw tooLarge(`a graph of ${edges} edges would take longer than anybody waits`);
  const { width, height, viewBox, title, body } = redraw(await runGraphviz(prepareDot(dot, edges), dot));
  const name = options.title === undefined ? title : spellOut(options.title, '\\');
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${escapeXml(width)}" height="${escapeXml(height)}" viewBox="${escapeXml(viewBox)}">
<title>${escapeXml(name)}</title>
<g id="viewport">
${body}
</g>
<script><![CDATA[
${PAN_ZOOM}
]]></script>
</svg>
`;
}

export interface LayoutEstimate {
  readonly edges: number;
  /** On a 2025 server core; others differ by a factor of three. */
  readonly seconds: number;
  /** Edges are straight lines, since curves would take minutes. */
  readonly straight: boolean;
}

/** How long layoutSvg(dot) will take: nothing can be said while it runs. */
export function estimateLayout(dot: string): LayoutEstimate {
  const edges = countEdges(dot);
  const straight = edges > CURVES;
  const seconds = straight
    ? 2 * (edges / 3335) ** 2.3
    : edges > CURVES_AT_EASE
      ? 2.5 * (edges / 722) ** 1.5
      : (edges / CURVES_AT_EASE) ** 1.5;
  return { edges, seconds: 0.1 + seconds, straight };
}

/** given: the text as the caller knows it, for errors. */
async function runGraphviz(dot: string, given: string): Promise<string> {
  const Graphviz = await loadGraphviz();
  let svg: string;
  try {
    const graphviz = await Graphviz.load();
    svg = graphviz.layout(dot, 'svg', 'dot');
  } catch (error) {
    // After an abort its memory is in no known state; the next graph gets a new one.
    Graphviz.unload();
    throw explain(error, given);
  }
  if (svg.trim() === '') throw refused('there is no graph in the DOT text', 1);
  return svg;
}

/** Graphviz's own errors are lines of text, those of the WASM runtime are Error subclasses, numbers or strings. */
function explain(error: unknown, dot: string): ProfileError {
  const text = error instanceof Error ? error.message : String(error);
  const syntax = /syntax error in line (\d+)(?: near '(.*)')?/.exec(text);
  if (syntax !== null) {
    // In a string without an end Graphviz reads on until the text ends.
    const open = openQuoteLine(dot);
    const line = open ?? Number(syntax[1]);
    const what =
      open === undefined ? (syntax[2] === undefined ? '' : ` near ${syntax[2]}`) : ', a quote that is not closed';
    return refused(`syntax error${what}: ${firstLine(dot.split('\n')[line - 1] ?? '')}`, line);
  }
  // Most come as plain errors with the text of what was thrown.
  if (/call stack|memory|OOM|abort|unreachable|out of bounds/i.test(`${error} ${text}`))
    return tooLarge(`the graph needs more memory or a deeper stack than the layout has (${firstLine(text)})`);
  return new ProfileError('malformed', `Graphviz: ${firstLine(text)}`, { field: 'dot' }, REPORT);
}

const firstLine = (text: string) => {
  const line = text.trim().split('\n')[0];
  return spellOut(line.length > 120 ? `${line.slice(0, 120)}…` : line, '\\');
};

const REPORT =
  'quotes inside of quoted names are written \\"; DOT made by tspprof is always valid: if it made this, please report it';

const refused = (fact: string, line: number) =>
  new ProfileError('malformed', fact, { field: `dot line ${line}` }, REPORT);

const tooLarge = (fact: string) => new ProfileError('too-large', fact, { field: 'dot' }, SMALLER);
