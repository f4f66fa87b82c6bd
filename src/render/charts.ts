// Charts of one line, in characters.

const LEVELS = '▁▂▃▄▅▆▇█';
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** share of the width, filled; 0.5, 4 → `██  ` */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const text = '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
  return text.padEnd(width);
}

/** Parts next to each other, as wide as their shares; none that is there is left out while there is room. */
export function stackedBar(
  parts: readonly { readonly glyph: string; readonly share: number }[],
  width: number,
): string {
  const shown = parts.filter(({ share }) => share > 0);
  const sum = shown.reduce((total, { share }) => total + share, 0);
  if (sum === 0 || shown.length > width) return '';
  const exact = shown.map(({ share }) => (share / sum) * width);
  const cells = exact.map((value) => Math.max(1, Math.floor(value)));
  let rest = width - cells.reduce((total, value) => total + value, 0);
  const order = exact.map((_, i) => i).sort((a, b) => exact[b] - cells[b] - (exact[a] - cells[a]));
  for (let i = 0; rest > 0; i = (i + 1) % order.length, rest--) cells[order[i]]++;
  // What the smallest took is taken from the largest.
  for (; rest < 0; rest++) cells[cells.indexOf(Math.max(...cells))]--;
  return shown.map(({ glyph }, i) => glyph.repeat(cells[i])).join('');
}

/** Values from 0 to the largest, oldest first; where there are more than columns, the largest of each column's. */
export function spark(values: readonly number[], width: number): string {
  const most = Math.max(...values, 0);
  if (most === 0 || width < 1) return '';
  const columns = Math.min(width, values.length);
  return Array.from({ length: columns }, (_, i) => {
    const from = Math.floor((i * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / columns));
    const value = Math.max(...values.slice(from, to));
    return LEVELS[Math.min(LEVELS.length - 1, Math.floor((value / most) * LEVELS.length))];
  }).join('');
}
