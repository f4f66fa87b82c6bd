// What a file line says when its function line is lost (the guide's own sample has lost two): the package, and in the
// runtime and sync also the role.

/** The import path of a file's package, as far as the path shows it: behind `/src/`, without a module's version. */
export function packageOfFile(path: string): string {
  const folder = path.replaceAll('\\', '/').replace(/\/?[^/]*$/, '');
  const source = folder.lastIndexOf('/src/');
  const tail = source >= 0 ? folder.slice(source + 5) : folder.replace(/^.*\/pkg\/mod\//, '');
  return tail.replace(/@v[^/]*/, '').replace(/^\/+/, '') || '?';
}

/** Kind of wait by the file at the leaf of a lost frame, where the file has only one. */
export const roleOfFile: ReadonlyMap<string, 'mutex' | 'rwmutex' | 'waitgroup' | 'cond' | 'once'> = new Map([
  ['sync/mutex.go', 'mutex'],
  ['internal/sync/mutex.go', 'mutex'],
  ['sync/rwmutex.go', 'rwmutex'],
  ['sync/waitgroup.go', 'waitgroup'],
  ['sync/cond.go', 'cond'],
  ['sync/once.go', 'once'],
]);

/** The path from `/src/` on, or all of it. */
export function sourcePath(path: string): string {
  const source = path.lastIndexOf('/src/');
  return source >= 0 ? path.slice(source + 5) : path;
}
