// What the kernels of an aggregate work by: descriptors of keys and calls in linear memory, from the layout of entries.

import * as layout from '../../../kernels/layout.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { AggregateSort } from '../../plan/aggregate-node.ts';
import type { EntryLayout } from './aggregate-layout.ts';

/** @returns the address of the key descriptors, KEY_BYTES each. */
export function writeKeys(memory: LinearMemory, entry: EntryLayout): number {
  const at = memory.allocate(Math.max(entry.keys.length * layout.KEY_BYTES, 1));
  entry.keys.forEach((key, index) => {
    const descriptor = at + index * layout.KEY_BYTES;
    memory.store32(descriptor + layout.KEY_PHYSICAL, key.physical);
    memory.store32(descriptor + layout.KEY_OFFSET, key.offset);
    memory.store32(descriptor + layout.KEY_NULL_OFFSET, key.nullOffset);
    memory.store32(descriptor + layout.KEY_ADDRESS_OFFSET, key.addressOffset);
  });
  return at;
}

/** @returns the address of the call descriptors, CALL_BYTES each. */
export function writeCalls(memory: LinearMemory, entry: EntryLayout): number {
  const at = memory.allocate(Math.max(entry.calls.length * layout.CALL_BYTES, 1));
  entry.calls.forEach((call, index) => {
    const separator = new TextEncoder().encode(call.separator);
    const separatorAddress = memory.store(separator);
    const sorts = writeSorts(memory, call.sort);
    const descriptor = at + index * layout.CALL_BYTES;
    const set = (offset: number, value: number): void => memory.store32(descriptor + offset, value);
    set(layout.CALL_FUNCTION, call.code);
    set(layout.CALL_PHYSICAL, call.physical);
    set(layout.CALL_COLUMN, call.column);
    set(layout.CALL_ORDER_COLUMN, call.orderColumn);
    set(layout.CALL_OFFSET, call.offset);
    set(layout.CALL_NULLABLE, call.isNullable ? 1 : 0);
    set(layout.CALL_RESULT, call.result);
    set(layout.CALL_BY_COLUMN, call.byColumn);
    set(layout.CALL_BY_PHYSICAL, call.byPhysical);
    set(layout.CALL_SET_OFFSET, call.setOffset);
    memory.f64[(descriptor + layout.CALL_FRACTION) >>> 3] = call.fraction;
    set(layout.CALL_TEXT, separatorAddress);
    set(layout.CALL_TEXT_BYTES, separator.length);
    set(layout.CALL_SORTS, sorts);
    set(layout.CALL_SORT_COUNT, call.sort.length);
  });
  return at;
}

function writeSorts(memory: LinearMemory, sort: readonly AggregateSort[]): number {
  const at = memory.allocate(Math.max(sort.length * layout.SORT_BYTES, 1));
  sort.forEach((item, index) => {
    const descriptor = at + index * layout.SORT_BYTES;
    memory.store32(descriptor + layout.SORT_COLUMN, item.column);
    memory.store32(descriptor + layout.SORT_PHYSICAL, PHYSICAL_CODES[physicalOf(item.type)]);
    memory.store32(descriptor + layout.SORT_DESCENDING, item.descending ? 1 : 0);
    memory.store32(descriptor + layout.SORT_NULL_RANK, item.nullsFirst ? 0 : 2);
  });
  return at;
}
