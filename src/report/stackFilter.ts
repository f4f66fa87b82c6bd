// Which goroutines a query of `stacks` keeps.

import type { Stacks } from '../analyse/stacks.js';
import { compileOption, type Matcher } from '../query/regexp.js';
import { parseIds, parseMinutes, type StackOptions } from '../query/stackOptions.js';

/** Rows that are kept, and what was asked, a text each. Throws ProfileError 'bad-option'. */
export function filterGoroutines(stacks: Stacks, options: StackOptions): { rows: number[]; filters: string[] } {
  const { dump } = stacks;
  const { goroutines, states } = dump;
  const tests: ((g: number) => boolean)[] = [];
  const filters: string[] = [];
  const ask = (name: string, value: string, test: ((g: number) => boolean) | undefined) => {
    if (test === undefined) return;
    filters.push(`${name}=${value}`);
    tests.push(test);
  };
  const { state, longer, function: func, package: package_, file, created_by, ignore, id, label } = options;
  const stateFits = compileOption('state', state);
  ask('state', state, stateFits && ((g) => stateFits(states[goroutines.state[g]])));
  if (longer !== '') {
    const minutes = parseMinutes(longer);
    ask('longer', longer, (g) => goroutines.waitMinutes[g] >= minutes);
  }
  const anyFrame = (matcher: Matcher | undefined, text: (frame: number) => string) => {
    if (matcher === undefined) return undefined;
    const fits = new Int8Array(dump.frames.count);
    return (g: number) => {
      for (let e = goroutines.stackStart[g]; e < goroutines.stackStart[g + 1]; e++) {
        const frame = dump.stack[e];
        if (fits[frame] === 0) fits[frame] = matcher(text(frame)) ? 1 : -1;
        if (fits[frame] > 0) return true;
      }
      return false;
    };
  };
  const nameOf = (frame: number) => stacks.nameOf(frame).name;
  ask('function', func, anyFrame(compileOption('function', func), nameOf));
  ask(
    'package',
    package_,
    anyFrame(compileOption('package', package_), (frame) => stacks.nameOf(frame).package),
  );
  ask(
    'file',
    file,
    anyFrame(compileOption('file', file), (frame) => dump.files.get(dump.frames.file[frame])),
  );
  const ignored = anyFrame(compileOption('ignore', ignore), nameOf);
  ask('ignore', ignore, ignored && ((g) => !ignored(g)));
  const creatorFits = compileOption('created_by', created_by);
  ask(
    'created_by',
    created_by,
    creatorFits && ((g) => goroutines.createdBy[g] >= 0 && creatorFits(nameOf(goroutines.createdBy[g]))),
  );
  if (id !== '') {
    const ids = parseIds(id);
    ask('id', id, (g) => ids.has(goroutines.id[g]));
  }
  if (label !== '') {
    const equals = label.indexOf('=');
    const key = equals < 0 ? label : label.slice(0, equals);
    ask('label', label, (g) => {
      const value = dump.labels.get(g)?.get(key);
      return value !== undefined && (equals < 0 || value === label.slice(equals + 1));
    });
  }
  const rows: number[] = [];
  for (let g = 0; g < goroutines.count; g++) if (tests.every((test) => test(g))) rows.push(g);
  return { rows, filters };
}
