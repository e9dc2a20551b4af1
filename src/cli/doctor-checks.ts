// What `laminar doctor` looks at: the machine, the streams, the kernels, the native module.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatBytes } from '../base/bytes.ts';
import { createLinearMemory } from '../data/memory.ts';
import { allowedCpus, numaNodes } from '../platform/affinity.ts';
import { cacheRoots } from '../platform/native.ts';
import { layout, loadKernelModule, loadKoffi, prepareKernels } from '../platform/resources.ts';
import { defaultCoreCount } from '../runtime/run.ts';
import { isTerminal } from './standard-streams.ts';

export interface Finding {
  name: string;
  ok: boolean;
  value: string;
}

/** Runs every check; a check that throws is a finding that is not ok. */
export function examine(version: string): Finding[] {
  return [
    check('laminar', () => `${version}, run from ${layout() === 'source' ? 'the source tree' : `the ${layout()}`}`),
    check('node', nodeVersion),
    check('platform', () => `${os.type()} ${os.release()} ${process.arch}`),
    check('cpu', () => `${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}`),
    check('usable CPUs', usableCpus),
    check('NUMA nodes', describeNodes),
    check('memory', () => `${formatBytes(os.freemem())} free of ${formatBytes(os.totalmem())}`),
    check('kernels', kernels),
    check('native module', nativeModule),
    check('native cache', nativeCache),
    check('stdin', () => describeDescriptor(0)),
    check('stdout', () => describeDescriptor(1)),
    check('stderr', () => describeDescriptor(2)),
  ];
}

const NODE_MAJOR_MIN = 24;

function check(name: string, look: () => string): Finding {
  try {
    return { name, ok: true, value: look() };
  } catch (error) {
    return { name, ok: false, value: (error as Error).message };
  }
}

function nodeVersion(): string {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < NODE_MAJOR_MIN) throw new Error(`${process.version} at ${process.execPath}; ${NODE_MAJOR_MIN} is needed`);
  return `${process.version} at ${process.execPath}`;
}

/** What --pin may choose from, and how many threads a run starts by itself. */
function usableCpus(): string {
  const cpus = allowedCpus();
  const byDefault = defaultCoreCount(os.availableParallelism());
  return `${cpus.join(',')} for --pin; a run uses ${byDefault === 1 ? 'one thread' : `up to ${byDefault} threads`} without --cores`;
}

function describeNodes(): string {
  const nodes = numaNodes();
  if (nodes.length === 0) return 'not told by the system: --numa does nothing';
  const listed = nodes.map(({ node, cpus }) => `node ${node}: CPUs ${cpus.join(',')}`).join('; ');
  return nodes.length === 1 ? `one (${listed}): --numa has nothing to spread` : `${nodes.length} (${listed})`;
}

/** The kernels use SIMD throughout: a machine without it cannot compile them. */
function kernels(): string {
  const started = performance.now();
  const ahead = prepareKernels()?.() ?? null;
  const { memory } = createLinearMemory(ahead ?? loadKernelModule());
  const millis = (performance.now() - started).toFixed(1);
  const how = ahead === null ? 'compiled' : 'loaded as compiled at build,';
  return `ok: SIMD, ${how} in ${millis} ms, ${formatBytes(memory.buffer.byteLength)} of memory at start`;
}

function nativeModule(): string {
  const started = performance.now();
  const getpid = loadKoffi().load(null).func('int getpid()');
  if (getpid() !== process.pid) throw new Error('koffi is loaded, but getpid() gives a wrong answer');
  return `ok: koffi, loaded in ${(performance.now() - started).toFixed(1)} ms`;
}

function nativeCache(): string {
  if (layout() !== 'executable') return 'not needed: native modules are loaded from where they are';
  const root = cacheRoots().find((folder) => fs.existsSync(path.join(folder, 'native')));
  return root ?? 'none: nothing was unpacked';
}

function describeDescriptor(descriptor: 0 | 1 | 2): string {
  if (isTerminal(descriptor)) return 'terminal';
  const status = fs.fstatSync(descriptor);
  if (status.isFIFO()) return 'pipe';
  if (status.isFile()) return `file of ${formatBytes(status.size)}`;
  if (status.isSocket()) return 'socket';
  return status.isCharacterDevice() ? 'device' : 'other';
}
