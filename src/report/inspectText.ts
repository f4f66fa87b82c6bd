// What JSON, text and a command line hold. Texts come redacted of secrets, so that a report shows none.

import { count, counted, type InspectRow, listed } from './inspect.js';
import { directoryOf, moduleOf } from './inspectNames.js';
import type { Contents } from './inspectProfile.js';

/** Of a long text the beginning is looked through for paths. */
const MOST = 1 << 24;
const MOST_STRINGS = 100_000;

/** A value that JSON.parse gave. */
export function inspectJson(value: unknown, all: boolean): Contents {
  const entries: [string, unknown][] =
    typeof value === 'object' && value !== null ? Object.entries(Array.isArray(value) ? {} : value) : [];
  const strings: string[] = [];
  collect(value, strings);
  const paths = new Map<string, number>();
  const addresses = new Map<string, number>();
  for (const text of strings) {
    if (
      /^(\/(ip[46]|dns[46]?|dnsaddr|unix|p2p)\/|\[?[0-9a-f:.]+\]?:\d+$|\d+\.\d+\.\d+\.\d+$|[a-z][a-z0-9+.-]*:\/\/)/i.test(
        text,
      )
    )
      count(addresses, text);
    else if (/^(\/|~\/|[A-Za-z]:[/\\])\S/.test(text)) count(paths, text);
  }
  const rows = entries.map(([text, member]): InspectRow => ({ text, examples: [sortOf(member)] }));
  const cmdline = entries.find(([key]) => key === 'cmdline')?.[1];
  return {
    facts: Array.isArray(value) ? [{ name: 'entries', value: value.length }] : [],
    lists: [
      ...listed('keys', '', rows, all),
      ...(Array.isArray(cmdline) ? listed('cmdline', '', [{ text: cmdline.map(String).join(' ') }], all) : []),
      ...counted('paths', 'times', paths, all),
      ...counted('addresses', 'times', addresses, all),
    ],
  };
}

function sortOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'object') {
    const n = Object.keys(value).length;
    return `${n} ${n === 1 ? 'member' : 'members'}`;
  }
  if (typeof value === 'string') return value === '' ? 'text, empty' : `text ${JSON.stringify(value.slice(0, 60))}`;
  return `${typeof value} ${String(value)}`;
}

/** All strings in a value, keys too; not by recursion, which a deep value would end. */
function collect(value: unknown, strings: string[]): void {
  const waiting = [value];
  while (waiting.length > 0 && strings.length < MOST_STRINGS) {
    const next = waiting.pop();
    if (typeof next === 'string') strings.push(next);
    else if (typeof next === 'object' && next !== null) {
      if (!Array.isArray(next))
        strings.push(
          ...Object.keys(next)
            .filter((key) => /[/\\:]/.test(key))
            .slice(0, 1000),
        );
      for (const member of Object.values(next)) if (typeof member !== 'number') waiting.push(member);
    }
  }
}

export function inspectText(text: string, all: boolean): Contents {
  const directories = new Map<string, number>();
  const modules = new Map<string, number>();
  for (const [path] of text
    .slice(0, MOST)
    .matchAll(/(?<![\w./~@-])(?:~|[A-Za-z]:)?\/[\w.@~+!-]{1,100}(?:\/[\w.@~+!-]{1,100}){1,30}/g))
    count(directories, directoryOf(path));
  // Lines of text profiles: #  0x696366  sync.(*Mutex).Unlock+0x46  sync/mutex.go:65
  const known = new Set<string>();
  const once = (name: string) => !known.has(name) && known.add(name).size > 0;
  for (const [, name, file] of text
    .slice(0, MOST)
    .matchAll(/^#\t0x[0-9a-f]+\t(\S{1,500})\+0x[0-9a-f]+\s{1,200}(\S{1,500}):\d+$/gm)) {
    if (once(name)) count(modules, moduleOf(name));
    if (!file.startsWith('/') && once(file)) count(directories, directoryOf(file));
  }
  let lines = 0;
  for (let at = 0; at >= 0 && at < text.length; lines++) {
    const next = text.indexOf('\n', at);
    at = next < 0 ? -1 : next + 1;
  }
  const first = /\S.{0,200}/.exec(text.slice(0, 4096))?.[0] ?? '';
  return {
    facts: [{ name: 'lines', value: lines }],
    lists: [
      ...listed('beginsWith', '', first === '' ? [] : [{ text: first.trimEnd() }], all),
      ...counted('directories', 'times', directories, all),
      ...counted('modules', 'functions', modules, all),
    ],
  };
}

/** A command line with a NUL behind each word. */
export function inspectArguments(text: string, all: boolean): Contents {
  const words = text.split('\0').filter((word) => word !== '');
  return {
    facts: [{ name: 'words', value: words.length }],
    lists: listed('cmdline', '', [{ text: words.join(' ') }], all),
  };
}
