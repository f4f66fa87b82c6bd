// What was collected of a program, as named members: a zip, a tar, a folder. What is missing is part of it.

/** What a member is, by its content; its name says nothing. */
export type MemberKind =
  /** Goroutines with their stacks: debug=2, debug=1, SIGQUIT. */
  | 'dump'
  /** profile.proto, gzipped or not. */
  | 'profile'
  /** Go's text profiles: heap profile:, --- mutex:, --- contention:, NAME profile: total. */
  | 'text-profile'
  /** /debug/vars, with memstats. */
  | 'vars'
  /** kubo's diag/sys. */
  | 'sysinfo'
  /** kubo's version.json. */
  | 'version'
  /** What tspprof collect says of its own work. */
  | 'manifest'
  /** Prometheus' text. */
  | 'metrics'
  /** An execution trace. */
  | 'trace'
  /** An executable: ELF, Mach-O, PE. */
  | 'binary'
  /** A bundle inside: zip, tar, tar.gz. */
  | 'archive'
  | 'json'
  | 'html'
  | 'text'
  | 'empty'
  | 'unknown';

export interface Member {
  /** Its path in the bundle, with / between. */
  readonly name: string;
  readonly kind: MemberKind;
  /** Uncompressed bytes; undefined where a cut archive does not say. */
  readonly size: number | undefined;
  /** What is wrong with it: cut, damaged. */
  readonly issue: string | undefined;
  /** Its bytes, decompressed once (a gzipped profile stays gzipped). Throws ProfileError 'truncated' or 'malformed' behind what could be read. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface Bundle {
  readonly members: readonly Member[];
  /** What is odd about the archive: no central directory, members that were refused, with their names. */
  readonly issues: readonly {
    readonly fact: string;
    readonly place: { readonly source?: string; readonly offset?: number };
  }[];
}

/** Raw deflate data → what they become. */
export interface Inflater {
  /** Throws an Error for damaged data. */
  chunks(packed: Uint8Array): AsyncIterable<Uint8Array>;
  /** What the beginning of data becomes, at once; undefined: too much, or damaged, so that it is to be done step by step. */
  head?(packed: Uint8Array): Uint8Array | undefined;
  /** Of what came before and these bytes, as a signed 32-bit number. */
  crc32(bytes: Uint8Array, before: number): number;
}
