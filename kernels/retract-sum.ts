// Sums from which values can be taken back.
//
//   integers  low i64 │ high i64 │ values i64                                     as the state of an average
//   doubles   sum f64 │ values i64 │ high f64 │ low f64 │ NaN u32 │ +∞ u32 │ −∞ u32     the sum is that of high and low
//
// Of doubles, high and low are what is added up and what that lost (twice the digits of a double, Knuth's TwoSum): taking
// back what was added leaves an error of about 2⁻¹⁰⁰ of the greatest sum there was. Without values they are zero again.
// Both are 2⁵² times smaller than the sum, which may so be beyond the doubles for a while.
import { batchData } from './group-key';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64 } from './layout';
import { CALL_COLUMN, CALL_PHYSICAL } from './layout-aggregate';

const SUM_VALUES: usize = 16;
const DOUBLE_VALUES: usize = 8;
const DOUBLE_HIGH: usize = 16;
const DOUBLE_LOW: usize = 24;
const DOUBLE_NAN: usize = 32;
const DOUBLE_PLUS: usize = 36;
const DOUBLE_MINUS: usize = 40;
const SMALLER: f64 = 2.220446049250313e-16; // 2⁻⁵²
const GREATER: f64 = 4503599627370496.0; // 2⁵²

/** Adds the value of a row to the state at an address, `weight` times (1 or −1). @returns 1 when it has values then. */
export function sumAdd(call: usize, batch: usize, row: u32, at: usize, weight: i32): u8 {
  const data = batchData(batch, load<i32>(call, CALL_COLUMN));
  switch (load<u32>(call, CALL_PHYSICAL)) {
    case PHYSICAL_F64:
      return addDouble(at, load<f64>(data + (row << 3)), weight);
    case PHYSICAL_I64:
      return addInteger(at, load<i64>(data + (row << 3)), weight);
    case PHYSICAL_I32:
      return addInteger(at, load<i32>(data + (row << 2)), weight);
    default:
      return addInteger(at, load<u8>(data + row), weight);
  }
}

function addInteger(at: usize, value: i64, weight: i32): u8 {
  const low = load<u64>(at);
  const sign = value >> 63;
  if (weight > 0) {
    const sum = low + <u64>value;
    store<u64>(at, sum);
    store<i64>(at, load<i64>(at, 8) + sign + <i64>(sum < <u64>value), 8);
  } else {
    store<u64>(at, low - <u64>value);
    store<i64>(at, load<i64>(at, 8) - sign - <i64>(low < <u64>value), 8);
  }
  const values = load<i64>(at, SUM_VALUES) + weight;
  store<i64>(at, values, SUM_VALUES);
  return u8(values != 0);
}

function addDouble(at: usize, value: f64, weight: i32): u8 {
  const values = load<i64>(at, DOUBLE_VALUES) + weight;
  store<i64>(at, values, DOUBLE_VALUES);
  if (value != value) count(at + DOUBLE_NAN, weight);
  else if (value == Infinity) count(at + DOUBLE_PLUS, weight);
  else if (value == -Infinity) count(at + DOUBLE_MINUS, weight);
  else addFinite(at, (weight > 0 ? value : -value) * SMALLER);
  if (values == 0) memory.fill(at + DOUBLE_HIGH, 0, 16);
  const isPlus = load<i32>(at, DOUBLE_PLUS) > 0;
  const isMinus = load<i32>(at, DOUBLE_MINUS) > 0;
  let sum = (load<f64>(at, DOUBLE_HIGH) + load<f64>(at, DOUBLE_LOW)) * GREATER;
  if (load<i32>(at, DOUBLE_NAN) > 0 || (isPlus && isMinus)) sum = NaN;
  else if (isPlus) sum = Infinity;
  else if (isMinus) sum = -Infinity;
  store<f64>(at, sum);
  return u8(values != 0);
}

@inline
function count(at: usize, weight: i32): void {
  store<i32>(at, load<i32>(at) + weight);
}

@inline
function addFinite(at: usize, value: f64): void {
  const high = load<f64>(at, DOUBLE_HIGH);
  const sum = high + value;
  const part = sum - high;
  const lost = high - (sum - part) + (value - part);
  store<f64>(at, sum, DOUBLE_HIGH);
  store<f64>(at, load<f64>(at, DOUBLE_LOW) + lost, DOUBLE_LOW);
}
