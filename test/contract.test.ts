// The numbered lines of assembly/README.md, and the direction of imports.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { setCore } from '../src/core/instance.js';
import { openBytes, report, VERSION } from '../src/index.js';
import { draw, encode, randomDrawing } from './draw.js';

const release = new Uint8Array(readFileSync(new URL('../build/tspprof.wasm', import.meta.url)));

t.test('2: a scope leaves the memory as it found it, also when the query fails', (t) => {
  const profile = openBytes(encode(randomDrawing(9)));
  report(profile, 'top');
  const { top } = profile.stacks;
  report(profile, 'top', { granularity: 'lines', tagroot: 'k', focus: 'f1' });
  t.equal(profile.stacks.top, top);
  t.throws(() => report(profile, 'top', { sample_index: 'nosuch' }));
  t.equal(profile.stacks.top, top);
  t.throws(() => profile.stacks.scope(() => report(profile, 'top')), { code: 'internal' }, 'scopes do not nest');
  t.equal(profile.stacks.top, top);
  t.end();
});

t.test('3, 4: results stay valid when the memory grows later', (t) => {
  const profile = openBytes(draw('a;b 3\na 4'));
  const first = report(profile, 'top');
  openBytes(encode(randomDrawing(2)));
  report(profile, 'top', { tagroot: 'x' });
  t.same(
    first.rows.map((row) => row.flat),
    [4n, 3n],
  );
  t.end();
});

t.test('9: a core of another version, or with other exports, is refused', (t) => {
  t.teardown(() => setCore(undefined));
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  setCore(empty);
  t.throws(() => openBytes(draw('a 1')), { code: 'internal', message: /exports/ });
  // abiVersion() returns a constant; find its body and change it.
  const changed = release.slice();
  const module = new WebAssembly.Module(release);
  t.ok(WebAssembly.Module.exports(module).some(({ name }) => name === 'abiVersion'));
  const body = Buffer.from(changed).indexOf(Buffer.from([4, 0, 0x41, 1, 0x0b]));
  t.ok(body > 0);
  changed[body + 3] = 99 & 0x3f;
  setCore(changed);
  t.throws(() => openBytes(draw('a 1')), { code: 'internal', message: /version 35/ });
  t.end();
});

t.test('no second implementation answers: when an export of the core throws, top fails', (t) => {
  // Each function's code becomes "unreachable" in turn; those that top needs must make it fail.
  t.teardown(() => setCore(undefined));
  const needed = new Set([
    'takeSamples',
    'takeMessages',
    'decodeLocations',
    'decodeFunctions',
    'decodeStrings',
    'checkSamples',
    'internNodes',
    'sumTotals',
    'keepNodes',
    'sortList',
    'gather',
    'weighMarkedRows',
    'markRows',
  ]);
  const { Instance } = WebAssembly;
  t.teardown(() => {
    WebAssembly.Instance = Instance;
  });
  for (const name of needed) {
    WebAssembly.Instance = class {
      readonly exports: WebAssembly.Exports;
      constructor(module: WebAssembly.Module) {
        const { exports } = new Instance(module, {});
        this.exports = {
          ...exports,
          [name]: () => {
            throw new Error(`${name} was called`);
          },
        };
      }
    };
    t.throws(() => report(openBytes(draw('a;f>g 3')), 'top'), { message: `${name} was called` }, name);
  }
  t.end();
});

t.test('the version is that of the package', (t) => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  t.equal(VERSION, JSON.parse(text).version);
  t.end();
});

t.test('imports go down the arrow only', (t) => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const allowed: Record<string, readonly string[]> = {
    model: ['model'],
    errors: [],
    units: ['units'],
    core: ['core', 'model', 'errors'],
    source: ['source', 'model', 'errors'],
    decode: ['decode', 'core', 'model', 'errors'],
    redact: ['redact', 'decode', 'model', 'errors', 'source'],
    transform: ['transform', 'decode', 'core', 'model', 'units', 'errors'],
    query: ['query', 'decode', 'core', 'model', 'units', 'errors'],
    analyse: ['analyse', 'decode', 'core', 'model', 'errors'],
    collect: ['collect', 'bundle', 'encode', 'source', 'decode', 'model', 'errors', 'version'],
    bundle: ['bundle', 'source', 'decode', 'model', 'errors'],
    diagnosis: [
      ...[
        'diagnosis',
        'bundle',
        'report',
        'analyse',
        'decode',
        'transform',
        'source',
        'core',
        'model',
        'errors',
        'input',
      ],
    ],
    place: ['bundle', 'source', 'decode', 'model', 'errors'],
    live: ['source', 'decode', 'errors'],
    encode: ['encode', 'report', 'query', 'transform', 'decode', 'core', 'model', 'errors'],
    report: ['report', 'analyse', 'query', 'core', 'model', 'units', 'errors'],
    render: ['render', 'report', 'analyse', 'core', 'model', 'units', 'errors'],
  };
  const nodeSources = new Set(
    ['code', 'disk', 'file', 'folder', 'hash', 'http', 'localProcess', 'targets'].map((name) => `source/${name}.ts`),
  );
  const folderOf = (path: string) => (path.includes('/') ? path.split('/')[0] : path.replace('.ts', ''));
  for (const file of files) {
    const text = readFileSync(join(src, file), 'utf8');
    const folder = folderOf(file);
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    for (const from of imports) {
      if (from.startsWith('node:')) {
        t.ok(['node', 'sources', 'parts', 'face'].includes(folder) || nodeSources.has(file), `${file} imports ${from}`);
        continue;
      }
      if (!from.startsWith('.')) continue;
      const target = relative(src, join(src, dirname(file), from)).replace(/\.js$/, '.ts');
      if (folder === 'face')
        t.ok(target.startsWith('face/') || target === 'node.ts' || target === 'index.ts', `${file} imports ${target}`);
      else if (allowed[folder] !== undefined)
        t.ok(allowed[folder].includes(folderOf(target)), `${file} imports ${target}`);
    }
  }
  t.end();
});
