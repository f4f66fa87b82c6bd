// The address when none is given: that of the kubo node of this user. A file with an address is as good as the address.

import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { badOption } from '../errors.js';
import { parseTarget, type Target } from './target.js';

/** kubo's default. */
const DEFAULT = 'localhost:5001';
const LONGEST = 4096;

/**
 * text: an address, a file with one (`$IPFS_PATH/api`), a folder with such a file (`$IPFS_PATH`), or nothing. Throws ProfileError
 * 'bad-option'.
 */
export function findTarget(
  text: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Target {
  if (text === undefined || text === '') {
    const repository = env.IPFS_PATH || join(homedir(), '.ipfs');
    return parseTarget(addressIn(join(repository, 'api')) ?? DEFAULT);
  }
  if (!/^\/(ip4|ip6|dns|dns4|dns6|dnsaddr|unix)\//.test(text)) {
    const address = addressIn(join(text, 'api')) ?? addressIn(text);
    if (address !== undefined) return parseTarget(address);
    if (text.startsWith('/') || text.startsWith('./') || text.startsWith('../'))
      throw isSocket(text)
        ? badOption(`${text} is a socket`, `write unix:${text}`)
        : badOption(
            `there is no address in ${text}`,
            'give host:port, a URL, unix:/path.sock, or the file api of a kubo repository',
          );
  }
  return parseTarget(text);
}

/** The address in a small file; undefined if there is no such file or it holds something else. */
function addressIn(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > LONGEST) return undefined;
    const text = readFileSync(path, 'utf8').trim();
    return /^(\/(ip4|ip6|dns|unix)|https?:\/\/)\S+$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}
