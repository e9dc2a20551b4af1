// What the kernels of an aggregate work by: descriptors of keys and calls in linear memory, from the layout of entries.

import * as aggregateLayout from '../../../kernels/layout-aggregate.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { AggregateSort } from '../../plan/aggregate-node.ts';
import type { EntryLayout } from './aggregate-layout.ts';

/** @returns the address of the key descriptors, KEY_BYTES each. */
export function writeKeys(memory: LinearMemory, entry: EntryLayout): number {
  const at = memory.allocate(Math.max(entry.keys.length * aggregateLayout.KEY_BYTES, 1));
  entry.keys.forEach((key, index) => {
    const descriptor = at + index * aggregateLayout.KEY_BYTES;
    memory.store32(descriptor + aggregateLayout.KEY_PHYSICAL, key.physical);
    memory.store32(descriptor + aggregateLayout.KEY_OFFSET, key.offset);
    memory.store32(descriptor + aggregateLayout.KEY_NULL_OFFSET, key.nullOffset);
    memory.store32(descriptor + aggregateLayout.KEY_ADDRESS_OFFSET, key.addressOffset);
  });
  return at;
}

/** @returns the address of the call descriptors, CALL_BYTES each. */
export function writeCalls(memory: LinearMemory, entry: EntryLayout): number {
  const at = memory.allocate(Math.max(entry.calls.length * aggregateLayout.CALL_BYTES, 1));
  entry.calls.forEach((call, index) => {
    const separator = new TextEncoder().encode(call.separator);
    const separatorAddress = memory.store(separator);
    const sorts = writeSorts(memory, call.sort);
    const descriptor = at + index * aggregateLayout.CALL_BYTES;
    const set = (offset: number, value: number): void => memory.store32(descriptor + offset, value);
    set(aggregateLayout.CALL_FUNCTION, call.code);
    set(aggregateLayout.CALL_PHYSICAL, call.physical);
    set(aggregateLayout.CALL_COLUMN, call.column);
    set(aggregateLayout.CALL_ORDER_COLUMN, call.orderColumn);
    set(aggregateLayout.CALL_OFFSET, call.offset);
    set(aggregateLayout.CALL_NULLABLE, call.isNullable ? 1 : 0);
    set(aggregateLayout.CALL_RESULT, call.result);
    set(aggregateLayout.CALL_BY_COLUMN, call.byColumn);
    set(aggregateLayout.CALL_BY_PHYSICAL, call.byPhysical);
    set(aggregateLayout.CALL_SET_OFFSET, call.setOffset);
    memory.f64[(descriptor + aggregateLayout.CALL_FRACTION) >>> 3] = call.fraction;
    set(aggregateLayout.CALL_TEXT, separatorAddress);
    set(aggregateLayout.CALL_TEXT_BYTES, separator.length);
    set(aggregateLayout.CALL_SORTS, sorts);
    set(aggregateLayout.CALL_SORT_COUNT, call.sort.length);
    set(aggregateLayout.CALL_RETRACTION, call.retraction);
    set(aggregateLayout.CALL_STATE_BYTES, call.stateBytes);
  });
  return at;
}

function writeSorts(memory: LinearMemory, sort: readonly AggregateSort[]): number {
  const at = memory.allocate(Math.max(sort.length * aggregateLayout.SORT_BYTES, 1));
  sort.forEach((item, index) => {
    const descriptor = at + index * aggregateLayout.SORT_BYTES;
    memory.store32(descriptor + aggregateLayout.SORT_COLUMN, item.column);
    memory.store32(descriptor + aggregateLayout.SORT_PHYSICAL, PHYSICAL_CODES[physicalOf(item.type)]);
    memory.store32(descriptor + aggregateLayout.SORT_DESCENDING, item.descending ? 1 : 0);
    memory.store32(descriptor + aggregateLayout.SORT_NULL_RANK, item.nullsFirst ? 0 : 2);
  });
  return at;
}
