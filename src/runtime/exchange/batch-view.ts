// Some columns of a batch as a batch of their own, in any order, and with columns of the view's own between them.

import {
  BATCH_CAPACITY,
  BATCH_COLUMN_COUNT,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
} from '../../../kernels/layout.ts';
import type { LinearMemory } from '../../data/memory.ts';

export class BatchView {
  /** Address of the batch. */
  readonly batch: number;
  readonly #memory: LinearMemory;
  /** For each column that of the batch looked at, −1 for one of its own. */
  readonly #columns: Int32Array;

  constructor(memory: LinearMemory, columns: readonly number[]) {
    this.#memory = memory;
    this.#columns = Int32Array.from(columns);
    this.batch = memory.allocateZeroed(BATCH_COLUMNS + columns.length * COLUMN_BYTES);
    memory.store32(this.batch + BATCH_COLUMN_COUNT, columns.length);
  }

  /** Says where a column of its own is. */
  setColumn(column: number, data: number): void {
    this.#memory.store32(this.batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA, data);
  }

  /** Looks at a batch. @returns the view */
  point(batch: number): number {
    const memory = this.#memory;
    const columns = this.#columns;
    memory.store32(this.batch + BATCH_ROW_COUNT, memory.load32(batch + BATCH_ROW_COUNT));
    memory.store32(this.batch + BATCH_CAPACITY, memory.load32(batch + BATCH_CAPACITY));
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      if (column < 0) continue;
      const from = batch + BATCH_COLUMNS + column * COLUMN_BYTES;
      const to = this.batch + BATCH_COLUMNS + i * COLUMN_BYTES;
      memory.store32(to + COLUMN_DATA, memory.load32(from + COLUMN_DATA));
      memory.store32(to + COLUMN_VALIDITY, memory.load32(from + COLUMN_VALIDITY));
    }
    return this.batch;
  }
}
