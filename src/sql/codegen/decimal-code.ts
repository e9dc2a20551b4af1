// Casts between DECIMAL and other numbers, through kernels/decimal.ts.

import { type DataType, digitsOf } from '../../data/type.ts';
import { emitNarrowI64 } from './cast-code.ts';
import type { Emitter } from './emitter.ts';
import { valueTypeOf } from './map-context.ts';

const FAILS = { mayBeNull: false, fails: true };

/** Takes a value of `from`, pushes it as one of `to`; one of them is a DECIMAL. */
export function emitDecimalCast(emitter: Emitter, from: DataType, to: DataType): void {
  if (from.kind !== 'DECIMAL') emitToDecimal(emitter, from, to);
  else if (to.kind === 'DECIMAL') emitRescale(emitter, from, to);
  else emitFromDecimal(emitter, digitsOf(from).scale, to);
}

function emitToDecimal(emitter: Emitter, from: DataType, to: DataType): void {
  const { precision, scale } = digitsOf(to);
  const type = valueTypeOf(from);
  if (type === 'i32') emitter.op('i64.extend_i32_s');
  emitter.i32(scale).i32(precision);
  if (type === 'f64') emitter.kernel('decimalFromF64', ['f64', 'i32', 'i32'], 'i64');
  else emitter.kernel('decimalFromI64', ['i64', 'i32', 'i32'], 'i64');
  emitter.checkStatus(FAILS);
}

function emitRescale(emitter: Emitter, from: DataType, to: DataType): void {
  const { precision, scale } = digitsOf(to);
  emitter.i32(digitsOf(from).scale).i32(scale).i32(precision);
  emitter.kernel('decimalRescale', ['i64', 'i32', 'i32', 'i32'], 'i64').checkStatus(FAILS);
}

function emitFromDecimal(emitter: Emitter, scale: number, to: DataType): void {
  if (to.kind === 'BOOLEAN') {
    emitter.zero('i64').op('i64.ne');
    return;
  }
  emitter.i32(scale);
  if (to.kind === 'DOUBLE') {
    emitter.kernel('decimalF64', ['i64', 'i32'], 'f64');
    return;
  }
  if (to.kind === 'VARCHAR') {
    emitter.kernel('textFromDecimal', ['i64', 'i32'], 'i64');
    return;
  }
  emitter.kernel('decimalToI64', ['i64', 'i32'], 'i64');
  if (to.kind !== 'BIGINT') emitNarrowI64(emitter, to);
}
