// Redaction: each rule with what it finds and what it nearly finds, recorded data that means the same afterwards, and profiles whose
// strings are shared.

import { readdirSync, readFileSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { decodeDumps } from '../src/decode/dump/dump.js';
import { kindOf } from '../src/decode/kind.js';
import { open, openBytes, REDACT_RULES, type RedactOptions, redact, render, report } from '../src/index.js';
import { redact as redactOnNode } from '../src/node.js';
import { draw, encode, parse, randomDrawing } from './draw.js';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const text = (from: Uint8Array) => Buffer.from(from).toString('latin1');
const after = (input: string, options: RedactOptions = {}) =>
  text(redact(bytes(input), { kind: 'text', ...options }).bytes);

/** By rule: [before, after]; after undefined is a near miss, which stays. */
const cases: Readonly<Record<string, readonly (readonly [before: string, after?: string])[]>> = {
  secret: [
    ['./x -api-token=s3kr3t-4711 -v', './x -api-token=[redacted] -v'],
    ['./x --db-password s3kr3t', './x --db-password [redacted]'],
    ['"cmdline": ["./x","-api-token","sek,ret","-unix"]', '"cmdline": ["./x","-api-token","[redacted]","-unix"]'],
    ['"cmdline": ["./x","--key=a b"]', '"cmdline": ["./x","--key=[redacted]"]'],
    ['./x\0-api-token\0sekret 4711\0-unix\0', './x\0-api-token\0[redacted]\0-unix\0'],
    ['AWS_SECRET_ACCESS_KEY=wJalr/XUtn\nA=1', 'AWS_SECRET_ACCESS_KEY=[redacted]\nA=1'],
    ['PASSWORD="two words" x', 'PASSWORD="[redacted]" x'],
    ['GET /x?access_token=abcd&page=2', 'GET /x?access_token=[redacted]&page=2'],
    ['{"password": "hun\\"ter2", "a": 1}', '{"password": "[redacted]", "a": 1}'],
    ['{"api_keys": ["a1", "b2"]}', '{"api_keys": ["[redacted]"]}'],
    ['{"log":"{\\"token\\":\\"abcd\\"}"}', '{"log":"{\\"token\\":\\"[redacted]\\"}"}'],
    ['Authorization: Bearer abc def\r\nHost: x', 'Authorization: [redacted]\r\nHost: x'],
    ['Set-Cookie: sid=1234; Path=/', 'Set-Cookie: [redacted]'],
    ['token: ab12cd34ef', 'token: [redacted]'],
    ['--token-file=/run/secrets/x'],
    ['monkey=banana author=jo passes=12 keys=7'],
    ['key=/datastore/x'],
    ['token: unexpected EOF'],
    ['authorization: denied by the policy'],
    ['"token": 17, "secret": true, "public_key": "abc"'],
    ['if token == other {'],
    ['main.readToken(0xc000012345, 0x10)\n\t/src/token.go:12 +0x1d'],
    ['auth.(*Basic).Check(0xc0001)\n\tauth/key.go:9'],
  ],
  userinfo: [
    ['https://user:pa$s@host/x', 'https://redacted@host/x'],
    ['postgres://u@db', 'postgres://redacted@db'],
    ['ssh://git@github.com/x https://host/a@b'],
  ],
  bearer: [
    ['sent Bearer abcdef1234', 'sent Bearer [redacted]'],
    ['Basic dXNlcjpwYXNz', 'Basic [redacted]'],
    ['Bearer authentication, Basic authentication, (*Basic) dXNl'],
  ],
  token: [
    [`ghp_${'a1'.repeat(18)} x`, '[redacted] x'],
    [`(glpat-${'x1Y_'.repeat(6)})`, '([redacted])'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2ln-x', '[redacted]'],
    ['xoxb-123456789012-abc', '[redacted]'],
    ['task-runner-1234567890123456789012 sk-a-name-of-some-words-only AKIA eyJ ghp_short1'],
  ],
  pem: [
    [
      'a -----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,0A\n\nMIIE+/=\n-----END RSA PRIVATE KEY----- b',
      'a [redacted PEM] b',
    ],
    ['-----BEGIN CERTIFICATE-----\\nMIIE\\n-----END CERTIFICATE-----', '[redacted PEM]'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEcut', '[redacted PEM]'],
    ['-----BEGIN the story-----'],
  ],
  home: [
    ['\t/home/alice/go/pkg/mod/x@v1.0.0/a.go:12 +0x1d', '\t~/go/pkg/mod/x@v1.0.0/a.go:12 +0x1d'],
    ['HOME=/home/alice', 'HOME=~'],
    ['/Users/al.ice/x', '~/x'],
    ['C:\\Users\\Jo Doe\\go', '~\\go'],
    ['"C:\\\\Users\\\\jo\\\\go"', '"~\\\\go"'],
    ['C:/Users/jo/a.go:3', '~/a.go:3'],
    ['"log":"\\t/home/jo/x"', '"log":"\\t~/x"'],
    ['/var/home/jo/x file:///home/jo/y -I/home/jo/z', '~/x file://~/y -I~/z'],
    ['/home/j\xc3\xb6/x', '~/x'],
    ['/root/x /Users/Shared/x example.com/home/assistant/x.go https://x.org/home/jo /homes/x'],
  ],
  email: [
    ['by jo.doe+x@mail.example.org.', 'by [email].'],
    ['x/m@v0.1.2/a.go m@v1.2.3-rc.beta git@github.com:x/y user@1000.service a@b tslib@2.3.0 f@x.go'],
  ],
  ip: [
    ['192.0.2.7:4001', '[ip]:4001'],
    ['/ip6/fd00::2/tcp', '/ip6/[ip6]/tcp'],
    ['127.0.0.1 0.0.0.0 ::1 v1.2.3.4 1.2.3 go1.26.8 1.2.3.4.5 std::vector a::b 999.1.1.1 12:30:45'],
  ],
  peer: [
    [`/p2p/12D3Koo${'W'.repeat(45)}`, '/p2p/[peer]'],
    [`Qm${'a'.repeat(44)} x`, '[peer] x'],
    [`gx/ipfs/Qm${'a'.repeat(44)}/yamux Qmshort 12D3Koo`],
  ],
  dns: [['/dns4/node.example.org/tcp', '/dns4/[host]/tcp'], ['/dns/localhost/tcp']],
};

t.test('each rule finds what it says, and not what looks like it', (t) => {
  for (const { name, option } of REDACT_RULES)
    t.ok(
      cases[name]?.some((one) => one.length === 1),
      `${name} (${option})`,
    );
  for (const [rule, list] of Object.entries(cases)) {
    for (const [before, wanted] of list) {
      t.equal(after(before, { net: true }), wanted ?? before, `${rule}: ${before.slice(0, 60)}`);
      if (wanted === undefined) continue;
      const rules = redact(bytes(before), { kind: 'text', net: true }).redactions.map((row) => row.rule);
      t.ok(rules.includes(rule), `${rule}, not ${rules}`);
      t.equal(after(wanted, { net: true }), wanted, 'a second time changes nothing');
    }
  }
  t.end();
});

t.test('addresses and hosts go when asked for, own patterns too', (t) => {
  const line = '192.0.2.7 db.Corp.example mydb.corp.example Projekt\xff X';
  t.equal(after(line), line);
  t.equal(
    after(line, { hosts: ['db.corp.EXAMPLE'], patterns: ['(?i)projekt.'] }),
    '192.0.2.7 [host] mydb.corp.example [redacted] X',
  );
  t.throws(() => redact(bytes(line), { patterns: ['('] }), { code: 'bad-option' });
  t.end();
});

t.test('what no rule finds keeps its bytes, in Latin-1, UTF-16 and gzip', (t) => {
  const odd = Uint8Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 0x80 + (i % 100) : 97));
  const same = redact(odd, { kind: 'text' });
  t.equal(same.bytes, odd, 'the very same');
  t.equal(text(redact(Buffer.concat([odd, bytes(' /home/jo/')]), { kind: 'text' }).bytes), `${text(odd)} ~/`);
  const wide = Buffer.from(`\ufeff${'goroutine 1 [running]:\n\t/home/jö/x.go:1\n'}`, 'utf16le');
  t.equal(Buffer.from(redact(wide).bytes).toString('utf16le'), '\ufeffgoroutine 1 [running]:\n\t~/x.go:1\n');
  const packed = gzipSync('{"password":"x1y2"}');
  for (const one of [redact, redactOnNode]) {
    t.equal(gunzipSync(one(packed).bytes).toString(), '{"password":"[redacted]"}');
    const harmless = gzipSync('{"a":1}');
    t.equal(one(harmless).bytes, harmless);
    t.match(one(packed.subarray(0, 20)).issue?.fact, /could not be redacted/);
  }
  t.end();
});

t.test('redactions are counted, with their place', (t) => {
  const { redactions, findings } = redact(bytes('a\nb /home/jo/x /home/al/\n-token=abcd1234 '), { kind: 'text' });
  t.same(redactions, [
    { rule: 'home', where: 'line 2', count: 2 },
    { rule: 'secret', where: 'line 3', count: 1 },
  ]);
  t.match(findings[1], { example: '-token=ab… (8 characters)', option: 'default', distinct: 1 });
  t.equal(findings[0].distinct, 2);
  t.notMatch(JSON.stringify(findings), /abcd1234/);
  t.end();
});

const shown = (profile: Uint8Array) => {
  const { rows } = report(openBytes(profile), 'raw');
  return JSON.stringify([...rows].map(({ values, stack }) => [values.map(String), [...stack]]));
};

t.test('a string that is a name and a secret stays the name', (t) => {
  const wire = { unknownFields: true };
  const before = draw('main;hunter2@/home/jo/a.go:3 5 {password=hunter2,n=7b}\nmain;f 2 {user=hunter2,api_key=q1}', {
    comments: ['by jo@example.org', 'hunter2'],
    docUrl: 'https://u:p@example.org',
    mappingFiles: ['/home/jo/bin/x'],
    wire,
  });
  const { bytes: made, redactions, issue } = redact(before);
  t.equal(issue, undefined);
  const profile = openBytes(made);
  t.same([...report(profile, 'top').rows].map(({ name }) => name).sort(), ['f', 'hunter2', 'main']);
  t.same(profile.comments, ['by [email]', 'hunter2']);
  t.equal(profile.docUrl, 'https://redacted@example.org');
  t.equal(profile.mappings[0].file, '~/bin/x');
  const traces = [...render(report(profile, 'traces'), 'text')].join('');
  t.match(traces, /password: +\[redacted\]/);
  t.match(traces, /user: +hunter2/, 'under a harmless key it stays');
  t.notMatch(traces, /q1/);
  t.equal(shown(made), shown(before));
  t.ok(redactions.some(({ rule, where, count }) => rule === 'secret' && where === 'label values' && count === 2));
  t.equal(redact(made).bytes, made, 'a second time changes nothing');
  t.end();
});

t.test('all but the strings and what refers to them stays byte for byte', (t) => {
  const drawing = { ...parse('a@/home/jo/x.go:1 5\nb 3', {}), wire: { unknownFields: true, stringsFirst: true } };
  const before = Buffer.from(encode(drawing));
  const wanted = Buffer.from(before.toString('latin1').replace('2\x0d/home/jo/x.go', '2\x06~/x.go'), 'latin1');
  t.notSame(wanted, before);
  t.same(Buffer.from(redact(new Uint8Array(before)).bytes), wanted);
  for (let seed = 0; seed < 20; seed++) {
    const random = encode({ ...randomDrawing(seed), wire: { unknownFields: seed % 2 === 0, packed: seed % 3 === 0 } });
    t.equal(redact(random).bytes, random);
  }
  t.end();
});

t.test('what is no profile comes back as it is, with the reason', (t) => {
  const good = draw('main;f@/home/jo/x.go:1 5');
  for (let size = 1; size < good.length; size += 3) {
    const cut = good.subarray(0, size);
    const { bytes: made, issue } = redact(cut, { kind: 'profile', name: 'cut.pb' });
    if (issue === undefined) continue;
    t.equal(made, cut);
    t.match(issue, { fact: /could not be redacted/, place: { source: 'cut.pb' } });
  }
  for (const kind of ['trace', 'binary', 'archive', 'unknown'] as const)
    t.match(redact(Uint8Array.of(1, 2, 3), { kind }).issue?.fact, /cannot be|member by member/);
  t.equal(redact(new Uint8Array()).issue, undefined);
  t.end();
});

/** Functions, lines, states, waits, ids, weights and labels; files end alike. */
const meaning = (input: Uint8Array) =>
  decodeDumps(input).map((dump) => {
    const { goroutines, frames, stack, functions } = dump;
    return JSON.stringify([
      [
        goroutines.id,
        goroutines.state,
        goroutines.waitMinutes,
        goroutines.flags,
        goroutines.stackStart,
        goroutines.weight,
      ].map((column) => [...column]),
      [...stack].map((frame) => [
        frames.func[frame] < 0 ? '' : functions.get(frames.func[frame]),
        frames.line[frame],
        frames.offset[frame],
      ]),
      dump.states,
      dump.issues,
      [...dump.labels].map(([row, labels]) => [row, [...labels]]),
    ]);
  });

t.test('recorded dumps and profiles mean the same', async (t) => {
  const folder = new URL('./fixtures/', import.meta.url);
  let dumps = 0;
  let profiles = 0;
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(txt|gz|bin)$/.test(path) || path.startsWith('bundles')) continue;
    const input = readFileSync(new URL(path, folder));
    const kind = kindOf(input);
    const { bytes: made, issue } = redact(input);
    if (kind !== 'unknown') t.equal(issue, undefined, path);
    if (kind === 'dump') {
      dumps++;
      const raw = (from: Uint8Array) => (from[0] === 0x1f ? gunzipSync(from) : from);
      t.same(meaning(raw(made)), meaning(raw(input)), path);
      t.notMatch(text(raw(made)), /\/(home|Users)\/(?!Shared)/);
    } else if (kind === 'profile') {
      profiles++;
      t.equal(made, input, `${path} has nothing`);
      await open(made);
    }
  }
  t.ok(dumps > 15 && profiles > 8, `${dumps} dumps, ${profiles} profiles`);
  const recorded = brotliDecompressSync(readFileSync(new URL('dumps/recorded.jsonl.br', folder)))
    .toString()
    .split('\n');
  for (const line of recorded.filter((_, i) => i % 8 === 0)) {
    const { name, text: dump } = JSON.parse(line);
    const moved = dump.replaceAll(/\t(\/\S+\/)(?=\w+\.go:)/g, '\t/home/jo$1');
    t.same(meaning(redact(Buffer.from(moved), { kind: 'dump' }).bytes), meaning(Buffer.from(dump)), name);
  }
  t.end();
});
