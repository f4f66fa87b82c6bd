// Where a report goes: stdout, a file, or a program that shows it. stdout is the report and nothing else.

import { createWriteStream, existsSync } from 'node:fs';
import {
  encode,
  encodeTopProto,
  estimateLayout,
  layoutSvg,
  type Profile,
  ProfileError,
  type Query,
  type Report,
  render,
  renderBytes,
  report,
  toBytes,
  writeGzip,
} from '../../node.js';
import type { CommandLine } from './flags.js';
import { print, say, unwritable, visibleText, writeFile, writeOut } from './say.js';
import { terminalTop } from './terminal.js';

/** Shows a report as the command line wants it. */
export async function show(made: Report, line: CommandLine): Promise<void> {
  for (const notice of made.notices) say(notice);
  const { command, json, output } = line;
  if (json)
    return output === undefined ? writeOut(renderBytes(made, 'json')) : writeFile(renderBytes(made, 'json'), output);
  const chunks = await contents(made, line);
  if (output !== undefined) return writeFile(chunks, output);
  if (command?.opens !== undefined) return openReport(chunks, command.extension ?? '', command.opens);
  if (!process.stdout.isTTY) return writeOut(chunks);
  if (command?.extension !== undefined) return writeFile(chunks, freeName(command.extension));
  if (made.kind !== 'top') return writeOut(shown(render(made, 'text')));
  const { stdout } = process;
  const colour = (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  const window = { columns: stdout.columns || 80, rows: stdout.rows || 24, colour };
  return print(terminalTop(made, window, line.query.nodecount === undefined));
}

/** proto and topproto: gzipped, in a new file where stdout is a terminal. */
export async function showProfile(profile: Profile, { command, query, output }: CommandLine): Promise<void> {
  const path = output ?? (process.stdout.isTTY ? freeName(command?.extension ?? '') : undefined);
  const chunks = command?.report === 'topproto' ? topProto(profile, query) : encode(profile, query, say);
  if (path !== undefined) say(`Generating report in ${path}`);
  try {
    await writeGzip(chunks, path === undefined ? process.stdout : createWriteStream(path));
  } catch (error) {
    if (path === undefined || error instanceof ProfileError) throw error;
    throw unwritable(path, error);
  }
}

function topProto(profile: Profile, query: Query): Uint8Array[] {
  const made = report(profile, 'topproto', query);
  for (const notice of made.notices) say(notice);
  return [encodeTopProto(made)];
}

/** The report in the command's format. */
async function contents(made: Report, { command }: CommandLine): Promise<Iterable<Uint8Array>> {
  const format = command?.format ?? 'text';
  if (format !== 'svg' && format !== 'profile') return renderBytes(made, format);
  const dot = [...render(made, 'text')].join('');
  const { edges, seconds, straight } = estimateLayout(dot);
  if (seconds > 2) say(`Laying out a graph of ${edges} edges, about ${Math.ceil(seconds)} s`);
  if (straight) say('Above 1,000 edges they are straight lines: -nodecount=80 gives curves');
  return [toBytes(await layoutSvg(dot))];
}

async function openReport(chunks: Iterable<Uint8Array>, extension: string, program: string): Promise<void> {
  // Loaded here: what starts programs takes 3 ms, which every other report would pay.
  const { openInBrowser, openWith, saveForBrowser } = await import('./browser.js');
  const path = saveForBrowser(chunks, extension);
  say(`Saved the report in ${path}`);
  if (program === 'browser') {
    if (!(await openInBrowser(path))) say('No browser started: open the file yourself, or set BROWSER');
  } else if (!(await openWith(program, path))) {
    say(`${program} did not start: is it installed? The file is what it reads`);
  }
}

/** Names are untrusted: what a terminal would obey is shown instead. */
function* shown(chunks: Iterable<string>): Generator<Uint8Array> {
  for (const chunk of chunks) yield toBytes(visibleText(chunk));
}

/** The first of profile001.ext, profile002.ext … that is free in this folder. */
function freeName(extension: string): string {
  for (let i = 1; i < 10_000; i++) {
    const name = `profile${String(i).padStart(3, '0')}.${extension}`;
    if (!existsSync(name)) return name;
  }
  throw new ProfileError(
    'unreadable',
    `no free name profile*.${extension} in this folder`,
    {},
    'name a file with -output',
  );
}
