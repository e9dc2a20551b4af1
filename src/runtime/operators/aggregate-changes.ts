// The part of an aggregate whose results change: what it writes is a changelog (kernels/aggregate-changes.ts).
//
// Kernels fill the batch going out; when it is full it is passed on and they go on where they were. Batches have room
// for both rows of an update, whatever the batch size.

import { AGGREGATE_CHANGES, AGGREGATE_FAILED_CALL } from '../../../kernels/layout-aggregate.ts';
import * as layout from '../../../kernels/layout-changes.ts';
import { unreachable } from '../../base/assert.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { PHYSICAL_CODES, physicalOf } from '../../data/type.ts';
import type { AggregateEmit, AggregateNode } from '../../plan/aggregate-node.ts';
import type { EntryLayout } from './aggregate-layout.ts';
import type { Output } from './operator.ts';
import { SLICE_BATCHES } from './sort.ts';

/** Rows of an update. */
const UPDATE_ROWS = 2;

export interface ChangesParts {
  memory: LinearMemory;
  node: AggregateNode;
  entry: EntryLayout;
  /** The state block of the aggregate. */
  state: number;
  batchRows: number;
  output: Output;
  /** Throws the error of a result that does not fit, whose keys are in the row behind the last of the batch. */
  fail: (batch: number) => never;
}

export class AggregateChanges {
  readonly #parts: ChangesParts;
  readonly #batch: number;
  readonly #everyMillis: number;
  #lastTick = 0;

  /** Completes the state block for changes; after `aggregateInit`. */
  constructor(parts: ChangesParts) {
    const { memory, node, entry, state, batchRows } = parts;
    this.#parts = parts;
    this.#batch = createBatch(memory, node.schema, Math.max(batchRows, UPDATE_ROWS));
    this.#everyMillis = node.emit.on === 'tick' ? node.emit.everyMicros / 1000 : 0;
    const changes = memory.allocateZeroed(layout.CHANGES_BYTES);
    memory.store32(changes + layout.CHANGES_MODE, modeOf(node.emit));
    memory.store32(changes + layout.CHANGES_SLICE, batchRows * SLICE_BATCHES);
    memory.store32(changes + layout.CHANGES_SLOT, entry.changesOffset);
    memory.store32(changes + layout.CHANGES_RESULTS, writeResultTypes(memory, node));
    memory.store32(changes + layout.CHANGES_COLUMN, changeColumnOf(node.schema));
    memory.store32(state + AGGREGATE_CHANGES, changes);
    memory.kernels.changesInit(state);
    memory.refresh();
  }

  process(batch: number): void {
    const { memory, state } = this.#parts;
    for (let isDone = 0; isDone === 0; ) {
      isDone = memory.kernels.changesProcess(state, batch, this.#batch);
      this.#passOn();
    }
  }

  /** Passes on a batch of what the watermark causes. @returns whether that was all. */
  watermark(cell: number): boolean {
    const { memory, state } = this.#parts;
    const isDone = memory.kernels.changesWatermark(state, cell, this.#batch) !== 0;
    this.#passOn();
    return isDone;
  }

  /** After `aggregateEnd`: `drain` gives what is left. */
  end(): void {
    this.#parts.memory.kernels.changesEnd(this.#parts.state);
  }

  /** @returns whether `drain` gives what has changed since the last time, which is long enough ago. */
  tick(nowMillis: number): boolean {
    if (this.#everyMillis === 0) return false;
    if (this.#lastTick === 0) this.#lastTick = nowMillis;
    if (nowMillis - this.#lastTick < this.#everyMillis) return false;
    this.#lastTick = nowMillis;
    this.#parts.memory.kernels.changesTick(this.#parts.state);
    return true;
  }

  /** `drain` gives the windows that have not come out, as if the watermark had reached them. */
  fire(): void {
    this.#parts.memory.kernels.changesFire(this.#parts.state);
  }

  /** When it last ticked, ms. */
  save(): Uint8Array {
    return new Uint8Array(Float64Array.of(this.#lastTick).buffer);
  }

  restore(ticked: Uint8Array): void {
    this.#lastTick = new Float64Array(ticked.buffer)[0] as number;
  }

  /** Passes on a batch of what `end`, `tick` or `fire` has caused. @returns whether that was all. */
  drain(): boolean {
    const { memory, state } = this.#parts;
    const isDone = memory.kernels.changesDrain(state, this.#batch) !== 0;
    this.#passOn();
    return isDone;
  }

  destroy(): void {
    this.#parts.memory.kernels.changesDestroy(this.#parts.state);
  }

  #passOn(): void {
    const { memory, state, output, fail } = this.#parts;
    memory.refresh();
    if (rowCountOf(memory, this.#batch) > 0) output.emit(this.#batch);
    if (memory.load32(state + AGGREGATE_FAILED_CALL) !== 0) fail(this.#batch);
  }
}

function modeOf(emit: AggregateEmit): number {
  switch (emit.on) {
    case 'update':
      return layout.CHANGES_ON_UPDATE;
    case 'watermark':
      return layout.CHANGES_ON_WATERMARK;
    case 'tick':
      return layout.CHANGES_ON_TICK;
    case 'close':
      return layout.CHANGES_ON_CLOSE;
    default:
      return unreachable(emit);
  }
}

function writeResultTypes(memory: LinearMemory, node: AggregateNode): number {
  const first = node.keyCount + (node.window === null ? 0 : 2);
  const at = memory.allocate(Math.max(node.aggregates.length, 1) * 4);
  node.aggregates.forEach((_, index) => {
    const column = node.schema[first + index];
    if (column !== undefined) memory.store32(at + index * 4, PHYSICAL_CODES[physicalOf(column.type)]);
  });
  return at;
}
