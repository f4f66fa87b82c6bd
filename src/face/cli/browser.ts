// Pictures for a browser: a file in the folder for temporary files, and whatever opens it on this system. Nobody waits for
// the browser, and that there is none is no error: the file's name has been printed by then.
//
//   $BROWSER                  a command, or several with : between (%s is the file); none is nobody
//   macOS                     open
//   Windows                   start
//   Linux inside of Windows   wslview, explorer.exe
//   elsewhere                 a browser, then xdg-open, for which an SVG may be a picture to edit; with a display only

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import { ProfileError } from '../../node.js';

export interface Opener {
  readonly command: string;
  readonly arguments: readonly string[];
  /** Its exit status says nothing (explorer.exe). */
  readonly anyStatus?: boolean;
  /** The arguments are quoted already, as cmd.exe wants it. */
  readonly verbatim?: boolean;
}

export interface System {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Long enough for a command that cannot work (no display, not installed after all) to say so. */
const PATIENCE_MS = 400;

/** Opens a file in a browser. false: there is none that starts. Takes 0.4 s at most for each that is tried. */
export async function openInBrowser(
  path: string,
  system: System = { platform: process.platform, env: process.env },
): Promise<boolean> {
  for (const opener of openers(path, system)) if (await start(opener)) return true;
  return false;
}

/** The commands to try, best first. */
export function openers(path: string, { platform, env }: System): Opener[] {
  const { BROWSER: wanted = '', WSL_DISTRO_NAME: distribution = '' } = env;
  if (wanted === 'none') return [];
  const list = wanted === '' ? [] : wishes(wanted, path, platform);
  if (platform === 'darwin') return [...list, { command: '/usr/bin/open', arguments: [path] }];
  if (platform === 'win32') {
    // start takes a first argument in quotes as the title of a window.
    return [...list, { command: 'cmd.exe', arguments: ['/d', '/c', `start "" "${path}"`], verbatim: true }];
  }
  if (distribution !== '') {
    const seenFromWindows = win32.join(`\\\\wsl.localhost\\${distribution}`, path);
    list.push({ command: 'wslview', arguments: [path] });
    list.push({ command: 'explorer.exe', arguments: [seenFromWindows], anyStatus: true });
  }
  if ((env.DISPLAY ?? '') === '' && (env.WAYLAND_DISPLAY ?? '') === '') return list;
  const browsers = [
    'google-chrome',
    'chrome',
    'chromium',
    'chromium-browser',
    'firefox',
    'sensible-browser',
    'xdg-open',
  ];
  return [...list, ...browsers.map((command) => ({ command, arguments: [path] }))];
}

function wishes(wanted: string, path: string, platform: NodeJS.Platform): Opener[] {
  // On Windows a colon stands after the letter of a drive.
  const entries = platform === 'win32' || existsSync(wanted) ? [wanted] : wanted.split(':');
  return entries.flatMap((entry) => {
    const words = existsSync(entry)
      ? [entry]
      : [...entry.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare);
    const [command, ...rest] = words;
    if (command === undefined) return [];
    const named = rest.map((word) => word.replace(/%[s%]/g, (code) => (code === '%s' ? path : '%')));
    return [{ command, arguments: rest.some((word) => /(?:^|[^%])%s/.test(word)) ? named : [...named, path] }];
  });
}

/** Starts a program of the desktop on a file. false: there is none. */
export const openWith = (command: string, path: string): Promise<boolean> => start({ command, arguments: [path] });

/** Whether it started, and did not fail at once. It outlives this process and shares no terminal with it. */
function start(opener: Opener): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const child = spawn(opener.command, opener.arguments, {
        detached: true,
        stdio: 'ignore',
        windowsHide: true,
        windowsVerbatimArguments: opener.verbatim === true,
      });
      const timer = setTimeout(resolve, PATIENCE_MS, true);
      const settle = (started: boolean) => {
        clearTimeout(timer);
        resolve(started);
      };
      child.on('error', () => settle(false));
      child.on('exit', (code) => settle(code === 0 || opener.anyStatus === true));
      child.unref();
    } catch {
      // A command with a NUL in it, for instance.
      resolve(false);
    }
  });
}

/**
 * Writes a file for a viewer, pprof001.svg or the next free number, and gives its path. It must be new (no link that somebody laid
 * there is followed) and only this user can read it: a profile tells about a program. Nobody deletes it: the browser reads
 * it after this process has ended, and again when the tab is reloaded; the system empties the folder.
 */
export function saveForBrowser(text: Iterable<Uint8Array>, extension: string, folder = tmpdir()): string {
  for (let i = 1; i < 10_000; i++) {
    const path = join(folder, `pprof${String(i).padStart(3, '0')}.${extension}`);
    try {
      writeNew(path, text);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw unwritable(error, path);
    }
    return path;
  }
  throw new ProfileError(
    'unreadable',
    'there are 9,999 files from earlier runs',
    { source: join(folder, `pprof*.${extension}`) },
    'delete them, or choose a file with -output',
  );
}

function writeNew(path: string, text: Iterable<Uint8Array>) {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (const piece of text) writeFileSync(file, piece);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function unwritable(error: unknown, path: string): ProfileError {
  return new ProfileError(
    'unreadable',
    `it cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    { source: path },
    'make room, or choose another place with -output or $TMPDIR',
  );
}
