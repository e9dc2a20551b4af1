// Small scalar kernels that compiled expressions call for what is too long to write inline.
import { CELL_ERROR_CODE, CELL_ERROR_SITE } from './layout';

/** Records that the expression at a site of the plan failed with an ERROR_* code. */
export function mapFail(code: i32, site: i32): void {
  store<i32>(CELL_ERROR_CODE, code);
  store<i32>(CELL_ERROR_SITE, site);
}

/** Whether the product of two integers does not fit 64 bits. */
export function multiplyOverflows(a: i64, b: i64): bool {
  if (a == 0 || b == 0) return false;
  if (a == -1) return b == i64.MIN_VALUE;
  if (b == -1) return a == i64.MIN_VALUE;
  return (a * b) / b != a;
}

/** The remainder of a division of doubles, with the sign of the first, as C's fmod. */
export function numberModulo(a: f64, b: f64): f64 {
  return NativeMath.mod(a, b);
}
