// How an operator keeps rows: where each column lies in a kept row (kernels/row-store.ts), and orders over them.

import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ORDER_BYTES,
  ORDER_DESCENDING,
  ORDER_FLAGS,
  ORDER_NULL_OFFSET,
  ORDER_NULLS_FIRST,
  ORDER_OFFSET,
  ORDER_PHYSICAL,
  ROW_HEADER_BYTES,
  ROWS_FIELD_COUNT,
  ROWS_FIELDS,
  ROWS_FIXED_BYTES,
} from '../../../kernels/layout-rows.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { bytesOf, PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { SortKey } from '../../plan/ordered-nodes.ts';

export interface RowField {
  physical: number;
  offset: number;
  /** −1 when the column cannot hold NULL. */
  nullOffset: number;
}

export interface RowLayout {
  /** One for each column. */
  fields: RowField[];
  /** Where fields end; a multiple of 8. */
  end: number;
}

/** From `start` on, a multiple of 8: wide fields first, so that every value is aligned, then validity bytes. */
export function layOutRow(schema: Schema, start = ROW_HEADER_BYTES): RowLayout {
  const fields = schema.map(
    ({ type }): RowField => ({ physical: PHYSICAL_CODES[physicalOf(type)], offset: 0, nullOffset: -1 }),
  );
  let end = start;
  for (const bytes of [8, 4, 1]) {
    schema.forEach(({ type }, index) => {
      if (bytesOf(type) !== bytes) return;
      (fields[index] as RowField).offset = end;
      end += bytes;
    });
  }
  schema.forEach(({ nullable }, index) => {
    if (nullable) (fields[index] as RowField).nullOffset = end++;
  });
  return { fields, end: Math.ceil(end / 8) * 8 };
}

/** Writes a row store's header at `address`; rows have `fixedBytes` without their strings. */
export function writeRowStore(
  memory: LinearMemory,
  address: number,
  store: { fields: readonly RowField[]; fixedBytes: number },
): void {
  const { fields, fixedBytes } = store;
  const descriptors = memory.allocate(Math.max(fields.length * FIELD_BYTES, 1));
  fields.forEach(({ physical, offset, nullOffset }, index) => {
    const at = descriptors + index * FIELD_BYTES;
    memory.store32(at + FIELD_PHYSICAL, physical);
    memory.store32(at + FIELD_OFFSET, offset);
    memory.store32(at + FIELD_NULL_OFFSET, nullOffset);
  });
  memory.store32(address + ROWS_FIELD_COUNT, fields.length);
  memory.store32(address + ROWS_FIELDS, descriptors);
  memory.store32(address + ROWS_FIXED_BYTES, fixedBytes);
}

/** Writes the keys of an order over kept rows. @returns their address */
export function writeOrder(memory: LinearMemory, fields: readonly RowField[], keys: readonly SortKey[]): number {
  const order = memory.allocate(Math.max(keys.length * ORDER_BYTES, 1));
  keys.forEach(({ column, descending, nullsFirst }, index) => {
    const { physical, offset, nullOffset } = fields[column] as RowField;
    const at = order + index * ORDER_BYTES;
    memory.store32(at + ORDER_PHYSICAL, physical);
    memory.store32(at + ORDER_OFFSET, offset);
    memory.store32(at + ORDER_NULL_OFFSET, nullOffset);
    memory.store32(at + ORDER_FLAGS, (descending ? ORDER_DESCENDING : 0) + (nullsFirst ? ORDER_NULLS_FIRST : 0));
  });
  return order;
}
