// What a rule saw, as plain data: a sentence with its quantities, the evidence, what it means, and the commands that show more. Sentences
// are templates, and quantities keep their unit: how they look is a renderer's business.

/** critical: it will not get better by itself; warning: it costs, or will; note: to be known. */
export const SEVERITIES = ['critical', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** ratio: 1 is all of it. */
export type QuantityUnit =
  | 'bytes'
  | 'bytes/s'
  | 'count'
  | 'count/s'
  | 'nanoseconds'
  | 'seconds'
  | 'minutes'
  | 'cores'
  | 'ratio';

export interface Quantity {
  readonly value: number | bigint;
  readonly unit: QuantityUnit;
}

/** A word of a command line, to be quoted as a shell wants it. */
export interface Argument {
  readonly argument: string;
}

/** Text is untrusted where it is a name. undefined: not known. */
export type SaidValue = string | Quantity | Argument | undefined;
export type SaidValues = Readonly<Record<string, SaidValue>>;

/**
 * A sentence with the places of its values in braces; a value's name may be followed by the words for one and for many of it.
 *
 *   { template: '{n|goroutine|goroutines} wait for {lock}', values: { n: count(3), lock: 'bank.Account' } }
 *   → 3 goroutines wait for bank.Account
 */
export interface Said {
  readonly template: string;
  readonly values: SaidValues;
}

/** A function, and where in it; '' and 0 are unknown. */
export interface FindingPlace {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

export interface Finding {
  /** Name of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  /** Orders findings of one severity; 1 is all of what the rule measures. */
  readonly weight: number;
  readonly says: Said;
  readonly place: FindingPlace | undefined;
  /** What was seen, most important first. */
  readonly evidence: readonly Said[];
  /** What it means, and what to do. */
  readonly means: Said;
  /** Commands. */
  readonly next: readonly Said[];
}

export const bytes = (value: number | bigint): Quantity => ({ value, unit: 'bytes' });
export const count = (value: number | bigint): Quantity => ({ value, unit: 'count' });
export const nanos = (value: number | bigint): Quantity => ({ value, unit: 'nanoseconds' });
export const seconds = (value: number): Quantity => ({ value, unit: 'seconds' });
export const minutes = (value: number): Quantity => ({ value, unit: 'minutes' });
export const ratio = (value: number): Quantity => ({ value, unit: 'ratio' });
export const cores = (value: number): Quantity => ({ value, unit: 'cores' });
export const bytesPerSecond = (value: number): Quantity => ({ value, unit: 'bytes/s' });
export const perSecond = (value: number): Quantity => ({ value, unit: 'count/s' });

export const said = (template: string, values: SaidValues = {}): Said => ({ template, values });
