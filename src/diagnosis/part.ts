// A file that is to be diagnosed: a member of a bundle, a file, bytes at hand. It is read when it is its turn, and let go. A cut one is read
// as far as it goes: what is in it decides whether that is enough.

import type { ReusedInstance } from '../core/instance.js';
import { ProfileError } from '../errors.js';
import { Input } from '../input.js';
import type { MemberKind } from '../model/bundle.js';
import { Collector } from '../source/collector.js';

/** Where a part comes from; the host knows how. */
export interface PartSource {
  /** As a command names it: `bundle.zip:cpu.pprof`. */
  readonly name: string;
  /** Its path in the bundle; the same as name for a file. */
  readonly member: string;
  /** The bundle that it is of; '' for a file. */
  readonly bundle: string;
  readonly kind: MemberKind;
  /** Decompressed. Throws ProfileError. */
  pour(sink: { write(chunk: Uint8Array): void }): Promise<void>;
}

export interface PartOptions {
  /** Of one file, decompressed; 2 GiB unless given. */
  readonly maxBytes?: number | undefined;
}

/** JSON and metrics are small; what is larger is something else, or a bomb. */
const MOST_TEXT = 1 << 28;

export class Part {
  readonly name: string;
  readonly member: string;
  readonly bundle: string;
  readonly kind: MemberKind;
  /** What was wrong with it, once it was read: where it is cut. */
  issue: string | undefined;
  readonly #source: PartSource;
  readonly #options: PartOptions;

  constructor(source: PartSource, options: PartOptions = {}) {
    const { name, member, bundle, kind } = source;
    this.name = name;
    this.member = member;
    this.bundle = bundle;
    this.kind = kind;
    this.#source = source;
    this.#options = options;
  }

  /** As profile or dump; reused: what the profile before was read into. Throws ProfileError. */
  async read(reused?: ReusedInstance): Promise<Input> {
    const input = new Input({ maxBytes: this.#options.maxBytes }, { reused });
    await this.#pour(input);
    return input;
  }

  /** All of a text. Throws ProfileError. */
  async bytes(): Promise<Uint8Array> {
    const all = new Collector(Math.min(MOST_TEXT, this.#options.maxBytes ?? MOST_TEXT));
    await this.#pour({ write: (chunk) => all.write(chunk, false) });
    return all.bytes();
  }

  async #pour(sink: { write(chunk: Uint8Array): void }): Promise<void> {
    try {
      await this.#source.pour(sink);
    } catch (error) {
      if (!(error instanceof ProfileError && error.code === 'truncated')) throw error;
      this.issue = error.fact;
    }
  }
}

/** Whether two files may be of one process. */
export type Comparable = (a: Part, b: Part) => boolean;

/** By the process ids that the bundles name: files of one bundle are of one process unless it names two, those of two if they name the same. */
export function comparableBy(pids: ReadonlyMap<string, ReadonlySet<number>>): Comparable {
  return (a, b) => {
    const [one, other] = [pids.get(a.bundle), pids.get(b.bundle)];
    if (one === undefined || other === undefined) return true;
    return one.size === 1 && other.size === 1 && [...one][0] === [...other][0];
  };
}
