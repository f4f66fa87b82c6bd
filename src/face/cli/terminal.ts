// top on a terminal: the same numbers as the plain text, with colour, bars, and no line longer than the window.
// Names come from the profile, which nobody has checked: control characters are shown, not sent to the terminal.

import { COLUMN_TITLES, columns, inlineMark, legend, type TopReport, visible } from '../../index.js';

export interface Window {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

const BAR = 10;

/** Columns of numbers by the width of the window: all of them, or what matters most. */
function layout(width: number) {
  if (width >= COLUMN_TITLES.length + 30) {
    return { titles: COLUMN_TITLES, numbers: columns, bar: width >= COLUMN_TITLES.length + BAR + 30 };
  }
  if (width < 50) {
    const numbers = (report: TopReport, flat: bigint) => columns(report, flat, 0n, 0n).slice(0, 17);
    return {
      titles: width < 34 ? '      flat' : '      flat  flat%',
      numbers: width < 34 ? (r: TopReport, flat: bigint) => numbers(r, flat).slice(0, 10) : numbers,
      bar: false,
    };
  }
  return {
    titles: '      flat  flat%   cum%',
    numbers: (report: TopReport, flat: bigint, sum: bigint, cum: bigint) => {
      const all = columns(report, flat, sum, cum);
      return `${all.slice(0, all.length - 25)}${all.slice(-7)}`;
    },
    bar: false,
  };
}

/** Lines for the window. fit: cut the rows to its height. */
export function terminalTop(report: TopReport, window: Window, fit: boolean): string {
  const paint = painter(window.colour);
  const head = [...legend(report, report.rows.length), ...sampleTypesLine(report)].map((line) =>
    paint('dim', cut(visible(line), window.columns)),
  );
  const room = Math.max(3, window.rows - head.length - 4);
  const shown = fit && report.rows.length > room ? room : report.rows.length;
  const { titles, numbers, bar } = layout(window.columns);
  const numberWidth = titles.length;
  const lines = [...head, paint('bold', `${titles}${bar ? ' '.repeat(BAR + 1) : ''}  name`)];
  let sum = 0n;
  for (const row of report.rows.slice(0, shown)) {
    sum += row.flat;
    const share = fraction(row.flat, report.total);
    const mark = window.columns < 50 ? '' : inlineMark[row.inline];
    const left = Math.max(4, window.columns - numberWidth - 2 - (bar ? BAR + 1 : 0) - mark.length);
    const colour = share >= 0.1 ? 'red' : share >= 0.02 ? 'yellow' : row.flat === 0n ? 'dim' : 'plain';
    const drawn = bar ? ` ${drawBar(share, fraction(row.cum, report.total), paint)}` : '';
    const name = shortName(visible(row.name), left);
    lines.push(
      `${paint(colour, visible(numbers(report, row.flat, sum, row.cum)))}${drawn}  ${name}${paint('dim', mark)}`,
    );
  }
  const hidden = report.rows.length - shown;
  if (hidden > 0) {
    lines.push(
      paint(
        'dim',
        cut(`… ${hidden} more rows: -nodecount=${report.rows.length} shows them, so does | less`, window.columns),
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Which values the profile has besides the one shown, and the flag that picks one. */
export function sampleTypesLine({ header, sampleType, query }: TopReport): string[] {
  const others = header.sampleTypes.filter((type) => type !== sampleType.replace(query.mean ? /^mean_/ : /$^/, ''));
  return others.length === 0 ? [] : [`Other values: ${others.map((type) => `-sample_index=${type}`).join(' ')}`];
}

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'plain';
const CODES: Readonly<Record<Style, string>> = { bold: '1', dim: '2', red: '31', yellow: '33', plain: '' };

function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => (colour && text !== '' && CODES[style] !== '' ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text);
}

function fraction(value: bigint, total: bigint): number {
  return total === 0n ? 0 : Math.min(1, Math.abs(Number(value) / Number(total)));
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** flat solid, cum as a shade behind it. */
function drawBar(flat: number, cum: number, paint: (style: Style, text: string) => string): string {
  const solid = '█'.repeat(Math.floor(flat * BAR)) + EIGHTHS[Math.floor(flat * BAR * 8) % 8];
  const length = [...solid].length;
  const shade = '░'.repeat(Math.max(0, Math.round(cum * BAR) - length));
  return (
    paint(flat >= 0.1 ? 'red' : 'yellow', solid) +
    paint('dim', shade) +
    ' '.repeat(Math.max(0, BAR - length - shade.length))
  );
}

/** Columns that a character takes: two for East Asian wide ones and pictures, none for combining marks. */
function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
    character,
  )
    ? 2
    : 1;
}

function width(text: string): number {
  let sum = 0;
  for (const character of text) sum += widthOf(character);
  return sum;
}

function take(characters: readonly string[], room: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += widthOf(character);
    if (used > room) break;
    taken.push(character);
  }
  return taken;
}

function cut(text: string, room: number): string {
  return width(text) <= room ? text : `${take([...text], room - 1).join('')}…`;
}

/** Type arguments go first, they can be 300 characters of a Go name; then the middle. */
function shortName(name: string, room: number): string {
  return width(name) <= room ? name : cutMiddle(name.replace(/\[.{2,}\]/, '[…]'), room);
}

/** Both ends of a name say more than its middle: package…Type.Method. */
function cutMiddle(text: string, room: number): string {
  if (width(text) <= room) return text;
  const characters = [...text];
  const tail = take(characters.toReversed(), Math.ceil(((room - 1) * 2) / 3))
    .reverse()
    .join('');
  return `${take(characters, room - 1 - width(tail)).join('')}…${tail}`;
}
