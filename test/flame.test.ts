// flame as files for other tools.

import t from 'tap';
import { open, render, report } from '../src/index.js';
import { draw } from './draw.js';

const lowest = -(2n ** 63n);

t.test('speedscope has no weight below 0: what a function lost is a profile of its own', async (t) => {
  const flame = report(await open(draw(`main;a 5\nmain;b -3\nmain;c 0\nmain;d ${lowest}`)), 'flame', {});
  const { profiles } = JSON.parse([...render(flame, 'speedscope')].join(''));
  const [more, less] = profiles;
  t.equal(profiles.length, 2);
  t.same([more.weights, more.endValue], [[5], 5]);
  t.equal(less.name, `${more.name} (negative)`);
  t.same(less.weights, [3, 2 ** 63]);
});

t.test('folded names have no separators, and bytes that are no UTF-8 stay', async (t) => {
  const flame = report(await open(draw('main;caf\udce9 5\nmain 2')), 'flame', {});
  t.equal([...render(flame, 'folded')].join(''), 'main 2\nmain;caf\udce9 5\n');
});
