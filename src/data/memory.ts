// A core's linear memory, its kernels, and the views TypeScript holds over it.
//
// Growing a WebAssembly.Memory detaches every view, and any kernel that allocates may grow it. This class is the one
// owner of views: call `refresh()` after a kernel call that may have allocated and before touching a view.

import type { Kernels } from '../../build/generated/kernels.d.ts';

export type { Kernels };

export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  u8: Uint8Array;
  i32: Int32Array;
  u32: Uint32Array;
  i64: BigInt64Array;
  f64: Float64Array;
  /** Blocks allocated here while somebody asks: address, bytes, address, bytes, … */
  #recorded: number[] | null = null;

  constructor(memory: WebAssembly.Memory, kernels: Kernels) {
    this.memory = memory;
    this.kernels = kernels;
    this.u8 = new Uint8Array(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
    this.i64 = new BigInt64Array(memory.buffer);
    this.f64 = new Float64Array(memory.buffer);
  }

  /** Makes new views if the memory has grown since the last call. */
  refresh(): void {
    if (this.u8.byteLength !== 0) return;
    const buffer = this.memory.buffer;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Allocates `bytes` bytes (not zeroed, 16-byte aligned) and refreshes the views. */
  allocate(bytes: number): number {
    const address = this.kernels.allocate(bytes) >>> 0;
    this.refresh();
    this.#recorded?.push(address, bytes);
    return address;
  }

  /**
   * Makes something that will be given back. @returns it, and what gives back all that was allocated here meanwhile.
   * Where `make` throws, that is given back at once.
   */
  lend<T>(make: () => T): { made: T; release: () => void } {
    const blocks: number[] = [];
    const release = (): void => {
      for (let i = 0; i < blocks.length; i += 2) this.kernels.release(blocks[i] as number, blocks[i + 1] as number);
      blocks.length = 0;
    };
    this.#recorded = blocks;
    try {
      return { made: make(), release };
    } catch (error) {
      release();
      throw error;
    } finally {
      this.#recorded = null;
    }
  }

  /** Allocates and fills with zero. */
  allocateZeroed(bytes: number): number {
    const address = this.allocate(bytes);
    this.u8.fill(0, address, address + bytes);
    return address;
  }

  /** Copies bytes into a new allocation. */
  store(bytes: Uint8Array): number {
    const address = this.allocate(Math.max(bytes.length, 1));
    this.u8.set(bytes, address);
    return address;
  }

  /** Reads a u32 at an address (a multiple of 4). */
  load32(address: number): number {
    return this.u32[address >>> 2] as number;
  }

  /** Writes a u32 at an address (a multiple of 4). */
  store32(address: number, value: number): void {
    this.u32[address >>> 2] = value;
  }
}

const PAGE_BYTES = 1 << 16;

/** Instantiates the kernels over a new memory that may grow to so many bytes. */
export function createLinearMemory(module: WebAssembly.Module, bytesMax = 2 ** 32): LinearMemory {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 65_536 });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  kernels.memoryLimit(Math.floor(bytesMax / PAGE_BYTES));
  // Its first block is there from the start: a mark never grows memory, and whoever takes one keeps his views.
  kernels.transientMark();
  return new LinearMemory(memory, kernels);
}
