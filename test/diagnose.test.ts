// diagnose: recorded programs whose faults are known, files of several processes, nothing at all, and in a browser.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { diagnose as diagnoseAnywhere } from '../src/index.js';
import { diagnose, ProfileError, renderDiagnose } from '../src/node.js';
import { sayText } from '../src/render/said.js';
import {
  alarmsOf,
  bundleBytes,
  bundlePath,
  diagnoseMembers,
  type Expectation,
  membersOf,
  only,
  rulesOf,
  told,
  without,
  zipped,
} from './diagnosing.js';

const expectations = (folder: string) =>
  Object.entries<Expectation>(
    JSON.parse(readFileSync(new URL(`./programs/${folder}/expected.json`, import.meta.url), 'utf8')),
  );

for (const [folder, recorded] of [
  ['faults', 'own'],
  ['shop', 'shop'],
] as const)
  for (const [file, { must = [], first = [], mustNot = [], quiet = false }] of expectations(folder))
    t.test(`${recorded}/${file}: what is wrong is found, and nothing else is`, async (t) => {
      const report = await diagnose([bundlePath(`${recorded}/${file.replace(/\.zip$/, '')}`)]);
      const { findings } = report;
      const all = told(report).join('\n');
      for (const { rule, place = '', severity = ['critical', 'warning', 'note'] } of must)
        t.ok(
          findings.some(
            (one) =>
              rule.includes(one.rule) &&
              severity.includes(one.severity) &&
              new RegExp(place).test(one.place?.function ?? ''),
          ),
          `${rule.join(' or ')} at ${place}, of:\n${all}`,
        );
      if (first.length > 0) t.ok(first.includes(findings[0]?.rule), `first: ${all}`);
      const alarms = alarmsOf(report);
      t.same(
        alarms.filter((rule) => mustNot.includes(rule)),
        [],
        all,
      );
      if (quiet) t.same(alarms, [], all);
      t.same(
        report.files.filter(({ status }) => status === 'damaged' || status === 'unreadable'),
        [],
      );
      t.same(
        report.notLookedAt.filter(({ what }) => !/locks/.test(what)),
        [],
        'the bundle has all but contention',
      );
    });

const mixed = async (...sources: Parameters<typeof diagnose>[0]) => {
  const report = await diagnose(sources);
  const finding = report.findings.find(({ rule }) => rule === 'mixed-processes');
  return {
    report,
    what: String(finding?.says.values.what ?? '').split(', '),
    evidence: (finding?.evidence ?? []).map(sayText).join('\n'),
  };
};

t.test('bundles of two programs: build ids, process ids, command lines and goroutines differ', async (t) => {
  const { report, what, evidence } = await mixed(bundlePath('own/healthy-idle'), bundlePath('shop/healthy-idle'));
  t.same([...what].sort(), ['build id', 'command line', 'goroutines', 'process', 'process id', 'time']);
  t.match(evidence, /build id [0-9a-f]{40}: .*own\/healthy-idle\.zip:goroutines\.pprof, /);
  t.match(evidence, /process id 20009: .*own\/healthy-idle\.zip:process\.json/);
  t.match(evidence, /command line shopd .*shop\/healthy-idle\.zip:vars\.json/);
  t.match(evidence, /healthy-idle\.zip:goroutines\.stacks and .*goroutines with the same ids were started elsewhere/);
  t.notOk(report.findings.some(({ rule }) => /growth|growing|heap-kept/.test(rule)));
});

t.test('files of two programs in one zip: dumps and heaps are not compared', async (t) => {
  const [idle, watch] = [membersOf('own/healthy-idle'), membersOf('shop/growth-watch')];
  const { report, what } = await mixed({
    name: 'mix.zip',
    bytes: zipped({
      ...only(idle, 'goroutines.stacks', 'heap.pprof', 'vars.json', 'process.json'),
      ...only(watch, 'goroutines.2.stacks', 'heap.2.pprof', 'vars/0004.json', 'process.2.json'),
    }),
  });
  t.ok(['build id', 'process id', 'command line', 'goroutines'].every((one) => what.includes(one)));
  t.notOk(report.findings.some(({ rule }) => /growth|growing|heap-kept/.test(rule)));
  t.match(
    report.notLookedAt.map(({ without }) => without),
    ['a second dump of the same process', 'a CPU profile', 'a second heap profile of the same process'],
  );
});

t.test('two processes of one build, told apart by their ids: no growth between them', async (t) => {
  const of = (name: string, ...members: string[]) => only(membersOf(name), ...members);
  const one = zipped({
    ...of('own/healthy-idle', 'goroutines.stacks', 'heap.pprof', 'vars.json', 'process.json'),
    ...of('own/growing', 'goroutines.2.stacks', 'heap.2.pprof', 'vars/0004.json', 'process.2.json'),
  });
  for (const sources of [
    [bundlePath('shop/healthy-idle'), bundlePath('shop/healthy-warm')],
    [bundlePath('shop/healthy-http'), bundlePath('shop/healthy-connections')],
    [{ name: 'one.zip', bytes: one }],
  ]) {
    const { report, what } = await mixed(...sources);
    t.ok(what.includes('process id'), what.join());
    t.notOk(
      report.findings.some(({ rule, severity }) => severity !== 'note' && /growth|growing|heap-kept/.test(rule)),
      told(report).join('\n'),
    );
  }
});

t.test('two bundles of one process are compared, and are no mixture', async (t) => {
  const all = membersOf('shop/growth-watch');
  const later = ['goroutines.2.stacks', 'heap.2.pprof', 'process.2.json', 'vars/0004.json', 'cpu.pprof'];
  const halves = [
    { name: 'before.zip', bytes: zipped(without(all, ...later, 'manifest.json')) },
    { name: 'after.zip', bytes: zipped(only(all, ...later)) },
  ];
  for (const sources of [halves, halves.toReversed()]) {
    const { report, what } = await mixed(...sources);
    t.same(what, ['']);
    t.ok(
      told(report).includes('warning goroutine-growth example.com/shop/stock.(*Warehouse).watch'),
      `${told(report)}`,
    );
  }
  const twice = await mixed(bundlePath('shop/growth-watch'), bundlePath('shop/growth-watch'));
  t.same(twice.what, ['']);
});

t.test('bundles hours apart of one process are a note', async (t) => {
  const all = membersOf('own/hot');
  const manifest = Buffer.from(all['manifest.json']).toString();
  const early = { ...all, 'manifest.json': Buffer.from(manifest.replaceAll('2026-12-01T01:', '2026-12-01T00:')) };
  const { report, what } = await mixed(
    { name: 'early.zip', bytes: zipped(only(early, 'goroutines.stacks', 'vars.json', 'manifest.json')) },
    { name: 'late.zip', bytes: zipped(only(all, 'cpu.pprof', 'vars/0004.json')) },
  );
  t.same(what, ['time']);
  t.equal(report.findings.find(({ rule }) => rule === 'mixed-processes')?.severity, 'note');
});

const folder = mkdtempSync(join(tmpdir(), 'tspprof-diagnose-'));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

t.test('where nothing can be diagnosed the error says what there is, where, and what to do', async (t) => {
  const nothing: readonly (readonly [name: string, path: string, fact: RegExp])[] = [
    ['an empty folder', mkdtempSync(join(folder, 'empty-')), /^it is empty$/],
    ['an empty zip', file('empty.zip', zipped({})), /^it is empty$/],
    ['an empty file', file('empty', ''), /it is empty/],
    ['a text', file('a.txt', 'hello\n'), /nothing in it that can be diagnosed/],
    [
      'a page',
      file('page.html', '<!DOCTYPE html><html><body>Log in</body></html>'),
      /an HTML page: a login or an error/,
    ],
    ['a JSON', file('a.json', '{"a": 1}'), /nothing in it that can be diagnosed/],
    ['a missing file', join(folder, 'missing.zip'), /there is no such file or folder/],
    ['a missing member', `${bundlePath('own/hot')}:no.pprof`, /./],
  ];
  for (const [name, path, fact] of nothing) {
    const error = await diagnose([path]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ProfileError)) throw new Error(`${name}: ${error}`);
    t.match(error.fact, fact, name);
    t.match(error.place?.source, path.replace(/:no\.pprof$/, ''), name);
    t.match(error.code, /^(unreadable|bad-option|not-a-bundle)$/, name);
    t.match(error.hint, /\w+ \w+/, name);
  }
  const { 'README.txt': readme, 'manifest.json': manifest } = membersOf('own/hot');
  await t.rejects(diagnoseMembers({ 'README.txt': readme, 'manifest.json': manifest }), {
    code: 'unreadable',
    place: { source: 'b.zip' },
    hint: /b\.zip:manifest\.json: .*; b\.zip:README\.txt: /,
  });
});

t.test('without Node a zip has the same findings', async (t) => {
  for (const name of ['own/all', 'shop/memory-and-goroutines']) {
    const files = [{ name: 'b.zip', bytes: bundleBytes(name) }];
    const [anywhere, node] = [await diagnoseAnywhere(files), await diagnose(files)];
    t.ok(anywhere.findings.length > 2);
    t.same(anywhere, node);
    t.equal([...renderDiagnose(anywhere, 'json')].join(''), [...renderDiagnose(node, 'json')].join(''));
  }
  const [bytes, stacks] = [bundleBytes('own/all'), membersOf('own/all')['goroutines.stacks']];
  const alone = await diagnoseAnywhere([{ name: 'my dump', bytes: stacks }]);
  t.match(rulesOf(alone), ['deadlock', 'goroutine-leak']);
  t.equal(alone.source, 'my dump');
  const cut = await diagnoseAnywhere([{ name: 'cut.zip', bytes: bytes.subarray(0, bytes.length - 5000) }]);
  t.ok(rulesOf(cut).includes('deadlock'), 'of a zip that lost its directory');
});

t.test('times of a bundle are by the clock of the program', async (t) => {
  const members = membersOf('own/healthy-idle');
  const manifest = JSON.parse(new TextDecoder().decode(members['manifest.json']));
  const at = async (clockOffsetSeconds: number) => {
    const text = JSON.stringify({ ...manifest, clockOffsetSeconds });
    const bytes = zipped({ ...only(members, 'goroutines.stacks'), 'manifest.json': new TextEncoder().encode(text) });
    return (await diagnose([{ name: 'a.zip', bytes }])).program.time ?? 0;
  };
  t.equal((await at(3600)) - (await at(0)), 3_600_000);
  t.equal((await at(-1)) - (await at(0)), 0, 'the header Date has whole seconds');
  t.equal(Number.isNaN(await at(Number.NaN)), false);
  t.end();
});
