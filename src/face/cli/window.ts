// How wide the window is.

/** Columns of the terminal; where there is none, $COLUMNS, else `other`. */
export function windowColumns(other = 80): number {
  const stated = process.stdout.columns ?? Number(process.env.COLUMNS);
  return Number.isInteger(stated) && stated > 0 ? stated : other;
}
