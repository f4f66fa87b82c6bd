// Names of functions and files in groups that a person can look over: modules and directories.

import { readFunctionName } from '../analyse/names.js';

/** Hosts whose modules are OWNER/NAME. */
const forges = /^(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|golang\.org|google\.golang\.org|gopkg\.in)$/;

/**
 * What a function belongs to: its module as far as its name tells, `standard library`, or what else there is.
 *
 *   github.com/ipfs/kubo/core.(*Node).Close → github.com/ipfs/kubo     runtime.gopark → standard library     memmove → other names
 */
export function moduleOf(name: string): string {
  const { package: package_, isStandard } = readFunctionName(name);
  if (isStandard) return 'standard library';
  if (package_ === name) return 'other names';
  const parts = package_.split('/');
  if (!parts[0].includes('.')) return parts[0];
  return parts.slice(0, forges.test(parts[0]) ? 3 : 2).join('/');
}

/**
 * The beginning of a path that says where it is from.
 *
 *   /home/jo/go/pkg/mod/x.go → /home/jo/go/…     github.com/ipfs/kubo@v1/a/b.go → github.com/ipfs/kubo@v1/…     runtime/proc.go → runtime/…
 */
export function directoryOf(path: string): string {
  const parts = path.split(/[/\\]/);
  const isRooted = parts[0] === '' || /^[A-Za-z]:$/.test(parts[0]);
  const folders = parts.length - 1;
  const most = isRooted ? 4 : parts[0].includes('.') ? 3 : 1;
  if (folders <= 0) return path;
  const separator = path.includes('/') ? '/' : '\\';
  return `${parts.slice(0, Math.min(folders, most)).join(separator)}${separator}`;
}
