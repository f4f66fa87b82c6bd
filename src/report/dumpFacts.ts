// Dumps of goroutines → what the rules of diagnose read: who stands where, how that changed, what hangs.

import { findBlocked } from '../analyse/blocked.js';
import { sameProcess } from '../analyse/changes.js';
import { type DumpFacts, isRunnable, type PlaceFacts, placeOf } from '../analyse/diagnose/facts.js';
import { IDLE_RULES } from '../analyse/idle.js';
import { isMachinery, readStacks, type Stacks } from '../analyse/stacks.js';
import { type Dump, stackOf } from '../model/dump.js';
import { blockedRows, nothingBlocked, standing } from './stackLocks.js';

/** Of the last dump, compared with the first where that is of the same process. seconds: between the two. */
export function dumpFacts(dumps: readonly Dump[], seconds: number | undefined): DumpFacts {
  const last = dumps[dumps.length - 1];
  const stacks = readStacks(last);
  const isCounted = last.form === 'debug=1' || last.form === 'goroutine profile';
  const [first] = dumps;
  const before =
    first !== last && !isCounted && sameProcess(first, last) === '' ? placesOf(readStacks(first)) : undefined;
  const blocked = findBlocked(stacks);
  const places = placesOf(stacks);
  return {
    form: last.form,
    goroutines: sum(last),
    before: before && sum(first),
    seconds: before && seconds,
    isCounted,
    reasons: last.reasons,
    isOfHandler: last.goroutines.count === 1 && servesRequest(stacks, 0),
    first: last.goroutines.count > 0 ? placeOf(standing(stacks, 0)) : undefined,
    places: placeFacts(stacks, places, before, blocked.idle),
    runnableBefore:
      before && [...before.values()].reduce((n, { state, rows }) => n + (isRunnable(state) ? rows : 0), 0),
    blocked: isCounted ? nothingBlocked : blockedRows(stacks, blocked),
  };
}

const sum = ({ goroutines }: Dump) => goroutines.weight.reduce((total, count) => total + count, 0);

interface Standing {
  readonly state: string;
  /** Any of them. */
  readonly g: number;
  rows: number;
  longestMinutes: number;
  orphans: number;
  readonly ids: Set<number>;
}

/** It could run, were it not that a collection has to begin first: Go hides the frames of that. */
const RUNTIME = 'runnable (waits for the runtime)';

/** `semacquire` below a function that takes no lock: whoever allocates waits for the collector to start. */
function waitsForRuntime({ dump, nameOf }: Stacks, g: number): boolean {
  const { goroutines, states, stack } = dump;
  const first = goroutines.stackStart[g];
  if (states[goroutines.state[g]] !== 'semacquire' || first === goroutines.stackStart[g + 1]) return false;
  return !isMachinery(nameOf(stack[first]).package);
}

/** By state, place and go statement. */
function placesOf(stacks: Stacks): Map<string, Standing> {
  const { goroutines, states, stack, frames } = stacks.dump;
  const found = new Map<string, Standing>();
  // Frame rows say less than names in another dump; the text of each is made once.
  const names: string[] = [];
  const nameOf = (frame: number) => {
    names[frame] ??= frame < 0 ? '' : `${stacks.nameOf(frame).name}:${frames.line[frame]}`;
    return names[frame];
  };
  for (let g = 0; g < goroutines.count; g++) {
    const e = stacks.hangsIn(g);
    const state = waitsForRuntime(stacks, g) ? RUNTIME : states[goroutines.state[g]];
    const created = goroutines.createdBy[g];
    const key = `${state}\n${e < 0 ? '' : nameOf(stack[e])}\n${created < 0 ? '' : nameOf(created)}`;
    let place = found.get(key);
    if (place === undefined) {
      place = { state, g, rows: 0, longestMinutes: 0, orphans: 0, ids: new Set() };
      found.set(key, place);
    }
    place.rows += goroutines.weight[g];
    place.longestMinutes = Math.max(place.longestMinutes, goroutines.waitMinutes[g]);
    if (goroutines.creator[g] >= 0 && stacks.rowOf(goroutines.creator[g]) < 0) place.orphans++;
    place.ids.add(goroutines.id[g]);
  }
  return found;
}

function functionsOf({ dump, nameOf }: Stacks, g: number): Set<string> {
  const [from, to] = stackOf(dump, g);
  const names = new Set<string>();
  for (let e = from; e < to; e++) {
    const { name, isStandard } = nameOf(dump.stack[e]);
    if (!isStandard) names.add(name);
  }
  return names;
}

/** net/http recovers from a panic in one, and logs only this one. */
function servesRequest({ dump, nameOf }: Stacks, g: number): boolean {
  const [from, to] = stackOf(dump, g);
  for (let e = from; e < to; e++) if (nameOf(dump.stack[e]).name === 'net/http.(*conn).serve') return true;
  return false;
}

const idsIn = (places: ReadonlyMap<string, Standing> | undefined) =>
  new Set([...(places?.values() ?? [])].flatMap(({ ids }) => [...ids]));

function placeFacts(
  stacks: Stacks,
  places: ReadonlyMap<string, Standing>,
  before: ReadonlyMap<string, Standing> | undefined,
  idle: Int16Array,
): PlaceFacts[] {
  const { goroutines } = stacks.dump;
  const alive = { before: idsIn(before), now: idsIn(places) };
  return [...places]
    .map(([key, { state, g, rows, longestMinutes, orphans, ids }]): PlaceFacts => {
      const { function: func, file, line } = standing(stacks, g);
      const created = goroutines.createdBy[g];
      const old = before?.get(key);
      return {
        ...{ function: func, file, line, state, count: rows, longestMinutes, orphans },
        functions: functionsOf(stacks, g),
        isHandler: servesRequest(stacks, g),
        createdBy: created < 0 ? '' : stacks.nameOf(created).name,
        idle: idle[g] < 0 ? '' : IDLE_RULES[idle[g]].name,
        before: before && (old?.rows ?? 0),
        ended: before && [...(old?.ids ?? [])].filter((id) => !ids.has(id)).length,
        arrived: before && [...ids].filter((id) => !alive.before.has(id)).length,
        gone: before && [...(old?.ids ?? [])].filter((id) => !alive.now.has(id)).length,
      };
    })
    .sort((a, b) => b.count - a.count);
}
