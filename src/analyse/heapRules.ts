// Rules of the heap, and of what else a process keeps in memory. Limits marked as ours have no official number.

import { bytes, count, ratio, type Said, said, seconds } from '../model/finding.js';
import { growthOf } from './growth.js';
import { memoryFigures } from './memory.js';
import { isYoung, lastOf, newest } from './newest.js';
import { type Rule, rule } from './rule.js';
import type { VarsFacts } from './varsFacts.js';
import { isOtherProgram } from './varsFacts.js';

const MIB = 1024 ** 2;
const HOLDS = ['tspprof top -inuse_space {heap}', 'tspprof tags {heap}'];

export const HEAP_RULES: readonly Rule<VarsFacts>[] = [
  rule<VarsFacts>()({
    name: 'heap-growing',
    looksAt:
      'what lives after GC, in three samples or more with GCs between them; not the heap, which goes up and down',
    says: 'what lives on the heap grew in each of {n|sample|samples}: from {from} to {to} in {time}',
    limits: {
      samples: count(3),
      many: count(5),
      gcs: count(2),
      growth: ratio(0.05),
      bytes: bytes(4 * MIB),
      time: seconds(10),
      long: seconds(60),
      slowing: ratio(0.5),
    },
    why: 'What lives is estimated from the goal of the next GC. {samples} samples with {gcs} GCs between them, {growth} and {bytes} in all are ours. Less than {many} samples in {time}, or {samples} in {long}, or growth that slows down to {slowing} in the second half may be load that begins, or a cache that fills: then it is a note.',
    means:
      'If it goes on, memory is kept that nobody needs any more. Compare two heap profiles: what grew between them.',
    next: ['tspprof top -inuse_space -diff_base={heap} {heap2}', 'tspprof top -inuse_space {heap}'],
    *find(facts, limits) {
      const growth = growthOf(facts.samples, limits.gcs);
      const figures = newest(facts);
      if (growth === undefined || figures === undefined || growth.samples < limits.samples) return;
      const { from, to, seconds: time } = growth;
      if (to - from < limits.bytes || to / from - 1 < limits.growth) return;
      const isLong = time >= limits.long || (time >= limits.time && growth.samples >= limits.many);
      const isSure = isLong && growth.secondHalf >= limits.slowing && !isYoung(figures);
      const perHour = time > 0 ? ((to - from) / time) * 3600 : undefined;
      const { memoryLimit, goUsed } = figures;
      const evidence: Said[] = [
        ...(perHour === undefined ? [] : [said('{rate} an hour, if it goes on', { rate: bytes(perHour) })]),
        ...(growth.objects === undefined
          ? []
          : [
              said(growth.objects > 0 ? '{n} more objects' : 'not in objects: they grow', { n: count(growth.objects) }),
            ]),
        ...(memoryLimit !== undefined && goUsed !== undefined && perHour !== undefined && memoryLimit > goUsed
          ? [
              said('the memory limit is reached in {time}', {
                time: seconds(((memoryLimit - goUsed) / perHour) * 3600),
              }),
            ]
          : []),
      ];
      yield {
        ...{ severity: isSure ? 'warning' : 'note', weight: Math.min(1, to / from - 1), evidence },
        values: { n: count(growth.samples), from: bytes(from), to: bytes(to), time: seconds(time) },
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'heap-retained',
    looksAt: 'idle spans that are not given back: HeapIdle - HeapReleased',
    says: '{retained} of idle heap are kept for later, the heap in use has {inUse}',
    limits: { least: bytes(64 * MIB) },
    why: 'More than the heap in use: "a recent transient spike in live heap size" (runtime.MemStats); {least} is ours.',
    means: 'This is no leak: the heap was larger a while ago, and the runtime gives it back in the background.',
    next: ['tspprof vars -seconds=30 {address}'],
    *find(facts, limits) {
      const { retained, heapInuse, goUsed = 0 } = newest(facts) ?? {};
      if (retained === undefined || heapInuse === undefined || retained <= Math.max(heapInuse, limits.least)) return;
      const values = { retained: bytes(retained), inUse: bytes(heapInuse) };
      yield { severity: 'note', weight: retained / goUsed, values };
    },
  }),
  rule<VarsFacts>()({
    name: 'heap-slack',
    looksAt: 'holes in spans in use: HeapInuse - HeapAlloc',
    says: '{slack} of the heap in use are holes, {share} of it',
    limits: { share: ratio(0.3), least: bytes(64 * MIB) },
    why: 'The most that fragmentation can be (runtime.MemStats), with spans that were just swept; {share} and {least} are ours.',
    means:
      'Objects of one size come and go while few of them stay in each span. It is gone after a GC if it was only swept.',
    next: ['tspprof top -inuse_space {heap_gc}', ...HOLDS],
    *find(facts, limits) {
      const { slack, heapInuse = 0 } = newest(facts) ?? {};
      if (slack === undefined || slack <= limits.least || slack <= heapInuse * limits.share) return;
      const share = slack / heapInuse;
      yield { severity: 'note', weight: share, values: { slack: bytes(slack), share: ratio(share) } };
    },
  }),
  rule<VarsFacts>()({
    name: 'heap-large',
    looksAt: 'what is in no size class: HeapAlloc less the sum of BySize',
    says: '{large} of the heap are objects above {size}, {share} of it',
    limits: { share: ratio(0.5), least: bytes(64 * MIB) },
    why: '{share} and {least} are ours.',
    means: 'A few big buffers, maps or slices keep most of it; the heap profile names who made them.',
    next: HOLDS,
    *find(facts, limits) {
      const { large, heapAlloc = 0 } = newest(facts) ?? {};
      if (large === undefined || heapAlloc < limits.least || large <= heapAlloc * limits.share) return;
      const size = Math.max(...(lastOf(facts).memStats.BySize ?? []).map(({ Size }) => Size));
      const share = large / heapAlloc;
      yield {
        severity: 'note',
        weight: share,
        values: { large: bytes(large), size: bytes(size), share: ratio(share) },
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'heap-small',
    looksAt: 'HeapAlloc / HeapObjects',
    says: '{n|object|objects} of {size} on average',
    limits: { size: bytes(64), objects: count(10e6) },
    why: 'Marking costs by the object and pointer, not by the byte; {size} and {objects} are ours.',
    means: 'Many small objects with pointers make each GC long: slices of values instead of pointers cost less.',
    next: ['tspprof top -inuse_objects {heap}'],
    *find(facts, limits) {
      const { objects = 0, heapAlloc } = newest(facts) ?? {};
      if (heapAlloc === undefined || objects <= limits.objects || heapAlloc / objects >= limits.size) return;
      yield { severity: 'note', weight: 0.5, values: { n: count(objects), size: bytes(heapAlloc / objects) } };
    },
  }),
  rule<VarsFacts>()({
    name: 'stacks-memory',
    looksAt: 'StackInuse, and goroutines where their number is known',
    says: 'stacks of goroutines take {stacks}, {share} of what Go holds',
    limits: { each: bytes(64 * 1024), share: ratio(0.2), least: bytes(64 * MIB) },
    why: 'Stacks begin with 2-8 KiB and count for GOGC since Go 1.18; {each} a goroutine, {share} and {least} are ours.',
    means: 'Deep recursion, large values on stacks, or goroutines that pile up.',
    next: ['tspprof stacks {dump}', 'tspprof top {goroutines}'],
    *find(facts, limits) {
      const { goUsed = 0 } = newest(facts) ?? {};
      const { memStats, goroutines } = lastOf(facts) ?? {};
      const stacks = Number(memStats?.StackInuse ?? 0n);
      if (stacks < limits.least || goUsed === 0) return;
      const each = goroutines === undefined || goroutines === 0 ? 0 : stacks / goroutines;
      if (each <= limits.each && stacks <= goUsed * limits.share) return;
      yield {
        severity: each > limits.each ? 'warning' : 'note',
        weight: stacks / goUsed,
        values: { stacks: bytes(stacks), share: ratio(stacks / goUsed) },
        evidence:
          each === 0
            ? []
            : [said('{each} for each of {n|goroutine|goroutines}', { each: bytes(each), n: count(goroutines ?? 0) })],
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'many-goroutines',
    looksAt: 'the number of goroutines, from metrics, diag sys or a dump',
    says: '{n|goroutine|goroutines}',
    limits: { many: count(10_000), most: count(100_000) },
    why: 'A busy kubo node has some thousands; {many} and {most} are ours.',
    means:
      'If their number grows they leak: the groups of equal stacks say where they wait. Above 50,000 take debug=1, which does not stop the program for as long.',
    next: ['tspprof stacks {dump}', 'tspprof top {goroutines}'],
    *find(facts, limits) {
      const n = lastOf(facts)?.goroutines ?? facts.sys?.goroutines ?? 0;
      if (n <= limits.many) return;
      const values = { n: count(n) };
      yield { severity: n > limits.most ? 'warning' : 'note', weight: Math.min(1, n / 1e6), values };
    },
  }),
  rule<VarsFacts>()({
    name: 'runtime-overhead',
    looksAt: "the runtime's own memory: MSpanSys, MCacheSys, GCSys, OtherSys, and BuckHashSys of profiling",
    says: 'the runtime itself takes {overhead}, {share} of what Go asked for',
    limits: { share: ratio(0.25), least: bytes(128 * MIB), buckets: bytes(16 * MIB) },
    why: '{share}, {least}, and {buckets} for profiling alone, are ours.',
    means:
      'It grows with the largest heap there was. Profiling takes more with many different stacks, or a low runtime.MemProfileRate.',
    next: [],
    *find(facts, limits) {
      const { overhead = 0 } = newest(facts) ?? {};
      const { Sys = 0n, BuckHashSys = 0n } = lastOf(facts)?.memStats ?? {};
      const [sys, buckets] = [Number(Sys), Number(BuckHashSys)];
      const isMuch = overhead > limits.least && overhead > sys * limits.share;
      if (!isMuch && buckets <= limits.buckets) return;
      yield {
        ...{ severity: 'note', weight: sys === 0 ? 0 : overhead / sys },
        values: { overhead: bytes(overhead), share: ratio(sys === 0 ? 0 : overhead / sys) },
        evidence: [said('{buckets} of it are for profiling', { buckets: bytes(buckets) })],
      };
    },
  }),
  rule<VarsFacts>()({
    name: 'rss-offheap',
    looksAt: 'resident memory, from metrics or /proc, and what Go holds (Sys - HeapReleased)',
    says: '{outside} of {resident} in memory are not Go’s',
    limits: { share: ratio(0.2), least: bytes(256 * MIB) },
    why: '{share} and {least} are ours.',
    means:
      'C code, or files that are mapped: databases such as badger, bbolt, LMDB. No heap profile shows it; pages of files go when others need the memory.',
    next: [],
    *find(facts, limits) {
      // They may be of another moment than what is resident.
      const goUsed = Math.max(...facts.samples.map((sample) => memoryFigures(sample).goUsed ?? Number.NaN));
      const machine = facts.process[facts.process.length - 1];
      const resident = Number(machine?.residentBytes ?? lastOf(facts)?.residentBytes ?? 0n);
      if (!Number.isFinite(goUsed) || resident === 0) return;
      const outside = resident - goUsed;
      if (outside <= limits.least || outside <= resident * limits.share) return;
      const values = { outside: bytes(outside), resident: bytes(resident) };
      yield { severity: 'note', weight: outside / resident, values };
    },
  }),
  rule<VarsFacts>()({
    name: 'restart',
    looksAt: 'counters that fell, another start, or GCs that the later sample does not know',
    says: 'the process was restarted {n|time|times} between the samples',
    limits: { many: count(3) },
    why: 'Counters begin at 0 again. {many} and more are ours.',
    means:
      'Only samples of the last process are compared. Look for its end in the log: a panic, or the system’s out-of-memory killer.',
    next: [],
    *find(facts, limits) {
      const { others, samples } = facts;
      const last = others[others.length - 1]?.[0];
      if (last === undefined || samples.length === 0) return;
      const n = others.length;
      if (others.some(([sample]) => isOtherProgram(sample, samples[0])))
        yield {
          ...{ severity: 'note', weight: 0.1, values: { n: count(n) } },
          says: '{n|other process is|other processes are} among the samples: command lines differ',
          means: 'Samples of different programs are not compared: these are the figures of the last one.',
        };
      else yield { severity: n >= limits.many ? 'warning' : 'note', weight: 0.5, values: { n: count(n) } };
    },
  }),
];
