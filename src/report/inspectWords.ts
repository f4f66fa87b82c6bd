// What kinds of files are, and what is and is not in them, in words. Data: a row a kind.

import type { MemberKind } from '../model/bundle.js';

interface Words {
  readonly what: string;
  readonly verdict: string;
}

const names =
  'It has names of functions and source files, numbers, and the labels and comments that the program chose: those above are all.';

/** By kind; a profile's depends on what it counts, see profileWords(). */
export const KIND_WORDS: Readonly<Record<MemberKind, Words>> = {
  profile: {
    what: 'a profile (profile.proto)',
    verdict: `No code, no memory contents and no keys are in such a profile. ${names}`,
  },
  dump: {
    what: 'a dump of goroutines',
    verdict:
      'No code and no contents of memory are in a dump. The hexadecimal numbers are addresses and words of arguments: pointers, lengths, integers, not texts. What a panic says, and log lines between, can be anything: read them.',
  },
  'text-profile': {
    what: 'a profile as text',
    verdict: `No code, no memory contents and no keys are in such a profile: names of functions and source files, and numbers. It is text: you can read all of it.`,
  },
  vars: {
    what: 'variables of a Go program (/debug/vars)',
    verdict:
      'The command line and the memory statistics are in every such file; the other keys are what the program chose to publish. It is text: you can read all of it.',
  },
  sysinfo: {
    what: "kubo's diag sys",
    verdict:
      'Disk, memory, versions, paths of the environment and addresses of the network interfaces: no keys and no contents. It is text: you can read all of it.',
  },
  version: { what: "kubo's version", verdict: 'Versions only.' },
  manifest: {
    what: 'what tspprof collect says of its own work',
    verdict: 'Names, sizes, checksums and addresses of what was collected. It is text: you can read all of it.',
  },
  metrics: {
    what: 'metrics (Prometheus text)',
    verdict: 'Names, labels and numbers; labels are what the program chose. It is text: you can read all of it.',
  },
  trace: {
    what: 'an execution trace',
    verdict:
      'A trace has stacks (function names, source paths), what goroutines did when, and whatever the program logged with trace.Log: such texts can be anything. No code and no memory contents are in it. It cannot be looked into nor redacted here: go tool trace shows it.',
  },
  binary: {
    what: 'an executable',
    verdict:
      'An executable is the program itself: its code, all texts in it, its dependencies and build settings with paths of the machine that built it. Send it only if whoever gets it may have the program.',
  },
  archive: {
    what: 'an archive',
    verdict: 'What is in it depends on its members.',
  },
  json: {
    what: 'JSON',
    verdict: 'It can have anything in it, and rules find only what they know. It is text: read it before you send it.',
  },
  html: {
    what: 'an HTML page',
    verdict: 'It can have anything in it, and rules find only what they know. It is text: read it before you send it.',
  },
  text: {
    what: 'text',
    verdict: 'It can have anything in it, and rules find only what they know. It is text: read it before you send it.',
  },
  empty: { what: 'an empty file', verdict: 'It says nothing.' },
  unknown: {
    what: 'of an unknown format',
    verdict:
      'It cannot be looked into, so nothing can be said of what it gives away. Do not send it unless you know what it is.',
  },
};

/** By its first sample type: inuse_space is a heap profile. */
export function profileWords(types: readonly string[]): Words {
  const is = (...wanted: readonly string[]) => wanted.some((type) => types.includes(type));
  if (is('cpu'))
    return {
      what: 'a CPU profile',
      verdict: `No code, no memory contents and no keys are in a CPU profile. ${names}`,
    };
  if (is('inuse_space', 'alloc_space'))
    return {
      what: 'a heap profile',
      verdict: `A heap profile has sizes of memory and where it was allocated, not what is in it: no code, no memory contents, no keys. ${names}`,
    };
  if (is('delay', 'contentions'))
    return {
      what: 'a profile of blocking or of locks',
      verdict: `It has where goroutines waited and how long: no code, no memory contents, no keys. ${names}`,
    };
  if (is('goroutine', 'goroutineleak'))
    return {
      what: 'a goroutine profile',
      verdict: `It has where goroutines are: no code, no memory contents, no keys. ${names}`,
    };
  return KIND_WORDS.profile;
}
