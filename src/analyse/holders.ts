// Who holds a lock: evidence → candidates, best first, with reasons and how sure that is. "certain" is kept for what cannot
// be otherwise (who runs a Once, who uses a file descriptor); "likely" needs the place and the object, or a cycle; what only
// knows the object is "possible". Where nothing speaks for anybody the list is empty.

import type { SourceReader } from '../model/source.js';
import { findInside, findRunners, findUsers } from './constructed.js';
import { collectEvidence, type Evidence } from './evidence.js';
import { shortName } from './names.js';
import type { Resource } from './resources.js';
import { SourceLocks } from './source.js';
import type { Stacks } from './stacks.js';
import type { Wait } from './waits.js';
import { hasReceiver, receiverOf, wordsOf } from './words.js';
import { findWorkers, Started } from './workers.js';

export type Certainty = 'certain' | 'likely' | 'possible';

export interface Holder {
  /** Row of the goroutine. */
  readonly g: number;
  certainty: Certainty;
  /** For the order; 8 and more: place and object. */
  score: number;
  readonly reasons: string[];
  /** Stack entry that the reasons are about; -1. */
  readonly entry: number;
}

/** What is known of goroutines besides their stacks. */
export interface Known {
  /** Each goroutine's wait, by row. */
  readonly waits: ReadonlyMap<number, Wait>;
  /** Waits as idle goroutines do; sleeping is no sign. */
  isIdle(g: number): boolean;
  /** How many goroutines with the same stack wait for the same lock as g. */
  crowd(g: number): number;
  /** Goroutines with the same stack of the same functions on other objects, whose locks nobody waits for. */
  isEverywhere(g: number, resource: Resource): boolean;
}

/** Candidates by resource. */
export function findHolders(
  stacks: Stacks,
  resources: readonly Resource[],
  known: Known,
  sources?: SourceReader,
): Map<Resource, Holder[]> {
  const waitingFor = new Map<number, Resource>();
  for (const resource of resources) for (const { g } of resource.waits) waitingFor.set(g, resource);
  const locks = resources.filter(({ kind }) => kind !== 'cond' && kind !== 'select');
  const siteOf = (g: number) => known.waits.get(g)?.site ?? -1;
  const evidence = collectEvidence(
    stacks,
    locks,
    {
      of: (g, resource) => (waitingFor.get(g) !== resource ? -1 : siteOf(g) < 0 ? Number.MAX_SAFE_INTEGER : siteOf(g)),
      any: (g) => (waitingFor.has(g) ? siteOf(g) : -1),
    },
    sources && new SourceLocks(sources),
  );
  const inside = findInside(stacks, locks);
  const started = new Started(stacks);
  const result = new Map<Resource, Holder[]>();
  for (const resource of locks) {
    const holders =
      resource.kind === 'once'
        ? findRunners(stacks, resource, inside, siteOf)
        : resource.kind === 'fd'
          ? findUsers(stacks, resource, inside)
          : resource.kind === 'waitgroup'
            ? findWorkers(stacks, resource, started)
            : [];
    const taken = new Set(holders.map(({ g }) => g));
    const weighed: (Holder & { isNearOnly: boolean })[] = [];
    let heldBy = 0;
    let oldest = 0;
    for (const { g } of resource.waits) oldest = Math.max(oldest, stacks.dump.goroutines.waitMinutes[g]);
    for (const { held } of evidence.get(resource)!.values()) if (held >= 0) heldBy++;
    for (const found of evidence.get(resource)!.values()) {
      if (taken.has(found.g)) continue;
      const holder = weigh(stacks, resource, found, known, waitingFor, heldBy === 1, oldest);
      if (holder !== undefined) weighed.push(holder);
    }
    // What only stands in the same file is named when nothing better is known, and few do.
    const good = weighed.filter(({ score, isNearOnly }) => score >= 2 && !isNearOnly);
    const near = weighed.filter(({ isNearOnly }) => isNearOnly);
    const nearest = near.filter(({ score }) => score === near.reduce((most, other) => Math.max(most, other.score), 0));
    const others = weighed.filter(({ isNearOnly }) => !isNearOnly);
    const best =
      good.length + holders.length > 0 ? good : others.length > 0 ? others : nearest.length <= FEW ? near : [];
    const sorted = [...holders, ...best].sort((a, b) => b.score - a.score || a.g - b.g);
    if (resource.kind !== 'waitgroup') keepOneLikely(sorted);
    result.set(resource, sorted);
  }
  return result;
}

/** A lock has one holder: where two are as likely, either is only possible. Readers are several; of them it says less than is true. */
function keepOneLikely(holders: readonly Holder[]): void {
  const best = onlyBest(holders);
  for (const holder of holders) if (holder !== best && holder.certainty === 'likely') holder.certainty = 'possible';
}

/** The first candidate, if no other has as many points. */
export const onlyBest = (holders: readonly Holder[]): Holder | undefined =>
  holders.length > 0 && (holders.length === 1 || holders[1].score < holders[0].score) ? holders[0] : undefined;

/** More goroutines in the same file are no sign. */
const FEW = 3;

/** Points of what was found; undefined: not worth naming. */
function weigh(
  stacks: Stacks,
  resource: Resource,
  found: Evidence,
  known: Known,
  waitingFor: ReadonlyMap<number, Resource>,
  isOnlyHeld: boolean,
  oldest: number,
): (Holder & { isNearOnly: boolean }) | undefined {
  const { goroutines, states } = stacks.dump;
  const { g } = found;
  const reasons: string[] = [];
  // Put together by type or place only, its waiters may wait for several locks.
  const isKnown = resource.base >= 0 || resource.pointer >= 0;
  const isOwn = waitingFor.get(g) === resource && isKnown;
  const hasObject = found.object >= 0;
  let score = 0;
  let entry = -1;
  if (resource.kind === 'channel' && found.past < 0) return undefined;
  if (resource.kind === 'waitgroup' && found.past < 0 && !found.isLockItself) return undefined;
  // Whoever calls a method of an object has the object: that it waits there itself is no sign that it holds the lock, unless it has come
  // through two methods of what begins with the lock.
  const isCaller = isOwn && !hasObject && found.past < 0 && found.held < 0 && found.argument >= 0;
  if (isCaller && resource.owners.size > 0 && found.maybe < 0 && methodsOf(stacks, found, resource.base) < 2)
    return undefined;
  if (found.held >= 0) {
    score += 6;
    entry = found.held;
    reasons.push(
      `stands in ${functionAt(stacks, found.held)} where the source has it locked (line ${lineAt(stacks, found.held)})`,
    );
  }
  if (found.past >= 0 && found.held < 0 && !found.isFreed) {
    score += 4;
    entry = found.past;
    reasons.push(
      `is past line ${found.pastLine} of ${functionAt(stacks, found.past)}, where others wait for it (line ${lineAt(stacks, found.past)})`,
    );
  }
  if (hasObject) {
    score += found.isInside ? 4 : 2.5;
    if (entry < 0) entry = found.object;
    reasons.push(`is in ${functionAt(stacks, found.object)} of the same ${objectAt(stacks, found.object)}`);
  }
  if (found.argument >= 0 && !hasObject) {
    score += found.isLockItself ? 4 : 3;
    if (entry < 0) entry = found.argument;
    reasons.push(
      found.isLockItself
        ? `has the lock's address among the arguments of ${functionAt(stacks, found.argument)}`
        : `has an object around the lock among the arguments of ${functionAt(stacks, found.argument)}`,
    );
  }
  if (found.maybe >= 0 && !hasObject && score < 5) {
    score += found.isMaybeSame ? 2 : 1;
    if (entry < 0) entry = found.maybe;
    reasons.push(
      found.isMaybeSame
        ? `is in ${functionAt(stacks, found.maybe)}, perhaps of the same object (its argument is marked ?)`
        : `is in ${functionAt(stacks, found.maybe)}; of which object cannot be read`,
    );
  }
  const isNearOnly = score === 0;
  if (isNearOnly && found.near >= 0) {
    // Waiting in the same file is what the waiters do, too; and in a short wait anybody may be.
    if (isOwn || known.isIdle(g) || goroutines.waitMinutes[g] === 0) return undefined;
    score += found.isNearOuter ? 1 : 0.5;
    entry = found.near;
    reasons.push(`is in ${functionAt(stacks, found.near)}, in the same file; nothing else links it`);
  }
  if (score === 0) return undefined;
  if (isOwn) {
    score = Math.max(score - 2, hasObject || found.past >= 0 ? 2 : 1);
    reasons.push('waits for it itself: it would have locked it twice');
  }
  const minutes = goroutines.waitMinutes[g];
  const state = states[goroutines.state[g]];
  const isRunning = state === 'running' || state === 'runnable';
  const isOldEnough = isRunning || minutes + 1 >= oldest;
  if (!isOwn && isOldEnough && minutes > 0) {
    score += 1;
    reasons.push(`waits as long (${state}, ${minutes} min)`);
  } else if (!isOldEnough) {
    score -= 2;
    reasons.push(`waits shorter than the others (${minutes} of ${oldest} min)`);
  }
  if (!isOwn && known.crowd(g) > 1) score -= 0.5;
  const isIdle = known.isIdle(g);
  if (isIdle) {
    score -= 1;
    reasons.push('waits as idle goroutines do');
  }
  const isEverywhere = known.isEverywhere(g, resource);
  if (isEverywhere) {
    score -= 3;
    reasons.push('the same stack stands on other objects whose locks nobody waits for');
  }
  if (score <= 0) return undefined;
  const isPast = found.held >= 0 || (found.past >= 0 && !found.isFreed);
  const isObject = hasObject || found.argument >= 0 || resource.owners.size === 0;
  const isPlaced = isPast && (isObject || (found.held >= 0 && isOnlyHeld));
  const isLikely = isPlaced && !isOwn && isOldEnough && !isIdle && !isEverywhere && resource.kind !== 'channel';
  return { g, certainty: isLikely ? 'likely' : 'possible', score, reasons, entry, isNearOnly };
}

/** How many methods with this very receiver stand from the argument on outwards. */
function methodsOf({ dump, nameOf }: Stacks, { g, argument }: Evidence, address: number): number {
  let count = 0;
  for (let e = argument; e < dump.goroutines.stackStart[g + 1]; e++) {
    const word = hasReceiver(nameOf(dump.stack[e])) ? receiverOf(wordsOf(dump, e)) : undefined;
    if (word?.isExact && word.value === address) count++;
  }
  return count;
}

const functionAt = ({ dump, nameOf }: Stacks, e: number) => shortName(nameOf(dump.stack[e]).name);
const lineAt = ({ dump }: Stacks, e: number) => dump.frames.line[dump.stack[e]];
/** `mux.Session 0xc000072820`, or without the address where only another frame of the stack shows it. */
function objectAt(stacks: Stacks, e: number): string {
  const word = receiverOf(wordsOf(stacks.dump, e));
  const type = shortName(stacks.nameOf(stacks.dump.stack[e]).type);
  return word?.isExact ? `${type} 0x${word.value.toString(16)}` : type;
}
