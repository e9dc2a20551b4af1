// The first rows of an order as they change, or the final table of changes in an order, on one core (kernels/top.ts).
//
// Nothing can be promised of the event time of rows that may still come out: no watermark is passed on.

import * as layout from '../../../kernels/layout-top.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { TopNode } from '../../plan/ordered-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { Resumable } from '../turn.ts';
import type { Operator, Output } from './operator.ts';
import { restoreRows } from './row-image.ts';
import { layOutRow, writeOrder, writeRowStore } from './row-layout.ts';

const ALL_ROWS = 0xffff_ffff;

/** Makes the operator of a top node. `batchRows`: most rows of a batch going out. */
export function createTop(memory: LinearMemory, node: TopNode, batchRows: number, output: Output): Operator {
  return new Top(memory, node, { batchRows, output });
}

class Top implements Operator, Resumable {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  /** Rows come out as they change. */
  readonly #isChanging: boolean;
  #isClosed = false;

  constructor(memory: LinearMemory, node: TopNode, parts: { batchRows: number; output: Output }) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = parts.output;
    this.#isChanging = changeColumnOf(node.schema) >= 0;
    // What one change of the input makes of the output is not cut.
    this.#batch = createBatch(memory, node.schema, Math.max(parts.batchRows, layout.TOP_STEP_ROWS));
    this.#state = createState(memory, node);
    memory.kernels.topInit(this.#state);
    memory.refresh();
  }

  process(batch: number): void {
    const memory = this.#memory;
    for (let isDone = 0; isDone === 0; ) {
      isDone = memory.kernels.topProcess(this.#state, batch, this.#batch);
      memory.refresh();
      if (rowCountOf(memory, this.#batch) > 0) this.#output.emit(this.#batch);
    }
  }

  onWatermark(): void {}

  onIdle(): void {}

  onEnd(): void {
    this.resume();
  }

  /** Passes on the final table, batch by batch as the turn's time permits. */
  resume(): void {
    while (!this.#isChanging && this.#emitNext()) if (this.#output.pause?.(this, 0, 0) === true) return;
    this.#output.end();
  }

  save(): StateImage {
    return { begin: 'topSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const load = (): void => this.#memory.kernels.topLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#state], load });
  }

  /** Passes on a batch of the final table. @returns whether there may be more. */
  #emitNext(): boolean {
    const memory = this.#memory;
    const rows = memory.kernels.topEmit(this.#state, this.#batch);
    memory.refresh();
    if (rows > 0) this.#output.emit(this.#batch);
    return rows > 0;
  }

  /** No row is late here. */
  lateCount(): number {
    return 0;
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.TOP_USED_BYTES);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.topDestroy(this.#state);
    this.#memory.refresh();
  }
}

function createState(memory: LinearMemory, node: TopNode): number {
  const { schema, keys, limit, offset, changeColumn } = node;
  const state = memory.allocateZeroed(layout.TOP_STATE_BYTES);
  const set = (at: number, value: number): void => memory.store32(state + at, value);
  const { fields, end } = layOutRow(schema.filter(({ hidden }) => hidden !== true));
  writeRowStore(memory, state + layout.TOP_ROWS, { fields, fixedBytes: end });
  set(layout.TOP_KEY_COUNT, keys.length);
  set(layout.TOP_KEYS, writeOrder(memory, fields, keys));
  set(layout.TOP_CHANGES_IN, changeColumn ?? -1);
  set(layout.TOP_CHANGES_OUT, changeColumnOf(schema));
  set(layout.TOP_FIRST, offset);
  set(layout.TOP_END, limit === null ? ALL_ROWS : Math.min(limit + offset, ALL_ROWS));
  return state;
}
