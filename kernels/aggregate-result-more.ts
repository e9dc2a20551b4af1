// Results of the aggregates of aggregate-more.ts: value and validity of each group of a column.
import { argValueOffset } from './aggregate-arg';
import {
  momentRows,
  momentSquares,
  pairMeanX,
  pairMeanY,
  pairProducts,
  pairSquaresX,
  pairSquaresY,
} from './aggregate-numbers';
import { textsCount, writeTexts } from './aggregate-texts';
import { valuesCount, valuesLeastFrom, valuesSelect } from './aggregate-values';
import {
  AGGREGATE_ARG_MAX,
  AGGREGATE_ARG_MIN,
  AGGREGATE_COMOMENTS,
  AGGREGATE_COUNT_DISTINCT,
  AGGREGATE_DISTINCT_SKETCH,
  AGGREGATE_MOMENTS,
  AGGREGATE_QUANTILE_SKETCH,
  AGGREGATE_TALLY,
  AGGREGATE_TEXTS,
  AGGREGATE_VALUES,
  CALL_FRACTION,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_PHYSICAL,
  CALL_RESULT,
  RESULT_CONTINUOUS,
  RESULT_CORR,
  RESULT_COVAR_POP,
  RESULT_COVAR_SAMP,
  RESULT_DISCRETE_DOWN,
  RESULT_ERROR,
  RESULT_INTERCEPT,
  RESULT_MEAN_X,
  RESULT_MEAN_Y,
  RESULT_PAIRS,
  RESULT_PRODUCTS,
  RESULT_R2,
  RESULT_SLOPE,
  RESULT_SQUARES_X,
  RESULT_SQUARES_Y,
  RESULT_STDDEV_POP,
  RESULT_STDDEV_SAMP,
  RESULT_VAR_SAMP,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import { distinctSketchEstimate } from './sketch-distinct';
import { quantileSketchAt, quantileSketchRows } from './sketch-quantile';
import { bytesOfPhysical, doubleOfSortBits, storeIdentityBits, storeSortBits } from './value-bits';
import { setCount } from './value-set';
import { tallyCount, tallyMost, tallyValue } from './value-tally';

/** Writes the results of a call for `count` items to `data` and `validity` (0 when none is NULL). */
export function writeMore(
  state: usize,
  call: usize,
  seen: u32,
  items: usize,
  count: u32,
  data: usize,
  validity: usize,
): void {
  const offset = load<u32>(call, CALL_OFFSET);
  const fn = load<u32>(call, CALL_FUNCTION);
  const physical = load<u32>(call, CALL_PHYSICAL);
  const isWide = fn == AGGREGATE_COUNT_DISTINCT || fn == AGGREGATE_DISTINCT_SKETCH;
  const bytes = isWide ? 8 : bytesOfPhysical(physical);
  for (let i: usize = 0; i < count; i++) {
    const entry = <usize>load<u32>(items + (i << 4), 8);
    const to = data + i * bytes;
    const hasValue = writeOne(state, call, fn, entry + offset, load<u8>(entry + seen) != 0, to);
    if (validity) store<u8>(validity + i, u8(hasValue));
  }
}

/** @returns whether there is a value; else nothing is written. */
function writeOne(state: usize, call: usize, fn: u32, at: usize, isSeen: bool, to: usize): bool {
  switch (fn) {
    case AGGREGATE_COUNT_DISTINCT:
      store<i64>(to, setCount(at));
      return true;
    case AGGREGATE_DISTINCT_SKETCH:
      store<i64>(to, distinctSketchEstimate(at));
      return true;
    case AGGREGATE_MOMENTS:
      return writeMoments(load<u32>(call, CALL_RESULT), at, to);
    case AGGREGATE_COMOMENTS:
      return writePairs(load<u32>(call, CALL_RESULT), at, to);
    case AGGREGATE_VALUES:
      return writeQuantile(call, at, to);
    case AGGREGATE_QUANTILE_SKETCH: {
      const rows = quantileSketchRows(at);
      if (!rows) return false;
      store<f64>(to, quantileSketchAt(state, at, discreteIndex(load<f64>(call, CALL_FRACTION), rows)));
      return true;
    }
    case AGGREGATE_TALLY:
      return writeMode(call, at, to);
    case AGGREGATE_TEXTS:
      if (!textsCount(at)) return false;
      writeTexts(state, call, at, to);
      return true;
    case AGGREGATE_ARG_MIN:
    case AGGREGATE_ARG_MAX:
      if (isSeen) copyValue(load<u32>(call, CALL_PHYSICAL), at + argValueOffset(call), to);
      return isSeen;
    default:
      if (isSeen) copyValue(load<u32>(call, CALL_PHYSICAL), at, to);
      return isSeen;
  }
}

function copyValue(physical: u32, from: usize, to: usize): void {
  if (physical == PHYSICAL_U8) store<u8>(to, load<u8>(from));
  else if (physical == PHYSICAL_I32) store<u32>(to, load<u32>(from));
  else store<u64>(to, load<u64>(from));
}

function writeMoments(result: u32, at: usize, to: usize): bool {
  const rows = momentRows(at);
  const isSample = result == RESULT_VAR_SAMP || result == RESULT_STDDEV_SAMP;
  const divisor = isSample ? rows - 1 : rows;
  if (divisor <= 0) return false;
  const variance = momentSquares(at) / <f64>divisor;
  if (result == RESULT_ERROR) {
    store<f64>(to, sqrt(variance) / sqrt(<f64>rows));
    return true;
  }
  store<f64>(to, result == RESULT_STDDEV_SAMP || result == RESULT_STDDEV_POP ? sqrt(variance) : variance);
  return true;
}

function writePairs(result: u32, at: usize, to: usize): bool {
  const rows = momentRows(at);
  if (result == RESULT_PAIRS) {
    store<i64>(to, rows);
    return true;
  }
  const divisor = result == RESULT_COVAR_SAMP ? rows - 1 : rows;
  if (divisor <= 0 || (result == RESULT_INTERCEPT && pairSquaresX(at) == 0.0)) return false;
  const products = pairProducts(at);
  const slope = products / pairSquaresX(at);
  switch (result) {
    case RESULT_COVAR_SAMP:
    case RESULT_COVAR_POP:
      store<f64>(to, products / <f64>divisor);
      return true;
    case RESULT_CORR:
      store<f64>(to, correlation(products, pairSquaresX(at), pairSquaresY(at)));
      return true;
    case RESULT_SLOPE:
      store<f64>(to, slope);
      return true;
    case RESULT_R2:
      return writeExplained(at, to);
    case RESULT_MEAN_X:
      store<f64>(to, pairMeanX(at));
      return true;
    case RESULT_MEAN_Y:
      store<f64>(to, pairMeanY(at));
      return true;
    case RESULT_SQUARES_X:
      store<f64>(to, pairSquaresX(at));
      return true;
    case RESULT_SQUARES_Y:
      store<f64>(to, pairSquaresY(at));
      return true;
    case RESULT_PRODUCTS:
      store<f64>(to, products);
      return true;
    default:
      store<f64>(to, pairMeanY(at) - slope * pairMeanX(at));
      return true;
  }
}

/** NaN where all x, or all y, are the same: as far as doubles can tell, for products may be left of squares that are too small. */
@inline
function correlation(products: f64, squaresX: f64, squaresY: f64): f64 {
  return squaresX == 0.0 || squaresY == 0.0 ? NaN : products / sqrt(squaresX) / sqrt(squaresY);
}

/** NULL where all x are the same; 1 where all y are. */
function writeExplained(at: usize, to: usize): bool {
  const squaresX = pairSquaresX(at);
  const squaresY = pairSquaresY(at);
  if (squaresX == 0.0) return false;
  const products = pairProducts(at);
  store<f64>(to, squaresY == 0.0 ? 1 : (products * products) / (squaresX * squaresY));
  return true;
}

/** How many of `rows` sorted values come before the first that has a fraction of them at or before it. */
@inline
function discreteIndex(fraction: f64, rows: i64): u64 {
  const n = <f64>rows;
  return <u64>max<f64>(1.0, n - floor(n - fraction * n)) - 1;
}

function writeQuantile(call: usize, at: usize, to: usize): bool {
  const count = valuesCount(at);
  if (!count) return false;
  const result = load<u32>(call, CALL_RESULT);
  const physical = load<u32>(call, CALL_PHYSICAL);
  const fraction = load<f64>(call, CALL_FRACTION);
  if (result == RESULT_CONTINUOUS) {
    writeContinuous(physical, at, <f64>(count - 1) * fraction, to);
    return true;
  }
  const up = <u32>discreteIndex(fraction, count);
  const index = result == RESULT_DISCRETE_DOWN ? count - 1 - up : up;
  const found = load<u64>(valuesSelect(at, index, physical == PHYSICAL_REF));
  if (physical == PHYSICAL_REF) store<u64>(to, found);
  else storeSortBits(physical, found, to);
  return true;
}

/** Between two values in proportion: doubles, or µs rounded to the nearest. */
function writeContinuous(physical: u32, list: usize, place: f64, to: usize): void {
  const index = <u32>floor(place);
  const share = place - floor(place);
  const low = load<u64>(valuesSelect(list, index, false));
  if (share == 0.0) {
    storeSortBits(physical, low, to);
    return;
  }
  const high = valuesLeastFrom(list, index + 1);
  if (physical == PHYSICAL_F64) {
    const a = doubleOfSortBits(low);
    const b = doubleOfSortBits(high);
    store<f64>(to, a == b ? a : a * (1.0 - share) + b * share);
  } else storeSortBits(physical, low + <u64>floor(<f64>(high - low) * share + 0.5), to);
}

function writeMode(call: usize, at: usize, to: usize): bool {
  if (!tallyCount(at)) return false;
  const value = tallyValue(at, tallyMost(at));
  const physical = load<u32>(call, CALL_PHYSICAL);
  if (physical != PHYSICAL_REF) storeIdentityBits(physical, value, to);
  else {
    const node = <u32>value;
    store<u32>(to, node + 4);
    store<u32>(to, load<u32>(node), 4);
  }
  return true;
}
