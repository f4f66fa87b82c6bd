// What rules say of the goroutines of one place.

import { count, type FindingPlace, type Severity } from '../../model/finding.js';
import type { Hit } from '../rule.js';
import { type DumpFacts, type PlaceFacts, placeOf } from './facts.js';
import { groupBy } from './groupBy.js';
import { atPlace } from './words.js';

/** How many of a place's goroutines of the first dump went on: a queue moves, a leak does not. */
export const moves = ({ before, ended }: PlaceFacts) =>
  before !== undefined && ended !== undefined && ended > before * 0.1;

type At = Pick<FindingPlace, 'function' | 'line'>;

/** Of a place, to look it up. */
export const placeKey = ({ function: func, line }: At) => `${func}:${line}`;

const indexes = new WeakMap<readonly PlaceFacts[], Map<string, PlaceFacts[]>>();

/** The states and go statements of one place, put together. */
export function placesAt({ places }: DumpFacts, at: At): readonly PlaceFacts[] {
  let index = indexes.get(places);
  if (index === undefined) {
    index = groupBy(places, placeKey);
    indexes.set(places, index);
  }
  return index.get(placeKey(at)) ?? [];
}

export const movesAt = (dump: DumpFacts, at: At): boolean => placesAt(dump, at).some(moves);

export const longestAt = (dump: DumpFacts, at: At): number =>
  placesAt(dump, at).reduce((most, { longestMinutes }) => Math.max(most, longestMinutes), 0);

export function placeHit(
  severity: Severity,
  place: PlaceFacts,
  values: Hit['values'],
  evidence: Hit['evidence'] = [],
  weight: number = place.count,
): Hit {
  const where: FindingPlace = placeOf(place);
  return {
    severity,
    weight,
    values: { n: count(place.count), where: atPlace(where), ...values },
    place: where,
    evidence,
  };
}
