// What was given → a profile, or dumps of goroutines: decided by its content, in one place, for every host.
//
//   control characters early on   profile.proto, decoded as it comes
//   text                          kept whole; a text profile if it begins with one, a dump if it has one, else what
//                                 profile.proto makes of it: its error
//
// A text profile and a dump become profiles through profile.proto, and a goroutine profile becomes a dump.

import type { ReusedInstance } from './core/instance.js';
import type { StackStore } from './core/store.js';
import { decodeDumps } from './decode/dump/dump.js';
import { type DecodeOptions, MAX_BYTES, ProfileDecoder } from './decode/profile.js';
import { explainNoDump, isText } from './decode/recognise.js';
import { decodeTextProfile } from './decode/text/text.js';
import { type DumpProfileOptions, encodeDump, encodeTextProfile } from './encode/encode.js';
import { badOption, ProfileError } from './errors.js';
import { joined } from './model/bytes.js';
import { type Dump, type DumpIssue, HEADLESS, stackOf } from './model/dump.js';
import type { Profile } from './model/profile.js';
import { Collector } from './source/collector.js';
import { profileDump } from './transform/profileDump.js';

export interface InputOptions extends DecodeOptions {
  /** Takes what is odd about a text, a line each: that it is cut, that the file has another dump. */
  readonly notice?: (text: string) => void;
}

const HEAD = 512;

/** Takes uncompressed bytes in chunks of any size, then gives what they are. */
export class Input {
  readonly #options: InputOptions;
  readonly #reused: ReusedInstance | undefined;
  readonly #isOurs: boolean;
  /** Chunks that came before the head was whole. */
  #early: Uint8Array[] = [];
  #head = new Uint8Array();
  #size = 0;
  #decoder: ProfileDecoder | undefined;
  #text: Collector | undefined;

  /**
   * reused: a core to decode into, see ProfileDecoder. isOurs: chunks stay as they are, so that they need not be copied. Throws
   * ProfileError 'bad-option'.
   */
  constructor(options: InputOptions, { reused, isOurs = false }: { reused?: ReusedInstance; isOurs?: boolean } = {}) {
    this.#options = options;
    this.#reused = reused;
    this.#isOurs = isOurs;
    checkMaxBytes(options);
  }

  /** Throws ProfileError: malformed, not-a-profile, too-large. */
  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#decoder === undefined && this.#text === undefined) {
      if (this.#head.length < HEAD)
        this.#head = joined([this.#head, chunk.subarray(0, HEAD - this.#head.length)]).slice();
      if (this.#head.length < HEAD) {
        this.#early.push(this.#isOurs ? chunk : chunk.slice());
        return;
      }
      this.#decide();
    }
    this.#pass(chunk);
  }

  /** Throws ProfileError: empty, truncated, malformed, invalid, not-a-profile. */
  profile(): Profile<StackStore> {
    const { oneQuery } = this.#options;
    if (this.#size > 0) this.#decide();
    const text = this.#text && decodeTextProfile(this.#text.bytes());
    if (text !== undefined) {
      this.#tell(text.issues);
      return decoded(encodeTextProfile(text), oneQuery, this.#reused);
    }
    // What counts something else than goroutines is a text profile, or it stands in the midst of other text.
    const dumps = this.#dumps()?.filter(isOfGoroutines) ?? [];
    if (dumps.length === 0) return this.#finishProfile();
    const dump = dumps[dumps.length - 1];
    if (dumps.length > 1)
      this.#options.notice?.(`${dumps.length} dumps of goroutines are in it: this is the last${placeOf(dump)}`);
    this.#tell(dump.issues);
    return dumpProfile(dump, { oneQuery }, this.#reused);
  }

  /** Throws ProfileError: empty, not-a-dump, and what profile() throws for a damaged profile. */
  dumps(): Dump[] {
    if (this.#size === 0)
      throw new ProfileError(
        'empty',
        'the file is empty',
        {},
        'take the stacks again: /debug/pprof/goroutine?debug=2, or kill -QUIT PID',
      );
    const dumps = this.#dumps();
    if (dumps === undefined) {
      if (this.#text !== undefined) throw explainNoDump(this.#head);
      return [profileDump(this.#finishProfile(), this.#size)];
    }
    const kept = dumps.filter(isOfGoroutines);
    if (kept.length > 0) return kept;
    throw new ProfileError(
      'not-a-dump',
      `this is a profile of ${dumps[0].counts}, not of goroutines`,
      {},
      'look at it with tspprof top; goroutines are in /debug/pprof/goroutine?debug=2',
    );
  }

  #tell(issues: readonly DumpIssue[]): void {
    for (const { fact, line, times } of issues)
      this.#options.notice?.(
        `${fact}${line > 0 ? ` (line ${line}${times > 1 ? `, and ${times - 1} more` : ''})` : ''}`,
      );
  }

  /** Undefined: what was given is no text with a dump in it. */
  #dumps(): Dump[] | undefined {
    if (this.#size > 0) this.#decide();
    if (this.#text === undefined) return undefined;
    const dumps = decodeDumps(this.#text.bytes()).filter(isDump);
    return dumps.length === 0 ? undefined : dumps;
  }

  #finishProfile(): Profile<StackStore> {
    const decoder = this.#decoder ?? new ProfileDecoder(this.#options, this.#reused);
    if (this.#text !== undefined) decoder.write(this.#text.bytes());
    return decoder.finish();
  }

  #decide(): void {
    if (this.#decoder !== undefined || this.#text !== undefined) return;
    if (isText(this.#head)) this.#text = new Collector(this.#options.maxBytes ?? MAX_BYTES);
    else this.#decoder = new ProfileDecoder(this.#options, this.#reused);
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) this.#pass(chunk);
  }

  #pass(chunk: Uint8Array): void {
    if (this.#text !== undefined) this.#text.write(chunk, this.#isOurs);
    else this.#decoder?.write(chunk);
  }
}

/** A dump as a profile: goroutine/count and wait/seconds, a sample for each stack and labels. It is not standardized. */
export function dumpProfile(
  dump: Dump,
  { ids, oneQuery }: DumpProfileOptions & { readonly oneQuery?: boolean } = {},
  reused?: ReusedInstance,
): Profile<StackStore> {
  return decoded(encodeDump(dump, { ids }), oneQuery, reused);
}

function decoded(
  chunks: Iterable<Uint8Array>,
  oneQuery: boolean | undefined,
  reused: ReusedInstance | undefined,
): Profile<StackStore> {
  const decoder = new ProfileDecoder({ oneQuery }, reused);
  for (const chunk of chunks) decoder.write(chunk);
  return decoder.finish();
}

/** A notice with the source's name before it; sources are read twice when their types differ, and it is told once. */
export function noticeOf(name: string | undefined, { notice }: InputOptions): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (!told.has(text)) notice?.(name === undefined ? text : `${name}: ${text}`);
    told.add(text);
  };
}

const isOfGoroutines = ({ counts = 'goroutine' }: Dump) => /^goroutine(leak)?$/.test(counts);

/** Not only lines that look like frames: compilers print `main.c:12`, too. */
function isDump(dump: Dump): boolean {
  const { goroutines, frames, stack } = dump;
  if (dump.counts !== undefined) return true;
  for (let g = 0; g < goroutines.count; g++) {
    if ((goroutines.flags[g] & HEADLESS) === 0) return true;
    const [from, to] = stackOf(dump, g);
    if (stack.subarray(from, to).some((frame) => frames.func[frame] >= 0 && frames.file[frame] >= 0)) return true;
  }
  return false;
}

const placeOf = ({ goroutines }: Dump) => (goroutines.count > 0 ? `, from line ${goroutines.line[0]} on` : '');

/** As ProfileDecoder does, which is made later. */
function checkMaxBytes({ maxBytes }: InputOptions): void {
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes > 0))
    throw badOption(`invalid maxBytes: ${String(maxBytes)}`, 'give a number of bytes above 0');
}
