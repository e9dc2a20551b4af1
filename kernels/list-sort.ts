// Lists in the order of their elements, and without repeated ones.
import { bufferMark, bufferPutBytes, bufferTake } from './byte-buffer';
import { NESTED_CODE, NESTED_END, NESTED_NULL } from './layout';
import { listCount } from './list';
import { transientAllocate } from './memory';
import { nestedItemEnd, nestedPutEnd, nestedWidth } from './nested-item';
import { refAddress, refLength } from './text-compare';

/** The items of a list, NULLs behind the rest: u32 address, u32 bytes of each. */
let items: usize = 0;
let itemCount: u32 = 0;
let valueCount: u32 = 0;

function collect(list: i64, element: usize): void {
  itemCount = <u32>listCount(list, element);
  items = transientAllocate(itemCount * 8);
  valueCount = 0;
  let nulls = itemCount;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; ) {
    const end = nestedItemEnd(element, p);
    const isNull = load<u8>(p) == NESTED_NULL;
    if (isNull) nulls--;
    const slot = items + ((<usize>(isNull ? nulls : valueCount)) << 3);
    if (!isNull) valueCount++;
    store<u32>(slot, <u32>p);
    store<u32>(slot, <u32>(end - p), 4);
    p = end;
  }
}

/** Whether the item of slot `a` comes strictly before that of slot `b`. */
@inline
function isBefore(a: u64, b: u64, isDescending: bool): bool {
  const bytes = min(<u32>(a >> 32), <u32>(b >> 32));
  // No item begins another, so equal beginnings are equal items.
  const order = memory.compare(<usize>(<u32>a), <usize>(<u32>b), bytes);
  return isDescending ? order > 0 : order < 0;
}

/** Sorts the values by merging runs of doubling length. */
function sortValues(isDescending: bool): void {
  let from = items;
  let to = transientAllocate(itemCount * 8);
  for (let run: u32 = 1; run < valueCount; run <<= 1) {
    for (let start: u32 = 0; start < valueCount; start += run << 1) {
      let a = start;
      const middle = min(start + run, valueCount);
      let b = middle;
      const end = min(start + (run << 1), valueCount);
      for (let out = start; out < end; out++) {
        const isSecond =
          a == middle ||
          (b < end && isBefore(load<u64>(from + ((<usize>b) << 3)), load<u64>(from + ((<usize>a) << 3)), isDescending));
        const taken = isSecond ? b++ : a++;
        store<u64>(to + ((<usize>out) << 3), load<u64>(from + ((<usize>taken) << 3)));
      }
    }
    memory.copy(to + ((<usize>valueCount) << 3), from + ((<usize>valueCount) << 3), (itemCount - valueCount) << 3);
    const other = from;
    from = to;
    to = other;
  }
  items = from;
}

@inline
function putItem(index: u32): void {
  const slot = items + ((<usize>index) << 3);
  bufferPutBytes(load<u32>(slot), load<u32>(slot, 4));
}

/** The elements in order, NULLs last, or first. */
export function listSort(list: i64, element: usize, isDescending: bool, isNullsFirst: bool): i64 {
  collect(list, element);
  sortValues(isDescending);
  const mark = bufferMark();
  if (isNullsFirst) for (let i = valueCount; i < itemCount; i++) putItem(i);
  for (let i: u32 = 0; i < valueCount; i++) putItem(i);
  if (!isNullsFirst) for (let i = valueCount; i < itemCount; i++) putItem(i);
  nestedPutEnd();
  return bufferTake(mark);
}

/** The elements that are not NULL, each once, in order. */
export function listDistinct(list: i64, element: usize): i64 {
  collect(list, element);
  sortValues(false);
  const mark = bufferMark();
  for (let i: u32 = 0; i < valueCount; i++) {
    const slot = items + ((<usize>i) << 3);
    if (i == 0 || isBefore(load<u64>(slot - 8), load<u64>(slot), false)) putItem(i);
  }
  nestedPutEnd();
  return bufferTake(mark);
}

/** How many elements that are not NULL are different. */
export function listUnique(list: i64, element: usize): i64 {
  collect(list, element);
  sortValues(false);
  let count: i64 = 0;
  for (let i: u32 = 0; i < valueCount; i++) {
    const slot = items + ((<usize>i) << 3);
    if (i == 0 || isBefore(load<u64>(slot - 8), load<u64>(slot), false)) count++;
  }
  return count;
}
