// Values of a file as the numbers that they should be. What is something else is told, and missing.

import type { VarsIssue } from '../../model/vars.js';
import type { JsonObject, JsonValue } from './json.js';

const MOST_UINT64 = 2n ** 64n - 1n;
const MOST_ISSUES = 20;

/** Takes what is wrong with fields. */
export class Problems {
  readonly issues: VarsIssue[] = [];

  tell(fact: string, field: string): void {
    if (this.issues.length < MOST_ISSUES) this.issues.push({ fact, field });
  }
}

/** A count, size or time, exact. undefined is what it was not, and is told. */
export function uint64(value: JsonValue | undefined, field: string, problems: Problems): bigint | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 64) return BigInt(value);
  if (typeof value === 'bigint' && value >= 0n && value <= MOST_UINT64) return value;
  problems.tell('it is no whole number from 0 to 2^64 - 1', field);
  return undefined;
}

export function finite(value: JsonValue | undefined, field: string, problems: Problems): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  problems.tell('it is no number', field);
  return undefined;
}

/** A number of things that there are never 2^53 of. */
export function small(value: JsonValue | undefined, field: string, problems: Problems): number | undefined {
  const found = uint64(value, field, problems);
  return found === undefined ? undefined : Number(found);
}

export const textIn = (object: JsonObject | undefined, name: string): string | undefined => {
  const value = object?.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const objectIn = (object: JsonObject | undefined, name: string): JsonObject | undefined => {
  const value = object?.get(name);
  return isObject(value) ? value : undefined;
};

export const isObject = (value: JsonValue | undefined): value is JsonObject => value instanceof Map;

/** A float of Prometheus' text as a whole number, exact below 2^53. */
export function wholeOf(value: number): bigint | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  const whole = BigInt(Math.round(value));
  return whole > MOST_UINT64 ? MOST_UINT64 : whole;
}
