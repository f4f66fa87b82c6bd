// Goroutines with equal stacks, as plain data: count, waits, the frames with what is common of their arguments.

import type { Blocked } from '../analyse/blocked.js';
import { groupStacks } from '../analyse/groups.js';
import { meaningOf } from '../analyse/meanings.js';
import type { Stacks } from '../analyse/stacks.js';
import { LEAKED, LOCKED, MAYBE_CUT, SIMILARITIES, TRUNCATED, UNAVAILABLE } from '../model/dump.js';
import { compareText, fromBytes } from '../model/strings.js';
import type { StackOptions } from '../query/stackOptions.js';

export interface StackFrame {
  /** `sync.?` where the dump has lost the line. */
  readonly function: string;
  readonly isLost: boolean;
  /** Between the parentheses; words that differ in the group are `*`. */
  readonly arguments: string;
  readonly file: string;
  readonly line: number;
  /** The goroutines hang here. */
  readonly hangsHere: boolean;
}

export interface StackGroup {
  readonly count: number;
  readonly state: string;
  /** What the state means. */
  readonly says: string;
  readonly minMinutes: number;
  readonly maxMinutes: number;
  /** The first of them; count says how many there are. */
  readonly ids: readonly number[];
  readonly stuck: number;
  readonly frames: readonly StackFrame[];
  /** Function and place of the go statement; '' for none. */
  readonly createdBy: string;
  readonly createdAt: string;
  /** Ids of the goroutines with the go statement. */
  readonly creators: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  /** `locked to thread`, `leaked`, `frames elided`, `cut`, … */
  readonly marks: readonly string[];
}

const MOST_IDS = 100;
/** Arguments of so many goroutines are compared. */
const SAMPLE = 1000;

/** What a group is sorted by; the rest is made of those that are shown. */
interface Summary {
  readonly members: readonly number[];
  readonly count: number;
  readonly minMinutes: number;
  readonly maxMinutes: number;
  readonly stuck: number;
}

export interface GroupRows {
  readonly groups: readonly StackGroup[];
  /** Those beyond `most`. */
  readonly more: { readonly groups: number; readonly goroutines: number };
}

/** rows: which goroutines; most: how many groups, in the order asked for. */
export function groupRows(
  stacks: Stacks,
  blocked: Blocked,
  rows: readonly number[],
  options: StackOptions,
  most: number,
): GroupRows {
  const groups = groupStacks(stacks.dump, similarityOf(options.similarity), stacks.hangsIn);
  const members = new Map<number, number[]>();
  for (const g of rows) {
    const known = members.get(groups.of[g]);
    if (known === undefined) members.set(groups.of[g], [g]);
    else known.push(g);
  }
  const stuck = new Set(blocked.stuck.map(({ g }) => g));
  const summaries = [...members.values()].map((group) => summary(stacks, group, stuck));
  const byWeight = (a: Summary, b: Summary) => b.stuck - a.stuck || b.maxMinutes - a.maxMinutes || b.count - a.count;
  const nameOf = ({ members: [g] }: Summary) => {
    const e = stacks.hangsIn(g);
    return e < 0 ? '' : stacks.nameOf(stacks.dump.stack[e]).name;
  };
  const orders: Readonly<Record<string, (a: Summary, b: Summary) => number>> = {
    weight: byWeight,
    count: (a, b) => b.count - a.count || byWeight(a, b),
    wait: (a, b) => b.maxMinutes - a.maxMinutes || byWeight(a, b),
    name: (a, b) => compareText(nameOf(a), nameOf(b)) || byWeight(a, b),
    id: () => 0,
  };
  summaries.sort((a, b) => orders[options.sort](a, b) || a.members[0] - b.members[0]);
  const left = summaries.slice(most);
  return {
    groups: summaries.slice(0, most).map((row) => groupRow(stacks, row)),
    more: { groups: left.length, goroutines: left.reduce((total, { count }) => total + count, 0) },
  };
}

const similarityOf = (text: string) => SIMILARITIES.find((similarity) => similarity === text) ?? 'lines';

function summary({ dump: { goroutines } }: Stacks, members: readonly number[], stuck: ReadonlySet<number>): Summary {
  let [count, minMinutes, maxMinutes, hanging] = [0, Number.MAX_SAFE_INTEGER, 0, 0];
  for (const g of members) {
    count += goroutines.weight[g];
    minMinutes = Math.min(minMinutes, goroutines.waitMinutes[g]);
    maxMinutes = Math.max(maxMinutes, goroutines.waitMinutes[g]);
    if (stuck.has(g)) hanging += goroutines.weight[g];
  }
  return { members, count, minMinutes, maxMinutes, stuck: hanging };
}

function groupRow(stacks: Stacks, { members, count, minMinutes, maxMinutes, stuck }: Summary): StackGroup {
  const { dump } = stacks;
  const { goroutines, states, frames, files } = dump;
  const [first] = members;
  const marks = new Set<string>();
  const creators = new Set<number>();
  for (const g of members) {
    for (const [flag, mark] of flagMarks) if ((goroutines.flags[g] & flag) !== 0) marks.add(mark);
    if (dump.elisions.has(g)) marks.add('frames elided');
    if (goroutines.creator[g] >= 0 && creators.size < MOST_IDS) creators.add(goroutines.creator[g]);
  }
  const state = states[goroutines.state[first]];
  const created = goroutines.createdBy[first];
  return {
    count,
    state,
    says: meaningOf(state),
    minMinutes,
    maxMinutes,
    ids: members
      .slice(0, MOST_IDS)
      .map((g) => goroutines.id[g])
      .filter((id) => id >= 0),
    stuck,
    frames: framesOf(stacks, members),
    createdBy: created < 0 ? '' : stacks.nameOf(created).name,
    createdAt: created < 0 ? '' : `${files.get(frames.file[created])}:${frames.line[created]}`,
    creators: [...creators],
    labels: Object.fromEntries(dump.labels.get(first) ?? []),
    marks: [...marks],
  };
}

const flagMarks = [
  [LOCKED, 'locked to thread'],
  [LEAKED, 'leaked'],
  [TRUNCATED, 'the text ends here'],
  [MAYBE_CUT, 'perhaps cut at 100 frames'],
  [UNAVAILABLE, 'running on another thread, stack unavailable'],
] as const;

function framesOf(stacks: Stacks, group: readonly number[]): StackFrame[] {
  const { dump } = stacks;
  const { goroutines, frames, files, stack } = dump;
  const [first] = group;
  const from = goroutines.stackStart[first];
  const hangs = stacks.hangsIn(first);
  const result: StackFrame[] = [];
  for (let e = from; e < goroutines.stackStart[first + 1]; e++) {
    const frame = stack[e];
    const isLost = frames.func[frame] < 0;
    let words = argumentsOf(stacks, e);
    for (const g of group.slice(1, SAMPLE)) {
      const other = goroutines.stackStart[g] + e - from;
      if (other >= goroutines.stackStart[g + 1] || !words.some((word) => word !== '*')) break;
      words = merged(words, argumentsOf(stacks, other));
    }
    result.push({
      function: stacks.nameOf(frame).name,
      isLost,
      arguments: words.join(''),
      file: files.get(frames.file[frame]),
      line: frames.line[frame],
      hangsHere: e === hangs,
    });
  }
  return result;
}

/** Words and what is between them. */
function argumentsOf({ dump: { args, text } }: Stacks, e: number): string[] {
  const from = args[e];
  if (from === 0) return [];
  let to = from;
  while (to < text.length && text[to] !== 41 && text[to] !== 10) to++;
  return fromBytes(text.subarray(from, to)).split(/(?<=[{, ])|(?=[},])/);
}

function merged(a: readonly string[], b: readonly string[]): string[] {
  if (a.length !== b.length) return ['*'];
  return a.map((word, i) => (word === b[i] ? word : '*'));
}
