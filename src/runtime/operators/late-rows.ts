// The late rows of an aggregate: its second output, read by its late node (kernels/late-rows.ts).
//
// The kernels add rows while they process a batch; they are passed on before the batch is given back.

import { BATCH_ROW_COUNT } from '../../../kernels/layout.ts';
import { AGGREGATE_LATE } from '../../../kernels/layout-aggregate.ts';
import {
  LATE_BATCH,
  LATE_BYTES,
  LATE_COLUMN_BYTES,
  LATE_COLUMN_COUNT,
  LATE_COLUMNS,
} from '../../../kernels/layout-late.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import { bytesOf } from '../../data/type.ts';
import type { Output } from './operator.ts';

export interface LateParts {
  /** Schema of the late node: the columns, then watermark, start and end of the window. */
  schema: Schema;
  /** Input columns that the first columns of the late node are. */
  columns: readonly number[];
  /** Most rows of an input batch. */
  batchRows: number;
  output: Output;
}

export class LateRows {
  readonly #memory: LinearMemory;
  readonly #batch: number;
  readonly #output: Output;

  /** Completes the state block of the aggregate. */
  constructor(memory: LinearMemory, state: number, parts: LateParts) {
    const { schema, columns, batchRows, output } = parts;
    this.#memory = memory;
    this.#output = output;
    this.#batch = createBatch(memory, schema, batchRows);
    const list = memory.allocate(Math.max(columns.length, 1) * LATE_COLUMN_BYTES);
    columns.forEach((column, index) => {
      const type = schema[index]?.type;
      memory.store32(list + index * LATE_COLUMN_BYTES, column);
      memory.store32(list + index * LATE_COLUMN_BYTES + 4, type === undefined ? 0 : Math.log2(bytesOf(type)));
    });
    const block = memory.allocateZeroed(LATE_BYTES);
    memory.store32(block + LATE_BATCH, this.#batch);
    memory.store32(block + LATE_COLUMN_COUNT, columns.length);
    memory.store32(block + LATE_COLUMNS, list);
    memory.store32(state + AGGREGATE_LATE, block);
  }

  /** Passes on what the last batch had. */
  passOn(): void {
    const memory = this.#memory;
    if (memory.load32(this.#batch + BATCH_ROW_COUNT) === 0) return;
    this.#output.emit(this.#batch);
    memory.store32(this.#batch + BATCH_ROW_COUNT, 0);
  }

  end(): void {
    this.#output.end();
  }
}
