// Whose work a profile is: its samples charged to the program's own functions. The core charges; names decide what is own here.

import { readFunctionName } from '../analyse/names.js';
import { WORK_KINDS, workKindOf } from '../analyse/workKinds.js';
import { OWN } from '../core/abi.js';
import type { WorkColumns } from '../core/scope.js';
import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import type { Work, WorkFunction, WorkPart } from '../model/work.js';
import { resolve } from '../query/options.js';
import { type Selection, select } from '../query/selection.js';

/** By the name of a sample type, or the default one. Throws ProfileError 'bad-option'. 1M samples × 40: 0.3 s. */
export function workOf(profile: Profile<StackStore>, sampleType = ''): Work {
  return profile.stacks.scope((scope) => {
    const selection = select(scope, profile, resolve({ granularity: 'lines', sample_index: sampleType }));
    const { roles, owners } = rolesOf(selection);
    const columns = scope.work(selection.type, roles, owners.length - 1, WORK_KINDS.length);
    return {
      ...selection.sampleType,
      total: selection.total,
      durationNanos: profile.durationNanos,
      functions: functionsOf(selection, owners, columns),
      nobody: { value: columns.charged[0], through: through(columns, 0) },
      kinds: parts((kind) => columns.kinds[kind]),
    };
  });
}

/** Nodes of a function of the program's own; owner 0 is nobody. */
interface Owner {
  readonly name: string;
  readonly nodes: number[];
}

function rolesOf({ nodeCount, nodeInfo }: Selection): { roles: Uint32Array; owners: readonly Owner[] } {
  const names = Array.from({ length: nodeCount }, (_, node) => nodeInfo(node).name);
  // Where there is no Go runtime a name without a package may be anybody's.
  const isGo = names.some((name) => name.startsWith('runtime.'));
  const roleOf = new Map<string, number>();
  const owners: Owner[] = [{ name: '', nodes: [] }];
  const roles = Uint32Array.from(names, (name, node) => {
    let role = roleOf.get(name);
    if (role === undefined) {
      const isOwn = name !== '' && !(isGo && isLibrary(name));
      role = isOwn ? (OWN | (owners.push({ name, nodes: [] }) - 1)) >>> 0 : workKindOf(name);
      roleOf.set(name, role);
    }
    if (role >= OWN) owners[role - OWN].nodes.push(node);
    return role;
  });
  return { roles, owners };
}

/** Assembly of the runtime has no package. */
const isLibrary = (name: string) => !name.includes('.') || readFunctionName(name).isStandard;

function functionsOf({ nodeInfo }: Selection, owners: readonly Owner[], columns: WorkColumns): WorkFunction[] {
  const { charged, cum, lines } = columns;
  const found: WorkFunction[] = [];
  for (let owner = 1; owner < owners.length; owner++) {
    if (charged[owner] === 0n && cum[owner] === 0n) continue;
    const { name, nodes } = owners[owner];
    const top = nodes.reduce((best, node) => (size(lines[node]) > size(lines[best]) ? node : best), nodes[0]);
    const { file, line } = nodeInfo(top);
    found.push({
      ...{ name, file, line: Number(line), charged: charged[owner], cum: cum[owner] },
      through: through(columns, owner),
      within: parts((kind) => columns.within[owner * ROW + kind]),
    });
  }
  return found.sort((a, b) => Number(size(b.charged) - size(a.charged)) || Number(size(b.cum) - size(a.cum)));
}

const size = (value: bigint) => (value < 0n ? -value : value);

const through = (columns: WorkColumns, owner: number): WorkPart[] =>
  parts((kind) => columns.through[owner * ROW + kind]);

const ROW = WORK_KINDS.length + 1;

function parts(sum: (kind: number) => bigint): WorkPart[] {
  return WORK_KINDS.map(({ name }, row) => ({ kind: name, value: sum(row + 1) }))
    .filter(({ value }) => value !== 0n)
    .sort((a, b) => Number(size(b.value) - size(a.value)));
}
