// The arithmetic operators, of numbers and of times.
//
// Integers are exact or an error. `/` is always DOUBLE and divides by zero to an infinity or NaN; `//` and `%` of
// integers truncate and are NULL for a divisor of zero. TINYINT and SMALLINT compute as INTEGER.

import { BIGINT, DATE, DOUBLE, INTEGER, INTERVAL, TIMESTAMP } from '../../data/type.ts';
import { emitDateToTimestamp, emitDoubleToInteger } from '../codegen/cast-code.ts';
import type { Emitter } from '../codegen/emitter.ts';
import { checkedAdd, checkedDivide, checkedI32, checkedMultiply, checkedSubtract, unlessMinimum } from './checked.ts';
import { chapter, inline, kernel } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('operator');
const FAILS = { fails: true } as const;

export const arithmeticFunctions: readonly ScalarFunction[] = [
  define(
    {
      name: '+',
      summary: 'Adds numbers, an interval to a time, or days to a date.',
      example: ["TIMESTAMP '2024-01-01' + INTERVAL '90' MINUTE", '2024-01-01 01:30:00'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => checkedI32(e, 'add'), FAILS),
    inline([BIGINT, BIGINT], BIGINT, checkedAdd, FAILS),
    inline([DOUBLE, DOUBLE], DOUBLE, (e) => e.op('f64.add')),
    inline([TIMESTAMP, INTERVAL], TIMESTAMP, checkedAdd, FAILS),
    inline([INTERVAL, TIMESTAMP], TIMESTAMP, checkedAdd, FAILS),
    inline([DATE, INTERVAL], TIMESTAMP, (e) => dateAndInterval(e, checkedAdd), FAILS),
    inline([INTERVAL, DATE], TIMESTAMP, intervalAndDate, FAILS),
    inline([DATE, INTEGER], DATE, (e) => checkedI32(e, 'add'), FAILS),
    inline([INTEGER, DATE], DATE, (e) => checkedI32(e, 'add'), FAILS),
    inline([INTERVAL, INTERVAL], INTERVAL, checkedAdd, FAILS),
  ),
  define(
    {
      name: '-',
      summary:
        'Subtracts numbers, an interval or another time from a time, or days or another date from a date. With one operand, the opposite.',
      example: ["TIMESTAMP '2024-01-01 01:30:00' - TIMESTAMP '2024-01-01'", '01:30:00'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => checkedI32(e, 'sub'), FAILS),
    inline([BIGINT, BIGINT], BIGINT, checkedSubtract, FAILS),
    inline([DOUBLE, DOUBLE], DOUBLE, (e) => e.op('f64.sub')),
    inline([TIMESTAMP, INTERVAL], TIMESTAMP, checkedSubtract, FAILS),
    inline([TIMESTAMP, TIMESTAMP], INTERVAL, checkedSubtract, FAILS),
    inline([DATE, INTERVAL], TIMESTAMP, (e) => dateAndInterval(e, checkedSubtract), FAILS),
    inline([DATE, INTEGER], DATE, (e) => checkedI32(e, 'sub'), FAILS),
    inline([DATE, DATE], BIGINT, dateDifference),
    inline([INTERVAL, INTERVAL], INTERVAL, checkedSubtract, FAILS),
    inline([INTEGER], INTEGER, (e) => unlessMinimum(e, 'i32', (v) => e.i32(0).get(v).op('i32.sub')), FAILS),
    inline([BIGINT], BIGINT, (e) => unlessMinimum(e, 'i64', (v) => e.i64(0n).get(v).op('i64.sub')), FAILS),
    inline([DOUBLE], DOUBLE, (e) => e.op('f64.neg')),
    inline([INTERVAL], INTERVAL, (e) => unlessMinimum(e, 'i64', (v) => e.i64(0n).get(v).op('i64.sub')), FAILS),
  ),
  define(
    {
      name: '*',
      summary: 'Multiplies numbers, or an interval by a number.',
      example: ['6 * 7', '42'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => checkedI32(e, 'mul'), FAILS),
    inline([BIGINT, BIGINT], BIGINT, checkedMultiply, FAILS),
    inline([DOUBLE, DOUBLE], DOUBLE, (e) => e.op('f64.mul')),
    inline([INTERVAL, BIGINT], INTERVAL, checkedMultiply, FAILS),
    inline([BIGINT, INTERVAL], INTERVAL, checkedMultiply, FAILS),
    inline([INTERVAL, DOUBLE], INTERVAL, (e) => intervalByDouble(e, 'f64.mul'), FAILS),
    inline([DOUBLE, INTERVAL], INTERVAL, doubleTimesInterval, FAILS),
  ),
  define(
    {
      name: '/',
      summary: 'Divides as DOUBLE; dividing by zero gives an infinity, or NaN for 0 / 0.',
      example: ['7 / 2', '3.5'],
    },
    inline([DOUBLE, DOUBLE], DOUBLE, (e) => e.op('f64.div')),
    inline([INTERVAL, DOUBLE], INTERVAL, divideInterval, { nulls: 'may-be-null', fails: true }),
  ),
  define(
    {
      name: '//',
      aliases: ['divide'],
      summary: 'Divides integers and drops the fraction; NULL for a divisor of zero. Doubles are divided as by /.',
      example: ['-7 // 2', '-3'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => checkedDivide(e, 'i32', 'div_s'), { nulls: 'may-be-null', fails: true }),
    inline([BIGINT, BIGINT], BIGINT, (e) => checkedDivide(e, 'i64', 'div_s'), { nulls: 'may-be-null', fails: true }),
    inline([DOUBLE, DOUBLE], DOUBLE, divideDoubles, { nulls: 'may-be-null' }),
  ),
  define(
    {
      name: '%',
      aliases: ['mod'],
      summary: 'The remainder of a division, with the sign of the first operand; NULL for an integer divisor of zero.',
      example: ['-7 % 3', '-1'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => checkedDivide(e, 'i32', 'rem_s'), { nulls: 'may-be-null', fails: true }),
    inline([BIGINT, BIGINT], BIGINT, (e) => checkedDivide(e, 'i64', 'rem_s'), { nulls: 'may-be-null', fails: true }),
    kernel([DOUBLE, DOUBLE], DOUBLE, 'numberModulo'),
  ),
];

/** Days below, an interval on top: the days become µs first. */
function dateAndInterval(emitter: Emitter, operate: (emitter: Emitter) => void): void {
  const interval = emitter.save('i64');
  emitDateToTimestamp(emitter);
  emitter.get(interval);
  operate(emitter);
  emitter.free(interval);
}

function intervalAndDate(emitter: Emitter): void {
  emitDateToTimestamp(emitter);
  checkedAdd(emitter);
}

function dateDifference(emitter: Emitter): void {
  const right = emitter.save('i32');
  emitter.op('i64.extend_i32_s').get(right).op('i64.extend_i32_s', 'i64.sub');
  emitter.free(right);
}

function intervalByDouble(emitter: Emitter, operator: 'f64.mul' | 'f64.div'): void {
  const factor = emitter.save('f64');
  emitter.op('f64.convert_i64_s').get(factor).op(operator);
  emitDoubleToInteger(emitter, BIGINT);
  emitter.free(factor);
}

function doubleTimesInterval(emitter: Emitter): void {
  emitter.op('f64.convert_i64_s', 'f64.mul');
  emitDoubleToInteger(emitter, BIGINT);
}

function divideInterval(emitter: Emitter): void {
  const divisor = emitter.save('f64');
  const interval = emitter.save('i64');
  emitter.get(divisor).f64(0).op('f64.eq');
  emitter.nullIf('i64', () => {
    emitter.get(interval).get(divisor);
    intervalByDouble(emitter, 'f64.div');
  });
  emitter.free(divisor, interval);
}

function divideDoubles(emitter: Emitter): void {
  const right = emitter.save('f64');
  const left = emitter.save('f64');
  emitter.get(right).f64(0).op('f64.eq');
  emitter.nullIf('f64', () => emitter.get(left).get(right).op('f64.div'));
  emitter.free(left, right);
}
