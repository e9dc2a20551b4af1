// Integer arithmetic that notices when a result does not fit, as inline code: operands on the stack, then the result.

import { ERROR_OVERFLOW } from '../../../kernels/layout.ts';
import type { Emitter } from '../codegen/emitter.ts';

/** + − × of i32: computed in 64 bits, and checked to fit 32. */
export function checkedI32(emitter: Emitter, operator: 'add' | 'sub' | 'mul'): void {
  const right = emitter.save('i32');
  const result = emitter.local('i64');
  emitter.op('i64.extend_i32_s').get(right).op('i64.extend_i32_s', `i64.${operator}`).tee(result);
  emitter.op('i64.extend32_s').get(result).op('i64.ne');
  emitter.failIf(ERROR_OVERFLOW, 'i32', () => emitter.get(result).op('i32.wrap_i64'));
  emitter.free(right, result);
}

/** + of i64: it overflows where both operands have the sign that the result has not. */
export function checkedAdd(emitter: Emitter): void {
  const right = emitter.save('i64');
  const left = emitter.save('i64');
  const result = emitter.local('i64');
  emitter.get(left).get(right).op('i64.add').tee(result);
  emitter.get(left).op('i64.xor').get(result).get(right).op('i64.xor', 'i64.and').i64(0n).op('i64.lt_s');
  emitter.overflowIf(result, 'i64');
  emitter.free(left, right, result);
}

/** − of i64: it overflows where the operands differ in sign, and the result from the left one. */
export function checkedSubtract(emitter: Emitter): void {
  const right = emitter.save('i64');
  const left = emitter.save('i64');
  const result = emitter.local('i64');
  emitter.get(left).get(right).op('i64.sub').tee(result);
  emitter.get(left).op('i64.xor').get(left).get(right).op('i64.xor', 'i64.and').i64(0n).op('i64.lt_s');
  emitter.overflowIf(result, 'i64');
  emitter.free(left, right, result);
}

/** × of i64: factors that fit 32 bits cannot overflow; for others a kernel divides back. */
export function checkedMultiply(emitter: Emitter): void {
  const right = emitter.save('i64');
  const left = emitter.save('i64');
  emitter.get(left).op('i64.extend32_s').get(left).op('i64.ne');
  emitter.get(right).op('i64.extend32_s').get(right).op('i64.ne', 'i32.or').if('i32');
  emitter.get(left).get(right).kernel('multiplyOverflows', ['i64', 'i64'], 'i32');
  emitter.else().i32(0).end();
  emitter.failIf(ERROR_OVERFLOW, 'i64', () => emitter.get(left).get(right).op('i64.mul'));
  emitter.free(left, right);
}

const MINIMUM = { i32: -(2n ** 31n), i64: -(2n ** 63n) };

/** Division or remainder of integers, truncating: NULL for a divisor of zero; MIN by −1 does not fit. */
export function checkedDivide(emitter: Emitter, type: 'i32' | 'i64', operator: 'div_s' | 'rem_s'): void {
  const right = emitter.save(type);
  const left = emitter.save(type);
  const push = (value: bigint): Emitter => (type === 'i64' ? emitter.i64(value) : emitter.i32(Number(value)));
  emitter.get(right).op(`${type}.eqz`);
  emitter.nullIf(type, () => {
    emitter.get(right);
    push(-1n).op(`${type}.eq`).get(left);
    push(MINIMUM[type]).op(`${type}.eq`, 'i32.and');
    emitter.failIf(ERROR_OVERFLOW, type, () => emitter.get(left).get(right).op(`${type}.${operator}`));
  });
  emitter.free(left, right);
}

/** Takes a value; fails where it is the type's minimum, whose opposite does not fit; pushes what `emit` makes of it. */
export function unlessMinimum(emitter: Emitter, type: 'i32' | 'i64', emit: (value: number) => void): void {
  const value = emitter.save(type);
  emitter.get(value);
  if (type === 'i64') emitter.i64(MINIMUM.i64);
  else emitter.i32(Number(MINIMUM.i32));
  emitter.op(`${type}.eq`).failIf(ERROR_OVERFLOW, type, () => emit(value));
  emitter.free(value);
}
