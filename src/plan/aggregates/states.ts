// The forms of state in a group's entry. The kernels (kernels/aggregate-*.ts) follow them.
//
//   count          rows i64
//   sum, avg       integers: low i64, high i64 of the exact 128-bit sum; doubles: sum f64; avg: then rows i64
//   min, max       value (8 bytes), strings: address u32, length u32, capacity u32, 0
//   first, last    event time i64, or without one arrival i64; then as min
//   product, bits  value (8 bytes)
//   arg            sort key u64 (strings: as min), value (as min), arrival i64
//   moments        rows i64, mean f64, sum of squared deviations f64
//   comoments      rows i64, mean y, mean x, sum of products of deviations, of squares of y, of squares of x (f64 each)
//   values         address u32, count u32, capacity u32, 0: a list of sort keys u64, of strings references
//   tally          address u32, capacity u32, count u32, 0: a hash table value → rows, first arrival
//   sketch         rows i64, least f64, greatest f64, tally
//   set            address u32, capacity u32, count u32, has zero u32: a hash table of values, or of hashes
//   texts          address u32, count u32, capacity u32, 0: a list of elements

import * as aggregateLayout from '../../../kernels/layout-aggregate.ts';
import type { Physical } from '../../data/type.ts';
import type { StateForm } from './aggregate.ts';

/** A form with a result; `isSeenFromStart` unless said otherwise. */
function stateForm(code: number, bytes: StateForm['bytes'], more: Partial<StateForm> = {}): StateForm {
  return { code, bytes, result: aggregateLayout.RESULT_PLAIN, isSeenFromStart: true, ...more };
}

const fixed = (bytes: number) => () => bytes;

export const COUNT_STATE = stateForm(aggregateLayout.AGGREGATE_COUNT, fixed(8));
export const SUM_STATE = stateForm(aggregateLayout.AGGREGATE_SUM, (physical) => (physical === 'f64' ? 8 : 16));
export const AVG_STATE = stateForm(aggregateLayout.AGGREGATE_AVG, (physical) => (physical === 'f64' ? 16 : 24));
export const MIN_STATE = stateForm(aggregateLayout.AGGREGATE_MIN, valueBytes, { init: initGreatest });
export const MAX_STATE = stateForm(aggregateLayout.AGGREGATE_MAX, valueBytes, { init: initLeast });
export const FIRST_STATE = stateForm(aggregateLayout.AGGREGATE_FIRST, orderedBytes, { isSeenFromStart: false });
export const LAST_STATE = stateForm(aggregateLayout.AGGREGATE_LAST, orderedBytes, { isSeenFromStart: false });
export const PRODUCT_STATE = stateForm(aggregateLayout.AGGREGATE_PRODUCT, fixed(8), {
  init: (view, at) => view.setFloat64(at, 1, true),
});
export const BIT_AND_STATE = stateForm(aggregateLayout.AGGREGATE_BIT_AND, fixed(8), {
  init: (view, at) => view.setBigInt64(at, -1n, true),
});
export const BIT_OR_STATE = stateForm(aggregateLayout.AGGREGATE_BIT_OR, fixed(8));
export const BIT_XOR_STATE = stateForm(aggregateLayout.AGGREGATE_BIT_XOR, fixed(8));
export const ARG_MIN_STATE = stateForm(aggregateLayout.AGGREGATE_ARG_MIN, argBytes, { isSeenFromStart: false });
export const ARG_MAX_STATE = stateForm(aggregateLayout.AGGREGATE_ARG_MAX, argBytes, { isSeenFromStart: false });
export const TEXTS_STATE = stateForm(aggregateLayout.AGGREGATE_TEXTS, fixed(16));
/** Items of a list are texts put together. */
export const ITEMS_STATE = stateForm(aggregateLayout.AGGREGATE_TEXTS, fixed(16), {
  result: aggregateLayout.RESULT_LIST,
});
export const TALLY_STATE = stateForm(aggregateLayout.AGGREGATE_TALLY, fixed(16));
export const DISTINCT_SKETCH_STATE = stateForm(aggregateLayout.AGGREGATE_DISTINCT_SKETCH, fixed(16));
export const QUANTILE_SKETCH_STATE = stateForm(aggregateLayout.AGGREGATE_QUANTILE_SKETCH, fixed(40));

export const momentsState = (result: number): StateForm =>
  stateForm(aggregateLayout.AGGREGATE_MOMENTS, fixed(24), { result });
export const comomentsState = (result: number): StateForm =>
  stateForm(aggregateLayout.AGGREGATE_COMOMENTS, fixed(48), { result });
export const valuesState = (result: number): StateForm =>
  stateForm(aggregateLayout.AGGREGATE_VALUES, fixed(16), { result });

function valueBytes(physical: Physical): number {
  return physical === 'ref' ? 16 : 8;
}

function orderedBytes(physical: Physical): number {
  return 8 + valueBytes(physical);
}

function argBytes(value: Physical, by: Physical): number {
  return valueBytes(by) + valueBytes(value) + 8;
}

function initGreatest(view: DataView, at: number, physical: Physical): void {
  if (physical === 'u8') view.setUint8(at, 1);
  else if (physical === 'i32') view.setInt32(at, 0x7fff_ffff, true);
  else if (physical === 'i64') view.setBigInt64(at, 2n ** 63n - 1n, true);
  else if (physical === 'f64') view.setFloat64(at, Number.NaN, true);
}

function initLeast(view: DataView, at: number, physical: Physical): void {
  if (physical === 'i32') view.setInt32(at, -0x8000_0000, true);
  else if (physical === 'i64') view.setBigInt64(at, -(2n ** 63n), true);
  else if (physical === 'f64') view.setFloat64(at, Number.NEGATIVE_INFINITY, true);
}
