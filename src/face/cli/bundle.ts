// tspprof bundle: what is in a bundle, and whether it is what was collected. `tspprof bundle.zip` is the list.

import {
  type Bundle,
  describeMember,
  type Member,
  missingOf,
  openBundle,
  ProfileError,
  quoted,
  verifyBundle,
  visible,
} from '../../node.js';
import { readFlags } from './flags.js';
import { print, say } from './say.js';
import { byteSize } from './sizes.js';
import { flagRows, kindsOf, numberOf, UsageError } from './usage.js';

const FLAGS = [
  { name: 'json', kind: 'bool', help: 'Print it as JSON' },
  { name: 'max_bytes', kind: 'int', help: 'Stop reading a member beyond N bytes (default 2147483648)' },
  { name: 'help', kind: 'bool', help: 'Print this' },
] as const;

const kinds = kindsOf(FLAGS);
const OK = 0;
const WRONG = 1;
const PARTLY = 3;

const ACTIONS = new Set(['list', 'verify', 'help']);

/** Runs it. Throws UsageError, ProfileError. */
export async function runBundle(argv: readonly string[]): Promise<number> {
  const { values, words } = readFlags(argv, [], kinds, 'bundle');
  const [, action, file, ...others] = words;
  if (values.get('help') === true || action === 'help') {
    await print(bundleHelp());
    return OK;
  }
  if (action === undefined || !ACTIONS.has(action))
    throw new UsageError(
      action === undefined ? 'bundle needs to know what to do' : `bundle has no ${action}`,
      'tspprof bundle list FILE, tspprof bundle verify FILE',
    );
  if (file === undefined || others.length > 0)
    throw new UsageError(
      file === undefined ? 'no bundle specified' : 'one bundle at a time',
      `tspprof bundle ${action} BUNDLE.zip`,
    );
  const bundle = await openBundle(file, { maxBytes: numberOf(values, 'max_bytes') });
  const isJson = values.get('json') === true;
  return action === 'verify' ? verify(file, bundle, isJson) : list(file, bundle, isJson);
}

/** What is in it, on stdout; what is missing and what to try, on stderr. */
async function list(file: string, bundle: Bundle, isJson: boolean): Promise<number> {
  const { members, issues } = bundle;
  const missing = missingOf(members);
  const isWhole = members.length > 0 && issues.length === 0 && members.every(({ issue }) => issue === undefined);
  if (isJson) {
    const rows = members.map((member) => ({
      ...{ name: member.name, kind: member.kind, is: describeMember(member), bytes: member.size, issue: member.issue },
    }));
    await print(
      `${JSON.stringify({ kind: 'bundle', file, members: rows, missing, issues: issues.map(({ fact }) => fact) }, null, 2)}\n`,
    );
    return isWhole ? OK : PARTLY;
  }
  const rows = members.map((member) => [
    member.name,
    member.size === undefined ? '?' : byteSize(member.size),
    describeMember(member) + (member.issue === undefined ? '' : ` (${member.issue})`),
  ]);
  const width = Math.max(6, ...rows.map(([name]) => visible(name).length));
  const line = ([name, size, what]: readonly string[]) =>
    `${visible(name).padEnd(width)}  ${size.padStart(9)}  ${visible(what)}\n`;
  await print([['member', 'size', 'what it is'], ...rows].map(line).join(''));
  if (members.length === 0) say('! nothing can be read in it');
  for (const { fact } of issues) say(`! ${fact}`);
  if (missing.length > 0) say(`Not in it: ${missing.join(', ')}`);
  next(file, members);
  return isWhole ? OK : PARTLY;
}

function next(file: string, members: readonly Member[]): void {
  const first = (test: (member: Member) => boolean) => members.find(test)?.name;
  const called = (words: string) =>
    first((member) => /profile/.test(member.kind) && describeMember(member).startsWith(words));
  const cpu = called('CPU');
  const heap = called('heap');
  const isAnything = members.some(({ kind }) => /^(dump|profile|text-profile|vars)$/.test(kind));
  const lines = [
    ...(isAnything ? [`tspprof diagnose ${quoted(file)}`] : []),
    ...(members.some(({ kind }) => kind === 'dump') ? [`tspprof stacks ${quoted(file)}`] : []),
    ...(cpu === undefined ? [] : [`tspprof top ${quoted(`${file}:${cpu}`)}`]),
    ...(heap === undefined ? [] : [`tspprof web ${quoted(`${file}:${heap}`)}`]),
    ...(members.some(({ kind }) => kind === 'manifest') ? [`tspprof bundle verify ${quoted(file)}`] : []),
  ];
  if (lines.length === 0) return;
  say('');
  say('Try next:');
  for (const text of lines) say(`  ${text}`);
}

async function verify(file: string, bundle: Bundle, isJson: boolean): Promise<number> {
  const found = await verifyBundle(bundle);
  if (found.manifest === undefined && found.problems.length === 0)
    throw new ProfileError(
      'not-a-bundle',
      'there is no manifest in it to compare with',
      { source: file },
      'tspprof collect writes one; tspprof bundle list shows what is there',
    );
  if (isJson) await print(`${JSON.stringify({ kind: 'verified', file, ...found }, null, 2)}\n`);
  else {
    const { manifest, problems, notes, verified } = found;
    if (manifest !== undefined)
      await print(`${visible(`${manifest.target}, ${manifest.started}, by ${manifest.tool}`)}\n`);
    await print(`${verified} members are as they were collected\n`);
    for (const { member, fact } of problems) await print(`! ${visible(member)}: ${visible(fact)}\n`);
    for (const note of notes) await print(`  ${visible(note)}\n`);
  }
  return found.problems.length === 0 ? OK : WRONG;
}

export function bundleHelp(): string {
  return `tspprof bundle list FILE      what is in a bundle: a zip, a tar, a folder
tspprof bundle verify FILE    whether it is what tspprof collect wrote: checksums, members, one program

${flagRows(FLAGS)}

A member is a source like any other: tspprof top FILE:cpu.pprof
`;
}
