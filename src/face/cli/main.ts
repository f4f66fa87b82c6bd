// The command. In the built one each family of commands is a file of its own, loaded when it is run: what `tspprof top` does not need
// is neither compiled nor set up. stdout is the report and nothing else.

import { isMore, more, top } from './lazy.js';
import { say } from './say.js';

const OK = 0;
const FAILED = 1;

async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough (| head): end quietly.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? OK);
    say(`tspprof: writing the report: ${error.message}`);
    say('hint: make room, or choose another place with -output');
    process.exit(FAILED);
  });
  return isMore(argv) ? (await more()).runMore(argv) : (await top()).runTop(argv);
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // Taking Node down piece by piece costs 15 ms; with everything written there is nothing to wait for.
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit(code);
});
