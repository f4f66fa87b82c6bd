// Where CPU time goes: functions of the program's own, garbage collection, what library and runtime do for it.

import { cores, nanos, ratio, type Said, type Severity, said } from '../../model/finding.js';
import { partOf, shareOf, type Work, type WorkFunction } from '../../model/work.js';
import { shortName } from '../names.js';
import { rule } from '../rule.js';
import { WORK_KINDS } from '../workKinds.js';
import type { Facts } from './facts.js';
import { atPlace, lineOf, regexpOf } from './words.js';

const diagnose = rule<Facts>();

/** Processors in use, on average; 0 where the profile does not say for how long it ran. */
export const cpuCores = ({ total, durationNanos }: Work): number => shareOf(total, durationNanos);

const kindOf = (name: string) => WORK_KINDS.find((kind) => kind.name === name);

/** Whoever stores and sends spends its time on it. */
const TRANSPORT = new Set(['io', 'http', 'sql', 'syscall']);

/** What was charged to a function, without work that somebody wanted, and that nobody does better: compression, cryptography … */
function ownShare({ charged, through }: WorkFunction, total: bigint): { own: number; avoidable: number; any: number } {
  const done = through.reduce((sum, { value }) => sum + value, 0n);
  const moved = through.reduce((sum, { kind, value }) => (TRANSPORT.has(kind) ? sum + value : sum), 0n);
  const wanted = through.reduce((sum, { kind, value }) => (kindOf(kind)?.advice === '' ? sum + value : sum), 0n);
  return {
    own: shareOf(charged - done, total),
    avoidable: shareOf(charged - wanted, total),
    any: shareOf(charged - moved, total),
  };
}

/** Other rules are silent about what this one has said. */
const HOT_NOTE = 0.2;

export const hotFunction = diagnose({
  name: 'hot-function',
  looksAt: 'a CPU profile',
  says: '{function} takes {share} of all CPU time: {used}{what}',
  limits: {
    own: ratio(0.35),
    avoidable: ratio(0.6),
    any: ratio(0.6),
    busy: cores(0.3),
    asked: cores(0.5),
    note: ratio(HOT_NOTE),
    cores: cores(0.1),
  },
  why: 'a function of the program whose own code takes {own} of all CPU time, or {avoidable} together with what library and runtime did for it, decides how fast the program is; work that is wanted as such (compression, cryptography) counts from {any} on, and reading and writing is no fault; {note} is worth a note. It must keep {busy} busy, {asked} where most is library and runtime (but for regular expressions and templates, which are to be compiled once); below {cores} it is not hot, whatever its share (own thresholds)',
  means:
    'Making it faster, or calling it less, is worth more than anything else. Its lines, and who calls it, are in the profile.',
  next: ['tspprof peek {regexp} {cpu}', 'tspprof list {regexp} {cpu}', 'tspprof web {cpu}'],
  *find({ cpu }, limits) {
    if (cpu === undefined || cpuCores(cpu) < limits.cores) return;
    for (const row of cpu.functions) {
      const share = shareOf(row.charged, cpu.total);
      if (share < limits.note) break;
      const { own, avoidable, any } = ownShare(row, cpu.total);
      const busy = shareOf(row.charged, cpu.durationNanos);
      if (busy < limits.cores) continue;
      const isOwn = own >= limits.own && busy >= limits.busy;
      const isWaste = row.through[0] !== undefined && kindOf(row.through[0].kind)?.isWaste === true;
      const isAsked =
        (avoidable >= limits.avoidable || any >= limits.any) && busy >= (isWaste ? limits.busy : limits.asked);
      const [most] = row.through;
      const kind = most && kindOf(most.kind);
      const part = most === undefined ? 0 : shareOf(most.value, row.charged);
      yield {
        severity: isOwn || isAsked ? 'warning' : 'note',
        weight: share,
        values: {
          ...{
            function: shortName(row.name),
            share: ratio(share),
            used: cores(shareOf(row.charged, cpu.durationNanos)),
          },
          what: kind !== undefined && part >= 0.5 ? `, on ${kind.says}` : '',
          regexp: regexpOf(row.name),
        },
        place: lineOf(row),
        evidence: [
          said('most of it at {place}', { place: atPlace(lineOf(row)) }),
          ...(row.cum > row.charged
            ? [said('{cum} with all that it calls', { cum: ratio(shareOf(row.cum, cpu.total)) })]
            : []),
          ...partWords(row),
        ],
      };
    }
  },
});

/** What it asked library and runtime for, then what they did for it that something can be done about. */
function partWords({ through, within, charged }: WorkFunction): Said[] {
  const asked = through.filter(({ value }) => shareOf(value, charged) >= 0.15).slice(0, 2);
  const below = within.filter(
    ({ kind, value }) =>
      shareOf(value, charged) >= 0.25 && kindOf(kind)?.advice !== '' && !asked.some((part) => part.kind === kind),
  );
  return [...asked, ...below.slice(0, 2)].map(({ kind, value }) => {
    const row = kindOf(kind);
    const advice = row === undefined || row.advice === '' ? '' : `: ${row.advice}`;
    return said('{share} of that is {kind}{advice}', {
      ...{ share: ratio(shareOf(value, charged)), kind: row?.says ?? kind, advice },
    });
  });
}

export const hotPath = diagnose({
  name: 'hot-path',
  looksAt: 'a CPU profile',
  says: '{share} of all CPU time is below {function}, and no function there stands out',
  limits: { cum: ratio(0.5), cores: cores(0.1) },
  why: 'the innermost function of the program under which {cum} of all CPU time lies; only where no hot-function is found, and {cores} are in use (own thresholds)',
  means: 'The time goes to many small things. The call graph shows which branch is wide.',
  next: ['tspprof web -focus={regexp} {cpu}', 'tspprof top -cum -focus={regexp} {cpu}'],
  *find({ cpu }, limits) {
    if (cpu === undefined || cpuCores(cpu) < limits.cores) return;
    if (cpu.functions.some(({ charged }) => shareOf(charged, cpu.total) >= HOT_NOTE)) return;
    const below = cpu.functions
      .filter(({ cum, name }) => shareOf(cum, cpu.total) >= limits.cum && !/^main\.main$/.test(name))
      .sort((a, b) => Number(a.cum - b.cum));
    const [row] = below;
    if (row === undefined) return;
    yield {
      severity: 'note',
      weight: shareOf(row.cum, cpu.total),
      values: { function: shortName(row.name), share: ratio(shareOf(row.cum, cpu.total)), regexp: regexpOf(row.name) },
      place: lineOf(row),
    };
  },
});

export const gcTime = diagnose({
  name: 'gc-time',
  looksAt: 'a CPU profile',
  says: 'garbage collection takes {share} of all CPU time: {used}',
  limits: { note: ratio(0.15), warning: ratio(0.25), critical: ratio(0.6), busy: cores(0.1), cores: cores(0.1) },
  why: 'the Go GC guide: what is allocated is paid for in collection; 5 to 15 % is usual, and {note} worth a note; background marking takes {warning} while a cycle runs (runtime/mgc.go), so that from there on one always runs; {critical} is critical. Below {busy} busy with it, and {cores} in use, it costs nobody anything (own thresholds)',
  means:
    'The program makes garbage faster than it does its work. Allocate less where most is allocated, or give the collector room: GOGC, GOMEMLIMIT.',
  next: [
    'tspprof top -sample_index=alloc_space {allocs}',
    'tspprof top -focus=mallocgc -cum {cpu}',
    'tspprof vars {vars}',
  ],
  *find({ cpu, heap }, limits) {
    if (cpu === undefined || cpuCores(cpu) < limits.cores) return;
    const gc = partOf(cpu.kinds, 'gc');
    const share = shareOf(gc, cpu.total);
    if (share < limits.note) return;
    const allocators = [...cpu.functions].sort((a, b) => Number(costOf(b) - costOf(a)));
    const [worst] = allocators;
    const isBusy = shareOf(gc, cpu.durationNanos) >= limits.busy;
    const level: Severity = share >= limits.critical ? 'critical' : share >= limits.warning ? 'warning' : 'note';
    const severity = isBusy ? level : 'note';
    const isKnown = worst !== undefined && costOf(worst) > 0n;
    yield {
      severity,
      weight: share,
      values: { share: ratio(share), used: cores(shareOf(gc, cpu.durationNanos)) },
      ...(isKnown ? { place: lineOf(worst) } : {}),
      evidence: [
        ...(isKnown
          ? [
              said('{place} pays most for allocating: {share} of all CPU time', {
                place: atPlace(lineOf(worst)),
                share: ratio(shareOf(costOf(worst), cpu.total)),
              }),
            ]
          : []),
        ...(heap === undefined || heap.alloc.functions[0] === undefined
          ? []
          : [
              said('{function} has allocated most: {share} of all bytes', {
                function: atPlace(lineOf(heap.alloc.functions[0])),
                share: ratio(shareOf(heap.alloc.functions[0].charged, heap.alloc.total)),
              }),
            ]),
      ],
    };
  },
});

/** With what the collector makes it pay. */
const costOf = ({ within }: WorkFunction) => partOf(within, 'allocation');

/** Told by rules of their own, or nothing of the program's. */
const NO_OVERHEAD = new Set(['gc', 'profiler']);

export const overhead = diagnose({
  name: 'overhead',
  looksAt: 'a CPU profile',
  says: '{share} of all CPU time goes to {kind}',
  limits: { note: ratio(0.25), cores: cores(0.1) },
  why: 'what library and runtime do for the program, counted once a sample; {note} of all CPU time is worth a note, if {cores} are in use (own thresholds)',
  means: 'What can be done: {advice}.',
  next: ['tspprof top -cum {cpu}', 'tspprof web {cpu}'],
  *find({ cpu }, limits) {
    if (cpu === undefined || cpuCores(cpu) < limits.cores) return;
    for (const { kind, value } of cpu.kinds) {
      const row = kindOf(kind);
      const share = shareOf(value, cpu.total);
      if (row === undefined || row.advice === '' || NO_OVERHEAD.has(kind) || share < limits.note) continue;
      const askers = cpu.functions
        .map((one) => ({ one, part: partOf(one.within, kind) }))
        .filter(({ part }) => part > 0n)
        .sort((a, b) => Number(b.part - a.part));
      const [first] = askers;
      // A hot function has said it already.
      if (first !== undefined && shareOf(first.one.charged, cpu.total) >= HOT_NOTE) continue;
      yield {
        severity: 'note',
        weight: share,
        values: { share: ratio(share), kind: row.says, advice: row.advice },
        ...(first === undefined ? {} : { place: lineOf(first.one) }),
        evidence: askers
          .slice(0, 3)
          .map(({ one, part }) =>
            said('{share} of it for {place}', { share: ratio(shareOf(part, value)), place: atPlace(lineOf(one)) }),
          ),
      };
    }
  },
});

export const fewSamples = diagnose({
  name: 'few-samples',
  looksAt: 'a CPU profile',
  says: 'the program used {total} of CPU time in {time}: the profile has little to say',
  limits: { cores: cores(0.1) },
  why: 'a sample stands for 10 ms of CPU time; below {cores} in use there are too few to say what is hot (own threshold)',
  means: 'The program was idle, or waited. If it felt slow, look at what its goroutines wait for instead.',
  next: ['tspprof stacks {dump}'],
  *find({ cpu }, limits) {
    if (cpu === undefined || cpu.durationNanos === 0n || cpuCores(cpu) >= limits.cores) return;
    yield { severity: 'note', weight: 0, values: { total: nanos(cpu.total), time: nanos(cpu.durationNanos) } };
  },
});
