// The memory layout of an aggregate operator: packed keys, and the state of every aggregate function in a group's
// entry. What each function keeps is in src/plan/aggregates/states.ts; the kernels (kernels/aggregate-*.ts) follow it.
//
//   entry ─► packed key │ addresses of long strings u32… │ what was written, when results change │ what it takes to
//            take rows back, where they can be │ states, 8-byte aligned │ seen bytes, one per call
//
// With DISTINCT a state is followed by the set of values met: address u32, capacity u32, count u32, has zero u32.

import { PHYSICAL_REF } from '../../../kernels/layout.ts';
import {
  AGGREGATE_COUNT,
  AGGREGATE_COUNT_DISTINCT,
  AGGREGATE_FIRST,
  AGGREGATE_LAST,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  KEY_INLINE_BYTES,
  RESULT_DISCRETE,
  RESULT_DISCRETE_DOWN,
  RESULT_WHOLE,
} from '../../../kernels/layout-aggregate.ts';
import { CHANGES_SLOT_BYTES } from '../../../kernels/layout-changes.ts';
import {
  RETRACT_GROUP_BYTES,
  RETRACT_SUM_DOUBLE_BYTES,
  RETRACT_SUM_INTEGER_BYTES,
  RETRACTION_COUNT,
  RETRACTION_DISTINCT,
  RETRACTION_EXTREME,
  RETRACTION_ORDERED,
  RETRACTION_SUM,
  RETRACTION_VALUES,
} from '../../../kernels/layout-retract.ts';
import type { Schema } from '../../data/schema.ts';
import { bytesOf, type DataType, PHYSICAL_CODES, type Physical, physicalOf } from '../../data/type.ts';
import type { AggregateNode, AggregateSort, AggregateSpec } from '../../plan/aggregate-node.ts';
import { aggregateDefinition } from '../../plan/aggregates/registry.ts';

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
  result: number;
  byColumn: number;
  byPhysical: number;
  /** −1 without DISTINCT. */
  setOffset: number;
  /** RETRACTION_*, used where rows can be taken back. */
  retraction: number;
  stateBytes: number;
  fraction: number;
  separator: string;
  sort: readonly AggregateSort[];
}

export interface EntryLayout {
  keys: KeyLayout[];
  calls: CallLayout[];
  /** Bytes of a packed key, a multiple of 16. */
  keyBytes: number;
  /** End of the key with its addresses, a multiple of 8. */
  keyEnd: number;
  /** Offset of the place for what was written of the group (CHANGES_SLOT_BYTES), when results change. */
  changesOffset: number;
  /** Offset of what is needed to take rows back, where they can be. */
  retractOffset: number;
  /** Offset of the seen bytes. */
  seenOffset: number;
  /** Bytes of an entry, a multiple of 16. */
  entryBytes: number;
  /** An entry as a new group begins, key zero. */
  template: Uint8Array;
}

/** Lays out the entry of a group: the first `keyCount` columns of `input` are its key. */
export function layOutEntry(
  input: Schema,
  node: Pick<AggregateNode, 'keyCount' | 'aggregates' | 'emit' | 'changeColumn'>,
): EntryLayout {
  const { aggregates } = node;
  const isRetracted = node.changeColumn !== undefined;
  const { keys, keyBytes, addressEnd } = layOutKeys(input.slice(0, node.keyCount));
  const changesOffset = align(addressEnd, 8);
  const retractOffset = changesOffset + (node.emit.on === 'close' && !isRetracted ? 0 : CHANGES_SLOT_BYTES);
  let end = retractOffset + (isRetracted ? align(RETRACT_GROUP_BYTES + aggregates.length, 8) : 0);
  const calls = aggregates.map((spec) => {
    const call = isRetracted ? retractable(layOutCall(input, spec, end), spec) : layOutCall(input, spec, end);
    end = call.end;
    return call;
  });
  const seenOffset = end;
  const entryBytes = align(seenOffset + calls.length, 16);
  const keyEnd = align(addressEnd, 8);
  const layout = {
    keys,
    calls,
    keyBytes,
    keyEnd,
    changesOffset,
    retractOffset,
    seenOffset,
    entryBytes,
    template: new Uint8Array(entryBytes),
  };
  fillTemplate(layout, aggregates);
  return layout;
}

const SET_BYTES = 16;

/** Lays out the state of a call at `offset`. @returns with it the end of the state. */
function layOutCall(input: Schema, spec: AggregateSpec, offset: number): CallLayout & { end: number } {
  const { state } = aggregateDefinition(spec.function);
  const physical = argumentPhysical(spec);
  const byPhysical = spec.by === undefined ? 'i64' : physicalOf(spec.by.type);
  const isDistinct = spec.distinct === true;
  // The number of different values is that of their set: nothing else is kept.
  const isCount = isDistinct && spec.function === 'count';
  const bytes = isCount ? 0 : state.bytes(physical, byPhysical);
  const end = offset + bytes + (isDistinct ? SET_BYTES : 0);
  const isWhole = spec.function === 'avg' && spec.result.kind !== 'DOUBLE';
  return {
    code: isCount ? AGGREGATE_COUNT_DISTINCT : state.code,
    result: isWhole ? RESULT_WHOLE : resultOf(spec, state.result),
    physical: PHYSICAL_CODES[physical],
    column: spec.column ?? -1,
    orderColumn: spec.orderColumn ?? -1,
    offset,
    isNullable: isDistinct || (spec.column !== null && input[spec.column]?.nullable === true),
    byColumn: spec.by?.column ?? -1,
    byPhysical: PHYSICAL_CODES[byPhysical],
    setOffset: isDistinct ? offset + bytes : -1,
    fraction: fractionOf(spec),
    separator: spec.separator ?? '',
    sort: spec.sort ?? [],
    retraction: RETRACTION_VALUES,
    stateBytes: end - offset,
    end,
  };
}

/** A call from which values can be taken back. They may all be, so it has to know whether it has any. */
function retractable(call: CallLayout & { end: number }, spec: AggregateSpec): CallLayout & { end: number } {
  const { code, column, offset } = call;
  const isDistinct = call.setOffset >= 0;
  const isText = call.physical === PHYSICAL_REF;
  // Texts would have to be kept for their counts: they are in the rows of the group.
  if (code === AGGREGATE_COUNT_DISTINCT && !isText) return { ...call, retraction: RETRACTION_DISTINCT };
  if (isDistinct) return call;
  if (code === AGGREGATE_COUNT) return { ...call, retraction: RETRACTION_COUNT };
  const known = { ...call, isNullable: column >= 0 };
  if (spec.function === 'sum' || spec.function === 'avg') {
    const isDouble = call.physical === PHYSICAL_CODES.f64;
    const stateBytes = isDouble ? RETRACT_SUM_DOUBLE_BYTES : RETRACT_SUM_INTEGER_BYTES;
    return { ...known, retraction: RETRACTION_SUM, stateBytes, end: offset + stateBytes };
  }
  if (isText) return known;
  if (code === AGGREGATE_MIN || code === AGGREGATE_MAX) return { ...known, retraction: RETRACTION_EXTREME };
  if (code === AGGREGATE_FIRST || code === AGGREGATE_LAST) return { ...known, retraction: RETRACTION_ORDERED };
  return known;
}

/** Upwards or downwards is the same for a fraction between two values, but not for one that takes one of them. */
function resultOf(spec: AggregateSpec, result: number): number {
  return spec.descending === true && result === RESULT_DISCRETE ? RESULT_DISCRETE_DOWN : result;
}

function fractionOf({ function: fn, fraction = 0, descending }: AggregateSpec): number {
  return descending === true && fn !== 'quantile_disc' ? 1 - fraction : fraction;
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
    const form = aggregateDefinition(spec.function).state;
    const physical = argumentPhysical(spec);
    if (call.code === form.code) form.init?.(view, call.offset, physical);
    // Strings have no greatest value to begin with: min and max look at the seen byte.
    const isSeen = form.isSeenFromStart && !call.isNullable && physical !== 'ref';
    layout.template[layout.seenOffset + index] = isSeen ? 1 : 0;
  });
}

function argumentPhysical(spec: AggregateSpec): Physical {
  return spec.argumentType === null ? 'i64' : physicalOf(spec.argumentType);
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
