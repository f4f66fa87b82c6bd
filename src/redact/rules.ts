// The rules of redaction, as data. One row a kind of thing; what the finders look at is in secrets.ts, shapes.ts and net.ts.

import { toBytes } from '../model/strings.js';
import { dns, host, ip4, ip6, peer } from './net.js';
import type { RedactRule } from './scan.js';
import { argument, assigned, member } from './secrets.js';
import { email, home, MAKES, pem, scheme, token, userinfo } from './shapes.js';

const secret = { option: 'default', isSecret: true } as const;
const address = { option: 'net', isSecret: false, inNames: false } as const;

const SECRET_NAMES = 'token, secret, password, passphrase, key, auth, credential, cookie';

/**
 * What redact() replaces, and why: those of option 'default' always, the others when asked for.
 *
 *   REDACT_RULES.map(({ name, finds }) => `${name}: ${finds}`)
 */
export const REDACT_RULES: readonly RedactRule[] = [
  {
    name: 'pem',
    finds: 'PEM blocks: private keys, certificates',
    why: 'whoever has a private key is you',
    replacement: '[redacted PEM]',
    ...secret,
    inNames: true,
    anchors: ['-----BEGIN '],
    find: pem,
  },
  {
    name: 'secret',
    finds: `values of flags, variables, JSON members, headers and labels that are called ${SECRET_NAMES}`,
    why: 'whoever has it may do what the program may',
    replacement: '[redacted]',
    ...secret,
    inNames: false,
    anchors: ['='],
    find: assigned,
  },
  { ...named(), anchors: [':'], find: member },
  { ...named(), anchors: ['"-', "'-", ' -', '\0-'], find: argument },
  {
    name: 'userinfo',
    finds: 'the login in a URL: https://user:password@host',
    why: 'it opens what the URL names',
    replacement: 'redacted',
    ...secret,
    inNames: true,
    anchors: ['://'],
    find: userinfo,
  },
  {
    name: 'bearer',
    finds: 'what follows Bearer and Basic',
    why: 'whoever has it may do what the program may',
    replacement: '[redacted]',
    ...secret,
    inNames: false,
    anchors: ['earer ', 'asic '],
    find: scheme,
  },
  {
    name: 'token',
    finds: 'tokens of known make: GitHub, GitLab, Grafana, Slack, AWS, Google, Vault, npm, JWT …',
    why: 'whoever has it may do what its owner may',
    replacement: '[redacted]',
    ...secret,
    inNames: true,
    anchors: MAKES.map(({ prefix }) => prefix),
    find: token,
  },
  {
    name: 'home',
    finds: 'home directories: /home/NAME, /Users/NAME, C:\\Users\\NAME',
    why: 'they have the name of a person',
    replacement: '~',
    option: 'default',
    isSecret: false,
    inNames: true,
    anchors: ['/home/', '/Users/', '\\Users\\', '\\\\Users\\\\'],
    find: home,
  },
  {
    name: 'email',
    finds: 'e-mail addresses',
    why: 'they name a person',
    replacement: '[email]',
    option: 'default',
    isSecret: false,
    inNames: false,
    anchors: ['@'],
    find: email,
  },
  {
    name: 'ip',
    finds: 'IP addresses, but those of the machine itself',
    why: 'they say where a machine and its peers are',
    replacement: '[ip]',
    ...address,
    anchors: ['.'],
    find: ip4,
  },
  {
    name: 'ip',
    finds: 'IP addresses, but those of the machine itself',
    why: 'they say where a machine and its peers are',
    replacement: '[ip6]',
    ...address,
    anchors: [':'],
    find: ip6,
  },
  {
    name: 'peer',
    finds: 'peer ids of libp2p (12D3Koo…, Qm…, k51…), and content ids that look the same',
    why: 'they name a node, and with it who runs it',
    replacement: '[peer]',
    ...address,
    anchors: ['12D3Koo', 'Qm', 'k51'],
    find: peer,
  },
  {
    name: 'dns',
    finds: 'host names in multiaddrs: /dns4/NAME',
    why: 'they say where a machine and its peers are',
    replacement: '[host]',
    ...address,
    anchors: ['/dns'],
    find: dns,
  },
];

function named() {
  return {
    name: 'secret',
    finds: `values of flags, variables, JSON members, headers and labels that are called ${SECRET_NAMES}`,
    why: 'whoever has it may do what the program may',
    replacement: '[redacted]',
    ...secret,
    inNames: false,
  };
}

/** A rule for a host's name; case does not matter. */
export function hostRule(name: string): RedactRule {
  const bytes = String.fromCharCode(...toBytes(name));
  return {
    name: 'host',
    finds: 'the host names that were given',
    why: 'they say where a machine is',
    replacement: '[host]',
    option: 'hosts',
    isSecret: false,
    inNames: false,
    anchors: [...new Set([bytes[0].toLowerCase(), bytes[0].toUpperCase()])],
    find: host(bytes),
  };
}
