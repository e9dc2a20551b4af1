// The state block of a join whose result changes: that of a join, and what its kernels need besides
// (kernels/layout-updating.ts).

import { READ_SLACK } from '../../../kernels/layout.ts';
import { SIDE_BYTES, SIDE_FLIGHT } from '../../../kernels/layout-join.ts';
import { FIELD_BYTES, FIELD_OFFSET, ROWS_FIELDS, ROWS_FIXED_BYTES } from '../../../kernels/layout-rows.ts';
import * as layout from '../../../kernels/layout-updating.ts';
import { assert } from '../../base/assert.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { ARRIVAL } from '../../plan/exchange.ts';
import type { JoinNode } from '../../plan/join-node.ts';
import { storeMicros } from '../split-watermark.ts';
import { createJoinState, type JoinState } from './join-layout.ts';

interface Shape {
  inputSchemas: readonly [Schema, Schema];
  batchRows: number;
}

/** Allocates the state block and writes what the kernels work by. */
export function createUpdatingState(
  memory: LinearMemory,
  node: JoinNode,
  { inputSchemas, batchRows }: Shape,
): JoinState {
  const { updating, ttlMicros, condition, schema } = node;
  assert(updating !== null, `${node.id} gives changes`);
  // A row as it was and as it is go together.
  const entries = Math.max(batchRows, 2);
  const rowBytes = ttlMicros === null ? 0 : layout.QUEUED_BYTES;
  const stateBytes = layout.UPDATING_STATE_BYTES;
  const made = createJoinState(memory, node, { inputSchemas, batchRows: entries, stateBytes, rowBytes });
  const { state } = made;
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  const rows = entries * layout.UPDATING_OUT_FACTOR;
  set(layout.UPDATING_STEPS, memory.allocate(entries * layout.STEP_BYTES));
  set(layout.UPDATING_FLIGHT_LEFTS, memory.load32(state + SIDE_FLIGHT));
  set(layout.UPDATING_FLIGHT_RIGHTS, memory.load32(state + SIDE_BYTES + SIDE_FLIGHT));
  set(layout.UPDATING_OUT_LEFTS, memory.allocate(rows * 4 + READ_SLACK));
  set(layout.UPDATING_OUT_RIGHTS, memory.allocate(rows * 4 + READ_SLACK));
  set(layout.UPDATING_OUT_CHANGES, memory.allocate(rows * 4 + READ_SLACK));
  set(layout.UPDATING_KEPT, memory.allocate(layout.UPDATING_BLOCK_ROWS * 4));
  set(layout.UPDATING_CHANGE_COLUMN, changeColumnOf(schema));
  const arrival = arrivalColumnOf(schema);
  set(layout.UPDATING_OUT_ARRIVALS, arrival < 0 ? 0 : memory.allocate(rows * 8 + READ_SLACK));
  set(layout.UPDATING_ARRIVAL_COLUMN, arrival);
  // Once rows are let go the lists of keys do not tell how many matches there were.
  set(layout.UPDATING_IS_COUNTED, condition !== null || ttlMicros !== null ? 1 : 0);
  if (ttlMicros !== null) storeMicros(memory, state + layout.UPDATING_TTL, ttlMicros);
  if (node.join === 'mark') {
    const bytes = memory.load32(state + SIDE_BYTES + ROWS_FIXED_BYTES);
    const any = memory.allocate(bytes);
    memory.u8.fill(1, any, any + bytes);
    set(layout.UPDATING_ANY_ROW, any);
  }
  [updating.left, updating.right].forEach((column, side) => {
    const at = layout.UPDATING_SIDES + side * layout.UPDATED_BYTES;
    set(at + layout.UPDATED_CHANGES, column ?? -1);
    set(at + layout.UPDATED_ARRIVALS, arrivalColumnOf(inputSchemas[side] as Schema));
    const end = memory.load32(state + side * SIDE_BYTES + ROWS_FIXED_BYTES);
    writeTimes(memory, state + at, node, { side, fields: memory.load32(state + side * SIDE_BYTES + ROWS_FIELDS) });
    set(at + layout.UPDATED_QUEUE, ttlMicros === null ? 0 : end - rowBytes);
  });
  return made;
}

/** Column with the numbers of rows that other cores have, −1 without one (src/plan/fed-exchange.ts). */
function arrivalColumnOf(schema: Schema): number {
  return schema.findIndex(({ name, hidden }) => hidden === true && name === ARRIVAL.name);
}

/** Of a side that times bound: where they are, and how far apart rows may be that match. */
function writeTimes(
  memory: LinearMemory,
  at: number,
  { bounds }: JoinNode,
  { side, fields }: { side: number; fields: number },
): void {
  if (bounds === null) return;
  const { column, watermarkColumn } = side === 0 ? bounds.left : bounds.right;
  const reach = Math.max(0, -bounds.lowMicros, bounds.highMicros, bounds.lowMicros, -bounds.highMicros);
  memory.store32(at + layout.UPDATED_TIME_OFFSET, memory.load32(fields + column * FIELD_BYTES + FIELD_OFFSET));
  memory.store32(at + layout.UPDATED_WATERMARK_COLUMN, watermarkColumn ?? -1);
  // Rows to come may be behind the watermark by as much.
  storeMicros(memory, at + layout.UPDATED_REACH, reach + Math.max(0, -bounds.aheadMicros));
}
