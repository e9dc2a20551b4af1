// Functions whose code depends on more than their argument types: on literal arguments, or on how many there are.

import { assert } from '../../base/assert.ts';
import { WATERMARK_COLUMN } from '../../data/schema.ts';
import type { DataType } from '../../data/type.ts';
import { emitComparison } from './compare-code.ts';
import { emitExpression, type Node } from './expression-code.ts';
import { LIST_CODE } from './list-code.ts';
import { emitColumn, type MapContext, type Nullness, saveValue, valueTypeOf } from './map-context.ts';
import { NESTED_CODE } from './nested-code.ts';
import { emitConcat, emitConcatOperator, emitConcatSeparated, emitIlike, emitLike } from './text-code.ts';
import { emitDateDiff, emitDatePart, emitDateSub, emitDateTrunc } from './time-code.ts';

/** i64's minimum. */
const NO_WATERMARK = -(2n ** 63n);

export type Special = (map: MapContext, expression: Node<'call'>) => Nullness;

export const SPECIAL: Readonly<Record<string, Special>> = {
  greatest: (map, expression) => emitExtreme(map, expression, '>'),
  least: (map, expression) => emitExtreme(map, expression, '<'),
  date_part: emitDatePart,
  date_trunc: emitDateTrunc,
  date_diff: emitDateDiff,
  date_sub: emitDateSub,
  '||': emitConcatOperator,
  ...LIST_CODE,
  ...NESTED_CODE,
  concat: emitConcat,
  concat_ws: emitConcatSeparated,
  like: emitLike,
  ilike: emitIlike,
  watermark: emitWatermark,
};

/** The running watermark that the row carries in its hidden column; i64's minimum is none. */
function emitWatermark(map: MapContext): Nullness {
  const { emitter, inputSchema } = map;
  const index = inputSchema.findIndex(({ name, hidden }) => hidden === true && name === WATERMARK_COLUMN);
  assert(index >= 0, 'rows over which watermark() is called carry it');
  emitColumn(map, index, false);
  const value = emitter.local('i64');
  const isNull = emitter.local('i32');
  emitter.tee(value).get(value).i64(NO_WATERMARK).op('i64.eq').set(isNull);
  emitter.free(value);
  return isNull;
}

/** The greatest or least argument that is not NULL. */
function emitExtreme(map: MapContext, expression: Node<'call'>, operator: '<' | '>'): Nullness {
  const { emitter } = map;
  const { type } = expression;
  const [first, ...rest] = expression.arguments.map((argument) => {
    return saveValue(map, argument.type, emitExpression(map, argument));
  });
  const best = first as { value: number; isNull: Nullness };
  let isNull = best.isNull;
  for (const next of rest) {
    isNull = emitBetter(
      map,
      { best: best.value, bestIsNull: isNull, next: next.value, nextIsNull: next.isNull },
      { operator, type },
    );
    emitter.free(next.value);
  }
  emitter.get(best.value);
  emitter.free(best.value);
  return isNull;
}

/** Replaces `best` by `next` where that is better. @returns where the result is NULL. */
function emitBetter(
  map: MapContext,
  pair: { best: number; bestIsNull: Nullness; next: number; nextIsNull: Nullness },
  comparison: { operator: '<' | '>'; type: DataType },
): Nullness {
  const { emitter } = map;
  const { best, bestIsNull, next, nextIsNull } = pair;
  const valueType = valueTypeOf(comparison.type);
  if (nextIsNull !== null) emitter.get(nextIsNull).op('i32.eqz').if();
  if (bestIsNull !== null) {
    emitter.get(bestIsNull).if('i32');
    emitter.i32(1).else();
  }
  emitter.get(next).get(best);
  emitComparison(emitter, comparison.operator, comparison.type);
  if (bestIsNull !== null) emitter.end();
  emitter.if(valueType);
  emitter.get(next).else().get(best).end().set(best);
  if (bestIsNull !== null) emitter.i32(0).set(bestIsNull);
  if (nextIsNull !== null) emitter.end();
  if (nextIsNull !== null && bestIsNull !== null) {
    emitter.free(nextIsNull);
    return bestIsNull;
  }
  emitter.free(bestIsNull, nextIsNull);
  return null;
}
