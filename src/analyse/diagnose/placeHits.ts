// What rules say of the goroutines of one place.

import { count, type FindingPlace, type Severity } from '../../model/finding.js';
import type { Hit } from '../rule.js';
import { type PlaceFacts, placeOf } from './facts.js';
import { atPlace } from './words.js';

/** How many of a place's goroutines of the first dump went on: a queue moves, a leak does not. */
export const moves = ({ before, ended }: PlaceFacts) =>
  before !== undefined && ended !== undefined && ended > before * 0.1;

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
