// The frames of a dump as locations. A call that was inlined has no `+0x` behind its line, and shares a location with the
// next frame that has one:
//
//   sync.(*Mutex).Lock(...)              ╮
//   	/go/src/sync/mutex.go:90           │ one location, two lines
//   main.(*T).get(0xc0000140a0)          │
//   	/app/main.go:12 +0x2b              ╯
//
// Of a lost function its file stands in: sync/mutex.go:?.

import { Column } from '../decode/dump/columns.js';
import { mix, RowIndex } from '../decode/interned.js';
import { type Dump, type NameTable, stackOf } from '../model/dump.js';

export class DumpLocations {
  readonly #dump: Dump;
  readonly #index = new RowIndex();
  readonly #start = new Column(Uint32Array);
  readonly #frames = new Column(Int32Array);
  /** Location + 1 of a frame that stands alone. */
  readonly #alone: Int32Array;
  /** Function + 1 by frame. */
  readonly #functionOf: Int32Array;
  readonly #functionRows = new Map<number, number>();
  readonly functions: { readonly name: string; readonly file: string }[] = [];
  /** Location by row of the index. */
  readonly #groups = new Column(Int32Array);
  readonly #goexit: number;

  constructor(dump: Dump) {
    this.#dump = dump;
    this.#alone = new Int32Array(dump.frames.count);
    this.#functionOf = new Int32Array(dump.frames.count);
    this.#start.push(0);
    this.#goexit = rowOf(dump.functions, 'runtime.goexit');
  }

  get count(): number {
    return this.#start.length - 1;
  }

  /** Frame rows, innermost first. */
  framesOf(row: number): Int32Array {
    return this.#frames.view(this.#start.get(row), this.#start.get(row + 1));
  }

  /** The locations of goroutine g's stack, leaf first, into result. */
  read(g: number, result: number[]): void {
    const { stack, frames } = this.#dump;
    result.length = 0;
    let [from, to] = stackOf(this.#dump, g);
    // Go's profiles end with the goroutine's own function.
    if (to > from && this.#goexit >= 0 && frames.func[stack[to - 1]] === this.#goexit) to--;
    while (from < to) {
      const end = this.#inlinedUpTo(from, to);
      result.push(end === from ? this.#one(stack[from]) : this.#group(from, end + 1));
      from = end + 1;
    }
  }

  functionOf(frame: number): number {
    return this.#functionOf[frame] - 1;
  }

  /** The entry of the stack that entry `from` was inlined into; itself if it was not, or nobody says so. */
  #inlinedUpTo(from: number, to: number): number {
    const { stack, frames } = this.#dump;
    for (let e = from; e < to; e++) {
      const frame = stack[e];
      if (frames.offset[frame] >= 0) return e;
      if (frames.file[frame] < 0 || frames.func[frame] < 0) return from;
    }
    return from;
  }

  #one(frame: number): number {
    const known = this.#alone[frame];
    if (known !== 0) return known - 1;
    const row = this.#add([frame]);
    this.#alone[frame] = row + 1;
    return row;
  }

  #group(from: number, to: number): number {
    const frames = this.#dump.stack.subarray(from, to);
    let hash = frames.length;
    for (const frame of frames) hash = mix(hash, frame);
    const known = this.#index.find(hash, (row) => {
      const other = this.framesOf(this.#groups.get(row));
      return other.length === frames.length && other.every((frame, i) => frame === frames[i]);
    });
    if (known >= 0) return this.#groups.get(known);
    this.#index.add(hash);
    const row = this.#add(frames);
    this.#groups.push(row);
    return row;
  }

  #add(frames: Iterable<number>): number {
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#nameFunction(frame);
    }
    this.#start.push(this.#frames.length);
    return this.count - 1;
  }

  #nameFunction(frame: number): void {
    if (this.#functionOf[frame] !== 0) return;
    const { functions, files, frames } = this.#dump;
    const [func, file] = [frames.func[frame], frames.file[frame]];
    const key = (func + 1) * (files.count + 1) + file + 1;
    let row = this.#functionRows.get(key);
    if (row === undefined) {
      row = this.functions.length;
      const path = file < 0 ? '' : spelled(files, file);
      this.functions.push({ name: func < 0 ? lostFunction(path) : spelled(functions, func), file: path });
      this.#functionRows.set(key, row);
    }
    this.#functionOf[frame] = row + 1;
  }
}

/** `/usr/lib/go/src/sync/mutex.go` → `sync/mutex.go:?`, so that a focus on sync finds it. */
const lostFunction = (path: string) => `${path.split(/[/\\]/).slice(-2).join('/')}:?`;

/** Profiles keep names as Go escapes them. */
const spelled = (names: NameTable, row: number) => names.raw?.(row) ?? names.get(row);

function rowOf(names: NameTable, name: string): number {
  for (let row = 0; row < names.count; row++) if (names.get(row) === name) return row;
  return -1;
}
