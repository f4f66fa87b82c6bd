// DOT → SVG, its script in a window made of plain objects, and the way to a browser. A real browser is not needed.

import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import t from 'tap';
import { openers, openInBrowser, saveForBrowser } from '../src/face/cli/browser.js';
import { estimateLayout, layoutSvg } from '../src/index.js';
import { countEdges, prepareDot } from '../src/render/svg/prepare.js';
import { redraw } from '../src/render/svg/redraw.js';
import { type Element, parseXml } from './xml.js';

function all(element: Element, name: string): Element[] {
  const inside = element.children.flatMap((child) => (typeof child === 'string' ? [] : all(child, name)));
  return element.name === name || name === '*' ? [element, ...inside] : inside;
}
const text = (element: Element): string =>
  element.children.map((child) => (typeof child === 'string' ? child : text(child))).join('');
const texts = (svg: string, name: string) => all(parseXml(svg), name).map(text);

const escapeDot = (name: string) => name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\l');
/** A digraph as pprof writes it, of one node a name, each calling the next. */
function digraph(names: readonly string[], attributes = '', program = 'app'): string {
  const nodes = names.map((name, i) => {
    const tip = escapeDot(`${name} (3s)`);
    return `N${i + 1} [label="${escapeDot(name)}\\n3s (100%)" id="node${i + 1}" fontsize=24 shape=box tooltip="${tip}" color="#b20000" fillcolor="#edd5d5"${attributes}]`;
  });
  const edges = names
    .slice(1)
    .map(
      (name, i) =>
        `N${i + 1} -> N${i + 2} [label=" 3s" weight=100 penwidth=6 color="#b20000" tooltip="${escapeDot(`${names[i]} -> ${name} (3s)`)}" labeltooltip="${escapeDot(`${names[i]} -> ${name} (3s)`)}"]`,
    );
  const legend = `subgraph cluster_L { "File: ${escapeDot(program)}" [shape=box fontsize=16 label="File: ${escapeDot(program)}\\lType: cpu\\l" tooltip="${escapeDot(program)}"] }`;
  return `digraph "${escapeDot(program)}" {\nnode [style=filled fillcolor="#f8f8f8"]\n${legend}\n${nodes.join('\n')}\n${edges.join('\n')}\n}\n`;
}

t.test('a graph is an SVG with its size, its title, unique ids and tooltips of whole names', async (t) => {
  const svg = await layoutSvg(digraph(['main.main', 'main.work']));
  const root = parseXml(svg);
  t.equal(root.name, 'svg');
  t.match(root.attributes, {
    xmlns: 'http://www.w3.org/2000/svg',
    width: /^\d+pt$/,
    viewBox: /^0\.00 0\.00 [\d.]+ [\d.]+$/,
  });
  t.notMatch(svg, /DOCTYPE|<!--|xlink/);
  const titles = texts(svg, 'title');
  t.equal(titles[0], 'app', 'the name of the digraph');
  t.same([...new Set(titles.slice(1))].sort(), [
    'app',
    'main.main (3s)',
    'main.main -> main.work (3s)',
    'main.work (3s)',
  ]);
  const ids = all(root, '*').flatMap(({ attributes }) => attributes.id ?? []);
  t.equal(new Set(ids).size, ids.length);
  t.ok(['node1', 'node2', 'edge1', 'viewport'].every((id) => ids.includes(id)));
  const [node] = all(root, 'g').filter(({ attributes }) => attributes.id === 'node1');
  t.match(text(node), /^\s*main\.main \(3s\)/, 'the id is that of the function, not of the legend');
  const label = all(root, 'text').find((element) => text(element) === ' 3s');
  t.equal(label?.attributes['xml:space'], 'preserve', 'the space that keeps a label off its line stays');
  t.equal(
    texts(await layoutSvg(digraph(['a']), { title: 'cpu\u202e of <app>\x07' }), 'title')[0],
    'cpu\\u202e of <app>\\x07',
  );
});

const HOSTILE = [
  `"><script>alert(1)</script>`,
  `'" onload="alert(1)" x='`,
  ']]><script>alert(1)</script>',
  '</title></svg><svg onload=alert(1)>',
  '<!--',
  '-->',
  '<?xml?>',
  'javascript:alert(1)',
  'a&lt;b &amp; &#0; &#1; &#x202e; &nbsp; &bogus; &',
  'back\\slash \\" \\\\ \\N \\G \\n',
  'two\nlines',
  'tab\tand\rreturn',
  'url(http://example.com/)',
  'label="',
  ' -> ',
  'x -> y',
  '%s',
  '🙂 日本語 é',
];

t.test('a name cannot become markup: it is drawn and told as it is', async (t) => {
  const svg = await layoutSvg(digraph(HOSTILE), { title: HOSTILE.join(' ') });
  const root = parseXml(svg);
  t.equal(all(root, 'script').length, 1);
  t.match(svg, /<script><!\[CDATA\[\n\(function \(\) \{/);
  t.same([...new Set(all(root, '*').map(({ name }) => name))].sort(), [
    'g',
    'path',
    'polygon',
    'script',
    'svg',
    'text',
    'title',
  ]);
  const attributes = all(root, '*').flatMap((element) => Object.entries(element.attributes));
  t.same(
    attributes.filter(([name, value]) => /^on|href/.test(name) || value.includes('url(')),
    [],
  );
  const tips = texts(svg, 'title').map((tip) => tip.trimEnd());
  for (const name of HOSTILE) {
    const expected = `${name.replaceAll('\r', '\\x0d')} (3s)`;
    t.ok(tips.includes(expected), JSON.stringify(name));
    const lines = name.replaceAll('\r', '\\x0d').split('\n');
    const drawn = texts(svg, 'text');
    for (const line of lines) t.ok(drawn.includes(line), `drawn: ${JSON.stringify(line)}`);
  }
});

t.test('neither can the name of the program', async (t) => {
  for (const program of HOSTILE) {
    const svg = await layoutSvg(digraph(['a'], '', program));
    const root = parseXml(svg);
    t.equal(all(root, 'script').length, 1, JSON.stringify(program));
    t.ok(
      texts(svg, 'text').includes(`File: ${program.replaceAll('\r', '\\x0d').split('\n')[0]}`),
      JSON.stringify(program),
    );
  }
});

t.test('what is not seen, or not allowed in XML, is spelled out; bytes that are no UTF-8, too', async (t) => {
  const controls = Array.from({ length: 0xa0 }, (_, i) => String.fromCharCode(i)).join('');
  const name = `${controls}\u200b\u200f\u2028\u202e\u2066\ufeff\ufffe\uffff\ud83d\udc80\udcff\ud800|`;
  const svg = await layoutSvg(digraph([name]));
  const tip = texts(svg, 'title').find((each) => each.includes('|')) ?? '';
  t.match(tip, '\\x00\\x01\\x02');
  t.match(tip, '\\x80\\x81');
  t.match(tip, '\\u200b\\u200f\\u2028\\u202e\\u2066\\ufeff\\ufffe\\uffff💀\\xff\\ud800|');
  t.notMatch(svg, /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u200f\u2028\u202e\u2066\ufeff\ufffe\uffff]/);
  t.equal(texts(await layoutSvg(digraph(['\udce9t\udce9'])), 'text').includes('\\xe9t\\xe9'), true);
});

t.test(
  'lines too wide for a window lose their middle, labels too high their middle lines; tooltips keep 10,000',
  async (t) => {
    const name = `std::map<${'"quoted&", '.repeat(900)}int>::end`;
    const svg = await layoutSvg(digraph([name, 'x'.repeat(1_000_000), Array(5000).fill('line').join('\n')]));
    const drawn = texts(svg, 'text');
    t.ok(drawn.every((line) => [...line].length <= 120));
    t.ok(
      drawn.some((line) => line.startsWith('std::map<"quoted&", ') && line.includes('…') && line.endsWith('int>::end')),
    );
    t.ok(texts(svg, 'title').includes(`${name} (3s)`));
    t.ok(texts(svg, 'title').every((tip) => tip.length < 30_000));
    t.ok(drawn.filter((line) => line === 'line').length < 110);
    t.ok(drawn.some((line) => /^… \d+ lines …$/.test(line)));
    t.ok(Number.parseInt(parseXml(svg).attributes.width, 10) < 3000);
  },
);

t.test('links go to the web or nowhere', async (t) => {
  const link = async (url: string) =>
    all(parseXml(await layoutSvg(digraph(['a'], ` URL="${escapeDot(url)}" target="_blank"`))), 'a').map(
      ({ attributes }) => attributes,
    );
  t.same(await link('https://example.com/?a=1&b=<2>&amp;"'), [
    { href: 'https://example.com/?a=1&b=<2>&amp;"', target: '_blank', rel: 'noopener noreferrer' },
  ]);
  for (const url of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,<script>',
    'file:///etc/passwd',
    '//x',
  ])
    t.same(await link(url), [], url);
});

t.test('an attribute that Graphviz does not escape ends the work', async (t) => {
  await t.rejects(layoutSvg('digraph "a" {\nN1 [label="a" fontname="x\\" onclick=\\"alert(1)<"]\n}\n'), {
    code: 'internal',
    message: /no SVG/,
  });
  const svg = await layoutSvg('digraph "a" {\nN1 [label="a" fontname="x\\" onclick=\\"alert(1)"]\n}\n');
  t.notMatch(svg.replace(/<script>[\s\S]*/, ''), /onclick/, 'attributes that are not in the table are left out');
  parseXml(svg);
  for (const broken of ['<svg', '<svg width="1"><g></svg>', '</g>', '<svg width="1" height="1" viewBox="0 0 1 1">'])
    t.throws(() => redraw(broken), { code: 'internal' }, broken);
  parseXml(
    await layoutSvg(
      'digraph "a" {\nx [image="/etc/passwd" style=filled fillcolor="red:blue" label=<<b>bold</b>>]\n}\n',
    ),
  );
});

t.test('DOT that Graphviz refuses is an error with the line and what stands there', async (t) => {
  const refused = (dot: string, message: RegExp) => t.rejects(layoutSvg(dot), { code: 'malformed', message });
  await refused(
    'digraph "a" {\nN1 [label="x"y"]\n}\n',
    /syntax error.*N1|syntax error.*\} \(dot line 3\)|dot line [23]/,
  );
  await refused('digraph "a" {\nN1 -> -> N2\n}\n', /syntax error near ->: N1 -> -> N2 \(dot line 2\)/);
  await refused('hello\n', /near hello: hello \(dot line 1\)/);
  await refused('', /no graph/);
  await refused('digraph "a" {\nN1 [label="\x1b[31m\n', /syntax error/);
  t.match(await layoutSvg(digraph(['a'])), /<svg/, 'the next graph is drawn');
});

t.test('a graph too big to lay out says how to make it smaller', async (t) => {
  const edges = Array.from({ length: 50_001 }, (_, i) => `N${i} -> N${i + 1} [label=" 1"]`);
  await t.rejects(layoutSvg(`digraph "a" {\n${edges.join('\n')}\n}\n`), {
    code: 'too-large',
    message: /50001 edges/,
    hint: /-nodecount=80.*-nodefraction/,
  });
  const chain = edges.slice(0, 40_000);
  await t.rejects(layoutSvg(`digraph "a" {\n${chain.join('\n')}\n}\n`), {
    code: 'too-large',
    message: /more memory or a deeper stack.*call stack/,
  });
  t.match(await layoutSvg(digraph(['a'])), /<svg/, 'the next graph is drawn');
});

t.test('the estimate grows with the edges; many of them are straight lines', (t) => {
  const chain = (n: number) => digraph(Array.from({ length: n + 1 }, (_, i) => `f -> ${i}`));
  t.equal(countEdges(chain(7)), 7, 'arrows in tooltips are none');
  t.ok(estimateLayout(chain(80)).seconds < 0.3);
  t.ok(estimateLayout(chain(500)).seconds > 1);
  t.ok(estimateLayout(chain(20_000)).seconds > 60);
  t.same(
    [900, 1100].map((n) => estimateLayout(chain(n)).straight),
    [false, true],
  );
  t.equal(prepareDot(chain(400)), chain(400), 'an ordinary graph is laid out as Graphviz does it');
  t.match(prepareDot(chain(1100)), /splines=line\}\n$/);
  t.end();
});

// A window, as far as the script needs one.
class FakeElement {
  readonly attributes: Record<string, string> = {};
  readonly children: FakeElement[] = [];
  readonly listeners: [string, (event: object) => void][] = [];
  readonly style: Record<string, string> = {};
  readonly namespaceURI = 'http://www.w3.org/2000/svg';
  parentNode: FakeElement | undefined;
  viewBox: { baseVal: { width: number; height: number } } | undefined;
  textContent = '';
  setAttribute(name: string, value: unknown) {
    this.attributes[name] = String(value);
  }
  removeAttribute(name: string) {
    delete this.attributes[name];
  }
  appendChild(child: FakeElement) {
    child.parentNode = this;
    this.children.push(child);
    return child;
  }
  removeChild(child: FakeElement) {
    child.parentNode = undefined;
    this.children.splice(this.children.indexOf(child), 1);
  }
  addEventListener(type: string, listener: (event: object) => void) {
    this.listeners.push([type, listener]);
  }
  querySelectorAll() {
    return [];
  }
  setPointerCapture() {}
  fire(type: string, event: object) {
    let prevented = false;
    const preventDefault = () => {
      prevented = true;
    };
    for (const [name, listener] of this.listeners)
      if (name === type) listener({ preventDefault, stopPropagation() {}, ...event });
    return prevented;
  }
}

async function showInWindow(width: number, height: number, points: { width: number; height: number }) {
  const svg = await layoutSvg(digraph(['a']));
  const script = texts(svg, 'script')[0];
  const root = new FakeElement();
  root.viewBox = { baseVal: points };
  root.attributes.viewBox = 'as Graphviz gives it';
  const view = new FakeElement();
  const window = Object.assign(new FakeElement(), { innerWidth: width, innerHeight: height, PointerEvent: true });
  const document = {
    documentElement: root,
    getElementById: () => view,
    createElementNS: () => new FakeElement(),
  };
  runInContext(script, createContext({ document, window, setTimeout: (act: () => void) => act() }));
  const at = () => {
    const [scale, , , , x, y] = (view.attributes.transform.match(/-?[\d.e-]+/g) ?? []).map(Number);
    return { scale, x, y };
  };
  return { root, window, at };
}

t.test('at first the whole picture, not above its natural size; a large one at a size that can be read', async (t) => {
  const small = await showInWindow(1000, 500, { width: 150, height: 75 });
  t.equal(small.at().scale, 4 / 3, 'points are 4/3 pixels');
  t.equal(small.at().x, 400);
  t.match(small.root.attributes, { width: '100%', height: '100%' });
  t.equal(small.root.attributes.viewBox, undefined);
  t.equal((await showInWindow(1000, 500, { width: 1000, height: 400 })).at().scale, 1);
  const large = await showInWindow(1000, 500, { width: 2000, height: 5000 });
  t.same(large.at(), { scale: 0.75, x: -250, y: 0 });
});

t.test('wheel, drag, pinch, double click, keys and buttons move and zoom', async (t) => {
  const { root, window, at } = await showInWindow(1000, 500, { width: 2000, height: 5000 });
  const key = (name: string, more = {}) => window.fire('keydown', { key: name, ...more });
  const under = (x: number, y: number) => [(x - at().x) / at().scale, (y - at().y) / at().scale].map(Math.round);
  const pointer = (type: string, pointerId: number, clientX: number, clientY: number) =>
    root.fire(type, { pointerId, clientX, clientY, button: 0, buttons: 1, pointerType: 'touch' });

  let before = under(300, 200);
  t.ok(root.fire('wheel', { deltaY: -100, deltaMode: 0, clientX: 300, clientY: 200 }), 'the page does not scroll');
  t.ok(at().scale > 0.75);
  t.same(under(300, 200), before, 'about the pointer');
  root.fire('wheel', { deltaY: 100, deltaMode: 0, clientX: 300, clientY: 200 });
  t.equal(Math.round(at().scale * 1000), 750);

  pointer('pointerdown', 1, 300, 200);
  pointer('pointermove', 1, 302, 200);
  t.equal(Math.round(at().x), -250, 'a click that trembles moves nothing');
  pointer('pointermove', 1, 200, 100);
  t.same([at().x, at().y].map(Math.round), [-350, -100]);
  pointer('pointerup', 1, 200, 100);
  pointer('pointermove', 1, 0, 0);
  t.equal(Math.round(at().x), -350);

  before = under(350, 200);
  pointer('pointerdown', 1, 300, 200);
  pointer('pointerdown', 2, 400, 200);
  pointer('pointermove', 1, 250, 200);
  pointer('pointermove', 2, 450, 200);
  t.equal(at().scale.toFixed(6), '1.500000', 'two fingers twice as far apart');
  t.same(under(350, 200), before, 'about their middle');
  pointer('pointerup', 1, 250, 200);
  pointer('pointerup', 2, 450, 200);

  before = under(100, 100);
  root.fire('dblclick', { clientX: 100, clientY: 100 });
  t.equal(at().scale.toFixed(6), '3.000000');
  t.same(under(100, 100), before);

  for (const [name, change] of [
    ['+', (a, b) => b.scale > a.scale],
    ['-', (a, b) => b.scale < a.scale],
    ['ArrowLeft', (a, b) => b.x > a.x],
    ['ArrowRight', (a, b) => b.x < a.x],
    ['ArrowUp', (a, b) => b.y > a.y],
    ['ArrowDown', (a, b) => b.y < a.y],
    ['0', (_, b) => b.scale === 0.1 && b.x === 400],
    ['1', (_, b) => b.scale === 0.75],
  ] as readonly [string, (a: ReturnType<typeof at>, b: ReturnType<typeof at>) => boolean][]) {
    const a = at();
    t.ok(key(name), name);
    t.ok(change(a, at()), name);
  }
  t.notOk(key('+', { ctrlKey: true }), 'the zoom of the browser is its own');
  for (let i = 0; i < 100; i++) key('ArrowLeft');
  t.ok(at().x <= 1000 - 80, 'some of the picture stays in the window');
  for (let i = 0; i < 100; i++) key('-');
  t.ok(at().scale >= 0.05);
  const buttons = root.children.filter(({ attributes }) => attributes.role === 'button');
  t.same(
    buttons.map(({ attributes }) => attributes['aria-label']),
    ['Zoom in (+)', 'Zoom out (-)', 'The whole graph (0)'],
  );
  const { scale } = at();
  buttons[0].fire('click', {});
  t.ok(at().scale > scale);
});

const linux = { platform: 'linux', env: { DISPLAY: ':0' } } as const;
const commands = (system: Parameters<typeof openers>[1]) =>
  openers('/tmp/p.svg', system).map((opener) => [opener.command, ...opener.arguments].join(' '));

t.test('$BROWSER comes first, then what the system has; without a display nothing is tried', (t) => {
  t.match(commands(linux)[0], 'google-chrome /tmp/p.svg');
  t.equal(commands(linux).at(-1), 'xdg-open /tmp/p.svg');
  t.same(commands({ platform: 'linux', env: {} }), []);
  t.ok(commands({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } }).length > 0);
  t.same(commands({ platform: 'linux', env: { BROWSER: 'firefox -P "my profile":lynx %s -dump::' } }), [
    'firefox -P my profile /tmp/p.svg',
    'lynx /tmp/p.svg -dump',
  ]);
  t.same(openers('/p', { platform: 'linux', env: { BROWSER: 'a "b c"' } })[0].arguments, ['b c', '/p']);
  t.same(commands({ platform: 'linux', env: { ...linux.env, BROWSER: 'none' } }), []);
  t.same(commands({ platform: 'darwin', env: {} }), ['/usr/bin/open /tmp/p.svg']);
  t.same(openers('C:\\a & b\\p.svg', { platform: 'win32', env: {} })[0].arguments, [
    '/d',
    '/c',
    'start "" "C:\\a & b\\p.svg"',
  ]);
  t.match(commands({ platform: 'win32', env: { BROWSER: 'C:\\b.exe' } })[0], 'C:\\b.exe /tmp/p.svg');
  t.same(commands({ platform: 'linux', env: { WSL_DISTRO_NAME: 'Ubuntu' } }), [
    'wslview /tmp/p.svg',
    'explorer.exe \\\\wsl.localhost\\Ubuntu\\tmp\\p.svg',
  ]);
  t.end();
});

t.test('a browser that is not there or fails at once is passed over; nobody waits for one that runs', async (t) => {
  const folder = t.testdir();
  const script = (name: string, body: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const told = join(folder, 'told');
  const fails = script('fails', 'exit 3');
  const works = script('works', `printf %s "$1" > ${told}.new && mv ${told}.new ${told}`);
  const stays = script('stays', 'sleep 5');
  const open = (browser: string) => openInBrowser('/tmp/p 1.svg', { platform: 'linux', env: { BROWSER: browser } });
  t.equal(await open(`/nowhere/browser:${folder}:${fails}:${works}`), true);
  t.ok(existsSync(told));
  t.equal(readFileSync(told, 'utf8'), '/tmp/p 1.svg');
  const started = performance.now();
  t.equal(await open(stays), true);
  t.ok(performance.now() - started < 3000);
  t.equal(await open('/nowhere/browser'), false);
  t.equal(await open('a\0b'), false);
  t.equal(await openInBrowser('/tmp/p.svg', { platform: 'linux', env: {} }), false);
});

t.test('a file for the browser is new, numbered as pprof does it, and nobody else can read it', (t) => {
  const folder = t.testdir({ elsewhere: 'kept' });
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'pprof002.svg'));
  t.equal(saveForBrowser([Buffer.from('<svg/>')], 'svg', folder), join(folder, 'pprof001.svg'));
  t.equal(
    saveForBrowser([Buffer.from('ü')], 'svg', folder),
    join(folder, 'pprof003.svg'),
    'a link that was there is not followed',
  );
  t.equal(readFileSync(join(folder, 'pprof003.svg'), 'utf8'), 'ü');
  t.equal(readFileSync(join(folder, 'elsewhere'), 'utf8'), 'kept');
  if (process.platform !== 'win32') t.equal(statSync(join(folder, 'pprof001.svg')).mode & 0o777, 0o600);
  t.throws(() => saveForBrowser([], 'svg', join(folder, 'nosuch')), { code: 'unreadable', hint: /-output/ });
  t.equal(readdirSync(folder).length, 4);
  t.end();
});
