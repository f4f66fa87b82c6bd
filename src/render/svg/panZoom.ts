// The script inside of the SVG: drag, wheel, pinch, double click, keys and three buttons move and zoom the picture. It
// runs where the SVG is a document of its own (a file in a browser, an iframe); elsewhere the picture stays as it is.
//
//   window (pixels) = scale · picture (points) + (x, y)        kept in the transform of <g id="viewport">
//
// At first the whole picture, never above its natural size. Where that would be too small to read, its top at a size
// that can be read: the legend and the roots. A string and not the source of a function, which bundlers rewrite: then it
// would fail in the browser. "]]>" must not be in it.

export const PAN_ZOOM = `(function () {
  'use strict';
  var svg = document.documentElement, view = document.getElementById('viewport'), NS = 'http://www.w3.org/2000/svg';
  if (!view || svg.namespaceURI !== NS || !svg.viewBox || !window.PointerEvent) return;
  // 4/3: points to pixels. READABLE: the smallest font, 8 points, is 6 pixels high, the largest 18.
  var NATURAL = 4 / 3, READABLE = 0.75, MOST = 12;
  var wide = svg.viewBox.baseVal.width, high = svg.viewBox.baseVal.height;
  if (!(wide > 0 && high > 0)) return;
  var scale = 1, x = 0, y = 0, touched = false, moved = false, pointers = {};

  svg.removeAttribute('viewBox');
  svg.setAttribute('width', '100%');
  svg.setAttribute('height', '100%');
  svg.style.cssText = 'cursor:grab;overflow:hidden;touch-action:none;-webkit-user-select:none;user-select:none';

  function size() { return { w: window.innerWidth || wide, h: window.innerHeight || high }; }
  function whole() { var s = size(); return Math.min(s.w / wide, s.h / high, NATURAL); }
  function draw() {
    // A part of the picture stays in the window.
    var s = size(), edge = Math.min(80, s.w / 4, s.h / 4);
    x = Math.min(s.w - edge, Math.max(edge - wide * scale, x));
    y = Math.min(s.h - edge, Math.max(edge - high * scale, y));
    view.setAttribute('transform', 'matrix(' + [scale, 0, 0, scale, x, y].join(' ') + ')');
  }
  function show(at) {
    var s = size();
    scale = at;
    x = (s.w - wide * scale) / 2;
    y = Math.max(0, (s.h - high * scale) / 2);
    draw();
  }
  function start() {
    var s = size();
    show(Math.min(NATURAL, Math.max(READABLE, whole())));
    if (wide * scale <= s.w) return;
    // Wider than the window: what stands at the top, the legend and the first root, in the middle or from its left edge.
    var tops = [].map.call(view.querySelectorAll('.node'), function (node) { return node.getBoundingClientRect(); });
    tops.sort(function (a, b) { return a.top - b.top; });
    tops.length = Math.min(2, tops.length);
    if (tops.length === 0) return;
    var left = Math.min.apply(null, tops.map(function (r) { return r.left; }));
    var right = Math.max.apply(null, tops.map(function (r) { return r.right; }));
    var margin = Math.max(12, (s.w - (right - left)) / 2);
    x = Math.min(0, Math.max(s.w - wide * scale, x + margin - left));
    draw();
  }
  function zoom(by, px, py) {
    var to = Math.min(MOST, Math.max(whole() / 2, scale * by));
    x = px - (px - x) * to / scale;
    y = py - (py - y) * to / scale;
    scale = to;
    touch();
  }
  function zoomMiddle(by) { var s = size(); zoom(by, s.w / 2, s.h / 2); }
  function move(dx, dy) { x += dx; y += dy; touch(); }
  function all() { show(whole()); touch(); }
  function touch() {
    touched = true;
    if (hint.parentNode) svg.removeChild(hint);
    draw();
  }

  function down() { return Object.keys(pointers).map(function (id) { return pointers[id]; }); }
  function on(type, listener) { svg.addEventListener(type, listener, { passive: false }); }
  svg.addEventListener('pointerdown', function () { if (down().length === 0) moved = false; }, true);
  on('pointerdown', function (e) {
    if (e.button !== 0) return;
    pointers[e.pointerId] = { x: e.clientX, y: e.clientY };
  });
  on('pointermove', function (e) {
    var p = pointers[e.pointerId];
    if (!p) return;
    if (e.pointerType === 'mouse' && e.buttons === 0) return lift(e);
    var dx = e.clientX - p.x, dy = e.clientY - p.y;
    // A click may tremble; a link is not followed after a drag.
    if (!moved && Math.abs(dx) + Math.abs(dy) < 4) return;
    if (!moved) {
      moved = true;
      svg.style.cursor = 'grabbing';
    }
    try { svg.setPointerCapture(e.pointerId); } catch (ignored) { /* the pointer has left */ }
    var two = down();
    if (two.length >= 2) {
      var o = two[0] === p ? two[1] : two[0];
      var before = Math.hypot(p.x - o.x, p.y - o.y), after = Math.hypot(e.clientX - o.x, e.clientY - o.y);
      move(dx / 2, dy / 2);
      if (before > 0 && after > 0) zoom(after / before, (e.clientX + o.x) / 2, (e.clientY + o.y) / 2);
    } else move(dx, dy);
    p.x = e.clientX;
    p.y = e.clientY;
  });
  function lift(e) {
    delete pointers[e.pointerId];
    if (down().length > 0) return;
    svg.style.cursor = 'grab';
    // After the click that ends a drag.
    setTimeout(function () { moved = false; }, 0);
  }
  on('pointerup', lift);
  on('pointercancel', lift);
  on('dragstart', function (e) { e.preventDefault(); });
  svg.addEventListener('click', function (e) {
    if (!moved) return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
  on('wheel', function (e) {
    e.preventDefault();
    var unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 100 : 1;
    if (e.deltaY === 0) return move(-e.deltaX * unit, 0);
    // ctrl: two fingers on a touchpad, which come in small steps.
    var by = Math.max(-240, Math.min(240, e.deltaY * unit)) * (e.ctrlKey ? 0.01 : 0.002);
    zoom(Math.exp(-by), e.clientX, e.clientY);
  });
  on('dblclick', function (e) {
    e.preventDefault();
    zoom(e.shiftKey ? 0.5 : 2, e.clientX, e.clientY);
  });
  window.addEventListener('keydown', function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    var s = size(), step = Math.min(s.w, s.h) / 6;
    if (e.key === '+' || e.key === '=') zoomMiddle(1.25);
    else if (e.key === '-' || e.key === '_') zoomMiddle(0.8);
    else if (e.key === '0') all();
    else if (e.key === '1' || e.key === 'Home') { start(); touch(); }
    else if (e.key === 'ArrowLeft') move(step, 0);
    else if (e.key === 'ArrowRight') move(-step, 0);
    else if (e.key === 'ArrowUp') move(0, step);
    else if (e.key === 'ArrowDown') move(0, -step);
    else return;
    e.preventDefault();
  });

  function make(name, attributes, parent) {
    var element = document.createElementNS(NS, name);
    for (var key in attributes) element.setAttribute(key, attributes[key]);
    return (parent || svg).appendChild(element);
  }
  var hint = make('text', { x: 12, 'font-family': 'system-ui,sans-serif', 'font-size': 12, fill: '#555', stroke: '#fff', 'stroke-width': 4, 'paint-order': 'stroke', 'pointer-events': 'none' });
  var buttons = [];
  function button(label, path, act) {
    var g = make('g', { role: 'button', tabindex: 0, 'aria-label': label, cursor: 'pointer' });
    make('title', {}, g).textContent = label;
    make('rect', { width: 36, height: 36, rx: 6, fill: '#fff', 'fill-opacity': 0.9, stroke: '#999' }, g);
    make('path', { d: path, fill: 'none', stroke: '#333', 'stroke-width': 2 }, g);
    g.addEventListener('pointerdown', function (e) { e.stopPropagation(); });
    g.addEventListener('dblclick', function (e) { e.stopPropagation(); });
    g.addEventListener('click', act);
    g.addEventListener('keydown', function (e) {
      if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); act(); }
    });
    buttons.push(g);
  }
  button('Zoom in (+)', 'M10 18h16M18 10v16', function () { zoomMiddle(1.5); });
  button('Zoom out (-)', 'M10 18h16', function () { zoomMiddle(1 / 1.5); });
  button('The whole graph (0)', 'M10 15v-5h5M21 10h5v5M26 21v5h-5M15 26h-5v-5', all);

  function place() {
    var s = size(), narrow = s.w < 600;
    buttons.forEach(function (g, i) { g.setAttribute('transform', 'translate(' + (s.w - 46) + ' ' + (s.h - 130 + i * 40) + ')'); });
    hint.setAttribute('y', s.h - 14);
    hint.textContent = narrow ? 'drag to move, pinch to zoom' : 'drag to move \\u00b7 wheel, pinch or double click to zoom \\u00b7 keys + - arrows \\u00b7 0 the whole graph, 1 as at first';
    if (touched) draw(); else start();
  }
  window.addEventListener('resize', place);
  place();
})();`;
