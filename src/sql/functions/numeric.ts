// Functions of numbers.

import { BIGINT, DOUBLE, INTEGER } from '../../data/type.ts';
import { unlessMinimum } from './checked.ts';
import { chapter, inline } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('numeric');
const FAILS = { fails: true } as const;

export const numericFunctions: readonly ScalarFunction[] = [
  define(
    { name: 'abs', summary: 'The absolute value.', example: ['abs(-3)', '3'] },
    inline(
      [INTEGER],
      INTEGER,
      (e) =>
        unlessMinimum(e, 'i32', (v) => {
          e.i32(0).get(v).op('i32.sub').get(v).get(v).i32(0).op('i32.lt_s', 'select');
        }),
      FAILS,
    ),
    inline(
      [BIGINT],
      BIGINT,
      (e) =>
        unlessMinimum(e, 'i64', (v) => {
          e.i64(0n).get(v).op('i64.sub').get(v).get(v).i64(0n).op('i64.lt_s', 'select');
        }),
      FAILS,
    ),
    inline([DOUBLE], DOUBLE, (e) => e.op('f64.abs')),
  ),
];
