// Functions of numbers that are seldom used: divisors, hyperbolic functions, buckets.

import { BIGINT, BOOLEAN, DOUBLE, INTEGER, listOf } from '../../data/type.ts';
import { chapter, host, inline, type OverloadPart } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('numeric');
const FAILS = { fails: true } as const;

const defineList = chapter('list');
const NUMBERS = listOf(BIGINT);

export const numberFunctions: readonly ScalarFunction[] = [
  defineList(
    {
      name: 'range',
      summary: 'The numbers from 0, or the first argument, to before the other, by a step if there is a third.',
      example: ['range(2, 10, 3)', '[2, 5, 8]'],
    },
    ...overNumbers(),
  ),
  defineList(
    {
      name: 'generate_series',
      summary: 'As range, the last number included.',
      example: ['generate_series(1, 3)', '[1, 2, 3]'],
    },
    ...overNumbers(),
  ),
  define(
    {
      name: 'gcd',
      aliases: ['greatest_common_divisor'],
      summary: 'The greatest number that divides both.',
      example: ['gcd(12, 18)', '6'],
    },
    host([BIGINT, BIGINT], BIGINT, FAILS),
  ),
  define(
    {
      name: 'lcm',
      aliases: ['least_common_multiple'],
      summary: 'The least number that both divide.',
      example: ['lcm(4, 6)', '12'],
    },
    host([BIGINT, BIGINT], BIGINT, FAILS),
  ),
  define(
    {
      name: 'factorial',
      summary: 'The product of 1 to the number, which is 20 at most.',
      example: ['factorial(5)', '120'],
    },
    host([BIGINT], BIGINT, FAILS),
  ),
  define(
    { name: 'even', summary: 'The next even number away from zero.', example: ['even(2.5)', '4.0'] },
    host([DOUBLE], DOUBLE),
  ),
  define(
    {
      name: 'width_bucket',
      summary:
        'The number, from 1, of the bucket that a value is in when the range from the second argument to the third is cut into so many equal ones; 0 below, one more than there are above.',
      example: ['width_bucket(5.35, 0.024, 10.06, 5)', '3'],
    },
    host([DOUBLE, DOUBLE, DOUBLE, INTEGER], INTEGER, FAILS),
  ),
  define(
    { name: 'signbit', summary: 'Whether its sign is minus, −0 included.', example: ['signbit(-2.0)', 'true'] },
    inline([DOUBLE], BOOLEAN, (e) => {
      const value = e.save('f64');
      e.f64(1).get(value).op('f64.copysign').f64(0).op('f64.lt').free(value);
    }),
  ),
  ...(
    [
      ['sinh', 'The hyperbolic sine.', '0.0'],
      ['cosh', 'The hyperbolic cosine.', '1.0'],
      ['tanh', 'The hyperbolic tangent.', '0.0'],
      ['asinh', 'The number whose hyperbolic sine it is.', '0.0'],
    ] as const
  ).map(([name, summary, result]) =>
    define({ name, summary, example: [`${name}(0)`, result] }, host([DOUBLE], DOUBLE)),
  ),
  define(
    { name: 'acosh', summary: 'The number whose hyperbolic cosine it is; NaN below 1.', example: ['acosh(1)', '0.0'] },
    host([DOUBLE], DOUBLE),
  ),
  define(
    {
      name: 'atanh',
      summary: 'The number whose hyperbolic tangent it is; an error beyond −1 to 1.',
      example: ['atanh(0)', '0.0'],
    },
    host([DOUBLE], DOUBLE, FAILS),
  ),
  define(
    {
      name: 'cot',
      summary: 'The cotangent of an angle in radians; an error for 0.',
      example: ['round(cot(1), 4)', '0.6421'],
    },
    host([DOUBLE], DOUBLE, FAILS),
  ),
];

function overNumbers(): OverloadPart[] {
  return [1, 2, 3].map((count) => host(new Array(count).fill(BIGINT), NUMBERS, FAILS));
}
