// Cutting a batch of changes without cutting an update in two.

import { columnData } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';

/**
 * How many of the first rows of a batch are written where `rows` of the `given` are wanted: one more where the last would
 * be the first half of an update. `column` has the changes, −1 where there are none.
 */
export function wholeUpdates(
  memory: LinearMemory,
  batch: number,
  { column, rows, given }: { column: number; rows: number; given: number },
): number {
  if (column < 0 || rows === 0 || rows === given) return rows;
  const changes = (columnData(memory, batch, column) >>> 2) + rows;
  const [before, after] = [memory.i32[changes - 1] as number, memory.i32[changes] as number];
  return before < -1 && before === -after ? rows + 1 : rows;
}
