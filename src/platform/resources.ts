// Where the kernels, the core's worker and native modules come from. Three layouts:
//
//   executable  one file (a single executable application): assets inside it; natives are unpacked, see native.ts
//   bundle      build/bundle: all parts of the program side by side with kernels.wasm and koffi.node
//   source      the repository: src/*.ts run by Node's type stripping, kernels from build/generated
//
// The bundler defines __LAMINAR_BUNDLE__, so that code run from source knows itself by its absence.

import fs from 'node:fs';
import path from 'node:path';
import sea from 'node:sea';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { LaminarError } from '../base/errors.ts';
import { prepareKernelCode } from './kernel-code.ts';
import { type Koffi, requireKoffi } from './koffi.ts';
import { withSharedMemory } from './shared-kernels.ts';
import type { StartedAhead } from './started-ahead.ts';

declare const __LAMINAR_BUNDLE__: boolean | undefined;

export type Layout = 'executable' | 'bundle' | 'source';

export function layout(): Layout {
  if (typeof __LAMINAR_BUNDLE__ === 'undefined') return 'source';
  return sea.isSea() ? 'executable' : 'bundle';
}

/** Starts threads of so many cores, one for a log if it is wanted, and loads the kernels meanwhile. */
export function startAhead(coreCount: number, wantsLog: boolean): StartedAhead {
  const load = prepareKernels();
  const threads = Array.from({ length: coreCount }, () => spawnCore({}));
  const log = wantsLog ? spawnLogWriter() : null;
  return { threads, log, kernels: load?.() ?? null };
}

/**
 * Prepares to load the kernels as they were compiled when the bundle was built; before any thread is started.
 * @returns null when there is nothing to load; what it returns gives null when this machine needs other code.
 */
export function prepareKernels(): (() => WebAssembly.Module | null) | null {
  const load = layout() === 'source' ? null : prepareKernelCode();
  return load === null ? null : () => load(new Uint8Array(readKernels()));
}

/** Compiles the kernels. @throws LMN-7002 when they were never built. */
export function loadKernelModule(): WebAssembly.Module {
  return new WebAssembly.Module(readKernels());
}

/** Compiles the kernels for memory that threads share. @throws LMN-7002 when they were never built. */
export function loadSharedKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(withSharedMemory(new Uint8Array(readKernels())));
}

/**
 * Starts the worker thread of a core. What it prints goes to stderr, its own stdout included: stdout is data, and
 * data is written by descriptor. Piping through Node's streams would switch the descriptors to non-blocking mode.
 */
export function spawnCore(options: WorkerOptions): Worker {
  const worker = newWorker('start-core.cjs', 'src/runtime/core-worker.ts', { ...options, stdout: true, stderr: true });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.on('data', (text: Buffer) => fs.writeSync(2, text));
  }
  return worker;
}

/** Starts a thread that writes the log of an input, once it is told which (src/runtime/log-worker.ts). */
export function spawnLogWriter(): Worker {
  return newWorker('start-log.cjs', 'src/runtime/log-worker.ts', {});
}

/** Starts the thread that speaks with a PostgreSQL server. */
export function spawnPostgres(options: WorkerOptions): Worker {
  return newWorker('postgres.cjs', 'src/connectors/postgres/postgres-thread.ts', options);
}

/** Loads koffi on the first call (about 10 ms). @throws LMN-7001 when its native part cannot be unpacked. */
export function loadKoffi(): Koffi {
  return requireKoffi();
}

function readKernels(): ArrayBuffer | Uint8Array<ArrayBuffer> {
  switch (layout()) {
    case 'executable':
      return sea.getRawAsset('kernels.wasm') as ArrayBuffer;
    case 'bundle':
      return fs.readFileSync(path.join(import.meta.dirname, 'kernels.wasm'));
    case 'source': {
      const file = path.join(sourceRoot(), 'build/generated/kernels.wasm');
      if (!fs.existsSync(file)) {
        throw new LaminarError('LMN-7002', `the kernels are missing: ${file}`, { hint: 'build them: npm run kernels' });
      }
      return fs.readFileSync(file);
    }
  }
}

/** @param bundled the file that it starts with in the bundle; `source`: in the repository. */
function newWorker(bundled: string, source: string, options: WorkerOptions): Worker {
  switch (layout()) {
    case 'executable':
      return new Worker(sea.getAsset(bundled, 'utf8'), { ...options, eval: true });
    case 'bundle':
      return new Worker(path.join(import.meta.dirname, bundled), options);
    case 'source':
      return new Worker(path.join(sourceRoot(), source), options);
  }
}

function sourceRoot(): string {
  return path.resolve(import.meta.dirname, '../..');
}
