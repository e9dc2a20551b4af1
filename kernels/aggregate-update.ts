// Adding a batch to its groups: one tight loop per aggregate function, over the groups of the rows.
//
// State of a call in the entry (src/runtime/operators/aggregate-layout.ts holds the table and the initial values):
//
//   count            i64 rows
//   sum of integers  i64 low, i64 high of the exact 128-bit sum             avg: and then i64 rows
//   sum of doubles   f64, added in source order                             avg: and then i64 rows
//   min, max         the value so far, its type's greatest or least at first
//   first, last      i64 event time, or without one i64 arrival; then the value
//
// Strings are in aggregate-text.ts, further functions in aggregate-more.ts. The seen byte of a call says that a value came. A call whose argument cannot be
// NULL begins as seen, except first and last; loops that need not look at it do not.

import { STATE_ENTRIES, STATE_ONES, STATE_SEQUENCE } from './aggregate-state';
import { distinctMark, distinctMarkPairs } from './aggregate-distinct';
import { updateMore } from './aggregate-more';
import { updateText } from './aggregate-text';
import { batchData, validityFrom, widthOf } from './group-key';
import {
  AGGREGATE_AVG,
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_COMOMENTS,
  AGGREGATE_COUNT,
  AGGREGATE_FIRST,
  AGGREGATE_LAST,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  AGGREGATE_PLAIN_MAX,
  AGGREGATE_SEEN,
  AGGREGATE_SUM,
  CALL_BY_COLUMN,
  CALL_BYTES,
  CALL_COLUMN,
  CALL_FUNCTION,
  CALL_NULLABLE,
  CALL_OFFSET,
  CALL_ORDER_COLUMN,
  CALL_PHYSICAL,
  CALL_SET_OFFSET,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';

/** Adds `rows` rows of a batch, from row `first` on, to the groups in STATE_ENTRIES, for every call. */
export function aggregateUpdate(state: usize, batch: usize, first: u32, rows: u32): void {
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) aggregateUpdateOne(state, batch, first, rows, index);
}

/** The same for one call. */
export function aggregateUpdateOne(state: usize, batch: usize, first: u32, rows: u32, index: u32): void {
  const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
  const column = load<i32>(call, CALL_COLUMN);
  let validity: usize = 0;
  if (load<u32>(call, CALL_NULLABLE)) {
    validity = validityFrom(batch, column, first);
    if (!validity) validity = load<u32>(state, STATE_ONES);
  }
  if (load<u32>(call, CALL_FUNCTION) == AGGREGATE_COUNT) {
    updateCount(load<u32>(state, STATE_ENTRIES), rows, load<u32>(call, CALL_OFFSET), validity);
    return;
  }
  const data = batchData(batch, column) + first * widthOf(load<u32>(call, CALL_PHYSICAL));
  if (load<i32>(call, CALL_SET_OFFSET) >= 0) {
    if (load<u32>(call, CALL_FUNCTION) == AGGREGATE_COMOMENTS) {
      const by = load<i32>(call, CALL_BY_COLUMN);
      const byData = batchData(batch, by) + (first << 3);
      validity = distinctMarkPairs(state, rows, call, data, validity, byData, validityFrom(batch, by, first));
    } else validity = distinctMark(state, rows, call, data, validity);
  }
  updateCall(state, batch, first, rows, call, load<u32>(state, AGGREGATE_SEEN) + index, data, validity);
}

/** Adds `rows` values to the groups of a call; `validity` is 0 when there is no NULL. `seen`: offset of its seen byte. */
export function updateCall(
  state: usize,
  batch: usize,
  first: u32,
  rows: u32,
  call: usize,
  seen: u32,
  data: usize,
  validity: usize,
): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  if (load<i32>(call, CALL_FUNCTION) > AGGREGATE_PLAIN_MAX) {
    updateMore(state, batch, first, rows, call, seen, data, validity);
    return;
  }
  switch (load<u32>(call, CALL_PHYSICAL)) {
    case PHYSICAL_REF:
      updateText(state, batch, first, rows, call, seen, data, validity);
      break;
    case PHYSICAL_F64:
      updateValues<f64>(state, batch, first, rows, entries, call, seen, data, validity);
      break;
    case PHYSICAL_I64:
      updateValues<i64>(state, batch, first, rows, entries, call, seen, data, validity);
      break;
    case PHYSICAL_I32:
      updateValues<i32>(state, batch, first, rows, entries, call, seen, data, validity);
      break;
    default:
      updateValues<u8>(state, batch, first, rows, entries, call, seen, data, validity);
  }
}

function updateCount(entries: usize, rows: u32, offset: u32, validity: usize): void {
  if (!validity) {
    for (let row: usize = 0; row < rows; row++) {
      const at = <usize>load<u32>(entries + (row << 2)) + offset;
      store<i64>(at, load<i64>(at) + 1);
    }
    return;
  }
  for (let row: usize = 0; row < rows; row++) {
    const at = <usize>load<u32>(entries + (row << 2)) + offset;
    store<i64>(at, load<i64>(at) + load<u8>(validity + row));
  }
}

function updateValues<T>(
  state: usize,
  batch: usize,
  first: u32,
  rows: u32,
  entries: usize,
  call: usize,
  seen: u32,
  data: usize,
  validity: usize,
): void {
  const offset = load<u32>(call, CALL_OFFSET);
  const order = load<i32>(call, CALL_ORDER_COLUMN);
  switch (load<u32>(call, CALL_FUNCTION)) {
    case AGGREGATE_SUM:
      if (validity) loop<T>(AGGREGATE_SUM, true, entries, rows, data, validity, offset, seen);
      else loop<T>(AGGREGATE_SUM, false, entries, rows, data, validity, offset, seen);
      break;
    case AGGREGATE_AVG:
      if (validity) loop<T>(AGGREGATE_AVG, true, entries, rows, data, validity, offset, seen);
      else loop<T>(AGGREGATE_AVG, false, entries, rows, data, validity, offset, seen);
      break;
    case AGGREGATE_MIN:
      if (validity) loop<T>(AGGREGATE_MIN, true, entries, rows, data, validity, offset, seen);
      else loop<T>(AGGREGATE_MIN, false, entries, rows, data, validity, offset, seen);
      break;
    case AGGREGATE_MAX:
      if (validity) loop<T>(AGGREGATE_MAX, true, entries, rows, data, validity, offset, seen);
      else loop<T>(AGGREGATE_MAX, false, entries, rows, data, validity, offset, seen);
      break;
    case AGGREGATE_FIRST:
      updateOrdered<T>(true, state, batch, first, order, entries, rows, data, validity, offset, seen);
      break;
    case AGGREGATE_LAST:
      updateOrdered<T>(false, state, batch, first, order, entries, rows, data, validity, offset, seen);
      break;
  }
}

// `fn` and `nullable` are constants at every call: each call becomes a loop of its own without these tests.
@inline
function loop<T>(
  fn: i32,
  nullable: bool,
  entries: usize,
  rows: u32,
  data: usize,
  validity: usize,
  offset: u32,
  seen: u32,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const entry = <usize>load<u32>(entries + (row << 2));
    if (nullable) {
      if (load<u8>(validity + row) == 0) continue;
      if (fn != AGGREGATE_AVG) store<u8>(entry + seen, 1);
    }
    step<T>(fn, entry + offset, load<T>(data + row * sizeof<T>()));
  }
}

@inline
function step<T>(fn: i32, at: usize, value: T): void {
  if (fn == AGGREGATE_MIN) {
    const least = load<T>(at);
    // NaN is the greatest value, and what the least one begins as.
    if (isFloat<T>()) store<T>(at, value < least || least != least || isLesserZero(value, least) ? value : least);
    else store<T>(at, value < least ? value : least);
  } else if (fn == AGGREGATE_MAX) {
    const greatest = load<T>(at);
    if (isFloat<T>())
      store<T>(at, value > greatest || value != value || isLesserZero(greatest, value) ? value : greatest);
    else store<T>(at, value > greatest ? value : greatest);
  } else if (isFloat<T>()) {
    store<f64>(at, load<f64>(at) + <f64>value);
    if (fn == AGGREGATE_AVG) store<i64>(at, load<i64>(at, 8) + 1, 8);
  } else {
    addExact(at, <i64>value);
    if (fn == AGGREGATE_AVG) store<i64>(at, load<i64>(at, 16) + 1, 16);
  }
}

/** Whether `a` is −0 and `b` 0: which of them is kept must not depend on which came first. */
@inline
export function isLesserZero<T>(a: T, b: T): bool {
  return a == b && reinterpret<i64>(<f64>a) < reinterpret<i64>(<f64>b);
}

/** Adds to a 128-bit sum: the high half takes the sign and the carry. */
@inline
function addExact(at: usize, value: i64): void {
  const low = <u64>load<i64>(at) + <u64>value;
  store<u64>(at, low);
  store<i64>(at, load<i64>(at, 8) + (value >> 63) + <i64>(low < <u64>value), 8);
}

@inline
function updateOrdered<T>(
  isFirst: bool,
  state: usize,
  batch: usize,
  first: u32,
  order: i32,
  entries: usize,
  rows: u32,
  data: usize,
  validity: usize,
  offset: u32,
  seen: u32,
): void {
  const times = order < 0 ? <usize>0 : batchData(batch, order) + (first << 3);
  // Without a time the arrival takes its place.
  const arrival = load<i64>(state, STATE_SEQUENCE);
  const timeValidity = order < 0 ? <usize>0 : validityFrom(batch, order, first);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    if (timeValidity != 0 && load<u8>(timeValidity + row) == 0) continue;
    const entry = <usize>load<u32>(entries + (row << 2));
    const at = entry + offset;
    const time = times ? load<i64>(times + (row << 3)) : arrival + row;
    const isBetter = isFirst ? time < load<i64>(at) : time >= load<i64>(at);
    if (!isBetter && load<u8>(entry + seen)) continue;
    store<u8>(entry + seen, 1);
    store<i64>(at, time);
    store<T>(at, load<T>(data + row * sizeof<T>()), 8);
  }
}
