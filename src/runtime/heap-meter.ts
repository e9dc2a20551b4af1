// Bytes that a piece of work leaves on the JavaScript heap of its thread, exact to the object.
//
// The counter of the isolate includes garbage that was not collected yet. A collection in between makes the difference
// meaningless, mostly negative. Node's calls for reading and writing files make objects of their own, until they are
// compiled some hundreds of bytes each: they are measured by themselves and taken off.
//
// Reading makes an object too, always of the same size, which is taken off. For that the reading function is called by
// way of WebAssembly, where it cannot become a part of its callers and be compiled differently in each; and counts are
// 32-bit integers, which are no objects wherever they are.

import fs from 'node:fs';
import v8 from 'node:v8';

/** (import "e" "r" (func (result i32))) (func (export "r") (result i32) call 0) */
const TRAMPOLINE = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 2, 7, 1, 1, 0x65, 1, 0x72, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1,
  0x72, 0, 1, 10, 6, 1, 4, 0, 0x10, 0, 0x0b,
]);

/** Calls until the reading function is compiled. */
const WARM_CALLS = 30_000;

type SystemCall = (
  descriptor: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position?: number | null,
) => number;

/** One for a thread: it puts itself around fs.readSync and fs.writeSync. */
export class HeapMeter {
  /** Bytes in use modulo 2^32, as i32: only differences count. */
  readonly used: () => number;
  /** Bytes that `used` leaves behind. */
  readonly cost: number;
  /** Bytes left behind by system calls so far. */
  readonly #system = new Int32Array(1);
  /** Bytes in use when the work began. */
  readonly #before = new Int32Array(1);
  readonly #paused = new Int32Array(1);

  constructor() {
    // Code is compiled when it is hot, and not when a thread beside has time for it: on a busy machine that is late.
    v8.setFlagsFromString('--no-concurrent-recompilation');
    this.used = makeReader();
    this.cost = costOf(this.used);
    fs.readSync = this.#measured(fs.readSync as SystemCall) as typeof fs.readSync;
    fs.writeSync = this.#measured(fs.writeSync as SystemCall) as typeof fs.writeSync;
  }

  /** Bytes in use but for those of system calls. */
  usedOwn(): number {
    return (this.used() - (this.#system[0] as number)) | 0;
  }

  /** The work begins. */
  begin(): void {
    this.#before[0] = this.usedOwn();
  }

  /** Bytes left behind since `begin`. */
  bytes(): number {
    return ((this.usedOwn() - (this.#before[0] as number)) | 0) - this.cost;
  }

  /** What is left behind from here to `resume` does not count. */
  pause(): void {
    this.#paused[0] = this.usedOwn();
  }

  resume(): void {
    this.#before[0]! += ((this.usedOwn() - (this.#paused[0] as number)) | 0) + this.cost;
  }

  #measured(original: SystemCall): SystemCall {
    const system = this.#system;
    const { used, cost } = this;
    return (descriptor, buffer, offset, length, position) => {
      const before = used();
      const count = original(descriptor, buffer, offset, length, position);
      // Reading the counter twice is part of it.
      const bytes = ((used() - before) | 0) + cost;
      if (bytes > 0) system[0]! += bytes;
      return count;
    };
  }
}

function makeReader(): () => number {
  const read = (): number => v8.getHeapStatistics().used_heap_size | 0;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(TRAMPOLINE), { e: { r: read } });
  return exports['r'] as () => number;
}

/** The least of several: a collection may come in between. */
function costOf(used: () => number): number {
  const seen = new Int32Array(2);
  for (let n = 0; n < WARM_CALLS; n++) seen[n & 1] = used();
  let cost = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 8; n++) {
    seen[0] = used();
    seen[1] = used();
    const bytes = ((seen[1] as number) - (seen[0] as number)) | 0;
    if (bytes >= 0) cost = Math.min(cost, bytes);
  }
  return cost;
}
