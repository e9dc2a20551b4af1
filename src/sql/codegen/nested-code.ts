// Code of nested values: writing and loading items, structs, casts, and JSON made of them.
//
// Kernels get the description of a type (src/data/nested-type.ts) as an address among the plan's literals. A nested value
// that is made is written to the kernels' byte buffer: all its parts are evaluated before the first is written, because
// parts may be nested values themselves.

import { CELL_STATUS, STATUS_NULL } from '../../../kernels/layout.ts';
import { assert } from '../../base/assert.ts';
import { describeType } from '../../data/nested-type.ts';
import { type DataType, elementOf, fieldsOf, isNested, listOf, physicalOf, typeCodeOf } from '../../data/type.ts';
import { kindOfJson } from '../../plan/json-kinds.ts';
import type { BoundExpression } from '../expression.ts';
import { emitExpression, emitStrict, type Node } from './expression-code.ts';
import { type MapContext, type Nullness, saveValue, valueTypeOf } from './map-context.ts';
import { GLOBAL_LITERALS } from './module-writer.ts';
import type { Special } from './special-code.ts';

/** Pushes the address of a type's description. */
export function emitType(map: MapContext, type: DataType, optionOf?: (scalar: DataType) => number): void {
  const offset = map.literals.placeBytes(describeType(type, optionOf));
  map.emitter.global(GLOBAL_LITERALS).i32(offset).op('i32.add');
}

/** A value in a local, and where it is NULL. */
export interface SavedItem {
  type: DataType;
  value: number;
  isNull: Nullness;
}

/** Evaluates expressions into locals. */
export function saveItems(map: MapContext, expressions: readonly BoundExpression[]): SavedItem[] {
  return expressions.map((e) => ({ type: e.type, ...saveValue(map, e.type, emitExpression(map, e)) }));
}

export function freeItems(map: MapContext, items: readonly SavedItem[]): void {
  for (const { value, isNull } of items) map.emitter.free(value, isNull);
}

/** Writes an item to the byte buffer. */
export function emitPutItem(map: MapContext, item: SavedItem): void {
  const { emitter } = map;
  const { type, value, isNull } = item;
  if (isNull !== null) {
    emitter.get(isNull).if();
    emitter.i32(typeCodeOf(type)).kernel('nestedPutNull', ['i32'], null);
    emitter.else();
  }
  emitter.kernel('nestedPutMark', [], null);
  emitter.get(value).kernel(putKernel(type), [valueTypeOf(type)], null);
  if (isNull !== null) emitter.end();
}

function putKernel(type: DataType): string {
  if (isNested(type)) return 'nestedPutNested';
  const kernels = {
    u8: 'nestedPutBoolean',
    i32: 'nestedPut32',
    i64: 'nestedPut64',
    f64: 'nestedPutDouble',
    ref: 'nestedPutText',
  };
  return kernels[physicalOf(type)];
}

/** Writes what `put` puts into the byte buffer, and pushes its reference. */
export function emitBuilt(map: MapContext, put: () => void): void {
  const { emitter } = map;
  emitter.kernel('bufferMark', [], 'i32');
  const mark = emitter.save('i32');
  put();
  emitter.get(mark).kernel('bufferTake', ['i32'], 'i64').free(mark);
}

/** Takes the address of a value, 0 where it is NULL, and pushes the value. For code that may be NULL. */
export function emitLoadItem(map: MapContext, type: DataType): void {
  const { emitter } = map;
  const address = emitter.save('i32');
  emitter
    .get(address)
    .op('i32.eqz')
    .nullIf(valueTypeOf(type), () => {
      emitter.get(address);
      if (isNested(type)) {
        emitType(map, type);
        emitter.kernel('nestedLoadNested', ['i32', 'i32'], 'i64');
      } else {
        emitter.kernel(loadKernel(type), ['i32'], valueTypeOf(type));
      }
    });
  emitter.free(address);
}

function loadKernel(type: DataType): string {
  const kernels = {
    u8: 'nestedLoadBoolean',
    i32: 'nestedLoad32',
    i64: 'nestedLoad64',
    f64: 'nestedLoadDouble',
    ref: 'nestedLoadText',
  };
  return kernels[physicalOf(type)];
}

export const NESTED_CODE: Readonly<Record<string, Special>> = {
  struct_pack: (map, expression) => {
    const items = saveItems(map, expression.arguments);
    emitBuilt(map, () => {
      for (const item of items) emitPutItem(map, item);
    });
    freeItems(map, items);
    return null;
  },
  struct_extract: emitField,
  to_json: emitToJson,
};

function emitField(map: MapContext, expression: Node<'call'>): Nullness {
  const [operand, name] = expression.arguments as [BoundExpression, Node<'literal'>];
  const index = fieldsOf(operand.type).findIndex((field) => field.name === name.value);
  assert(index >= 0, `the struct has a field ${String(name.value)}`);
  return emitStrict(map, expression, {
    operands: [operand],
    mayBeNull: true,
    needsValues: true,
    fails: false,
    body: () => {
      emitType(map, operand.type);
      map.emitter.i32(index).kernel('structAt', ['i64', 'i32', 'i32'], 'i32');
      emitLoadItem(map, expression.type);
    },
  });
}

function emitToJson(map: MapContext, expression: Node<'call'>): Nullness {
  const [operand] = expression.arguments as [BoundExpression];
  return emitStrict(map, expression, {
    operands: [operand],
    mayBeNull: false,
    needsValues: true,
    fails: false,
    body: () => emitAsJson(map, operand.type),
  });
}

/** Takes a value, pushes it as JSON. */
function emitAsJson(map: MapContext, type: DataType): void {
  const { emitter } = map;
  if (type.kind === 'JSON') return;
  if (isNested(type)) {
    emitType(map, type, kindOfJson);
    emitter.kernel('nestedToJson', ['i64', 'i32'], 'i64');
    return;
  }
  const value = emitter.save(valueTypeOf(type));
  emitBuilt(map, () => {
    emitPutItem(map, { type, value, isNull: null });
    emitter.kernel('nestedPutEnd', [], null);
  });
  emitter.free(value);
  emitType(map, listOf(type), kindOfJson);
  emitter.kernel('nestedOnlyToJson', ['i64', 'i32'], 'i64');
}

/** Takes a value, pushes it as another type; one of the two is nested. */
export function emitNestedCast(map: MapContext, from: DataType, to: DataType): void {
  const { emitter } = map;
  if (from.kind === 'JSON') {
    emitType(map, to);
    emitter.kernel('nestedFromJson', ['i64', 'i32'], 'i64');
    const value = emitter.save('i64');
    emitter.i32(0).load('i32', CELL_STATUS).i32(STATUS_NULL).op('i32.eq');
    emitter.nullIf('i64', () => emitter.get(value).checkStatus({ mayBeNull: false, fails: true }));
    emitter.free(value);
  } else if (to.kind === 'JSON') {
    emitAsJson(map, from);
  } else if (to.kind === 'VARCHAR') {
    emitType(map, from);
    emitter.kernel('nestedToText', ['i64', 'i32'], 'i64');
  } else {
    emitType(map, from);
    emitType(map, to);
    emitter.kernel('nestedCast', ['i64', 'i32', 'i32'], 'i64').checkStatus({ mayBeNull: false, fails: true });
  }
}

/** The type of a list's elements, for kernels. */
export function emitElementType(map: MapContext, list: DataType): void {
  emitType(map, elementOf(list));
}
