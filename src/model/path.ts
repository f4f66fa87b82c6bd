// Paths as Go's path/filepath treats them on Unix, and pprof's trimming of file names.

/**
 * The shortest equal path.   a//b/../c/.  →  a/c     ''  →  .
 * Source: Go path/filepath Clean.
 */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  if (!/(^|\/)\.{0,2}(\/|$)/.test(path.startsWith('/') ? path.slice(1) : path)) return path;
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
    else if (!rooted) out.push(part);
  }
  const text = (rooted ? '/' : '') + out.join('/');
  return text === '' ? '.' : text;
}

/** The last part.   /usr/bin/kubo  →  kubo     a/  →  a     ''  →  .     Source: Go path/filepath Base. */
export function basePath(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/**
 * Cuts what is in the way of a file name: up to the name of a folder in sourcePath, else the first prefix of trimPath, else Bazel's /proc/self/cwd.
 *   /build/kubo/core/x.go, sourcePath /home/me/kubo  →  core/x.go
 * Source: pprof internal/report trimPath.
 */
export function trimFileName(path: string, trimPath: string, sourcePath: string): string {
  if (trimPath === '') {
    for (const folder of splitList(sourcePath)) {
      const wanted = `/${basePath(folder)}/`;
      const found = path.indexOf(wanted);
      if (found !== -1) return path.slice(found + wanted.length);
    }
  }
  for (const prefix of [...splitList(trimPath), '/proc/self/cwd/./', '/proc/self/cwd/']) {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    if (path.startsWith(folder)) return path.slice(folder.length);
  }
  return path;
}

function splitList(list: string): string[] {
  return list === '' ? [] : list.split(':');
}
