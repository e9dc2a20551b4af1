// Operators and functions of the bits of integers, in two's complement.

import { ERROR_OVERFLOW } from '../../../kernels/layout.ts';
import { BIGINT, INTEGER } from '../../data/type.ts';
import type { Emitter } from '../codegen/emitter.ts';
import { chapter, inline } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('bits');
const FAILS = { fails: true } as const;

export const bitFunctions: readonly ScalarFunction[] = [
  define(
    { name: '&', summary: 'The bits that both have.', example: ['12 & 10', '8'] },
    inline([INTEGER, INTEGER], INTEGER, (e) => e.op('i32.and')),
    inline([BIGINT, BIGINT], BIGINT, (e) => e.op('i64.and')),
  ),
  define(
    { name: '|', summary: 'The bits that either has.', example: ['12 | 10', '14'] },
    inline([INTEGER, INTEGER], INTEGER, (e) => e.op('i32.or')),
    inline([BIGINT, BIGINT], BIGINT, (e) => e.op('i64.or')),
  ),
  define(
    { name: 'xor', summary: 'The bits that one of both has.', example: ['xor(12, 10)', '6'] },
    inline([INTEGER, INTEGER], INTEGER, (e) => e.op('i32.xor')),
    inline([BIGINT, BIGINT], BIGINT, (e) => e.op('i64.xor')),
  ),
  define(
    { name: '~', summary: 'The bits that it has not.', example: ['~ 5', '-6'] },
    inline([INTEGER], INTEGER, (e) => e.i32(-1).op('i32.xor')),
    inline([BIGINT], BIGINT, (e) => e.i64(-1n).op('i64.xor')),
  ),
  define(
    {
      name: '<<',
      summary: 'Moved so many bits to the left: an error where it is negative, or would lose a bit.',
      example: ['5 << 2', '20'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => shiftLeft(e, 'i32'), FAILS),
    inline([BIGINT, BIGINT], BIGINT, (e) => shiftLeft(e, 'i64'), FAILS),
  ),
  define(
    {
      name: '>>',
      summary: 'Moved so many bits to the right; 0 for a count beyond its bits.',
      example: ['-20 >> 2', '-5'],
    },
    inline([INTEGER, INTEGER], INTEGER, (e) => shiftRight(e, 'i32')),
    inline([BIGINT, BIGINT], BIGINT, (e) => shiftRight(e, 'i64')),
  ),
  define(
    { name: 'bit_count', summary: 'How many of its bits are set.', example: ['bit_count(255)', '8'] },
    inline([INTEGER], INTEGER, (e) => e.op('i32.popcnt')),
    inline([BIGINT], INTEGER, (e) => e.op('i64.popcnt', 'i32.wrap_i64')),
  ),
];

type Width = 'i32' | 'i64';

function push(emitter: Emitter, type: Width, value: bigint): Emitter {
  return type === 'i64' ? emitter.i64(value) : emitter.i32(Number(value));
}

const BITS = { i32: 32n, i64: 64n };
const MAXIMUM = { i32: 2n ** 31n - 1n, i64: 2n ** 63n - 1n };

/** The machine's shift takes its count modulo the width, so a count beyond it is looked at on its own. */
function shiftLeft(emitter: Emitter, type: Width): void {
  const count = emitter.save(type);
  const value = emitter.save(type);
  emitter.get(value).zero(type).op(`${type}.lt_s`);
  emitter.get(count).zero(type).op(`${type}.lt_s`, 'i32.or');
  push(emitter.get(count), type, BITS[type])
    .op(`${type}.ge_s`)
    .get(value)
    .zero(type)
    .op(`${type}.ne`, 'i32.and', 'i32.or');
  push(emitter.get(value), type, MAXIMUM[type]).get(count).op(`${type}.shr_s`, `${type}.gt_s`, 'i32.or');
  emitter.failIf(ERROR_OVERFLOW, type, () => emitter.get(value).get(count).op(`${type}.shl`));
  emitter.free(value, count);
}

function shiftRight(emitter: Emitter, type: Width): void {
  const count = emitter.save(type);
  emitter.get(count).op(`${type}.shr_s`).zero(type);
  push(emitter.get(count), type, BITS[type]).op(`${type}.lt_u`, 'select').free(count);
}
