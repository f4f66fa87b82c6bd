// Recorded bundles of programs with known faults, and what is expected of them; for the tests of diagnose.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unzipSync, zipSync } from 'fflate';
import { type DiagnoseReport, diagnose, type Severity } from '../src/node.js';

export type Members = Readonly<Record<string, Uint8Array>>;

/** As test/programs/faults/check.mjs reads it. */
export interface Expectation {
  readonly must?: readonly {
    readonly rule: readonly string[];
    readonly place?: string;
    readonly severity?: readonly Severity[];
  }[];
  readonly first?: readonly string[];
  /** No alarms. */
  readonly mustNot?: readonly string[];
  readonly quiet?: boolean;
}

export const bundlePath = (name: string) => fileURLToPath(new URL(`./fixtures/faults/${name}.zip`, import.meta.url));
export const bundleBytes = (name: string) => new Uint8Array(readFileSync(bundlePath(name)));
export const membersOf = (name: string): Members => unzipSync(bundleBytes(name));

export const zipped = (members: Members): Uint8Array => zipSync({ ...members }, { level: 1 });
export const without = (members: Members, ...names: readonly string[]): Members =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
export const only = (members: Members, ...names: readonly string[]): Members =>
  Object.fromEntries(Object.entries(members).filter(([name]) => names.includes(name)));

export const diagnoseMembers = (members: Members, name = 'b.zip'): Promise<DiagnoseReport> =>
  diagnose([{ name, bytes: zipped(members) }]);

/** `warning hot-function main.Fib`, the worst first. */
export const told = ({ findings }: DiagnoseReport): string[] =>
  findings.map(({ severity, rule, place }) => [severity, rule, place?.function ?? ''].join(' ').trim());
export const rulesOf = ({ findings }: DiagnoseReport): string[] => findings.map(({ rule }) => rule);
export const alarmsOf = ({ findings }: DiagnoseReport): string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(({ rule }) => rule);
