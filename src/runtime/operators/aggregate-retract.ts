// The part of an aggregate that reads changes: rows can be taken back from its groups (kernels/retract-update.ts).

import { AGGREGATE_RETRACT } from '../../../kernels/layout-aggregate.ts';
import * as layout from '../../../kernels/layout-retract.ts';
import { ROWS_BYTES } from '../../../kernels/layout-rows.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { EntryLayout } from './aggregate-layout.ts';
import { layOutRow, writeRowStore } from './row-layout.ts';

/**
 * Completes the state block of an aggregate whose input has the changes in a column; before it adds anything. `timeColumn`: of
 * sessions, which are made from their rows again when those go.
 */
export function prepareRetractions(
  memory: LinearMemory,
  state: number,
  parts: { entry: EntryLayout; inputSchema: Schema; changeColumn: number; timeColumn: number | null },
): void {
  const { entry, inputSchema, changeColumn, timeColumn } = parts;
  const retract = memory.allocateZeroed(layout.RETRACT_BYTES);
  memory.store32(retract + layout.RETRACT_COLUMN, changeColumn);
  memory.store32(retract + layout.RETRACT_GROUP, entry.retractOffset);
  memory.store32(retract + layout.RETRACT_BATCH, createBatch(memory, inputSchema, 1));
  if (timeColumn !== null || keepsRows(entry)) {
    const visible = inputSchema.filter(({ hidden }) => hidden !== true);
    const { fields, end } = layOutRow(visible);
    const rows = memory.allocateZeroed(ROWS_BYTES);
    writeRowStore(memory, rows, { fields, fixedBytes: end });
    memory.store32(retract + layout.RETRACT_ROWS, rows);
    if (timeColumn !== null) memory.store32(retract + layout.RETRACT_TIME_OFFSET, fields[timeColumn]?.offset ?? 0);
  }
  memory.store32(state + AGGREGATE_RETRACT, retract);
  memory.kernels.retractInit(state);
  memory.refresh();
}

/** Retractions that need nothing but the state. */
const FROM_STATE: ReadonlySet<number> = new Set([
  layout.RETRACTION_COUNT,
  layout.RETRACTION_SUM,
  layout.RETRACTION_DISTINCT,
]);

/** Whether some results are made from the rows of a group again. */
function keepsRows({ calls }: EntryLayout): boolean {
  return calls.some(({ retraction }) => !FROM_STATE.has(retraction));
}
