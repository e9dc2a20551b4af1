// Joined rows on one core that are remembered for as long as their left rows are there (kernels/recall.ts).
//
//   port 0   joined rows: kept; those of a lookup, which come of the batch of the left side in hand, wait until its deletions
//            have been handled
//   port 1   the left side: its deletions take joined rows back

import { READ_SLACK } from '../../../kernels/layout.ts';
import * as layout from '../../../kernels/layout-recall.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { RecallNode } from '../../plan/recall-node.ts';
import type { StateImage } from '../../state/snapshot.ts';
import { InputProgress } from '../progress.ts';
import type { BlockWriter, Input, Output, SeveralInputs } from './operator.ts';
import { ownBlock, ownOf, restoreRows } from './row-image.ts';
import { layOutRow, writeRowStore } from './row-layout.ts';

export interface RecallParts {
  /** Of the joined rows, and of the left side. */
  inputSchemas: readonly [Schema, Schema];
  batchRows: number;
  output: Output;
}

/** Makes the operator of a recall node. */
export function createRecall(memory: LinearMemory, node: RecallNode, parts: RecallParts): SeveralInputs {
  return new RecallOperator(memory, node, parts);
}

class RecallOperator implements SeveralInputs {
  readonly id: string;
  readonly ports: readonly [Input, Input];
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #batch: number;
  readonly #state: number;
  readonly #progress: InputProgress;
  readonly #waits: boolean;
  #isClosed = false;

  constructor(memory: LinearMemory, node: RecallNode, { inputSchemas, batchRows, output }: RecallParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = output;
    this.#waits = node.waits;
    this.#batch = createBatch(memory, node.schema, batchRows);
    this.#state = createState(memory, node, inputSchemas);
    this.#progress = new InputProgress(memory, 2);
    memory.kernels.recallInit(this.#state);
    memory.refresh();
    const joined: Input = {
      process: (batch) => this.#add(batch),
      onWatermark: (cell) => {
        this.#memory.kernels.recallPass(this.#state, cell);
        this.#advance(0, cell);
      },
      onIdle: () => this.#idle(0),
      onEnd: () => this.#end(0),
    };
    const left: Input = {
      process: (batch) => this.#take(batch),
      onWatermark: (cell) => this.#advance(1, cell),
      onIdle: () => this.#idle(1),
      onEnd: () => this.#end(1),
    };
    this.ports = [joined, left];
  }

  save(write: BlockWriter): StateImage {
    write(ownBlock(this.#progress.save()));
    return { begin: 'recallSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const own = ownOf(block);
    if (own !== null) {
      this.#progress.restore(own);
      return;
    }
    const rows = [this.#state + layout.RECALL_ROWS, this.#state + layout.RECALL_LEFT_ROWS] as const;
    restoreRows(this.#memory, block, { rows, load: () => this.#memory.kernels.recallLoad(this.#state) });
  }

  /** Different rows that are remembered. */
  keyCount(): number {
    return this.#memory.load32(this.#state + layout.RECALL_ROW_COUNT);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.RECALL_USED_BYTES);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#progress.close();
    this.#memory.kernels.recallDestroy(this.#state);
    this.#memory.refresh();
  }

  #add(batch: number): void {
    this.#progress.wake(0);
    this.#memory.kernels.recallAdd(this.#state, batch);
    this.#memory.refresh();
    if (!this.#waits) this.#flush();
  }

  #take(batch: number): void {
    const memory = this.#memory;
    this.#progress.wake(1);
    for (let isDone = 0; isDone === 0; ) {
      isDone = memory.kernels.recallTake(this.#state, batch, this.#batch);
      memory.refresh();
      if (rowCountOf(memory, this.#batch) > 0) this.#output.emit(this.#batch);
    }
    this.#flush();
  }

  #flush(): void {
    while (this.#memory.kernels.recallFlush(this.#state, this.#batch) > 0) this.#output.emit(this.#batch);
  }

  #advance(port: number, cell: number): void {
    if (this.#progress.advance(port, cell) && this.#progress.hasWatermark) this.#output.watermark(this.#progress.cell);
  }

  #idle(port: number): void {
    if (this.#progress.idle(port) && this.#progress.hasWatermark) this.#output.watermark(this.#progress.cell);
    if (this.#progress.isIdle) this.#output.idle();
  }

  #end(port: number): void {
    this.#progress.finish(port);
    if (this.#progress.isFinished) this.#output.end();
  }
}

function createState(memory: LinearMemory, node: RecallNode, [joined, left]: readonly [Schema, Schema]): number {
  const state = memory.allocateZeroed(layout.RECALL_BYTES + READ_SLACK);
  const { fields, end } = layOutRow(joined.filter(({ hidden }) => hidden !== true));
  const leftCount = left.filter(({ hidden }) => hidden !== true).length;
  writeRowStore(memory, state + layout.RECALL_ROWS, { fields, fixedBytes: end });
  writeRowStore(memory, state + layout.RECALL_LEFT_ROWS, { fields: fields.slice(0, leftCount), fixedBytes: end });
  const time = node.timeColumn === null ? undefined : fields[node.timeColumn];
  memory.store32(state + layout.RECALL_TIME_OFFSET, time?.offset ?? 0);
  memory.store32(state + layout.RECALL_CHANGES, node.changeColumn);
  memory.store32(state + layout.RECALL_OUT_CHANGES, changeColumnOf(node.schema));
  return state;
}
