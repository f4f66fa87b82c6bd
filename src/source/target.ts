// What a person calls a server → where to connect: a URL, host:port, a port, a socket, a multiaddr as kubo has them.
//
//   localhost:5001   :6060   6060   example.com/debug/pprof
//   http://user:pass@host:6060/prefix   https://host   https+insecure://host (pprof's word for unchecked certificates)
//   unix:/run/app.sock   unix:/run/app.sock:/prefix
//   /ip4/127.0.0.1/tcp/5001   /dns4/host/tcp/443/https   /unix/run/app.sock
//
// Names are not looked up here.

import { badOption } from '../errors.js';

export interface Target {
  readonly isTls: boolean;
  /** Whether a certificate that cannot be checked is taken all the same. */
  readonly insecure: boolean;
  readonly host: string;
  readonly port: number;
  /** Instead of host and port. */
  readonly socketPath: string | undefined;
  /** Path as given, '' if none; begins with /. */
  readonly path: string;
  /** What follows the ? */
  readonly search: string;
  /** Of the URL's user and password. A secret. */
  readonly authorization: string | undefined;
}

const HINT = 'give host:port, a URL, unix:/path.sock, or a multiaddr such as /ip4/127.0.0.1/tcp/5001';

/** Throws ProfileError 'bad-option'. */
export function parseTarget(text: string): Target {
  const trimmed = text.trim();
  if (/^(http\+)?unix:/i.test(trimmed)) return unixTarget(trimmed.replace(/^(http\+)?unix:(\/\/(?=[/%]))?/i, ''));
  if (/^\/(ip4|ip6|dns|dns4|dns6|dnsaddr|unix)\//.test(trimmed)) return multiaddr(trimmed);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1].toLowerCase();
  if (scheme !== undefined && !/^https?(\+insecure)?$/.test(scheme))
    throw badOption(`there is no scheme ${scheme}: ${withoutSecrets(trimmed)}`, HINT);
  const rest = scheme === undefined ? trimmed : trimmed.slice(scheme.length + 3);
  const isTls = scheme?.startsWith('https') ?? false;
  const local = /^\d{1,5}(?=[/?]|$)/.test(rest) ? `:${rest}` : rest;
  let url: URL;
  try {
    url = new URL(`${isTls ? 'https' : 'http'}://${local.startsWith(':') ? `localhost${local}` : local}`);
  } catch {
    throw badOption(`this is no address of a server: ${withoutSecrets(trimmed)}`, HINT);
  }
  const { username, password } = url;
  return {
    isTls,
    insecure: scheme?.endsWith('+insecure') ?? false,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    socketPath: undefined,
    path: url.pathname === '/' ? '' : url.pathname,
    search: url.search,
    authorization: username === '' && password === '' ? undefined : basic(`${decoded(username)}:${decoded(password)}`),
  };
}

function unixTarget(text: string): Target {
  const [, socket, path = ''] = /^(.*?)(?::(\/.*))?$/s.exec(decoded(text)) ?? [];
  if (socket === undefined || socket === '') throw badOption(`no path of a socket in unix:${text}`, HINT);
  // Node cuts longer ones in silence, and connects to another file.
  if (new TextEncoder().encode(socket).length > LONGEST_SOCKET)
    throw badOption(
      `the path of the socket is longer than ${LONGEST_SOCKET} bytes: ${socket}`,
      'make a shorter link to it',
    );
  return { ...plain, host: 'localhost', port: 80, socketPath: socket, path: path === '/' ? '' : path };
}

/** Of Linux; elsewhere they are shorter by a few. */
const LONGEST_SOCKET = 107;

const plain = { isTls: false, insecure: false, search: '', authorization: undefined };

/** https://multiformats.io/multiaddr: /name/value/name/value … */
function multiaddr(text: string): Target {
  if (text.startsWith('/unix/')) return unixTarget(text.slice('/unix'.length).replace(/^\/\//, '/'));
  const [, , host = '', transport = '', port = '', ...rest] = text.split('/');
  if (host === '' || transport !== 'tcp' || !/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw badOption(`this multiaddr names no TCP port: ${text}`, HINT);
  const isTls = rest.includes('https') || rest.includes('tls');
  return { ...plain, isTls, host, port: Number(port), socketPath: undefined, path: '' };
}

/** Of the credentials of the Authorization header. */
const basic = (credentials: string) => `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(credentials)))}`;

/**
 * The header for what kubo's API.Authorizations and the option -auth call it: `bearer:TOKEN`, `basic:user:pass`, `basic:BASE64`; anything else
 * is taken as the header's value.
 */
export function authorizationOf(text: string): string {
  const [, kind = '', rest = ''] = /^(bearer|basic):(.*)$/is.exec(text.trim()) ?? [];
  if (kind === '') return text.trim();
  if (kind.toLowerCase() === 'bearer') return `Bearer ${rest}`;
  return rest.includes(':') ? basic(rest) : `Basic ${rest}`;
}

/** Parameters that are none of anybody's business. */
const SECRETS = /([?&][^=&]*(?:token|secret|pass|key|sig|auth|cred)[^=&]*=)[^&]*/gi;

/** The address as a URL, without user and password; path: instead of its own. */
export function nameOf(target: Target, given = target.path + target.search): string {
  const path = given.replace(SECRETS, '$1…');
  const { isTls, host, port, socketPath } = target;
  if (socketPath !== undefined) return `unix:${socketPath}${path === '' ? '' : `:${path}`}`;
  const isUsual = port === (isTls ? 443 : 80);
  return `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}${isUsual ? '' : `:${port}`}${path}`;
}

/** For messages about an address that cannot be read. */
const withoutSecrets = (text: string) => text.replace(/^(\w[\w+.-]*:\/\/)?.*@/s, '$1…@').slice(0, 200);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
