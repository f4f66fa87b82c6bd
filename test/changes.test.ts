// Dumps of one process, compared.

import t from 'tap';
import { compareDumps } from '../src/analyse/changes.js';
import { decodeDumps } from '../src/decode/dump/dump.js';
import { findBlocked, readStacks } from '../src/index.js';

const goroutine = (id: number, state: string, func = 'main.work', line = 5) =>
  `goroutine ${id} [${state}]:\n${func}(0xc000010000)\n\t/src/main.go:${line} +0x1d\ncreated by main.main in goroutine 1\n\t/src/main.go:9 +0x2a\n`;
const lock = (id: number, minutes: number) =>
  `goroutine ${id} [sync.Mutex.Lock, ${minutes} minutes]:\nsync.(*Mutex).lockSlow(0xc000010008)\n\tsync/mutex.go:171 +0x15d\nmain.(*T).f(0xc000010000)\n\t/src/main.go:5 +0x1d\ncreated by main.main in goroutine 1\n\t/src/main.go:9 +0x2a\n`;
const dump = (...goroutines: string[]) => decodeDumps(Buffer.from(goroutines.join('\n')))[0];

t.test('new, gone, moved, and where they were with the wait grown', (t) => {
  const a = dump(
    goroutine(2, 'select, 2 minutes'),
    goroutine(3, 'select'),
    goroutine(4, 'running'),
    goroutine(5, 'select, 9 minutes'),
  );
  const b = dump(
    goroutine(2, 'select, 5 minutes'),
    goroutine(3, 'select', 'main.work', 7),
    goroutine(5, 'select, 1 minutes'),
    goroutine(8, 'running'),
  );
  const changes = compareDumps([a, b]);
  t.ok(changes.isSameProcess);
  t.same(changes.appeared, [8]);
  t.same(changes.gone, [4]);
  t.same(changes.unmoved, [{ id: 2, from: 2, to: 5 }]);
  t.equal(changes.moved, 2, 'one stands elsewhere, the wait of another began anew');
  t.end();
});

t.test('a group that grows each time is steady', (t) => {
  const of = (count: number) => dump(...Array.from({ length: count }, (_, i) => goroutine(i + 2, 'chan send')));
  const [group] = compareDumps([of(2), of(4), of(9)]).groups;
  t.match(group, { counts: [2, 4, 9], growth: 7, isSteady: true, state: 'chan send', hangsIn: 'main.work', line: 5 });
  t.equal(compareDumps([of(4), of(2), of(9)]).groups[0].isSteady, false);
  t.same(compareDumps([of(4), of(4)]).groups, []);
  t.end();
});

t.test('another process is told by its ids, and a profile has none', (t) => {
  const other = compareDumps([dump(goroutine(900, 'select'), goroutine(901, 'select')), dump(goroutine(7, 'select'))]);
  t.notOk(other.isSameProcess);
  t.match(other.why, /another process/);
  t.equal(other.groups[0].growth, -1, 'groups are compared nevertheless');
  const counted = decodeDumps(
    Buffer.from('goroutine profile: total 3\n3 @ 0x1 0x2\n#\t0x1\tmain.f+0x1\t\t/src/main.go:5\n'),
  )[0];
  t.match(compareDumps([counted, counted]).why, /no goroutine ids/);
  t.end();
});

t.test('a lock whose waiters did not move hangs for sure', (t) => {
  const last = dump(lock(2, 7), lock(3, 6));
  const changes = compareDumps([dump(lock(2, 3), lock(3, 2)), last], findBlocked(readStacks(last)));
  t.same(changes.hungLocks, [{ waiters: [2, 3] }]);
  const moved = compareDumps([dump(lock(2, 3), lock(3, 9)), last], findBlocked(readStacks(last)));
  t.same(moved.hungLocks, [], 'one of them had it meanwhile');
  t.end();
});
