// What is told by its shape, whatever stands around it: home directories, e-mail addresses, logins in URLs, PEM blocks, tokens of known make.

import { isWord, latin, runEnd, runStart, setOf } from './bytes.js';
import type { Span } from './scan.js';

const HIDDEN = '[redacted]';
const SLASH = 47;
const BACKSLASH = 92;

const USER = setOf('^\\0-\\x20/\\\\"\'`:;,<>()\\[\\]{}|*?&=#');
/** With blanks, where a separator ends it: C:\Users\Jo Doe\go */
const WINDOWS_USER = setOf('^\\0-\\x1f/\\\\"\'`:;,<>()\\[\\]{}|*?&=#');
/** Names of nobody. */
const nobody = /^(Shared|Public|Default|All Users|\.{1,2}|~|\$.*|%.*%|[A-Z]+NAME|\.\.\.|…)$/;
/** Folders above /home: a NAS, Fedora's /var/home, FreeBSD's /usr/home; kubo's /unix/home/… is an address. */
const above = /(?:^|[^\w./~-])(\/(?:var|usr|export|mnt|media|data|nfs|net|private|System\/Volumes\/Data))$/;
const unix = /(?:^|[^\w./~-])\/unix$/;

/** /home/NAME, /Users/NAME, C:\Users\NAME → ~, up to the name. /root is nobody's. */
export function home(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  const isSeparator = (byte: number) => byte === SLASH || byte === BACKSLASH;
  // \Users\ of \\Users\\, which has been looked at.
  if (bytes[at] === BACKSLASH && bytes[at + 1] !== BACKSLASH && at > from && bytes[at - 1] === BACKSLASH)
    return undefined;
  let name = at;
  while (isSeparator(bytes[name])) name++;
  const isUsers = (bytes[name] | 0x20) === 117;
  while (isWord(bytes[name])) name++;
  while (isSeparator(bytes[name])) name++;
  const start = homeStart(bytes, at, from, isUsers);
  if (start < 0) return undefined;
  let end = runEnd(bytes, name, Math.min(to, name + 65), USER);
  if (start < at || bytes[at] === BACKSLASH) {
    const long = runEnd(bytes, name, Math.min(to, name + 65), WINDOWS_USER);
    if (long < to && isSeparator(bytes[long])) end = long;
  }
  if (end === name || end - name > 64 || nobody.test(latin(bytes, name, end))) return undefined;
  return { from: start, to: end, text: '~' };
}

/** Where a path begins that has /home/ at `at`, or -1 if it is part of another: example.com/home/x. */
function homeStart(bytes: Uint8Array, at: number, from: number, isUsers: boolean): number {
  if (at === from) return at;
  const before = bytes[at - 1];
  const second = at - 2 >= from ? bytes[at - 2] : 32;
  const third = at - 3 >= from ? bytes[at - 3] : 32;
  if (isUsers && before === 58 && isWord(second) && !isWord(third)) return at - 2;
  if (isUsers && isWord(before) && second === SLASH && !isPath(third)) return at - 2;
  if (!isPath(before)) return at;
  if (before === SLASH) return second === 58 || second === SLASH || !isPath(second) ? at : -1;
  const look = latin(bytes, Math.max(from, at - 24), at);
  // \t, \u003d before it in a string; -I, -L of compilers; _ of Go before modules.
  if (/\\[tnr]$|\\u[0-9a-f]{4}$|(^|[^\w-])-[A-Z]$|(^|[^\w./-])_$/.test(look) || unix.test(look)) return at;
  const found = above.exec(look);
  return found === null ? -1 : at - found[1].length;
}

const PATH = setOf('A-Za-z0-9_.~/\\-%+\\x80-\\xff');
const isPath = (byte: number) => PATH[byte] === 1;

const LOCAL = setOf('A-Za-z0-9._%+\\-');
const DOMAIN = setOf('A-Za-z0-9.\\-');
/** Ends of names with an @ that are no domains: files, units of systemd. */
const noDomain =
  /\.(go|ts|tsx|js|jsx|mjs|cjs|json|py|so|dll|exe|txt|html|css|map|png|svg|lock|mod|sum|proto|ya?ml|toml|service|socket|timer|mount|beta|alpha|rc)$/i;

/** jo@example.com, not example.com/m@v1.2.3/x.go. */
export function email(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  const first = bytes[at + 1];
  if (!isWord(first)) return undefined;
  // A version, as in nearly every @ of a dump.
  if ((first === 118 || first === 86) && bytes[at + 2] >= 48 && bytes[at + 2] <= 57) return undefined;
  const start = runStart(bytes, at, from, LOCAL, 64);
  const end = runEnd(bytes, at + 1, Math.min(to, at + 255), DOMAIN);
  const domain = latin(bytes, at + 1, end).replace(/[.-]+$/, '');
  if (start === at || !/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}$/.test(domain) || noDomain.test(domain))
    return undefined;
  const local = latin(bytes, start, at);
  if (/^[.-]|[.-]$/.test(local) || /^(git|redacted)$/.test(local)) return undefined;
  return { from: start, to: at + 1 + domain.length, text: '[email]' };
}

const LOGIN = setOf('^\\0-\\x20/@?#"\'<>\\\\');

/** The login of scheme://login@host; git@ says nothing. */
export function userinfo(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  if (at === from || !isWord(bytes[at - 1])) return undefined;
  const start = at + 3;
  const end = runEnd(bytes, start, Math.min(to, start + 256), LOGIN);
  if (end === start || end >= to || bytes[end] !== 64) return undefined;
  return /^(git|redacted)$/.test(latin(bytes, start, Math.min(end, start + 16)))
    ? undefined
    : { from: start, to: end, text: 'redacted' };
}

const PEM_BODY = setOf('A-Za-z0-9+/=\\s\\\\:,.()');

/** All of a PEM block; of one that is cut what is left. */
export function pem(bytes: Uint8Array, at: number, _from: number, to: number): Span | undefined {
  const head = /^-----BEGIN [A-Z0-9 ]{1,48}-----/.exec(latin(bytes, at, Math.min(to, at + 80)));
  if (head === null) return undefined;
  // DEK-Info: AES-128-CBC has dashes of its own.
  let end = at + head[0].length;
  for (;;) {
    end = runEnd(bytes, end, to, PEM_BODY);
    if (end >= to || bytes[end] !== 45 || bytes[end + 1] === 45) break;
    end++;
  }
  const tail = /^-----END [A-Z0-9 ]{1,48}-----/.exec(latin(bytes, end, Math.min(to, end + 80)));
  return { from: at, to: tail === null ? end : end + tail[0].length, text: '[redacted PEM]' };
}

interface Make {
  readonly prefix: string;
  /** What follows the prefix. */
  readonly rest: RegExp;
}

const long = /^[A-Za-z0-9_-]{20,}/;
const dense = /^[A-Za-z0-9]{20,}/;
/** GitHub, GitLab, Grafana, Polar Signals, Slack, OpenAI, AWS, Google, Vault, npm, DigitalOcean, JWT. */
export const MAKES: readonly Make[] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'npm_'].map((prefix) => ({ prefix, rest: dense })),
  ...['github_pat_', 'glpat-', 'glsa_', 'glc_', 'psc_v1_', 'dop_v1_', 'sk-', 'hvs.'].map((prefix) => ({
    prefix,
    rest: long,
  })),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xapp-'].map((prefix) => ({ prefix, rest: /^[A-Za-z0-9-]{10,}/ })),
  ...['AKIA', 'ASIA'].map((prefix) => ({ prefix, rest: /^[A-Z0-9]{16}(?![A-Za-z0-9])/ })),
  { prefix: 'AIza', rest: /^[A-Za-z0-9_-]{35}/ },
  { prefix: 'eyJ', rest: /^[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/ },
];

const TOKEN = setOf('A-Za-z0-9_.\\-');
/** A JSON web token with a chain of certificates has some thousands. */
const MOST_TOKEN = 16384;

/** A token of known make. */
export function token(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  if (at > from && (isWord(bytes[at - 1]) || bytes[at - 1] === 45)) return undefined;
  // Inside of a longer run only its beginning is looked at; a dot may stand before, so that no run is looked at twice.
  if (at > from + 1 && bytes[at - 1] === 46 && TOKEN[bytes[at - 2]] === 1) return undefined;
  const end = runEnd(bytes, at, Math.min(to, at + MOST_TOKEN), TOKEN);
  const text = latin(bytes, at, end);
  const make = MAKES.find(({ prefix }) => text.startsWith(prefix));
  const rest = make?.rest.exec(text.slice(make.prefix.length))?.[0];
  // sk-some-words-with-dashes is a name.
  if (make === undefined || rest === undefined || !/\d/.test(rest)) return undefined;
  return { from: at, to: at + make.prefix.length + rest.length, text: HIDDEN };
}

const BEARER = setOf('A-Za-z0-9._~+/=\\-');

/** The token after `Bearer ` and `Basic `, at which stands the part from the second letter on. */
export function scheme(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  if (at === from || (at - 1 > from && isWord(bytes[at - 2]))) return undefined;
  const word = latin(bytes, at - 1, at + 5).toLowerCase();
  const start = at + (word === 'bearer' ? 6 : 5);
  const end = runEnd(bytes, start, to, BEARER);
  const look = latin(bytes, start, Math.min(end, start + 512));
  const isToken = word === 'bearer' ? look.length >= 8 && /\d/.test(look) : word.startsWith('basic') && isLogin(look);
  return isToken ? { from: start, to: end, text: HIDDEN } : undefined;
}

/** Base64 of user:password; `Basic authentication` is not. */
function isLogin(text: string): boolean {
  if (text.length < 4 || text.length % 4 !== 0) return false;
  try {
    return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(atob(text));
  } catch {
    return false;
  }
}
