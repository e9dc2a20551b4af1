// What computes an aggregate over the rows of frames: an aggregate operator without keys, a batch for the arguments of
// rows, and a batch of one row for the result. The kernels (kernels/frame-aggregate.ts) work by it.

import * as aggregateLayout from '../../../kernels/layout-aggregate.ts';
import * as layout from '../../../kernels/layout-over.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { AggregateSpec } from '../../plan/aggregate-node.ts';
import { aggregateDefinition } from '../../plan/aggregates/registry.ts';
import { writeCalls, writeKeys } from './aggregate-descriptors.ts';
import { type EntryLayout, layOutEntry } from './aggregate-layout.ts';
import { type RowField, writeRowStore } from './row-layout.ts';

/** Rows that are added at once, as in kernels/aggregate-state.ts. */
const BLOCK_ROWS = 256;

/** Makes the FRAME_AGGREGATE_* block of an aggregate over rows of `schema`, which lie by `fields`. @returns its address */
export function createFrameAggregate(
  memory: LinearMemory,
  spec: AggregateSpec,
  rows: { schema: Schema; fields: readonly RowField[] },
): number {
  const columns = columnsOf(spec);
  const own = renumbered(spec, columns);
  const schema = columns.map((column) => rows.schema[column] as Schema[number]);
  const entry = layOutEntry(schema, { keyCount: 0, aggregates: [own], emit: { on: 'close' } });
  const nullable = aggregateDefinition(spec.function).empty === 'null';
  const block = memory.allocateZeroed(layout.FRAME_AGGREGATE_BYTES);
  const set = (offset: number, value: number): void => memory.store32(block + offset, value);
  set(layout.FRAME_AGGREGATE_STATE, createState(memory, entry));
  set(layout.FRAME_AGGREGATE_INPUT, createBatch(memory, schema, BLOCK_ROWS));
  set(layout.FRAME_AGGREGATE_OUTPUT, createBatch(memory, [{ name: '', type: spec.result, nullable }], 1));
  set(layout.FRAME_AGGREGATE_PHYSICAL, PHYSICAL_CODES[physicalOf(spec.result)]);
  const fields = columns.map((column) => rows.fields[column] as RowField);
  writeRowStore(memory, block + layout.FRAME_AGGREGATE_ROWS, { fields, fixedBytes: 0 });
  return block;
}

/** The columns that an aggregate reads, ascending. */
function columnsOf({ column, by, sort = [] }: AggregateSpec): number[] {
  const read = [...(column === null ? [] : [column]), ...(by === undefined ? [] : [by.column])];
  return [...new Set([...read, ...sort.map((item) => item.column)])].sort((a, b) => a - b);
}

function renumbered(spec: AggregateSpec, columns: readonly number[]): AggregateSpec {
  const place = (column: number): number => columns.indexOf(column);
  const { column, by, sort } = spec;
  return {
    ...spec,
    column: column === null ? null : place(column),
    ...(by === undefined ? {} : { by: { ...by, column: place(by.column) } }),
    ...(sort === undefined ? {} : { sort: sort.map((item) => ({ ...item, column: place(item.column) })) }),
  };
}

/** The state of a GROUP BY without keys and windows. */
function createState(memory: LinearMemory, entry: EntryLayout): number {
  const state = memory.allocateZeroed(aggregateLayout.AGGREGATE_STATE_BYTES);
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  set(aggregateLayout.AGGREGATE_KEY_BYTES, entry.keyBytes);
  set(aggregateLayout.AGGREGATE_KEYS, writeKeys(memory, entry));
  set(aggregateLayout.AGGREGATE_CALL_COUNT, entry.calls.length);
  set(aggregateLayout.AGGREGATE_CALLS, writeCalls(memory, entry));
  set(aggregateLayout.AGGREGATE_ENTRY_BYTES, entry.entryBytes);
  set(aggregateLayout.AGGREGATE_TEMPLATE, memory.store(entry.template));
  set(aggregateLayout.AGGREGATE_SEEN, entry.seenOffset);
  set(aggregateLayout.AGGREGATE_TIME_COLUMN, -1);
  set(aggregateLayout.AGGREGATE_WATERMARK_COLUMN, -1);
  set(aggregateLayout.AGGREGATE_END_COLUMN, -1);
  return state;
}
