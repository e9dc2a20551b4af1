// Casts: between numbers inline, with range checks; to and from text through kernels.
//
// A double becomes an integer by rounding halves to even, text by rounding halves away from zero, as in DuckDB. What
// does not fit is ERROR_OVERFLOW, text of another form ERROR_CAST; TRY_CAST makes NULL of both.

import { CELL_STATUS, ERROR_OVERFLOW, STATUS_NULL } from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import { type DataType, digitsOf, isInteger, isNested, physicalOf, sameType, type TypeKind } from '../../data/type.ts';
import { emitDecimalCast } from './decimal-code.ts';
import type { Emitter } from './emitter.ts';
import { emitExpression, emitStrict, type Node } from './expression-code.ts';
import { emitText, type MapContext, type Nullness, valueTypeOf } from './map-context.ts';
import { emitNestedCast } from './nested-code.ts';

export function emitCast(map: MapContext, expression: Node<'cast'>): Nullness {
  const { operand, type } = expression;
  const from = operand.type.kind;
  if (from === 'NULL') {
    const isNull = emitExpression(map, operand);
    map.emitter.op('drop').zero(valueTypeOf(type));
    return isNull;
  }
  if (sameType(operand.type, type)) return emitExpression(map, operand);
  const fails = canFail(operand.type, type);
  return emitStrict(map, expression, {
    operands: [operand],
    mayBeNull: fails && (expression.try || from === 'JSON'),
    needsValues: fails || physicalOf(operand.type) === 'ref' || physicalOf(type) === 'ref',
    fails: fails && !expression.try,
    body: () => emitCastBody(map, operand.type, type),
  });
}

const RANK: Partial<Record<TypeKind, number>> = {
  BOOLEAN: 0,
  TINYINT: 1,
  SMALLINT: 2,
  INTEGER: 3,
  BIGINT: 4,
  DECIMAL: 5,
  DOUBLE: 6,
};

function canFail(from: DataType, to: DataType): boolean {
  if (isNested(from)) return isNested(to);
  if (to.kind === 'DECIMAL') return true;
  const [fromRank, toRank] = [RANK[from.kind], RANK[to.kind]];
  if (fromRank !== undefined && toRank !== undefined) return toRank < fromRank && to.kind !== 'BOOLEAN';
  if (from.kind === 'VARCHAR' || from.kind === 'JSON') return to.kind !== 'VARCHAR';
  return from.kind === 'DATE' && to.kind === 'TIMESTAMP';
}

function emitCastBody(map: MapContext, from: DataType, to: DataType): void {
  const { emitter } = map;
  if (isNested(from) || isNested(to)) {
    emitNestedCast(map, from, to);
  } else if (from.kind === 'DECIMAL' || (to.kind === 'DECIMAL' && RANK[from.kind] !== undefined)) {
    emitDecimalCast(emitter, from, to);
  } else if (to.kind === 'VARCHAR') {
    emitToText(map, from);
  } else if (from.kind === 'JSON') {
    emitFromJson(emitter, to);
  } else if (from.kind === 'VARCHAR') {
    emitFromText(emitter, to);
  } else if (from.kind === 'TIMESTAMP' && to.kind === 'DATE') {
    emitTimestampToDate(emitter);
  } else if (from.kind === 'DATE' && to.kind === 'TIMESTAMP') {
    emitDateToTimestamp(emitter);
  } else {
    emitNumberCast(emitter, from, to);
  }
}

const DAY_MICROS = 86_400_000_000n;
/** Days on either side of 1970 whose µs fit an i64. */
const DAYS_MAX = 106_751_991;

/** Takes days, pushes µs; fails beyond the years ±292,000. */
export function emitDateToTimestamp(emitter: Emitter): void {
  const days = emitter.save('i32');
  emitter
    .get(days)
    .i32(DAYS_MAX)
    .op('i32.add')
    .i32(2 * DAYS_MAX)
    .op('i32.gt_u');
  emitter.failIf(ERROR_OVERFLOW, 'i64', () => emitter.get(days).op('i64.extend_i32_s').i64(DAY_MICROS).op('i64.mul'));
  emitter.free(days);
}

/** Takes µs, pushes the day they are in. */
export function emitTimestampToDate(emitter: Emitter): void {
  const micros = emitter.save('i64');
  const days = emitter.local('i64');
  emitter.get(micros).i64(DAY_MICROS).op('i64.div_s').tee(days).op('i32.wrap_i64');
  // Division truncates; a time before the start of that day belongs to the day before.
  emitter.get(micros).get(days).i64(DAY_MICROS).op('i64.mul', 'i64.lt_s', 'i32.sub');
  emitter.free(micros, days);
}

const RANGES: Partial<Record<TypeKind, readonly [number, number]>> = {
  TINYINT: [-128, 127],
  SMALLINT: [-32_768, 32_767],
  INTEGER: [-2_147_483_648, 2_147_483_647],
};

function emitNumberCast(emitter: Emitter, from: DataType, to: DataType): void {
  const source = valueTypeOf(from);
  if (to.kind === 'BOOLEAN') {
    emitter.zero(source).op(`${source}.ne`);
    return;
  }
  assert(RANK[from.kind] !== undefined && RANK[to.kind] !== undefined, `${from.kind} casts to ${to.kind}`);
  if (to.kind === 'DOUBLE') {
    emitter.op(source === 'i64' ? 'f64.convert_i64_s' : 'f64.convert_i32_s');
  } else if (from.kind === 'DOUBLE') {
    emitDoubleToInteger(emitter, to);
  } else if (to.kind === 'BIGINT') {
    emitter.op('i64.extend_i32_s');
  } else if (from.kind === 'BIGINT') {
    emitNarrowI64(emitter, to);
  } else if ((RANK[to.kind] as number) < (RANK[from.kind] as number)) {
    emitter.op('i64.extend_i32_s');
    emitNarrowI64(emitter, to);
  }
}

/** Takes an i64, pushes it as an i32 within the range of a smaller type. */
export function emitNarrowI64(emitter: Emitter, to: DataType): void {
  const [low, high] = RANGES[to.kind] as readonly [number, number];
  const value = emitter.save('i64');
  emitter.get(value).i64(low).op('i64.lt_s').get(value).i64(high).op('i64.gt_s', 'i32.or');
  emitter.failIf(ERROR_OVERFLOW, 'i32', () => emitter.get(value).op('i32.wrap_i64'));
  emitter.free(value);
}

/** Takes a double, pushes it as an integer, halves to even. */
export function emitDoubleToInteger(emitter: Emitter, to: DataType): void {
  const type = valueTypeOf(to) as 'i32' | 'i64';
  const value = emitter.local('f64');
  emitter.op('f64.nearest').tee(value);
  if (type === 'i64') {
    emitter
      .f64(-(2 ** 63))
      .op('f64.ge')
      .get(value)
      .f64(2 ** 63)
      .op('f64.lt');
  } else {
    const [low, high] = RANGES[to.kind] as readonly [number, number];
    emitter.f64(low).op('f64.ge').get(value).f64(high).op('f64.le');
  }
  emitter.op('i32.and', 'i32.eqz');
  emitter.failIf(ERROR_OVERFLOW, type, () => emitter.get(value).op(`${type}.trunc_f64_s`));
  emitter.free(value);
}

function emitToText(map: MapContext, from: DataType): void {
  const { emitter } = map;
  switch (from.kind) {
    case 'BOOLEAN': {
      const value = emitter.save('i32');
      emitText(map, 'true');
      emitText(map, 'false');
      emitter.get(value).op('select');
      emitter.free(value);
      return;
    }
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
      emitter.op('i64.extend_i32_s').kernel('textFromI64', ['i64'], 'i64');
      return;
    case 'BIGINT':
      emitter.kernel('textFromI64', ['i64'], 'i64');
      return;
    case 'DOUBLE':
      emitter.kernel('textFromF64', ['f64'], 'i64');
      return;
    case 'TIMESTAMP':
      emitter.kernel('textFromTimestamp', ['i64'], 'i64');
      return;
    case 'DATE':
      emitter.kernel('textFromDate', ['i32'], 'i64');
      return;
    case 'INTERVAL':
      emitter.kernel('textFromInterval', ['i64'], 'i64');
      return;
    default:
      // JSON is its own text.
      assert(from.kind === 'JSON', `${from.kind} casts to VARCHAR`);
  }
}

const FROM_TEXT: Partial<Record<TypeKind, string>> = {
  BOOLEAN: 'textToBoolean',
  DOUBLE: 'textToF64',
  TIMESTAMP: 'textToTimestamp',
  DATE: 'textToDate',
  INTERVAL: 'textToInterval',
  JSON: 'textToJson',
};

/** The text of a string, number or boolean as the text of a value; null is NULL. */
function emitFromJson(emitter: Emitter, to: DataType): void {
  emitter.kernel('jsonText', ['i64'], 'i64');
  const text = emitter.save('i64');
  emitter.i32(0).load('i32', CELL_STATUS).i32(STATUS_NULL).op('i32.eq');
  emitter.nullIf(valueTypeOf(to), () => emitFromText(emitter.get(text), to));
  emitter.free(text);
}

function emitFromText(emitter: Emitter, to: DataType): void {
  const check = { mayBeNull: false, fails: true };
  if (to.kind === 'DECIMAL') {
    const { precision, scale } = digitsOf(to);
    emitter.i32(scale).i32(precision).kernel('textToDecimal', ['i64', 'i32', 'i32'], 'i64').checkStatus(check);
    return;
  }
  if (!isInteger(to)) {
    const kernel = FROM_TEXT[to.kind];
    assert(kernel !== undefined, `VARCHAR casts to ${to.kind}`);
    emitter.kernel(kernel, ['i64'], valueTypeOf(to)).checkStatus(check);
    return;
  }
  emitter.kernel('textToI64', ['i64'], 'i64').checkStatus(check);
  if (to.kind !== 'BIGINT') emitNarrowI64(emitter, to);
}
