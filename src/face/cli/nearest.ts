// The word that somebody meant.

/** The candidate with the fewest edits, if it is near at all. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const scored = candidates.map((candidate) => ({
    candidate,
    edits: candidate.startsWith(lower) ? 0.5 : edits(lower, candidate),
  }));
  scored.sort((a, b) => a.edits - b.edits);
  return scored[0] !== undefined && scored[0].edits <= Math.max(1, word.length / 3) ? scored[0].candidate : undefined;
}

/** Edits between two words, swapped neighbours counting one. */
function edits(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
