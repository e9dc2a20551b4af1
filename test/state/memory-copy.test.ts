// A core's memory is copied to where another thread makes images of it: all that is in use is there, and nothing that the
// other thread does reaches the core.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LinearMemory } from '../../src/data/memory.ts';
import { loadSharedKernels } from '../../src/platform/resources.ts';
import { withSharedMemory } from '../../src/platform/shared-kernels.ts';
import { MemoryCopier, MemoryCopy } from '../../src/state/memory-copy.ts';
import { testMemory } from '../support/linear-memory.ts';

const MEGABYTE = 1 << 20;

async function endsOf(memory: LinearMemory, bytes: number): Promise<{ copy: MemoryCopy; copier: MemoryCopier }> {
  const copy = new MemoryCopy(loadSharedKernels);
  await copy.reserve(bytes);
  return { copy, copier: new MemoryCopier(memory, copy.shared) };
}

function filled(memory: LinearMemory, bytes: number, value: number): number {
  const block = memory.allocate(bytes);
  memory.u8.fill(value, block, block + bytes);
  return block;
}

test('has what is in use where it is in the core, and not what nobody uses or what is apart', async () => {
  const memory = testMemory();
  const { copy, copier } = await endsOf(memory, 4 * MEGABYTE);
  const small = filled(memory, 100, 1);
  const given = filled(memory, MEGABYTE, 2);
  const large = filled(memory, MEGABYTE, 3);
  memory.kernels.release(given, MEGABYTE);
  const apart = memory.kernels.apartAllocate(MEGABYTE) >>> 0;
  memory.refresh();
  memory.u8.fill(4, apart, apart + MEGABYTE);
  const behind = filled(memory, 100, 5);
  expect(copier.copy()).toBe(true);
  const { u8 } = copy.open();
  const at = (block: number): number => u8[block + 50] as number;
  expect([small, given, large, apart, behind].map(at)).toEqual([1, 0, 3, 0, 5]);
});

test('allocates behind the copy: what is in it stays, and the core has nothing of it', async () => {
  const memory = testMemory();
  const { copy, copier } = await endsOf(memory, 4 * MEGABYTE);
  const own = filled(memory, 1000, 7);
  const end = memory.kernels.memoryEnd() >>> 0;
  for (let round = 0; round < 2; round++) {
    copier.copy();
    copy.open();
    for (const bytes of [64, 5000, 3 * MEGABYTE]) {
      const block = copy.kernels.allocate(bytes) >>> 0;
      copy.refresh();
      expect(block).toBeGreaterThanOrEqual(end);
      copy.u8.fill(9, block, block + bytes);
    }
    expect(copy.u8[own + 999]).toBe(7);
  }
  expect(memory.kernels.memoryEnd() >>> 0).toBe(end);
  expect(memory.u8.subarray(own, own + 1000).every((byte) => byte === 7)).toBe(true);
});

test('is not made before there is room, nor when there is little to copy, and grows with the core', async () => {
  const memory = testMemory();
  const copy = new MemoryCopy(loadSharedKernels);
  const copier = new MemoryCopier(memory, copy.shared);
  expect(copier.copy()).toBe(false);
  await copy.reserve(MEGABYTE);
  const block = filled(memory, 20 * MEGABYTE, 6);
  expect(copier.copy()).toBe(true);
  expect(copy.open().u8[block + 20 * MEGABYTE - 1]).toBe(6);
  copy.close();
  expect(copier.copy()).toBe(false);
  await copy.reserve(MEGABYTE);
  expect(copier.copy()).toBe(true);
});

test('blocks that are apart lie in no other, nor where the copy has what is in use', () => {
  const sizes = fc.array(fc.tuple(fc.constantFrom(1, 64, 65, 700, 5000, 70_000, 1_100_000), fc.boolean()), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(sizes, fc.nat(), (steps, seed) => {
      const memory = testMemory();
      const { kernels } = memory;
      const before = kernels.allocatedBytes();
      const held: { address: number; bytes: number; isApart: boolean }[] = [];
      for (const [index, [bytes, isApart]] of steps.entries()) {
        const leaving = (index + seed) % 3 === 0 ? held.splice(seed % Math.max(held.length, 1), 1)[0] : undefined;
        if (leaving?.isApart === true) kernels.apartRelease(leaving.address, leaving.bytes);
        else if (leaving !== undefined) kernels.release(leaving.address, leaving.bytes);
        const address = (isApart ? kernels.apartAllocate(bytes) : kernels.allocate(bytes)) >>> 0;
        held.push({ address, bytes, isApart });
      }
      const most = 200;
      const list = memory.allocate(most * 8);
      const count = kernels.apartList(list, most);
      const leftOut = Array.from({ length: count }, (_, i) => memory.load32(list + i * 8)).map((address, i) => ({
        address,
        bytes: memory.load32(list + i * 8 + 4),
      }));
      held.sort((a, b) => a.address - b.address);
      for (const [index, { address, bytes, isApart }] of held.entries()) {
        expect(address + bytes).toBeLessThanOrEqual(held[index + 1]?.address ?? Number.POSITIVE_INFINITY);
        const isIn = leftOut.some((out) => out.address <= address && address + bytes <= out.address + out.bytes);
        const meets = leftOut.some((out) => out.address < address + bytes && address < out.address + out.bytes);
        expect([isIn, meets]).toEqual([isApart, isApart]);
      }
      for (const { address, bytes, isApart } of held) {
        if (isApart) kernels.apartRelease(address, bytes);
        else kernels.release(address, bytes);
      }
      kernels.release(list, most * 8);
      expect(kernels.allocatedBytes()).toBe(before);
    }),
    { numRuns: 30 },
  );
});

test('kernels for shared memory refuse one that is not, and a module that imports something else is refused', async () => {
  const module = await loadSharedKernels();
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 65_536 });
  expect(() => new WebAssembly.Instance(module, { env: { memory } })).toThrow(WebAssembly.LinkError);
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  expect(() => withSharedMemory(empty)).toThrow('the kernels import no memory');
});
