// Sorting 16-byte items { u64 sort key, u64 payload } by their sort key, ascending and stable.
//
// Few items: insertion. Many: least-significant-digit radix sort by bytes, leaving out the bytes in which all items
// agree (with keys of common prefixes that is most of them). `spare` has room for as many items.

const INSERTION_MAX: u32 = 24;
/** Counters of 8 digits × 256 values, u32. */
const counters: usize = memory.data(8 * 256 * 4, 16);

/** Sorts `count` items in place. */
export function sortItems(items: usize, count: u32, spare: usize): void {
  if (count <= INSERTION_MAX) {
    insertionSort(items, count);
    return;
  }
  memory.fill(counters, 0, 8 * 256 * 4);
  for (let i: usize = 0; i < count; i++) {
    let key = load<u64>(items + (i << 4));
    for (let digit: usize = 0; digit < 8; digit++) {
      const counter = counters + (digit << 10) + ((<usize>key & 0xff) << 2);
      store<u32>(counter, load<u32>(counter) + 1);
      key >>= 8;
    }
  }
  let from = items;
  let to = spare;
  const sample = load<u64>(items);
  for (let digit: usize = 0; digit < 8; digit++) {
    const row = counters + (digit << 10);
    if (load<u32>(row + ((<usize>(sample >> ((<u64>digit) << 3)) & 0xff) << 2)) == count) continue;
    scatter(from, to, count, row, (<u64>digit) << 3);
    const swap = from;
    from = to;
    to = swap;
  }
  if (from != items) memory.copy(items, from, (<usize>count) << 4);
}

function scatter(from: usize, to: usize, count: u32, row: usize, shift: u64): void {
  // Counts become addresses.
  let at = <u32>to;
  for (let value: usize = 0; value < 1024; value += 4) {
    const size = load<u32>(row + value);
    store<u32>(row + value, at);
    at += size << 4;
  }
  for (let i: usize = 0; i < count; i++) {
    const item = v128.load(from + (i << 4));
    const place = row + ((<usize>(v128.extract_lane<u64>(item, 0) >> shift) & 0xff) << 2);
    const target = load<u32>(place);
    store<u32>(place, target + 16);
    v128.store(target, item);
  }
}

function insertionSort(items: usize, count: u32): void {
  const end = items + ((<usize>count) << 4);
  for (let next = items + 16; next < end; next += 16) {
    const key = load<u64>(next);
    const payload = load<u64>(next, 8);
    let at = next;
    while (at > items && load<u64>(at - 16) > key) {
      v128.store(at, v128.load(at - 16));
      at -= 16;
    }
    store<u64>(at, key);
    store<u64>(at, payload, 8);
  }
}
