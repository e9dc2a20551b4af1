// What the code of one map knows while it is written: its emitter, its input's columns, the module's literals and sites.

import { BATCH_COLUMNS, COLUMN_BYTES, COLUMN_DATA, COLUMN_VALIDITY } from '../../../kernels/layout.ts';
import type { Schema } from '../../data/schema.ts';
import { type DataType, physicalOf } from '../../data/type.ts';
import type { FailureSite } from '../../plan/physical-plan.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import type { Emitter } from './emitter.ts';
import type { HostImports } from './host-code.ts';
import type { LiteralPool } from './literal-pool.ts';
import { GLOBAL_LITERALS } from './module-writer.ts';
import type { ValueType } from './opcodes.ts';

/**
 * Where it is known at run time that a value is NULL: an i32 local (1 is NULL), owned by the receiver; null when the
 * value cannot be NULL. The value itself is on the stack either way, unspecified when it is NULL.
 */
export type Nullness = number | null;

export interface MapContext {
  emitter: Emitter;
  literals: LiteralPool;
  hosts: HostImports;
  sites: FailureSite[];
  inputSchema: Schema;
  /** Local with the index of the current input row. */
  row: number;
  /** Base addresses of the input's columns, once something has asked for them. */
  columns: Map<number, { data: number; validity: number | null }>;
  /** Packed refs of string literals, by offset and length. */
  literalLocals: Map<string, number>;
}

/** The WebAssembly type of a value of an SQL type. Strings are i64: the address in the low half, the length above. */
export function valueTypeOf(type: DataType): ValueType {
  const physical = physicalOf(type);
  return physical === 'u8' || physical === 'i32' ? 'i32' : physical === 'f64' ? 'f64' : 'i64';
}

const SHIFTS = { u8: 0, i32: 2, i64: 3, f64: 3, ref: 3 } as const;

/** Pushes `base + row · bytes` of a column of the type. */
export function pushAddress(emitter: Emitter, base: number, place: { row: number; type: DataType }): void {
  const shift = SHIFTS[physicalOf(place.type)];
  emitter.get(base).get(place.row);
  if (shift > 0) emitter.i32(shift).op('i32.shl');
  emitter.op('i32.add');
}

/** Parameter 0 of a map: the input batch. */
const INPUT_BATCH = 0;

/** Pushes a column's value in the current row. */
export function emitColumn(map: MapContext, index: number, nullable: boolean): Nullness {
  const { emitter, row } = map;
  const column = map.inputSchema[index] as Schema[number];
  const bases = columnBases(map, index);
  let isNull: Nullness = null;
  if (nullable && bases.validity !== null) {
    isNull = emitter.local('i32');
    emitter.get(bases.validity).get(row).op('i32.add').load('u8').op('i32.eqz').set(isNull);
  }
  pushAddress(emitter, bases.data, { row, type: column.type });
  emitter.load(physicalOf(column.type));
  return isNull;
}

function columnBases(map: MapContext, index: number): { data: number; validity: number | null } {
  const known = map.columns.get(index);
  if (known !== undefined) return known;
  const { emitter } = map;
  const descriptor = BATCH_COLUMNS + index * COLUMN_BYTES;
  const base = (offset: number): number =>
    emitter.hoist('i32', () => emitter.get(INPUT_BATCH).load('i32', descriptor + offset));
  const bases = {
    data: base(COLUMN_DATA),
    validity: map.inputSchema[index]?.nullable ? base(COLUMN_VALIDITY) : null,
  };
  map.columns.set(index, bases);
  return bases;
}

/** Pushes a string literal as a packed ref. */
export function emitText(map: MapContext, text: string): void {
  const { emitter } = map;
  const { offset, length } = map.literals.place(text);
  const key = `${offset}:${length}`;
  let local = map.literalLocals.get(key);
  if (local === undefined) {
    local = emitter.hoist('i64', () => {
      emitter.global(GLOBAL_LITERALS).i32(offset).op('i32.add', 'i64.extend_i32_u');
      emitter.i64(BigInt(length) << 32n).op('i64.or');
    });
    map.literalLocals.set(key, local);
  }
  emitter.get(local);
}

/** Index of a new failure site for an expression. */
export function siteOf(map: MapContext, expression: BoundExpression): number {
  const { start, end } = expression.span;
  map.sites.push({ text: expressionText(expression), span: { start, end } });
  return map.sites.length - 1;
}

/** Pops a value and its nullness into locals. */
export function saveValue(map: MapContext, type: DataType, isNull: Nullness): { value: number; isNull: Nullness } {
  return { value: map.emitter.save(valueTypeOf(type)), isNull };
}

/** One local that is 1 where any of them is; owned by the receiver, as the given ones were by the caller. */
export function eitherNull(map: MapContext, nulls: readonly Nullness[]): Nullness {
  const { emitter } = map;
  const locals = nulls.filter((n) => n !== null);
  const [first, ...rest] = locals;
  if (first === undefined) return null;
  for (const local of rest) emitter.get(first).get(local).op('i32.or').set(first);
  emitter.free(...rest);
  return first;
}
