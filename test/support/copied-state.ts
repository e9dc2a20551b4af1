// What cores in the test's own thread leave in copies of their memories at a checkpoint.

import { expect } from 'vitest';
import { loadSharedKernels } from '../../src/platform/resources.ts';
import { writtenOf } from '../../src/runtime/checkpoint-place.ts';
import type { Core } from '../../src/runtime/core.ts';
import { keeperOf } from '../../src/runtime/state-keeper.ts';
import { MemoryCopy } from '../../src/state/memory-copy.ts';
import type { OperatorState, Snapshot } from '../../src/state/snapshot.ts';

/** Room for a copy. */
export async function makeCopy(): Promise<MemoryCopy> {
  const copy = new MemoryCopy(loadSharedKernels);
  await copy.reserve(0);
  return copy;
}

/** What a core has given of an operator, with the image that is made of the copy of its memory. */
export function madeOf(operator: OperatorState, copy: MemoryCopy): OperatorState {
  const { blocks, ...facts } = writtenOf(operator, copy);
  return { ...facts, blocks: Array.from(blocks, ({ name, bytes }) => ({ name, bytes: bytes.slice() })) };
}

/** The same of all operators of a core, which makes the images too: they have to be equal. */
export function madeOfAll(snapshot: Snapshot, copy: MemoryCopy, { parts }: Core): Snapshot {
  const keeper = keeperOf(parts.share.memory, {});
  const operators = snapshot.operators.map((operator) => {
    const made = madeOf(operator, copy);
    const own = parts.operators.find(({ id }) => id === operator.id);
    if (own !== undefined) expectSame(made, keeper.take(own));
    return made;
  });
  return { ...structuredClone({ ...snapshot, operators: [] }), operators };
}

function expectSame({ blocks, ...facts }: OperatorState, { blocks: own, ...ownFacts }: OperatorState): void {
  expect(facts).toEqual(ownFacts);
  expect(blocks.map(({ name }) => name)).toEqual(own.map(({ name }) => name));
  for (const [index, { name, bytes }] of blocks.entries()) {
    expect(Buffer.compare(bytes, own[index]?.bytes as Uint8Array), `block ${name} of ${facts.id}`).toBe(0);
  }
}
