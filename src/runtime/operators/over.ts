// OVER on one core (kernels/over.ts): rows come out with what functions give over the rows around them.
//
// The watermark passed on is that of the input, or the event time of the oldest row that still waits for others.

import * as layout from '../../../kernels/layout-over.ts';
import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ROWS_FIELD_COUNT,
  SORTER_ARRIVAL_OFFSET,
  SORTER_LATE_COUNT,
  SORTER_USED_BYTES,
} from '../../../kernels/layout-rows.ts';
import { LaminarError } from '../../base/errors.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { FrameBoundSpec, OverNode, OverSpec, SortKey } from '../../plan/ordered-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { Resumable } from '../turn.ts';
import type { KeyShare, Operator, Output } from './operator.ts';
import { createFrameAggregate } from './over-aggregates.ts';
import {
  BOUND_CODES,
  type CallLayout,
  codeOf,
  EXCLUDE_CODES,
  layOutOver,
  type OverLayout,
  UNIT_CODES,
} from './over-layout.ts';
import { ownOf, restoreRows } from './row-image.ts';
import { type RowField, writeOrder, writeRowStore } from './row-layout.ts';
import { SLICE_BATCHES, writeSorter } from './sort.ts';
import { createRowShare, writeShare } from './write-share.ts';

/** Functions over partitions, on one core. */
export interface Over extends Operator {
  /** Rows dropped because they were older than the watermark. */
  lateCount(): number;
}

const ALL_ROWS = 0xffff_ffff;

/** Makes the operator of an over node. `batchRows`: most rows of a batch going out. */
export function createOver(memory: LinearMemory, node: OverNode, batchRows: number, output: Output): Over {
  return new OverOperator(memory, node, { batchRows, output });
}

/** What comes behind rows that are due. */
const THEN_WATERMARK = 0;
const THEN_END = 1;

class OverOperator implements Over, Resumable {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #node: OverNode;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  /** Rows that are put in order, or computed, at once. */
  readonly #sliceRows: number;
  /** What the watermark has passed is being computed. */
  #isAdvancing = false;
  /** Address of what is taken of saved shares (SHARE_*); 0 before any. */
  #share = 0;
  #isClosed = false;

  constructor(memory: LinearMemory, node: OverNode, parts: { batchRows: number; output: Output }) {
    this.id = node.id;
    this.#memory = memory;
    this.#node = node;
    this.#output = parts.output;
    this.#batch = createBatch(memory, node.schema, parts.batchRows);
    this.#sliceRows = parts.batchRows * SLICE_BATCHES;
    this.#state = createState(memory, node, layOutOver(node));
    memory.kernels.overInit(this.#state);
    memory.refresh();
  }

  process(batch: number): void {
    if (this.#node.keep === null) this.#memory.kernels.sorterProcess(this.#state, batch);
    else this.#memory.kernels.overKeep(this.#state, batch);
    this.#memory.refresh();
  }

  /** @throws LMN-3051 when a sum does not fit its type. */
  onWatermark(cell: number): void {
    if (this.#node.time === null) return;
    this.#advance(cell);
    this.resume(THEN_WATERMARK);
  }

  /**
   * Computes the rows that are due, a slice of them at a time, and passes them on, batch by batch, as the turn's time
   * permits; and what comes behind them.
   */
  resume(then: number): void {
    while (this.#isAdvancing ? this.#goOn() : this.#emitReady()) {
      if (this.#output.pause?.(this, then, 0) === true) return;
    }
    if (then === THEN_END) this.#output.end();
    else this.#output.watermark(this.#state + layout.OVER_FORWARD);
  }

  onIdle(): void {
    if (this.#node.time !== null) this.#output.idle();
  }

  /** @throws LMN-3051 when a sum does not fit its type. */
  onEnd(): void {
    this.#advance(0);
    this.resume(THEN_END);
  }

  save(): StateImage {
    return { begin: 'overSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    // Numbers of rows are given by who sends them.
    if (ownOf(block) !== null) return;
    const load = (): void => this.#memory.kernels.overLoad(this.#state);
    const shares = this.#share === 0 ? [] : [this.#share];
    restoreRows(this.#memory, block, { rows: [this.#state], load, shares });
  }

  beginShare(share: KeyShare, isCounted: boolean): void {
    const { partition: keys, schema } = this.#node;
    const { fields } = layOutOver(this.#node);
    if (this.#share === 0) {
      this.#share = createRowShare(this.#memory, share, { schema, keys, isOneOfTwo: false, fields });
    }
    writeShare(this.#memory, this.#share, share, isCounted);
  }

  lateCount(): number {
    return this.#memory.f64[(this.#state + SORTER_LATE_COUNT) >>> 3] as number;
  }

  keyCount(): number {
    return this.#isClosed ? 0 : this.#memory.kernels.overKeyCount(this.#state);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + SORTER_USED_BYTES);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.overDestroy(this.#state);
    this.#memory.refresh();
  }

  #advance(cell: number): void {
    this.#memory.kernels.overAdvance(this.#state, cell);
    this.#isAdvancing = true;
  }

  /** @returns true: there may be rows now. */
  #goOn(): true {
    this.#isAdvancing = this.#memory.kernels.overGoOn(this.#state, this.#sliceRows) === 0;
    this.#memory.refresh();
    return true;
  }

  /** Passes on a batch of them. @returns whether there may be more. */
  #emitReady(): boolean {
    const memory = this.#memory;
    const rows = memory.kernels.overEmit(this.#state, this.#batch);
    memory.refresh();
    if (rows > 0) {
      this.#output.emit(this.#batch);
      return true;
    }
    const failed = memory.load32(this.#state + layout.OVER_FAILED_CALL);
    if (failed !== 0) throw this.#failure(this.#node.functions[failed - 1] as OverSpec);
    return false;
  }

  #failure({ text, result }: OverSpec): LaminarError {
    return new LaminarError('LMN-3051', `${text} does not fit ${result.kind}`, {
      hint: 'Sum a DOUBLE instead: SUM(CAST(x AS DOUBLE)) OVER …, or over a smaller frame.',
      at: { name: this.id },
    });
  }
}

/** Allocates the state block and writes the header and descriptors that the kernels work by. */
function createState(memory: LinearMemory, node: OverNode, made: OverLayout): number {
  const state = memory.allocateZeroed(layout.OVER_STATE_BYTES);
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  const { fields, calls, rowBytes, groupOffset, partitionBytes, leadRows, followMicros } = made;
  const { partition, order, ties, time, isWhole } = node;
  writeRowStore(memory, state, { fields, fixedBytes: rowBytes });
  set(ROWS_FIELD_COUNT, fields.length - calls.length);
  writeRowStore(memory, state + layout.OVER_ROWS, { fields, fixedBytes: rowBytes });
  const by = (column: number): SortKey => ({ column, descending: false, nullsFirst: false });
  const keys = time === null || !isWhole ? [...order] : [by(time.column), ...order];
  if (ties !== null) keys.push(by(ties));
  writeSorter(memory, state, { fields, keys, time, limit: null, offset: 0 });
  const arrival = calls.findIndex(({ spec }) => spec.function === 'arrival');
  set(SORTER_ARRIVAL_OFFSET, arrival < 0 ? 0 : (fields[fields.length - calls.length + arrival] as RowField).offset);
  set(layout.OVER_IS_WHOLE, isWhole ? 1 : 0);
  set(layout.OVER_KEEP, node.keep ?? 0);
  set(layout.OVER_KEY_COUNT, partition.length);
  set(
    layout.OVER_KEYS,
    writeKeys(
      memory,
      partition.map((column) => fields[column] as RowField),
    ),
  );
  set(layout.OVER_ORDER_COUNT, order.length);
  set(layout.OVER_ORDER, writeOrder(memory, fields, order));
  set(layout.OVER_CALL_COUNT, calls.length);
  set(layout.OVER_CALLS, writeCalls(memory, node, made));
  set(layout.OVER_GROUP, groupOffset);
  set(layout.OVER_PARTITION_BYTES, partitionBytes);
  set(layout.OVER_LEAD_ROWS, leadRows ?? ALL_ROWS);
  set(layout.OVER_NEEDS_TIME, followMicros === null ? 0 : 1);
  memory.i64[(state + layout.OVER_FOLLOW) >>> 3] = BigInt(followMicros ?? 0);
  return state;
}

function writeKeys(memory: LinearMemory, fields: readonly RowField[]): number {
  const at = memory.allocate(Math.max(fields.length * FIELD_BYTES, 1));
  fields.forEach(({ physical, offset, nullOffset }, index) => {
    memory.store32(at + index * FIELD_BYTES + FIELD_PHYSICAL, physical);
    memory.store32(at + index * FIELD_BYTES + FIELD_OFFSET, offset);
    memory.store32(at + index * FIELD_BYTES + FIELD_NULL_OFFSET, nullOffset);
  });
  return at;
}

function writeCalls(memory: LinearMemory, node: OverNode, { fields, calls }: OverLayout): number {
  const first = memory.allocateZeroed(Math.max(calls.length * layout.OVER_CALL_BYTES, 1));
  const firstResult = fields.length - calls.length;
  calls.forEach((call, index) => {
    const at = first + index * layout.OVER_CALL_BYTES;
    const { spec } = call;
    const result = fields[firstResult + index] as RowField;
    memory.store32(at + layout.OVER_RESULT, result.offset);
    memory.store32(at + layout.OVER_RESULT_NULL, result.nullOffset);
    const other = spec.defaultColumn === null ? null : (fields[spec.defaultColumn] as RowField);
    memory.store32(at + layout.OVER_DEFAULT, other?.offset ?? -1);
    memory.store32(at + layout.OVER_DEFAULT_NULL, other?.nullOffset ?? -1);
    writeCall(memory, at, { call, argument: spec.column === null ? null : (fields[spec.column] as RowField) });
    if (spec.aggregate !== undefined) {
      const block = createFrameAggregate(memory, spec.aggregate, { schema: node.schema, fields });
      memory.store32(at + layout.OVER_AGGREGATE, block);
    }
    if (spec.frame === null) return;
    memory.store32(at + layout.OVER_UNIT, UNIT_CODES[spec.frame.unit]);
    memory.store32(at + layout.OVER_EXCLUDE, EXCLUDE_CODES[spec.frame.exclude ?? 'none']);
    const isDouble = spec.frame.unit === 'range' && isDoubleKey(node);
    writeBound(memory, spec.frame.start, {
      kind: at + layout.OVER_START,
      offset: at + layout.OVER_START_OFFSET,
      isDouble,
    });
    writeBound(memory, spec.frame.end, { kind: at + layout.OVER_END, offset: at + layout.OVER_END_OFFSET, isDouble });
  });
  return first;
}

function writeCall(
  memory: LinearMemory,
  at: number,
  { call, argument }: { call: CallLayout; argument: RowField | null },
): void {
  const { spec, stateOffset, slotOffset } = call;
  memory.store32(at + layout.OVER_FUNCTION, codeOf(spec));
  memory.store32(at + layout.OVER_IGNORES_NULLS, spec.ignoresNulls === true ? 1 : 0);
  memory.store32(at + layout.OVER_PHYSICAL, argument?.physical ?? 0);
  memory.store32(at + layout.OVER_ARGUMENT, argument?.offset ?? 0);
  memory.store32(at + layout.OVER_ARGUMENT_NULL, argument?.nullOffset ?? -1);
  memory.store32(at + layout.OVER_STATE, stateOffset);
  memory.store32(at + layout.OVER_SLOT, slotOffset);
  memory.store32(at + layout.OVER_NTH, spec.nth);
}

function writeBound(
  memory: LinearMemory,
  bound: FrameBoundSpec,
  to: { kind: number; offset: number; isDouble: boolean },
): void {
  memory.store32(to.kind, BOUND_CODES[bound.kind]);
  if (to.isDouble) memory.f64[to.offset >>> 3] = bound.offset;
  else memory.i64[to.offset >>> 3] = BigInt(bound.offset);
}

function isDoubleKey({ order, schema }: OverNode): boolean {
  const [key] = order;
  return key !== undefined && schema[key.column]?.type.kind === 'DOUBLE';
}
