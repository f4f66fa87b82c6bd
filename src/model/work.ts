// Whose work a profile is: each sample charged to the innermost function that is the program's own and not Go's, so that what library and
// runtime did counts for who asked for it.

/** What was done for somebody: `gc`, `json`, `regexp` … (analyse/workKinds.ts says what they mean). */
export interface WorkPart {
  readonly kind: string;
  readonly value: bigint;
}

export interface WorkFunction {
  readonly name: string;
  readonly file: string;
  /** Where in it the most was charged; 0: not known. */
  readonly line: number;
  readonly charged: bigint;
  /** With all that it called: counted once a sample. */
  readonly cum: bigint;
  /** Of charged: what it asked library and runtime for, most first. The rest is its own code. */
  readonly through: readonly WorkPart[];
  /** All that was done for it, also by what it asked: kinds overlap. */
  readonly within: readonly WorkPart[];
}

export interface Work {
  readonly type: string;
  readonly unit: string;
  /** Σ|value| of all samples. */
  readonly total: bigint;
  readonly durationNanos: bigint;
  /** By charged, most first; those with neither are left out. */
  readonly functions: readonly WorkFunction[];
  /** What no function of the program's own stands behind: the garbage collector's workers, the scheduler. */
  readonly nobody: { readonly value: bigint; readonly through: readonly WorkPart[] };
  /** What was done of each kind for anybody, counted once a sample: `gc` is all of the garbage collection. Most first. */
  readonly kinds: readonly WorkPart[];
}

export const partOf = (parts: readonly WorkPart[], kind: string): bigint =>
  parts.find((part) => part.kind === kind)?.value ?? 0n;

/** a / b; 0 where there is nothing. */
export const shareOf = (a: bigint, b: bigint): number => (b === 0n ? 0 : Number(a) / Number(b));

/** What came since: sums by function and kind, after - before; lines are those of after. */
export function workSince(after: Work, before: Work): Work {
  const old = new Map(before.functions.map((row) => [row.name, row]));
  const functions = after.functions.map((row): WorkFunction => {
    const was = old.get(row.name);
    if (was === undefined) return row;
    const [charged, cum] = [row.charged - was.charged, row.cum - was.cum];
    return {
      ...row,
      charged,
      cum,
      through: partsSince(row.through, was.through),
      within: partsSince(row.within, was.within),
    };
  });
  return {
    ...after,
    total: after.total - before.total,
    functions: functions.sort((a, b) => Number(b.charged - a.charged)),
    nobody: {
      value: after.nobody.value - before.nobody.value,
      through: partsSince(after.nobody.through, before.nobody.through),
    },
    kinds: partsSince(after.kinds, before.kinds),
  };
}

const partsSince = (after: readonly WorkPart[], before: readonly WorkPart[]): WorkPart[] =>
  after.map(({ kind, value }) => ({ kind, value: value - partOf(before, kind) })).filter(({ value }) => value !== 0n);
