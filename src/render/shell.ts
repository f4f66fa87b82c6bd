// A word as a shell takes it.

import { visible } from './visible.js';

/** Quoted where it must be; what begins like a flag gets ./ */
export function quoted(name: string): string {
  const text = name.startsWith('-') && name.length > 1 ? `./${name}` : name;
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${visible(text).replaceAll("'", "'\\''")}'`;
}
