// Rules of what is around the program: files, disk, memory and CPUs of the machine, kubo's network and badger's store. Limits are ours
// unless `why` names a source.

import { bytes, cores, count, ratio, said } from '../model/finding.js';
import type { BadgerValue, Pressure, VarsSample } from '../model/vars.js';
import { lastOf } from './newest.js';
import { type Rule, rule } from './rule.js';
import type { VarsFacts } from './varsFacts.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const machineOf = ({ process }: VarsFacts) => process[process.length - 1];
const pressureOf = (facts: VarsFacts, name: Pressure['name']) =>
  machineOf(facts)?.pressure.find((row) => row.name === name)?.last60 ?? 0;

export const SYSTEM_RULES: readonly Rule<VarsFacts>[] = [
  rule<VarsFacts>()({
    name: 'files',
    looksAt: 'open files and their limit, from metrics or /proc',
    says: '{open} of {most|file|files} that it may have are open',
    limits: { near: ratio(0.8), full: ratio(0.95) },
    why: '{near} and {full} are ours.',
    means:
      '“too many open files” is next: no connection can be made or taken then. Raise the limit (ulimit -n, LimitNOFILE), or close what is not needed.',
    next: ['tspprof stacks {dump}'],
    *find(facts, limits) {
      const machine = machineOf(facts);
      const open = machine?.openFiles ?? lastOf(facts)?.openFiles;
      const most = machine?.maxFiles ?? lastOf(facts)?.maxFiles;
      if (open === undefined || most === undefined || most === 0 || open / most <= limits.near) return;
      const share = open / most;
      const values = { open: count(open), most: count(most) };
      yield { severity: share > limits.full ? 'critical' : 'warning', weight: share, values };
    },
  }),
  rule<VarsFacts>()({
    name: 'files-growth',
    looksAt: 'open files in three samples or more',
    says: 'open files grew in each of {n|sample|samples}: from {from} to {to}',
    limits: { samples: count(3), growth: ratio(0.5), files: count(100) },
    why: '{samples} samples, {growth} and {files} in all are ours.',
    means: 'Files or connections are opened and not closed.',
    next: ['tspprof stacks {dump}'],
    *find(facts, limits) {
      const known = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
      const lists = [facts.samples, facts.process].map((list) => known(list.map(({ openFiles }) => openFiles)));
      const [counts] = lists.sort((a, b) => b.length - a.length);
      const [from, to] = [counts[0], counts[counts.length - 1]];
      if (counts.length < limits.samples || counts.some((value, i) => i > 0 && value <= counts[i - 1])) return;
      if (to - from < limits.files || to < from * (1 + limits.growth)) return;
      const values = { n: count(counts.length), from: count(from), to: count(to) };
      yield { severity: 'warning', weight: Math.min(1, to / from / 10), values };
    },
  }),
  rule<VarsFacts>()({
    name: 'disk-full',
    looksAt: 'what users may still write to the disk of the repository (diag sys)',
    says: 'the disk of the repository has {left} left',
    limits: { low: bytes(GIB), empty: bytes(100 * MIB) },
    why: '{low} and {empty} are ours. kubo calls it total_space, which on Linux is what is available.',
    means: 'Datastores stop, and may be damaged, when it is full: make room, or run ipfs repo gc.',
    next: [],
    *find({ sys }, limits) {
      const left = sys?.availableBytes === undefined ? undefined : Number(sys.availableBytes);
      if (left === undefined || left >= limits.low) return;
      const weight = 1 - left / limits.low;
      yield { severity: left < limits.empty ? 'critical' : 'warning', weight, values: { left: bytes(left) } };
    },
  }),
  rule<VarsFacts>()({
    name: 'memory-low',
    looksAt: 'available memory of the machine, and its memory pressure (PSI)',
    says: 'the machine has {left} of {all} memory left',
    limits: { left: ratio(0.05), pressure: ratio(0.1) },
    why: '{left}, or waits for memory in {pressure} of the last minute (/proc/pressure/memory), are ours.',
    means: 'The next spike ends a process. Give the program less (GOMEMLIMIT), or the machine more.',
    next: ['tspprof top -inuse_space {heap}'],
    *find(facts, limits) {
      const { memoryBytes, freeMemoryBytes } = machineOf(facts) ?? {};
      if (memoryBytes === undefined || freeMemoryBytes === undefined || memoryBytes === 0n) return;
      const share = Number(freeMemoryBytes) / Number(memoryBytes);
      const pressure = pressureOf(facts, 'memory');
      if (share >= limits.left && pressure <= limits.pressure) return;
      const values = { left: bytes(freeMemoryBytes), all: bytes(memoryBytes) };
      const evidence =
        pressure === 0
          ? []
          : [said('{share} of the last minute somebody waited for memory', { share: ratio(pressure) })];
      yield { severity: 'warning', weight: 1 - share, values, evidence };
    },
  }),
  rule<VarsFacts>()({
    name: 'swap',
    looksAt: 'memory of the process that is swapped out (/proc, or diag sys)',
    says: '{swapped} of the process are swapped out',
    limits: { least: bytes(64 * MIB) },
    why: 'GC reads all of the heap, so that it brings all of it back each time; {least} is ours.',
    means: 'GC and everything else wait for the disk. Give the machine more memory, or the program less.',
    next: [],
    *find(facts, limits) {
      const swapped = Number(machineOf(facts)?.swapBytes ?? facts.sys?.swapBytes ?? 0n);
      if (swapped > limits.least) yield { severity: 'warning', weight: 0.5, values: { swapped: bytes(swapped) } };
    },
  }),
  rule<VarsFacts>()({
    name: 'offline',
    looksAt: 'net.online of diag sys',
    says: 'the kubo node is offline',
    limits: {},
    why: 'It was started with --offline, or has no network.',
    means: 'It has no peers and finds no content of others.',
    next: [],
    *find({ sys }) {
      if (sys?.online === false) yield { severity: 'note', weight: 0, values: {} };
    },
  }),
  rule<VarsFacts>()({
    name: 'few-cores',
    looksAt: 'GOMAXPROCS and the CPUs of the machine',
    says: 'the program uses {procs} of {cpus}',
    limits: { share: ratio(0.5) },
    why: 'Less than {share} of the CPUs, or one alone, is ours. Go 1.25 and later follow the limit of the container.',
    means: 'GOMAXPROCS or a container limits it. GC then runs on the same few CPUs as the program.',
    next: [],
    *find(facts, limits) {
      const procs = lastOf(facts)?.gomaxprocs ?? facts.sys?.gomaxprocs;
      const cpus = facts.sys?.cpus ?? machineOf(facts)?.cores;
      if (procs === undefined || cpus === undefined || (procs > 1 && procs / cpus >= limits.share)) return;
      yield { severity: 'note', weight: 1 - procs / cpus, values: { procs: cores(procs), cpus: cores(cpus) } };
    },
  }),
  rule<VarsFacts>()({
    name: 'cpu-pressure',
    looksAt: 'the CPU pressure (PSI) and the load of the machine',
    says: 'somebody waited for a CPU in {share} of the last minute',
    limits: { pressure: ratio(0.2), load: ratio(2) },
    why: '{pressure} of /proc/pressure/cpu, or a load of {load} of the cores, are ours.',
    means:
      'Everything on the machine takes longer, pauses of GC too: times in profiles are then not of the program alone.',
    next: [],
    *find(facts, limits) {
      const { load, cores: all } = machineOf(facts) ?? {};
      const share = pressureOf(facts, 'cpu');
      const [last] = load ?? [];
      const isLoaded = last !== undefined && all !== undefined && all > 0 && last / all > limits.load;
      if (share <= limits.pressure && !isLoaded) return;
      const evidence =
        last === undefined || all === undefined
          ? []
          : [said('load {load} on {cores}', { load: String(last), cores: cores(all) })];
      yield { severity: 'note', weight: share, values: { share: ratio(share) }, evidence };
    },
  }),
  rule<VarsFacts>()({
    name: 'badger-reads',
    looksAt: 'badger_lsm_level_gets_total and badger_gets_total, or what has their names in later versions',
    says: 'badger looks into {tables} tables for a read',
    limits: { tables: count(3), gets: count(1000) },
    why: 'More than {tables} tables a get, of {gets} gets or more, is ours.',
    means: 'Compaction is behind: reads go through many tables. It may need a faster disk, or time.',
    next: [],
    *find(facts, limits) {
      const gets = total(lastOf(facts), 'gets_total', 'get_num_user');
      const levels = total(lastOf(facts), 'lsm_level_gets_total', 'get_num_lsm');
      const tables = gets === 0 ? 0 : levels / gets;
      if (gets < limits.gets || tables <= limits.tables) return;
      yield {
        severity: 'warning',
        weight: Math.min(1, tables / 10),
        values: { tables: count(Math.round(tables * 10) / 10) },
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'badger-vlog',
    looksAt: 'badger_vlog_size_bytes and badger_lsm_size_bytes',
    says: "badger's value log has {vlog}, its tables {lsm}",
    limits: { vlog: bytes(10 * GIB), times: count(10), growth: ratio(0.1) },
    why: '{vlog} and {times} times the tables, or so much growth as {growth} between samples, are ours.',
    means: 'Values that were deleted are still there: ipfs repo gc collects them.',
    next: [],
    *find(facts, limits) {
      const [vlog, lsm] = ['vlog_size_bytes', 'lsm_size_bytes'].map((name) =>
        total(lastOf(facts), name, name.replace('_bytes', '')),
      );
      const before = total(facts.samples[0], 'vlog_size_bytes', 'vlog_size');
      const isGrowing =
        facts.samples.length > 1 && before > 0 && vlog > before * (1 + limits.growth) && vlog > limits.vlog / 10;
      if (!isGrowing && (vlog < limits.vlog || vlog < lsm * limits.times)) return;
      yield { severity: 'note', weight: 0.2, values: { vlog: bytes(vlog), lsm: bytes(lsm) } };
    },
  }),
];

/** Of the first of the names that is there. */
export function total(sample: VarsSample | undefined, ...names: readonly string[]): number {
  const value = names.map((name) => sample?.badger.get(name)).find((found) => found !== undefined);
  return value === undefined ? 0 : sumOf(value);
}

export const sumOf = (value: BadgerValue): number =>
  typeof value === 'bigint' ? Number(value) : [...value.values()].reduce((sum, one) => sum + Number(one), 0);
