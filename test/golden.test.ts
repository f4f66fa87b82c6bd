// What google/pprof (HEAD at b9395ee, 2026-07-09) printed for command lines of test/parity/matrix.mjs --record, over the
// profiles in test/fixtures and examples: byte for byte.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { parseCommandLine } from '../src/face/cli/flags.js';
import { openBytes, ProfileError, renderBytes, report } from '../src/index.js';

process.env.TZ = 'UTC';

interface Case {
  readonly args: readonly string[];
  readonly ok: boolean;
  /** latin1 */
  readonly out: string;
}

const golden = (name: string): Case[] =>
  gunzipSync(readFileSync(new URL(`golden/${name}.jsonl.gz`, import.meta.url)))
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line));

function profile(name: string) {
  for (const folder of ['fixtures', '../examples']) {
    try {
      return openBytes(readFileSync(new URL(`${folder}/${name}`, import.meta.url)));
    } catch (error) {
      if (error instanceof ProfileError) throw error;
    }
  }
  throw new Error(`no fixture ${name}`);
}

const profiles = new Map<string, ReturnType<typeof profile>>();

/** What the command line prints; undefined where it fails. */
function printed(args: readonly string[]): string | undefined {
  const name = args[args.length - 1];
  const opened = profiles.get(name) ?? profile(name);
  profiles.set(name, opened);
  try {
    const { command, query } = parseCommandLine(args);
    const { report: kind, format = 'text' } = command ?? { report: 'top' };
    if (format === 'profile' || format === 'svg') throw new Error(`${name} is no text`);
    return Buffer.concat([...renderBytes(report(opened, kind, query), format)]).toString('latin1');
  } catch (error) {
    if (error instanceof ProfileError) return undefined;
    throw error;
  }
}

const commands = new Map<string, Case[]>([['top', golden('top')]]);
for (const one of golden('reports')) {
  const name = one.args[0].slice(1).replace(/=.*/s, '');
  commands.set(name, [...(commands.get(name) ?? []), one]);
}

const least = { top: 250, tree: 100, peek: 50, dot: 100, callgrind: 80, traces: 80, raw: 70, tags: 100, comments: 40 };
t.same([...commands.keys()].sort(), Object.keys(least).sort(), 'every report in text is here');

for (const [command, cases] of commands) {
  t.test(`${command} prints what pprof printed, in ${cases.length} cases`, (t) => {
    t.ok(cases.filter(({ ok }) => ok).length >= least[command as keyof typeof least]);
    for (const { args, ok, out } of cases) {
      const text = printed(args);
      t.equal(text !== undefined, ok, args.join(' '));
      if (ok) t.equal(text, out, args.join(' '));
    }
    t.end();
  });
}
