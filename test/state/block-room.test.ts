// Blocks of a checkpoint are put into memory that two threads share: what a snapshot has there stays until it is given back.

import { expect, test } from 'vitest';
import { BlockRoom } from '../../src/state/block-room.ts';
import { packSnapshot, unpackSnapshot } from '../../src/state/packed-snapshot.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const isShared = (block: Uint8Array): boolean => block.buffer instanceof SharedArrayBuffer;

/** The two ends of a room with space for some blocks. */
async function roomOf(size: number): Promise<{ main: BlockRoom; core: BlockRoom }> {
  const main = new BlockRoom();
  await main.reserve(size);
  return { main, core: new BlockRoom(main.buffer) };
}

test('puts the parts of blocks one after another, where the other thread sees them', async () => {
  const { core } = await roomOf(1000);
  core.begin();
  const first = core.put([bytes(1, 2, 3), bytes(4)]);
  const second = core.put([bytes(5)]);
  expect([[...first], [...second]]).toEqual([[1, 2, 3, 4], [5]]);
  expect([isShared(first), isShared(second)]).toEqual([true, true]);
});

test('leaves the blocks of a snapshot alone that is not written yet: the next one has its own', async () => {
  const { main, core } = await roomOf(1000);
  core.begin();
  const first = core.put([bytes(1, 2, 3)]);
  core.begin();
  const second = core.put([bytes(7, 8, 9)]);
  expect([[...first], [...second]]).toEqual([
    [1, 2, 3],
    [7, 8, 9],
  ]);
  expect(isShared(second)).toBe(false);
  main.giveBack();
  core.begin();
  const third = core.put([bytes(4, 5, 6)]);
  expect(third.byteOffset).toBe(first.byteOffset);
  expect(isShared(third)).toBe(true);
});

test('copies what does not fit to memory of its own, and has room for it once that is made', async () => {
  const { main, core } = await roomOf(1000);
  const large = new Uint8Array(8 << 20).fill(7);
  core.begin();
  expect(isShared(core.put([large]))).toBe(false);
  expect(isShared(core.put([bytes(1)]))).toBe(true);
  main.giveBack();
  await main.reserve(large.length);
  core.begin();
  const copy = core.put([large]);
  expect(isShared(copy)).toBe(true);
  expect(Buffer.compare(copy, large)).toBe(0);
});

test('begins with nobody having it, though it has no space yet', () => {
  const room = new BlockRoom();
  room.begin();
  expect([...room.put([bytes(1, 2)])]).toEqual([1, 2]);
});

test('a snapshot is the same when it has been posted: blocks in the room and beside it, and their order', async () => {
  const { main, core } = await roomOf(1000);
  core.begin();
  const block = (name: string, data: Uint8Array) => ({ name, bytes: core.put([data]) });
  const facts = { core: 0, cores: 1, keys: 2, openStart: null };
  const operators = [
    { id: 'a', ...facts, blocks: [block('x', bytes(1, 2)), block('y', new Uint8Array(2 << 20)), block('z', bytes(3))] },
    { id: 'b', ...facts, blocks: [{ name: '0', bytes: bytes(4) }] },
    { id: 'c', ...facts, blocks: [] },
  ];
  const snapshot = { sources: [], sinks: [], operators };
  const before = structuredClone(snapshot);
  const { packed, moved } = packSnapshot(snapshot);
  expect(unpackSnapshot(structuredClone(packed, { transfer: moved }))).toEqual(before);
  expect(main.buffer.byteLength).toBeLessThan(8 << 20);
});
