// The lines of a race report that are no frames. An access is kept as a goroutine whose state says what it did.
//
//   WARNING: DATA RACE
//   Write at 0x00c00001c0a8 by goroutine 7:
//   Previous read at 0x00c00001c0a8 by main goroutine:
//   Goroutine 7 (running) created at:

export type RaceLine =
  | { readonly kind: 'start' }
  | { readonly kind: 'other' }
  | { readonly kind: 'access'; readonly state: string; readonly id: number }
  | { readonly kind: 'created'; readonly id: number };

/** What this line says in a race report; undefined: it is of none. */
export function readRaceLine(line: string): RaceLine | undefined {
  if (line === 'WARNING: DATA RACE') return { kind: 'start' };
  const access =
    /^(?:Previous )?((?:atomic )?(?:read|write)) at 0x[0-9a-f]{1,16} by (?:goroutine (\d{1,15})|main goroutine):$/i.exec(
      line,
    );
  if (access !== null) {
    const previous = line.startsWith('Previous') ? 'previous ' : '';
    return {
      kind: 'access',
      state: `data race: ${previous}${access[1].toLowerCase()}`,
      id: access[2] === undefined ? 1 : Number(access[2]),
    };
  }
  const created = /^Goroutine (\d{1,15}) \((?:running|finished)\) created at:$/.exec(line);
  if (created !== null) return { kind: 'created', id: Number(created[1]) };
  if (
    /^(={18}|Found \d+ data race\(s\)|\[failed to restore the stack\]|Location is .*|As if synchronized via .*)$/.test(
      line,
    )
  )
    return { kind: 'other' };
  return undefined;
}
