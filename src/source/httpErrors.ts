// What went wrong with a request, as fact and next action: the URL is in each.

import { ProfileError } from '../errors.js';

interface Reason {
  readonly code: RegExp;
  readonly fact: string;
  readonly hint: string;
}

/** Codes of Node's errors. */
const reasons: readonly Reason[] = [
  {
    code: /^ECONNREFUSED$/,
    fact: 'nothing listens there',
    hint: 'start the daemon, or check host and port; a kubo node says its own in $IPFS_PATH/api',
  },
  { code: /^ENOENT$/, fact: 'there is no such socket', hint: 'check its path, and that the program runs' },
  { code: /^(EACCES|EPERM)$/, fact: 'permission denied', hint: 'run as a user who may open it' },
  { code: /^(ENOTFOUND|EAI_)/, fact: 'there is no host of this name', hint: 'check the name; DNS may be down' },
  {
    code: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT)$/,
    fact: 'the host cannot be reached',
    hint: 'check the address, the network, and that no firewall is between',
  },
  {
    code: /^(HPE_|ERR_HTTP_)/,
    fact: 'it does not speak HTTP',
    hint: 'if it speaks TLS write https:// before it; else it is another port of the program',
  },
  {
    code: /^(EPROTO|ERR_SSL_)/,
    fact: 'TLS failed',
    hint: 'if it speaks plain HTTP write http:// before it; a client certificate is given with -tls_cert and -tls_key',
  },
  {
    code: /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_/,
    fact: 'its certificate is not trusted',
    hint: 'name the authority with -tls_ca=FILE; https+insecure:// or -insecure takes any certificate',
  },
  {
    code: /^(ERR_INVALID_CHAR|ERR_UNESCAPED_CHARACTERS|ERR_INVALID_HTTP_TOKEN)$/,
    fact: 'a header or the path has characters that HTTP has not',
    hint: 'check -header, -auth and the URL',
  },
];

/** The connection failed, or was cut: bytes of the body had come by then. */
export function connectionError(url: string, error: unknown, bytes = -1): ProfileError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (bytes >= 0)
    return new ProfileError(
      'cut',
      `the connection was cut after ${bytes} bytes of the answer`,
      { source: url },
      'the program may have ended, or a proxy has a time limit: try again, with fewer seconds',
    );
  const reason = reasons.find((row) => row.code.test(code));
  if (reason !== undefined) {
    const detail = /^(ERR_SSL|EPROTO|CERT|.*SELF_SIGNED|UNABLE|ERR_TLS)/.test(code) ? ` (${code})` : '';
    return new ProfileError('unreachable', reason.fact + detail, { source: url }, reason.hint);
  }
  if (code === 'ECONNRESET' || /socket hang up/.test(message))
    return new ProfileError(
      'cut',
      'the connection was closed without an answer',
      { source: url },
      'the program may have ended; some servers cut what takes longer than their time limit: try fewer seconds',
    );
  return new ProfileError(
    'unreachable',
    message || 'no connection',
    { source: url },
    'check the address and try again',
  );
}

function codeOf(error: unknown): string {
  // With several addresses of one name there is an error for each.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export const answerError = (url: string, fact: string, hint: string): ProfileError =>
  new ProfileError('bad-answer', fact, { source: url }, hint);

const HINTS: readonly (readonly [status: RegExp, text: RegExp, hint: string])[] = [
  [
    /500/,
    /already in use/,
    'one CPU profile at a time: another collector or a continuous profiler is at it; wait and try again',
  ],
  [/500/, /tracing is already enabled/, 'one trace at a time: wait until the other ends'],
  [/400/, /WriteTimeout/, "the server's WriteTimeout is shorter than the profile: try fewer seconds"],
  [/404/, /Unknown profile/, 'this Go version or program has no such profile; /debug/pprof/ lists what it has'],
  [/401|403|407/, /./s, 'give what it wants with -auth=bearer:TOKEN, -auth=basic:USER:PASSWORD or -header'],
  [
    /404/,
    /./s,
    'no pprof there: the program must import _ "net/http/pprof" and serve its mux; another path or port may have it',
  ],
  [/405/, /./s, 'it wants another method: kubo takes POST for /api/v0, GET for /debug'],
  [/429|503/, /./s, 'the server is busy: try again later'],
  [/502|504/, /./s, "a proxy's time limit: try fewer seconds, or ask the program itself"],
];

/** The server answered with a status that is no success; text: the beginning of the body. */
export function statusError(url: string, status: number, text: string): ProfileError {
  const hint = HINTS.find(([code, words]) => code.test(String(status)) && words.test(text || ' '))?.[2];
  return answerError(
    url,
    `the server answered ${status}${firstLine(text)}`,
    hint ?? 'look at it in a browser or with curl, and at the log of the server',
  );
}

/** `: text` for a message; pages are named, not shown. */
export function firstLine(text: string): string {
  if (/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) {
    const title = /<title>([^<]{1,100})/i.exec(text)?.[1].trim();
    return title === undefined ? ' with an HTML page' : ` with an HTML page, "${title}"`;
  }
  const line = text.trim().split('\n', 1)[0].slice(0, 200);
  return line === '' ? '' : `: ${line}`;
}
