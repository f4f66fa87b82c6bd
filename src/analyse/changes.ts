import type { Dump } from '../model/dump.js';
import type { Blocked } from './blocked.js';
export interface Changes {
  readonly isSameProcess: boolean;
  readonly why: string;
  readonly appeared: readonly number[];
  readonly gone: readonly number[];
  readonly unmoved: readonly { id: number; from: number; to: number }[];
  readonly moved: number;
  readonly groups: readonly {
    counts: readonly number[];
    growth: number;
    isSteady: boolean;
    state: string;
    hangsIn: string;
    file: string;
    line: number;
  }[];
  readonly hungLocks: readonly { waiters: readonly number[] }[];
}
export function compareDumps(_dumps: readonly Dump[], _blocked?: Blocked): Changes {
  return { isSameProcess: true, why: '', appeared: [], gone: [], unmoved: [], moved: 0, groups: [], hungLocks: [] };
}
