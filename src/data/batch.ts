// Batches from the TypeScript side: making them, and reading values out of them at the edges (tests, Arrow, errors).
//
// A batch is a pointer to the header described in kernels/layout.ts. On the hot path TypeScript only passes the
// pointer around; the functions that touch values are for the edges and allocate freely.

import {
  BATCH_CAPACITY,
  BATCH_COLUMN_COUNT,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  BATCH_WEIGHTS,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  READ_SLACK,
} from '../../kernels/layout.ts';
import { assert } from '../base/assert.ts';
import type { LinearMemory } from './memory.ts';
import { type NestedValue, readNested, writeNested } from './nested-value.ts';
import type { Schema } from './schema.ts';
import { bytesOf, type DataType, isNested, physicalOf } from './type.ts';

/**
 * A value of a batch as JavaScript sees it: BIGINT, TIMESTAMP (µs) and INTERVAL (µs) are bigint, DATE is days; a list is
 * an array, a struct an array of its fields in order.
 */
export type Value = NestedValue;

/**
 * Makes an empty batch of the schema. Columns marked in `aliased` get no storage: their producer points them at
 * another batch's columns.
 */
export function createBatch(
  memory: LinearMemory,
  schema: Schema,
  capacity: number,
  aliased?: readonly boolean[],
): number {
  const batch = memory.allocateZeroed(BATCH_COLUMNS + schema.length * COLUMN_BYTES);
  memory.store32(batch + BATCH_CAPACITY, capacity);
  memory.store32(batch + BATCH_COLUMN_COUNT, schema.length);
  memory.store32(batch + BATCH_WEIGHTS, 0);
  schema.forEach((column, index) => {
    if (aliased?.[index]) return;
    const data = memory.allocate(capacity * bytesOf(column.type) + READ_SLACK);
    const validity = column.nullable ? memory.allocate(capacity + READ_SLACK) : 0;
    memory.store32(batch + BATCH_COLUMNS + index * COLUMN_BYTES + COLUMN_DATA, data);
    memory.store32(batch + BATCH_COLUMNS + index * COLUMN_BYTES + COLUMN_VALIDITY, validity);
  });
  return batch;
}

/** Rows in the batch. */
export function rowCountOf(memory: LinearMemory, batch: number): number {
  return memory.load32(batch + BATCH_ROW_COUNT);
}

/** Address of a column's data. */
export function columnData(memory: LinearMemory, batch: number, column: number): number {
  return memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA);
}

/** Address of a column's validity bytes, 0 when it cannot hold NULL. */
export function columnValidity(memory: LinearMemory, batch: number, column: number): number {
  return memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_VALIDITY);
}

/** U+FEFF is a character of a value like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads one value. For edges and tests, not for the hot path. */
export function valueAt(
  memory: LinearMemory,
  batch: number,
  place: { column: number; row: number; type: DataType },
): Value {
  const { column, row, type } = place;
  const validity = columnValidity(memory, batch, column);
  if (validity !== 0 && memory.u8[validity + row] === 0) return null;
  const data = columnData(memory, batch, column);
  switch (physicalOf(type)) {
    case 'u8':
      return memory.u8[data + row] !== 0;
    case 'i32':
      return memory.i32[(data >>> 2) + row] as number;
    case 'i64':
      return memory.i64[(data >>> 3) + row] as bigint;
    case 'f64':
      return memory.f64[(data >>> 3) + row] as number;
    case 'ref': {
      const address = memory.load32(data + row * 8);
      const bytes = memory.u8.subarray(address, address + memory.load32(data + row * 8 + 4));
      return isNested(type) ? readNested(bytes, type) : decoder.decode(bytes);
    }
  }
}

/** All rows of a batch, hidden columns included. For edges and tests. */
export function rowsOf(memory: LinearMemory, batch: number, schema: Schema): Value[][] {
  return Array.from({ length: rowCountOf(memory, batch) }, (_, row) =>
    schema.map((c, column) => valueAt(memory, batch, { column, row, type: c.type })),
  );
}

/** Fills a batch with rows; strings are copied into fresh allocations. For edges and tests. */
export function fillBatch(
  memory: LinearMemory,
  batch: number,
  content: { schema: Schema; rows: readonly Value[][] },
): void {
  const { schema, rows } = content;
  assert(rows.length <= memory.load32(batch + BATCH_CAPACITY), 'rows fit the batch');
  memory.store32(batch + BATCH_ROW_COUNT, rows.length);
  rows.forEach((row, r) => {
    schema.forEach((c, column) => {
      const value = row[column] ?? null;
      const validity = columnValidity(memory, batch, column);
      if (validity !== 0) memory.u8[validity + r] = value === null ? 0 : 1;
      assert(value !== null || validity !== 0, `column ${c.name} cannot hold NULL`);
      if (value !== null) storeValue(memory, columnData(memory, batch, column), { row: r, type: c.type, value });
    });
  });
}

function storeValue(memory: LinearMemory, data: number, cell: { row: number; type: DataType; value: Value }): void {
  const { row, type, value } = cell;
  switch (physicalOf(type)) {
    case 'u8':
      memory.u8[data + row] = value ? 1 : 0;
      return;
    case 'i32':
      memory.i32[(data >>> 2) + row] = value as number;
      return;
    case 'i64':
      memory.i64[(data >>> 3) + row] = BigInt(value as bigint | number);
      return;
    case 'f64':
      memory.f64[(data >>> 3) + row] = value as number;
      return;
    case 'ref': {
      const bytes = isNested(type) ? writeNested(value as readonly Value[], type) : encoder.encode(value as string);
      const address = memory.store(bytes);
      memory.store32(data + row * 8, address);
      memory.store32(data + row * 8 + 4, bytes.length);
    }
  }
}
