// A copy of what was fetched from a live program, which will never say the same again: where pprof puts it, and named as it names it.
// Source: pprof internal/driver/fetch.go and tempfile.go.
//
//   $PPROF_TMPDIR, $HOME/pprof, the folder for temporary files: the first that can be made
//   pprof.PROGRAM.TYPE.TYPE.001.pb.gz

import { closeSync, createWriteStream, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Profile, write } from '../../node.js';
import { say } from './say.js';

/** Nobody is stopped by a copy that cannot be written: it is said. */
export async function saveProfile(profile: Profile): Promise<void> {
  const file = basename(profile.mappings[0]?.file ?? '');
  const types = profile.sampleTypes.map(({ type }) => `${type}.`).join('');
  const path = newName(`pprof.${file === '' ? '' : `${file}.`}${types}`, '.pb.gz');
  if (path === undefined) return;
  try {
    await write(profile, createWriteStream(path));
    say(`Saved profile in ${path}`);
  } catch (error) {
    say(`The profile was not saved: ${error instanceof Error ? error.message : error}`);
  }
}

export function saveDump(bytes: Uint8Array): void {
  const path = newName('pprof.goroutines.', '.txt');
  if (path === undefined) return;
  try {
    writeFileSync(path, bytes);
    say(`Saved the dump in ${path}`);
  } catch (error) {
    say(`The dump was not saved: ${error instanceof Error ? error.message : error}`);
  }
}

/** A new, empty file that only this user can read. */
function newName(prefix: string, suffix: string): string | undefined {
  const folder = folderFor();
  // Nothing of a profile may lead out of the folder.
  const safe = prefix.replace(/[^\w.@+-]/g, '_').slice(0, 200);
  for (let i = 1; folder !== undefined && i < 10_000; i++) {
    const path = join(folder, `${safe}${String(i).padStart(3, '0')}${suffix}`);
    try {
      closeSync(openSync(path, 'wx', 0o600));
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) break;
    }
  }
  say('No copy was saved: set PPROF_TMPDIR to a folder that can be written');
  return undefined;
}

function folderFor(): string | undefined {
  const folders = [
    process.env.PPROF_TMPDIR,
    process.env.HOME || homedir() ? join(process.env.HOME || homedir(), 'pprof') : '',
    tmpdir(),
  ];
  for (const folder of folders) {
    if (folder === undefined || folder === '') continue;
    try {
      makeFolder(folder);
      return folder;
    } catch (error) {
      say(`Could not use temp dir ${folder}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return undefined;
}

/** With its parents. Node's own never ends where a folder cannot be made though its parent is there (/proc). */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path);
}
