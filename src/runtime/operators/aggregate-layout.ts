// The memory layout of an aggregate operator: packed keys, and the state of every aggregate function in a group's
// entry. The one place that says what each function keeps; the kernels (kernels/aggregate-*.ts) follow it.
//
//   entry ─► packed key │ addresses of long strings u32… │ what was written, when results change │ states, 8-byte
//            aligned │ seen bytes, one per call
//
//   count        rows i64
//   sum, avg     integers: low i64, high i64 of the exact 128-bit sum; doubles: sum f64; avg: then rows i64
//   min, max     value (8 bytes), strings: address u32, length u32, capacity u32, 0
//   first, last  event time i64, then as min

import {
  AGGREGATE_AVG,
  AGGREGATE_COUNT,
  AGGREGATE_FIRST,
  AGGREGATE_LAST,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  AGGREGATE_SUM,
  KEY_INLINE_BYTES,
  PHYSICAL_F64,
  PHYSICAL_I32,
  PHYSICAL_I64,
  PHYSICAL_REF,
  PHYSICAL_U8,
} from '../../../kernels/layout.ts';
import { CHANGES_SLOT_BYTES } from '../../../kernels/layout-changes.ts';
import type { Schema } from '../../data/schema.ts';
import { bytesOf, type DataType, type Physical, physicalOf } from '../../data/type.ts';
import type { AggregateFunction, AggregateNode, AggregateSpec } from '../../plan/physical-plan.ts';

/** How a function keeps its state. */
interface StateForm {
  /** Code in the kernels. */
  code: number;
  /** Bytes of state over an argument of this representation; a multiple of 8. */
  bytes: (physical: Physical) => number;
  /** Writes the state of a group without rows; unwritten bytes are zero. */
  init?: (view: DataView, at: number, physical: Physical) => void;
  /** Whether a group with a row has a value, when the argument cannot be NULL, without the seen byte being set. */
  isSeenFromStart: boolean;
}

const COUNT: StateForm = { code: AGGREGATE_COUNT, bytes: () => 8, isSeenFromStart: true };

/** State of each aggregate function. */
export const STATE_FORMS: Record<AggregateFunction, StateForm> = {
  count_star: COUNT,
  count: COUNT,
  sum: { code: AGGREGATE_SUM, bytes: (physical) => (physical === 'f64' ? 8 : 16), isSeenFromStart: true },
  avg: { code: AGGREGATE_AVG, bytes: (physical) => (physical === 'f64' ? 16 : 24), isSeenFromStart: true },
  min: { code: AGGREGATE_MIN, bytes: valueBytes, init: initGreatest, isSeenFromStart: true },
  max: { code: AGGREGATE_MAX, bytes: valueBytes, init: initLeast, isSeenFromStart: true },
  first_value: { code: AGGREGATE_FIRST, bytes: orderedBytes, isSeenFromStart: false },
  last_value: { code: AGGREGATE_LAST, bytes: orderedBytes, isSeenFromStart: false },
};

export interface KeyLayout {
  physical: number;
  offset: number;
  /** −1 when the key cannot be NULL. */
  nullOffset: number;
  addressOffset: number;
}

export interface CallLayout {
  code: number;
  physical: number;
  /** Input columns, −1 for none. */
  column: number;
  orderColumn: number;
  offset: number;
  isNullable: boolean;
}

export interface EntryLayout {
  keys: KeyLayout[];
  calls: CallLayout[];
  /** Bytes of a packed key, a multiple of 16. */
  keyBytes: number;
  /** Offset of the place for what was written of the group (CHANGES_SLOT_BYTES), when results change. */
  changesOffset: number;
  /** Offset of the seen bytes. */
  seenOffset: number;
  /** Bytes of an entry, a multiple of 16. */
  entryBytes: number;
  /** An entry as a new group begins, key zero. */
  template: Uint8Array;
}

export const PHYSICAL_CODES: Record<Physical, number> = {
  u8: PHYSICAL_U8,
  i32: PHYSICAL_I32,
  i64: PHYSICAL_I64,
  f64: PHYSICAL_F64,
  ref: PHYSICAL_REF,
};

/** Lays out the entry of a group: the first `keyCount` columns of `input` are its key. */
export function layOutEntry(input: Schema, node: Pick<AggregateNode, 'keyCount' | 'aggregates' | 'emit'>): EntryLayout {
  const { aggregates } = node;
  const { keys, keyBytes, addressEnd } = layOutKeys(input.slice(0, node.keyCount));
  const changesOffset = align(addressEnd, 8);
  let end = changesOffset + (node.emit.on === 'close' ? 0 : CHANGES_SLOT_BYTES);
  const calls = aggregates.map((spec): CallLayout => {
    const offset = end;
    const physical = argumentPhysical(spec);
    end += STATE_FORMS[spec.function].bytes(physical);
    return {
      code: STATE_FORMS[spec.function].code,
      physical: PHYSICAL_CODES[physical],
      column: spec.column ?? -1,
      orderColumn: spec.orderColumn ?? -1,
      offset,
      isNullable: spec.column !== null && input[spec.column]?.nullable === true,
    };
  });
  const seenOffset = end;
  const entryBytes = align(seenOffset + calls.length, 16);
  const layout = { keys, calls, keyBytes, changesOffset, seenOffset, entryBytes, template: new Uint8Array(entryBytes) };
  fillTemplate(layout, aggregates);
  return layout;
}

/** Wide fields first, so that every value is aligned: strings, 8 bytes, 4 bytes, booleans, null bytes. */
function layOutKeys(columns: Schema): { keys: KeyLayout[]; keyBytes: number; addressEnd: number } {
  const keys = columns.map(
    (column): KeyLayout => ({
      physical: PHYSICAL_CODES[physicalOf(column.type)],
      offset: 0,
      nullOffset: -1,
      addressOffset: 0,
    }),
  );
  const width = (type: DataType): number => (physicalOf(type) === 'ref' ? 4 + KEY_INLINE_BYTES : bytesOf(type));
  let end = 0;
  for (const bytes of [16, 8, 4, 1]) {
    columns.forEach((column, index) => {
      if (width(column.type) !== bytes) return;
      (keys[index] as KeyLayout).offset = end;
      end += bytes;
    });
  }
  columns.forEach((column, index) => {
    if (column.nullable) (keys[index] as KeyLayout).nullOffset = end++;
  });
  const keyBytes = Math.max(align(end, 16), 16);
  let addressEnd = keyBytes;
  for (const key of keys) {
    if (key.physical !== PHYSICAL_REF) continue;
    key.addressOffset = addressEnd;
    addressEnd += 4;
  }
  return { keys, keyBytes, addressEnd };
}

function fillTemplate(layout: EntryLayout, aggregates: readonly AggregateSpec[]): void {
  const view = new DataView(layout.template.buffer);
  aggregates.forEach((spec, index) => {
    const call = layout.calls[index] as CallLayout;
    const form = STATE_FORMS[spec.function];
    const physical = argumentPhysical(spec);
    form.init?.(view, call.offset, physical);
    // Strings have no greatest value to begin with: min and max look at the seen byte.
    const isSeen = form.isSeenFromStart && !call.isNullable && physical !== 'ref';
    layout.template[layout.seenOffset + index] = isSeen ? 1 : 0;
  });
}

function argumentPhysical(spec: AggregateSpec): Physical {
  return spec.argumentType === null ? 'i64' : physicalOf(spec.argumentType);
}

function valueBytes(physical: Physical): number {
  return physical === 'ref' ? 16 : 8;
}

function orderedBytes(physical: Physical): number {
  return 8 + valueBytes(physical);
}

function initGreatest(view: DataView, at: number, physical: Physical): void {
  if (physical === 'u8') view.setUint8(at, 1);
  else if (physical === 'i32') view.setInt32(at, 0x7fff_ffff, true);
  else if (physical === 'i64') view.setBigInt64(at, 2n ** 63n - 1n, true);
  else if (physical === 'f64') view.setFloat64(at, Number.NaN, true);
}

function initLeast(view: DataView, at: number, physical: Physical): void {
  if (physical === 'i32') view.setInt32(at, -0x8000_0000, true);
  else if (physical === 'i64') view.setBigInt64(at, -(2n ** 63n), true);
  else if (physical === 'f64') view.setFloat64(at, Number.NEGATIVE_INFINITY, true);
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
