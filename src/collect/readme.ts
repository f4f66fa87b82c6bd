// README.txt of a bundle: for whoever gets one and knows nothing of it.

import type { Manifest, ManifestItem } from '../model/manifest.js';
import type { ItemRow } from './items.js';

export function readmeOf(manifest: Manifest, rows: readonly ItemRow[]): string {
  const { target, started, ended, tool, server, items, interrupted, redactions, rates, notes } = manifest;
  const helpOf = (item: ManifestItem) =>
    rows.find(({ name }) => name === item.name)?.help ?? (item.name.startsWith('vars-') ? '/debug/vars once more' : '');
  const there = items.filter(({ member }) => member !== undefined);
  const missing = items.filter(({ member, status }) => member === undefined && status !== 'unsupported');
  const width = Math.max(...there.map(({ member = '' }) => member.length), 8);
  const lines = [
    `What ${target} was doing, from ${started} to ${ended}.`,
    `Collected by ${tool} collect${server.version === undefined ? '' : `; the program is kubo ${server.version}`}${
      server.goVersion === undefined ? '' : `, built with ${server.goVersion}`
    }.`,
    '',
    ...there.map((item) => `  ${(item.member ?? '').padEnd(width)}  ${helpOf(item)}${remarkOf(item)}`),
    `  ${'manifest.json'.padEnd(width)}  when and from where each came, its SHA-256, errors, what was redacted`,
    '',
    ...(interrupted ? ['The user ended it early.', ''] : []),
    ...(missing.length > 0 ? ['Missing', ...missing.map(({ name, error = '' }) => `  ${name}: ${error}`), ''] : []),
    ...(rates.length > 0
      ? [
          `Set for the time of the collection: ${rates
            .map(({ name, during, after }) => `${name} ${during}${after === undefined ? '' : `, then ${after} again`}`)
            .join('; ')}.`,
          '',
        ]
      : []),
    ...(notes.length > 0 ? ['Notes', ...notes.map((note) => `  ${note}`), ''] : []),
    redactions === undefined
      ? 'Nothing was redacted.'
      : redactions.length === 0
        ? 'Redacted: nothing was found to redact.'
        : `Redacted: ${redactions.reduce((sum, { count }) => sum + count, 0)} places; the manifest counts them by rule.`,
    '',
    'To read it, on any machine with Node:',
    '',
    '  npx tspprof BUNDLE.zip                      what is in it',
    '  npx tspprof stacks BUNDLE.zip               what hangs, on what, who holds it',
    '  npx tspprof top BUNDLE.zip:cpu.pprof        where CPU time goes',
    '  npx tspprof web BUNDLE.zip:heap.pprof       what keeps memory, drawn',
    '',
    'The *.pprof files are those of go tool pprof, too.',
  ];
  return `${lines.join('\n')}\n`;
}

function remarkOf({ status, error, notes = [], resumed }: ManifestItem): string {
  const remarks = [
    ...(status === 'partial' || status === 'interrupted' ? [`cut: ${error ?? ''}`] : []),
    ...notes,
    ...(resumed ? ['of the earlier run'] : []),
  ];
  return remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
}
