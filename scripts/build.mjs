// Builds everything: the WASM core (release and debug), its embedding, the library and the bundled command.
//   node scripts/build.mjs          build
//   node scripts/build.mjs --core   the core and its embedding alone
//   node scripts/build.mjs --check  fail if the embedded core is not the one that the sources give
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const require = createRequire(import.meta.url);
const run = (tool, ...args) => execFileSync(process.execPath, [tool, ...args], { stdio: 'inherit' });
const bin = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

const EMBEDDED = 'src/core/wasm.ts';

function buildCore() {
  mkdirSync('build', { recursive: true });
  for (const target of ['release', 'debug']) {
    run(bin('assemblyscript', 'bin/asc.js'), '--config', 'asconfig.json', '--target', target);
  }
}

/** The module as base64 and its exports as the compiler declares them, in one TypeScript file. */
function embedding() {
  const base64 = readFileSync('build/tspprof.wasm').toString('base64');
  const declared = readFileSync('build/tspprof.d.ts', 'utf8');
  const functions = [...declared.matchAll(/^ {2}export function (\w+)\((.*)\): (\w+);$/gm)].map(
    ([, name, args, type]) => ({ name, args, type }),
  );
  const globals = [
    ...declared.matchAll(/^ {2}export const (\w+): \{\n(?: {4}\/\*\*.*\*\/\n)* {4}get value\(\): (\w+);?\n/gm),
  ].map(([, name, type]) => ({ name, type }));
  const list = (names) => names.map((n) => `'${n}'`).join(', ');
  return `// Made by scripts/build.mjs from assembly/: do not edit. CI checks that it is what the sources give.

/** The exports as the compiler declares them. A global's value is read at use. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
${functions.map((f) => `  ${f.name}(${f.args}): ${f.type};`).join('\n')}
${globals.map((g) => `  readonly ${g.name}: { readonly value: ${g.type} };`).join('\n')}
}

export const FUNCTIONS = [${list(functions.map((f) => f.name))}] as const;
export const GLOBALS = [${list(globals.map((g) => g.name))}] as const;

export const WASM_BASE64 =
  '${base64}';
`;
}

buildCore();
if (process.argv.includes('--check')) {
  if (!existsSync(EMBEDDED) || readFileSync(EMBEDDED, 'utf8') !== embedding()) {
    console.error(`${EMBEDDED} is not what assembly/ gives: run npm run build and commit it`);
    process.exit(1);
  }
  process.exit(0);
}
const text = embedding();
if (!existsSync(EMBEDDED) || readFileSync(EMBEDDED, 'utf8') !== text) writeFileSync(EMBEDDED, text);
if (process.argv.includes('--core')) process.exit(0);

rmSync('dist', { recursive: true, force: true });
run(bin('typescript', 'bin/tsc'), '-p', 'tsconfig.build.json');
copyFileSync('build/tspprof.wasm', 'dist/tspprof.wasm');

// One CommonJS file starts 3-9 ms sooner than ES modules from node_modules. What few runs need is a file of its own that
// loads at first use: the regexp engine (6 ms) when a regexp is given, the layout of graphs (0.8 MB) for an SVG.
const { build } = await import('esbuild');
const lazy = {
  name: 'lazy',
  setup(b) {
    const swap = (filter, contents) => b.onLoad({ filter }, () => ({ contents, loader: 'ts' }));
    swap(/src[\\/]query[\\/]re2\.ts$/, `export const re2 = () => require('./re2.cjs').RE2JS;`);
    b.onResolve({ filter: /^\.\/re2\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};
// What writes profiles takes plain data, so that it can be a file of its own: 0.7 ms less for everybody else.
const lazyEncoder = {
  name: 'lazy-encoder',
  setup(b) {
    b.onLoad({ filter: /src[\\/]encode[\\/]encode\.ts$/ }, () => ({
      contents: `export const encodeDump = (...args) => require('./encode.cjs').encodeDump(...args);
        export const encodeProfile = (...args) => require('./encode.cjs').encodeProfile(...args);
        export const encodePlain = (...args) => require('./encode.cjs').encodePlain(...args);
        export const encodeTextProfile = (...args) => require('./encode.cjs').encodeTextProfile(...args);
        export const encodeTopProto = (...args) => require('./encode.cjs').encodeTopProto(...args);`,
      loader: 'ts',
    }));
    b.onResolve({ filter: /^\.\/encode\.cjs$/ }, () => ({ path: './encode.cjs', external: true }));
  },
};
// Of protobufjs the command needs the Reader alone, a third of it, and its encoder the Writer.
const protobufOf = (name) => ({
  name: 'protobuf-part',
  setup(b) {
    b.onLoad({ filter: /protobufjs[\\/]minimal\.js$/ }, () => ({
      contents: `module.exports = { ${name}: require('protobufjs/src/${name.toLowerCase()}.js') };`,
      resolveDir: root,
    }));
  },
});
// fflate sets up its tables when it is loaded, 5 ms; files are inflated by zlib.
const lazyFflate = {
  name: 'lazy-fflate',
  setup(b) {
    b.onResolve({ filter: /^fflate$/ }, () => ({ path: 'fflate', namespace: 'lazy-fflate' }));
    b.onLoad({ filter: /.*/, namespace: 'lazy-fflate' }, () => ({
      contents: `const make = (name) => function (...args) { return new (require('./fflate.cjs')[name])(...args); };
        export const Gunzip = make('Gunzip');
        export const Inflate = make('Inflate');
        export const Deflate = make('Deflate');
        export const gzipSync = (...args) => require('./fflate.cjs').gzipSync(...args);`,
      loader: 'ts',
    }));
    b.onResolve({ filter: /^\.\/fflate\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};
const bundle = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};
await build({ ...bundle, entryPoints: [require.resolve('re2js')], outfile: 'dist/re2.cjs' });
// For browsers it needs no worker threads, whose modules take Node 4 ms.
const fflate = join(dirname(require.resolve('fflate/package.json')), 'esm/browser.js');
await build({ ...bundle, entryPoints: [fflate], outfile: 'dist/fflate.cjs' });
await build({
  ...bundle,
  entryPoints: ['src/encode/encode.ts'],
  outfile: 'dist/encode.cjs',
  plugins: [protobufOf('Writer')],
});
// The command is a small file that loads what is run: top.cjs for reports of profiles, more.cjs for the rest. What is compiled and set up
// for nothing would cost every `tspprof top` 30 ms.
const families = {
  name: 'families',
  setup(b) {
    // require(): the loader of modules takes 5 ms and more.
    b.onLoad({ filter: /cli[\\/]lazy\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /import\('\.\/(\w+)\.js'\)/g,
        "Promise.resolve(require('./$1.cjs'))",
      ),
      loader: 'ts',
    }));
    b.onResolve({ filter: /^\.\/(more|top)\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};
for (const [entry, outfile] of [
  ['main', 'cli'],
  ['top', 'top'],
  ['more', 'more'],
]) {
  await build({
    ...bundle,
    entryPoints: [`src/face/cli/${entry}.ts`],
    outfile: `dist/${outfile}.cjs`,
    ...(entry === 'main' ? { banner: { js: '#!/usr/bin/env node' } } : {}),
    // Graphviz (0.8 MB, with a licence of its own) stays a package that loads when a graph is drawn.
    external: ['@hpcc-js/wasm-graphviz'],
    plugins: [lazy, lazyEncoder, lazyFflate, families, protobufOf('Reader')],
  });
}
chmodSync('dist/cli.cjs', 0o755);
