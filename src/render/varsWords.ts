// Words of the report of `vars`, for text and Markdown. Names of a file are made visible by whoever prints them.

import type { Quantity } from '../model/finding.js';
import type { VarsReport } from '../report/vars.js';
import type { PartName, VarsGc, VarsMemory, VarsObjects, VarsPauses } from '../report/varsMemory.js';
import type { VarsBadger, VarsSystem } from '../report/varsSystem.js';
import { quantityText } from './said.js';

const PARTS: Readonly<Record<PartName, { readonly glyph: string; readonly says: string }>> = {
  live: { glyph: '█', says: 'left by the last GC, estimated' },
  garbage: { glyph: '▓', says: 'allocated since; the next GC frees what is dead' },
  holes: { glyph: '▒', says: 'holes between objects' },
  kept: { glyph: '░', says: 'idle, kept for later or to be given back' },
  stacks: { glyph: '≡', says: 'of goroutines' },
  runtime: { glyph: '·', says: "the runtime's own: spans, GC, profiling" },
};

const BOUND = 'and garbage: how much of it lives is not known';

/** The parts of memory, with their names and words. */
export const partsOf = ({ parts, isLiveBound }: VarsMemory) =>
  parts
    .filter(({ name, size }) => !(isLiveBound && name === 'garbage' && Number(size.value) === 0))
    .map(({ name, size, share }) => ({
      ...{ size, share, glyph: PARTS[name].glyph },
      name: isLiveBound && name === 'live' ? 'objects' : name,
      says: isLiveBound && name === 'live' ? BOUND : PARTS[name].says,
    }));

export const text = (value: Quantity | null, otherwise = '?'): string =>
  value === null ? otherwise : quantityText(value);

/** In a table. */
export const cell = (value: Quantity | null): string =>
  value !== null && Number(value.value) === 0 ? '0' : text(value, '-');

const SOURCES = {
  expvar: '/debug/vars',
  'heap text': 'the end of a heap profile as text',
  metrics: 'metrics',
} as const;

/** What it is of, in one line. */
export function headline({ source, name, cmdline }: VarsReport): string {
  const of = cmdline.length === 0 ? '' : ` of ${cmdline.join(' ')}`;
  return `${name === null ? '' : `${name}: `}${source === null ? 'the system around a program' : `${SOURCES[source]}${of}`}`;
}

export function processWords(report: VarsReport): string {
  const { goVersion, programVersion, uptimeSeconds, isUptimeExact, memory, system } = report;
  const procs = system.figures.find(({ name }) => name === 'gomaxprocs');
  const words = [
    ...(programVersion === null ? [] : [`version ${programVersion}`]),
    ...(goVersion === null ? [] : [goVersion]),
    ...(procs === undefined ? [] : [`GOMAXPROCS ${Number(procs.value.value)}`]),
    ...(uptimeSeconds === null
      ? []
      : [`up ${isUptimeExact ? '' : 'at least '}${quantityText({ value: uptimeSeconds, unit: 'seconds' })}`]),
    ...(memory?.goroutines ? [`${quantityText(memory.goroutines)} goroutines`] : []),
  ];
  return words.join(', ');
}

/** What the findings come to. */
export function verdict({ findings, isPartly }: Pick<VarsReport, 'findings' | 'isPartly'>): string {
  const counts = (['critical', 'warning', 'note'] as const).map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  }));
  if (counts[0].count + counts[1].count === 0)
    return `Nothing is wrong with ${isPartly ? 'what could be read' : 'it'}${findings.length === 0 ? '.' : '; to be known:'}`;
  const words = counts
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 || severity === 'critical' ? '' : 's'}`);
  return `${words.join(', ')}:`;
}

export function memoryWords({ held, released, limit, limitShare }: VarsMemory): string {
  const of = limit === null ? '' : `, ${text(limitShare)} of the limit of ${text(limit)}`;
  return `Go holds ${text(held)}${of}; ${text(released)} were given back`;
}

export function residentWords({ resident, peakResident }: VarsMemory): string[] {
  if (resident === null && peakResident === null) return [];
  const peak = peakResident === null ? '' : `${resident === null ? '' : ', '}at most ${text(peakResident)}`;
  return [`Resident memory of the process: ${resident === null ? '' : text(resident)}${peak}`];
}

export function gcWords({ count, forced, share, interval, age, gogcPercent, pauses, pauseTotal }: VarsGc): string {
  if (count?.value === 0) return 'No GC since the start';
  const words = [
    `${text(count)} since the start${forced === null || forced.value === 0 ? '' : `, ${text(forced)} forced by the program`}`,
    ...(share === null ? [] : [`${text(share)} of all CPU time`]),
    ...(interval === null ? [] : [`the last ${pauses?.nanos.length ?? ''} came every ${text(interval)}`]),
    ...(age === null ? [] : [`the last ${text(age)} before the sample`]),
    ...(pauseTotal === null ? [] : [`${text(pauseTotal)} of pauses in all`]),
    ...(gogcPercent === null || gogcPercent === 100 ? [] : [`GOGC ${gogcPercent < 0 ? 'off' : gogcPercent}`]),
  ];
  return words.join('; ');
}

export function nextWords({ isOff, next, headroom }: VarsGc): string {
  if (isOff) return 'There is no next GC: it is off';
  if (next === null) return '';
  const left = headroom === null ? '' : `, ${text(headroom)} to go`;
  return `Next GC when the heap has ${text(next)}${left}`;
}

export function pauseWords({ nanos, p50, p99, max }: VarsPauses): string {
  const n = nanos.length;
  if (n === 1) return `The pause of the only GC: ${text(max)}`;
  const most = n < FEW ? '' : `, 99 % at most ${text(p99)}`;
  return `Pauses of the last ${n} GCs, oldest first: half at most ${text(p50)}${most}, longest ${text(max)}`;
}

/** 99 % of fewer are all. */
const FEW = 20;

export function objectWords({ count, average, classes, large, largeFrom }: VarsObjects): string[] {
  if (count === null) return [];
  const most = classes.map((row) => `${text(row.bytes)} in ${text(row.objects)} of ${text(row.size)}`);
  return [
    `${text(count)} objects of ${text(average)} on average`,
    ...(most.length === 0 ? [] : [`most in these sizes: ${most.join('; ')}`]),
    ...(large === null || largeFrom === null || Number(large.value) === 0
      ? []
      : [`${text(large)} in objects above ${text(largeFrom)}`]),
  ];
}

export function badgerWords({ counters, memtableShare, bloomShare, tablesPerGet }: VarsBadger): string[] {
  const label = (name: string) => name.replace(/_total$|_bytes$/, '').replaceAll('_', ' ');
  return [
    counters.map(({ name, value }) => `${label(name)} ${text(value)}`).join(', '),
    [
      ...(memtableShare === null ? [] : [`${text(memtableShare)} of reads are answered from memory`]),
      ...(bloomShare === null ? [] : [`${text(bloomShare)} of tables are spared by filters`]),
      ...(tablesPerGet === null ? [] : [`${tablesPerGet} tables a read`]),
    ].join(', '),
  ].filter((line) => line !== '');
}

export function systemWords({ figures, load, pressure, fileSystem, online, platform }: VarsSystem): string[] {
  const of = (name: string) => figures.find((row) => row.name === name)?.value ?? null;
  const [left, all, files, most] = [of('memory left'), of('memory'), of('open files'), of('files limit')];
  const disk = of('disk left');
  const swapped = of('swapped');
  const cpus = of('cpus');
  const threads = of('threads');
  return [
    ...(platform === null ? [] : [platform]),
    ...(cpus === null ? [] : [`${Number(cpus.value)} CPUs`]),
    ...(load.length === 0 ? [] : [`load ${load.map((value) => Math.round(value * 100) / 100).join(' ')}`]),
    ...(left === null ? [] : [`${text(left)} of ${text(all)} memory left`]),
    ...(disk === null ? [] : [`${text(disk)} of disk left${fileSystem === null ? '' : ` (${fileSystem})`}`]),
    ...(files === null ? [] : [`${text(files)}${most === null ? '' : ` of ${text(most)}`} files open`]),
    ...(threads === null ? [] : [`${text(threads)} threads`]),
    ...(swapped === null || Number(swapped.value) === 0 ? [] : [`${text(swapped)} swapped out`]),
    ...pressure
      .filter(({ share }) => Number(share.value) >= 0.01)
      .map(({ name, share }) => `waits for ${name} ${text(share)}`),
    ...(online === null ? [] : [online ? 'online' : 'offline']),
  ];
}

export function oddWords({ issues, missing, source }: VarsReport): string[] {
  const odd = issues.map(
    ({ fact, line, field }) =>
      `${[line === undefined ? '' : `line ${line}`, field ?? ''].filter(Boolean).join(', ')}: ${fact}`,
  );
  // What a source never has is no news.
  const isNews = source === 'expvar' && missing.length > 0;
  return [...odd.map((line) => line.replace(/^: /, '')), ...(isNews ? [`missing: ${missing.join(', ')}`] : [])];
}
