// The commands of lazy.ts, as a file of the built command. Errors are told here: each file has an error class of its own.

import { bundleHelp, runBundle } from './bundle.js';
import { collectHelp, runCollect } from './collect.js';
import { diagnoseHelp, runDiagnose } from './diagnose.js';
import { explain } from './explain.js';
import { inspectHelp, runInspect } from './inspect.js';
import { runStacks, stacksHelp } from './stacks.js';
import { runVars, varsHelp } from './vars.js';

const commands: Readonly<
  Record<string, { readonly run: (argv: readonly string[]) => Promise<number>; readonly help: () => string }>
> = {
  bundle: { run: runBundle, help: bundleHelp },
  collect: { run: runCollect, help: collectHelp },
  diagnose: { run: runDiagnose, help: diagnoseHelp },
  inspect: { run: runInspect, help: inspectHelp },
  stacks: { run: runStacks, help: stacksHelp },
  vars: { run: runVars, help: varsHelp },
};

/** Runs the one that argv names; the exit status. */
export async function runMore(argv: readonly string[]): Promise<number> {
  try {
    // `-stacks FILE` is `stacks FILE`.
    const first = argv.find((word) => !word.startsWith('-')) ?? '';
    return await (commands[first] ?? commands.stacks).run(argv);
  } catch (error) {
    return explain(error);
  }
}

export const helpMore = (name: string): string => commands[name].help();
