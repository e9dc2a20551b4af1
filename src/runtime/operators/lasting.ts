// Changes on one core, as the rows that are left of them when the watermark passes their time (kernels/lasting.ts).

import * as layout from '../../../kernels/layout-lasting.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { LastingNode } from '../../plan/lasting-node.ts';
import type { StateImage } from '../../state/snapshot.ts';
import { storeMicros } from '../split-watermark.ts';
import type { Operator, Output } from './operator.ts';
import { restoreRows } from './row-image.ts';
import { layOutRow, writeRowStore } from './row-layout.ts';

interface LastingParts {
  inputSchema: Schema;
  batchRows: number;
  output: Output;
}

/** Makes the operator of a lasting node. */
export function createLasting(memory: LinearMemory, node: LastingNode, parts: LastingParts): Operator {
  return new Lasting(memory, node, parts);
}

class Lasting implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  readonly #isTimed: boolean;
  #isClosed = false;

  constructor(memory: LinearMemory, node: LastingNode, { inputSchema, batchRows, output }: LastingParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = output;
    this.#isTimed = node.time !== null;
    this.#batch = createBatch(memory, node.schema, batchRows);
    this.#state = createState(memory, node, inputSchema);
    memory.kernels.lastingInit(this.#state);
    memory.refresh();
  }

  process(batch: number): void {
    this.#memory.kernels.lastingKeep(this.#state, batch);
    this.#memory.refresh();
  }

  onWatermark(cell: number): void {
    if (!this.#isTimed) return;
    this.#release(cell);
    this.#output.watermark(cell);
  }

  onIdle(): void {
    this.#output.idle();
  }

  onEnd(): void {
    this.#release(0);
    this.#output.end();
  }

  lateCount(): number {
    return this.#memory.f64[(this.#state + layout.LASTING_LATE_COUNT) >>> 3] as number;
  }

  /** Changes that wait. */
  keyCount(): number {
    return this.#memory.load32(this.#state + layout.LASTING_ROW_COUNT);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.LASTING_USED_BYTES);
  }

  save(): StateImage {
    return { begin: 'lastingSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const load = (): void => this.#memory.kernels.lastingLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#state + layout.LASTING_ROWS], load });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.lastingDestroy(this.#state);
    this.#memory.refresh();
  }

  #release(cell: number): void {
    const memory = this.#memory;
    memory.kernels.lastingRelease(this.#state, cell);
    for (;;) {
      memory.kernels.lastingWrite(this.#state, this.#batch);
      memory.refresh();
      if (rowCountOf(memory, this.#batch) === 0) return;
      this.#output.emit(this.#batch);
    }
  }
}

function createState(memory: LinearMemory, { changeColumn, time }: LastingNode, schema: Schema): number {
  const state = memory.allocateZeroed(layout.LASTING_BYTES);
  const { fields, end } = layOutRow(schema.filter(({ hidden }) => hidden !== true));
  writeRowStore(memory, state + layout.LASTING_ROWS, { fields, fixedBytes: end });
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  set(layout.LASTING_CHANGES, changeColumn);
  set(layout.LASTING_TIME_COLUMN, time?.column ?? -1);
  set(layout.LASTING_TIME_OFFSET, time === null ? 0 : (fields[time.column]?.offset ?? 0));
  set(layout.LASTING_WATERMARK_COLUMN, time?.watermarkColumn ?? -1);
  storeMicros(memory, state + layout.LASTING_AHEAD, time?.aheadMicros ?? 0);
  return state;
}
