// Files and streams of Node → a decoder, gunzipped as they come. Small files in one go (a stream costs 3-5 ms); large
// ones through zlib's own thread, with the decoder at work beside it: the data handler only queues (work inside it
// stops the inflating: 0.83 s instead of 0.61 s for 1M samples).

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { Readable, type TransformOptions, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, type Gunzip, gunzipSync, gunzip as inflateAside, type ZlibOptions } from 'node:zlib';
import { ProfileError } from '../errors.js';
import { gzipError, isGzip } from './gzip.js';

/** What takes bytes: a ProfileDecoder. */
export interface Sink {
  write(chunk: Uint8Array): void;
}

const SMALL = 1 << 20;
const READ = 1 << 19;
/** What a small file may inflate to in one go. */
const AT_ONCE = 1 << 25;
const INFLATE = 1 << 19;
/** What the decoder takes at once: between bites the inflating thread gets its next order (512 KiB: 30 ms more on 1M samples). */
const BITE = 1 << 17;
/** Inflated chunks that may wait; more only cost memory. */
const QUEUE = 4;

/** Reads a file into the sink. Throws ProfileError: unreadable, truncated, malformed; and what the sink throws. */
export async function readFile(path: string | URL, sink: Sink): Promise<void> {
  const small = readSmall(path);
  if (small !== undefined) await readBytes(small, sink);
  else await readStream(createReadStream(path, { highWaterMark: READ }), sink);
}

/** All of a small file; undefined for a large one, a pipe or a device. */
function readSmall(path: string | URL): Uint8Array | undefined {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new ProfileError(
        'unreadable',
        'this is a folder',
        {},
        'name a profile in it; tspprof top without a file lists those of the current folder',
      );
    }
    return stat.isFile() && stat.size <= SMALL ? readFileSync(path) : undefined;
  } catch (error) {
    throw error instanceof ProfileError ? error : unreadable(error);
  }
}

/** How many files are inflated ahead of the one that is asked for. */
const AHEAD = 2;

/** Small gzipped files of a list, inflated on another thread while the ones before are at work. */
export class ReadAhead {
  readonly #paths: readonly (string | URL | undefined)[];
  readonly #inflated = new Map<number, Promise<Uint8Array | undefined>>();
  /** The first that was never begun on. */
  #next = 0;

  constructor(paths: readonly (string | URL | undefined)[]) {
    this.#paths = paths.length === 1 ? [] : paths;
  }

  /** The bytes of file i, to be taken once; undefined where readFile() is to read it: no small gzip file, or one with an error. */
  take(i: number): Promise<Uint8Array | undefined> | undefined {
    for (; this.#next < this.#paths.length && this.#next <= i + AHEAD; this.#next++) {
      const path = this.#paths[this.#next];
      if (path !== undefined && this.#next >= i) this.#inflated.set(this.#next, inflateSmall(path));
    }
    const inflated = this.#inflated.get(i);
    this.#inflated.delete(i);
    return inflated;
  }
}

async function inflateSmall(path: string | URL): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = readSmall(path);
  } catch {
    return undefined;
  }
  if (bytes === undefined || !isGzip(bytes) || bytes.length < 18) return undefined;
  // The last four bytes say how much it is, so that one order to the other thread does; a wrong size only takes more orders.
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
  const options = { chunkSize: Math.min(Math.max(size + 64, 4096), AT_ONCE), maxOutputLength: AT_ONCE };
  return new Promise((resolve) => {
    inflateAside(bytes, options, (error, raw) => resolve(error === null ? raw : undefined));
  });
}

/** Bytes at hand, gzipped or not: at once if they are few when inflated, else piece by piece, so that the sink can stop a bomb. */
export async function readBytes(bytes: Uint8Array, sink: Sink): Promise<void> {
  if (!isGzip(bytes)) {
    sink.write(bytes);
    return;
  }
  let raw: Uint8Array;
  try {
    raw = gunzipSync(bytes, { chunkSize: INFLATE, maxOutputLength: AT_ONCE });
  } catch (error) {
    if (!(error instanceof RangeError)) throw gzipError(error instanceof Error ? error.message : String(error));
    await readStream(Readable.from([bytes]), sink);
    return;
  }
  sink.write(raw);
}

/** A stream of Node, gzipped or not. */
export function readStream(input: Readable, sink: Sink): Promise<void> {
  return new Promise((resolve, reject) => {
    let failed = false;
    let gunzip: Gunzip | undefined;
    const fail = (error: unknown) => {
      if (failed) return;
      failed = true;
      input.destroy();
      gunzip?.destroy();
      reject(error);
    };
    const line = waitingLine(
      sink,
      () => (gunzip ?? input).pause(),
      () => (gunzip ?? input).resume(),
      resolve,
      fail,
    );

    /** The first bytes, until two say whether it is gzip; then undefined. */
    let head: Buffer | undefined = Buffer.alloc(0);
    const inflate = (chunk: Uint8Array) => {
      if (gunzip === undefined || gunzip.write(chunk)) return;
      input.pause();
      gunzip.once('drain', () => input.resume());
    };
    const start = (first: Uint8Array) => {
      if (!isGzip(first)) {
        line.add(first);
        return;
      }
      // Room on both sides of the inflating thread, so that it waits neither for the disk nor for the decoder.
      const room: ZlibOptions & TransformOptions = {
        chunkSize: INFLATE,
        readableHighWaterMark: INFLATE * 4,
        writableHighWaterMark: READ * 4,
      };
      gunzip = createGunzip(room);
      gunzip.on('data', line.add).on('end', line.end);
      gunzip.on('error', (error) => fail(gzipError(error.message)));
      inflate(first);
    };
    input.on('data', (chunk: unknown) => {
      if (!(chunk instanceof Uint8Array)) {
        fail(
          new ProfileError(
            'unreadable',
            'the stream gives text or objects, not bytes',
            {},
            'do not call setEncoding on it',
          ),
        );
      } else if (head === undefined) {
        if (gunzip === undefined) line.add(chunk);
        else inflate(chunk);
      } else {
        head = Buffer.concat([head, chunk]);
        if (head.length < 2) return;
        const first = head;
        head = undefined;
        start(first);
      }
    });
    input.on('end', () => {
      if (head !== undefined && head.length > 0) line.add(head);
      if (gunzip === undefined) line.end();
      else gunzip.end();
    });
    input.on('error', (error) => fail(unreadable(error)));
    const closed = () => {
      if (!input.readableEnded) fail(unreadable(new Error('the stream was closed')));
    };
    if (input.destroyed || input.readableEnded) fail(unreadable(new Error('the stream was closed')));
    else input.on('close', closed);
  });
}

/** Chunks on their way into the sink, a bite at each turn of the event loop; pauses whoever sends when there are many. */
function waitingLine(
  sink: Sink,
  pause: () => void,
  resume: () => void,
  done: () => void,
  fail: (error: unknown) => void,
) {
  const queue: Uint8Array[] = [];
  let taken = 0; // bytes of the first chunk
  let ended = false;
  let scheduled = false;
  let failed = false;
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(work);
  };
  const work = () => {
    scheduled = false;
    if (failed) return;
    const [chunk] = queue;
    if (chunk !== undefined) {
      try {
        sink.write(chunk.subarray(taken, taken + BITE));
      } catch (error) {
        failed = true;
        fail(error);
        return;
      }
      taken += BITE;
      if (taken >= chunk.length) {
        queue.shift();
        taken = 0;
        if (queue.length < QUEUE / 2) resume();
      }
    }
    if (queue.length > 0) schedule();
    else if (ended) done();
  };
  return {
    add: (chunk: Uint8Array) => {
      queue.push(chunk);
      if (queue.length >= QUEUE) pause();
      schedule();
    },
    end: () => {
      ended = true;
      schedule();
    },
  };
}

/** Of zlib's levels, measured on 200k samples (23 MB): 1 takes 0.22 s and gives 10.3 MB, 4 0.30 s and 10.1 MB, 6 0.38 s and 10.05 MB. */
const LEVEL = 4;

/** Compresses chunks on zlib's own thread, the next being made meanwhile, and ends the output. */
export async function writeGzip(chunks: Iterable<Uint8Array>, output: Writable): Promise<void> {
  const room: ZlibOptions & TransformOptions = { level: LEVEL, chunkSize: INFLATE, highWaterMark: INFLATE * 4 };
  const gzip = createGzip(room);
  await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 2 }), gzip, output);
}

const reasons: Readonly<Record<string, [string, string]>> = {
  ENOENT: ['no such file', 'check the name; tspprof top without a file lists the profiles of the current folder'],
  EACCES: ['permission denied', 'ask the owner of the file, or copy it'],
  EISDIR: ['this is a folder', 'name a profile in it'],
};

function unreadable(error: unknown): ProfileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [fact, hint] = reasons[code] ?? [
    `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    'check the file and its disk',
  ];
  return new ProfileError('unreadable', fact, {}, hint);
}
