// Which mapping an address is in, as pprof decides for text profiles: parts of one file are put together, the first that
// looks like the program is the first, and what is in none gets one for all addresses. O((addresses + mappings) log).
// Source of the rules: pprof profile.go massageMappings, legacy_profile.go remapMappingIDs.

import type { Mapping } from '../../model/profile.js';
import type { TextLocations } from '../../model/textProfile.js';

type Found = { -readonly [K in 'start' | 'limit' | 'offset' | 'file' | 'buildId']: Mapping[K] };

const PROGRAM_START = 0x400000n;
const MOST = 2n ** 64n - 1n;
const LIBRARY = /[.]so([._][0-9]+)?$/;

/** The mappings as a profile has them, and the row of each location; -1 for address 0. */
export function assignMappings(
  locations: Pick<TextLocations, 'count' | 'address' | 'lineStart'>,
  found: readonly Mapping[],
): { mappings: Mapping[]; mapping: Int32Array } {
  let mappings = withMain(withoutSplits(found));
  const [first, second] = mappings;
  if (first?.file.startsWith('/anon_hugepage') && second !== undefined && first.limit === second.start)
    mappings = mappings.slice(1);
  const [main] = mappings;
  if (main !== undefined && BigInt.asUintN(64, main.start - main.offset) === PROGRAM_START) {
    main.start = PROGRAM_START;
    main.offset = 0n;
  }
  const mapping = new Int32Array(locations.count).fill(-1);
  const open = new OpenAddresses(locations.address);
  mappings.forEach(({ start, limit }, row) => {
    open.take(start, limit, (location) => {
      mapping[location] = row;
    });
  });
  const early = new Int32Array(locations.count).fill(-1);
  mappings.forEach(({ start, offset }, row) => {
    if (offset === 0n) return;
    open.take(BigInt.asUintN(64, start - offset), start, (location) => {
      early[location] = row;
    });
  });
  placeRest(mappings, mapping, early, locations.address);
  const isNamed = new Uint8Array(mappings.length);
  const isInlined = new Uint8Array(mappings.length);
  for (let location = 0; location < locations.count; location++) {
    const lines = locations.lineStart[location + 1] - locations.lineStart[location];
    if (lines > 0 && mapping[location] >= 0) isNamed[mapping[location]] = 1;
    if (lines > 1 && mapping[location] >= 0) isInlined[mapping[location]] = 1;
  }
  return {
    mapping,
    mappings: mappings.map((m, row) => ({
      ...{ id: BigInt(row + 1), ...m },
      ...{ hasFunctions: isNamed[row] === 1, hasFilenames: isNamed[row] === 1, hasLineNumbers: isNamed[row] === 1 },
      hasInlineFrames: isInlined[row] === 1,
    })),
  };
}

/**
 * Some handlers leave out the first part of a file that is mapped in pieces: the mapping is taken to begin there, until an address is in
 * none, for which one is made with all addresses in it. early: the mapping that an address would be in.
 */
function placeRest(mappings: Found[], mapping: Int32Array, early: Int32Array, address: BigUint64Array): void {
  const isLonger = new Uint8Array(mappings.length);
  let rest = -1;
  for (let location = 0; location < mapping.length; location++) {
    if (mapping[location] >= 0 || address[location] === 0n) continue;
    const row = early[location];
    if (row >= 0 && (rest < 0 || isLonger[row] === 1)) {
      mapping[location] = row;
      isLonger[row] = 1;
      continue;
    }
    if (rest < 0) rest = mappings.push({ start: 0n, limit: MOST, offset: 0n, file: '', buildId: '' }) - 1;
    mapping[location] = rest;
  }
  isLonger.forEach((is, row) => {
    const { start, offset } = mappings[row];
    if (is === 1) Object.assign(mappings[row], { start: BigInt.asUintN(64, start - offset), offset: 0n });
  });
}

function withoutSplits(mappings: readonly Mapping[]): Found[] {
  const whole: Found[] = [];
  for (const { start, limit, offset, file, buildId } of mappings) {
    const last = whole[whole.length - 1];
    const next = { start, limit, offset, file, buildId };
    if (last === undefined || !isNext(last, next)) whole.push(next);
    else {
      last.limit = limit;
      last.file = file || last.file;
      last.buildId = buildId || last.buildId;
    }
  }
  return whole;
}

function isNext(a: Found, b: Found): boolean {
  const differ = (x: string, y: string) => x !== '' && y !== '' && x !== y;
  if (differ(a.file, b.file) || differ(a.buildId, b.buildId) || a.limit !== b.start) return false;
  return a.offset === 0n || b.offset === 0n || BigInt.asUintN(64, a.offset + a.limit - a.start) === b.offset;
}

/** With what looks like the program in the first place. */
function withMain(mappings: Found[]): Found[] {
  const main = mappings.findIndex(({ file }) => {
    const name = file.replaceAll('(deleted)', '').trim();
    return name !== '' && !LIBRARY.test(name) && name[0] !== '[';
  });
  if (main > 0) [mappings[0], mappings[main]] = [mappings[main], mappings[0]];
  return mappings;
}

/** The addresses that are in no mapping yet. */
class OpenAddresses {
  readonly #sorted: BigUint64Array;
  readonly #location: Uint32Array;
  /** The next place that may be open; compressed as it is walked. */
  readonly #next: Uint32Array;

  constructor(address: BigUint64Array) {
    const rows = Uint32Array.from(address, (_, row) => row);
    this.#location = rows.sort((a, b) => (address[a] < address[b] ? -1 : address[a] > address[b] ? 1 : 0));
    this.#sorted = BigUint64Array.from(this.#location, (row) => address[row]);
    this.#next = Uint32Array.from({ length: address.length + 1 }, (_, i) => i);
  }

  /** Takes those from start to limit - 1; 0 is never taken. */
  take(start: bigint, limit: bigint, each: (location: number) => void): void {
    let i = this.#open(this.#lowerBound(start > 0n ? start : 1n));
    while (i < this.#sorted.length && this.#sorted[i] < limit) {
      each(this.#location[i]);
      this.#next[i] = i + 1;
      i = this.#open(i);
    }
  }

  #open(i: number): number {
    let root = i;
    while (this.#next[root] !== root) root = this.#next[root];
    for (let p = i; p !== root; ) {
      const next = this.#next[p];
      this.#next[p] = root;
      p = next;
    }
    return root;
  }

  #lowerBound(value: bigint): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
