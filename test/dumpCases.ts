// Cases for the rules of diagnose that look at dumps: what each finds, and what is just no finding, at its limits.

import type { Facts } from '../src/analyse/diagnose/facts.js';
import type { Severity } from '../src/index.js';
import { cpu, dump, holder, ids, lock, place, stuck } from './facts.js';

export interface Case {
  /** What is so. */
  readonly what: string;
  readonly of: Partial<Facts>;
  /** Severities of what the rule finds. */
  readonly finds: readonly Severity[];
}

export const cases = new Map<string, Case[]>();

/** what: what is so; then the facts, and the severities that are found. */
export function rule(
  name: string,
  rows: readonly (readonly [what: string, of: Partial<Facts>, ...finds: Severity[]])[],
) {
  cases.set(
    name,
    rows.map(([what, of, ...finds]) => ({ what, of, finds })),
  );
}

const ring = { locks: [lock([1], { holders: [holder(2)] }), lock([2], { holders: [holder(1)] })], cycles: [[1, 2]] };
const bound = (of: Partial<Facts['dump'] & object>, blocked: Parameters<typeof dump>[1] = {}) => ({
  dump: dump([place('running', 1)], { ...of, ...blocked }),
});
const locked = (...locks: readonly ReturnType<typeof lock>[]) => bound({}, { blocked: { locks } });
const hanging = (rows: ReturnType<typeof stuck>) => bound({}, { blocked: { stuckGoroutines: rows } });
const at = (state: string, n: number, more: Parameters<typeof place>[2] = {}) => ({
  dump: dump([place(state, n, more)]),
});

rule('crash', [
  ['a panic', bound({ reasons: [{ kind: 'panic', message: 'boom\n[recovered]', line: 1 }] }), 'critical'],
  ['a fatal error', bound({ reasons: [{ kind: 'fatal error', message: 'all asleep', line: 1 }] }), 'critical'],
  [
    'a handler of net/http: the program goes on',
    bound({ reasons: [{ kind: 'panic', message: 'boom', line: 1 }], isOfHandler: true }),
    'note',
  ],
  ['a signal that somebody sent is none', bound({ reasons: [{ kind: 'signal', message: 'SIGQUIT', line: 1 }] })],
]);

const waitgroups = ring.locks.map((one) => ({ ...one, kind: 'waitgroup' as const }));
rule('deadlock', [
  ['a ring of mutexes', bound({}, { blocked: ring }), 'critical'],
  [
    'many rings in the same functions are one fault',
    bound(
      {},
      {
        blocked: {
          ...ring,
          cycles: [
            [1, 2],
            [2, 1],
          ],
        },
      },
    ),
    'critical',
  ],
  ['a ring of old WaitGroups', bound({}, { blocked: { ...ring, locks: waitgroups } }), 'critical'],
  [
    'a ring of young WaitGroups is a tree of workers',
    bound({}, { blocked: { ...ring, locks: waitgroups.map((one) => ({ ...one, isYoung: true })) } }),
  ],
  ['locks without a ring', locked(...ring.locks)],
]);

rule('stuck-lock', [
  ['three wait for minutes', locked(lock(ids(3))), 'warning'],
  ['49 do', locked(lock(ids(49))), 'warning'],
  ['50 do', locked(lock(ids(50))), 'critical'],
  [
    'two locks of two objects at one place',
    locked(lock(ids(20)), lock(ids(30, 200), { name: 'Mutex in main.Bank 0xc0002' })),
    'critical',
  ],
  [
    'of two kinds',
    locked(lock(ids(20)), lock(ids(30, 200), { name: 'Mutex in main.Shop 0xc0002' })),
    'warning',
    'warning',
  ],
  ['a young lock is a queue', locked(lock(ids(50), { isYoung: true }))],
  ['workers are waited for as long as they work', locked(lock(ids(50), { kind: 'waitgroup' }))],
  ['what waits for a deadlock is told with it', bound({}, { blocked: ring })],
]);

rule('lock-queue', [
  ['ten wait', locked(lock(ids(10), { isYoung: true })), 'note'],
  ['200 wait', locked(lock(ids(200), { isYoung: true })), 'warning'],
  ['199 wait', locked(lock(ids(199), { isYoung: true })), 'note'],
  ['nine are nobody', locked(lock(ids(9), { isYoung: true }))],
  ['an old one hangs', locked(lock(ids(10)))],
  [
    'a ring is a deadlock',
    bound({}, { blocked: { cycles: [[1, 2]], locks: [lock([1, ...ids(20)], { isYoung: true })] } }),
  ],
]);

rule('nil-channel', [
  ['a receive', at('chan receive (nil chan)', 1), 'warning'],
  ['a send', at('chan send (nil chan)', 3), 'warning'],
  ['an empty select is meant', at('select (no cases)', 1)],
  ['another channel', at('chan receive', 3)],
]);

const leak = (n: number, kind: 'sender' | 'receiver' | 'proved') => ({
  ...{ kind, goroutines: ids(n), creatorGone: n, createdBy: 'main.start' },
  ...{ function: 'main.work', file: 'main.go', line: 7 },
});
const leaks = (
  n: number,
  kind: 'sender' | 'receiver' | 'proved' = 'sender',
  more: Parameters<typeof place>[2] = {},
) => ({
  dump: dump([place('chan send', n, more)], { blocked: { leaks: [leak(n, kind)] } }),
});
const senders = (n: number, more: Parameters<typeof place>[2] = {}) => ({
  dump: dump([place('chan send', n, more)], { blocked: { stuckGoroutines: stuck(n, 'sender', 'chan send') } }),
});
rule('goroutine-leak', [
  ['five senders', leaks(5), 'warning'],
  ['four', leaks(4), 'note'],
  ['five receivers', leaks(5, 'receiver'), 'note'],
  ['one that is proved', leaks(1, 'proved'), 'warning'],
  ['some go on: a queue', leaks(20, 'sender', { before: 20, ended: 3 })],
  ['nearly none goes on', leaks(20, 'sender', { before: 20, ended: 2 }), 'warning'],
  ['five hang though their starters are there', senders(5), 'warning'],
  ['four of them', senders(4), 'note'],
  ['they go on', senders(5, { before: 5, ended: 1 })],
  ['ten young senders without starters', at('chan send', 10, { orphans: 8 }), 'note'],
  [
    'that were there before, and became more',
    at('chan send', 10, { orphans: 8, before: 5, ended: 0, arrived: 5 }),
    'warning',
  ],
  ['that were there before', at('chan send', 10, { orphans: 8, before: 10, ended: 0, arrived: 0 }), 'note'],
  ['nine of them', at('chan send', 9, { orphans: 9 })],
  ['most starters are there', at('chan send', 29, { orphans: 23 })],
  ['a crowd with its starters', at('chan send', 30), 'note'],
  ['that are idle by a rule', at('chan send', 30, { idle: 'worker' })],
]);

const grew = (
  before: number,
  arrived: number,
  more: { readonly gone?: number; readonly state?: string; readonly idle?: string; readonly all?: number } = {},
) => {
  const { gone = 0, state = 'chan receive', idle = '' } = more;
  const { all = before + arrived - gone } = more;
  return {
    dump: dump([place(state, before + arrived - gone, { before, arrived, gone, idle, ended: gone })], {
      ...{ before, goroutines: all, seconds: 5 },
    }),
  };
};
rule('goroutine-growth', [
  ['20 that stay, where 10 were', grew(10, 20), 'warning'],
  ['19', grew(10, 19)],
  ['a burst: fewer were there', grew(9, 20), 'note'],
  ['they only came from elsewhere', grew(9, 20, { all: 10 })],
  ['a tenth has ended', grew(100, 22, { gone: 2 }), 'warning'],
  ['more have ended', grew(100, 23, { gone: 3 })],
  ['connections that others open', grew(50, 50, { idle: 'http-keep-alive' }), 'note'],
  ['connections of its own: bodies that nobody closes', grew(50, 50, { idle: 'http-client' }), 'warning'],
  ['100,000', grew(90_000, 10_000), 'critical'],
  ['work that has just begun', grew(50, 50, { state: 'runnable' })],
  ['one dump alone', at('chan receive', 500)],
]);

rule('many-goroutines', [
  ['10,000', at('select', 10_000), 'note'],
  ['100,000', at('select', 100_000), 'warning'],
  ['9,999', at('select', 9999)],
]);

rule('hung', [
  ['one that hangs for no other reason', hanging(stuck(1, 'lock', 'semacquire')), 'warning'],
  ['main waits for its workers', hanging(stuck(1, 'lock', 'sync.WaitGroup.Wait')), 'note'],
  ['what waits for a disk', hanging(stuck(1, 'disk'))],
  [
    'who waits for a lock that hangs',
    bound({}, { blocked: { stuckGoroutines: stuck(1, 'lock'), locks: [lock(ids(1))] } }),
  ],
  [
    'who holds one',
    bound({}, { blocked: { stuckGoroutines: stuck(1, 'holder'), locks: [lock([7], { holders: [holder(100)] })] } }),
  ],
  [
    'who goes on',
    {
      dump: dump([place('semacquire', 1, { before: 5, ended: 1 })], { blocked: { stuckGoroutines: stuck(1, 'lock') } }),
    },
  ],
]);

for (const [name, why, critical] of [
  ['slow-disk', 'disk', 10],
  ['slow-peer', 'peer', 1000],
  ['connection-pool', 'connection-pool', 100],
] as const)
  rule(name, [
    ['one', hanging(stuck(1, why)), 'warning'],
    ['nearly many', hanging(stuck(critical - 1, why)), 'warning'],
    ['many', hanging(stuck(critical, why)), 'critical'],
    ['another reason', hanging(stuck(1, 'lock'))],
  ]);

const requests = (n: number, more: Parameters<typeof place>[2] = {}, state = 'chan receive') =>
  at(state, n, { isHandler: true, longestMinutes: 2, ...more });
rule('requests-wait', [
  ['three handlers of net/http for two minutes', requests(3), 'note'],
  ['a hundred are no more: they may poll', requests(100), 'note'],
  ['for a condition', requests(3, {}, 'sync.Cond.Wait'), 'note'],
  ['two', requests(2)],
  ['for less than a minute', requests(3, { longestMinutes: 0 })],
  ['they serve no request', requests(3, { isHandler: false })],
  ['a select has other ways out', requests(3, {}, 'select')],
  ['they come and go', requests(9, { before: 9, ended: 5 })],
  [
    'what hangs is told by another rule',
    {
      dump: dump([place('chan receive', 3, { isHandler: true, longestMinutes: 2 })], {
        blocked: { stuckGoroutines: stuck(3, 'lock') },
      }),
    },
  ],
]);

rule('many-threads', [
  ['50', at('syscall', 50), 'note'],
  ['49', at('syscall', 49)],
  ['100', { ...at('syscall, 2 minutes', 100), threads: 108 }, 'warning'],
  ['5000', at('syscall', 5000), 'critical'],
  ['that the runtime polls', at('IO wait', 5000)],
  ['idle by a rule', at('syscall', 100, { idle: 'signals' })],
]);

const runnable = (n: number, used: number | undefined, runnableBefore?: number): Partial<Facts> => ({
  dump: dump([place('runnable', n)], { runnableBefore }),
  ...{ maxProcs: 2, cpu: used === undefined ? undefined : cpu({}, {}, 10 / used) },
});
rule('cpu-starved', [
  ['eight for each processor, busy ones', runnable(16, 1.5), 'warning'],
  ['at both looks', runnable(16, 1.5, 16), 'warning'],
  ['nobody knows how busy', runnable(16, undefined), 'warning'],
  ['less at the first look', runnable(16, 1.5, 15), 'note'],
  ['processors that are not busy', runnable(16, 1.3), 'note'],
  ['six for each', runnable(12, 2), 'note'],
  ['eleven', runnable(11, 2)],
  ['nobody knows how many processors', { ...runnable(99, 2), maxProcs: undefined }],
]);
