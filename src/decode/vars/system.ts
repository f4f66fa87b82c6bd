// What is around the program: kubo's `ipfs diag sys`, and process.json of `tspprof collect`.
//
// kubo's names mislead on Linux (whyrusleeping/go-sysinfo, info_linux.go): total_space is Bavail × Bsize, what users may still write, and at
// most free_space; memory.virt is VmSize of the process, which says nothing of a Go program; kB are read as 1000 bytes.

import type { Pressure, ProcessInfo, SysInfo } from '../../model/vars.js';
import { type JsonObject, readDocuments } from './json.js';
import { finite, objectIn, Problems, small, textIn, uint64 } from './numbers.js';

/** Undefined: it is something else. */
export function sysInfoOf(object: JsonObject): SysInfo | undefined {
  const [disk, memory, net, runtime] = ['diskinfo', 'memory', 'net', 'runtime'].map((name) => objectIn(object, name));
  if (disk === undefined && runtime?.get('numgoroutines') === undefined) return undefined;
  const problems = new Problems();
  const online = net?.get('online');
  return {
    fileSystem: textIn(disk, 'fstype'),
    availableBytes: uint64(disk?.get('total_space'), 'diskinfo.total_space', problems),
    freeBytes: uint64(disk?.get('free_space'), 'diskinfo.free_space', problems),
    swapBytes: uint64(memory?.get('swap'), 'memory.swap', problems),
    online: typeof online === 'boolean' ? online : undefined,
    version: textIn(object, 'ipfs_version'),
    goVersion: textIn(runtime, 'version'),
    os: textIn(runtime, 'os'),
    arch: textIn(runtime, 'arch'),
    cpus: small(runtime?.get('numcpu'), 'runtime.numcpu', problems),
    gomaxprocs: small(runtime?.get('gomaxprocs'), 'runtime.gomaxprocs', problems),
    goroutines: small(runtime?.get('numgoroutines'), 'runtime.numgoroutines', problems),
    issues: problems.issues,
  };
}

/** Undefined: it is something else. */
export function processInfoOf(object: JsonObject): ProcessInfo | undefined {
  const process = objectIn(object, 'process');
  const machine = objectIn(object, 'machine');
  if (machine === undefined) return undefined;
  const problems = new Problems();
  const memory = objectIn(process, 'memory');
  const ram = objectIn(machine, 'memory');
  const load = machine.get('load');
  const pressure = objectIn(machine, 'pressure');
  return {
    pid: small(process?.get('pid'), 'process.pid', problems),
    startSeconds: finite(process?.get('startSeconds'), 'process.startSeconds', problems),
    residentBytes: uint64(memory?.get('resident'), 'process.memory.resident', problems),
    peakResidentBytes: uint64(memory?.get('peak'), 'process.memory.peak', problems),
    swapBytes: uint64(memory?.get('swapped'), 'process.memory.swapped', problems),
    threads: small(process?.get('threads'), 'process.threads', problems),
    openFiles: small(process?.get('files'), 'process.files', problems),
    maxFiles: small(process?.get('filesLimit'), 'process.filesLimit', problems),
    cores: small(machine.get('cores'), 'machine.cores', problems),
    memoryBytes: uint64(ram?.get('total'), 'machine.memory.total', problems),
    freeMemoryBytes: uint64(ram?.get('free'), 'machine.memory.free', problems),
    load: Array.isArray(load) ? load.flatMap((value) => finite(value, 'machine.load', problems) ?? []) : undefined,
    pressure: (['cpu', 'io', 'memory'] as const).flatMap((name) => pressureOf(name, textIn(pressure, name))),
    platform: textIn(machine, 'platform'),
    issues: problems.issues,
  };
}

/** some avg10=1.53 avg60=0.60 avg300=0.14 total=123 */
function pressureOf(name: Pressure['name'], line = ''): Pressure[] {
  const shares = [10, 60, 300].map((seconds) => {
    const found = new RegExp(`\\bavg${seconds}=(\\d{1,3}(?:\\.\\d{1,4})?)`).exec(line)?.[1];
    return found === undefined ? Number.NaN : Number(found) / 100;
  });
  const [last10, last60, last300] = shares;
  return shares.some(Number.isNaN) ? [] : [{ name, last10, last60, last300 }];
}

/** The first of a text that is one. */
export const findObject = <T>(text: string, read: (object: JsonObject) => T | undefined): T | undefined =>
  readDocuments(text)
    .objects.map(read)
    .find((found) => found !== undefined);
