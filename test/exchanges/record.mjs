// Recorded exchanges: what a live server answered, request by request, for test/fakeServer.ts to say again.
//   node record.mjs URL PLAN OUT.json.br [--name N] [--replace FROM=TO]…     PLAN: go, kubo, kubo-busy (plans.mjs)
//   node record.mjs FOLDER folder OUT.json.br [--name N]                     requests.tsv, FILE and FILE.headers, as curl wrote them
// A file is brotli of { name, exchanges: [{ method, path, status, statusText, headers, text | base64, trailers, millis }] };
// headers and trailers are [name, value] pairs as they were sent, the body is without chunks.
// Nothing of the recording machine stays in it: its addresses, host name, home and --replace are replaced in texts (and
// Content-Length corrected); what is found in binary bodies, also inside gzip and zip, ends the recording.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { homedir, hostname, networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { plans } from './plans.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string' }, replace: { type: 'string', multiple: true, default: [] } },
});
const [from, plan, out] = positionals;
const replacements = [...values.replace.map((pair) => pair.split('=')), ...ofThisMachine()].map(([old, neutral]) => [
  wholly(old),
  neutral,
]);
const taken = plan === 'folder' ? recordedFolder(from) : await recordLive(from, plans[plan]);
const exchanges = taken.map(neutralise);
const json = JSON.stringify({ name: values.name ?? plan, exchanges });
const packed = brotliCompressSync(json, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
});
writeFileSync(out, packed);
console.log(`${exchanges.length} exchanges, ${json.length} characters, ${packed.length} bytes`);

/** Addresses, host name and home of this machine, and the neutral ones they become: documentation ranges (RFC 5737, 3849). */
function ofThisMachine() {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((each) => !each.internal);
  const words = addresses.map(({ address, family }, i) => [
    address.replace(/%.*/, ''),
    family === 'IPv4' ? `192.0.2.${i + 1}` : `2001:db8::${i + 1}`,
  ]);
  return [...words, [hostname(), 'host'], [homedir(), '/home/user']].filter(([text]) => text.length > 3);
}

/** Not inside a longer word, address or path: /root is not in commands/root.go. */
function wholly(text) {
  const before = text.startsWith('/') ? '[\\w.-]' : '[\\w.:-]';
  return new RegExp(`(?<!${before})${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g');
}

function recordedFolder(folder) {
  const rows = readFileSync(`${folder}/requests.tsv`, 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [file, asked] = row.split('\t');
    const [method, path] = asked.split(' ');
    const [first, ...lines] = readFileSync(`${folder}/${file}.headers`, 'latin1').trim().split('\r\n');
    const [, status, statusText] = /^HTTP\/1\.1 (\d+) (.*)$/.exec(first);
    const headers = lines.map((line) => /^([^:]+): (.*)$/.exec(line).slice(1));
    const millis = Math.round(1000 * Number(row.split(' ').at(-1)));
    return {
      method,
      path,
      status: Number(status),
      statusText,
      headers,
      ...bodyOf(readFileSync(`${folder}/${file}`)),
      trailers: [],
      millis,
    };
  });
}

async function recordLive(base, steps) {
  const done = [];
  for (const step of steps) {
    if (step.beside !== undefined) {
      ask(base, step.beside);
      await new Promise((resolve) => setTimeout(resolve, 300));
    } else done.push(await ask(base, step));
  }
  return done;
}

/** One request by node:http, which shows trailers. */
function ask(base, { method = 'GET', path, headers = {} }) {
  const begin = Date.now();
  return new Promise((resolve, reject) => {
    const req = request(new URL(path, base), { method, headers, agent: false }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => {
        console.log(`${res.statusCode} ${method} ${path} ${Buffer.concat(chunks).length}`);
        resolve({
          method,
          path,
          ...(Object.keys(headers).length > 0 && { request: headers }),
          status: res.statusCode,
          statusText: res.statusMessage,
          headers: pairs(res.rawHeaders),
          ...bodyOf(Buffer.concat(chunks)),
          trailers: pairs(res.rawTrailers),
          millis: Date.now() - begin,
        });
      });
    });
    req.on('error', reject);
    req.end();
  });
}

function pairs(raw) {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i], raw[2 * i + 1]]);
}

/** As text where it is one: it packs better and can be read. */
function bodyOf(bytes) {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') };
}

function neutralise(exchange) {
  if (exchange.base64 !== undefined) {
    for (const part of partsOf(Buffer.from(exchange.base64, 'base64')))
      for (const [word] of replacements)
        if (part.toString('latin1').search(word) >= 0)
          throw new Error(`${exchange.path}: ${word} in a binary body; build with -trimpath`);
    return exchange;
  }
  const replaced = (text) => replacements.reduce((sum, [old, neutral]) => sum.replace(old, neutral), text);
  const text = replaced(exchange.text);
  const length = String(Buffer.byteLength(text));
  const header = ([name, value]) => [name, /^content-length$/i.test(name) ? length : replaced(value)];
  return { ...exchange, text, headers: exchange.headers.map(header), trailers: exchange.trailers.map(header) };
}

/** The bytes, and what is packed in them. */
function partsOf(bytes) {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return [gunzipSync(bytes)];
  if (bytes.toString('latin1', 0, 2) !== 'PK') return [bytes];
  return Object.values(unzipSync(bytes)).flatMap((member) => partsOf(Buffer.from(member)));
}
