// Prometheus' text, as far as it says what /debug/vars says, and what that does not: GOGC, GOMEMLIMIT, GOMAXPROCS, resident memory, files,
// the start of the process. Values are floats, exact below 2^53. Names: prometheus/client_golang, go_collector.go and process_collector.go.

import type { MemField, MemStats, VarsSample } from '../../model/vars.js';
import { missingOf } from './expvar.js';
import { wholeOf } from './numbers.js';

const FIELDS: Readonly<Record<string, MemField>> = {
  go_memstats_alloc_bytes: 'Alloc',
  go_memstats_alloc_bytes_total: 'TotalAlloc',
  go_memstats_sys_bytes: 'Sys',
  go_memstats_mallocs_total: 'Mallocs',
  go_memstats_frees_total: 'Frees',
  go_memstats_heap_alloc_bytes: 'HeapAlloc',
  go_memstats_heap_sys_bytes: 'HeapSys',
  go_memstats_heap_idle_bytes: 'HeapIdle',
  go_memstats_heap_inuse_bytes: 'HeapInuse',
  go_memstats_heap_released_bytes: 'HeapReleased',
  go_memstats_heap_objects: 'HeapObjects',
  go_memstats_stack_inuse_bytes: 'StackInuse',
  go_memstats_stack_sys_bytes: 'StackSys',
  go_memstats_mspan_inuse_bytes: 'MSpanInuse',
  go_memstats_mspan_sys_bytes: 'MSpanSys',
  go_memstats_mcache_inuse_bytes: 'MCacheInuse',
  go_memstats_mcache_sys_bytes: 'MCacheSys',
  go_memstats_buck_hash_sys_bytes: 'BuckHashSys',
  go_memstats_gc_sys_bytes: 'GCSys',
  go_memstats_other_sys_bytes: 'OtherSys',
  go_memstats_next_gc_bytes: 'NextGC',
  go_gc_duration_seconds_count: 'NumGC',
};

const MOST_NAMES = 10_000;

/** Undefined: it has nothing of a Go program's memory. */
export function metricsSample(text: string): VarsSample | undefined {
  const values = readMetrics(text);
  const fields: Partial<Record<MemField, bigint>> = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = wholeOf(values.get(name) ?? Number.NaN);
    if (value !== undefined) fields[field] = value;
  }
  if (fields.HeapAlloc === undefined && fields.Sys === undefined && !values.has('go_goroutines')) return undefined;
  const nanos = (name: string) => wholeOf((values.get(name) ?? Number.NaN) * 1e9);
  const share = values.get('go_memstats_gc_cpu_fraction');
  const memStats: MemStats = {
    ...fields,
    LastGC: nanos('go_memstats_last_gc_time_seconds'),
    PauseTotalNs: nanos('go_gc_duration_seconds_sum'),
    GCCPUFraction: share !== undefined && share >= 0 && share <= 1 ? share : undefined,
  };
  const whole = (name: string) => wholeOf(values.get(name) ?? Number.NaN);
  const goVersion = /^go_info\{version="(go[\w. +:/-]{1,60})"\} /m.exec(text)?.[1];
  return {
    source: 'metrics',
    memStats,
    missing: missingOf(memStats),
    badger: new Map(),
    otherVars: [],
    goroutines: values.get('go_goroutines'),
    threads: values.get('go_threads'),
    gomaxprocs: values.get('go_sched_gomaxprocs_threads'),
    // Off is 2^64 - 1, as an int -1.
    gogcPercent: gogc(values.get('go_gc_gogc_percent')),
    memoryLimit: whole('go_gc_gomemlimit_bytes'),
    residentBytes: whole('process_resident_memory_bytes'),
    openFiles: values.get('process_open_fds'),
    maxFiles: values.get('process_max_fds'),
    cpuSeconds: values.get('process_cpu_seconds_total'),
    startSeconds: values.get('process_start_time_seconds'),
    goVersion,
    issues: [],
  };
}

const gogc = (percent: number | undefined) =>
  percent === undefined ? undefined : percent < 0 || percent >= 2 ** 31 ? -1 : percent;

/** Metrics without labels, by name. */
function readMetrics(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const [, name, digits] of text.matchAll(
    /^([a-zA-Z_:][\w:]{0,200})[ \t]+([-+\w.]{1,40})(?:[ \t]+-?\d+)?\r?$/gm,
  )) {
    const value = Number(digits);
    if (Number.isFinite(value)) values.set(name, value);
    if (values.size === MOST_NAMES) break;
  }
  return values;
}
