// UNNEST: a row for each element of its lists, with the row's other columns beside it.
//
// Several lists of a row go side by side, the shorter ones filled up with NULL. First the elements are found, up to a
// batch of them: which input row, and where the element is. Then the output is filled column by column.
import { refAddress } from './text-compare';
import {
  BATCH_CAPACITY,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  NESTED_CODE,
  NESTED_END,
  NESTED_VALUE,
  TYPE_BOOLEAN,
  TYPE_DOUBLE,
  TYPE_JSON,
  TYPE_LIST,
  TYPE_STRUCT,
  TYPE_VARCHAR,
} from './layout';
import {
  UNNEST_IS_OUTER,
  UNNEST_KEEP_BYTES,
  UNNEST_KEEP_COUNT,
  UNNEST_KEEP_FROM,
  UNNEST_KEEP_TO,
  UNNEST_KEEP_WIDTH,
  UNNEST_KEEPS,
  UNNEST_LIST_BYTES,
  UNNEST_LIST_COLUMN,
  UNNEST_LIST_COUNT,
  UNNEST_LIST_FOUND,
  UNNEST_LIST_NEXT,
  UNNEST_LIST_TO,
  UNNEST_LIST_TYPE,
  UNNEST_LISTS,
  UNNEST_NUMBER,
  UNNEST_NUMBERS,
  UNNEST_ORDINALITY,
  UNNEST_ROW,
  UNNEST_ROWS,
} from './layout-rows';
import {
  nestedItemEnd,
  nestedLoad32,
  nestedLoad64,
  nestedLoadBoolean,
  nestedLoadDouble,
  nestedLoadNested,
  nestedLoadText,
  nestedWidth,
} from './nested-item';

/** Begins with the rows of an input batch. */
export function unnestBegin(state: usize): void {
  store<u32>(state, 0, UNNEST_ROW);
  store<u32>(state, 0, UNNEST_NUMBER);
}

/** Fills the output batch with the next rows. @returns how many: 0 when the input batch is done. */
export function unnestNext(state: usize, input: usize, output: usize): u32 {
  const count = findItems(state, input, load<u32>(output, BATCH_CAPACITY));
  store<u32>(output, count, BATCH_ROW_COUNT);
  if (count == 0) return 0;
  const keeps = <usize>load<u32>(state, UNNEST_KEEPS);
  for (let i: u32 = 0; i < load<u32>(state, UNNEST_KEEP_COUNT); i++) {
    fillKept(keeps + i * UNNEST_KEEP_BYTES, input, output, load<u32>(state, UNNEST_ROWS), count);
  }
  const lists = <usize>load<u32>(state, UNNEST_LISTS);
  for (let i: u32 = 0; i < load<u32>(state, UNNEST_LIST_COUNT); i++) {
    fillItems(lists + i * UNNEST_LIST_BYTES, output, count);
  }
  const ordinality = load<i32>(state, UNNEST_ORDINALITY);
  if (ordinality >= 0) fillNumbers(load<u32>(state, UNNEST_NUMBERS), columnOf(output, ordinality), count);
  return count;
}

@inline
function columnOf(batch: usize, column: u32): usize {
  return batch + BATCH_COLUMNS + <usize>column * COLUMN_BYTES;
}

/** Lists the next items, `most` at most. @returns how many. */
function findItems(state: usize, input: usize, most: u32): u32 {
  const rowCount = load<u32>(input, BATCH_ROW_COUNT);
  const rows = <usize>load<u32>(state, UNNEST_ROWS);
  const numbers = <usize>load<u32>(state, UNNEST_NUMBERS);
  const isOuter = load<u32>(state, UNNEST_IS_OUTER) != 0;
  let row = load<u32>(state, UNNEST_ROW);
  // How many items of the row have been listed.
  let number = load<u32>(state, UNNEST_NUMBER);
  let count: u32 = 0;
  while (row < rowCount && count < most) {
    if (number == 0) beginRow(state, input, row);
    const isMore = listItem(state, count);
    if (isMore || (number == 0 && isOuter)) {
      store<u32>(rows + ((<usize>count) << 2), row);
      number++;
      store<u32>(numbers + ((<usize>count) << 2), isMore ? number : 0);
      count++;
    }
    if (!isMore) {
      row++;
      number = 0;
    }
  }
  store<u32>(state, row, UNNEST_ROW);
  store<u32>(state, number, UNNEST_NUMBER);
  return count;
}

function beginRow(state: usize, input: usize, row: u32): void {
  let list = <usize>load<u32>(state, UNNEST_LISTS);
  for (let i = load<u32>(state, UNNEST_LIST_COUNT); i > 0; i--) {
    const column = columnOf(input, load<u32>(list, UNNEST_LIST_COLUMN));
    const validity = <usize>load<u32>(column, COLUMN_VALIDITY);
    const isNull = validity != 0 && load<u8>(validity + row) == 0;
    const value = load<i64>(<usize>load<u32>(column, COLUMN_DATA) + ((<usize>row) << 3));
    store<u32>(list, isNull ? 0 : <u32>refAddress(value), UNNEST_LIST_NEXT);
    list += UNNEST_LIST_BYTES;
  }
}

/** Takes the next item of each list. @returns whether any had one. */
function listItem(state: usize, place: u32): bool {
  let isMore = false;
  let list = <usize>load<u32>(state, UNNEST_LISTS);
  for (let i = load<u32>(state, UNNEST_LIST_COUNT); i > 0; i--) {
    const item = <usize>load<u32>(list, UNNEST_LIST_NEXT);
    const hasItem = item != 0 && load<u8>(item) != NESTED_END;
    const value = hasItem && load<u8>(item) == NESTED_VALUE ? <u32>item + 1 : 0;
    store<u32>(<usize>load<u32>(list, UNNEST_LIST_FOUND) + ((<usize>place) << 2), value);
    if (hasItem) {
      isMore = true;
      store<u32>(list, <u32>nestedItemEnd(load<u32>(list, UNNEST_LIST_TYPE), item), UNNEST_LIST_NEXT);
    }
    list += UNNEST_LIST_BYTES;
  }
  return isMore;
}

/** Copies a column of the input to the rows made of it. */
function fillKept(keep: usize, input: usize, output: usize, rows: usize, count: u32): void {
  const from = columnOf(input, load<u32>(keep, UNNEST_KEEP_FROM));
  const to = columnOf(output, load<u32>(keep, UNNEST_KEEP_TO));
  const data = <usize>load<u32>(from, COLUMN_DATA);
  const out = <usize>load<u32>(to, COLUMN_DATA);
  const width = load<u32>(keep, UNNEST_KEEP_WIDTH);
  if (width == 8) gather<u64>(data, out, rows, count);
  else if (width == 4) gather<u32>(data, out, rows, count);
  else gather<u8>(data, out, rows, count);
  const validity = <usize>load<u32>(to, COLUMN_VALIDITY);
  if (validity) gather<u8>(load<u32>(from, COLUMN_VALIDITY), validity, rows, count);
}

@inline
function gather<T>(from: usize, to: usize, rows: usize, count: u32): void {
  for (let i: usize = 0; i < count; i++) {
    store<T>(to + i * sizeof<T>(), load<T>(from + <usize>load<u32>(rows + (i << 2)) * sizeof<T>()));
  }
}

function fillNumbers(numbers: usize, column: usize, count: u32): void {
  const data = <usize>load<u32>(column, COLUMN_DATA);
  const validity = <usize>load<u32>(column, COLUMN_VALIDITY);
  for (let i: usize = 0; i < count; i++) {
    const number = load<u32>(numbers + (i << 2));
    store<i64>(data + (i << 3), number);
    if (validity) store<u8>(validity + i, u8(number != 0));
  }
}

/** Writes the elements found. Their column can hold NULL. */
function fillItems(list: usize, output: usize, count: u32): void {
  const type = <usize>load<u32>(list, UNNEST_LIST_TYPE);
  const found = <usize>load<u32>(list, UNNEST_LIST_FOUND);
  const column = columnOf(output, load<u32>(list, UNNEST_LIST_TO));
  const data = <usize>load<u32>(column, COLUMN_DATA);
  const validity = <usize>load<u32>(column, COLUMN_VALIDITY);
  const code = load<u32>(type, NESTED_CODE);
  for (let i: usize = 0; i < count; i++) {
    const value = <usize>load<u32>(found + (i << 2));
    store<u8>(validity + i, u8(value != 0));
    if (value) fillItem(type, code, value, data, i);
  }
}

@inline
function fillItem(type: usize, code: u32, value: usize, data: usize, i: usize): void {
  if (code == TYPE_VARCHAR || code == TYPE_JSON) store<i64>(data + (i << 3), nestedLoadText(value));
  else if (code == TYPE_LIST || code == TYPE_STRUCT) store<i64>(data + (i << 3), nestedLoadNested(value, type));
  else if (code == TYPE_DOUBLE) store<f64>(data + (i << 3), nestedLoadDouble(value));
  else if (code == TYPE_BOOLEAN) store<u8>(data + i, nestedLoadBoolean(value));
  else if (nestedWidth(code) == 4) store<i32>(data + (i << 2), nestedLoad32(value));
  else store<i64>(data + (i << 3), nestedLoad64(value));
}
