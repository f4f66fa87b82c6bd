// Which member of a bundle is meant: by a name, or by what is asked for when there is none.

import { ProfileError } from '../errors.js';
import type { Bundle, Member } from '../model/bundle.js';
import { baseName, describeMember, isCalledCpu } from './layouts.js';

/** A bundle, and what its user called it. */
export interface NamedBundle {
  readonly name: string;
  readonly bundle: Bundle;
}

/** By its whole name, the end of it, or what stands before the dot. Throws ProfileError 'unreadable' with those that are there. */
export function memberNamed({ name, bundle }: NamedBundle, wanted: string): Member {
  const { members } = bundle;
  const tests: readonly ((member: string) => boolean)[] = [
    (member) => member === wanted,
    (member) => member.endsWith(`/${wanted}`),
    (member) => baseName(member).replace(/\.[^.]*$/, '') === wanted,
    (member) => member.toLowerCase() === wanted.toLowerCase(),
  ];
  for (const test of tests) {
    const found = members.filter((member) => test(member.name));
    if (found.length === 1) return found[0];
    if (found.length > 1)
      throw new ProfileError(
        'unreadable',
        `${found.length} members are called ${wanted}`,
        { source: name },
        `name one of them, as ${name}:${found[0].name}: ${listed(found)}`,
      );
  }
  const likely = members.filter(({ name: member }) =>
    member.toLowerCase().includes(wanted.toLowerCase().replace(/\..*$/, '')),
  );
  throw new ProfileError(
    'unreadable',
    `there is no member ${wanted} in it`,
    { source: name },
    members.length === 0 ? 'it is empty' : `it has ${listed(likely.length > 0 ? likely : members)}`,
  );
}

/**
 * The profile that is meant when none is named: the CPU profile, or the only one. typesOf: the sample types of a member. Throws
 * ProfileError 'unreadable' with the commands for each when that is not one.
 */
export async function chooseProfile(
  named: NamedBundle,
  typesOf: (member: Member) => Promise<readonly string[]>,
  notice: (text: string) => void,
): Promise<Member> {
  const { name, bundle } = named;
  const profiles = bundle.members.filter(({ kind }) => kind === 'profile' || kind === 'text-profile');
  let cpu = profiles.filter((member) => member.kind === 'profile' && isCalledCpu(member.name));
  if (cpu.length === 0 && profiles.length > 1) {
    const whole = profiles.filter(({ issue }) => issue === undefined);
    const types = await Promise.all(whole.map(typesOf));
    cpu = whole.filter((_, i) => types[i].includes('cpu'));
  }
  const chosen = cpu.length === 1 ? cpu[0] : profiles.length === 1 ? profiles[0] : undefined;
  if (chosen !== undefined) {
    const others = profiles.filter((member) => member !== chosen);
    const also = others.length === 0 ? '' : `; ${name}:${others[0].name} is another: ${listed(others)}`;
    notice(`this is ${chosen.name}, ${describeMember(chosen)}${also}`);
    return chosen;
  }
  if (profiles.length > 0)
    throw new ProfileError(
      'unreadable',
      cpu.length > 1
        ? `it has ${cpu.length} CPU profiles`
        : `it has ${profiles.length} profiles, none of them a CPU profile`,
      { source: name },
      `name one, as ${name}:${(cpu[0] ?? profiles[0]).name}: ${listed(cpu.length > 1 ? cpu : profiles)}`,
    );
  throw none(named, 'no profile');
}

/** The dumps of goroutines: as text with wait times if there are such, else counted, else profiles of goroutines. Throws ProfileError. */
export function chooseDumps(named: NamedBundle): readonly Member[] {
  const { members } = named.bundle;
  const dumps = members.filter(({ kind }) => kind === 'dump');
  const counted = (member: Member) => /debug=?1/.test(member.name);
  const whole = dumps.filter((member) => !counted(member));
  if (whole.length > 0) return whole;
  if (dumps.length > 0) return dumps;
  const profiles = members.filter(({ kind, name }) => kind === 'profile' && /goroutine/i.test(baseName(name)));
  if (profiles.length > 0) return profiles;
  throw none(named, 'no dump of goroutines');
}

function none({ name, bundle }: NamedBundle, what: string): ProfileError {
  return new ProfileError(
    'unreadable',
    `there is ${what} in it`,
    { source: name },
    bundle.members.length === 0 ? 'it is empty' : `it has ${listed(bundle.members)}`,
  );
}

const MOST = 12;

/** Their names; each is a source behind the bundle's name and a colon. */
function listed(members: readonly Member[]): string {
  const shown = members.slice(0, MOST).map(({ name }) => name);
  return shown.join(', ') + (members.length > MOST ? ` and ${members.length - MOST} more` : '');
}
