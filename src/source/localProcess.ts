// The process behind a port of this machine, and the machine, from Linux's /proc: what the program itself does not say. Elsewhere only
// the machine. Another user's process shows its name and sizes, not its files.
//
//   /proc/net/tcp, tcp6   port → inode of the socket        /proc/PID/fd   inode → process

import { createReadStream, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { arch, availableParallelism, cpus, freemem, loadavg, platform, release, totalmem, uptime } from 'node:os';

/** Whether an address is this machine's own. */
export const isLocal = (host: string) => /^(localhost|127(\.\d+){3}|::1|0\.0\.0\.0|::)$/.test(host);

/** What is known of the process that listens on a TCP port, and of the machine, as JSON. */
export function describeProcess(port: number): Uint8Array {
  const pid = pidOf(port);
  return new TextEncoder().encode(
    `${JSON.stringify({ ...(pid === undefined ? {} : { process: processOf(pid) }), machine: machine() }, null, 2)}\n`,
  );
}

/** The executable of the process that listens on a port; undefined when it is not known or not ours to read. */
export function executableOf(port: number): AsyncIterable<Uint8Array> | undefined {
  const pid = pidOf(port);
  const path = `/proc/${pid}/exe`;
  try {
    if (pid === undefined || readlinkSync(path) === '') return undefined;
  } catch {
    return undefined;
  }
  // A file that was replaced is still there behind this name.
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

function pidOf(port: number): number | undefined {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    // sl  local_address rem_address st … inode; state 0A is LISTEN.
    for (const line of textOf(table).split('\n')) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && Number.parseInt(local.split(':')[1], 16) === port && inode !== '0')
        inodes.add(`socket:[${inode}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const name of entriesOf('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    for (const descriptor of entriesOf(`/proc/${name}/fd`))
      if (inodes.has(linkOf(`/proc/${name}/fd/${descriptor}`))) return Number(name);
  }
  return undefined;
}

function processOf(pid: number) {
  const at = `/proc/${pid}`;
  const status = fieldsOf(textOf(`${at}/status`));
  const limits = textOf(`${at}/limits`);
  const files = entriesOf(`${at}/fd`);
  return {
    pid,
    executable: linkOf(`${at}/exe`) || undefined,
    state: status.get('State'),
    /** Seconds since 1970. */
    startSeconds: startOf(textOf(`${at}/stat`), textOf('/proc/stat')),
    threads: numberOf(status.get('Threads')),
    /** Bytes. */
    memory: {
      resident: kilobytes(status.get('VmRSS')),
      peak: kilobytes(status.get('VmHWM')),
      swapped: kilobytes(status.get('VmSwap')),
      virtual: kilobytes(status.get('VmSize')),
    },
    files: files.length > 0 ? files.length : undefined,
    filesLimit: numberOf(/^Max open files\s+(\d+)/m.exec(limits)?.[1]),
    contextSwitches: {
      voluntary: numberOf(status.get('voluntary_ctxt_switches')),
      involuntary: numberOf(status.get('nonvoluntary_ctxt_switches')),
    },
    io: Object.fromEntries([...fieldsOf(textOf(`${at}/io`))].map(([name, value]) => [name, numberOf(value)])),
    controlGroup: textOf(`${at}/cgroup`).trim().split('\n')[0] || undefined,
  };
}

/** Clock ticks since the boot, behind the name in parentheses; 100 a second wherever Node runs. */
function startOf(stat: string, machine: string): number | undefined {
  const ticks = numberOf(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const boot = numberOf(/^btime (\d+)/m.exec(machine)?.[1]);
  return ticks === undefined || boot === undefined ? undefined : boot + ticks / 100;
}

function machine() {
  const [one, five, fifteen] = loadavg();
  return {
    platform: platform(),
    release: release(),
    arch: arch(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model,
    memory: { total: totalmem(), free: freemem() },
    load: [one, five, fifteen],
    uptimeSeconds: Math.round(uptime()),
    // Pressure: the share of time in which somebody waited, of the last 10, 60 and 300 s.
    pressure: Object.fromEntries(
      ['cpu', 'io', 'memory']
        .filter((name) => existsSync(`/proc/pressure/${name}`))
        .map((name) => [name, textOf(`/proc/pressure/${name}`).split('\n')[0]]),
    ),
  };
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    }),
  );
}

const numberOf = (text: string | undefined) =>
  text !== undefined && /^\d+/.test(text) ? Number.parseInt(text, 10) : undefined;

function kilobytes(text: string | undefined): number | undefined {
  const value = numberOf(text);
  return value === undefined ? undefined : value * 1024;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
