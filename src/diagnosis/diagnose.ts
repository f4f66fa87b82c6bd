// Parts → the report: reads them all, runs the rules. Where parts come from is the host's business.

import { ProfileError } from '../errors.js';
import { type DiagnoseReport, diagnoseReport } from '../report/diagnose.js';
import { gather } from './gather.js';
import type { Part } from './part.js';

/** source: what the user gave. Throws ProfileError 'unreadable' when there is nothing that can be diagnosed. */
export async function diagnoseParts(
  source: string,
  parts: readonly Part[],
  signal?: AbortSignal,
): Promise<DiagnoseReport> {
  const gathered = await gather(parts, signal);
  const { files } = gathered;
  const isAnything = files.some(({ status, kind }) => status === 'read' && kind !== 'manifest' && kind !== 'version');
  if (!isAnything && !signal?.aborted) throw nothing(source, files);
  return diagnoseReport({ source, ...gathered });
}

function nothing(source: string, files: readonly { file: string; status: string; words: string }[]): ProfileError {
  const broken = files.filter(({ status }) => status === 'unreadable' || status === 'damaged');
  const what = broken.length > 0 ? broken : files;
  const listed = what.slice(0, 5).map(({ file, words }) => `${file}: ${words}`);
  const more = what.length > 5 ? ` and ${what.length - 5} more` : '';
  return new ProfileError(
    'unreadable',
    files.length === 0
      ? 'it is empty'
      : `there is nothing in it that can be diagnosed${files.length === 1 && files[0].file === source ? `: ${files[0].words}` : ''}`,
    { source },
    files.length === 0 || (files.length === 1 && files[0].file === source)
      ? 'give a bundle (tspprof collect makes one), or a dump of goroutines, profiles, memory statistics'
      : `it has ${listed.join('; ')}${more}`,
  );
}
