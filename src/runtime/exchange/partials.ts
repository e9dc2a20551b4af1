// Groups as owners give them where each groups the rows that it has decoded: keys, window, and an image of the states.

import { AGGREGATE_IMAGE_BYTES, AGGREGATE_IMAGE_OFFSET } from '../../../kernels/layout-aggregate.ts';
import { RESULTS_AGGREGATE, RESULTS_ITEMS, RESULTS_SOURCES, RESULTS_TARGETS } from '../../../kernels/layout-results.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import { layOutEntry } from '../operators/aggregate-layout.ts';

/** Has an owner's aggregate give images. `state`: address of its state, `aggregate`: as the plan has it. */
export function giveImages(
  memory: LinearMemory,
  state: number,
  { aggregate, inputSchema }: { aggregate: AggregateNode; inputSchema: Schema },
): void {
  const { keyEnd, entryBytes } = layOutEntry(inputSchema, aggregate);
  memory.store32(state + AGGREGATE_IMAGE_OFFSET, keyEnd);
  memory.store32(state + AGGREGATE_IMAGE_BYTES, entryBytes - keyEnd);
}

/** Has a merge put images together. `aggregate`: address of an owner's state. */
export function takeImages(
  memory: LinearMemory,
  state: number,
  { aggregate, batchRows, inputCount }: { aggregate: number; batchRows: number; inputCount: number },
): void {
  memory.store32(state + RESULTS_AGGREGATE, aggregate);
  memory.store32(state + RESULTS_ITEMS, memory.allocate(batchRows * 16));
  memory.store32(state + RESULTS_SOURCES, memory.allocate(batchRows * inputCount * 4));
  memory.store32(state + RESULTS_TARGETS, memory.allocate(batchRows * inputCount * 4));
}
