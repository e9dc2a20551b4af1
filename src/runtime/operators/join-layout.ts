// The state block of a join: what its kernels work by (kernels/layout-join.ts).

import { READ_SLACK } from '../../../kernels/layout.ts';
import * as layout from '../../../kernels/layout-join.ts';
import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ROWS_FIELDS,
  SORTER_AHEAD,
  SORTER_WATERMARK_COLUMN,
} from '../../../kernels/layout-rows.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { INTEGER } from '../../data/type.ts';
import type { AsofDirection, JoinColumn, JoinKind, JoinNode } from '../../plan/join-node.ts';
import { layOutRow, type RowField, writeRowStore } from './row-layout.ts';
import { writeSorter } from './sort.ts';

export interface JoinState {
  state: number;
  /** What the columns of a batch going out are: JOINED_*. */
  joined: number;
  columnCount: number;
  /** A batch of pairs for the condition, what its columns are, and the numbers that pass; 0 without a condition. */
  pairs: number;
  pairColumns: number;
  pairColumnCount: number;
  passing: number;
}

const KINDS: Readonly<Record<JoinKind, number>> = {
  inner: layout.JOIN_INNER,
  left: layout.JOIN_INNER,
  right: layout.JOIN_INNER,
  full: layout.JOIN_INNER,
  semi: layout.JOIN_SEMI,
  anti: layout.JOIN_ANTI,
  // The first match comes out, or the row without one.
  mark: layout.JOIN_SEMI,
};

const ASOF_KINDS: Readonly<Record<AsofDirection, number>> = {
  backward: layout.JOIN_ASOF_BACKWARD,
  forward: layout.JOIN_ASOF_FORWARD,
  nearest: layout.JOIN_ASOF_NEAREST,
};

/** Bounds of ASOF joins that are none. */
const OPEN = 2 ** 53;

/** Kinds whose rows without a match come out, of the left and of the right side. */
const OUTER: readonly [ReadonlySet<JoinKind>, ReadonlySet<JoinKind>] = [
  new Set(['left', 'full', 'anti', 'mark']),
  new Set(['right', 'full']),
];

/** How long a row is kept where nothing bounds it: longer than any run, far from the end of the numbers. */
const ENDLESS = 2n ** 61n;

export interface JoinShape {
  inputSchemas: readonly [Schema, Schema];
  /** Most pairs of a flight. */
  batchRows: number;
  /** Bytes of the state block, and of a row what the join keeps with its columns. */
  stateBytes?: number;
  rowBytes?: number;
}

/** Allocates the state block and writes what the kernels work by. */
export function createJoinState(memory: LinearMemory, node: JoinNode, shape: JoinShape): JoinState {
  const { time, condition, join, asof, outputs } = node;
  const state = memory.allocateZeroed(shape.stateBytes ?? layout.JOIN_STATE_BYTES);
  const set64 = (offset: number, value: bigint): void => {
    memory.i64[(state + offset) >>> 3] = value;
  };
  const sides = [0, 1].map((side) => writeSide(memory, node, state + side * layout.SIDE_BYTES, { ...shape, side }));
  memory.store32(state + layout.JOIN_KEY_COUNT, lookedUp(node).length);
  memory.store32(state + layout.JOIN_KIND, asof === null ? KINDS[join] : ASOF_KINDS[asof]);
  memory.store32(state + layout.JOIN_HAS_CONDITION, condition === null ? 0 : 1);
  memory.store32(state + layout.JOIN_CAPACITY, shape.batchRows);
  const { low, high } = boundsOf(node);
  set64(layout.JOIN_LOW, low);
  set64(layout.JOIN_HIGH, high);
  set64(layout.JOIN_SHIFT, asof === 'backward' ? low : asof === 'forward' ? high : 0n);
  set64(layout.JOIN_DELAY, BigInt(time?.delayMicros ?? 0));
  const joined = writeJoined(memory, outputs, sides as [number, number]);
  const made = { state, joined, columnCount: outputs.length };
  if (condition === null) return { ...made, pairs: 0, pairColumns: 0, pairColumnCount: 0, passing: 0 };
  const { columns } = condition;
  const read = columns.map(({ side, column }) => shape.inputSchemas[side][column] as Column);
  const pairSchema = [...read.map((column) => ({ ...column, nullable: true })), NUMBER];
  return {
    ...made,
    pairs: createBatch(memory, pairSchema, shape.batchRows),
    pairColumns: writeJoined(memory, columns, sides as [number, number]),
    pairColumnCount: columns.length,
    passing: createBatch(memory, [NUMBER], shape.batchRows),
  };
}

const NUMBER: Column = { name: '$pair', type: INTEGER, nullable: false, hidden: true };
/** What rows have for a time where none has one: they are kept in the order in which they come. */
const NO_TIME: RowField = { physical: 0, offset: 0, nullOffset: -1 };

/** Writes one side. @returns its address */
function writeSide(memory: LinearMemory, node: JoinNode, at: number, shape: JoinShape & { side: number }): number {
  const { time, join } = node;
  const { side, batchRows } = shape;
  const schema = (shape.inputSchemas[side] as Schema).filter((column) => column.hidden !== true);
  const { fields, end } = layOutRow(schema);
  writeRowStore(memory, at, { fields, fixedBytes: end + (shape.rowBytes ?? 0) });
  const timed = time === null ? null : side === 0 ? time.left : time.right;
  const order = { column: timed?.column ?? 0, descending: false, nullsFirst: false };
  writeSorter(memory, at, {
    keys: [order],
    fields: fields.length === 0 ? [NO_TIME] : fields,
    time: timed === null ? null : { aheadMicros: 0, watermarkColumn: timed.watermarkColumn },
    limit: null,
    offset: 0,
  });
  const set = (offset: number, value: number): void => memory.store32(at + offset, value);
  const set64 = (offset: number, value: bigint): void => {
    memory.i64[(at + offset) >>> 3] = value;
  };
  set(
    layout.SIDE_KEYS,
    writeKeys(
      memory,
      fields,
      lookedUp(node).map((key) => (side === 0 ? key.left : key.right)),
    ),
  );
  set(layout.SIDE_IS_OUTER, OUTER[side]?.has(join) ? 1 : 0);
  set(layout.SIDE_FLIGHT, memory.allocate(batchRows * 4 + READ_SLACK));
  set(layout.SIDE_TIME_COLUMN, timed?.column ?? -1);
  set(layout.SIDE_CHANGE_COLUMN, side === 1 ? (node.versionColumn ?? -1) : -1);
  set(SORTER_WATERMARK_COLUMN, timed?.watermarkColumn ?? -1);
  set64(SORTER_AHEAD, BigInt(time?.aheadMicros ?? 0));
  set64(layout.SIDE_REACH, reachOf(node, side));
  return at;
}

/** The keys by which rows find each other: not their times where only rows of one time are joined. */
function lookedUp({ keys, time, asof }: JoinNode): JoinNode['keys'] {
  if (time === null || asof !== null || time.lowMicros !== 0 || time.highMicros !== 0) return keys;
  return keys.filter(({ left, right }) => left !== time.left.column || right !== time.right.column);
}

/** µs that left − right may be. */
function boundsOf({ time, asof }: JoinNode): { low: bigint; high: bigint } {
  if (time === null) return { low: -ENDLESS, high: ENDLESS };
  const isOpen = (micros: number) => asof !== null && Math.abs(micros) >= OPEN;
  return {
    low: isOpen(time.lowMicros) ? -ENDLESS : BigInt(time.lowMicros),
    high: isOpen(time.highMicros) ? ENDLESS : BigInt(time.highMicros),
  };
}

/** How long after its time a row of a side is kept. */
function reachOf(node: JoinNode, side: number): bigint {
  if (node.ttlMicros !== null) return BigInt(node.ttlMicros);
  const { low, high } = boundsOf(node);
  if (side === 0) return -low;
  // Left rows of such a join are handled as if they were earlier by as much as the shift.
  if (node.asof === 'backward' && high !== ENDLESS) return high - low;
  // Of one time the left rows come first: with none of them behind it, a right row has met all that it can.
  return high === 0n && node.asof === null && !OUTER[1].has(node.join) ? -1n : high;
}

function writeKeys(memory: LinearMemory, fields: readonly RowField[], columns: readonly number[]): number {
  const keys = memory.allocate(Math.max(columns.length * FIELD_BYTES, 1));
  columns.forEach((column, index) => {
    const { physical, offset, nullOffset } = fields[column] as RowField;
    memory.store32(keys + index * FIELD_BYTES + FIELD_PHYSICAL, physical);
    memory.store32(keys + index * FIELD_BYTES + FIELD_OFFSET, offset);
    memory.store32(keys + index * FIELD_BYTES + FIELD_NULL_OFFSET, nullOffset);
  });
  return keys;
}

/** Writes where the columns of a batch of joined rows come from. @returns their address */
function writeJoined(memory: LinearMemory, columns: readonly JoinColumn[], sides: readonly [number, number]): number {
  const joined = memory.allocate(Math.max(columns.length * layout.JOINED_BYTES, 1));
  columns.forEach(({ side, column }, index) => {
    const at = joined + index * layout.JOINED_BYTES;
    memory.store32(at + layout.JOINED_SIDE, sides[side]);
    memory.store32(at + layout.JOINED_FIELD, memory.load32(sides[side] + ROWS_FIELDS) + column * FIELD_BYTES);
  });
  return joined;
}
