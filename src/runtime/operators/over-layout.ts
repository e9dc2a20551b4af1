// The memory layout of an OVER operator: what a row holds besides its columns, what a partition holds for each
// function, and what rows wait for. The kernels (kernels/over.ts, frame.ts) follow it.
//
//   row       ─► header │ slots of frames in two stacks │ input columns │ results │ validity bytes │ string bytes
//   partition ─► header │ state of each function │ key
//
// Slots are next to the header, in one cache line with it: a row that leaves a frame is mostly in no cache any more, and
// nothing else of it is wanted.

import * as layout from '../../../kernels/layout-over.ts';
import { ROW_HEADER_BYTES } from '../../../kernels/layout-rows.ts';
import type { Schema } from '../../data/schema.ts';
import type { FrameBoundSpec, FrameSpec, OverFunction, OverNode, OverSpec } from '../../plan/ordered-nodes.ts';
import { needsPartition } from '../../plan/over-functions.ts';
import { layOutRow, type RowField } from './row-layout.ts';

export interface OverLayout {
  /** One for each column of the output: the input's, then the results. */
  fields: RowField[];
  calls: CallLayout[];
  /** Bytes of a row without its strings. */
  rowBytes: number;
  /** Of the number of a row's group, 0 when no frame is counted in groups. */
  groupOffset: number;
  /** Bytes of a partition without its key. */
  partitionBytes: number;
  /** Rows of its partition that a row waits for; null: all. */
  leadRows: number | null;
  /** µs that must have passed since its event time; null: it need not have passed. */
  followMicros: number | null;
}

export interface CallLayout {
  spec: OverSpec;
  /** Of its state in a partition. */
  stateOffset: number;
  /** Of its slot in a row, 0 without one. */
  slotOffset: number;
}

const FUNCTION_CODES: Record<OverFunction, number> = {
  arrival: layout.OVER_ARRIVAL,
  row_number: layout.OVER_ROW_NUMBER,
  ntile: layout.OVER_NTILE,
  rank: layout.OVER_RANK,
  dense_rank: layout.OVER_DENSE_RANK,
  percent_rank: layout.OVER_PERCENT_RANK,
  cume_dist: layout.OVER_CUME_DIST,
  nth_value: layout.OVER_NTH_VALUE,
  last_value: layout.OVER_LAST_VALUE,
  count_star: layout.OVER_COUNT_ROWS,
  count: layout.OVER_COUNT,
  sum: layout.OVER_SUM,
  avg: layout.OVER_AVG,
  min: layout.OVER_MIN,
  max: layout.OVER_MAX,
  aggregate: layout.OVER_AGGREGATED,
};

/** The kernel of a function. Rows by their place are counted with care where some are left out. */
export function codeOf({ function: fn, ignoresNulls, frame }: OverSpec): number {
  const isPlaced = ignoresNulls === true || frame?.exclude !== undefined;
  if (isPlaced && fn === 'nth_value') return layout.OVER_NTH_PLACED;
  if (isPlaced && fn === 'last_value') return layout.OVER_LAST_PLACED;
  return FUNCTION_CODES[fn];
}

export const UNIT_CODES: Record<FrameSpec['unit'], number> = {
  rows: layout.FRAME_ROWS,
  range: layout.FRAME_RANGE,
  groups: layout.FRAME_GROUPS,
};

export const EXCLUDE_CODES: Record<NonNullable<FrameSpec['exclude']> | 'none', number> = {
  none: layout.EXCLUDE_NONE,
  row: layout.EXCLUDE_ROW,
  group: layout.EXCLUDE_GROUP,
  ties: layout.EXCLUDE_TIES,
};

export const BOUND_CODES: Record<FrameBoundSpec['kind'], number> = {
  unbounded: layout.BOUND_UNBOUNDED,
  preceding: layout.BOUND_PRECEDING,
  current: layout.BOUND_CURRENT,
  following: layout.BOUND_FOLLOWING,
};

const SLOT_BYTES = 16;

export function layOutOver(node: OverNode): OverLayout {
  let fieldsStart = ROW_HEADER_BYTES;
  let partitionBytes = layout.PARTITION_HEADER_BYTES;
  const calls = node.functions.map((spec): CallLayout => {
    const hasSlot = needsSlot(spec, node.schema);
    const call = { spec, stateOffset: partitionBytes, slotOffset: hasSlot ? fieldsStart : 0 };
    partitionBytes += stateBytes(spec);
    if (hasSlot) fieldsStart += SLOT_BYTES;
    return call;
  });
  const row = layOutRow(node.schema, fieldsStart);
  const hasGroups = node.functions.some(({ frame }) => frame?.unit === 'groups');
  const groupOffset = hasGroups ? row.end : 0;
  const frames = node.functions.flatMap(({ frame }) => (frame === null ? [] : [frame]));
  return {
    fields: row.fields,
    calls,
    rowBytes: hasGroups ? row.end + 8 : row.end,
    groupOffset,
    partitionBytes,
    leadRows: node.functions.some(needsPartition) ? null : Math.max(0, ...frames.map(rowsAfter)),
    followMicros: node.isWhole ? null : followOf(frames),
  };
}

function stateBytes(spec: OverSpec): number {
  const code = codeOf(spec);
  if (code === layout.OVER_AGGREGATED) return layout.FRAME_AGGREGATED_BYTES;
  if (code === layout.OVER_LAST_PLACED) return layout.FRAME_BYTES + spec.nth * layout.RING_BYTES;
  if (code <= layout.OVER_NTILE) return 0;
  return code <= layout.OVER_PERCENT_RANK ? layout.RANK_BYTES : layout.FRAME_BYTES;
}

/** A frame that leaves rows out of something that cannot be subtracted from. */
function needsSlot({ function: fn, column, frame }: OverSpec, schema: Schema): boolean {
  if (column === null || frame === null || frame.start.kind === 'unbounded') return false;
  if (fn === 'min' || fn === 'max') return true;
  return (fn === 'sum' || fn === 'avg') && schema[column]?.type.kind === 'DOUBLE';
}

function rowsAfter({ unit, end }: FrameSpec): number {
  return unit === 'rows' && end.kind === 'following' ? end.offset : 0;
}

/** The longest that a frame by time reaches beyond its row. */
function followOf(frames: readonly FrameSpec[]): number | null {
  const reaches = frames.flatMap(({ unit, end }) => {
    if (unit === 'rows' || end.kind === 'unbounded' || (end.kind === 'preceding' && end.offset > 0)) return [];
    return [end.kind === 'following' ? end.offset : 0];
  });
  return reaches.length === 0 ? null : Math.max(...reaches);
}
