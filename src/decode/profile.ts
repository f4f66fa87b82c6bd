// profile.proto (https://github.com/google/pprof/blob/main/proto/profile.proto) → Profile, chunk by chunk.
//
//   chunk → input area of the core, behind the tail of the last one → walk the top-level fields
//     Sample, Location, Function, string: only their byte ranges are noted, the core decodes them
//     ValueType, Mapping and scalars: few, decoded here
//
// Any field order, packed or not, unknown fields skipped, as protobuf demands; what pprof refuses is refused, in its
// order (its CheckValid). Does no I/O and no gunzip: bytes come from src/source.

import protobuf from 'protobufjs/minimal.js';
import { E_SAMPLE_VALUES, E_TYPES, FUNCTION, LOCATION, STRING } from '../core/abi.js';
import type { ReusedInstance } from '../core/instance.js';
import { Loader, Ranges, type TableFailure } from '../core/loader.js';
import type { StackStore } from '../core/store.js';
import { badOption, ProfileError } from '../errors.js';
import type { Mapping, Profile, ValueType } from '../model/profile.js';
import type { StringTable } from '../model/strings.js';
import { explainHead } from './recognise.js';
import { MalformedError, readFields, readScalar } from './wire.js';

/** Decoded bytes that a profile may have unless told otherwise: 2 GiB. */
export const MAX_BYTES = 2 * 1024 ** 3;

/** The size of the pieces that are walked at once. */
const PIECE = 1 << 20;
/** A tag and a length take at most this much; nearer to the end of a piece the walk waits for the next one. */
const HEADER = 20;

interface RawMapping {
  id: bigint;
  start: bigint;
  limit: bigint;
  offset: bigint;
  file: bigint;
  buildId: bigint;
  flags: boolean[];
}

interface RawType {
  type: bigint;
  unit: bigint;
}

export interface DecodeOptions {
  /** Decompressed bytes at which to stop with an error; 2 GiB unless given. Against gzip bombs. */
  readonly maxBytes?: number;
  /** The profile is asked once: skips what makes later queries quick (0.13 s of 1M samples). Answers are the same. */
  readonly oneQuery?: boolean;
}

/** Takes a profile's uncompressed bytes in chunks of any size, then gives the Profile. */
export class ProfileDecoder {
  readonly #loader: Loader;
  readonly #maxBytes: number;
  #head = new Uint8Array();
  /** Bytes seen, and how many of the last ones are still to be walked. */
  #seen = 0;
  #carry = 0;

  /** Of one piece: samples, locations, functions, strings. */
  readonly #ranges = [new Ranges(), new Ranges(), new Ranges(), new Ranges()] as const;

  readonly #sampleTypes: RawType[] = [];
  readonly #mappings: RawMapping[] = [];
  readonly #mappingIds = new Set<bigint>();
  readonly #comments: bigint[] = [];
  #periodType: RawType = { type: 0n, unit: 0n };
  #dropFrames = 0n;
  #keepFrames = 0n;
  #timeNanos = 0n;
  #durationNanos = 0n;
  #period = 0n;
  #defaultSampleType = 0n;
  #docUrl = 0n;

  /** reused: a core that one profile after the other is decoded into, each ending the one before. */
  constructor({ maxBytes = MAX_BYTES, oneQuery = false }: DecodeOptions = {}, reused?: ReusedInstance) {
    if (typeof maxBytes !== 'number' || !(maxBytes > 0))
      throw badOption(`invalid maxBytes: ${String(maxBytes)}`, 'give a number of bytes above 0');
    this.#maxBytes = maxBytes;
    this.#loader = new Loader(oneQuery, reused?.take());
  }

  /** Throws ProfileError: malformed, not-a-profile, too-large. */
  write(chunk: Uint8Array): void {
    if (this.#head.length < 512 && chunk.length > 0) {
      const head = new Uint8Array(Math.min(512, this.#head.length + chunk.length));
      head.set(this.#head);
      head.set(chunk.subarray(0, head.length - this.#head.length), this.#head.length);
      this.#head = head;
    }
    for (let from = 0; from < chunk.length; from += PIECE) this.#writePiece(chunk.subarray(from, from + PIECE));
  }

  #writePiece(piece: Uint8Array): void {
    if (this.#seen + piece.length > this.#maxBytes) {
      throw new ProfileError(
        'too-large',
        `the profile has more than ${this.#maxBytes} bytes when decompressed`,
        { offset: this.#maxBytes },
        'if it is no mistake, raise the limit with -max_bytes',
      );
    }
    const { view, address } = this.#loader.input(this.#carry + piece.length, this.#carry);
    view.set(piece, this.#carry);
    this.#seen += piece.length;
    this.#walk(view, address, false);
  }

  /** Throws ProfileError: empty, truncated, malformed, invalid, not-a-profile. */
  finish(): Profile<StackStore> {
    if (this.#seen === 0) {
      throw new ProfileError(
        'empty',
        'the file is empty',
        {},
        'the program that should write it ended too early: a failed build leaves an empty profile behind (esbuild --cpuprofile, tsc --pprofDir), and so does a Go program that exits before StopCPUProfile',
      );
    }
    const { view, address } = this.#loader.input(this.#carry, this.#carry);
    this.#walk(view, address, true);
    return this.#profile();
  }

  #walk(view: Uint8Array<ArrayBuffer>, address: number, last: boolean): void {
    // Handing over may grow the memory, which detaches the view: its length is taken now.
    const size = view.length;
    const base = this.#seen - size;
    const [samples, locations, functions, strings] = this.#ranges;
    for (const ranges of this.#ranges) ranges.count = 0;
    const reader = new protobuf.Reader(view);
    const bulk = [undefined, undefined, samples, undefined, locations, functions, strings];
    let start = 0;
    try {
      while (reader.pos < size) {
        start = reader.pos;
        if (!last && size - start < HEADER) break;
        const tag = reader.uint32();
        const field = tag >>> 3;
        const wireType = tag & 7;
        if (field === 0) throw new MalformedError('a field has number 0');
        if (wireType !== 2) {
          this.#scalar(reader, field, wireType);
          start = reader.pos;
          continue;
        }
        const before = reader.pos;
        const length = reader.uint32();
        const from = reader.pos;
        if (from - before > 5 || (from - before === 5 && view[from - 1] > 0x0f))
          throw new MalformedError('a length has more than 32 bits');
        if (length > size - from) {
          if (last) throw new MalformedError(`a field of ${length} bytes has only ${size - from}`);
          break;
        }
        const ranges = bulk[field];
        if (ranges !== undefined) ranges.add(address + from, length);
        else this.#message(view.subarray(from, from + length), field);
        reader.pos = from + length;
        start = reader.pos;
      }
    } catch (error) {
      throw this.#malformed(error, base + start, last);
    }
    const refused =
      this.#loader.samples(samples) ??
      this.#loader.messages(LOCATION, locations) ??
      this.#loader.messages(FUNCTION, functions) ??
      this.#loader.messages(STRING, strings);
    if (refused !== undefined) {
      const offset = base + refused.address - address;
      if (refused.code === E_TYPES) {
        throw new ProfileError(
          'invalid',
          'a sample has more than 64 values',
          { offset, field: 'Sample.value' },
          'this version takes 64 sample types at most',
        );
      }
      throw this.#malformed(new MalformedError('a sample cannot be read', 'Sample'), offset, false);
    }
    this.#carry = size - start;
    if (!last && start > 0 && this.#carry > 0) this.#loader.carry(start, this.#carry);
  }

  #scalar(reader: protobuf.Reader, field: number, wireType: number): void {
    const value = readScalar(reader, wireType);
    if ((field >= 1 && field <= 6) || field === 11) throw new MalformedError('a number where a message is expected');
    if (field < 7 || field > 15) return;
    if (wireType !== 0) throw new MalformedError('a number of the wrong width');
    switch (field) {
      case 7:
        this.#dropFrames = value;
        break;
      case 8:
        this.#keepFrames = value;
        break;
      case 9:
        if (this.#timeNanos !== 0n) {
          throw new ProfileError(
            'malformed',
            'concatenated profiles detected',
            { field: 'Profile.time_nanos' },
            'profiles are not joined with cat: split the file and give the parts one by one',
          );
        }
        this.#timeNanos = value;
        break;
      case 10:
        this.#durationNanos = value;
        break;
      case 12:
        this.#period = value;
        break;
      case 13:
        this.#comments.push(value);
        break;
      case 14:
        this.#defaultSampleType = value;
        break;
      case 15:
        this.#docUrl = value;
        break;
    }
  }

  #message(bytes: Uint8Array, field: number): void {
    switch (field) {
      case 1:
        this.#sampleTypes.push(rawType(bytes));
        break;
      case 3:
        this.#takeMapping(rawMapping(bytes));
        break;
      case 11:
        this.#periodType = rawType(bytes);
        break;
      case 13: {
        const reader = new protobuf.Reader(bytes);
        while (reader.pos < reader.len) this.#comments.push(readScalar(reader, 0));
        break;
      }
      default:
        if (field >= 7 && field <= 15) throw new MalformedError('bytes where a number is expected');
    }
  }

  /** What a failed walk means: another kind of file, a cut one, or damage. */
  #malformed(error: unknown, offset: number, last: boolean): ProfileError {
    if (error instanceof ProfileError) return error;
    const other = explainHead(this.#head);
    if (other !== undefined) return other;
    // What else the walk can throw is protobufjs's: an Error or a RangeError.
    if (error instanceof Error && !(error instanceof TypeError)) {
      const place = {
        offset,
        ...(error instanceof MalformedError && error.field !== '' ? { field: error.field } : {}),
      };
      if (last && this.#loader.stringCount > 0 && offset > 0) {
        return new ProfileError('truncated', 'the profile ends in the middle of a field', place, again);
      }
      return new ProfileError(
        'malformed',
        `this is no pprof profile, or a damaged one: ${error instanceof MalformedError ? error.message : 'a number does not end'}`,
        place,
        'expected profile.proto, gzipped or not, as runtime/pprof and net/http/pprof write it',
      );
    }
    throw error;
  }

  #profile(): Profile<StackStore> {
    const loader = this.#loader;
    const ids = BigUint64Array.from(this.#mappings, (m) => m.id);
    const tables = loader.finish(this.#sampleTypes.length, ids);
    if (loader.stringCount === 0) throw this.#malformed(new MalformedError('it has no string table'), 0, false);
    if ('code' in tables) throw this.#invalid(tables);
    const { strings } = tables;
    if (strings.get(0) !== '') throw this.#malformed(new MalformedError("string_table[0] must be ''"), 0, false);
    const text = (row: bigint, field: string) => textOf(strings, row, field);
    const type = (raw: RawType, field: string): ValueType => ({
      type: text(raw.type, `${field}.type`),
      unit: text(raw.unit, `${field}.unit`),
    });
    const mappings = this.#mappings.map((m): Mapping => {
      const [hasFunctions, hasFilenames, hasLineNumbers, hasInlineFrames] = m.flags;
      return {
        id: m.id,
        start: m.start,
        limit: m.limit,
        offset: m.offset,
        file: text(m.file, 'Mapping.filename'),
        buildId: text(m.buildId, 'Mapping.build_id'),
        hasFunctions,
        hasFilenames,
        hasLineNumbers,
        hasInlineFrames,
      };
    });
    return {
      ...tables,
      sampleTypes: this.#sampleTypes.map((raw) => type(raw, 'sample_type')),
      valueColumns: this.#sampleTypes.map((_, i) => i),
      mappings,
      dropFrames: text(this.#dropFrames, 'drop_frames'),
      keepFrames: text(this.#keepFrames, 'keep_frames'),
      periodType: type(this.#periodType, 'period_type'),
      comments: this.#comments.map((row) => text(row, 'comment')),
      defaultSampleType: text(this.#defaultSampleType, 'default_sample_type'),
      docUrl: text(this.#docUrl, 'doc_url'),
      timeNanos: BigInt.asIntN(64, this.#timeNanos),
      durationNanos: BigInt.asIntN(64, this.#durationNanos),
      period: BigInt.asIntN(64, this.#period),
    };
  }

  /** Checked at once, so that millions of empty messages end at the first. */
  #takeMapping(mapping: RawMapping): void {
    if (mapping.id === 0n) throw invalid('found mapping with reserved ID=0', 'Mapping.id');
    if (this.#mappingIds.has(mapping.id)) throw invalid(`multiple mappings with same id: ${mapping.id}`, 'Mapping.id');
    this.#mappingIds.add(mapping.id);
    this.#mappings.push(mapping);
  }

  #invalid(failure: TableFailure): ProfileError {
    const { code, table, row, id } = failure;
    if (code === E_SAMPLE_VALUES) {
      const types = this.#sampleTypes.length;
      return types === 0
        ? invalid('missing sample type information', 'sample_type')
        : invalid(
            `mismatch: sample has ${this.#loader.valuesOf(row)} values vs. ${types} types`,
            `Sample.value of sample ${row}`,
          );
    }
    const message = tableFailures[code];
    if (message === undefined) {
      return this.#malformed(new MalformedError(`${table} ${row} cannot be read`, table), 0, false);
    }
    const [fact, field] = message(table, row, id);
    return invalid(fact, field);
  }
}

const again = 'the file was cut or changed on its way: take the profile again, or copy it again in binary mode';

function invalid(fact: string, field: string): ProfileError {
  return new ProfileError(
    'invalid',
    `malformed profile: ${fact}`,
    { field },
    'the program that wrote this profile has an error; pprof refuses it too',
  );
}

/** Fact and field by E_ code, in pprof's words. */
const tableFailures: Readonly<Record<number, (table: string, row: number, id: bigint) => [string, string]>> = {
  // E_STRING
  [-3]: (table, row, id) => [
    `string index ${BigInt.asIntN(64, id)} is outside of the string table`,
    `${table}${table === 'label' ? '' : ` ${row}`}`,
  ],
  // E_SAMPLE_LOCATION
  [-5]: (_, row, id) => ['sample has nil location', `Sample.location_id ${id} of sample ${row}`],
  // E_ID_ZERO
  [-6]: (table, row) => [
    table === 'location' ? 'found location with reserved id=0' : 'found function with reserved ID=0',
    `${table} ${row}`,
  ],
  // E_ID_TWICE
  [-7]: (table, row, id) => [`multiple ${table}s with same id: ${id}`, `${table} ${row}`],
  // E_LINE_FUNCTION
  [-8]: (_, row, id) => [`location id: ${id} has a line with nil function`, `Line.function_id of location ${row}`],
};

function textOf(strings: StringTable, row: bigint, field: string): string {
  if (row >= BigInt(strings.count)) {
    throw invalid(`string index ${BigInt.asIntN(64, row)} is outside of the string table`, field);
  }
  return strings.get(Number(row));
}

function rawType(bytes: Uint8Array): RawType {
  const raw = { type: 0n, unit: 0n };
  readFields(bytes, 'ValueType', 2, (field, value) => {
    if (field === 1) raw.type = value;
    else raw.unit = value;
  });
  return raw;
}

function rawMapping(bytes: Uint8Array): RawMapping {
  const values = [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
  readFields(bytes, 'Mapping', 10, (field, value) => {
    values[field] = value;
  });
  const [, id, start, limit, offset, file, buildId, ...flags] = values;
  return { id, start, limit, offset, file, buildId, flags: flags.map((flag) => flag !== 0n) };
}
