// Holds what `tspprof diagnose` says of recorded bundles against what is expected: node check.mjs EXPECTED.json FOLDER TSPPROF …
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [expectedFile, folder, ...tool] = process.argv.slice(2);
const expected = JSON.parse(readFileSync(expectedFile, 'utf8'));
let failed = 0;
let count = 0;
for (const [name, { must = [], first = [], mustNot = [], quiet = false }] of Object.entries(expected)) {
  const file = join(folder, name);
  const problems = [];
  count++;
  if (!existsSync(file)) problems.push('there is no such bundle');
  else {
    const [program, ...args] = tool;
    const output = execFileSync(program, [...args, 'diagnose', '-json', file], { maxBuffer: 1 << 28 });
    const { findings } = JSON.parse(output.toString());
    const alarms = findings.filter(({ severity }) => severity !== 'note');
    const words = ({ rule, severity, place, says }) => `${severity} ${rule} ${place?.function ?? ''}: ${says}`;
    for (const { rule, place = '', severity = ['critical', 'warning', 'note'] } of must) {
      const found = findings.some(
        (finding) =>
          rule.includes(finding.rule) &&
          severity.includes(finding.severity) &&
          new RegExp(place).test(finding.place?.function ?? ''),
      );
      if (!found) problems.push(`no ${severity.join(' or ')} ${rule.join(' or ')} at ${place}`);
    }
    if (first.length > 0 && !first.includes(findings[0]?.rule)) problems.push(`the first is not ${first.join(' or ')}`);
    for (const rule of mustNot) if (alarms.some((one) => one.rule === rule)) problems.push(`it says ${rule}`);
    if (quiet && alarms.length > 0) problems.push('it is healthy');
    if (problems.length > 0) problems.push(...findings.map((finding) => `  ${words(finding)}`));
  }
  if (problems.length > 0) failed++;
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}${problems.map((text) => `\n     ${text}`).join('')}`);
}
console.log(`${count} bundles, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
