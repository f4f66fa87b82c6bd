// Rules of diagnosis are data: a row says what it looks at, its limits and where they come from, its sentences and the next commands; its
// function only finds. Adding a rule is adding a row and a test.

import {
  count,
  type Finding,
  type FindingPlace,
  type Quantity,
  type Said,
  type SaidValues,
  SEVERITIES,
  type Severity,
  said,
} from '../model/finding.js';

/** What a rule saw, once. Values fill the templates of its row. */
export interface Hit {
  readonly severity: Severity;
  readonly weight: number;
  readonly values: SaidValues;
  readonly place?: FindingPlace;
  readonly evidence?: readonly Said[];
  /** Instead of the row's sentence, where one rule sees things that are said in different ways. */
  readonly says?: string;
  readonly means?: string;
  readonly next?: readonly string[];
}

export type Limits = Readonly<Record<string, Quantity>>;

export interface Rule<Facts, L extends Limits = Limits> {
  readonly name: string;
  /** What must be there for it, in words. */
  readonly looksAt: string;
  readonly says: string;
  /** Thresholds by name; shown by --explain. */
  readonly limits: L;
  /** Where the thresholds come from; names of limits in braces. */
  readonly why: string;
  readonly means: string;
  /** Commands; one whose values are not all known is left out. */
  readonly next: readonly string[];
  find(facts: Facts, limits: { readonly [K in keyof L]: number }): Iterable<Hit>;
}

/** Ties the type of a row's limits to its function. */
export const rule =
  <Facts>() =>
  <L extends Limits>(row: Rule<Facts, L>): Rule<Facts> => ({
    ...row,
    find: (facts) => row.find(facts, numbersOf(row.limits)),
  });

function numbersOf<L extends Limits>(limits: L): { readonly [K in keyof L]: number } {
  const numbers: Partial<Record<keyof L, number>> = {};
  for (const name in limits) numbers[name] = Number(limits[name].value);
  return numbers as { readonly [K in keyof L]: number };
}

/** What rules find, the worst first. common: values that every command may name, such as files. */
export function runRules<Facts>(rules: readonly Rule<Facts>[], facts: Facts, common: SaidValues = {}): Finding[] {
  const findings: Finding[] = [];
  for (const row of rules) {
    const found = Array.from(row.find(facts, {}), (hit) => findingOf(row, hit, common));
    for (const severity of SEVERITIES) findings.push(...heaviest(found.filter((one) => one.severity === severity)));
  }
  return inOrder(findings);
}

/** Of one rule and severity; nobody reads more. */
const MOST = 50;

function heaviest(findings: readonly Finding[]): Finding[] {
  const kept = inOrder(findings).slice(0, MOST);
  const left = findings.length - kept.length;
  const last = kept.pop();
  if (last === undefined) return [];
  const more = said('{n} more of this rule, of no more weight, are left out', { n: count(left) });
  return [...kept, left > 0 ? { ...last, evidence: [more, ...last.evidence] } : last];
}

export const inOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.weight - a.weight);

function findingOf<Facts>(row: Rule<Facts>, hit: Hit, common: SaidValues): Finding {
  const values = { ...common, ...hit.values };
  return {
    rule: row.name,
    severity: hit.severity,
    weight: hit.weight,
    says: filled(hit.says ?? row.says, values),
    place: hit.place,
    evidence: hit.evidence ?? [],
    means: filled(hit.means ?? row.means, values),
    next: (hit.next ?? row.next).map((command) => filled(command, values)).filter(isWhole),
  };
}

/** With the values that the template names, and no others. */
function filled(template: string, values: SaidValues): Said {
  const used = namesIn(template).map((name) => [name, values[name]] as const);
  return said(template, Object.fromEntries(used));
}

const isWhole = ({ values }: Said) => Object.values(values).every((value) => value !== undefined);

/** The values that a template asks for. */
export const namesIn = (template: string): string[] =>
  [...template.matchAll(/\{(\w+)[^{}]*\}/g)].map(([, name]) => name);
