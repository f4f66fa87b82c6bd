// A goroutine profile (debug=0) as a Dump: a record for each sample, its weight the count. Profiles say no state: it is read
// from the leaf frames. Forks that write a sample a goroutine (CockroachDB's debug=3) say id, state and wait in labels.

import type { StackStore } from '../core/store.js';
import { DumpBuilder } from '../decode/dump/builder.js';
import { StateReader } from '../decode/dump/inferred.js';
import { decodeLabelSet } from '../decode/labels.js';
import { ProfileError } from '../errors.js';
import { type Dump, LEAKED } from '../model/dump.js';
import type { LabelSet } from '../model/labels.js';
import type { Profile } from '../model/profile.js';
import { toBytes } from '../model/strings.js';

const MOST = 0xffffffff;
const GOROUTINES = /^goroutine(s|leak)?$/;

/** What the labels of a sample say. */
interface Said {
  readonly id: number;
  readonly creator: number;
  readonly state: string | undefined;
  readonly waitMinutes: number;
  readonly labels: ReadonlyMap<string, string> | undefined;
}

/** Throws ProfileError 'not-a-dump' when the profile counts something else. bytes: the size of its file. */
export function profileDump(profile: Profile<StackStore>, bytes = 0): Dump {
  const { stacks } = profile;
  const column = columnOf(profile);
  const counts = profile.sampleTypes[column].type;
  const out = new DumpBuilder();
  out.beginCounted('goroutine profile', counts === 'goroutineleak' ? counts : 'goroutine');
  const frames = framesOf(profile, out);
  const said = Array.from({ length: stacks.labelSetCount }, (_, set) =>
    saidBy(decodeLabelSet(stacks.labelSet(set), profile.strings)),
  );
  const states = new StateReader(out.functions);
  const flags = counts === 'goroutineleak' ? LEAKED : 0;
  for (const { count, values, labelSet, length, locations } of stacks.samples(() => {})) {
    let at = 0;
    for (let i = 0; i < count; i++) {
      const stack: number[] = [];
      for (const end = at + length[i]; at < end; at++) stack.push(...frames[locations[at]]);
      const weight = weightOf(values[profile.valueColumns[column]][i], out);
      if (weight === 0) continue;
      const { id, creator, state, waitMinutes, labels } = said[labelSet[i]];
      const status = {
        state: state ?? states.read((f) => out.frames.func.get(stack[f]), stack.length, false),
        ...{ waitMinutes, flags, bubble: -1, labels },
      };
      out.begin(id, status, flags, labels, 0, 0, weight);
      if (creator >= 0) out.created(-1, creator);
      for (const frame of stack) out.push(frame, 0);
    }
  }
  out.endCounted();
  return out.finish(new Uint8Array(), [], bytes)[0];
}

/** The sample type that counts goroutines. */
function columnOf({ sampleTypes }: Profile): number {
  const column = sampleTypes.findIndex(({ type, unit }) => GOROUTINES.test(type) && unit === 'count');
  if (column >= 0) return column;
  const types = sampleTypes.map(({ type, unit }) => `${type}/${unit}`).join(', ');
  throw new ProfileError(
    'not-a-dump',
    `this is a profile of ${types}, not of goroutines`,
    { field: 'Profile.sample_type' },
    'look at it with tspprof top; goroutines are in /debug/pprof/goroutine?debug=2',
  );
}

/** Frame rows by location, innermost first; a location without lines is its address. */
function framesOf({ locations, lines, functions, strings }: Profile, out: DumpBuilder): number[][] {
  const { bytes, start } = strings;
  const text = (names: { intern(bytes: Uint8Array, from: number, to: number): number }, row: number) =>
    names.intern(bytes, start[row], start[row + 1]);
  return Array.from({ length: locations.count }, (_, location) => {
    const rows: number[] = [];
    for (let l = locations.lineStart[location]; l < locations.lineStart[location + 1]; l++) {
      const f = lines.function[l];
      const file = functions.filename[f];
      rows.push(
        out.frames.intern(
          text(out.functions, functions.name[f]),
          start[file] === start[file + 1] ? -1 : text(out.files, file),
          Number(BigInt.asIntN(32, lines.line[l])),
          -1,
        ),
      );
    }
    if (rows.length > 0) return rows;
    const name = toBytes(`0x${locations.address[location].toString(16)}`);
    return [out.frames.intern(out.functions.intern(name, 0, name.length), -1, 0, -1)];
  });
}

function weightOf(value: bigint, out: DumpBuilder): number {
  if (value > 0n && value <= MOST) return Number(value);
  if (value === 0n) return 0;
  if (value < 0n) {
    out.issue('a sample counts less than nothing, as those of a difference do: it was left out', 0);
    return 0;
  }
  out.issue(`a sample of more than ${MOST} goroutines: that many are counted`, 0);
  return MOST;
}

/** By the label's name without what forks put before it: go::goroutine, go::goroutine_state, goroutine id. */
const fields: readonly (readonly [name: RegExp, field: 'id' | 'creator' | 'state' | 'waitMinutes'])[] = [
  [/^(go::goroutine([_.]id)?|goroutine[ _]?id|goid)$/, 'id'],
  [/^go::goroutine[_.]created[_.]by$/, 'creator'],
  [/^(go::goroutine[_.]|goroutine[ _])state$/, 'state'],
  [/^(go::goroutine[_.]|goroutine[ _])wait([ _.]?minutes)?$/, 'waitMinutes'],
];

function saidBy({ strings, numbers }: LabelSet): Said {
  const known: { id: number; creator: number; state: string | undefined; waitMinutes: number } = {
    ...{ id: -1, creator: -1, state: undefined, waitMinutes: 0 },
  };
  const labels = new Map<string, string>();
  const all = new Map<string, string>();
  for (const [key, [first]] of numbers) all.set(key, String(first.value));
  for (const [key, values] of strings) all.set(key, values.join(', '));
  for (const [key, value] of all) {
    const field = fields.find(([name]) => name.test(key))?.[1];
    if (field === 'state') known.state = value;
    else if (field !== undefined && /^\d{1,9}$/.test(value)) known[field] = Number(value);
    else if (field !== undefined && field !== 'waitMinutes' && /^\d{1,15}$/.test(value)) known[field] = Number(value);
    else labels.set(key, value);
  }
  return { ...known, labels: labels.size === 0 ? undefined : labels };
}
