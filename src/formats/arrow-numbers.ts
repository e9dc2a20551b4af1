// Fills columns of numbers, booleans and times from Arrow columns.
//
// A fill writes rows [from, from + count) of an Arrow column to rows 0… of a batch's column. Where no value has to be
// looked at it is one copy of a typed array. A row that does not fit is reported, and whatever was written for it stays:
// the row will be left out or become NULL. NULLs are in the arrays as any value, so only rows that have one are judged.

import { DataType as Arrow, type Data, Precision } from 'apache-arrow';
import { REASON_RANGE, REASON_TYPE } from '../../kernels/layout-formats.ts';
import type { FillTarget } from './column-rows.ts';

export type Fill = (target: FillTarget, data: Data, from: number, count: number) => void;

const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

export const fillBooleans: Fill = ({ memory, address }, data, from, count) => {
  const bits = data.values as Uint8Array;
  for (let i = 0; i < count; i++) memory.u8[address + i] = bitAt(bits, from + i);
};

/** Integers of any width into an i32 column of a range. */
export function integerFill(least: number, most: number): Fill {
  return (target, data, from, count) => {
    const { memory, address, valid } = target;
    const values = data.values as ArrayLike<number | bigint>;
    for (let i = 0; i < count; i++) {
      const value = values[from + i] as number | bigint;
      if (value >= least && value <= most) memory.i32[(address >>> 2) + i] = Number(value);
      else if (valid[i] === 1) target.bad(i, REASON_RANGE);
    }
  };
}

/** Floating-point numbers into an i32 column of a range, where they are whole. */
export function wholeNumberFill(least: number, most: number): Fill {
  return (target, data, from, count) => {
    const { memory, address, valid } = target;
    const values = doublesOf(data, from, count);
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      if (value >= least && value <= most && Number.isInteger(value)) memory.i32[(address >>> 2) + i] = value;
      else if (valid[i] === 1) target.bad(i, reasonOf(value));
    }
  };
}

export const copyBigints: Fill = ({ memory, address }, data, from, count) => {
  memory.i64.set((data.values as BigInt64Array).subarray(from, from + count), address >>> 3);
};

/** Integers of any width and sign into an i64 column. */
export const fillBigints: Fill = (target, data, from, count) => {
  const { memory, address, valid } = target;
  const values = data.values as ArrayLike<number | bigint>;
  for (let i = 0; i < count; i++) {
    const value = BigInt(values[from + i] as number | bigint);
    if (value <= I64_MAX) memory.i64[(address >>> 3) + i] = value;
    else if (valid[i] === 1) target.bad(i, REASON_RANGE);
  }
};

/** Floating-point numbers into an i64 column, where they are whole. */
export const fillBigintsFromDoubles: Fill = (target, data, from, count) => {
  const { memory, address, valid } = target;
  const values = doublesOf(data, from, count);
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
      memory.i64[(address >>> 3) + i] = BigInt(value);
    } else if (valid[i] === 1) target.bad(i, reasonOf(value));
  }
};

/** Any numbers but 64-bit integers into an f64 column. */
export const copyDoubles: Fill = ({ memory, address }, data, from, count) => {
  memory.f64.set(doublesOf(data, from, count), address >>> 3);
};

export const fillDoublesFromBigints: Fill = ({ memory, address }, data, from, count) => {
  const values = data.values as ArrayLike<bigint>;
  for (let i = 0; i < count; i++) memory.f64[(address >>> 3) + i] = Number(values[from + i] as bigint);
};

/** Times into an i64 column of µs: value × `factor` / `divisor`; finer digits are cut, towards the past. */
export function timeFill(factor: bigint, divisor: bigint): Fill {
  return (target, data, from, count) => {
    const { memory, address, valid } = target;
    const values = data.values as ArrayLike<number | bigint>;
    for (let i = 0; i < count; i++) {
      const micros = floorDivide(BigInt(values[from + i] as number | bigint) * factor, divisor);
      if (micros >= I64_MIN && micros <= I64_MAX) memory.i64[(address >>> 3) + i] = micros;
      else if (valid[i] === 1) target.bad(i, REASON_RANGE);
    }
  };
}

export const copyDates: Fill = ({ memory, address }, data, from, count) => {
  memory.i32.set((data.values as Int32Array).subarray(from, from + count), address >>> 2);
};

/** Dates in ms into an i32 column of days. */
export const fillDates: Fill = (target, data, from, count) => {
  const { memory, address, valid } = target;
  const values = data.values as ArrayLike<number | bigint>;
  for (let i = 0; i < count; i++) {
    const days = Math.floor(Number(values[from + i]) / 86_400_000);
    if (days === (days | 0)) memory.i32[(address >>> 2) + i] = days;
    else if (valid[i] === 1) target.bad(i, REASON_RANGE);
  }
};

/** A bit of a bitmap: the least significant of each byte comes first. */
export function bitAt(bits: Uint8Array, index: number): number {
  return ((bits[index >>> 3] as number) >>> (index & 7)) & 1;
}

/** The numbers of an Arrow column whose array does not hold bigints. */
function doublesOf(data: Data, from: number, count: number): ArrayLike<number> {
  const values = (data.values as Float64Array).subarray(from, from + count);
  const isHalf = Arrow.isFloat(data.type) && data.type.precision === Precision.HALF;
  return isHalf ? Float64Array.from(values, halfToDouble) : values;
}

/** IEEE 754 half precision: sign 1 │ exponent 5 │ fraction 10. */
function halfToDouble(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

function reasonOf(value: number): number {
  return Number.isInteger(value) ? REASON_RANGE : REASON_TYPE;
}
