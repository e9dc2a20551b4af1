// Kept rows found by their values: a multiset of rows, from which a row equal to a given one is taken out again.
//
//   table   ─► u32 buckets │ u32 buckets − 1 │ u32 different rows │ u32 debts
//   bucket  ─► row ─► row ─► …        different rows, linked by ROW_READY_NEXT
//              ↓                      equal ones, the latest first, linked by ROW_NEXT
//
// Rows are equal as row-equal.ts says. A row that is to be taken out before it came is a debt: it stands in the table until
// it comes, and then both are gone. ROW_INDEX of a debt is i64's minimum; that of a row is its owner's.
import { ROW_INDEX, ROW_IS_TIMELY, ROW_NEXT, ROW_PARTITION, ROW_READY_NEXT } from './layout-rows';
import { allocate, release } from './memory';
import { rowUnpin } from './row-store';
import { rowHash, rowsEqual } from './row-equal';

const TABLE_BUCKETS: usize = 0;
const TABLE_MASK: usize = 4;
const TABLE_COUNT: usize = 8;
const TABLE_DEBTS: usize = 12;
/** Bytes of a table's header, which its owner provides. */
export const ROW_TABLE_BYTES: u32 = 16;
const BUCKETS_MIN: u32 = 16;
/** From here on a table is beyond the caches. */
const MASK_LARGE: u32 = 8192;
/** In the header of a row, which is in no order: the hash of its values, 0 before it has been looked for. */
const ROW_HASH = ROW_IS_TIMELY;

/** Makes the header at `table` that of an empty table. */
export function rowTableInit(table: usize): void {
  store<u32>(table, 0, TABLE_COUNT);
  store<u32>(table, 0, TABLE_DEBTS);
  setBuckets(table, BUCKETS_MIN);
}

/** Gives back everything but the header, the rows in it too. */
export function rowTableDestroy(table: usize): void {
  const buckets = <usize>load<u32>(table, TABLE_BUCKETS);
  const count = load<u32>(table, TABLE_MASK) + 1;
  for (let i: u32 = 0; i < count; i++) {
    let row = <usize>load<u32>(buckets + ((<usize>i) << 2));
    while (row) {
      const next = <usize>load<u32>(row, ROW_READY_NEXT);
      while (row) {
        const equal = <usize>load<u32>(row, ROW_NEXT);
        rowUnpin(row);
        row = equal;
      }
      row = next;
    }
  }
  release(buckets, count << 2);
}

/** Different rows in the table, debts included. */
@inline
export function rowTableCount(table: usize): u32 {
  return load<u32>(table, TABLE_COUNT);
}

/** Rows that are to be taken out once they come. */
@inline
export function rowTableDebts(table: usize): u32 {
  return load<u32>(table, TABLE_DEBTS);
}

/** How many buckets there are: all rows of the table are in the lists that begin with `rowTableBucket`. */
@inline
export function rowTableBuckets(table: usize): u32 {
  return load<u32>(table, TABLE_MASK) + 1;
}

/** The first row of a bucket, 0 for none; the next different one is `rowTableNext`, one that is equal ROW_NEXT. */
@inline
export function rowTableBucket(table: usize, index: u32): usize {
  return load<u32>(<usize>load<u32>(table, TABLE_BUCKETS) + ((<usize>index) << 2));
}

@inline
export function rowTableNext(row: usize): usize {
  return load<u32>(row, ROW_READY_NEXT);
}

/** Whether a kept row has been in a table. */
@inline
export function rowWasInTable(row: usize): bool {
  return load<u32>(row, ROW_HASH) != 0;
}

/** Whether a row of the table is to be taken out once it comes. */
@inline
export function rowIsDebt(row: usize): bool {
  return load<i64>(row, ROW_INDEX) == i64.MIN_VALUE;
}

/** Adds a row. @returns false when it was a debt: then it is not in the table, and the debt is gone. */
export function rowTableAdd(table: usize, rows: usize, row: usize): bool {
  const place = find(table, rows, row);
  const equal = <usize>load<u32>(place);
  if (equal != 0 && rowIsDebt(equal)) {
    pop(table, place);
    store<u32>(table, load<u32>(table, TABLE_DEBTS) - 1, TABLE_DEBTS);
    rowUnpin(equal);
    return false;
  }
  push(table, place, row);
  return true;
}

/**
 * Takes the latest row that equals `row` out of the table. @returns it, or 0 when there is none: then `row` is in the
 * table, as a debt.
 */
export function rowTableTake(table: usize, rows: usize, row: usize): usize {
  const place = find(table, rows, row);
  const equal = <usize>load<u32>(place);
  if (equal != 0 && !rowIsDebt(equal)) {
    pop(table, place);
    return equal;
  }
  store<i64>(row, i64.MIN_VALUE, ROW_INDEX);
  store<u32>(table, load<u32>(table, TABLE_DEBTS) + 1, TABLE_DEBTS);
  push(table, place, row);
  return 0;
}

/** Whether rows like this one are to be taken out when they come. */
export function rowTableOwes(table: usize, rows: usize, row: usize): bool {
  const equal = <usize>load<u32>(find(table, rows, row));
  return equal != 0 && rowIsDebt(equal);
}

/** The latest row that equals `row`, left in the table; 0 when there is none. */
export function rowTableFind(table: usize, rows: usize, row: usize): usize {
  const equal = <usize>load<u32>(find(table, rows, row));
  return equal != 0 && rowIsDebt(equal) ? 0 : equal;
}

/**
 * Reads ahead what finding `count` rows (u32 addresses at `kept`) one by one will read, in loops so short that a processor
 * waits for many of them at a time. `found`: room for as many u32.
 */
export function rowTableFetch(table: usize, rows: usize, kept: usize, count: u32, found: usize): void {
  if (load<u32>(table, TABLE_MASK) < MASK_LARGE) return;
  for (let i: usize = 0; i < count; i++) {
    store<u32>(found + (i << 2), <u32>bucketOf(table, rowHash(rows, load<u32>(kept + (i << 2)))));
  }
  for (let i: usize = 0; i < count; i++) store<u32>(found + (i << 2), load<u32>(load<u32>(found + (i << 2))));
  let all: u32 = 0;
  for (let i: usize = 0; i < count; i++) all |= load<u32>(load<u32>(found + (i << 2)));
  store<u32>(found, all);
}

/** Takes a row of the table out of it. */
export function rowTableRemove(table: usize, rows: usize, row: usize): void {
  const place = find(table, rows, row);
  let before = <usize>load<u32>(place);
  if (before == row) {
    pop(table, place);
    return;
  }
  while (<usize>load<u32>(before, ROW_NEXT) != row) before = load<u32>(before, ROW_NEXT);
  store<u32>(before, load<u32>(row, ROW_NEXT), ROW_NEXT);
}

/** Takes a debt of the table out of it. */
export function rowTableForget(table: usize, rows: usize, row: usize): void {
  rowTableRemove(table, rows, row);
  store<u32>(table, load<u32>(table, TABLE_DEBTS) - 1, TABLE_DEBTS);
}

/** Forgets the debts of a partition. */
export function rowTableForgive(table: usize, partition: usize): void {
  forgive(table, partition, 0, 0);
}

/** Forgets the debts whose i64 at `offset` is before `time`. */
export function rowTableForgiveBefore(table: usize, offset: u32, time: i64): void {
  forgive(table, 0, offset, time);
}

/** `offset` 0: those of the partition, whatever their time. */
function forgive(table: usize, partition: usize, offset: u32, time: i64): void {
  if (!load<u32>(table, TABLE_DEBTS)) return;
  const buckets = <usize>load<u32>(table, TABLE_BUCKETS);
  const count = load<u32>(table, TABLE_MASK) + 1;
  for (let i: u32 = 0; i < count; i++) {
    let place = buckets + ((<usize>i) << 2);
    while (load<u32>(place)) {
      const row = <usize>load<u32>(place);
      const isMeant = offset ? load<i64>(row + offset) < time : <usize>load<u32>(row, ROW_PARTITION) == partition;
      if (rowIsDebt(row) && isMeant) {
        pop(table, place);
        store<u32>(table, load<u32>(table, TABLE_DEBTS) - 1, TABLE_DEBTS);
        rowUnpin(row);
      } else place = row + <usize>ROW_READY_NEXT;
    }
  }
}

function push(table: usize, place: usize, row: usize): void {
  const equal = <usize>load<u32>(place);
  store<u32>(row, <u32>equal, ROW_NEXT);
  store<u32>(row, equal ? load<u32>(equal, ROW_READY_NEXT) : 0, ROW_READY_NEXT);
  store<u32>(place, <u32>row);
  if (equal) return;
  const count = load<u32>(table, TABLE_COUNT) + 1;
  store<u32>(table, count, TABLE_COUNT);
  if (count > load<u32>(table, TABLE_MASK)) grow(table);
}

/** Takes the latest of the equal rows at a place out. */
function pop(table: usize, place: usize): void {
  const row = <usize>load<u32>(place);
  const equal = <usize>load<u32>(row, ROW_NEXT);
  const next = load<u32>(row, ROW_READY_NEXT);
  if (equal) {
    store<u32>(equal, next, ROW_READY_NEXT);
    store<u32>(place, <u32>equal);
    return;
  }
  store<u32>(place, next);
  store<u32>(table, load<u32>(table, TABLE_COUNT) - 1, TABLE_COUNT);
}

/** Where the rows that equal `row` are linked, or would be: the address of a u32. Sets the hash of `row`. */
function find(table: usize, rows: usize, row: usize): usize {
  const hash = rowHash(rows, row);
  store<u32>(row, hash, ROW_HASH);
  let place = bucketOf(table, hash);
  while (true) {
    const other = <usize>load<u32>(place);
    if (!other || (load<u32>(other, ROW_HASH) == hash && rowsEqual(rows, other, row))) return place;
    place = other + <usize>ROW_READY_NEXT;
  }
  return 0;
}

@inline
function bucketOf(table: usize, hash: u32): usize {
  return <usize>load<u32>(table, TABLE_BUCKETS) + ((<usize>(hash & load<u32>(table, TABLE_MASK))) << 2);
}

function setBuckets(table: usize, count: u32): void {
  const buckets = allocate(count << 2);
  memory.fill(buckets, 0, count << 2);
  store<u32>(table, <u32>buckets, TABLE_BUCKETS);
  store<u32>(table, count - 1, TABLE_MASK);
}

function grow(table: usize): void {
  const old = <usize>load<u32>(table, TABLE_BUCKETS);
  const oldCount = load<u32>(table, TABLE_MASK) + 1;
  setBuckets(table, oldCount << 1);
  for (let i: u32 = 0; i < oldCount; i++) {
    let row = <usize>load<u32>(old + ((<usize>i) << 2));
    while (row) {
      const next = <usize>load<u32>(row, ROW_READY_NEXT);
      const place = bucketOf(table, load<u32>(row, ROW_HASH));
      store<u32>(row, load<u32>(place), ROW_READY_NEXT);
      store<u32>(place, <u32>row);
      row = next;
    }
  }
  release(old, oldCount << 2);
}
