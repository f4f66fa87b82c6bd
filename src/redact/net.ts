// Addresses: who talks to whom. Replaced only when asked for, because they are what a question about a network is about.

import { isWord, latin, runEnd, runStart, setOf } from './bytes.js';
import type { Span } from './scan.js';

const DOTTED = setOf('0-9.');
const DOT = 46;
const isDigit = (byte: number) => byte >= 48 && byte <= 57;

/** 192.0.2.7 at its first dot; this machine's own 127.… and 0.0.0.0 say nothing, and v1.2.3.4 is a version. */
export function ip4(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  if (!isDigit(bytes[at + 1]) || at === from || !isDigit(bytes[at - 1])) return undefined;
  const start = runStart(bytes, at, from, DOTTED, 4);
  if (start > from && (isWord(bytes[start - 1]) || bytes[start - 1] === 45 || bytes[start - 1] === DOT))
    return undefined;
  const end = runEnd(bytes, at, Math.min(to, start + 17), DOTTED);
  const text = latin(bytes, start, end).replace(/\.$/, '');
  if (!/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/.test(text)) return undefined;
  const after = bytes[start + text.length];
  if (start + text.length < to && (isWord(after) || after === 45)) return undefined;
  return /^(127\.|0\.0\.0\.0$)/.test(text) ? undefined : { from: start, to: start + text.length, text: '[ip]' };
}

const HEX = setOf('0-9A-Fa-f:.');

/** fd00::2 and 2001:db8:0:0:0:0:0:1 at a colon; ::1 and :: say nothing, a::b is C++. */
export function ip6(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  const start = runStart(bytes, at, from, HEX, 5);
  if (start > from && (isWord(bytes[start - 1]) || HEX[bytes[start - 1]] === 1)) return undefined;
  const end = runEnd(bytes, at, Math.min(to, start + 46), HEX);
  if (end < to && (isWord(bytes[end]) || HEX[bytes[end]] === 1)) return undefined;
  const text = latin(bytes, start, end).replace(/[.:]$/, '');
  const groups = text.split(':');
  const isWhole = groups.length === 8 && !text.includes('::');
  const isShort =
    text.includes('::') && text.indexOf('::') === text.lastIndexOf('::') && groups.length <= 8 && /\d/.test(text);
  if ((!isWhole && !isShort) || !groups.every((group) => /^[0-9a-f]{0,4}$|^\d+\.\d+\.\d+\.\d+$/i.test(group)))
    return undefined;
  return /^(::1?|0*(:0*){6}:0*1?)$/.test(text) ? undefined : { from: start, to: start + text.length, text: '[ip6]' };
}

const BASE58 = setOf('1-9A-HJ-NP-Za-km-z');
const BASE36 = setOf('0-9a-z');

/** 12D3Koo…, Qm…, k51…: peers of libp2p, and old content ids, which look the same. */
export function peer(bytes: Uint8Array, at: number, from: number, to: number): Span | undefined {
  if (at > from && isWord(bytes[at - 1])) return undefined;
  // gx/ipfs/Qm…/yamux is the path of a Go package.
  if (at - 8 >= from && latin(bytes, at - 8, at) === 'gx/ipfs/') return undefined;
  const isKey = bytes[at] === 107;
  const end = runEnd(bytes, at, Math.min(to, at + 80), isKey ? BASE36 : BASE58);
  if (end < to && isWord(bytes[end])) return undefined;
  const length = end - at;
  const fits = isKey ? length >= 59 && length <= 65 : bytes[at] === 81 ? length === 46 : length === 52;
  return fits ? { from: at, to: end, text: '[peer]' } : undefined;
}

const HOST = setOf('A-Za-z0-9.\\-');

/** The name in /dns4/NAME, /dns6/, /dns/, /dnsaddr/ of a multiaddr. */
export function dns(bytes: Uint8Array, at: number, _from: number, to: number): Span | undefined {
  const head = /^\/dns(?:4|6|addr)?\//.exec(latin(bytes, at, Math.min(to, at + 9)));
  if (head === null) return undefined;
  const start = at + head[0].length;
  const end = runEnd(bytes, start, Math.min(to, start + 254), HOST);
  const name = latin(bytes, start, end);
  return name.includes('.') && name !== 'localhost' ? { from: start, to: end, text: '[host]' } : undefined;
}

/** The name itself, as a word of its own, in upper or lower case. */
export function host(name: string): (bytes: Uint8Array, at: number, from: number, to: number) => Span | undefined {
  const wanted = name.toLowerCase();
  return (bytes, at, from, to) => {
    const end = at + wanted.length;
    if ((at > from && isWord(bytes[at - 1])) || (end < to && isWord(bytes[end]))) return undefined;
    const isIt = end <= to && latin(bytes, at, end).toLowerCase() === wanted;
    return isIt ? { from: at, to: end, text: '[host]' } : undefined;
  };
}
