// What the scripts here share: seeded chance, and the profiles that they are given.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, whose dist/ is tried. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The same numbers for the same seed, everywhere. */
export function seeded(seed) {
  let state = Number(seed) >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    random,
    pick: (list) => list[Math.floor(random() * list.length)],
    chance: (p) => random() < p,
  };
}

/** The files given, and those of the folders given, by name. */
export const filesIn = (paths, options = {}) =>
  paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, options)
          .sort()
          .map((name) => join(path, name))
      : [path],
  );
