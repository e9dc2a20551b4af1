// The kernels as machine code: what V8's optimising compiler makes of kernels.wasm takes 0.3 s, so it is made when the
// bundle is (scripts/code-cache.cjs) and lies beside it as kernels.wasm.code.
//
// V8 has no public call for this, but a function of its own tests, that a script may name while a flag is set. Code of
// another version of V8, or for a CPU with other features, is refused: the caller compiles.

import fs from 'node:fs';
import path from 'node:path';
import sea from 'node:sea';
import v8 from 'node:v8';

/** Makes a module of its bytes with the code beside it; null when there is none, or V8 refuses it. */
export type KernelLoader = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module | null;

/**
 * Prepares to take the code. To be called before threads are started: the flag, set for a moment, would make them
 * refuse what else was compiled ahead. @returns null when it cannot be taken.
 */
export function prepareKernelCode(): KernelLoader | null {
  v8.setFlagsFromString('--allow-natives-syntax');
  try {
    const load = new Function('code', 'bytes', 'return %DeserializeWasmModule(code, bytes)');
    return (bytes) => {
      const code = readCode();
      return code === null ? null : ((load(code, bytes) as WebAssembly.Module | undefined) ?? null);
    };
  } catch {
    // A version of V8 without that function.
    return null;
  } finally {
    v8.setFlagsFromString('--no-allow-natives-syntax');
  }
}

function readCode(): ArrayBuffer | null {
  const name = 'kernels.wasm.code';
  if (sea.isSea()) return sea.getRawAsset(name) as ArrayBuffer;
  const file = path.join(import.meta.dirname, name);
  if (!fs.existsSync(file)) return null;
  const code = new ArrayBuffer(fs.statSync(file).size);
  const descriptor = fs.openSync(file, 'r');
  fs.readSync(descriptor, new Uint8Array(code));
  fs.closeSync(descriptor);
  return code;
}
