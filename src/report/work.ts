// Whose work a profile is: its samples charged to the program's own functions. The core charges; names decide what is own here.

import { readFunctionName } from '../analyse/names.js';
import { WORK_KINDS, workKindOf } from '../analyse/workKinds.js';
import { OWN } from '../core/abi.js';
import type { Scope, WorkColumns } from '../core/scope.js';
import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import type { Work, WorkFunction, WorkPart } from '../model/work.js';
import { resolve } from '../query/options.js';
import { filter } from '../query/selection.js';

/** By the name of a sample type, or the default one. Throws ProfileError 'bad-option'. 1M samples × 40: 0.3 s. */
export function workOf(profile: Profile<StackStore>, sampleType = ''): Work {
  return profile.stacks.scope((scope) => {
    const { type, sampleType: shown, total, frames } = filter(scope, profile, resolve({ sample_index: sampleType }));
    const { functions, locations, lines } = profile;
    scope.nodes({
      ...{
        locations: locations.count,
        lines: lines.count,
        lineStart: locations.lineStart,
        lineFunction: lines.function,
      },
      ...{ lineKept: frames.lineKept, flags: frames.hidden, name: functions.name, line: lines.line },
      ...{ objects: false, signature: 'work' },
    });
    const { roles, owners } = rolesOf(scope, profile);
    const columns = scope.work(type, roles, owners.length - 1, WORK_KINDS.length);
    return {
      ...shown,
      total,
      durationNanos: profile.durationNanos,
      functions: functionsOf(profile, owners, columns, total),
      nobody: { value: columns.charged[0], through: parts(columns.through, 0) },
      kinds: parts(columns.kinds, 0),
    };
  });
}

/** A function of the program's own, with its nodes and the line of each; owner 0 is nobody. */
interface Owner {
  readonly name: string;
  readonly nodes: number[];
  readonly lines: number[];
}

function rolesOf(
  scope: Scope,
  { strings, functions, lines }: Profile<StackStore>,
): { roles: Uint32Array; owners: readonly Owner[] } {
  const { line: lineOf } = scope.nodeLines();
  const nameOf = (node: number) => (lineOf[node] < 0 ? -1 : functions.name[lines.function[lineOf[node]]]);
  // Each name once, whatever its nodes and its rows of the string table.
  const byRow = new Map<number, number>([[-1, 0]]);
  const byName = new Map<string, number>([['', 0]]);
  const owners: Owner[] = [{ name: '', nodes: [], lines: [] }];
  const isGo = isGoProgram(strings, functions);
  const roles = Uint32Array.from(lineOf, (line, node) => {
    const row = nameOf(node);
    let role = byRow.get(row);
    if (role === undefined) {
      const name = strings.get(row);
      role = byName.get(name);
      if (role === undefined) {
        const isOwn = !(isGo && isLibrary(name));
        role = isOwn ? (OWN | (owners.push({ name, nodes: [], lines: [] }) - 1)) >>> 0 : workKindOf(name);
        byName.set(name, role);
      }
      byRow.set(row, role);
    }
    if (role >= OWN) {
      const owner = owners[role - OWN];
      owner.nodes.push(node);
      owner.lines.push(line);
    }
    return role;
  });
  return { roles, owners };
}

/** Where there is no Go runtime a name without a package may be anybody's. */
function isGoProgram(strings: Profile['strings'], { name, count }: Profile['functions']): boolean {
  for (let f = 0; f < count; f++) {
    const text = strings.get(name[f]);
    if (text.startsWith('main.') || (text.includes('.') && readFunctionName(text).isStandard)) return true;
  }
  return false;
}

/** Assembly of the runtime has no package. */
const isLibrary = (name: string) => !name.includes('.') || readFunctionName(name).isStandard;

/** Of smaller ones nobody asks what was done for them. */
const LEAST_SHARE = 200;

function functionsOf(
  { strings, functions, lines }: Profile<StackStore>,
  owners: readonly Owner[],
  columns: WorkColumns,
  total: bigint,
): WorkFunction[] {
  const { charged, cum } = columns;
  // Numbers order as well, and take no memory.
  const [sizes, cums, lineSizes] = [charged, cum, columns.lines].map(sizesOf);
  const least = Math.abs(Number(total)) / LEAST_SHARE;
  return Array.from(owners, (_, owner) => owner)
    .filter((owner) => owner > 0 && (sizes[owner] !== 0 || cums[owner] !== 0))
    .sort((a, b) => sizes[b] - sizes[a] || cums[b] - cums[a])
    .map((owner): WorkFunction => {
      const { name, nodes, lines: ownLines } = owners[owner];
      let best = 0;
      for (let i = 1; i < nodes.length; i++) if (lineSizes[nodes[i]] > lineSizes[nodes[best]]) best = i;
      const isLarge = sizes[owner] >= least;
      const line = ownLines[best];
      // Without spreads: there are thousands of them.
      return {
        name,
        file: strings.get(functions.filename[lines.function[line]]),
        line: Number(lines.line[line]),
        charged: charged[owner],
        cum: cum[owner],
        through: isLarge ? parts(columns.through, owner) : NONE,
        within: isLarge ? parts(columns.within, owner) : NONE,
      };
    });
}

const NONE: readonly WorkPart[] = [];

const sizeOf = (value: bigint) => Math.abs(Number(value));

/** A loop: from() with a function takes three to eight times as long. */
function sizesOf(column: BigInt64Array): Float64Array {
  const sizes = new Float64Array(column.length);
  for (let i = 0; i < column.length; i++) sizes[i] = Math.abs(Number(column[i]));
  return sizes;
}

const ROW = WORK_KINDS.length + 1;

/** A row of a table by kinds, most first. */
function parts(sums: BigInt64Array, row: number): WorkPart[] {
  return WORK_KINDS.map(({ name }, kind) => ({ kind: name, value: sums[row * ROW + kind + 1] }))
    .filter(({ value }) => value !== 0n)
    .sort((a, b) => sizeOf(b.value) - sizeOf(a.value));
}
