// What google/pprof (HEAD at b9395ee, 2026-07-09) printed for command lines of test/parity/matrix.mjs --record, over the
// profiles in test/fixtures and examples: byte for byte.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { parseCommandLine } from '../src/face/cli/flags.js';
import { openBytes, ProfileError, render, report, toBytes } from '../src/index.js';

process.env.TZ = 'UTC';

interface Case {
  readonly args: readonly string[];
  readonly ok: boolean;
  /** latin1 */
  readonly out: string;
}

const cases: Case[] = gunzipSync(readFileSync(new URL('golden/top.jsonl.gz', import.meta.url)))
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

t.test(`top prints what pprof printed, in ${cases.length} cases`, (t) => {
  t.ok(cases.length > 300);
  for (const { args, ok, out } of cases) {
    const title = args.join(' ');
    const name = args[args.length - 1];
    const opened = profiles.get(name) ?? profile(name);
    profiles.set(name, opened);
    let printed: string | undefined;
    try {
      const { query } = parseCommandLine(args);
      printed = Buffer.from(toBytes([...render(report(opened, 'top', query), 'text')].join(''))).toString('latin1');
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
    }
    t.equal(printed !== undefined, ok, title);
    if (ok) t.equal(printed, out, title);
  }
  t.end();
});
