// What a bundle says of its own making: manifest.json. Times are ISO 8601 in UTC, durations seconds.

import type { MemberKind } from './bundle.js';

export const MANIFEST_SCHEMA = 'tspprof bundle 1';

export type ItemStatus =
  | 'ok'
  /** The answer was cut; what came is there. */
  | 'partial'
  | 'failed'
  /** This program or Go version has no such thing. */
  | 'unsupported'
  /** Not asked for, because the server had stopped answering. */
  | 'skipped'
  /** The user stopped the collection before or in it. */
  | 'interrupted';

export interface ManifestItem {
  /** `cpu`, `heap` … */
  readonly name: string;
  /** Its member in the bundle; undefined if there is none. */
  readonly member?: string;
  readonly status: ItemStatus;
  /** `GET /debug/pprof/heap`; undefined for what was not asked of the server. */
  readonly request?: string;
  readonly started?: string;
  readonly seconds?: number;
  /** Status of the last answer. */
  readonly http?: number;
  readonly attempts?: number;
  readonly kind?: MemberKind;
  /** Of the member as it is in the bundle, redacted. */
  readonly bytes?: number;
  readonly sha256?: string;
  readonly error?: string;
  readonly hint?: string;
  /** The member with what the server sent instead. */
  readonly kept?: string;
  /** What is to be known of it: fewer seconds, cut at 64 MiB. */
  readonly notes?: readonly string[];
  /** It is of an earlier run that was resumed. */
  readonly resumed?: boolean;
}

export interface Rate {
  /** `mutex profile fraction`, `block profile rate`. */
  readonly name: string;
  /** undefined: the server does not say. */
  readonly before?: number;
  readonly during: number;
  /** What it was set to at the end; undefined: that failed, see the notes. */
  readonly after?: number;
}

/** What a rule replaced in a member. */
export interface RedactionCount {
  readonly member: string;
  readonly rule: string;
  readonly count: number;
}

export interface Manifest {
  readonly schema: string;
  /** `tspprof 0.1.0` */
  readonly tool: string;
  /** URL, without user and password. */
  readonly target: string;
  readonly started: string;
  readonly ended: string;
  readonly interrupted: boolean;
  /** The server's clock minus ours, by its header Date. */
  readonly clockOffsetSeconds?: number;
  readonly server: { readonly program: 'kubo' | 'go'; readonly version?: string; readonly goVersion?: string };
  /** Counts of /debug/pprof/, by name. */
  readonly profiles: Readonly<Record<string, number>>;
  readonly rates: readonly Rate[];
  readonly items: readonly ManifestItem[];
  /** Undefined: nothing was redacted because the user wanted so. */
  readonly redactions?: readonly RedactionCount[];
  readonly notes: readonly string[];
}

/** Seconds; clocks that differ by less are the same, since the header Date has whole ones. */
export const SAME_CLOCK = 2;

/** When members were asked for, by the program's clock, in milliseconds since 1970. */
export function memberTimes({ items, clockOffsetSeconds = 0 }: Manifest): Map<string, number> {
  const offset = Math.abs(clockOffsetSeconds) >= SAME_CLOCK ? clockOffsetSeconds * 1000 : 0;
  return new Map(
    items.flatMap(({ member, started = '' }) => {
      const time = Date.parse(started) + offset;
      return member === undefined || Number.isNaN(time) ? [] : [[member, time] as const];
    }),
  );
}
