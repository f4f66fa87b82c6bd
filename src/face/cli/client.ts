// Flags of whatever speaks to a server. Secrets come from the environment or a file where they should not be seen in a list of
// processes; they are printed nowhere.

import { readFileSync } from 'node:fs';
import { authorizationOf, type CollectOptions } from '../../node.js';
import { textOf, UsageError, type Value } from './usage.js';

export const CLIENT_FLAGS = [
  { name: 'auth', kind: 'string', help: 'bearer:TOKEN, basic:USER:PASSWORD; better in $TSPPROF_AUTH' },
  { name: 'auth_file', kind: 'string', help: 'A file with the same' },
  { name: 'header', kind: 'list', help: "An HTTP header, e.g. 'X-Scope: a'; may be repeated" },
  { name: 'tls_ca', kind: 'string', help: 'Certificate authority, PEM' },
  { name: 'tls_cert', kind: 'string', help: 'Client certificate, PEM' },
  { name: 'tls_key', kind: 'string', help: 'Its key, PEM' },
  { name: 'tls_server_name', kind: 'string', help: 'The name that the certificate of the server must have' },
  { name: 'insecure', kind: 'bool', help: 'Take any certificate' },
] as const;

type ClientOptions = Pick<CollectOptions, 'authorization' | 'headers' | 'tls'>;

/** Throws UsageError: a file that cannot be read, a header that is none. */
export function clientOptions(
  values: ReadonlyMap<string, Value>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ClientOptions {
  const text = (name: string) => textOf(values, name);
  const fileOf = (name: string) => {
    const path = text(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new UsageError(
        `-${name}: ${path} cannot be read: ${error instanceof Error && 'code' in error ? error.code : error}`,
        'check its name and who may read it',
      );
    }
  };
  const auth = text('auth') ?? fileOf('auth_file')?.trim() ?? (env.TSPPROF_AUTH || undefined);
  const headers: Record<string, string> = {};
  for (const line of text('header')?.split('\n') ?? []) {
    const [, name, value] = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError('-header has no name', "give it as -header='Name: value'");
    headers[name] = value;
  }
  return {
    authorization: auth === undefined ? undefined : authorizationOf(auth),
    headers,
    tls: {
      ...{ ca: fileOf('tls_ca'), cert: fileOf('tls_cert'), key: fileOf('tls_key') },
      ...{ serverName: text('tls_server_name'), insecure: values.get('insecure') === true },
    },
  };
}
