// Which CPUs a thread may run on, and which memory it takes: sched_setaffinity(2), set_mempolicy(2), through koffi.
//
// Both speak of the calling thread, so a core calls them itself, first of all: what it allocates afterwards lies where
// it runs. A CPU set is a bit mask of 1,024 bits, as glibc's cpu_set_t.

import fs from 'node:fs';
import { requireKoffi } from './koffi.ts';

const MASK_WORDS = 32;
const SET_MEMPOLICY = 238; // x86-64
const MPOL_PREFERRED = 1;

interface Scheduler {
  sched_setaffinity(thread: number, bytes: number, mask: Uint32Array): number;
  sched_getaffinity(thread: number, bytes: number, mask: Uint32Array): number;
  syscall(number: number, mode: number, mask: Uint32Array, bits: number): number;
  errno(): number;
}

/** A system call was refused. */
export class Refused extends Error {}

/** CPUs that this thread may run on, in order. @throws Refused, or whatever keeps koffi from being loaded. */
export function allowedCpus(): number[] {
  const scheduler = loadScheduler();
  const mask = new Uint32Array(MASK_WORDS);
  if (scheduler.sched_getaffinity(0, mask.byteLength, mask) < 0) throw refusal('sched_getaffinity', scheduler);
  return Array.from({ length: MASK_WORDS * 32 }, (_, cpu) => cpu).filter((cpu) => isSet(mask, cpu));
}

/** Lets this thread run on these CPUs only. @throws Refused when none of them exists, or may be used. */
export function pinThread(cpus: readonly number[]): void {
  const scheduler = loadScheduler();
  const mask = maskOf(cpus);
  if (scheduler.sched_setaffinity(0, mask.byteLength, mask) < 0) throw refusal('sched_setaffinity', scheduler);
}

/** Makes this thread take memory from a NUMA node as long as it has some. @throws Refused */
export function preferNode(node: number): void {
  const scheduler = loadScheduler();
  const mask = maskOf([node]);
  if (scheduler.syscall(SET_MEMPOLICY, MPOL_PREFERRED, mask, MASK_WORDS * 32) < 0) {
    throw refusal('set_mempolicy', scheduler);
  }
}

/** A NUMA node and its CPUs. */
export interface NumaNode {
  node: number;
  cpus: number[];
}

const NODES = '/sys/devices/system/node';

/** The NUMA nodes with CPUs; none where the system does not tell. */
export function numaNodes(): NumaNode[] {
  if (!fs.existsSync(NODES)) return [];
  return fs
    .readdirSync(NODES)
    .filter((name) => /^node\d+$/.test(name))
    .map((name) => ({ node: Number(name.slice(4)), cpus: parseCpuList(readText(`${NODES}/${name}/cpulist`)) }))
    .filter(({ cpus }) => cpus.length > 0)
    .sort((a, b) => a.node - b.node);
}

/** CPUs as the kernel lists them: `0-3,8`. @returns [] for anything else. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const part of text.trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return [];
    const last = Number(match[2] ?? match[1]);
    if (last >= MASK_WORDS * 32) return [];
    for (let cpu = Number(match[1]); cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function maskOf(bits: readonly number[]): Uint32Array {
  const mask = new Uint32Array(MASK_WORDS);
  for (const bit of bits) mask[bit >>> 5] = ((mask[bit >>> 5] as number) | (1 << (bit & 31))) >>> 0;
  return mask;
}

function isSet(mask: Uint32Array, bit: number): boolean {
  return (((mask[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
}

function refusal(call: string, scheduler: Scheduler): Refused {
  const code = scheduler.errno();
  const meaning = code === 22 ? 'no such CPU or node' : code === 1 ? 'not permitted' : `errno ${code}`;
  return new Refused(`${call}: ${meaning}`);
}

let loaded: Scheduler | undefined;

function loadScheduler(): Scheduler {
  if (loaded !== undefined) return loaded;
  const koffi = requireKoffi();
  const library = koffi.load(null);
  const affinity = ['int', 'size_t', 'uint32_t *'];
  loaded = {
    sched_setaffinity: library.func('sched_setaffinity', 'int', affinity) as Scheduler['sched_setaffinity'],
    sched_getaffinity: library.func('sched_getaffinity', 'int', [
      'int',
      'size_t',
      koffi.out('uint32_t *'),
    ]) as Scheduler['sched_getaffinity'],
    syscall: library.func('syscall', 'long', ['long', 'int', 'uint32_t *', 'ulong']) as Scheduler['syscall'],
    errno: () => koffi.errno(),
  };
  return loaded;
}
