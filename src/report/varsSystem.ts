// Sections of the report of `vars` around the program: badger's store, the process, the machine.

import { sumOf, total } from '../analyse/systemRules.js';
import type { VarsFacts } from '../analyse/varsFacts.js';
import { bytes, cores, count, type Quantity, ratio } from '../model/finding.js';
import type { VarsSample } from '../model/vars.js';

export interface VarsBadger {
  readonly counters: readonly { readonly name: string; readonly value: Quantity }[];
  /** Reads that the memory table answered. */
  readonly memtableShare: Quantity | null;
  /** Tables that a bloom filter spared, of those that might have been read. */
  readonly bloomShare: Quantity | null;
  readonly tablesPerGet: number | null;
}

export interface VarsSystem {
  readonly figures: readonly { readonly name: SystemFigure; readonly value: Quantity }[];
  /** Of the last 1, 5 and 15 minutes. */
  readonly load: readonly number[];
  /** In the last minute somebody waited for it. */
  readonly pressure: readonly { readonly name: string; readonly share: Quantity }[];
  readonly fileSystem: string | null;
  readonly online: boolean | null;
  readonly platform: string | null;
}

export type SystemFigure =
  | 'gomaxprocs'
  | 'cpus'
  | 'memory'
  | 'memory left'
  | 'disk left'
  | 'swapped'
  | 'open files'
  | 'files limit'
  | 'threads';

/** null: it is not there, or everything is 0, as where it is only linked into the program. */
export function badgerSection(sample: VarsSample | undefined): VarsBadger | null {
  const counters = [...(sample?.badger ?? [])].map(([name, value]) => ({ name, value: sumOf(value) }));
  const used = counters.filter(({ value }) => value > 0);
  if (used.length === 0) return null;
  const of = (...names: readonly string[]) => total(sample, ...names);
  const gets = of('gets_total', 'get_num_user');
  const memtable = of('memtable_gets_total', 'get_num_memtable');
  const [levels, bloom] = [
    of('lsm_level_gets_total', 'get_num_lsm'),
    of('lsm_bloom_hits_total', 'hit_num_lsm_bloom_filter'),
  ];
  return {
    counters: used.map(({ name, value }) => ({ name, value: /bytes|size/.test(name) ? bytes(value) : count(value) })),
    memtableShare: gets === 0 ? null : ratio(Math.min(1, memtable / gets)),
    bloomShare: levels + bloom === 0 ? null : ratio(bloom / (levels + bloom)),
    tablesPerGet: gets === 0 ? null : Math.round((levels / gets) * 100) / 100,
  };
}

/** statfs' magic numbers. */
const FILE_SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['61267', 'ext4'],
  ['2435016766', 'btrfs'],
  ['1481003842', 'xfs'],
  ['16914836', 'tmpfs'],
  ['2035054128', 'overlay'],
  ['26985', 'nfs'],
  ['801189825', 'zfs'],
]);

export function systemSection({ sys, process, samples }: VarsFacts): VarsSystem {
  const machine = process[process.length - 1];
  const sample = samples[samples.length - 1];
  const rows: readonly (readonly [SystemFigure, number | bigint | undefined, (value: number | bigint) => Quantity])[] =
    [
      ['gomaxprocs', sample?.gomaxprocs ?? sys?.gomaxprocs, (value) => cores(Number(value))],
      ['cpus', sys?.cpus ?? machine?.cores, (value) => cores(Number(value))],
      ['memory', machine?.memoryBytes, bytes],
      ['memory left', machine?.freeMemoryBytes, bytes],
      ['disk left', sys?.availableBytes, bytes],
      ['swapped', machine?.swapBytes ?? sys?.swapBytes, bytes],
      ['open files', machine?.openFiles ?? sample?.openFiles, count],
      ['files limit', machine?.maxFiles ?? sample?.maxFiles, count],
      ['threads', machine?.threads ?? sample?.threads, count],
    ];
  return {
    figures: rows.flatMap(([name, value, unit]) => (value === undefined ? [] : [{ name, value: unit(value) }])),
    load: machine?.load ?? [],
    pressure: machine?.pressure.map(({ name, last60 }) => ({ name, share: ratio(last60) })) ?? [],
    fileSystem: sys?.fileSystem === undefined ? null : (FILE_SYSTEMS.get(sys.fileSystem) ?? sys.fileSystem),
    online: sys?.online ?? null,
    platform: machine?.platform ?? (sys?.os === undefined ? null : `${sys.os}/${sys.arch ?? ''}`),
  };
}
