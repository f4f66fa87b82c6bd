// The WASM module: compiled once, one instance a StackStore. Inline base64 is the only form that every runtime and
// bundler takes; a host that may not compile from bytes hands over a compiled module with setCore().

import { ProfileError } from '../errors.js';
import { ABI_VERSION, E_MEMORY } from './abi.js';
import { type CoreExports, FUNCTIONS, GLOBALS, WASM_BASE64 } from './wasm.js';

let compiled: WebAssembly.Module | undefined;

/**
 * Uses this build of the core from now on: a module compiled elsewhere (Workers, strict CSP), or its bytes (the debug build, in tests).
 * Without it the embedded module is compiled at first use.
 */
export function setCore(core: WebAssembly.Module | Uint8Array<ArrayBuffer> | undefined): void {
  compiled = core instanceof Uint8Array ? new WebAssembly.Module(core) : core;
}

function embedded(): Uint8Array<ArrayBuffer> {
  const text = atob(WASM_BASE64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A fresh instance, its exports checked against the compiler's own list. */
export function newInstance(): CoreExports {
  compiled ??= new WebAssembly.Module(embedded());
  const { exports } = new WebAssembly.Instance(compiled, {});
  if (!isCore(exports)) throw broken('the exports of the WASM core are not those of this wrapper');
  if (exports.abiVersion() !== ABI_VERSION) {
    throw broken(`the WASM core speaks version ${exports.abiVersion()} of the contract, this wrapper ${ABI_VERSION}`);
  }
  return exports;
}

/** One instance for one store after the other: its memory is as large as the largest of them, and no garbage. */
export class ReusedInstance {
  readonly #core = newInstance();
  readonly #empty = this.#core.mark();

  /** The instance, empty: what it held before is gone. */
  take(): CoreExports {
    this.#core.reset(this.#empty);
    return this.#core;
  }
}

function isCore(exports: object): exports is CoreExports {
  const names = new Map<string, unknown>(Object.entries(exports));
  return (
    names.get('memory') instanceof WebAssembly.Memory &&
    FUNCTIONS.every((name) => typeof names.get(name) === 'function') &&
    GLOBALS.every((name) => names.get(name) instanceof WebAssembly.Global)
  );
}

function broken(fact: string): ProfileError {
  return new ProfileError('internal', fact, {}, 'reinstall tspprof; mixed versions do not work together');
}

/** Throws for a failure that does not depend on the profile; hands every other result on. */
export function checked(result: number): number {
  if (result === E_MEMORY) {
    throw new ProfileError(
      'too-large',
      'the profile needs more than the 4 GiB that WebAssembly can address',
      {},
      'take a shorter profile, or split it',
    );
  }
  return result;
}
