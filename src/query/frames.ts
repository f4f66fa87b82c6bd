// The locations of a profile as a query sees them: which lines are left, which locations are hidden, and the frames
// that tagroot and tagleaf add. A location expands to its lines, innermost first, here and in assembly/nodes.ts only.
//
// Every filter is a step that looks at the lines that the steps before it left, as pprof's do (profile/filter.go,
// profile/prune.go). A step returns one byte a location for the core, which applies it to the stacks.

import { FOCUSED, HIDDEN, IGNORED, PRUNED, PRUNED_BENEATH } from '../core/abi.js';
import type { StackStore } from '../core/store.js';
import type { Profile } from '../model/profile.js';
import type { Matcher } from './regexp.js';
import { simplifyName } from './simplify.js';

/** A frame made of a label: its function's name is the values, its file the key. */
export interface LabelFrame {
  readonly name: string;
  readonly file: string;
}

export class Frames {
  readonly profile: Profile<StackStore>;
  /** Rows from the profile's counts on are label frames, one function, line and location each. */
  readonly labelFrames: LabelFrame[] = [];
  lineKept: Uint8Array;
  /** HIDDEN or 0, by location. */
  hidden: Uint8Array;
  #lastId: bigint | undefined;

  constructor(profile: Profile<StackStore>) {
    this.profile = profile;
    this.lineKept = new Uint8Array(profile.lines.count).fill(1);
    this.hidden = new Uint8Array(profile.locations.count);
  }

  get locationCount(): number {
    return this.profile.locations.count + this.labelFrames.length;
  }

  get functionCount(): number {
    return this.profile.functions.count + this.labelFrames.length;
  }

  get lineCount(): number {
    return this.profile.lines.count + this.labelFrames.length;
  }

  /** Adds frames for labels; rows are given out in their order, from locationCount on. */
  addLabelFrames(frames: readonly LabelFrame[]): void {
    for (const frame of frames) this.labelFrames.push(frame);
    this.lineKept = grown(this.lineKept, this.lineCount, 1);
    this.hidden = grown(this.hidden, this.locationCount, 0);
  }

  functionName(row: number): string {
    const { functions, strings } = this.profile;
    return row < functions.count ? strings.get(functions.name[row]) : this.labelFrames[row - functions.count].name;
  }

  functionFile(row: number): string {
    const { functions, strings } = this.profile;
    return row < functions.count ? strings.get(functions.filename[row]) : this.labelFrames[row - functions.count].file;
  }

  /** Label frames come after the largest id of the file. */
  locationId(location: number): bigint {
    const { id, count } = this.profile.locations;
    if (location < count) return id[location];
    if (this.#lastId === undefined) {
      this.#lastId = 0n;
      for (const one of id) if (one > this.#lastId) this.#lastId = one;
    }
    return BigInt.asUintN(64, this.#lastId + BigInt(location - count + 1));
  }

  lineStart(location: number): number {
    const { locations, lines } = this.profile;
    return location <= locations.count ? locations.lineStart[location] : lines.count + location - locations.count;
  }

  lineFunction(line: number): number {
    const { lines, functions } = this.profile;
    return line < lines.count ? lines.function[line] : functions.count + line - lines.count;
  }

  mapping(location: number): number {
    return location < this.profile.locations.count ? this.profile.locations.mapping[location] : -1;
  }

  /** drop_frames: PRUNED, PRUNED_BENEATH. Cuts lines from the innermost to the outermost match. */
  prune(drop: Matcher, keep: Matcher | undefined): Uint8Array {
    const hits = this.#functionHits((name) => {
      if (name === '') return false;
      const simple = simplifyName(name);
      return drop(simple) && !keep?.(simple);
    });
    return this.#mask((_, first, end) => {
      let line = end - 1;
      while (line >= first && !hits[this.lineFunction(line)]) line--;
      if (line < first) return 0;
      if (line === end - 1) return PRUNED;
      this.lineKept.fill(0, first, line + 1);
      return PRUNED_BENEATH;
    });
  }

  /** focus, ignore, hide, show: FOCUSED, IGNORED, HIDDEN. found: which of the four matched anything. */
  filter(by: {
    focus: Matcher | undefined;
    ignore: Matcher | undefined;
    hide: Matcher | undefined;
    show: Matcher | undefined;
  }): {
    mask: Uint8Array;
    anyHidden: boolean;
    found: { focus: boolean; ignore: boolean; hide: boolean; show: boolean };
  } {
    const focus = by.focus && this.#test(by.focus);
    const ignore = by.ignore && this.#test(by.ignore);
    const hide = by.hide && this.#test(by.hide);
    const show = by.show && this.#test(by.show);
    const found = { focus: false, ignore: false, hide: false, show: false };
    let anyHidden = false;
    const mask = this.#mask((location, first, end) => {
      let bits = 0;
      if (ignore?.location(location, first, end)) {
        found.ignore = true;
        bits = IGNORED;
      } else if (focus === undefined || focus.location(location, first, end)) {
        found.focus = true;
        bits = FOCUSED;
      }
      if (hide?.location(location, first, end)) {
        found.hide = true;
        const all = hide.mapping(location);
        if (this.#keepLines(first, end, (line) => !all && !hide.line(line)) === 0) bits |= HIDDEN;
      }
      if (show !== undefined) {
        const all = show.mapping(location);
        if (this.#keepLines(first, end, (line) => all || show.line(line)) === 0) bits |= HIDDEN;
        else found.show = true;
      }
      if (bits & HIDDEN) {
        this.hidden[location] = HIDDEN;
        anyHidden = true;
      }
      return bits;
    });
    return { mask, anyHidden, found };
  }

  /** show_from: 1 where the location matches; its lines beyond the outermost match go. */
  showFrom(match: Matcher): { mask: Uint8Array; found: boolean } {
    const test = this.#test(match);
    let found = false;
    const mask = this.#mask((location, first, end) => {
      let line = end - 1;
      if (!test.mapping(location)) {
        while (line >= first && !(this.lineKept[line] && test.line(line))) line--;
        if (line < first) return 0;
        this.lineKept.fill(0, line + 1, end);
      }
      found = true;
      return this.hidden[location] ? 0 : 1;
    });
    return { mask, found };
  }

  /** prune_from: 1 where the location matches; its lines before the innermost match go. */
  pruneFrom(match: Matcher): { mask: Uint8Array; found: boolean } {
    const hits = this.#functionHits((name) => name !== '' && match(simplifyName(name)));
    let found = false;
    const mask = this.#mask((location, first, end) => {
      let line = first;
      while (line < end && !(this.lineKept[line] && hits[this.lineFunction(line)])) line++;
      if (line === end) return 0;
      this.lineKept.fill(0, first, line);
      if (this.hidden[location]) return 0;
      found = true;
      return 1;
    });
    return { mask, found };
  }

  /** noinlines: only the outermost line of each location stays. */
  dropInlines(): void {
    this.#mask((_, first, end) => {
      let line = end - 1;
      while (line >= first && !this.lineKept[line]) line--;
      if (line > first) this.lineKept.fill(0, first, line);
      return 0;
    });
  }

  #mask(bits: (location: number, firstLine: number, endLine: number) => number): Uint8Array {
    const count = this.locationCount;
    const mask = new Uint8Array(count);
    for (let location = 0; location < count; location++) {
      mask[location] = bits(location, this.lineStart(location), this.lineStart(location + 1));
    }
    return mask;
  }

  /** Keeps the lines that pass, of those still kept; returns how many. */
  #keepLines(first: number, end: number, keep: (line: number) => boolean): number {
    let kept = 0;
    for (let line = first; line < end; line++) {
      if (!this.lineKept[line]) continue;
      if (keep(line)) kept++;
      else this.lineKept[line] = 0;
    }
    return kept;
  }

  /** What matches by name: a line by its function's name or file, a location by any line left or the file of its mapping. */
  #test(match: Matcher) {
    const hits = this.#functionHits(match, match);
    const mappings = this.profile.mappings.map(({ file }) => match(file));
    const line = (row: number) => hits[this.lineFunction(row)] === 1;
    const mapping = (location: number) => {
      const row = this.mapping(location);
      return row >= 0 && mappings[row];
    };
    const location = (row: number, first: number, end: number) => {
      for (let l = first; l < end; l++) if (this.lineKept[l] && line(l)) return true;
      return mapping(row);
    };
    return { line, mapping, location };
  }

  /** One byte a function: whether its name (or its file) matches. Each distinct text is matched once. */
  #functionHits(name: Matcher, file?: Matcher): Uint8Array {
    const { functions, strings } = this.profile;
    const byName = memo(name, strings.count);
    const byFile = file === undefined ? undefined : memo(file, strings.count);
    const hits = new Uint8Array(this.functionCount);
    for (let f = 0; f < functions.count; f++) {
      const nameRow = strings.same[functions.name[f]];
      const fileRow = strings.same[functions.filename[f]];
      hits[f] = byName(nameRow, strings) || byFile?.(fileRow, strings) ? 1 : 0;
    }
    this.labelFrames.forEach((frame, i) => {
      hits[functions.count + i] = name(frame.name) || file?.(frame.file) ? 1 : 0;
    });
    return hits;
  }
}

function memo(match: Matcher, count: number): (row: number, strings: { get(row: number): string }) => boolean {
  const known = new Uint8Array(count);
  return (row, strings) => {
    if (known[row] === 0) known[row] = match(strings.get(row)) ? 2 : 1;
    return known[row] === 2;
  };
}

function grown(column: Uint8Array, length: number, fill: number): Uint8Array {
  const out = new Uint8Array(length).fill(fill);
  out.set(column);
  return out;
}
