// DECIMAL and Arrow: 128-bit units there, 64-bit units here.

import { DataType as Arrow, type DataType as ArrowType, type Data, Decimal } from 'apache-arrow';
import { REASON_RANGE, REASON_TYPE } from '../../kernels/layout-formats.ts';
import { type DataType, digitsOf } from '../data/type.ts';
import type { Fill } from './arrow-numbers.ts';
import type { FillTarget } from './column-rows.ts';

export function arrowDecimalOf(type: DataType): Decimal {
  const { precision, scale } = digitsOf(type);
  return new Decimal(scale, precision, 128);
}

/** 64-bit units as the words of 128-bit ones. */
export function widenUnits(units: BigInt64Array): Uint32Array {
  const wide = new BigInt64Array(units.length * 2);
  units.forEach((value, i) => {
    wide[2 * i] = value;
    wide[2 * i + 1] = value < 0n ? -1n : 0n;
  });
  return new Uint32Array(wide.buffer);
}

/** How a DECIMAL column is filled: from decimals and integers, and from doubles; null from anything else. */
export function decimalFill(type: DataType, arrow: ArrowType): Fill | null {
  const { precision, scale } = digitsOf(type);
  const limit = 10n ** BigInt(precision);
  const put = (target: FillTarget, row: number, value: bigint, power: number): void => {
    const units = power >= 0 ? value * 10n ** BigInt(power) : rounded(value, 10n ** BigInt(-power));
    if (units < limit && units > -limit) target.memory.i64[(target.address >>> 3) + row] = units;
    else if (target.valid[row] === 1) target.bad(row, REASON_RANGE);
  };
  if (Arrow.isDecimal(arrow) && arrow.bitWidth === 128) {
    const power = scale - arrow.scale;
    return (target, data, from, count) => {
      for (let i = 0; i < count; i++) put(target, i, wordsAt(data, from + i), power);
    };
  }
  if (Arrow.isInt(arrow)) {
    return (target, data, from, count) => {
      for (let i = 0; i < count; i++) put(target, i, BigInt(data.values[from + i] as number | bigint), scale);
    };
  }
  return Arrow.isFloat(arrow) && arrow.ArrayType !== Uint16Array ? doubleFill(scale, put) : null;
}

/** Reads decimals of a type for nested values, null from anything else. `bad`: makes the error of one that does not fit. */
export function decimalAt(
  type: DataType,
  arrow: ArrowType,
  bad: (reason: number) => Error,
): ((data: Data, row: number) => bigint) | null {
  const { precision, scale } = digitsOf(type);
  if (!Arrow.isDecimal(arrow) || arrow.bitWidth !== 128) return null;
  const limit = 10n ** BigInt(precision);
  const power = scale - arrow.scale;
  return (data, row) => {
    const value = wordsAt(data, row);
    const units = power >= 0 ? value * 10n ** BigInt(power) : rounded(value, 10n ** BigInt(-power));
    if (units < limit && units > -limit) return units;
    throw bad(REASON_RANGE);
  };
}

type Put = (target: FillTarget, row: number, value: bigint, power: number) => void;

function doubleFill(scale: number, put: Put): Fill {
  return (target, data, from, count) => {
    for (let i = 0; i < count; i++) {
      const scaled = (data.values[from + i] as number) * 10 ** scale;
      const units = Math.sign(scaled) * Math.round(Math.abs(scaled));
      if (Number.isFinite(units)) put(target, i, BigInt(units), 0);
      else if (target.valid[i] === 1) target.bad(i, REASON_TYPE);
    }
  };
}

function wordsAt({ values }: Data, index: number): bigint {
  const word = (n: number): bigint => BigInt((values as Uint32Array)[index * 4 + n] as number);
  const low = word(0) | (word(1) << 32n) | (word(2) << 64n) | (word(3) << 96n);
  return BigInt.asIntN(128, low);
}

/** Halves away from zero. */
function rounded(value: bigint, divisor: bigint): bigint {
  const rest = value % divisor;
  const size = rest < 0n ? -rest : rest;
  const away = 2n * size >= divisor ? (value < 0n ? -1n : 1n) : 0n;
  return value / divisor + away;
}
