// Equal stacks. What is equal is a choice; each choice maps frames to numbers, and stacks are hashed over these, so that the
// work grows with the frames, not with the groups (100,000 distinct stacks: 60 ms).

import { mix, RowIndex } from '../decode/interned.js';
import type { Dump, Similarity } from '../model/dump.js';

export interface Groups {
  /** Group of each goroutine; groups are numbered by their first one. */
  readonly of: Int32Array;
  readonly count: number;
  /** First goroutine of each. */
  readonly first: readonly number[];
}

/** hangsIn: see Stacks; used for place. */
export function groupStacks(dump: Dump, similarity: Similarity, hangsIn: (g: number) => number): Groups {
  const { goroutines, stack, args, text } = dump;
  const { count, stackStart, state, createdBy } = goroutines;
  const key = frameKeys(dump, similarity);
  const index = new RowIndex();
  const of = new Int32Array(count);
  const first: number[] = [];
  const range = (g: number): [number, number] => {
    if (similarity !== 'place') return [stackStart[g], stackStart[g + 1]];
    const e = hangsIn(g);
    return e < 0 ? [0, 0] : [e, e + 1];
  };
  const creator = (g: number) => (similarity === 'place' || createdBy[g] < 0 ? -1 : key[createdBy[g]]);
  const sameArguments = (a: number, b: number) => {
    let p = args[a];
    let q = args[b];
    if (p === 0 || q === 0) return p === q;
    while (text[p] === text[q] && text[p] !== 41 && p < text.length) {
      p++;
      q++;
    }
    return text[p] === text[q];
  };
  let g = 0;
  let [from, to] = [0, 0];
  const isSame = (row: number): boolean => {
    const other = first[row];
    const [start, end] = range(other);
    if (end - start !== to - from || state[other] !== state[g] || creator(other) !== creator(g)) return false;
    for (let i = 0; i < to - from; i++) if (key[stack[start + i]] !== key[stack[from + i]]) return false;
    if (similarity === 'exact')
      for (let i = 0; i < to - from; i++) if (!sameArguments(start + i, from + i)) return false;
    return true;
  };
  for (; g < count; g++) {
    [from, to] = range(g);
    let hash = mix(mix(0, state[g]), creator(g));
    for (let e = from; e < to; e++) hash = Math.imul(hash ^ key[stack[e]], 0x01000193) ^ (hash >>> 13);
    if (similarity === 'exact') for (let e = from; e < to; e++) hash = hashArguments(text, args[e], hash);
    let row = index.find(hash, isSame);
    if (row < 0) {
      row = index.add(hash);
      first.push(g);
    }
    of[g] = row;
  }
  return { of, count: first.length, first };
}

function hashArguments(text: Uint8Array, from: number, seed: number): number {
  let hash = seed;
  if (from > 0) for (let p = from; p < text.length && text[p] !== 41; p++) hash = Math.imul(hash ^ text[p], 0x01000193);
  return hash;
}

/** A number for each frame row: equal for what this similarity takes as equal. */
function frameKeys({ frames }: Dump, similarity: Similarity): Int32Array {
  const keys = new Int32Array(frames.count);
  if (similarity === 'exact') return keys.map((_, frame) => frame);
  const seen = new Map<string, number>();
  for (let frame = 0; frame < frames.count; frame++) {
    const func = frames.func[frame];
    // Without its function a frame is known by its file.
    const place =
      similarity === 'functions'
        ? func >= 0
          ? `${func}`
          : `? ${frames.file[frame]}`
        : `${func} ${frames.file[frame]} ${frames.line[frame]}`;
    let key = seen.get(place);
    if (key === undefined) {
      key = seen.size;
      seen.set(place, key);
    }
    keys[frame] = key;
  }
  return keys;
}
