// Columns as Go's text/tabwriter makes them with AlignRight, padding 1: a tab ends a cell, and cells of one column in
// lines next to each other are as wide as the widest. What follows the last tab of a line is in no column.
//
//   a:\t x        →    a: x
//    \t10:\t y    →       10: y

/** Characters that end a cell, like a tab; a form feed also ends a line and all columns. */
const CELLS = /[\t\v]/;

export function alignRight(text: string): string {
  const lines: string[][] = [];
  let out = '';
  const parts = text.split(/([\n\f])/);
  for (let i = 0; i < parts.length; i += 2) {
    lines.push(parts[i].split(CELLS));
    // A line of one cell ends every column above it.
    const endsColumns = lines[lines.length - 1].length === 1;
    if (parts[i + 1] === '\f' || endsColumns || i + 2 >= parts.length) {
      out += format(lines.splice(0), i + 1 < parts.length);
    }
  }
  return out;
}

function format(lines: readonly string[][], isEnded: boolean): string {
  const widths = lines.map((cells) => cells.slice(0, -1).map(() => 0));
  for (let column = 0; ; column++) {
    let any = false;
    for (let from = 0; from < lines.length; ) {
      let to = from;
      let width = 0;
      while (to < lines.length && column < lines[to].length - 1) {
        width = Math.max(width, [...lines[to][column]].length + 1);
        to++;
      }
      for (let i = from; i < to; i++) widths[i][column] = width;
      any ||= to > from;
      from = Math.max(to, from + 1);
    }
    if (!any) break;
  }
  const text = lines.map((cells, i) =>
    cells.map((cell, j) => (j < widths[i].length ? ' '.repeat(widths[i][j] - [...cell].length) : '') + cell).join(''),
  );
  return text.join('\n') + (isEnded ? '\n' : '');
}
