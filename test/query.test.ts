// Filters and granularities on drawings; the same rules against pprof itself are in golden.test.ts.

import t from 'tap';
import { openBytes, ProfileError, type Query, report } from '../src/index.js';
import { draw, type parse } from './draw.js';

/** `name flat/cum` of every row. */
function rows(text: string, query: Query = {}, extra: Parameters<typeof parse>[1] = {}): string[] {
  const top = report(openBytes(draw(text, extra)), 'top', { trim: false, ...query });
  return top.rows.map(
    ({ name, flat, cum, inline }) => `${name} ${flat}/${cum}${{ all: ' inline', some: ' partial', none: '' }[inline]}`,
  );
}

const calls = `
  main;read;json 10
  main;write;json 5
  main;read 2`;

t.test('a recursive function is counted once in cum', (t) => {
  t.same(rows('a;b;a 10\na;b 5'), ['a 10/15', 'b 5/15']);
  t.end();
});

t.test('focus keeps samples, ignore drops them, both look at names and files', (t) => {
  t.same(rows(calls, { focus: 'read' }), ['json 10/10', 'read 2/12', 'main 0/12']);
  t.same(rows(calls, { ignore: 'read' }), ['json 5/5', 'main 0/5', 'write 0/5']);
  t.same(rows('main@x/a.go:1 1\nmain@x/b.go:1 2', { focus: 'b\\.go$' }), ['main 2/2']);
  t.end();
});

t.test('hide removes frames, show removes the others, empty stacks go', (t) => {
  t.same(rows(calls, { hide: 'json' }), ['read 12/12', 'write 5/5', 'main 0/17']);
  t.same(rows(calls, { show: 'read|write' }), ['read 12/12', 'write 5/5']);
  t.same(rows(calls, { show: 'nothing' }), []);
  t.end();
});

t.test('show_from cuts above its outermost match, prune_from below its innermost', (t) => {
  t.same(rows(calls, { show_from: 'read' }), ['json 10/10', 'read 2/12']);
  t.same(rows(calls, { prune_from: 'read' }), ['read 12/12', 'json 5/5', 'main 0/17', 'write 0/5']);
  t.end();
});

t.test(
  'drop_frames cut below their first match after a user frame, keep_frames save it, all_frames ignores both',
  (t) => {
    const extra = { dropFrames: 'malloc.*', keepFrames: 'malloc_keep' };
    t.same(rows('main;malloc;inner 4', {}, extra), ['main 4/4']);
    t.same(rows('malloc;main 4', {}, extra), ['main 4/4', 'malloc 0/4']);
    t.same(rows('main;malloc_keep;inner 4', {}, extra), ['inner 4/4', 'main 0/4', 'malloc_keep 0/4']);
    t.same(rows('main;malloc;inner 4', { all_frames: true }, extra), ['inner 4/4', 'main 0/4', 'malloc 0/4']);
    t.same(rows('main;f>malloc>inner 4', {}, extra), ['f 4/4', 'main 0/4'], 'inside a location');
    t.same(
      rows('main;malloc 4', {}, { dropFrames: '(' }),
      ['malloc 4/4', 'main 0/4'],
      'a broken expression drops nothing, as in pprof',
    );
    t.end();
  },
);

t.test('inlined lines are nodes of their own, marked, and -noinlines gives them to their caller', (t) => {
  t.same(rows('main;f>g 3'), ['g 3/3 inline', 'f 0/3', 'main 0/3']);
  t.same(rows('main;f>g 3\nmain;g 2'), ['g 5/5 partial', 'f 0/3', 'main 0/5']);
  t.same(rows('main;f>g 3', { noinlines: true }), ['f 3/3', 'main 0/3']);
  t.end();
});

t.test('granularity decides what a row is', (t) => {
  const text = 'm@a/x.go:1:2;f@a/x.go:5:3 1\nm@a/x.go:1:2;f@a/x.go:6 2\nm@a/x.go:1:9;f@b/y.go:5 4';
  t.same(rows(text), ['f 7/7', 'm 0/7']);
  t.same(rows(text, { granularity: 'filefunctions' }), ['f b/y.go 4/4', 'f a/x.go 3/3', 'm a/x.go 0/7']);
  t.same(rows(text, { granularity: 'lines' }), [
    'f b/y.go:5 4/4',
    'f a/x.go:6 2/2',
    'f a/x.go:5 1/1',
    'm a/x.go:1 0/7',
  ]);
  t.same(rows(text, { granularity: 'lines', showcolumns: true }), [
    'f b/y.go:5 4/4',
    'f a/x.go:6 2/2',
    'f a/x.go:5:3 1/1',
    'm a/x.go:1:2 0/3',
    'm a/x.go:1:9 0/4',
  ]);
  t.same(rows('0x40[/lib/libc.so];0x50[/lib/libc.so] 1'), ['[libc.so] 1/1']);
  t.same(rows('0x40[/lib/libc.so];0x50[/lib/libc.so] 1', { granularity: 'addresses' }), [
    '0000000000000050 [libc.so] 1/1',
    '0000000000000040 [libc.so] 0/1',
  ]);
  t.same(rows('0x40 1'), ['<unknown> 1/1']);
  t.end();
});

t.test('file names are cleaned and trimmed', (t) => {
  t.same(rows('f@/proc/self/cwd/a/./b.go:1 1', { granularity: 'filefunctions' }), ['f a/b.go 1/1']);
  t.same(rows('f@/src/me/x/b.go:1 1', { granularity: 'filefunctions', trim_path: '/nowhere:/src/me' }), [
    'f x/b.go 1/1',
  ]);
  t.same(rows('f@/build/kubo/core/b.go:1 1', { granularity: 'filefunctions', source_path: '/home/me/kubo' }), [
    'f core/b.go 1/1',
  ]);
  t.end();
});

const tagged = `
  a 1 {req=get,bytes=512bytes}
  b 2 {req=put,bytes=2048bytes}
  c 4 {other=get,n=7}
  d 8`;

t.test('tagfocus and tagignore: regexps with and without key, ranges with units', (t) => {
  const names = (query: Query) =>
    rows(tagged, query)
      .map((row) => row[0])
      .sort()
      .join('');
  t.equal(names({ tagfocus: 'get' }), 'ac');
  t.equal(names({ tagfocus: 'req=get' }), 'a');
  t.equal(names({ tagfocus: 'req=get,put' }), 'ab', 'with a key, any');
  t.equal(names({ tagfocus: 'req,get' }), 'a', 'without a key, all');
  t.equal(names({ tagfocus: 'req:put' }), 'b', 'key:value');
  t.equal(
    names({ tagfocus: '1kb:' }),
    'bc',
    'a number in an unknown unit counts in the unit of the range, as in pprof',
  );
  t.equal(names({ tagfocus: ':1kb' }), 'a');
  t.equal(names({ tagfocus: '512b:2kb' }), 'ab');
  t.equal(names({ tagfocus: '512:2kb' }), '', 'bounds of different units are a regexp');
  t.equal(names({ tagfocus: '7n' }), 'c');
  t.equal(names({ tagignore: 'bytes=512b' }), 'bcd');
  t.equal(names({ tagignore: 'get' }), 'bd');
  t.throws(() => names({ tagfocus: '99999999999999999999kb' }), { code: 'bad-option' }, 'pprof panics');
  t.end();
});

t.test('tagroot and tagleaf turn labels into frames, which other filters see', (t) => {
  t.same(rows(tagged, { tagroot: 'req' }), [
    'd 8/8',
    'c 4/4',
    'b 2/2',
    'a 1/1',
    '<unknown> 0/12',
    'get 0/1',
    'put 0/2',
  ]);
  t.same(rows(tagged, { tagleaf: 'req', focus: 'get' }), ['get 1/1', 'a 0/1']);
  t.same(rows('x 1 {a=1024bytes,b=p}', { tagroot: 'b,a' }), ['x 1/1', '1kB 0/1', 'p 0/1']);
  t.end();
});

t.test('sample types: default, name, number, inuse_ prefix, -mean', (t) => {
  const types = [
    ['count', 'n'],
    ['space', 'bytes'],
  ] as const;
  t.same(rows('a 2 100\nb 1 7', {}, { types }), ['a 100/100', 'b 7/7'], 'the last one');
  t.same(rows('a 2 100\nb 1 7', {}, { types, defaultType: 'count' }), ['a 2/2', 'b 1/1']);
  t.same(rows('a 2 100', { sample_index: 'inuse_space' }, { types }), ['a 100/100']);
  t.same(rows('a 2 100', { sample_index: '0' }, { types }), ['a 2/2']);
  t.same(rows('m;a 2 100\nm;b 1 7', { mean: true }, { types }), ['a 50/50', 'b 7/7', 'm 0/35']);
  t.throws(() => rows('a 1 1', { sample_index: 'x' }, { types }), {
    message: 'sample_index "x" must be one of: [count space]',
  });
  t.throws(() => rows('a 1 1', { sample_index: '2' }, { types }), {
    message: 'sample_index 2 is outside the range [0..1]',
  });
  t.throws(
    () =>
      rows(
        'a 1 1',
        {},
        {
          types: [
            ['x', 'n'],
            ['x', 'n'],
          ],
        },
      ),
    { message: /empty common sample type list/ },
  );
  t.same(
    rows(
      'a 1 2 3',
      {},
      {
        types: [
          ['x', 'n'],
          ['x', 'n'],
          ['y', 'n'],
        ],
      },
    ),
    ['a 3/3'],
    'a name that occurs twice is dropped',
  );
  t.end();
});

t.test('trimming: nodefraction, nodecount, drop_negative', (t) => {
  t.same(rows('a 1000\nb 4\nc 6', { trim: true, nodefraction: 0.005 }), ['a 1000/1000', 'c 6/6']);
  t.same(rows('a 1\nb 2\nc 3', { trim: true, nodecount: 2 }), ['c 3/3', 'b 2/2']);
  t.same(rows('a 5\nb -3', { drop_negative: true }), ['a 5/5']);
  t.same(rows('b 1\na 1\nc 1', { trim: true, nodecount: 2 }), ['a 1/1', 'b 1/1'], 'names break ties before the cut');
  t.end();
});

t.test('percentages are of everything, unless relative', (t) => {
  const profile = openBytes(draw(calls));
  t.equal(report(profile, 'top', { focus: 'write' }).total, 17n);
  t.equal(report(profile, 'top', { focus: 'write', relative_percentages: true }).total, 5n);
  t.end();
});

t.test('what matched nothing is noticed', (t) => {
  const { notices } = report(openBytes(draw(tagged)), 'top', { focus: 'zzz', tagfocus: '9gb:', tagroot: 'nosuch' });
  t.same(notices, [
    'TagRoot expression matched no samples',
    "tagfocus:Interpreted '9gb:' as range, not regexp",
    'Focus expression matched no samples',
    'TagFocus expression matched no samples',
  ]);
  t.end();
});

t.test("regexps have RE2's syntax, its errors, and linear time", (t) => {
  t.same(rows('Main 1\nmain 2', { focus: '(?i)^MAIN$' }), ['main 2/2', 'Main 1/1']);
  t.same(rows('f1 1\nx 2', { focus: '[[:digit:]]\\z' }), ['f1 1/1']);
  t.throws(() => rows('a 1', { focus: '(a' }), {
    code: 'bad-option',
    message: 'parsing focus regexp: error parsing regexp: missing closing ): `(a`',
  });
  t.throws(() => rows('a 1', { hide: '(?=a)' }), { message: /invalid or unsupported Perl syntax: `\(\?=`/ });
  const started = process.hrtime.bigint();
  rows(`${'a'.repeat(50_000)}b 1`, { focus: '(a+)+$' });
  t.ok(process.hrtime.bigint() - started < 5_000_000_000n, 'no exponential time');
  t.end();
});

t.test('a query is checked', (t) => {
  const profile = openBytes(draw('a 1'));
  const wrong: unknown[] = [
    { focuss: 'x' },
    { nodecount: 'x' },
    { sort: 'name' },
    { granularity: 'x' },
    { nodecount: 1.5 },
    { divide_by: 0 },
  ];
  for (const query of wrong) {
    t.throws(() => report(profile, 'top', query as Query), ProfileError, JSON.stringify(query));
  }
  t.end();
});

t.test('a saved difference counts its base alone as total', (t) => {
  const text = 'a 10\nb 4\na -3 {pprof::base=true}';
  t.equal(report(openBytes(draw(text)), 'top').total, 3n);
  t.end();
});
