// One pass over bytes for all rules. A rule names literal texts (anchors) near which it looks; a table of 256 entries tells at which bytes
// an anchor may be, so that 93 MB of a dump cost one look a byte and a rule is asked only where it may fit.

import { startsAt } from './bytes.js';

/** bytes[from … to - 1] are to be replaced by the text. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface RedactRule {
  readonly name: string;
  /** What it finds, in words. */
  readonly finds: string;
  readonly why: string;
  readonly replacement: string;
  /** 'default': always; else the option that switches it on. */
  readonly option: 'default' | 'net' | 'hosts' | 'own';
  /** An example is masked. */
  readonly isSecret: boolean;
  /** Also in names of functions: what it finds is told by its shape, and no name has it. */
  readonly inNames: boolean;
  readonly anchors: readonly string[];
  /**
   * What there is at an anchor at `at`, between from and to. Looks back a bounded way, and forward no further than what it replaces or
   * a bounded way, so that the pass is linear.
   */
  readonly find: (bytes: Uint8Array, at: number, from: number, to: number) => Span | undefined;
}

interface Anchor {
  readonly rule: RedactRule;
  readonly word: Uint8Array;
  /** Place of the byte in the word that the table has. */
  readonly offset: number;
}

export interface AnchorTable {
  /** 1 at the bytes that have anchors. */
  readonly isAnchor: Uint8Array;
  readonly anchors: readonly (readonly Anchor[])[];
}

/** Characters by how rare they are in recorded dumps; what is not among them counts as frequent. */
const RARE = '!$%&\';<>KXYZ^`|~Q\\JV"jEU=OqALGBzICD[]MNRFW-_@kPS*y{}H#Tw?()+v:,53bh9m7uls824gfcn6i1pd.x/arot0e';

export function anchorTable(rules: readonly RedactRule[]): AnchorTable {
  const anchors: Anchor[][] = Array.from({ length: 256 }, () => []);
  for (const rule of rules) {
    for (const text of rule.anchors) {
      const word = Uint8Array.from(text, (character) => character.charCodeAt(0));
      const rank = (i: number) => (RARE.indexOf(text[i]) + RARE.length + 1) % (RARE.length + 1);
      let offset = 0;
      for (let i = 1; i < text.length; i++) if (rank(i) < rank(offset)) offset = i;
      const byte = word[offset];
      anchors[byte].push({ rule, word, offset });
    }
  }
  return { isAnchor: Uint8Array.from(anchors, (list) => (list.length > 0 ? 1 : 0)), anchors };
}

/** Tells what is to be replaced in bytes[from … to - 1], in its order, without overlaps. */
export function scan(
  bytes: Uint8Array,
  from: number,
  to: number,
  { isAnchor, anchors }: AnchorTable,
  take: (rule: RedactRule, span: Span) => void,
): void {
  let free = from;
  for (let at = from; at < to; at++) {
    if (isAnchor[bytes[at]] === 0) continue;
    for (const { rule, word, offset } of anchors[bytes[at]]) {
      const start = at - offset;
      if (start < free || start + word.length > to || !startsAt(bytes, start, word)) continue;
      const span = rule.find(bytes, start, free, to);
      if (span === undefined || span.from < free || span.to <= span.from) continue;
      take(rule, span);
      free = span.to;
      at = Math.max(at, span.to - 1);
      break;
    }
  }
}
