// What a rule of redaction found, counted: for a manifest, a report, a message. Rules are in src/redact.

/** Replacements of one rule at one kind of place. */
export interface Redaction {
  /** Name of the rule. */
  readonly rule: string;
  /** In text the first place: `line 12`; in a profile the part: `label values`, `file names of functions`, `mapping files`, `comments` … */
  readonly where: string;
  readonly count: number;
}

/** What a file gives away by one rule. */
export interface Disclosure {
  readonly rule: string;
  /** What the rule finds, in words. */
  readonly finds: string;
  /** Why it matters. */
  readonly why: string;
  readonly count: number;
  /** Distinct texts among them, at most 1,000. */
  readonly distinct: number;
  /** The first of them, shortened; a secret is masked. */
  readonly example: string;
  readonly where: readonly string[];
  /** How to have it replaced: 'default', or the option that adds it. */
  readonly option: 'default' | 'net' | 'hosts' | 'own';
}
