// Aggregates that fold a number into a few others: products, bits, and the moments behind variance and correlation.
//
// Moments are updated by Welford (1962) and merged by Chan, Golub and LeVeque (1979), so that no precision is lost to
// large means.
import {
  AGGREGATE_BIT_AND,
  AGGREGATE_BIT_OR,
  AGGREGATE_MOMENTS,
  AGGREGATE_PRODUCT,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_PHYSICAL,
} from './layout-aggregate';
import { PHYSICAL_I32 } from './layout';

// Moments: i64 rows │ f64 mean │ f64 sum of squared deviations.
const MOMENTS_MEAN: usize = 8;
const MOMENTS_SQUARES: usize = 16;
// Comoments: i64 rows │ f64 mean of y │ f64 mean of x │ f64 products of deviations │ f64 squares of y │ f64 of x.
const CO_MEAN_Y: usize = 8;
const CO_MEAN_X: usize = 16;
const CO_PRODUCTS: usize = 24;
const CO_SQUARES_Y: usize = 32;
const CO_SQUARES_X: usize = 40;

/** Adds numbers to their groups; `validity` may be 0. */
export function updateNumbers(entries: usize, rows: u32, call: usize, seen: u32, data: usize, validity: usize): void {
  const offset = load<u32>(call, CALL_OFFSET);
  const fn = load<u32>(call, CALL_FUNCTION);
  const isNarrow = load<u32>(call, CALL_PHYSICAL) == PHYSICAL_I32;
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const entry = <usize>load<u32>(entries + (row << 2));
    const at = entry + offset;
    store<u8>(entry + seen, 1);
    if (fn == AGGREGATE_MOMENTS) addMoment(at, load<f64>(data + (row << 3)));
    else if (fn == AGGREGATE_PRODUCT) store<f64>(at, load<f64>(at) * load<f64>(data + (row << 3)));
    else {
      const value = isNarrow ? <i64>load<i32>(data + (row << 2)) : load<i64>(data + (row << 3));
      foldBits(fn, at, value);
    }
  }
}

@inline
function foldBits(fn: u32, at: usize, value: i64): void {
  const before = load<i64>(at);
  store<i64>(at, fn == AGGREGATE_BIT_AND ? before & value : fn == AGGREGATE_BIT_OR ? before | value : before ^ value);
}

@inline
function addMoment(at: usize, value: f64): void {
  const rows = load<i64>(at) + 1;
  const mean = load<f64>(at, MOMENTS_MEAN);
  const difference = value - mean;
  const moved = mean + difference / <f64>rows;
  store<i64>(at, rows);
  store<f64>(at, moved, MOMENTS_MEAN);
  store<f64>(at, load<f64>(at, MOMENTS_SQUARES) + difference * (value - moved), MOMENTS_SQUARES);
}

/** Adds pairs (y, x) to their groups; a validity may be 0. */
export function updatePairs(
  entries: usize,
  rows: u32,
  call: usize,
  data: usize,
  validity: usize,
  byData: usize,
  byValidity: usize,
): void {
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    if (byValidity != 0 && load<u8>(byValidity + row) == 0) continue;
    addPair(
      <usize>load<u32>(entries + (row << 2)) + offset,
      load<f64>(data + (row << 3)),
      load<f64>(byData + (row << 3)),
    );
  }
}

@inline
function addPair(at: usize, y: f64, x: f64): void {
  const rows = load<i64>(at) + 1;
  const meanY = load<f64>(at, CO_MEAN_Y);
  const meanX = load<f64>(at, CO_MEAN_X);
  const dy = y - meanY;
  const dx = x - meanX;
  const movedY = meanY + dy / <f64>rows;
  const movedX = meanX + dx / <f64>rows;
  store<i64>(at, rows);
  store<f64>(at, movedY, CO_MEAN_Y);
  store<f64>(at, movedX, CO_MEAN_X);
  store<f64>(at, load<f64>(at, CO_PRODUCTS) + dx * (y - movedY), CO_PRODUCTS);
  store<f64>(at, load<f64>(at, CO_SQUARES_Y) + dy * (y - movedY), CO_SQUARES_Y);
  store<f64>(at, load<f64>(at, CO_SQUARES_X) + dx * (x - movedX), CO_SQUARES_X);
}

/** Adds the state `from` to `to`, of a product, bits or moments. */
export function mergeNumbers(call: usize, to: usize, from: usize): void {
  const fn = load<u32>(call, CALL_FUNCTION);
  if (fn == AGGREGATE_MOMENTS) mergeMoments(to, from);
  else if (fn == AGGREGATE_PRODUCT) store<f64>(to, load<f64>(to) * load<f64>(from));
  else foldBits(fn, to, load<i64>(from));
}

function mergeMoments(to: usize, from: usize): void {
  const added = load<i64>(from);
  if (!added) return;
  const before = load<i64>(to);
  const rows = <f64>(before + added);
  const difference = load<f64>(from, MOMENTS_MEAN) - load<f64>(to, MOMENTS_MEAN);
  const share = <f64>added / rows;
  store<i64>(to, before + added);
  store<f64>(to, load<f64>(to, MOMENTS_MEAN) + difference * share, MOMENTS_MEAN);
  const squares = load<f64>(to, MOMENTS_SQUARES) + load<f64>(from, MOMENTS_SQUARES);
  store<f64>(to, squares + difference * difference * share * <f64>before, MOMENTS_SQUARES);
}

/** The same of pairs. */
export function mergePairs(to: usize, from: usize): void {
  const added = load<i64>(from);
  if (!added) return;
  const before = load<i64>(to);
  const share = <f64>added / <f64>(before + added);
  const weight = share * <f64>before;
  const dy = load<f64>(from, CO_MEAN_Y) - load<f64>(to, CO_MEAN_Y);
  const dx = load<f64>(from, CO_MEAN_X) - load<f64>(to, CO_MEAN_X);
  store<i64>(to, before + added);
  store<f64>(to, load<f64>(to, CO_MEAN_Y) + dy * share, CO_MEAN_Y);
  store<f64>(to, load<f64>(to, CO_MEAN_X) + dx * share, CO_MEAN_X);
  addTo(to, from, CO_PRODUCTS, dx * dy * weight);
  addTo(to, from, CO_SQUARES_Y, dy * dy * weight);
  addTo(to, from, CO_SQUARES_X, dx * dx * weight);
}

@inline
function addTo(to: usize, from: usize, offset: usize, more: f64): void {
  store<f64>(to + offset, load<f64>(to + offset) + load<f64>(from + offset) + more);
}

/** Rows behind moments or comoments. */
@inline
export function momentRows(at: usize): i64 {
  return load<i64>(at);
}

/** Sum of squared deviations of moments. */
@inline
export function momentSquares(at: usize): f64 {
  return load<f64>(at, MOMENTS_SQUARES);
}

/** Sum of products of deviations. */
@inline
export function pairProducts(at: usize): f64 {
  return load<f64>(at, CO_PRODUCTS);
}

@inline
export function pairSquaresY(at: usize): f64 {
  return load<f64>(at, CO_SQUARES_Y);
}

@inline
export function pairSquaresX(at: usize): f64 {
  return load<f64>(at, CO_SQUARES_X);
}

@inline
export function pairMeanY(at: usize): f64 {
  return load<f64>(at, CO_MEAN_Y);
}

@inline
export function pairMeanX(at: usize): f64 {
  return load<f64>(at, CO_MEAN_X);
}
