// What the addresses of a debug=1 record tell beside its lines: which calls were inlined, and whether lines are missing.

export interface CountedFrame {
  readonly func: number;
  readonly file: number;
  readonly line: number;
  readonly pc: number;
  /** -1: not stated. */
  readonly offset: number;
}

export interface OpenRecord {
  readonly at: number;
  readonly line: number;
  readonly weight: number;
  /** The addresses that the record lists, leaf first. */
  readonly pcs: readonly number[];
  readonly frames: CountedFrame[];
  labels: ReadonlyMap<string, string> | undefined;
  /** A line of it could not be read. */
  isDamaged: boolean;
}

/** A line has the address of the call, the list that behind it. */
export const isAddressOf = ({ pc }: CountedFrame, listed: number) => pc === listed || pc + 1 === listed;

/** Calls that were inlined count their bytes from the same entry as the next frame, and lose the offset, as debug=2 has it. */
export function markInlined(frames: CountedFrame[]): void {
  let owner = -1;
  let entry = -1;
  for (let i = frames.length - 1; i >= 0; i--) {
    const { func, pc, offset } = frames[i];
    const own = offset < 0 ? -1 : pc - offset;
    if (own < 0 || own !== entry) {
      owner = func;
      entry = own;
    } else if (func !== owner) frames[i] = { ...frames[i], offset: -1 };
  }
}

/** Whether the last frame is the last address, or that before runtime.goexit, which has no line. */
export function reachesRoot({ frames, pcs }: OpenRecord): boolean {
  const last = frames[frames.length - 1];
  const stack = pcs.filter((pc) => pc !== 0);
  if (stack.length === 0) return true;
  return last !== undefined && stack.slice(-2).some((pc) => isAddressOf(last, pc));
}
