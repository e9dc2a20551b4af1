// Code of list functions: what is generic in SQL becomes a kernel with the description of the elements' type.

import { LaminarError } from '../../base/errors.ts';
import { type DataType, elementOf, listOf, VARCHAR } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { emitDecimalCast } from './decimal-code.ts';
import { emitExpression, emitStrict, type Node } from './expression-code.ts';
import { type MapContext, type Nullness, valueTypeOf } from './map-context.ts';
import {
  emitBuilt,
  emitElementType,
  emitLoadItem,
  emitPutItem,
  emitType,
  freeItems,
  type SavedItem,
  saveItems,
} from './nested-code.ts';
import type { Special } from './special-code.ts';

type Call = Node<'call'>;

const STRICT = { mayBeNull: false, needsValues: true, fails: false } as const;
const MAYBE = { ...STRICT, mayBeNull: true } as const;

export const LIST_CODE: Readonly<Record<string, Special>> = {
  list_value: (map, expression) => {
    const items = saveItems(map, expression.arguments);
    emitItems(map, items);
    freeItems(map, items);
    return null;
  },
  list_item: (map, expression) => {
    const items = saveItems(map, expression.arguments);
    emitBuilt(map, () => emitPutItem(map, items[0] as SavedItem));
    freeItems(map, items);
    return null;
  },
  length: emitCount,
  array_length: emitCount,
  list_extract: (map, expression) =>
    emitStrict(map, expression, {
      ...MAYBE,
      operands: expression.arguments,
      body: () => {
        const index = map.emitter.save('i64');
        emitElementType(map, typeOf(expression, 0));
        map.emitter.get(index).kernel('listAt', ['i64', 'i32', 'i64'], 'i32').free(index);
        emitLoadItem(map, expression.type);
      },
    }),
  list_slice: (map, expression) =>
    emitStrict(map, expression, {
      ...STRICT,
      operands: expression.arguments,
      body: () => {
        const last = map.emitter.save('i64');
        const first = map.emitter.save('i64');
        emitElementType(map, typeOf(expression, 0));
        map.emitter.get(first).get(last).kernel('listSlice', ['i64', 'i32', 'i64', 'i64'], 'i64').free(first, last);
      },
    }),
  list_contains: (map, expression) =>
    emitStrict(map, expression, {
      ...STRICT,
      operands: expression.arguments,
      body: () => {
        emitFind(map, expression);
        map.emitter.i64(0n).op('i64.ne');
      },
    }),
  list_position: emitPosition,
  list_min: (map, expression) => emitExtreme(map, expression, 0),
  list_max: (map, expression) => emitExtreme(map, expression, 1),
  list_sum: (map, expression) => emitSum(map, expression),
  list_avg: (map, expression) =>
    emitStrict(map, expression, {
      ...MAYBE,
      operands: expression.arguments,
      body: () => {
        map.emitter.kernel('listMean', ['i64'], 'f64').checkStatus({ mayBeNull: true, fails: false });
      },
    }),
  list_unique: (map, expression) => emitOfList(map, expression, 'listUnique'),
  list_distinct: (map, expression) => emitOfList(map, expression, 'listDistinct'),
  list_reverse: (map, expression) => emitOfList(map, expression, 'listReverse'),
  flatten: (map, expression) => emitOfList(map, expression, 'listFlatten'),
  list_sort: emitSort,
  list_reverse_sort: (map, expression) => emitSorted(map, expression, { isDescending: true, isNullsFirst: false }),
  list_concat: (map, expression) => {
    for (const argument of expression.arguments) emitOrEmpty(map, argument);
    map.emitter.kernel('listConcat', ['i64', 'i64'], 'i64');
    return null;
  },
  list_append: emitAppend,
  list_prepend: emitAppend,
  array_to_string: (map, expression) =>
    emitStrict(map, expression, {
      ...STRICT,
      operands: expression.arguments,
      body: () => {
        const separator = map.emitter.save('i64');
        const texts = listOf(VARCHAR);
        // Anything can be text, so the cast cannot fail.
        emitType(map, typeOf(expression, 0));
        emitType(map, texts);
        map.emitter.kernel('nestedCast', ['i64', 'i32', 'i32'], 'i64');
        emitElementType(map, texts);
        map.emitter.get(separator).kernel('listJoin', ['i64', 'i32', 'i64'], 'i64').free(separator);
      },
    }),
};

function typeOf(expression: Call, index: number): DataType {
  return (expression.arguments[index] as BoundExpression).type;
}

/** Pushes a list of items. */
function emitItems(map: MapContext, items: readonly SavedItem[]): void {
  emitBuilt(map, () => {
    for (const item of items) emitPutItem(map, item);
    map.emitter.kernel('nestedPutEnd', [], null);
  });
}

/** A function of a list alone. */
function emitOfList(map: MapContext, expression: Call, kernel: string): Nullness {
  return emitStrict(map, expression, {
    ...STRICT,
    operands: expression.arguments,
    body: () => {
      emitElementType(map, typeOf(expression, 0));
      map.emitter.kernel(kernel, ['i64', 'i32'], valueTypeOf(expression.type));
    },
  });
}

function emitCount(map: MapContext, expression: Call): Nullness {
  return emitOfList(map, expression, 'listCount');
}

/** Takes a list and an element, pushes the element's index, 0 where there is none. */
function emitFind(map: MapContext, expression: Call): void {
  const { emitter } = map;
  const type = typeOf(expression, 1);
  const value = emitter.save(valueTypeOf(type));
  emitElementType(map, typeOf(expression, 0));
  emitBuilt(map, () => emitPutItem(map, { type, value, isNull: null }));
  emitter.kernel('listFind', ['i64', 'i32', 'i64'], 'i64').free(value);
}

/** Unlike other functions it finds NULL. */
function emitPosition(map: MapContext, expression: Call): Nullness {
  const { emitter } = map;
  const [list, wanted] = expression.arguments as [BoundExpression, BoundExpression];
  const items = saveItems(map, [wanted]);
  const isNull = emitStrict(map, expression, {
    ...MAYBE,
    operands: [list],
    body: () => {
      emitElementType(map, list.type);
      emitBuilt(map, () => emitPutItem(map, items[0] as SavedItem));
      emitter.kernel('listFind', ['i64', 'i32', 'i64'], 'i64');
      const index = emitter.save('i64');
      emitter
        .get(index)
        .op('i64.eqz')
        .nullIf('i64', () => emitter.get(index));
      emitter.free(index);
    },
  });
  freeItems(map, items);
  return isNull;
}

function emitExtreme(map: MapContext, expression: Call, isGreatest: 0 | 1): Nullness {
  return emitStrict(map, expression, {
    ...MAYBE,
    operands: expression.arguments,
    body: () => {
      emitElementType(map, typeOf(expression, 0));
      map.emitter.i32(isGreatest).kernel('listExtreme', ['i64', 'i32', 'i32'], 'i32');
      emitLoadItem(map, expression.type);
    },
  });
}

function emitSum(map: MapContext, expression: Call): Nullness {
  const { type } = expression;
  const isExact = type.kind !== 'DOUBLE';
  return emitStrict(map, expression, {
    ...MAYBE,
    fails: isExact,
    operands: expression.arguments,
    body: () => {
      map.emitter.kernel(isExact ? 'listSum' : 'listSumDouble', ['i64'], valueTypeOf(type));
      map.emitter.checkStatus({ mayBeNull: true, fails: isExact });
      // The same digits, but no more of them than a DECIMAL has.
      if (type.kind === 'DECIMAL') emitDecimalCast(map.emitter, type, type);
    },
  });
}

interface SortOrder {
  isDescending: boolean;
  isNullsFirst: boolean;
}

function emitSorted(map: MapContext, expression: Call, order: SortOrder): Nullness {
  const [list] = expression.arguments as [BoundExpression];
  return emitStrict(map, expression, {
    ...STRICT,
    operands: [list],
    body: () => {
      emitElementType(map, list.type);
      map.emitter.i32(order.isDescending ? 1 : 0).i32(order.isNullsFirst ? 1 : 0);
      map.emitter.kernel('listSort', ['i64', 'i32', 'i32', 'i32'], 'i64');
    },
  });
}

/** The orders are words as written: they choose the code. @throws LMN-3005. */
function emitSort(map: MapContext, expression: Call): Nullness {
  const [, order, nulls] = expression.arguments as [BoundExpression, BoundExpression?, BoundExpression?];
  const isDescending = wordOf(order, ['ASC', 'DESC']) === 'DESC';
  const isNullsFirst = wordOf(nulls, ['NULLS LAST', 'NULLS FIRST']) === 'NULLS FIRST';
  return emitSorted(map, expression, { isDescending, isNullsFirst });
}

function wordOf(argument: BoundExpression | undefined, words: readonly [string, string]): string {
  if (argument === undefined) return words[0];
  const word = argument.kind === 'literal' ? String(argument.value).toUpperCase() : '';
  if (words.includes(word)) return word;
  throw new LaminarError('LMN-3005', `list_sort takes '${words[0]}' or '${words[1]}' here, as a string`, {
    at: { span: argument.span },
  });
}

/** Pushes a list, an empty one for NULL. */
function emitOrEmpty(map: MapContext, argument: BoundExpression): void {
  const { emitter } = map;
  const isNull = emitExpression(map, argument);
  if (isNull === null) return;
  const value = emitter.save('i64');
  emitter.get(isNull).if('i64');
  emitItems(map, []);
  emitter.else().get(value).end().free(value, isNull);
}

/** list_append(list, element) and list_prepend(element, list): a NULL list is an empty one. */
function emitAppend(map: MapContext, expression: Call): Nullness {
  emitJoined(map, expression.arguments);
  return null;
}

/** Pushes the elements of both arguments, of which one may be an element. */
function emitJoined(map: MapContext, [left, right]: readonly BoundExpression[]): void {
  for (const part of [left as BoundExpression, right as BoundExpression]) {
    const other = part === left ? (right as BoundExpression) : (left as BoundExpression);
    if (isElementOf(part.type, other.type)) emitAlone(map, part);
    else emitOrEmpty(map, part);
  }
  map.emitter.kernel('listConcat', ['i64', 'i64'], 'i64');
}

function isElementOf(type: DataType, list: DataType): boolean {
  return list.kind === 'LIST' && depthOf(elementOf(list)) === depthOf(type);
}

function depthOf(type: DataType): number {
  return type.kind === 'LIST' ? 1 + depthOf(elementOf(type)) : 0;
}

/** Pushes a list of one element, which may be NULL. */
function emitAlone(map: MapContext, element: BoundExpression): void {
  const items = saveItems(map, [element]);
  emitItems(map, items);
  freeItems(map, items);
}

/** `a || b`: NULL where either is. */
export function emitListJoin(map: MapContext, expression: Call): Nullness {
  const { emitter } = map;
  const [left, right] = expression.arguments as [BoundExpression, BoundExpression];
  return emitStrict(map, expression, {
    ...STRICT,
    operands: [left, right],
    body: () => {
      const locals = [right, left].map(({ type }) => emitter.save(valueTypeOf(type))).reverse();
      for (const [i, { type }] of [left, right].entries()) {
        const other = i === 0 ? right.type : left.type;
        const value = locals[i] as number;
        if (isElementOf(type, other)) emitItems(map, [{ type, value, isNull: null }]);
        else emitter.get(value);
      }
      emitter.kernel('listConcat', ['i64', 'i64'], 'i64').free(...locals);
    },
  });
}
