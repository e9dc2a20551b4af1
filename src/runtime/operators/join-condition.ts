// The condition of a join, asked for the pairs that its keys and times let meet.

import { BATCH_ROW_COUNT, CELL_ERROR_CODE } from '../../../kernels/layout.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { JoinState } from './join-layout.ts';
import type { MapFunction } from './map.ts';

/**
 * Makes rows of the pairs in flight, numbered, and asks the condition.
 *
 * @param state address of the join's state
 * @returns the error that it met, 0 without one; the numbers of the pairs it lets through are in `made.passing`
 */
export function judgePairs(memory: LinearMemory, state: number, made: JoinState, condition: MapFunction): number {
  const { kernels } = memory;
  const { pairs, pairColumns, pairColumnCount, passing } = made;
  kernels.joinWrite(state, pairColumns, pairColumnCount, pairs);
  kernels.joinNumber(state, pairs, pairColumnCount);
  const mark = kernels.transientMark();
  memory.store32(CELL_ERROR_CODE, 0);
  const count = condition(pairs, passing);
  memory.refresh();
  const failed = memory.load32(CELL_ERROR_CODE);
  memory.store32(passing + BATCH_ROW_COUNT, count);
  kernels.transientRelease(mark);
  return failed;
}
