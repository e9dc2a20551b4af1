// The sums of records of a log (kernels/log-sum.ts), for whoever reads them.

import { createLinearMemory, type LinearMemory } from '../data/memory.ts';
import { RECORD_BYTES_MAX } from './log-record.ts';

const SUM_BYTES = 8;

export class LogSums {
  readonly #load: () => WebAssembly.Module;
  #memory: LinearMemory | null = null;
  /** In that memory: room for a sum, then for a record. */
  #address = 0;

  /** @param load gives the kernels, once there is something to sum. */
  constructor(load: () => WebAssembly.Module) {
    this.#load = load;
  }

  /** The sum of bytes, those of a record at most. */
  sumOf(bytes: Uint8Array): bigint {
    this.#memory ??= this.#open();
    const { u8, i64, kernels } = this.#memory;
    u8.set(bytes, this.#address + SUM_BYTES);
    kernels.logSum(this.#address + SUM_BYTES, bytes.length, this.#address);
    return i64[this.#address >>> 3] as bigint;
  }

  #open(): LinearMemory {
    const memory = createLinearMemory(this.#load());
    this.#address = memory.allocate(SUM_BYTES + RECORD_BYTES_MAX);
    return memory;
  }
}
