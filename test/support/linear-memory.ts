// A linear memory with freshly built kernels for tests and benches.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createLinearMemory, type LinearMemory } from '../../src/data/memory.ts';

const root = path.resolve(import.meta.dirname, '../..');
let compiled: WebAssembly.Module | undefined;

/** Builds the kernels if their sources are newer than the build, and instantiates them over a new memory. */
export function testMemory(): LinearMemory {
  compiled ??= compileKernels();
  return createLinearMemory(compiled);
}

function compileKernels(): WebAssembly.Module {
  execFileSync(process.execPath, [path.join(root, 'scripts/kernels.mjs')], { stdio: 'inherit' });
  return new WebAssembly.Module(fs.readFileSync(path.join(root, 'build/generated/kernels.wasm')));
}
