// Functions of numbers.
//
// Those of one double are instructions or calls of the engine's own mathematics; an argument outside a function's
// domain is an error, as in PostgreSQL and DuckDB, and NaN gives NaN.

import { ERROR_ARGUMENT } from '../../../kernels/layout.ts';
import { BIGINT, BOOLEAN, DOUBLE, INTEGER } from '../../data/type.ts';
import { emitNarrowI64 } from '../codegen/cast-code.ts';
import type { Emitter } from '../codegen/emitter.ts';
import { unlessMinimum } from './checked.ts';
import { chapter, inline, kernel } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('numeric');
const FAILS = { fails: true } as const;

const rounding: readonly ScalarFunction[] = [
  define(
    {
      name: 'abs',
      summary: 'The absolute value; an error for the least integer, whose opposite does not fit.',
      example: ['abs(-3)', '3'],
    },
    inline([INTEGER], INTEGER, (e) => absolute(e, 'i32'), FAILS),
    inline([BIGINT], BIGINT, (e) => absolute(e, 'i64'), FAILS),
    inline([DOUBLE], DOUBLE, (e) => e.op('f64.abs')),
  ),
  define(
    {
      name: 'ceil',
      aliases: ['ceiling'],
      summary: 'The least whole number not below.',
      example: ['ceil(5 / 2)', '3.0'],
    },
    inline([DOUBLE], DOUBLE, (e) => e.op('f64.ceil')),
  ),
  define(
    { name: 'floor', summary: 'The greatest whole number not above.', example: ['floor(-5 / 2)', '-3.0'] },
    inline([DOUBLE], DOUBLE, (e) => e.op('f64.floor')),
  ),
  define(
    {
      name: 'round',
      summary:
        'Rounds to a whole number, or to so many places after the point (before it when negative); halves go away from zero.',
      example: ['round(2.345, 1)', '2.3'],
    },
    inline([INTEGER], INTEGER, () => {}),
    inline([BIGINT], BIGINT, () => {}),
    inline([DOUBLE], DOUBLE, roundHalfAway),
    inline([INTEGER, INTEGER], INTEGER, (e) => integerPlaces(e, 'integerRound'), FAILS),
    kernel([BIGINT, INTEGER], BIGINT, 'integerRound', FAILS),
    kernel([DOUBLE, INTEGER], DOUBLE, 'numberRound'),
  ),
  define(
    {
      name: 'trunc',
      summary: 'Drops the fraction, or what is beyond so many places after the point.',
      example: ['trunc(-2.78, 1)', '-2.7'],
    },
    inline([INTEGER], INTEGER, () => {}),
    inline([BIGINT], BIGINT, () => {}),
    inline([DOUBLE], DOUBLE, (e) => e.op('f64.trunc')),
    inline([INTEGER, INTEGER], INTEGER, (e) => integerPlaces(e, 'integerTruncate'), FAILS),
    kernel([BIGINT, INTEGER], BIGINT, 'integerTruncate', FAILS),
    kernel([DOUBLE, INTEGER], DOUBLE, 'numberTruncate'),
  ),
  define(
    { name: 'sign', summary: '−1, 0 or 1; 0 for NaN.', example: ['sign(-12.5)', '-1'] },
    inline([INTEGER], INTEGER, (e) => sign(e, 'i32')),
    inline([BIGINT], INTEGER, (e) => sign(e, 'i64')),
    inline([DOUBLE], INTEGER, (e) => sign(e, 'f64')),
  ),
];

const powers: readonly ScalarFunction[] = [
  define(
    { name: 'sqrt', summary: 'The square root; an error below zero.', example: ['sqrt(16)', '4.0'] },
    inline([DOUBLE], DOUBLE, (e) => withinDomain(e, belowZero, () => e.op('f64.sqrt')), FAILS),
  ),
  define(
    { name: 'cbrt', summary: 'The cube root.', example: ['cbrt(8)', '2.0'] },
    inline([DOUBLE], DOUBLE, (e) => e.math('cbrt')),
  ),
  define(
    {
      name: 'power',
      aliases: ['pow', '^'],
      summary: 'The first argument to the power of the second; a ^ b and a ** b are the same.',
      example: ['pow(2, 10)', '1024.0'],
    },
    inline([DOUBLE, DOUBLE], DOUBLE, power),
  ),
  define(
    { name: 'exp', summary: 'e to the power of the argument.', example: ['exp(0)', '1.0'] },
    inline([DOUBLE], DOUBLE, (e) => e.math('exp')),
  ),
  define(
    { name: 'ln', summary: 'The natural logarithm; an error for zero and below.', example: ['ln(1)', '0.0'] },
    inline([DOUBLE], DOUBLE, (e) => withinDomain(e, notAboveZero, () => e.math('log')), FAILS),
  ),
  define(
    {
      name: 'log',
      aliases: ['log10'],
      summary: 'The logarithm to base 10, or with two arguments of the second to the base of the first.',
      example: ['log(2, 8)', '3.0'],
    },
    inline([DOUBLE], DOUBLE, (e) => withinDomain(e, notAboveZero, () => e.math('log10')), FAILS),
    inline([DOUBLE, DOUBLE], DOUBLE, logarithm, FAILS),
  ),
  define(
    { name: 'log2', summary: 'The logarithm to base 2; an error for zero and below.', example: ['log2(8)', '3.0'] },
    inline([DOUBLE], DOUBLE, (e) => withinDomain(e, notAboveZero, () => e.math('log2')), FAILS),
  ),
];

const angles: readonly ScalarFunction[] = [
  define(
    { name: 'pi', summary: 'The number π.', example: ['pi()', '3.141592653589793'] },
    inline([], DOUBLE, (e) => e.f64(Math.PI)),
  ),
  define(
    { name: 'degrees', summary: 'Radians as degrees.', example: ['degrees(pi())', '180.0'] },
    inline([DOUBLE], DOUBLE, (e) => e.f64(180 / Math.PI).op('f64.mul')),
  ),
  define(
    { name: 'radians', summary: 'Degrees as radians.', example: ['radians(180)', '3.141592653589793'] },
    inline([DOUBLE], DOUBLE, (e) => e.f64(Math.PI / 180).op('f64.mul')),
  ),
  ...(['sin', 'cos', 'tan'] as const).map((name) =>
    define(
      {
        name,
        summary: `The ${ratioName(name)} of an angle in radians; an error for an infinity.`,
        example: [`${name}(0)`, name === 'cos' ? '1.0' : '0.0'],
      },
      inline([DOUBLE], DOUBLE, (e) => withinDomain(e, infinite, () => e.math(name)), FAILS),
    ),
  ),
  ...(['asin', 'acos'] as const).map((name) =>
    define(
      {
        name,
        summary: `The angle whose ${ratioName(name)} it is; an error beyond −1 to 1.`,
        example: [`${name}(${name === 'acos' ? 1 : 0})`, '0.0'],
      },
      inline([DOUBLE], DOUBLE, (e) => withinDomain(e, beyondOne, () => e.math(name)), FAILS),
    ),
  ),
  define(
    { name: 'atan', summary: 'The angle whose tangent it is.', example: ['atan(0)', '0.0'] },
    inline([DOUBLE], DOUBLE, (e) => e.math('atan')),
  ),
  define(
    { name: 'atan2', summary: 'The angle of the point (x, y), given as y and x.', example: ['atan2(0, 1)', '0.0'] },
    inline([DOUBLE, DOUBLE], DOUBLE, (e) => e.math2('atan2')),
  ),
];

const kinds: readonly ScalarFunction[] = [
  define(
    { name: 'isnan', summary: 'Whether it is NaN.', example: ["isnan(CAST('nan' AS DOUBLE))", 'true'] },
    inline([DOUBLE], BOOLEAN, (e) => {
      const value = e.save('f64');
      e.get(value).get(value).op('f64.ne').free(value);
    }),
  ),
  define(
    { name: 'isinf', summary: 'Whether it is an infinity.', example: ['isinf(1 / 0)', 'true'] },
    inline([DOUBLE], BOOLEAN, (e) => e.op('f64.abs').f64(Number.POSITIVE_INFINITY).op('f64.eq')),
  ),
  define(
    { name: 'isfinite', summary: 'Whether it is neither NaN nor an infinity.', example: ['isfinite(1 / 0)', 'false'] },
    inline([DOUBLE], BOOLEAN, (e) => e.op('f64.abs').f64(Number.POSITIVE_INFINITY).op('f64.lt')),
  ),
];

export const numericFunctions: readonly ScalarFunction[] = [...rounding, ...powers, ...angles, ...kinds];

/** Of the units of a DECIMAL, which only the binder calls: see bind/decimals.ts. */
export const decimalRoundings: readonly ScalarFunction[] = (['floor', 'ceil'] as const).map((name) =>
  define(
    { name: `decimal_${name}`, summary: '', example: ['', ''] },
    kernel([BIGINT, INTEGER], BIGINT, name === 'floor' ? 'decimalFloor' : 'decimalCeil'),
  ),
);

/** What sin, acos, … are of, or the inverse of. */
function ratioName(name: string): string {
  return name.endsWith('sin') ? 'sine' : name.endsWith('cos') ? 'cosine' : 'tangent';
}

function absolute(emitter: Emitter, type: 'i32' | 'i64'): void {
  unlessMinimum(emitter, type, (value) => {
    emitter.zero(type).get(value).op(`${type}.sub`).get(value);
    emitter.get(value).zero(type).op(`${type}.lt_s`, 'select');
  });
}

/** x ± 1 towards its sign where the fraction is a half or more, without rounding in between. */
function roundHalfAway(emitter: Emitter): void {
  const value = emitter.save('f64');
  const whole = emitter.local('f64');
  emitter.get(value).op('f64.trunc').tee(whole).f64(1).get(value).op('f64.copysign', 'f64.add').get(whole);
  emitter.get(value).get(whole).op('f64.sub', 'f64.abs').f64(0.5).op('f64.ge', 'select');
  emitter.free(value, whole);
}

/** Rounds an INTEGER through the kernel for BIGINT. */
function integerPlaces(emitter: Emitter, name: string): void {
  const places = emitter.save('i32');
  emitter.op('i64.extend_i32_s').get(places).kernel(name, ['i64', 'i32'], 'i64');
  emitter.checkStatus({ mayBeNull: false, fails: true });
  emitNarrowI64(emitter, INTEGER);
  emitter.free(places);
}

function sign(emitter: Emitter, type: 'i32' | 'i64' | 'f64'): void {
  const value = emitter.save(type);
  emitter
    .get(value)
    .zero(type)
    .op(type === 'f64' ? 'f64.gt' : `${type}.gt_s`);
  emitter
    .get(value)
    .zero(type)
    .op(type === 'f64' ? 'f64.lt' : `${type}.lt_s`, 'i32.sub');
  emitter.free(value);
}

type DomainTest = (emitter: Emitter) => void;

const belowZero: DomainTest = (e) => e.f64(0).op('f64.lt');
const notAboveZero: DomainTest = (e) => e.f64(0).op('f64.le');
const infinite: DomainTest = (e) => e.op('f64.abs').f64(Number.POSITIVE_INFINITY).op('f64.eq');
const beyondOne: DomainTest = (e) => e.op('f64.abs').f64(1).op('f64.gt');

/** Takes a double; an error where `isOutside` pushes 1, otherwise `compute` on it. */
function withinDomain(emitter: Emitter, isOutside: DomainTest, compute: () => void): void {
  const value = emitter.save('f64');
  emitter.get(value);
  isOutside(emitter);
  emitter.failIf(ERROR_ARGUMENT, 'f64', () => {
    emitter.get(value);
    compute();
  });
  emitter.free(value);
}

/** C's pow: as JavaScript's, except that 1 to any power is 1, and −1 to an infinite one. */
function power(emitter: Emitter): void {
  const exponent = emitter.save('f64');
  const base = emitter.save('f64');
  emitter.f64(1).get(base).get(exponent).math2('pow');
  emitter.get(base).f64(1).op('f64.eq');
  emitter.get(base).f64(-1).op('f64.eq');
  emitter.get(exponent);
  infinite(emitter);
  emitter.op('i32.and', 'i32.or', 'select').free(exponent, base);
}

function logarithm(emitter: Emitter): void {
  const value = emitter.save('f64');
  const base = emitter.save('f64');
  emitter.get(base);
  notAboveZero(emitter);
  emitter.get(value);
  notAboveZero(emitter);
  emitter.op('i32.or').get(base).f64(1).op('f64.eq', 'i32.or');
  emitter.failIf(ERROR_ARGUMENT, 'f64', () => emitter.get(value).math('log').get(base).math('log').op('f64.div'));
  emitter.free(value, base);
}
