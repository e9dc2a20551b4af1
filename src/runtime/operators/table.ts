// A table by key on one core (kernels/changes-table.ts): upserts in, retractions out. Keeps the last row of each key.

import * as layout from '../../../kernels/layout-table.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf, keyColumnsOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { type Schema, WATERMARK_COLUMN } from '../../data/schema.ts';
import type { TableNode } from '../../plan/changes-nodes.ts';
import type { StateImage } from '../../state/snapshot.ts';
import type { Operator, Output } from './operator.ts';
import { restoreRows } from './row-image.ts';
import { layOutRow, type RowField, writeRowStore } from './row-layout.ts';

interface TableParts {
  inputSchema: Schema;
  batchRows: number;
  output: Output;
}

/** Makes the operator of a table node. `batchRows`: most rows of a batch going out, 2 at least. */
export function createTable(memory: LinearMemory, node: TableNode, parts: TableParts): Operator {
  return new Table(memory, node, parts);
}

class Table implements Operator {
  readonly id: string;
  readonly #memory: LinearMemory;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  #isClosed = false;

  constructor(memory: LinearMemory, node: TableNode, { inputSchema, batchRows, output }: TableParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#output = output;
    this.#batch = createBatch(memory, node.schema, batchRows);
    this.#state = createState(memory, inputSchema);
    memory.kernels.tableByKeyInit(this.#state);
    memory.refresh();
  }

  process(batch: number): void {
    const memory = this.#memory;
    for (let isDone = 0; isDone === 0; ) {
      isDone = memory.kernels.tableByKeyProcess(this.#state, batch, this.#batch);
      memory.refresh();
      if (rowCountOf(memory, this.#batch) > 0) this.#output.emit(this.#batch);
    }
  }

  onWatermark(cell: number): void {
    this.#output.watermark(cell);
  }

  onIdle(): void {
    this.#output.idle();
  }

  onEnd(): void {
    this.#output.end();
  }

  save(): StateImage {
    return { begin: 'tableByKeySave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const load = (): void => this.#memory.kernels.tableByKeyLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#state + layout.TABLE_ROWS], load });
  }

  /** No row is late here. */
  lateCount(): number {
    return 0;
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.TABLE_USED_BYTES);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.kernels.tableByKeyDestroy(this.#state);
    this.#memory.refresh();
  }
}

function createState(memory: LinearMemory, schema: Schema): number {
  const state = memory.allocateZeroed(layout.TABLE_BYTES);
  const { fields, end } = layOutRow(schema.filter(({ hidden }) => hidden !== true));
  const key = keyColumnsOf(schema).map((column) => fields[column] as RowField);
  writeRowStore(memory, state + layout.TABLE_ROWS, { fields, fixedBytes: end });
  writeRowStore(memory, state + layout.TABLE_KEY_ROWS, { fields: key, fixedBytes: end });
  memory.store32(state + layout.TABLE_CHANGES, changeColumnOf(schema));
  const watermark = schema.findIndex(({ name, hidden }) => hidden === true && name === WATERMARK_COLUMN);
  memory.store32(state + layout.TABLE_WATERMARK, watermark);
  return state;
}
