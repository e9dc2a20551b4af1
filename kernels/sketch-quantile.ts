// APPROX_QUANTILE: counts per range of values. Neither order nor merging changes it, and its error is relative.
//
// Doubles whose sign, exponent and first seven bits of the mantissa agree share a range: 128 ranges between a number and
// its double, as in HdrHistogram and DDSketch (Masson, Rim and Lee 2019). The middle of a range is within 0.4 % of each
// of its values. Zero has a range with numbers too small to tell from it.
//
//   state ─► i64 rows │ f64 least │ f64 greatest │ tally of ranges
import { STATE_ENTRIES, STATE_RESULTS, STATE_TABLES } from './aggregate-state';
import { tableArena } from './group-table';
import { CALL_OFFSET } from './layout-aggregate';
import { arenaAllocate } from './memory';
import { sortItems } from './sort';
import { doubleOfSortBits, doubleSortBits } from './value-bits';
import { tallyAdd, tallyCapacity, tallyCount, tallyMerge, tallyNext, tallyRows, tallyValue } from './value-tally';

const SKETCH_LEAST: usize = 8;
const SKETCH_GREATEST: usize = 16;
/** The tally of ranges in a state. */
export const SKETCH_TALLY: usize = 24;
const RANGE_SHIFT: u64 = 45; // 52 bits of mantissa, less 7
/** Less than this is zero: the least number of full precision. */
const TINY: f64 = 2.2250738585072014e-308;

/** Adds doubles to the sketches of their groups; `validity` may be 0. */
export function updateQuantileSketch(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const sketch = <usize>load<u32>(entries + (row << 2)) + offset;
    const value = load<f64>(data + (row << 3));
    widen(sketch, value, value);
    store<i64>(sketch, load<i64>(sketch) + 1);
    const range = doubleSortBits(value) >> RANGE_SHIFT;
    tallyAdd(tableArena(load<u32>(tables + (row << 2))), sketch + SKETCH_TALLY, range, 1, 0);
  }
}

/** NaN is the greatest value. Requires that the rows have not been counted yet. */
@inline
function widen(sketch: usize, least: f64, greatest: f64): void {
  const isFirst = load<i64>(sketch) == 0;
  if (isFirst || doubleSortBits(least) < doubleSortBits(load<f64>(sketch, SKETCH_LEAST))) {
    store<f64>(sketch, least, SKETCH_LEAST);
  }
  if (isFirst || doubleSortBits(greatest) > doubleSortBits(load<f64>(sketch, SKETCH_GREATEST))) {
    store<f64>(sketch, greatest, SKETCH_GREATEST);
  }
}

/** Adds what another sketch has seen. */
export function mergeQuantileSketch(arena: usize, sketch: usize, other: usize): void {
  const rows = load<i64>(other);
  if (!rows) return;
  widen(sketch, load<f64>(other, SKETCH_LEAST), load<f64>(other, SKETCH_GREATEST));
  store<i64>(sketch, load<i64>(sketch) + rows);
  tallyMerge(arena, sketch + SKETCH_TALLY, other + SKETCH_TALLY, false);
}

/** Values behind a sketch. */
@inline
export function quantileSketchRows(sketch: usize): i64 {
  return load<i64>(sketch);
}

/** About the value that has `index` values before it in sorted order. Requires index < rows. */
export function quantileSketchAt(state: usize, sketch: usize, index: u64): f64 {
  const least = load<f64>(sketch, SKETCH_LEAST);
  const greatest = load<f64>(sketch, SKETCH_GREATEST);
  if (index == 0) return least;
  if (index + 1 == <u64>load<i64>(sketch)) return greatest;
  const tally = sketch + SKETCH_TALLY;
  const results = <usize>load<u32>(state, STATE_RESULTS);
  const count = tallyCount(tally);
  const items = arenaAllocate(results, count << 4);
  const capacity = tallyCapacity(tally);
  let to = items;
  for (let at = tallyNext(tally, 0); at < capacity; at = tallyNext(tally, at + 1)) {
    store<u64>(to, tallyValue(tally, at));
    store<u64>(to, tallyRows(tally, at), 8);
    to += 16;
  }
  sortItems(items, count, arenaAllocate(results, count << 4));
  let before: u64 = 0;
  let item = items;
  while (before + load<u64>(item, 8) <= index) {
    before += load<u64>(item, 8);
    item += 16;
  }
  const value = middleOf(load<u64>(item));
  if (value < least) return least;
  return value > greatest ? greatest : value;
}

function middleOf(range: u64): f64 {
  const low = doubleOfSortBits(range << RANGE_SHIFT);
  const high = doubleOfSortBits(((range + 1) << RANGE_SHIFT) - 1);
  // Of infinity and NaN the range has one side that is a number's, or none.
  if (!(abs(low) <= f64.MAX_VALUE)) return low;
  if (!(abs(high) <= f64.MAX_VALUE)) return high;
  const middle = low + (high - low) / 2;
  return abs(middle) < TINY ? 0.0 : middle;
}
